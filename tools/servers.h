/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads what STUN and TURN servers had to say out of an agent's statistics. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* (transfer full): a line for each server that gave no candidate, with its URI and why.
 */
char **servers_get_failures (GVariant *stats);

G_END_DECLS
