/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The randomness that drivers hand to their pure parts: credentials, tie-breakers,
 * transaction ids. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Bytes that nobody can foretell; or the process ends: predictable credentials are worse
 * than none. data is not looked at: the function fits IceEnv and TurnEnv. */
void nice_random_fill (gpointer data, guint8 *dest, gsize len);

G_END_DECLS
