/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A TCP connection to a peer through a TURN server, as a layer (RFC 6062). */
#pragma once

#include "socket/layer.h"
#include "turn/bind.h"

G_BEGIN_DECLS

/* Open when the server has bound the connection below to the one that it has with peer;
 * then bytes pass as they are, and come from peer. Takes bind. */
NiceLayer *nice_layer_turn_bind_new (TurnBind *bind, const NiceAddress *peer);

G_END_DECLS
