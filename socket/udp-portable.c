/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Datagrams one by one, with nothing but recvmsg and sendmsg of POSIX: for systems
 * without the calls of udp-linux, and the yardstick that its bytes are compared with. */
#include "config.h"

#include "socket/endpoint-udp.h"

#include <errno.h>
#include <string.h>

#define MAX_VECTORS 64

static void
prepare (NiceUdpEndpoint *self, gboolean offload)
{
  self->gso_limit = 0;
}

static gint
receive_one (NiceUdpEndpoint *self, NiceSlab *slab, guint index)
{
  NicePacket *packet = &slab->packets[index];
  struct msghdr *header = &slab->messages[index].msg_hdr;
  gssize size;

  header->msg_namelen = sizeof packet->from;
  header->msg_controllen = NICE_SLAB_CONTROL_SIZE;
  do
    size = recvmsg (self->endpoint.fd, header, MSG_DONTWAIT);
  while (size < 0 && errno == EINTR);
  if (size < 0)
    return -errno;

  packet->data = nice_slab_get_buffer (slab, index);
  packet->skip = 0;
  packet->flags = 0;
  nice_udp_read_control (header, packet);
  if (header->msg_flags & MSG_TRUNC)
    {
      size = 0;
      self->truncated++;
    }
  packet->size = packet->stride = size;
  return 0;
}

static gint
receive (NiceUdpEndpoint *self, NiceSlab *slab)
{
  gint error = 0;
  guint n = 0;

  slab->used = NICE_SLAB_MESSAGES;
  while (n < NICE_SLAB_MESSAGES && (error = receive_one (self, slab, n)) == 0)
    n++;
  slab->has_more = n == NICE_SLAB_MESSAGES;
  return n > 0 ? (gint)n : error;
}

static gint
send_one (NiceUdpEndpoint *self, const NiceOutPacket *packet)
{
  union
  {
    guint8 bytes[CMSG_SPACE (sizeof (gint))];
    struct cmsghdr aligned;
  } control;
  struct iovec vectors[MAX_VECTORS];
  struct msghdr header = { .msg_name = (gpointer)&packet->to.s.addr,
                           .msg_namelen = nice_address_get_length (&packet->to),
                           .msg_iov = vectors };
  gssize sent;

  if (nice_out_packet_count_vectors (packet) > MAX_VECTORS)
    return nice_udp_send_flat (self, packet);

  header.msg_iovlen = nice_out_packet_count_vectors (packet);
  nice_out_packet_fill_vectors (packet, vectors);
  if (packet->tos != 0)
    {
      header.msg_control = &control;
      nice_udp_add_tos (&header, &packet->to, packet->tos);
    }

  do
    sent = sendmsg (self->endpoint.fd, &header, MSG_DONTWAIT);
  while (sent < 0 && errno == EINTR);
  return sent < 0 ? -errno : 1;
}

static gint
send_packets (NiceUdpEndpoint *self, const NiceOutPacket *packets, guint n_packets)
{
  gint error = 0;
  guint sent = 0;

  while (sent < n_packets && (error = send_one (self, &packets[sent])) > 0)
    sent++;
  return sent > 0 || n_packets == 0 ? (gint)sent : error;
}

static gint
send_run (NiceUdpEndpoint *self, const NiceOutRun *run, gsize *bytes)
{
  NiceOutPacket packet;
  gint error = 0;
  guint sent = 0;

  while (sent < run->n_messages)
    {
      nice_out_packet_wrap (&packet, &run->messages[sent], run->to);
      packet.tos = run->tos;
      error = send_one (self, &packet);
      if (error < 0)
        break;
      *bytes += packet.size;
      sent++;
    }
  return sent > 0 || run->n_messages == 0 ? (gint)sent : error;
}

const NiceUdpTwin nice_udp_portable = { prepare, receive, send_packets, send_run };
