/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The contract of a layer: one protocol between an endpoint and its user, as a value.
 *
 * A layer is told things and answers with bytes. It does no I/O, reads no clock, takes no
 * lock, calls nobody back and knows neither the layer above nor the one below. A layer is
 * one file, which ends in one NiceLayerClass; docs/adding-a-layer.md adds one.
 *
 * The life of a layer
 *
 *     OPENING --start--> hand-shakes downwards --> OPEN --> CLOSED
 *
 * The chain (chain.h) calls start() once, when everything below is open. From then on
 * receive() gets all that comes from below and handle_timeout() runs when deadline is
 * due. Only when the layer says OPEN does it get send() calls, and only then may it emit
 * upwards; the layer above starts at that moment. nice_layer_fail() closes it for good,
 * from any state, with a fault and a detail that name what went wrong; it is not called
 * again then. A layer with nothing to negotiate is open as soon as it is made.
 *
 * What travels
 *
 *   Up, datagrams: runs, as packet.h has them. Strip a header by adding to skip, split a
 *   run into several if its segments differ. Everything may be rewritten in place.
 *   Up, streams: runs of bytes of any size and any split, one segment each. Order counts.
 *   Down, datagrams: one NiceOutPacket each; push a header with nice_out_packet_push().
 *   Down, streams: NiceOutPackets are the bytes of a stream in order: head, vectors and
 *   tail of one, then those of the next.
 *
 * A datagram layer must stand runs of any stride, a stream layer any split, down to one
 * byte a time. The headers of all layers of a chain together fit
 * NICE_OUT_PACKET_HEADROOM: 2 (RFC 4571), 4 (ChannelData) or 52 (Send indication over
 * IPv6 with DONT-FRAGMENT); a layer that encrypts makes new packets out of the arena.
 *
 * Who owns what
 *
 *   Packets handed in, and bytes they point to, are the caller's, and valid until it is
 *   done with what the chain gave out: so an emitted packet may point into them, or into
 *   io->arena, but never into memory of the layer, which the next call may change. What a
 *   layer keeps, it copies; how much it keeps has a named limit.
 *
 * Bytes from the network can make a layer fail by name. They cannot make it assert. */
#pragma once

#include "socket/packet.h"

G_BEGIN_DECLS

#define NICE_LAYER_NEVER G_MAXINT64

typedef struct _NiceLayer NiceLayer;

typedef enum
{
  NICE_LAYER_OPENING,
  NICE_LAYER_OPEN,
  NICE_LAYER_CLOSED
} NiceLayerState;

typedef enum
{
  NICE_FAULT_NONE,
  NICE_FAULT_ENDED,        /* the other side closed, in good order */
  NICE_FAULT_PROTOCOL,     /* bytes that break the protocol */
  NICE_FAULT_TIMEOUT,      /* no answer in time */
  NICE_FAULT_REFUSED,      /* the other side, or a proxy, said no */
  NICE_FAULT_UNAUTHORIZED, /* credentials are missing or wrong */
  NICE_FAULT_CERTIFICATE,  /* the other side is not who it should be */
  NICE_FAULT_REDIRECTED,   /* go elsewhere: the layer knows where */
  NICE_FAULT_UNSUPPORTED,  /* the other side cannot do what is needed */
  NICE_FAULT_NO_RESOURCES
} NiceLayerFault;

/* Memory for the bytes of one call of a chain: given out in pieces, taken back at once.
 */
typedef struct
{
  guint8 *chunk;
  gsize used, size;
  GSList *full; /* chunks without room */
} NiceArena;

/* Where a layer puts what it makes of its input. */
typedef struct
{
  gint64 now; /* microseconds */
  NiceArena *arena;
  GArray *up;   /* of NicePacket */
  GArray *down; /* of NiceOutPacket */
} NiceLayerIo;

/* Functions may be NULL: there is nothing to do; send: packets pass as they are. */
typedef struct
{
  const gchar *name; /* lower case, for traces and messages: "tls" */
  void (*start) (NiceLayer *self, NiceLayerIo *io);
  void (*receive) (NiceLayer *self, NicePacket *packets, guint n_packets,
                   NiceLayerIo *io);
  void (*send) (NiceLayer *self, const NiceOutPacket *packets, guint n_packets,
                NiceLayerIo *io);
  /* receive() and send() of what changes nothing in an open layer with nothing due, so
   * that several threads may call them as long as nobody calls anything else. FALSE: it
   * would, and what was emitted is void. */
  gboolean (*carry_up) (NiceLayer *self, const NicePacket *packets, guint n_packets,
                        NiceLayerIo *io);
  gboolean (*carry_down) (NiceLayer *self, const NiceOutPacket *packets, guint n_packets,
                          NiceLayerIo *io);
  void (*handle_timeout) (NiceLayer *self, NiceLayerIo *io);
  /* Says good-bye downwards; the state becomes CLOSED whether it is heard or not. */
  void (*close) (NiceLayer *self, NiceLayerIo *io);
  void (*free) (NiceLayer *self);
} NiceLayerClass;

struct _NiceLayer
{
  const NiceLayerClass *klass;
  NiceLayerState state;
  NiceLayerFault fault; /* of a closed one */
  gint64 deadline;      /* NICE_LAYER_NEVER: none */
  gchar *detail;        /* of a closed one: which rule or check, or NULL */
};

/* What the makers of some layers borrow from outside. random must be cryptographic. */
typedef struct
{
  void (*random) (gpointer data, guint8 *dest, gsize len);
  gpointer data;
} NiceLayerEnv;

/* --- for layers --- */

void nice_layer_init (NiceLayer *self, const NiceLayerClass *klass, NiceLayerState state);
void nice_layer_clear (NiceLayer *self);
void nice_layer_free (NiceLayer *self);
void nice_layer_open (NiceLayer *self);
void nice_layer_fail (NiceLayer *self, NiceLayerFault fault, const gchar *detail);

/* Room in the call's arena; lasts until the caller of the chain is done with it. */
gpointer nice_arena_alloc (NiceArena *self, gsize size);
/* Gives back the end of the piece of size given out last. */
void nice_arena_shrink (NiceArena *self, gpointer piece, gsize size, gsize used);
void nice_arena_reset (NiceArena *self);
void nice_arena_clear (NiceArena *self);

/* Emits size bytes of data downwards, without copying; they must last as long as the
 * arena. to: NULL on streams. */
void nice_layer_put_down (NiceLayerIo *io, const void *data, gsize size,
                          const NiceAddress *to);
void nice_layer_put_down_copy (NiceLayerIo *io, const void *data, gsize size,
                               const NiceAddress *to);
/* Emits one datagram, or bytes of a stream, upwards. like: where flags, TOS and source
 * come from. */
void
nice_layer_put_up (NiceLayerIo *io, guint8 *data, gsize size, const NicePacket *like);

/* The bytes of all vectors, head and tail in one piece: in place where they are, else
 * copied into the arena. */
const guint8 *
nice_layer_flatten (NiceLayerIo *io, const NiceOutPacket *packet, gsize *size);

/* Makes room for size bytes before the payload and everything pushed so far. */
static inline guint8 *
nice_out_packet_push (NiceOutPacket *self, guint size)
{
  g_assert (self->head_len + size <= NICE_OUT_PACKET_HEADROOM);
  self->head_len += size;
  return self->head + NICE_OUT_PACKET_HEADROOM - self->head_len;
}

const gchar *nice_layer_fault_get_name (NiceLayerFault fault);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (NiceLayer, nice_layer_free)

G_END_DECLS
