/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a datagram is, from its first byte, and whether it can be STUN, from its first
 * eight. Runs for every packet of media: inline, no table, no call. RFC 7983 7, RFC
 * 8489 6.3. */
#pragma once

#include <glib.h>

#include "stun/bytes.h"
#include "stun/constants.h"

G_BEGIN_DECLS

typedef enum
{
  STUN_DEMUX_STUN,    /* 0 to 3 */
  STUN_DEMUX_ZRTP,    /* 16 to 19 */
  STUN_DEMUX_DTLS,    /* 20 to 63 */
  STUN_DEMUX_CHANNEL, /* 64 to 79: TURN ChannelData, only from a TURN server (RFC 7983 6)
                       */
  STUN_DEMUX_RTP,     /* 128 to 191: RTP and RTCP */
  STUN_DEMUX_OTHER    /* RFC 7983 drops these; users of plain data still get them */
} StunDemux;

/* The class of a first byte (RFC 7983 7). */
static inline StunDemux
stun_demux_class (guint8 first)
{
  if (first >= 128)
    return first < 192 ? STUN_DEMUX_RTP : STUN_DEMUX_OTHER;
  if (first < 20)
    return first < 4 ? STUN_DEMUX_STUN : first < 16 ? STUN_DEMUX_OTHER : STUN_DEMUX_ZRTP;
  if (first < 64)
    return STUN_DEMUX_DTLS;
  return first < 80 ? STUN_DEMUX_CHANNEL : STUN_DEMUX_OTHER;
}

/* Whether STUN may begin so; nothing else does. */
static inline gboolean
stun_demux_may_be_stun (guint8 first)
{
  return first < 4;
}

/* Whether a datagram looks like RFC 8489 STUN: top bits, cookie, and a length that is a
 * multiple of 4 and ends where the datagram does. Media passes this only by forging it;
 * stun_view_parse, FINGERPRINT and integrity still have their say. */
static inline gboolean
stun_demux_is_stun (const guint8 *data, gsize len)
{
  return len >= STUN_MESSAGE_HEADER_LENGTH && stun_demux_may_be_stun (data[0])
         && stun_load32 (data + STUN_MESSAGE_TRANS_ID_POS) == STUN_MAGIC_COOKIE
         && (len & 3) == 0
         && stun_load16 (data + STUN_MESSAGE_LENGTH_POS)
                == len - STUN_MESSAGE_HEADER_LENGTH;
}

/* The same for classic STUN, which has no cookie (RFC 3489): length and a known class are
 * all there is to see. Use only with dialects that need it. */
static inline gboolean
stun_demux_is_classic (const guint8 *data, gsize len)
{
  return len >= STUN_MESSAGE_HEADER_LENGTH && stun_demux_may_be_stun (data[0])
         && stun_load16 (data + STUN_MESSAGE_LENGTH_POS)
                == len - STUN_MESSAGE_HEADER_LENGTH;
}

G_END_DECLS
