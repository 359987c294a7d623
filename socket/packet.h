/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The two batch types that travel between sockets, layers and applications.
 *
 * A NicePacket is a run of received datagrams in one buffer, of one source and one size,
 * as UDP_GRO hands them out. A NiceOutPacket is one datagram to send: the caller's
 * vectors, behind headroom that layers fill downward. Neither owns the payload. */
#pragma once

#include <glib.h>
#include <gio/gio.h>

#include "socket/address.h"

G_BEGIN_DECLS

#define NICE_OUT_PACKET_HEADROOM 64

typedef enum
{
  NICE_PACKET_STREAM =
      1
      << 0, /* came over a connection: one frame, source and ECN are those of the peer */
  NICE_PACKET_HAS_TOS = 1 << 1
} NicePacketFlags;

/* Segment i starts at data + i * stride + skip and ends at the next stride, the last at
 * size. One datagram: stride == size. GRO: stride < size. A layer that strips a fixed
 * header from every segment only adds to skip. */
typedef struct
{
  guint8 *data;
  guint32 size, stride;
  guint16 skip;
  guint8 tos, flags;
  NiceAddress from;
} NicePacket;

typedef struct
{
  const GOutputVector *vectors;
  guint n_vectors, size; /* size: payload bytes over all vectors */
  guint8 head_len, tail_len, tos;
  guint8
      head[NICE_OUT_PACKET_HEADROOM]; /* the last head_len bytes go before the payload */
  NiceAddress to;
} NiceOutPacket;

G_END_DECLS
