/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Datagrams in batches: recvmmsg with UDP_GRO, sendmmsg with UDP_SEGMENT. Decides which
 * datagrams leave as one; must not know what they carry.
 *
 * Neighbours that go to one place, with one traffic class, all of one size (the last may
 * be shorter), become one message that the kernel, or the card, cuts up again. A socket
 * whose device cannot do that says so when it is tried: EIO, EINVAL, ENOPROTOOPT or
 * EMSGSIZE. Then the same datagrams are sent one by one and that size, or merging, is
 * given up for this socket.
 *
 * NOTES: mmsg alone is not the win. On loopback with 1,204 bytes a datagram costs 2,900
 * ns with sendto, 2,440 with sendmmsg, 160 to 200 with UDP_SEGMENT; received 680 with
 * recvfrom, 549 with recvmmsg, 72 with GRO. */
#include "config.h"

#include "socket/endpoint-udp.h"

#include <errno.h>
#include <netinet/udp.h>
#include <string.h>

#define MAX_MESSAGES 64
#define MAX_VECTORS 256
#define MAX_SEGMENTS 64         /* UDP_MAX_SEGMENTS of every kernel that has it */
#define MAX_GROUP_SIZE 65000    /* an IP packet, less any headers */
#define SURE_DATAGRAM_SIZE 1232 /* fits every path of IPv6: RFC 8200 5, less headers */

typedef struct
{
  struct mmsghdr messages[MAX_MESSAGES];
  guint n_packets[MAX_MESSAGES]; /* that message i carries */
  struct iovec vectors[MAX_VECTORS];
  guint8 controls[MAX_MESSAGES]
                 [CMSG_SPACE (sizeof (guint16)) + CMSG_SPACE (sizeof (gint))]
      __attribute__ ((aligned (8)));
  guint n_messages, n_vectors;
} Batch;

static void
prepare (NiceUdpEndpoint *self, gboolean offload)
{
  const gint yes = 1;

  /* Kernels have UDP_SEGMENT since 4.18 and UDP_GRO since 5.0; older ones would take the
   * segment size for nothing and send one huge datagram, so GRO is the probe for both. */
  self->gso_limit = 0;
  if (offload && setsockopt (self->endpoint.fd, SOL_UDP, UDP_GRO, &yes, sizeof yes) == 0)
    self->gso_limit = MAX_GROUP_SIZE;
}

/* --- Receiving --- */

static void
make_ready (NiceSlab *slab)
{
  for (guint i = 0; i < slab->used; i++)
    {
      struct msghdr *header = &slab->messages[i].msg_hdr;

      header->msg_namelen = sizeof (NiceAddress);
      header->msg_controllen = NICE_SLAB_CONTROL_SIZE;
    }
  slab->used = 0;
}

static gint
receive (NiceUdpEndpoint *self, NiceSlab *slab)
{
  gint n;

  make_ready (slab);
  do
    n = recvmmsg (self->endpoint.fd, slab->messages, NICE_SLAB_MESSAGES, MSG_DONTWAIT,
                  NULL);
  while (n < 0 && errno == EINTR);
  if (n < 0)
    return -errno;

  slab->used = n;
  slab->has_more = n == NICE_SLAB_MESSAGES;
  for (gint i = 0; i < n; i++)
    {
      struct msghdr *header = &slab->messages[i].msg_hdr;
      NicePacket *packet = &slab->packets[i];
      guint segment_size = 0;

      packet->data = nice_slab_get_buffer (slab, i);
      packet->size = slab->messages[i].msg_len;
      packet->skip = 0;
      packet->flags = 0;
      if (header->msg_controllen > 0)
        segment_size = nice_udp_read_control (header, packet);
      packet->stride = segment_size != 0 ? segment_size : packet->size;
      if (header->msg_flags & MSG_TRUNC)
        {
          packet->size = packet->stride = 0;
          self->truncated++;
        }
    }
  return n;
}

/* --- Sending --- */

static inline void
add_vectors (Batch *batch, const NiceOutPacket *packet)
{
  if (packet->n_vectors == 1 && packet->head_len == 0 && packet->tail_len == 0)
    {
      batch->vectors[batch->n_vectors++] =
          (struct iovec) { (gpointer)packet->vectors[0].buffer, packet->vectors[0].size };
      return;
    }
  nice_out_packet_fill_vectors (packet, batch->vectors + batch->n_vectors);
  batch->n_vectors += nice_out_packet_count_vectors (packet);
}

static inline gboolean
is_same_flow (const NiceOutPacket *a, const NiceOutPacket *b)
{
  if (memcmp (&a->to, &b->to, 8) != 0 || a->tos != b->tos)
    return FALSE; /* family, port, and of IPv4 the address */
  return a->to.s.addr.sa_family == AF_INET
         || memcmp (&a->to.s.ip6, &b->to.s.ip6, sizeof a->to.s.ip6) == 0;
}

/* Adds followers of packets[0] as long as they may leave in one message with it. */
static guint
add_followers (Batch *batch, const NiceOutPacket *packets, guint n_packets)
{
  const guint segment_size = nice_out_packet_get_size (&packets[0]);
  guint count = 1, total = segment_size;

  n_packets = MIN (n_packets, MAX_SEGMENTS);
  while (count < n_packets)
    {
      const NiceOutPacket *next = &packets[count];
      const guint size = nice_out_packet_get_size (next);

      if (size > segment_size || size == 0 || total + size > MAX_GROUP_SIZE
          || batch->n_vectors + next->n_vectors + 2 > MAX_VECTORS
          || !is_same_flow (&packets[0], next))
        break;
      add_vectors (batch, next);
      total += size;
      count++;
      if (size < segment_size)
        break;
    }
  return count;
}

static void
set_segment_size (struct msghdr *header, guint16 size)
{
  struct cmsghdr *c = header->msg_control;

  header->msg_controllen = CMSG_SPACE (sizeof size);
  c->cmsg_level = SOL_UDP;
  c->cmsg_type = UDP_SEGMENT;
  c->cmsg_len = CMSG_LEN (sizeof size);
  memcpy (CMSG_DATA (c), &size, sizeof size);
}

/* Adds one message that carries packets[0] and as many of those behind it as can be
 * merged. Returns how many; 0: the batch is full. */
static guint
add_message (Batch *batch, const NiceOutPacket *packets, guint n_packets, guint gso_limit)
{
  const guint size = nice_out_packet_get_size (&packets[0]);
  const guint first_vector = batch->n_vectors;
  struct msghdr *header = &batch->messages[batch->n_messages].msg_hdr;
  guint count = 1;

  if (batch->n_messages == MAX_MESSAGES
      || batch->n_vectors + nice_out_packet_count_vectors (&packets[0]) > MAX_VECTORS)
    return 0;

  *header = (struct msghdr) { .msg_name = (gpointer)&packets[0].to.s.addr,
                              .msg_namelen = nice_address_get_length (&packets[0].to),
                              .msg_iov = batch->vectors + first_vector,
                              .msg_control = batch->controls[batch->n_messages] };
  add_vectors (batch, &packets[0]);
  if (size > 0 && size <= gso_limit)
    count = add_followers (batch, packets, n_packets);
  header->msg_iovlen = batch->n_vectors - first_vector;

  if (count > 1)
    set_segment_size (header, size);
  if (packets[0].tos != 0)
    nice_udp_add_tos (header, &packets[0]);
  if (header->msg_controllen == 0)
    header->msg_control = NULL;
  batch->n_packets[batch->n_messages++] = count;
  return count;
}

/* Whether a merged message failed for being merged; if so, what to merge is narrowed. */
static gboolean
give_up_merging (NiceUdpEndpoint *self, guint size, gint error)
{
  if (error != EIO && error != EINVAL && error != ENOPROTOOPT && error != EMSGSIZE)
    return FALSE;

  /* EINVAL, or EMSGSIZE in later kernels, of a segment that does not fit the path's MTU
   * says nothing of smaller ones. */
  if ((error == EINVAL || error == EMSGSIZE) && size > SURE_DATAGRAM_SIZE)
    g_atomic_int_set (&self->gso_limit, size - 1);
  else
    g_atomic_int_set (&self->gso_limit, 0);
  return TRUE;
}

static gint
send_batch (NiceUdpEndpoint *self, Batch *batch)
{
  const gint fd = self->endpoint.fd;
  guint sent = 0;
  gint n;

  do
    if (batch->n_messages == 1)
      n = sendmsg (fd, &batch->messages[0].msg_hdr, MSG_DONTWAIT) < 0 ? -1 : 1;
    else
      n = sendmmsg (fd, batch->messages, batch->n_messages, MSG_DONTWAIT);
  while (n < 0 && errno == EINTR);
  if (n < 0)
    return -errno;
  for (gint i = 0; i < n; i++)
    sent += batch->n_packets[i];
  return sent;
}

/* Sends what fits one batch. */
static gint
send_some (NiceUdpEndpoint *self, const NiceOutPacket *packets, guint n_packets)
{
  const guint gso_limit = g_atomic_int_get (&self->gso_limit);
  Batch batch;
  guint added = 0, count;
  gint sent;

  batch.n_messages = batch.n_vectors = 0;
  while (added < n_packets
         && (count = add_message (&batch, packets + added, n_packets - added, gso_limit))
                > 0)
    added += count;
  if (added == 0)
    return nice_udp_send_flat (self, packets);

  sent = send_batch (self, &batch);
  if (sent < 0 && batch.n_packets[0] > 1
      && give_up_merging (self, nice_out_packet_get_size (packets), -sent))
    return send_some (self, packets, n_packets);
  return sent;
}

static gint
send_packets (NiceUdpEndpoint *self, const NiceOutPacket *packets, guint n_packets)
{
  guint sent = 0;

  while (sent < n_packets)
    {
      const gint result = send_some (self, packets + sent, n_packets - sent);

      if (result < 0)
        return sent > 0 ? (gint)sent : result;
      sent += result;
    }
  return sent;
}

const NiceUdpTwin nice_udp_linux = { prepare, receive, send_packets };
