/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Every kind of NAT against every other, with and without a relay: what the engine
 * reaches, how fast, and what can be reached at all. */
#pragma once

#include "sim-nat-theory.h"
#include "sim-scenario.h"

G_BEGIN_DECLS

/* One way, so that the round trip to the peer is R and that to the servers S. */
#define SIM_MATRIX_ACCESS (10 * SIM_MS) /* each host's link */
#define SIM_MATRIX_SERVER (5 * SIM_MS)  /* the servers' links */
#define SIM_MATRIX_R (4 * SIM_MATRIX_ACCESS)
#define SIM_MATRIX_S (2 * (SIM_MATRIX_ACCESS + SIM_MATRIX_SERVER))
/* Through a relay of either side, which are two of one server: over its link four times.
 */
#define SIM_MATRIX_RELAYED_R (4 * SIM_MATRIX_ACCESS + 8 * SIM_MATRIX_SERVER)

typedef struct
{
  SimNatVerdict theory;
  SimPathKind reached;
  gboolean agrees;
  gint64 connected_at; /* both sides have a selected pair; SIM_NEVER */
  gint64 settled_at;   /* ready or failed, both */
} SimMatrixCell;

void sim_matrix_run (SimNatKind left, SimNatKind right, IceNominationMode nomination,
                     gboolean with_relay, SimMatrixCell *cell);

/* All of them; the left, which controls, names the row. */
typedef struct
{
  SimMatrixCell cells[SIM_N_NAT_KINDS][SIM_N_NAT_KINDS];
} SimMatrix;

void
sim_matrix_run_all (SimMatrix *self, IceNominationMode nomination, gboolean with_relay);

/* (transfer full): a table in Markdown; each cell tells the kind of path, the
 * milliseconds until both ends had it and those that theory needs. */
gchar *sim_matrix_format (const SimMatrix *self);

G_END_DECLS
