/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Decides which twin moves the datagrams of a UDP socket, and takes the errors that
 * routers and hosts send back. It must not know STUN or ICE. RFC 1122 4.1.3.3 (ICMP
 * errors). */
#include "config.h"

#include "socket/endpoint-udp.h"

#include <errno.h>
#include <linux/errqueue.h>
#include <netinet/udp.h>
#include <string.h>
#include <unistd.h>

#define MAX_STALE_ERRORS 8
#define SHARED_BUFFER_SIZE (4 << 20)

/* With IP_RECVERR every call returns, once, the error that an ICMP message brought: of
 * some earlier datagram to whomever. */
static gboolean
is_stale_error (gint error)
{
  return error == ECONNREFUSED || error == EHOSTUNREACH || error == ENETUNREACH
         || error == EHOSTDOWN || error == EPROTO || error == ENOPROTOOPT;
}

gint
nice_udp_send_flat (NiceUdpEndpoint *self, const NiceOutPacket *packet)
{
  const guint n_vectors = nice_out_packet_count_vectors (packet);
  g_autofree struct iovec *vectors = g_new (struct iovec, n_vectors);
  g_autoptr (GByteArray) flat = g_byte_array_new ();
  GOutputVector whole;
  NiceOutPacket joined = { .vectors = &whole, .n_vectors = 1, .tos = packet->tos };

  nice_out_packet_fill_vectors (packet, vectors);
  for (guint i = 0; i < n_vectors; i++)
    g_byte_array_append (flat, vectors[i].iov_base, vectors[i].iov_len);
  whole = (GOutputVector) { flat->data, flat->len };
  joined.size = flat->len;
  joined.to = packet->to;
  return self->twin->send (self, &joined, 1);
}

guint
nice_udp_read_control (struct msghdr *header, NicePacket *packet)
{
  guint segment_size = 0;
  gint value;

  for (struct cmsghdr *c = CMSG_FIRSTHDR (header); c != NULL; c = CMSG_NXTHDR (header, c))
    {
      if (c->cmsg_level == SOL_UDP && c->cmsg_type == UDP_GRO)
        {
          memcpy (&value, CMSG_DATA (c), sizeof value);
          segment_size = value;
        }
      else if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_TOS)
        {
          packet->tos = *CMSG_DATA (c);
          packet->flags |= NICE_PACKET_HAS_TOS;
        }
      else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_TCLASS)
        {
          memcpy (&value, CMSG_DATA (c), sizeof value);
          packet->tos = value;
          packet->flags |= NICE_PACKET_HAS_TOS;
        }
    }
  return segment_size;
}

void
nice_udp_add_tos (struct msghdr *header, const NiceAddress *to, guint8 tos)
{
  const gboolean is_ip6 = to->s.addr.sa_family == AF_INET6;
  const gint value = tos;
  struct cmsghdr *c = (gpointer)((guint8 *)header->msg_control + header->msg_controllen);

  header->msg_controllen += CMSG_SPACE (sizeof value);
  c->cmsg_level = is_ip6 ? IPPROTO_IPV6 : IPPROTO_IP;
  c->cmsg_type = is_ip6 ? IPV6_TCLASS : IP_TOS;
  c->cmsg_len = CMSG_LEN (sizeof value);
  memcpy (CMSG_DATA (c), &value, sizeof value);
}

static gint
receive (NiceEndpoint *endpoint, NiceSlab *slab)
{
  NiceUdpEndpoint *self = (NiceUdpEndpoint *)endpoint;
  gint result;

  for (guint tries = 0; tries < MAX_STALE_ERRORS; tries++)
    {
      result = self->twin->receive (self, slab);
      if (result >= 0 || !is_stale_error (-result))
        return result;
    }
  return result;
}

static gint
send_packets (NiceEndpoint *endpoint, const NiceOutPacket *packets, guint n_packets)
{
  NiceUdpEndpoint *self = (NiceUdpEndpoint *)endpoint;
  gint result = self->twin->send (self, packets, n_packets);

  if (result < 0 && is_stale_error (-result))
    result = self->twin->send (self, packets, n_packets);
  return result;
}

static gint
send_run (NiceEndpoint *endpoint, const NiceOutRun *run, gsize *bytes)
{
  NiceUdpEndpoint *self = (NiceUdpEndpoint *)endpoint;
  gint result = self->twin->send_run (self, run, bytes);

  if (result < 0 && is_stale_error (-result))
    result = self->twin->send_run (self, run, bytes);
  return result;
}

/* RFC 1122 4.1.3.3, 4.2.3.9: a port that nobody listens on is final; an unreachable
 * network or host may be back with the next route. */
static gboolean
is_hard_error (const struct sock_extended_err *error)
{
  return (error->ee_origin == SO_EE_ORIGIN_ICMP || error->ee_origin == SO_EE_ORIGIN_ICMP6)
         && error->ee_errno == ECONNREFUSED;
}

static const struct sock_extended_err *
find_extended_error (struct msghdr *header)
{
  for (struct cmsghdr *c = CMSG_FIRSTHDR (header); c != NULL; c = CMSG_NXTHDR (header, c))
    {
      if ((c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_RECVERR)
          || (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_RECVERR))
        return (gconstpointer)CMSG_DATA (c);
    }
  return NULL;
}

static gboolean
take_error (NiceEndpoint *self, NiceSendError *error)
{
  const struct sock_extended_err *found;
  guint8 control[256] __attribute__ ((aligned (8)));
  NiceSendError taken;
  gssize size;

  for (;;)
    {
      struct iovec vector = { taken.quoted, sizeof taken.quoted };
      struct msghdr header = { .msg_name = &taken.to,
                               .msg_namelen = sizeof taken.to,
                               .msg_iov = &vector,
                               .msg_iovlen = 1,
                               .msg_control = control,
                               .msg_controllen = sizeof control };

      nice_address_init (&taken.to);
      size = recvmsg (self->fd, &header, MSG_ERRQUEUE | MSG_DONTWAIT);
      if (size < 0)
        return FALSE;
      found = find_extended_error (&header);
      if (found != NULL && is_hard_error (found) && nice_address_is_valid (&taken.to))
        {
          taken.error = found->ee_errno;
          taken.n_quoted = size;
          *error = taken;
          return TRUE;
        }
    }
}

static void
free_endpoint (NiceEndpoint *self)
{
  nice_endpoint_clear (self);
  g_free (self);
}

static const NiceEndpointClass udp_class = { .receive = receive,
                                             .send = send_packets,
                                             .send_run = send_run,
                                             .take_error = take_error,
                                             .free = free_endpoint };

/* Takes the descriptor. */
static NiceEndpoint *
endpoint_new (const NiceUdpTwin *twin, gboolean offload, gint fd,
              const NiceAddress *bound)
{
  const gint yes = 1;
  NiceUdpEndpoint *self = g_new0 (NiceUdpEndpoint, 1);

  nice_endpoint_init (&self->endpoint, &udp_class, fd);
  self->endpoint.local = *bound;
  self->twin = twin;
  if (bound->s.addr.sa_family == AF_INET6)
    setsockopt (fd, IPPROTO_IPV6, IPV6_RECVERR, &yes, sizeof yes);
  else
    setsockopt (fd, IPPROTO_IP, IP_RECVERR, &yes, sizeof yes);
  twin->prepare (self, offload);
  return &self->endpoint;
}

gint
nice_udp_endpoint_new_with_twin (const NiceUdpTwin *twin, gboolean offload,
                                 const NiceAddress *local, guint16 min_port,
                                 guint16 max_port, NiceEndpoint **endpoint)
{
  NiceAddress bound = *local;
  const gint fd = nice_endpoint_bind_socket (&bound, SOCK_DGRAM, min_port, max_port);

  if (fd < 0)
    return fd;
  *endpoint = endpoint_new (twin, offload, fd, &bound);
  return 0;
}

static const NiceUdpTwin *
get_twin (void)
{
#ifdef HAVE_UDP_OFFLOAD
  return &nice_udp_linux;
#else
  return &nice_udp_portable;
#endif
}

static gboolean
may_offload (void)
{
  return g_strcmp0 (g_getenv ("NICE_UDP_OFFLOAD"), "0") != 0;
}

gint
nice_udp_endpoint_new (const NiceAddress *local, guint16 min_port, guint16 max_port,
                       NiceEndpoint **endpoint)
{
  return nice_udp_endpoint_new_with_twin (get_twin (), may_offload (), local, min_port,
                                          max_port, endpoint);
}

gint
nice_udp_endpoint_new_shared (const NiceAddress *local, gboolean is_shard,
                              NiceEndpoint **endpoint)
{
  const gint size = SHARED_BUFFER_SIZE;
  NiceAddress bound = *local;
  const gint fd = is_shard ? nice_endpoint_bind_shard (&bound, SOCK_DGRAM)
                           : nice_endpoint_bind_socket (&bound, SOCK_DGRAM, 0, 0);

  if (fd < 0)
    return fd;
  /* The kernel cuts it down to what the administrator allows. */
  setsockopt (fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  setsockopt (fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
  *endpoint = endpoint_new (get_twin (), may_offload (), fd, &bound);
  return 0;
}

void
nice_udp_endpoint_want_tos (NiceEndpoint *self)
{
  const gint yes = 1;

  setsockopt (self->fd, IPPROTO_IP, IP_RECVTOS, &yes, sizeof yes);
  setsockopt (self->fd, IPPROTO_IPV6, IPV6_RECVTCLASS, &yes, sizeof yes);
}
