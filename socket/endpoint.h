/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An endpoint: the only thing that owns a descriptor.
 *
 * Endpoints are counted: whoever reads from or sends to one in a thread of his own holds
 * a reference, and the descriptor is closed with the last, so that its number cannot be
 * somebody else's in the middle of a call. Sending and receiving may go on at the same
 * time; only one thread may receive at a time.
 *
 * Failures are negative error numbers (-EAGAIN), because they happen on the data path. */
#pragma once

#include <gio/gio.h>

#include "socket/packet.h"
#include "socket/pool.h"

G_BEGIN_DECLS

typedef struct _NiceEndpoint NiceEndpoint;

#define NICE_QUOTED_SIZE 20 /* a header of STUN */

/* What became of a datagram after it was sent. */
typedef struct
{
  NiceAddress to;
  gint error;
  guint n_quoted; /* how much of its beginning came back with the error */
  guint8 quoted[NICE_QUOTED_SIZE];
} NiceSendError;

typedef struct
{
  /* Fills slab->packets and slab->has_more; returns how many packets, or a negative
   * error: -EAGAIN, nothing is there; -EPIPE, the connection has ended. */
  gint (*receive) (NiceEndpoint *self, NiceSlab *slab);
  /* Sends in order; returns how many packets were sent (at least 1), or the negative
   * error of the first. */
  gint (*send) (NiceEndpoint *self, const NiceOutPacket *packets, guint n_packets);
  /* The same with messages, whose bytes are added up in bytes as they leave. */
  gint (*send_run) (NiceEndpoint *self, const NiceOutRun *run, gsize *bytes);
  /* Takes one asynchronous error of an earlier send. FALSE: there is none. */
  gboolean (*take_error) (NiceEndpoint *self, NiceSendError *error);
  /* Connections: goes on with what waits to be sent. Returns 1 when nothing waits any
   * more, 0 when something does, or a negative error. */
  gint (*flush) (NiceEndpoint *self);
  void (*free) (NiceEndpoint *self);
} NiceEndpointClass;

struct _NiceEndpoint
{
  const NiceEndpointClass *klass;
  gint ref_count; /* atomic */
  gint fd;
  GSocket *socket; /* NULL until somebody asks for it; atomic */
  NiceAddress local;
  gint has_backlog; /* atomic: flush() is to be called when the socket is writable */
};

void nice_endpoint_init (NiceEndpoint *self, const NiceEndpointClass *klass, gint fd);
/* Closes the descriptor; for the free function of a class. */
void nice_endpoint_clear (NiceEndpoint *self);

NiceEndpoint *nice_endpoint_ref (NiceEndpoint *self);
void nice_endpoint_unref (NiceEndpoint *self);

/* (transfer none): the endpoint as a GSocket. It is made when first asked for, and closed
 * with the endpoint whoever else holds it. NULL: out of resources. */
GSocket *nice_endpoint_get_socket (NiceEndpoint *self);

/* The DSCP and ECN bits of what is sent from now on. */
void nice_endpoint_set_tos (NiceEndpoint *self, guint8 tos);

/* Makes a non-blocking, close-on-exec socket bound to local: at its port, or at any free
 * one of min_port to max_port where that is not 0, starting from a random one. Returns
 * the descriptor, and the bound address in local; or a negative error, -EADDRINUSE when
 * no port of the range is free. Of two streams that take a port at the same time one
 * finds out when it listens. */
gint nice_endpoint_bind_socket (NiceAddress *local, gint type, guint16 min_port,
                                guint16 max_port);
/* The same for one of several sockets at the same port (SO_REUSEPORT): UDP ones, among
 * which the kernel spreads the flows, or connections beside a listener. */
gint nice_endpoint_bind_shard (NiceAddress *local, gint type);

/* How many vectors a packet needs, and those vectors. */
guint nice_out_packet_count_vectors (const NiceOutPacket *packet);
void nice_out_packet_fill_vectors (const NiceOutPacket *packet, struct iovec *vectors);

/* The message as a packet, without headroom used. */
void nice_out_packet_wrap (NiceOutPacket *packet, const NiceSendMessage *message,
                           const NiceAddress *to);

/* Of the socket address. */
static inline socklen_t
nice_address_get_length (const NiceAddress *address)
{
  return address->s.addr.sa_family == AF_INET6 ? sizeof address->s.ip6
                                               : sizeof address->s.ip4;
}

static inline gint
nice_endpoint_receive (NiceEndpoint *self, NiceSlab *slab)
{
  return self->klass->receive (self, slab);
}

static inline gint
nice_endpoint_send (NiceEndpoint *self, const NiceOutPacket *packets, guint n_packets)
{
  return self->klass->send (self, packets, n_packets);
}

static inline gint
nice_endpoint_send_run (NiceEndpoint *self, const NiceOutRun *run, gsize *bytes)
{
  return self->klass->send_run (self, run, bytes);
}

static inline gboolean
nice_endpoint_take_error (NiceEndpoint *self, NiceSendError *error)
{
  return self->klass->take_error (self, error);
}

static inline gint
nice_endpoint_flush (NiceEndpoint *self)
{
  return self->klass->flush != NULL ? self->klass->flush (self) : 1;
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (NiceEndpoint, nice_endpoint_unref)

G_END_DECLS
