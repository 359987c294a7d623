/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What relay client and relay server of the simulator say to each other. */
#pragma once

#include "sim-address.h"

G_BEGIN_DECLS

#define SIM_RELAY_MAGIC 0xe5 /* no STUN, no ChannelData, no RTP (RFC 7983) */

typedef enum
{
  SIM_RELAY_HELLO, /* answered by itself: a round trip of TCP's or TLS's */
  SIM_RELAY_ALLOCATE,
  SIM_RELAY_CHALLENGE,     /* TURN's 401 */
  SIM_RELAY_ALLOCATE_AUTH, /* the second try */
  SIM_RELAY_ALLOCATED,
  SIM_RELAY_REFUSED, /* detail: an IceReason */
  SIM_RELAY_PERMIT,
  SIM_RELAY_SEND,
  SIM_RELAY_DATA,
  SIM_RELAY_FREE,
  SIM_RELAY_MISMATCH /* TURN's 437: no such allocation */
} SimRelayOp;

typedef struct
{
  guint8 magic, op, detail, family;
  guint32 tag;
  NiceAddress one; /* relayed address, or peer */
  NiceAddress two; /* mapped address */
} SimRelayFrame;

G_END_DECLS
