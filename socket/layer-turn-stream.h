/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* STUN and ChannelData on a stream to a server, which needs no frame around them: each
 * says how long it is (RFC 8489 6.2.2, RFC 8656 12.5). */
#pragma once

#include "socket/layer.h"

G_BEGIN_DECLS

/* Open as soon as it is made. One packet up a message, padding cut off; ChannelData is
 * padded on its way down. */
NiceLayer *nice_layer_turn_stream_new (void);

G_END_DECLS
