/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a program that a test starts needs: a place for its files. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Removes the folder and the files in it. */
void folder_remove (const gchar *folder);

G_END_DECLS
