/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A TURN allocation as a layer: below it the server, above it peers (RFC 8656). */
#pragma once

#include "socket/layer.h"
#include "turn/client.h"

G_BEGIN_DECLS

/* Open when there is an allocation. Up: datagrams whose source is the peer; and, from the
 * server's own address, STUN that is not TURN's, as the answer to a Binding request that
 * left through the same socket. Down: datagrams to peers; those whose peer the server
 * does not let through yet wait, those it refuses fall.
 *
 * server: over UDP, what comes from elsewhere is dropped, and packets are addressed to
 * it. */
NiceLayer *nice_layer_turn_new (const TurnConfig *config, const NiceLayerEnv *env,
                                const NiceAddress *server);

NiceLayerFault nice_layer_turn_get_fault (TurnFault fault);

/* What else happened; ask after every call of the chain. FALSE: nothing. */
gboolean nice_layer_turn_poll_event (NiceLayer *layer, TurnEvent *event);

/* These have something to send: let the chain handle a timeout next. */
void nice_layer_turn_allow (NiceLayer *layer, const NiceAddress *peer, gint64 now);
void nice_layer_turn_bind_channel (NiceLayer *layer, const NiceAddress *peer, gint64 now);
void nice_layer_turn_probe (NiceLayer *layer, gint64 now);
gboolean nice_layer_turn_connect (NiceLayer *layer, const NiceAddress *peer, gint64 now);
/* (transfer full): what nice_layer_turn_bind_new() takes for TURN_EVENT_CONNECTION. */
TurnBind *nice_layer_turn_make_bind (const NiceLayer *layer, guint32 id);
/* Deletes the allocation and waits for the answer: TURN_EVENT_RELEASED, and the layer is
 * CLOSED with NICE_FAULT_ENDED. Who does not want to wait closes the chain. */
void nice_layer_turn_release (NiceLayer *layer, gint64 now);

G_END_DECLS
