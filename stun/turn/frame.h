/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How data of peers is wrapped on its way to and from a TURN server: ChannelData, Send
 * and Data indications. Works on bytes where they lie, on whole runs of datagrams at
 * once; which channel means whom is channels.h's. RFC 8656 11, 12.4 to 12.6. */
#pragma once

#include "stun/attributes.h"

G_BEGIN_DECLS

#define TURN_CHANNEL_HEADER 4
/* RFC 8656 12: 0x5000 and above are reserved; RFC 5766 11 has these too. */
#define TURN_CHANNEL_MIN 0x4000
#define TURN_CHANNEL_MAX 0x4FFF
/* Header, XOR-PEER-ADDRESS of IPv6, DONT-FRAGMENT, DATA's own header. */
#define TURN_INDICATION_MAX_HEADER (20 + 24 + 4 + 4)

/* Datagrams of one size in one buffer: number i begins at data + i * stride + skip and
 * ends at the next stride, the last at size. */
typedef struct
{
  guint8 *data;
  guint32 size, stride, skip;
} TurnRun;

static inline gboolean
turn_frame_is_channel (guint8 first)
{
  return first >= TURN_CHANNEL_MIN >> 8 && first <= TURN_CHANNEL_MAX >> 8;
}

/* Writes the header of ChannelData. */
static inline void
turn_frame_push_channel (guint8 *header, guint16 channel, guint16 size)
{
  stun_store16 (header, channel);
  stun_store16 (header + 2, size);
}

typedef struct
{
  StunAddress peer;
  const guint8 *id; /* STUN_TRANSACTION_ID_SIZE random bytes */
  gboolean dont_fragment;
} TurnSend;

/* Writes all of a Send indication that comes before size bytes of payload, into header
 * (TURN_INDICATION_MAX_HEADER bytes); returns its length. After the payload go
 * stun_padded (size) - size zero bytes. */
guint turn_frame_write_send (guint8 *header, const TurnSend *send, guint16 size);

/* Cuts off run's front the longest run of ChannelData that is all of one channel and
 * fills its datagrams; a datagram with less data or with padding is a run of its own.
 * FALSE: the first datagram is no ChannelData, or shorter than it says; run is untouched.
 */
gboolean turn_frame_take_channel (TurnRun *run, TurnRun *taken, guint16 *channel);
/* Cuts off run's first datagram. FALSE: run is empty. */
gboolean turn_frame_take_one (TurnRun *run, TurnRun *taken);

/* How long the message at data is that a stream from a server carries, without and with
 * the padding of ChannelData (RFC 8656 12.5, RFC 8489 6.2.2). KEPT: all of it is there;
 * STUN_RULE_TRUNCATED: read on; else the stream is broken. */
StunRule turn_frame_measure (const guint8 *data, gsize len, gsize *size, gsize *padded);

typedef struct
{
  StunAddress peer;
  StunBytes data; /* .data NULL: there was no DATA */
  gboolean has_icmp;
  StunIcmpValue icmp;
} TurnDataIndication;

/* RFC 8656 11.4: no peer, or neither DATA nor ICMP, breaks STUN_RULE_ABSENT. */
StunRule turn_frame_read_data (const StunView *view, TurnDataIndication *indication);

G_END_DECLS
