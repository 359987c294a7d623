/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The NAT matrix: builds the two homes and the servers, lets two peers call, compares
 * with theory. It must not know how the engine finds its way. */
#include "config.h"

#include "sim-matrix.h"

#define STUN_SERVER "192.0.2.10"
#define RELAY_SERVER "192.0.2.20"
#define SERVER_PORT 3478
#define LIMIT (60 * SIM_SECOND)

typedef struct
{
  SimWorld *world;
  SimHost *left, *right;
} Homes;

static void
build (Homes *self, SimNatKind left, SimNatKind right)
{
  SimLinkConfig link = { .delay = SIM_MATRIX_SERVER };

  self->world = sim_world_new (1 + (guint64)left * SIM_N_NAT_KINDS + (guint64)right);
  sim_stun_server_new (self->world, STUN_SERVER ":3478", &link, NULL);
  sim_turn_server_new (self->world, RELAY_SERVER ":3478", &link, NULL);
  self->left = sim_host_behind (self->world, "left", left, "192.168.1.2", "198.51.100.1",
                                SIM_MATRIX_ACCESS, NULL);
  self->right = sim_host_behind (self->world, "right", right, "10.0.0.2", "203.0.113.1",
                                 SIM_MATRIX_ACCESS, NULL);
}

static SimPeer *
make_peer (SimHost *host, const gchar *name, IceConfig config, gboolean with_relay)
{
  SimPeer *peer = sim_peer_new (host, name, &config);

  sim_peer_add_server (peer, ICE_SERVER_STUN_UDP, STUN_SERVER, SERVER_PORT);
  if (with_relay)
    sim_peer_add_server (peer, ICE_SERVER_TURN_UDP, RELAY_SERVER, SERVER_PORT);
  return peer;
}

static SimPathKind
reached (SimCall *call)
{
  IceCandidate local, remote;

  if (!sim_call_is_ready (call)
      || !sim_peer_get_selected (sim_call_get_left (call), 1, 1, &local, &remote))
    return SIM_PATH_NONE;
  if (sim_call_is_relayed (call))
    return SIM_PATH_RELAYED;
  return local.type == ICE_CANDIDATE_HOST && remote.type == ICE_CANDIDATE_HOST
             ? SIM_PATH_HOST
             : SIM_PATH_REFLEXIVE;
}

static gint64
both_selected_at (SimCall *call)
{
  return MAX (
      sim_peer_get_nth_component (sim_call_get_left (call), 0)->first_selected_at,
      sim_peer_get_nth_component (sim_call_get_right (call), 0)->first_selected_at);
}

void
sim_matrix_run (SimNatKind left, SimNatKind right, IceNominationMode nomination,
                gboolean with_relay, SimMatrixCell *cell)
{
  SimCallConfig signalling = { .trickle = TRUE };
  IceConfig config = sim_config (TRUE, nomination);
  SimPeer *caller, *callee;
  SimCall *call;
  Homes homes;
  SimNatSetting setting = { .server = SIM_MATRIX_S,
                            .peer = SIM_MATRIX_R,
                            .relayed = SIM_MATRIX_RELAYED_R,
                            .is_regular = nomination == ICE_NOMINATION_REGULAR,
                            .with_relay = with_relay };

  config.trickle = TRUE;
  cell->theory = sim_nat_theory (left, right, &setting);
  build (&homes, left, right);
  caller = make_peer (homes.left, "left", config, with_relay);
  config.controlling = FALSE;
  callee = make_peer (homes.right, "right", config, with_relay);
  call = sim_call_new (caller, callee, &signalling);
  sim_call_start (call);
  sim_call_run_until_settled (call, LIMIT);
  cell->settled_at = sim_world_get_now (homes.world);
  /* Late, better paths may still be found. */
  sim_world_run_for (homes.world, 5 * SIM_SECOND);
  cell->reached = reached (call);
  cell->connected_at = both_selected_at (call);
  cell->agrees = cell->reached == SIM_PATH_NONE || sim_call_agrees (call);
  sim_world_free (homes.world);
}

void
sim_matrix_run_all (SimMatrix *self, IceNominationMode nomination, gboolean with_relay)
{
  for (guint left = 0; left < SIM_N_NAT_KINDS; left++)
    for (guint right = 0; right < SIM_N_NAT_KINDS; right++)
      sim_matrix_run ((SimNatKind)left, (SimNatKind)right, nomination, with_relay,
                      &self->cells[left][right]);
}

static void
append_cell (GString *text, const SimMatrixCell *cell)
{
  if (cell->reached == SIM_PATH_NONE)
    g_string_append (text, " none |");
  else
    g_string_append_printf (text, " %s %.0f (%.0f) |",
                            cell->reached == SIM_PATH_RELAYED ? "relayed" : "direct",
                            (gdouble)cell->connected_at / SIM_MS,
                            (gdouble)cell->theory.connected_at / SIM_MS);
}

gchar *
sim_matrix_format (const SimMatrix *self)
{
  GString *text = g_string_new ("| |");

  for (guint i = 0; i < SIM_N_NAT_KINDS; i++)
    g_string_append_printf (text, " %s |", sim_nat_kind_name ((SimNatKind)i));
  g_string_append (text, "\n|---|");
  for (guint i = 0; i < SIM_N_NAT_KINDS; i++)
    g_string_append (text, "---|");
  for (guint left = 0; left < SIM_N_NAT_KINDS; left++)
    {
      g_string_append_printf (text, "\n| **%s** |", sim_nat_kind_name ((SimNatKind)left));
      for (guint right = 0; right < SIM_N_NAT_KINDS; right++)
        append_cell (text, &self->cells[left][right]);
    }
  g_string_append_c (text, '\n');
  return g_string_free (text, FALSE);
}
