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
  guint first_size; /* of the first packet */
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

/* --- Sending: one message to the kernel --- */

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

static void
open_message (Batch *batch, const NiceAddress *to)
{
  batch->messages[batch->n_messages].msg_hdr =
      (struct msghdr) { .msg_name = (gpointer)&to->s.addr,
                        .msg_namelen = nice_address_get_length (to),
                        .msg_iov = batch->vectors + batch->n_vectors,
                        .msg_control = batch->controls[batch->n_messages] };
}

/* The vectors of so many datagrams have been added, of which the first has that size. */
static void
close_message (Batch *batch, guint count, guint size, const NiceAddress *to, guint8 tos)
{
  struct msghdr *header = &batch->messages[batch->n_messages].msg_hdr;

  header->msg_iovlen = batch->vectors + batch->n_vectors - header->msg_iov;
  if (count > 1)
    set_segment_size (header, size);
  if (tos != 0)
    nice_udp_add_tos (header, to, tos);
  if (header->msg_controllen == 0)
    header->msg_control = NULL;
  if (batch->n_messages == 0)
    batch->first_size = size;
  batch->n_packets[batch->n_messages++] = count;
}

static inline gboolean
has_room (const Batch *batch, guint n_vectors)
{
  return batch->n_messages < MAX_MESSAGES && batch->n_vectors + n_vectors <= MAX_VECTORS;
}

/* Datagrams that leave in one message. */
typedef struct
{
  guint segment_size, count, total; /* of the first; how many; bytes of all */
} Group;

static inline gboolean
group_may_take (const Group *self, gsize size)
{
  return size <= self->segment_size && size > 0 && self->count < MAX_SEGMENTS
         && self->total + size <= MAX_GROUP_SIZE;
}

/* Returns FALSE when nothing may follow, because the kernel would cut that in two. */
static inline gboolean
group_take (Group *self, guint size)
{
  self->count++;
  self->total += size;
  return size == self->segment_size;
}

/* --- Sending: packets, each with its own address --- */

static inline void
add_packet (Batch *batch, const NiceOutPacket *packet)
{
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

/* Adds followers of packets[0] as long as they may leave in one message with it; returns
 * how many that carries. */
static guint
add_packets_behind (Batch *batch, const NiceOutPacket *packets, guint n_packets,
                    guint segment_size)
{
  Group group = { segment_size, 1, segment_size };
  gboolean goes_on = TRUE;

  while (goes_on && group.count < n_packets)
    {
      const NiceOutPacket *next = &packets[group.count];
      const guint size = nice_out_packet_get_size (next);

      if (!group_may_take (&group, size) || !is_same_flow (&packets[0], next)
          || !has_room (batch, nice_out_packet_count_vectors (next)))
        break;
      add_packet (batch, next);
      goes_on = group_take (&group, size);
    }
  return group.count;
}

/* Adds one message that carries packets[0] and as many of those behind it as can be
 * merged. Returns how many; 0: the batch is full. */
static guint
add_packets (Batch *batch, const NiceOutPacket *packets, guint n_packets, guint gso_limit)
{
  const guint size = nice_out_packet_get_size (&packets[0]);
  guint count = 1;

  if (!has_room (batch, nice_out_packet_count_vectors (&packets[0])))
    return 0;
  open_message (batch, &packets[0].to);
  add_packet (batch, &packets[0]);
  if (size > 0 && size <= gso_limit)
    count = add_packets_behind (batch, packets, n_packets, size);
  close_message (batch, count, size, &packets[0].to, packets[0].tos);
  return count;
}

/* --- Sending: messages of a run --- */

static inline void
add_message (Batch *batch, const NiceSendMessage *message, guint n_vectors)
{
  const GOutputVector *from = message->buffers;
  struct iovec *to = &batch->vectors[batch->n_vectors];

  batch->n_vectors += n_vectors;
  for (; n_vectors > 0; n_vectors--, from++)
    *to++ = (struct iovec) { (gpointer)from->buffer, from->size };
}

/* Adds what most runs are made of: messages of one size and in one piece each, max at the
 * most. Returns how many.
 *
 * NOTES: as packets, each with its address and room for headers, messages took 77
 * instructions each; without, one by one as in add_messages_behind(), 45; so 11. */
static guint
add_alike (Batch *batch, const NiceSendMessage *messages, guint max, gsize size)
{
  struct iovec *to = &batch->vectors[batch->n_vectors];
  guint n = 0;

  while (n < max && messages[n].n_buffers == 1 && messages[n].buffers->size == size)
    {
      to[n] = (struct iovec) { (gpointer)messages[n].buffers->buffer, size };
      n++;
    }
  batch->n_vectors += n;
  return n;
}

/* As add_packets_behind(). */
static guint
add_messages_behind (Batch *batch, const NiceSendMessage *messages, guint n_messages,
                     guint segment_size)
{
  Group group = { segment_size, 1, segment_size };
  guint max = MIN (n_messages, MIN (MAX_SEGMENTS, MAX_GROUP_SIZE / segment_size)) - 1;
  gboolean goes_on = TRUE;

  max = MIN (max, MAX_VECTORS - batch->n_vectors);
  group.count += add_alike (batch, messages + 1, max, segment_size);
  group.total *= group.count;
  while (goes_on && group.count < n_messages)
    {
      const NiceSendMessage *next = &messages[group.count];
      guint n_vectors;
      const gsize size = nice_send_message_get_size (next, &n_vectors);

      if (!group_may_take (&group, size) || !has_room (batch, n_vectors))
        break;
      add_message (batch, next, n_vectors);
      goes_on = group_take (&group, size);
    }
  return group.count;
}

static guint
add_messages (Batch *batch, const NiceOutRun *run, guint first, guint gso_limit)
{
  const NiceSendMessage *messages = run->messages + first;
  guint count = 1, n_vectors;
  const gsize size = nice_send_message_get_size (&messages[0], &n_vectors);

  if (!has_room (batch, n_vectors))
    return 0;
  open_message (batch, run->to);
  add_message (batch, &messages[0], n_vectors);
  if (size > 0 && size <= gso_limit)
    count = add_messages_behind (batch, messages, run->n_messages - first, size);
  close_message (batch, count, size, run->to, run->tos);
  return count;
}

/* --- Sending: batches --- */

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
send_once (gint fd, Batch *batch)
{
  gssize size;

  if (batch->n_messages > 1)
    return sendmmsg (fd, batch->messages, batch->n_messages, MSG_DONTWAIT);
  size = sendmsg (fd, &batch->messages[0].msg_hdr, MSG_DONTWAIT);
  batch->messages[0].msg_len = size;
  return size < 0 ? -1 : 1;
}

/* Returns how many packets left, whose bytes are added, or a negative error; 0: merged
 * they cannot leave, and must be described anew. */
static gint
send_batch (NiceUdpEndpoint *self, Batch *batch, gsize *bytes)
{
  guint sent = 0;
  gint n;

  do
    n = send_once (self->endpoint.fd, batch);
  while (n < 0 && errno == EINTR);
  if (n < 0)
    return batch->n_packets[0] > 1 && give_up_merging (self, batch->first_size, errno)
               ? 0
               : -errno;
  for (gint i = 0; i < n; i++)
    {
      sent += batch->n_packets[i];
      *bytes += batch->messages[i].msg_len;
    }
  return sent;
}

/* Sends what fits one batch. */
static gint
send_some_packets (NiceUdpEndpoint *self, const NiceOutPacket *packets, guint n_packets)
{
  const guint gso_limit = g_atomic_int_get (&self->gso_limit);
  Batch batch;
  guint added = 0, count;
  gsize bytes = 0;

  batch.n_messages = batch.n_vectors = 0;
  while (added < n_packets
         && (count = add_packets (&batch, packets + added, n_packets - added, gso_limit))
                > 0)
    added += count;
  return added == 0 ? nice_udp_send_flat (self, packets)
                    : send_batch (self, &batch, &bytes);
}

static gint
send_packets (NiceUdpEndpoint *self, const NiceOutPacket *packets, guint n_packets)
{
  guint sent = 0;

  while (sent < n_packets)
    {
      const gint result = send_some_packets (self, packets + sent, n_packets - sent);

      if (result < 0)
        return sent > 0 ? (gint)sent : result;
      sent += result;
    }
  return sent;
}

static gint
send_flat_message (NiceUdpEndpoint *self, const NiceOutRun *run, guint first,
                   gsize *bytes)
{
  NiceOutPacket packet;
  gint result;

  nice_out_packet_wrap (&packet, &run->messages[first], run->to);
  packet.tos = run->tos;
  result = nice_udp_send_flat (self, &packet);
  if (result > 0)
    *bytes += packet.size;
  return result;
}

static gint
send_some_messages (NiceUdpEndpoint *self, const NiceOutRun *run, guint first,
                    gsize *bytes)
{
  const guint gso_limit = g_atomic_int_get (&self->gso_limit);
  Batch batch;
  guint added = first, count;

  batch.n_messages = batch.n_vectors = 0;
  while (added < run->n_messages
         && (count = add_messages (&batch, run, added, gso_limit)) > 0)
    added += count;
  return added == first ? send_flat_message (self, run, first, bytes)
                        : send_batch (self, &batch, bytes);
}

/* One datagram in one piece, by the cheapest call that there is: of 1,900 ns that it
 * takes sendmsg() would take 100 more and sendmmsg() 200. */
static gint
send_alone (gint fd, const NiceOutRun *run, gsize *bytes)
{
  const GOutputVector *whole = run->messages[0].buffers;
  gssize n;

  do
    n = sendto (fd, whole->buffer, whole->size, MSG_DONTWAIT, &run->to->s.addr,
                nice_address_get_length (run->to));
  while (n < 0 && errno == EINTR);
  if (n < 0)
    return -errno;
  *bytes += n;
  return 1;
}

static gint
send_run (NiceUdpEndpoint *self, const NiceOutRun *run, gsize *bytes)
{
  guint sent = 0;

  if (run->n_messages == 1 && run->messages[0].n_buffers == 1 && run->tos == 0)
    return send_alone (self->endpoint.fd, run, bytes);
  while (sent < run->n_messages)
    {
      const gint result = send_some_messages (self, run, sent, bytes);

      if (result < 0)
        return sent > 0 ? (gint)sent : result;
      sent += result;
    }
  return sent;
}

const NiceUdpTwin nice_udp_linux = { prepare, receive, send_packets, send_run };
