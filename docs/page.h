/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the programs share that print a page of this folder: with no argument the page, or
 *
 *   print-NAME --check FILE    fails unless FILE is that page */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The whole of such a program's main(). page is (transfer full). */
int page_main (int argc, char **argv, gchar *page);

G_END_DECLS
