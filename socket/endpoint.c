/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What all endpoints have in common: a counted descriptor, bound to a local address. It
 * must not know what travels through it. */
#include "config.h"

#include "socket/endpoint.h"

#include <errno.h>
#include <sys/random.h>
#include <unistd.h>

void
nice_endpoint_init (NiceEndpoint *self, const NiceEndpointClass *klass, gint fd)
{
  self->klass = klass;
  self->ref_count = 1;
  self->fd = fd;
  self->socket = NULL;
  self->has_backlog = FALSE;
}

void
nice_endpoint_clear (NiceEndpoint *self)
{
  if (self->socket != NULL)
    {
      g_socket_close (self->socket, NULL);
      g_object_unref (self->socket);
    }
  else if (self->fd >= 0)
    close (self->fd);
}

NiceEndpoint *
nice_endpoint_ref (NiceEndpoint *self)
{
  g_atomic_int_inc (&self->ref_count);
  return self;
}

void
nice_endpoint_unref (NiceEndpoint *self)
{
  if (g_atomic_int_dec_and_test (&self->ref_count))
    self->klass->free (self);
}

GSocket *
nice_endpoint_get_socket (NiceEndpoint *self)
{
  static GMutex making; /* two threads may ask for the first time */
  GSocket *socket;

  g_mutex_lock (&making);
  if (self->socket == NULL)
    self->socket = g_socket_new_from_fd (self->fd, NULL);
  socket = self->socket;
  g_mutex_unlock (&making);
  return socket;
}

void
nice_endpoint_set_tos (NiceEndpoint *self, guint8 tos)
{
  const gint value = tos;

  /* Which of the two applies depends on the family; the other one fails, and may. */
  setsockopt (self->fd, IPPROTO_IP, IP_TOS, &value, sizeof value);
  setsockopt (self->fd, IPPROTO_IPV6, IPV6_TCLASS, &value, sizeof value);
}

static gint
bind_in_range (gint fd, NiceAddress *local, guint16 min_port, guint16 max_port)
{
  const guint n_ports = max_port - min_port + 1;
  guint32 start = 0;

  /* A predictable port is half of an off-path attack (RFC 6056). */
  if (getrandom (&start, sizeof start, 0) != sizeof start)
    return -EIO;

  for (guint i = 0; i < n_ports; i++)
    {
      nice_address_set_port (local, min_port + (start + i) % n_ports);
      if (bind (fd, &local->s.addr, nice_address_get_length (local)) == 0)
        return 0;
      if (errno != EADDRINUSE && errno != EACCES)
        return -errno;
    }
  return -EADDRINUSE;
}

static gint
bind_and_name (gint fd, NiceAddress *local, guint16 min_port, guint16 max_port)
{
  const gint yes = 1;
  socklen_t length = sizeof *local;
  gint error = 0;

  if (local->s.addr.sa_family == AF_INET6
      && setsockopt (fd, IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof yes) < 0)
    return -errno;

  if (max_port != 0 && min_port <= max_port)
    error = bind_in_range (fd, local, min_port, max_port);
  else if (bind (fd, &local->s.addr, nice_address_get_length (local)) < 0)
    error = -errno;

  if (error == 0 && getsockname (fd, &local->s.addr, &length) < 0)
    error = -errno;
  return error;
}

/* Takes the descriptor, or the error that there was instead of one. */
static gint
bind_descriptor (gint fd, NiceAddress *local, guint16 min_port, guint16 max_port)
{
  NiceAddress bound = *local;
  gint error;

  if (fd < 0)
    return fd;
  error = bind_and_name (fd, &bound, min_port, max_port);
  if (error < 0)
    {
      close (fd);
      return error;
    }
  *local = bound;
  return fd;
}

static gint
open_socket (const NiceAddress *local, gint type)
{
  const gint yes = 1;
  const gint fd =
      socket (local->s.addr.sa_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

  if (fd < 0)
    return -errno;
  /* A port is free again before the system forgets the connections that it had. */
  if (type == SOCK_STREAM)
    setsockopt (fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  return fd;
}

gint
nice_endpoint_bind_socket (NiceAddress *local, gint type, guint16 min_port,
                           guint16 max_port)
{
  return bind_descriptor (open_socket (local, type), local, min_port, max_port);
}

gint
nice_endpoint_bind_shard (NiceAddress *local, gint type)
{
  const gint yes = 1, fd = open_socket (local, type);

  if (fd >= 0 && setsockopt (fd, SOL_SOCKET, SO_REUSEPORT, &yes, sizeof yes) < 0)
    {
      close (fd);
      return -ENOPROTOOPT;
    }
  return bind_descriptor (fd, local, 0, 0);
}

/* --- Vectors --- */

void
nice_out_packet_wrap (NiceOutPacket *packet, const NiceSendMessage *message,
                      const NiceAddress *to)
{
  const gsize size = nice_send_message_get_size (message, &packet->n_vectors);

  packet->vectors = message->buffers;
  packet->size = MIN (size, G_MAXUINT32 / 2); /* too long for any datagram, anyway */
  packet->head_len = packet->tail_len = packet->tos = 0;
  packet->to = *to;
}

guint
nice_out_packet_count_vectors (const NiceOutPacket *packet)
{
  return packet->n_vectors + (packet->head_len > 0) + (packet->tail_len > 0);
}

void
nice_out_packet_fill_vectors (const NiceOutPacket *packet, struct iovec *v)
{
  static const guint8 zeros[NICE_OUT_PACKET_MAX_TAIL];

  if (packet->head_len > 0)
    *v++ =
        (struct iovec) { (gpointer)nice_out_packet_get_head (packet), packet->head_len };
  for (guint i = 0; i < packet->n_vectors; i++)
    *v++ =
        (struct iovec) { (gpointer)packet->vectors[i].buffer, packet->vectors[i].size };
  if (packet->tail_len > 0)
    *v = (struct iovec) { (gpointer)zeros, packet->tail_len };
}
