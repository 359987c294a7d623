/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Decides how bytes get on and off a TCP connection without blocking, in the order in
 * which they were given. Must not know what is in them. RFC 6544 7. */
#include "config.h"

#include "socket/endpoint-tcp.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <unistd.h>

#define MAX_RACES 10 /* for ports, with other listeners */
#define BACKLOG_OF_LISTENER 16
#define MAX_VECTORS 256
#define READ_SIZE (256 * 1024)

typedef struct
{
  NiceEndpoint endpoint;
  NiceAddress remote;

  GMutex lock;         /* never across a system call */
  gboolean is_writing; /* some thread is in one: the others queue */
  GByteArray *backlog; /* waits for the socket; NULL: nothing */
} TcpEndpoint;

/* --- Receiving --- */

static gint
receive (NiceEndpoint *endpoint, NiceSlab *slab)
{
  TcpEndpoint *self = (TcpEndpoint *)endpoint;
  gssize size;

  G_STATIC_ASSERT (READ_SIZE <= NICE_SLAB_MESSAGES * NICE_SLAB_BUFFER_SIZE);

  do
    size = recv (endpoint->fd, slab->buffers, READ_SIZE, MSG_DONTWAIT);
  while (size < 0 && errno == EINTR);
  if (size <= 0)
    return size < 0 ? -errno : -EPIPE;

  slab->has_more = size == READ_SIZE;
  slab->packets[0] = (NicePacket) { .data = slab->buffers,
                                    .size = size,
                                    .stride = size,
                                    .flags = NICE_PACKET_STREAM,
                                    .from = self->remote };
  return 1;
}

/* --- Sending --- */

/* Appends what vectors hold beyond the first skip bytes. */
static void
append_rest (GByteArray *bytes, const struct iovec *vectors, guint n_vectors, gsize skip)
{
  for (guint i = 0; i < n_vectors; i++)
    {
      const gsize part = MIN (skip, vectors[i].iov_len);

      g_byte_array_append (bytes, (const guint8 *)vectors[i].iov_base + part,
                           vectors[i].iov_len - part);
      skip -= part;
    }
}

static gssize
write_vectors (TcpEndpoint *self, struct iovec *vectors, guint n_vectors)
{
  const struct msghdr header = { .msg_iov = vectors, .msg_iovlen = n_vectors };
  gssize sent;

  do
    sent = sendmsg (self->endpoint.fd, &header, MSG_DONTWAIT | MSG_NOSIGNAL);
  while (sent < 0 && errno == EINTR);
  return sent < 0 ? -errno : sent;
}

/* Whose turn it is to write is settled under the lock, the writing is done without it. */
typedef enum
{
  TURN_OURS,
  TURN_QUEUED, /* another thread's, or the backlog's: the bytes wait behind it */
  TURN_REFUSED
} Turn;

static Turn
take_turn (TcpEndpoint *self, const struct iovec *vectors, guint n_vectors,
           gboolean may_refuse)
{
  Turn turn = TURN_REFUSED;

  g_mutex_lock (&self->lock);
  if (!self->is_writing && self->backlog == NULL)
    {
      self->is_writing = TRUE;
      turn = TURN_OURS;
    }
  else if (!may_refuse || self->backlog == NULL
           || self->backlog->len < NICE_TCP_BACKLOG_LIMIT)
    {
      if (self->backlog == NULL)
        self->backlog = g_byte_array_new ();
      append_rest (self->backlog, vectors, n_vectors, 0);
      g_atomic_int_set (&self->endpoint.has_backlog, TRUE);
      turn = TURN_QUEUED;
    }
  g_mutex_unlock (&self->lock);
  return turn;
}

/* rest: what could not be written, or NULL. It goes before what others queued meanwhile.
 */
static void
end_turn (TcpEndpoint *self, GByteArray *rest)
{
  g_mutex_lock (&self->lock);
  self->is_writing = FALSE;
  if (rest != NULL)
    {
      if (self->backlog != NULL)
        {
          g_byte_array_append (rest, self->backlog->data, self->backlog->len);
          g_byte_array_unref (self->backlog);
        }
      self->backlog = rest;
    }
  g_atomic_int_set (&self->endpoint.has_backlog, self->backlog != NULL);
  g_mutex_unlock (&self->lock);
}

/* Returns 0 or a negative error. */
static gint
send_vectors (TcpEndpoint *self, struct iovec *vectors, guint n_vectors, gsize size,
              gboolean may_refuse)
{
  GByteArray *rest = NULL;
  gssize sent;

  switch (take_turn (self, vectors, n_vectors, may_refuse))
    {
    case TURN_QUEUED:
      return 0;
    case TURN_REFUSED:
      return -EAGAIN;
    case TURN_OURS:
      break;
    }

  sent = write_vectors (self, vectors, n_vectors);
  if (sent == -EAGAIN)
    sent = 0;
  if (sent >= 0 && (gsize)sent < size)
    {
      rest = g_byte_array_sized_new (size - sent);
      append_rest (rest, vectors, n_vectors, sent);
    }
  end_turn (self, rest);
  return sent < 0 ? sent : 0;
}

/* Sends as many packets as their vectors fit one write, at least one. Returns how many.
 */
static gint
send_some (TcpEndpoint *self, const NiceOutPacket *packets, guint n_packets,
           gboolean may_refuse)
{
  struct iovec vectors[MAX_VECTORS];
  guint n_vectors = 0, n = 0;
  gsize size = 0;
  gint error;

  while (n < n_packets
         && n_vectors + nice_out_packet_count_vectors (&packets[n]) <= MAX_VECTORS)
    {
      nice_out_packet_fill_vectors (&packets[n], vectors + n_vectors);
      n_vectors += nice_out_packet_count_vectors (&packets[n]);
      size += nice_out_packet_get_size (&packets[n]);
      n++;
    }
  if (n == 0)
    return -EMSGSIZE;
  error = send_vectors (self, vectors, n_vectors, size, may_refuse);
  return error < 0 ? error : (gint)n;
}

/* All or nothing: several of the packets may be frames of one message. */
static gint
send_packets (NiceEndpoint *endpoint, const NiceOutPacket *packets, guint n_packets)
{
  guint sent = 0;
  gint result = 0;

  while (sent < n_packets
         && (result = send_some ((TcpEndpoint *)endpoint, packets + sent,
                                 n_packets - sent, sent == 0))
                > 0)
    sent += result;
  return sent > 0 || n_packets == 0 ? (gint)sent : result;
}

static gint
flush (NiceEndpoint *endpoint)
{
  TcpEndpoint *self = (TcpEndpoint *)endpoint;
  GByteArray *bytes = NULL;
  struct iovec vector;
  gssize sent;

  g_mutex_lock (&self->lock);
  if (!self->is_writing && self->backlog != NULL)
    {
      self->is_writing = TRUE;
      bytes = g_steal_pointer (&self->backlog);
    }
  g_mutex_unlock (&self->lock);
  if (bytes == NULL)
    return !g_atomic_int_get (&endpoint->has_backlog);

  vector = (struct iovec) { bytes->data, bytes->len };
  sent = write_vectors (self, &vector, 1);
  if (sent > 0)
    g_byte_array_remove_range (bytes, 0, sent);
  if (bytes->len == 0)
    g_clear_pointer (&bytes, g_byte_array_unref);
  end_turn (self, bytes);
  if (sent < 0 && sent != -EAGAIN)
    return sent;
  return !g_atomic_int_get (&endpoint->has_backlog);
}

/* --- Life --- */

static gboolean
take_no_error (NiceEndpoint *self, NiceSendError *error)
{
  return FALSE;
}

static void
free_endpoint (NiceEndpoint *endpoint)
{
  TcpEndpoint *self = (TcpEndpoint *)endpoint;

  nice_endpoint_clear (endpoint);
  g_clear_pointer (&self->backlog, g_byte_array_unref);
  g_mutex_clear (&self->lock);
  g_free (self);
}

static const NiceEndpointClass tcp_class = { .receive = receive,
                                             .send = send_packets,
                                             .take_error = take_no_error,
                                             .flush = flush,
                                             .free = free_endpoint };

static TcpEndpoint *
tcp_endpoint_new (gint fd, const NiceAddress *local, const NiceAddress *remote)
{
  const gint yes = 1;
  TcpEndpoint *self = g_new0 (TcpEndpoint, 1);

  nice_endpoint_init (&self->endpoint, &tcp_class, fd);
  g_mutex_init (&self->lock);
  self->endpoint.local = *local;
  self->remote = *remote;
  setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  return self;
}

gint
nice_tcp_endpoint_connect (const NiceAddress *local, const NiceAddress *remote,
                           NiceEndpoint **endpoint)
{
  NiceAddress bound = *local;
  gint fd = nice_address_get_port (local) != 0
                ? nice_endpoint_bind_shard (&bound, SOCK_STREAM)
                : nice_endpoint_bind_socket (&bound, SOCK_STREAM, 0, 0);
  gint error;

  if (fd < 0)
    return fd;
  if (connect (fd, &remote->s.addr, nice_address_get_length (remote)) < 0
      && errno != EINPROGRESS)
    {
      error = -errno;
      close (fd);
      return error;
    }
  *endpoint = &tcp_endpoint_new (fd, &bound, remote)->endpoint;
  return 0;
}

gint
nice_tcp_endpoint_finish (NiceEndpoint *self)
{
  gint error = 0;
  socklen_t length = sizeof error;

  if (getsockopt (self->fd, SOL_SOCKET, SO_ERROR, &error, &length) < 0)
    return -errno;
  return -error;
}

const NiceAddress *
nice_tcp_endpoint_get_remote (NiceEndpoint *self)
{
  return &((TcpEndpoint *)self)->remote;
}

/* --- Listening --- */

static gint
receive_nothing (NiceEndpoint *self, NiceSlab *slab)
{
  return -EAGAIN;
}

static gint
send_nothing (NiceEndpoint *self, const NiceOutPacket *packets, guint n_packets)
{
  return -ENOTCONN;
}

static void
free_listener (NiceEndpoint *self)
{
  nice_endpoint_clear (self);
  g_free (self);
}

static const NiceEndpointClass listener_class = { .receive = receive_nothing,
                                                  .send = send_nothing,
                                                  .take_error = take_no_error,
                                                  .free = free_listener };

/* Returns the descriptor, and the bound address in local; or a negative error. Of two
 * that take a port at the same time one listens first, and has it for good. */
static gint
listen_at (NiceAddress *local, guint16 min_port, guint16 max_port)
{
  gint error = -EADDRINUSE;

  for (guint i = 0; i < MAX_RACES && error == -EADDRINUSE; i++)
    {
      NiceAddress bound = *local;
      const gint fd = nice_endpoint_bind_socket (&bound, SOCK_STREAM, min_port, max_port);

      if (fd < 0)
        return fd;
      if (listen (fd, BACKLOG_OF_LISTENER) == 0)
        {
          *local = bound;
          return fd;
        }
      error = -errno;
      close (fd);
    }
  return error;
}

gint
nice_tcp_listener_new (const NiceAddress *local, guint16 min_port, guint16 max_port,
                       NiceEndpoint **endpoint)
{
  const gint yes = 1;
  NiceAddress bound = *local;
  const gint fd = listen_at (&bound, min_port, max_port);

  if (fd < 0)
    return fd;
  /* RFC 6544 B: connections may leave from this port. It is said now, not before, so that
   * no two listeners get the same. */
  setsockopt (fd, SOL_SOCKET, SO_REUSEPORT, &yes, sizeof yes);
  *endpoint = g_new0 (NiceEndpoint, 1);
  nice_endpoint_init (*endpoint, &listener_class, fd);
  (*endpoint)->local = bound;
  return 0;
}

gint
nice_tcp_listener_accept (NiceEndpoint *self, NiceEndpoint **endpoint)
{
  NiceAddress remote, local = self->local;
  socklen_t remote_len = sizeof remote, local_len = sizeof local;
  gint fd;

  nice_address_init (&remote);
  fd = accept4 (self->fd, &remote.s.addr, &remote_len, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (fd < 0)
    return -errno;
  getsockname (fd, &local.s.addr, &local_len);
  *endpoint = &tcp_endpoint_new (fd, &local, &remote)->endpoint;
  return 0;
}
