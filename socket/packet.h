/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The batch types that travel between sockets, layers and applications.
 *
 * A NicePacket is a run of received datagrams in one buffer, of one source and one size,
 * as UDP_GRO hands them out. A NiceOutPacket is one datagram to send: the caller's
 * vectors, behind headroom that layers fill downward. A NiceOutRun is what an application
 * sends in one call: where there is no layer, it leaves as it is. None owns the payload.
 */
#pragma once

#include <glib.h>
#include <gio/gio.h>

#include "socket/address.h"

G_BEGIN_DECLS

#define NICE_OUT_PACKET_HEADROOM 64
#define NICE_OUT_PACKET_MAX_TAIL 8

/* What else is known of a run. */
typedef enum
{
  NICE_PACKET_STREAM = 1 << 0, /* came over a connection, whose peer the source is */
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
  guint8 head_len;       /* the last head_len bytes of head go before the payload */
  guint8 tail_len;       /* so many zero bytes go after it: padding */
  guint8 flags;
  guint8 tos; /* TOS or traffic class of this one, 0: the socket's */
  guint8 head[NICE_OUT_PACKET_HEADROOM];
  NiceAddress to;
} NiceOutPacket;

/* Layout of NiceOutputMessage, which the shell asserts. */
typedef struct
{
  GOutputVector *buffers;
  gint n_buffers; /* -1: ended by a vector whose buffer is NULL */
} NiceSendMessage;

typedef struct
{
  const NiceSendMessage *messages;
  guint n_messages;
  guint8 tos; /* as of NiceOutPacket */
  const NiceAddress *to;
} NiceOutRun;

static inline guint
nice_out_packet_get_size (const NiceOutPacket *self)
{
  return self->head_len + self->size + self->tail_len;
}

static inline const guint8 *
nice_out_packet_get_head (const NiceOutPacket *self)
{
  return self->head + NICE_OUT_PACKET_HEADROOM - self->head_len;
}

/* Bytes of a message, and how many vectors they are in. */
static inline gsize
nice_send_message_get_size (const NiceSendMessage *self, guint *n_vectors)
{
  gsize size = 0;
  gint i;

  if (G_LIKELY (self->n_buffers == 1))
    {
      *n_vectors = 1;
      return self->buffers[0].size;
    }
  for (i = 0; self->n_buffers < 0 ? self->buffers[i].buffer != NULL : i < self->n_buffers;
       i++)
    size += self->buffers[i].size;
  *n_vectors = i;
  return size;
}

G_END_DECLS
