/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The words that scenarios are written in: how peers are usually set up, and what is
 * asserted most. */
#pragma once

#include "sim-call.h"
#include "sim-homes.h"
#include "sim-stun-server.h"

G_BEGIN_DECLS

/* Defaults of the engine, without ICE-TCP, which most scenarios leave out. */
IceConfig sim_config (gboolean controlling, IceNominationMode nomination);

/* Of the first component of the first stream where none is named. */
IceComponentState sim_peer_get_state (SimPeer *self);
gboolean sim_peer_has_selected_type (SimPeer *self, IceCandidateType local,
                                     IceCandidateType remote);
/* Through a relay, from either end. */
gboolean sim_call_is_relayed (SimCall *self);

/* Fails with a readable line and the seed. */
void sim_assert_selected (SimPeer *self, IceCandidateType local, IceCandidateType remote);
void sim_assert_ready (SimCall *call);
void sim_assert_agreement (SimCall *call);
void sim_assert_failed (SimPeer *self, IceReason reason);

G_END_DECLS
