/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Frames of 16-bit length on a stream: ICE-TCP (RFC 6544 10.1, RFC 4571 2). */
#pragma once

#include "socket/layer.h"

G_BEGIN_DECLS

#define NICE_RFC4571_MAX_FRAME 65535

/* Open as soon as it is made. Sends each NiceOutPacket as one frame; one that is longer
 * than a frame is cut into several (datagrams are never so long, bytes of a reliable
 * stream may be). */
NiceLayer *nice_layer_rfc4571_new (void);

G_END_DECLS
