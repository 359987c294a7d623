/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A component of a stream: its candidates, pairs and state. */
#pragma once

#include "ice/model.h"

G_BEGIN_DECLS

void ice_component_init (IceComponent *self, IceStream *stream, guint id);
void ice_component_clear (IceComponent *self);
/* Where its sockets are bound from now on. */
void ice_component_set_port_range (IceComponent *self, guint16 min, guint16 max);

gboolean ice_component_state_may_change (IceComponentState from, IceComponentState to);
/* Walks to that state through those in between, an event for each. */
void
ice_component_progress (IceComponent *self, IceComponentState state, const gchar *reason);
void ice_component_fail (IceComponent *self, IceReason reason);

void ice_component_pair_added (IceComponent *self, IcePair *pair);

G_END_DECLS
