/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Debugging output of the library, on and off. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

void nice_debug_enable (gboolean with_stun);
void nice_debug_disable (gboolean with_stun);

G_END_DECLS
