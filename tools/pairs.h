/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads the candidate pairs out of an agent's statistics. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* (element-type PairRow) (transfer full): the pairs in @stats, best first. */
GPtrArray *pairs_from_stats (GVariant *stats);
/* "192.0.2.1:5000", "[2001:db8::1]:5000" */
char *pairs_format_address (const char *address, guint port);

G_END_DECLS
