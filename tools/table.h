/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The table of candidate pairs as text. It knows rows and columns; not where rows come
 * from, nor whether a terminal shows them. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  char *local, *local_type;   /* "192.0.2.1:5000", "host" */
  char *remote, *remote_type; /* "[2001:db8::1]:5000", "srflx" */
  guint64 priority;
  guint64 checks_sent, checks_received;
  char *state; /* W3C webrtc-stats: frozen, waiting, in-progress, failed, succeeded */
  gboolean readable, writable, nominated, selected;
} PairRow;

PairRow *pair_row_new (void);
void pair_row_free (PairRow *self);

/* The rows (PairRow), one line each below two lines of heading; every line ends with a
 * newline. At most @max_rows rows, 0 for all; what is left out is counted in a last line.
 */
char *table_format (const GPtrArray *rows, guint max_rows, gboolean colour);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PairRow, pair_row_free)

G_END_DECLS
