/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The words that scenarios are written in: how peers are usually set up, and what is
 * asserted most. */
#pragma once

#include "sim-call.h"
#include "sim-homes.h"
#include "sim-stun-server.h"
#include "sim-turn-server.h"

G_BEGIN_DECLS

/* Defaults of the engine, without ICE-TCP, which most scenarios leave out. */
IceConfig sim_config (gboolean controlling, IceNominationMode nomination);

/* The usual cast: two hosts, a peer on each, a call between them. Tests fill in what they
 * want otherwise. */
typedef struct
{
  SimWorld *world;
  SimHost *left_host, *right_host;
  SimPeer *left, *right;
  SimCall *call;
} SimScenario;

/* Two hosts on the internet, one round trip R apart; the call is not started. */
void sim_scenario_init (SimScenario *self, guint64 seed, gint64 round_trip);
/* The hosts are there; makes the peers. Defaults: left controls, nomination as given. */
void
sim_scenario_add_peers (SimScenario *self, const IceConfig *left, const IceConfig *right);
void sim_scenario_add_server (SimScenario *self, IceServerKind kind, const gchar *host,
                              guint16 port);
void sim_scenario_start (SimScenario *self, const SimCallConfig *signalling);
void sim_scenario_clear (SimScenario *self);

/* Seeds of a property: 1 to n_seeds, or just the one that --seed names. A test program
 * calls sim_seeds_init() before g_test_init(). */
void sim_seeds_init (int *argc, char ***argv);
guint64 sim_seeds_get_count (guint64 n_default);
guint64 sim_seeds_get (guint64 i);

/* Of the first component of the first stream where none is named. */
IceComponentState sim_peer_get_state (SimPeer *self);
gboolean sim_peer_has_selected_type (SimPeer *self, IceCandidateType local,
                                     IceCandidateType remote);
/* Of the host candidate of the selected pair. */
SimInterface *sim_peer_get_selected_interface (SimPeer *self);
/* Through a relay, from either end. */
gboolean sim_call_is_relayed (SimCall *self);

/* Where both began with the same role, that of the larger tie-breaker controls
 * (RFC 8445 7.3.1.1). */
gboolean sim_call_has_right_roles (SimCall *self);

/* Fails with a readable line and the seed. */
void sim_assert_selected (SimPeer *self, IceCandidateType local, IceCandidateType remote);
void sim_assert_ready (SimCall *call);
void sim_assert_agreement (SimCall *call);
void sim_assert_failed (SimPeer *self, IceReason reason);

G_END_DECLS
