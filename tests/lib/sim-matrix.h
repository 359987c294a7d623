/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Every kind of NAT against every other, with and without a relay: what the engine
 * reaches, how fast, and what can be reached at all. Ready to be printed as a table. */
#pragma once

#include "sim-scenario.h"
#include "sim-theory.h"

G_BEGIN_DECLS

/* One way, so that the round trip to the peer is R and that to the servers S. */
#define SIM_MATRIX_ACCESS (10 * SIM_MS) /* each host's link */
#define SIM_MATRIX_SERVER (5 * SIM_MS)  /* the servers' links */
#define SIM_MATRIX_R (4 * SIM_MATRIX_ACCESS)
#define SIM_MATRIX_S (2 * (SIM_MATRIX_ACCESS + SIM_MATRIX_SERVER))

typedef struct
{
  SimPathKind possible; /* what theory says */
  SimPathKind reached;
  gboolean agrees;
  gint64 connected_at; /* both sides have a selected pair; SIM_NEVER */
  gint64 settled_at;   /* ready or failed, both */
} SimMatrixCell;

void sim_matrix_run (SimNatKind left, SimNatKind right, IceNominationMode nomination,
                     gboolean with_relay, SimMatrixCell *cell);

/* (transfer full): a table in Markdown, of all kinds; each cell tells the kind of path
 * and the milliseconds until both ends had it. */
gchar *sim_matrix_format (IceNominationMode nomination, gboolean with_relay);

G_END_DECLS
