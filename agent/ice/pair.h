/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A candidate pair (RFC 8445 6.1.2): two ends, a priority, a state. */
#pragma once

#include "ice/model.h"

G_BEGIN_DECLS

/* Takes references on both ends; enters component->pairs and the index of pairs. */
IcePair *ice_pair_new (IceEnd *local, IceEnd *remote, IceBaseId base);
void ice_pair_free (IcePair *self);
IcePair *ice_pair_find (const IceEnd *local, const IceEnd *remote);
/* Out of component->pairs and the index, but alive: the selected pair across a restart.
 */
void ice_pair_detach (IcePair *self);

/* Changes the state along an edge of the table and traces it. */
void ice_pair_set_state (IcePair *self, IcePairState state, const gchar *reason);
gboolean ice_pair_state_may_change (IcePairState from, IcePairState to);
const gchar *ice_pair_state_to_string (IcePairState state);

/* Recomputes the priority: after a change of role, or of an end's priority. */
void ice_pair_update_priority (IcePair *self);
gboolean ice_pair_is_relayed (const IcePair *self);
/* RFC 8445 6.1.2.2, RFC 6544 6.2 */
gboolean ice_pair_is_possible (const IceEnd *local, const IceEnd *remote);
/* Both are relays of TCP, and the other end makes the connection between them. */
gboolean ice_pair_is_left_to_peer (const IceEnd *local, const IceEnd *remote);

G_END_DECLS
