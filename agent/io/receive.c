/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Decides for each received datagram whether it is the engine's, the application's or
 * nobody's. Data costs no lock of the agent, no copy and no allocation; must not know how
 * packets are read. RFC 7983 7, RFC 8445 12.2. */
#include "config.h"

#include "io/driver-private.h"
#include "io/ports.h"
#include "io/reading.h"
#include "io/relay.h"

#include <errno.h>
#include <sys/epoll.h>

#include "stun/demux.h"

/* Batches that one socket may read before others have their turn. */
#define MAX_BATCHES 4

/* One reader at work on packets of one base. What it goes by is looked up once, and again
 * whenever something happened that may have changed it. */
typedef struct
{
  NiceBase *base; /* NULL: of data that has waited */
  NiceComponentIo *component;
  NiceDriver *driver;
  GObject *owner;
  NiceReactor *reactor; /* NULL: no context, everything goes to caught */
  NiceCatchFunc caught;
  gpointer caught_data;

  IceEngine *engine; /* not NULL: the driver is entered */
  gint64 now;
  guint n_looks; /* how often what follows was looked up */
  NiceReceiver *receiver;
  NiceSources *sources;
  GPtrArray *relays; /* over the base */
  gboolean has_data;
  gboolean may_hold; /* what nobody takes may stay in the socket */

  NiceMeter *meter; /* of sources: whose data was counted since the last note */
  guint n_packets;
  gsize n_bytes;
} Reader;

/* One write for a batch: a counter that all cores share is dear. */
static void
note_data (Reader *self)
{
  const gint64 now = self->meter != NULL ? g_get_monotonic_time () : 0;

  if (self->meter == NULL)
    return;
  nice_tally_add (&self->meter->received, self->n_packets, self->n_bytes, now);
  nice_tally_add (&self->component->meter->received, self->n_packets, self->n_bytes, now);
  self->meter = NULL;
  self->n_packets = 0;
  self->n_bytes = 0;
}

static inline void
count_data (Reader *self, NiceMeter *meter, guint n, guint len)
{
  if (G_UNLIKELY (self->meter != meter))
    {
      note_data (self);
      self->meter = meter;
    }
  self->n_packets += n;
  self->n_bytes += (gsize)n * len;
}

static inline gboolean
is_replaced (const Reader *self, const NiceReceiver *receiver)
{
  return g_atomic_pointer_get (&self->component->receiver) != receiver;
}

static void
let_go (Reader *self)
{
  note_data (self);
  g_clear_pointer (&self->receiver, nice_receiver_unref);
  g_clear_pointer (&self->sources, nice_sources_unref);
  g_clear_pointer (&self->relays, g_ptr_array_unref);
}

static void
take_references (Reader *self)
{
  NiceBase *base = self->base;

  nice_guard_enter (&self->driver->readers);
  self->receiver = nice_receiver_ref (g_atomic_pointer_get (&self->component->receiver));
  self->sources =
      base != NULL ? nice_sources_ref (g_atomic_pointer_get (&base->sources)) : NULL;
  self->relays = base != NULL ? g_atomic_pointer_get (&base->relays) : NULL;
  if (self->relays != NULL)
    g_ptr_array_ref (self->relays);
  nice_guard_leave (&self->driver->readers);
}

/* Also of the application is what is called when an old receiver is let go of: in there
 * it may set a new one. */
static void
look_up (Reader *self)
{
  self->n_looks++;
  do
    {
      let_go (self);
      take_references (self);
    }
  while (is_replaced (self, self->receiver));
}

/* Signals of a check go out before the data behind it. */
static void
leave (Reader *self)
{
  if (self->engine == NULL)
    return;
  self->engine = NULL;
  nice_driver_leave (self->driver);
  look_up (self);
}

static gboolean
is_over (const Reader *self)
{
  return g_atomic_int_get (&self->component->is_removed)
         || (self->base != NULL && g_atomic_int_get (&self->base->is_dropped));
}

/* --- Data --- */

/* Bytes of a connection stay in order: behind those that wait, and those that another
 * thread is about to give to somebody. */
static inline gboolean
must_queue (const Reader *self)
{
  return G_UNLIKELY (self->base->link != NULL) && nice_base_is_stream (self->base)
         && (g_atomic_int_get (&self->component->is_emptying)
             || !nice_pending_is_empty (&self->component->pending));
}

static void
put_off (Reader *self, const NiceReceived *received, const NiceAddress *from)
{
  self->has_data = TRUE;
  nice_component_io_put_off (self->component, received, from,
                             self->base != NULL && nice_base_is_stream (self->base));
}

/* To whoever is to have it, if that is not the receiver of this context. */
static void
deliver_elsewhere (Reader *self, const NiceReceived *received, const NiceAddress *from)
{
  if (self->caught == NULL || !self->caught (self->caught_data, received, from))
    put_off (self, received, from);
}

static inline gboolean
is_receiver_here (const Reader *self)
{
  return self->receiver != NULL && self->receiver->reactor == self->reactor;
}

/* After functions of the application ran. Returns FALSE when the reader has to stop: the
 * receiver is replaced too when its component goes. */
static inline gboolean
goes_on (Reader *self)
{
  if (G_LIKELY (!is_replaced (self, self->receiver)))
    return TRUE;
  look_up (self);
  return !is_over (self);
}

/* Delivers one that has waited; returns as goes_on(). */
static gboolean
deliver (Reader *self, const NiceReceived *received, const NiceAddress *from)
{
  self->has_data = TRUE;
  if (!is_receiver_here (self))
    {
      deliver_elsewhere (self, received, from);
      return TRUE;
    }
  self->receiver->func (self->owner, received, self->receiver->user_data);
  return goes_on (self);
}

/* Delivers the datagram at received->data, and as many of those behind it, all as long
 * and max together at most, as are data for the same receiver. Returns how many.
 *
 * NOTES: this is the loop in which packets are counted by the million. One by one, each
 * measured, counted and delivered on its own, they took 51 instructions each; so 16. */
static guint
deliver_alike (Reader *self, NiceReceived *received, guint stride, guint max)
{
  const NiceReceiver *receiver = self->receiver;
  guint n = 0;

  self->has_data = TRUE;
  do
    {
      receiver->func (self->owner, received, receiver->user_data);
      received->data += stride;
      n++;
    }
  while (n < max && !stun_demux_may_be_stun (received->data[0])
         && !is_replaced (self, receiver));
  return n;
}

/* The receiver has all there is for now. */
static void
end_batch (Reader *self)
{
  const NiceReceived end = { self->component->stream_id, self->component->component_id,
                             NULL, 0, -1 };

  if (self->driver->ends_batches && self->has_data && self->receiver != NULL
      && self->receiver->reactor == self->reactor)
    self->receiver->func (self->owner, &end, self->receiver->user_data);
}

/* --- Checks --- */

static gboolean
may_be_stun (const Reader *self, const guint8 *data, guint len)
{
  return stun_demux_is_stun (data, len)
         || (self->driver->has_classic && stun_demux_is_classic (data, len));
}

/* FALSE: it is data after all. */
static gboolean
give_to_engine (Reader *self, const NicePacket *packet, guint8 *data, guint len)
{
  if (self->engine == NULL)
    self->engine = nice_driver_enter (self->driver, &self->now);
  return self->engine == NULL
         || ice_engine_handle_packet (self->engine, self->base->id, &packet->from, data,
                                      len, self->now);
}

/* --- Batches --- */

/* Whether data that may be a check was one; if not, it is treated as data, after all that
 * checks before it have caused. */
static gboolean
take_check (Reader *self, const NicePacket *packet, guint8 *data, guint len)
{
  if (may_be_stun (self, data, len) && give_to_engine (self, packet, data, len))
    return TRUE;
  leave (self);
  return FALSE;
}

/* Takes data of packet, at received->data and as long as left says with what is behind.
 * Returns of how many datagrams. */
static guint
take_data (Reader *self, const NicePacket *packet, guint stride, guint left,
           NiceReceived *received)
{
  guint n = 1;

  if (must_queue (self))
    put_off (self, received, &packet->from);
  else if (is_receiver_here (self))
    n = deliver_alike (self, received, stride, MAX (left / stride, 1));
  else
    {
      self->has_data = TRUE;
      deliver_elsewhere (self, received, &packet->from);
    }
  return n;
}

/* NULL: data from there is not believed. A peer that was selected by hand may send from
 * anywhere, and all of it counts as that peer's. */
static NiceMeter *
find_meter (const Reader *self, const NiceAddress *from)
{
  NiceMeter *meter = nice_sources_find (self->sources, from);

  if (meter == NULL && self->sources != NULL && self->sources->n > 0
      && g_atomic_int_get (&self->component->hears_all))
    meter = self->sources->items[0].meter;
  return meter;
}

static gboolean
read_packet (Reader *self, const NicePacket *packet)
{
  const guint stride = packet->stride != 0 ? packet->stride : packet->size;
  NiceReceived received = { .stream_id = self->component->stream_id,
                            .component_id = self->component->component_id,
                            .tos = (packet->flags & NICE_PACKET_HAS_TOS) ? packet->tos
                                                                         : -1 };
  guint8 *data = packet->data + packet->skip;
  NiceMeter *meter = NULL;
  guint look = self->n_looks - 1, n;

  for (guint left = packet->size; left > packet->skip;
       data += n * stride, left -= MIN (left, n * stride))
    {
      n = 1;
      received.data = data;
      received.len = MIN (left, stride) - packet->skip;
      /* RFC 7983 7 */
      if ((self->engine != NULL || stun_demux_may_be_stun (data[0]))
          && take_check (self, packet, data, received.len))
        continue;
      if (look != self->n_looks)
        {
          look = self->n_looks;
          meter = find_meter (self, &packet->from);
        }
      if (meter == NULL)
        continue;
      n = take_data (self, packet, stride, left, &received);
      count_data (self, meter, n, received.len);
      if (!goes_on (self))
        return FALSE;
    }
  return TRUE;
}

static gboolean read_relayed (Reader *self, NiceBase *relay, NicePacket *packet);

static gboolean
ends_checks (const Reader *self, const NicePacket *packet)
{
  const guint size = packet->stride != 0 ? packet->stride : packet->size;

  return self->engine != NULL && size > packet->skip
         && !may_be_stun (self, packet->data + packet->skip, size - packet->skip);
}

static gboolean
read_hand (Reader *self, NiceHand *hand)
{
  gboolean goes_on = TRUE;
  NiceBase *relay;

  while (hand->n > 0 && goes_on)
    {
      NicePacket *packet = hand->packets;

      if (ends_checks (self, packet))
        {
          leave (self);
          continue; /* whoever was told may have taken what is in hand */
        }
      hand->packets++;
      hand->n--;
      relay = G_UNLIKELY (self->relays != NULL)
                  ? nice_relays_find (self->relays, &packet->from)
                  : NULL;
      goes_on =
          relay != NULL ? read_relayed (self, relay, packet) : read_packet (self, packet);
    }
  leave (self);
  end_batch (self);
  return goes_on && !is_over (self);
}

static gboolean
read_packets (Reader *self, NicePacket *packets, guint n)
{
  NiceHand hand = { packets, n };

  return read_hand (self, &hand);
}

/* What a relay's chain gave out. From the server itself comes what is the base's, as the
 * answer to a Binding request. */
static gboolean
read_through_relay (Reader *self, NiceBase *relay, NicePacket *packets, guint n)
{
  Reader inner = { .base = relay,
                   .component = self->component,
                   .driver = self->driver,
                   .owner = self->owner,
                   .reactor = self->reactor,
                   .caught = self->caught,
                   .caught_data = self->caught_data };
  gboolean goes_on = TRUE;

  look_up (&inner);
  for (guint i = 0; i < n && goes_on; i++)
    goes_on = nice_relay_is_server (relay, &packets[i].from)
                  ? read_packet (self, &packets[i])
                  : read_packets (&inner, &packets[i], 1);
  self->has_data |= inner.has_data;
  let_go (&inner);
  leave (self);
  return goes_on;
}

static gboolean
read_relayed (Reader *self, NiceBase *relay, NicePacket *packet)
{
  g_autoptr (NiceBase) held = nice_base_ref (relay);
  NiceChainIo *io = nice_link_take_io (held->link);
  gboolean goes_on;

  leave (self); /* the engine is entered anew, if there is news of the relay */
  if (!nice_link_carry_up (held->link, packet, 1, io))
    {
      nice_relay_receive (held, packet, 1, io);
      nice_relay_settle (held);
    }
  goes_on = read_through_relay (self, held, (NicePacket *)io->up->data, io->up->len);
  nice_link_give_io (held->link, io);
  return goes_on && !is_over (self);
}

/* Whether the error is about the way to a relay's server. */
static gboolean
end_relay (Reader *self, const NiceAddress *to, IceReason reason)
{
  NiceBase *relay =
      self->base->relay != NULL ? self->base : nice_relays_find (self->relays, to);
  g_autoptr (NiceBase) held = relay != NULL ? nice_base_ref (relay) : NULL;

  if (held == NULL)
    return FALSE;
  leave (self);
  nice_relay_end (held, reason);
  look_up (self);
  return TRUE;
}

static void
tell_error (Reader *self, const NiceSendError *error)
{
  const IceReason reason = nice_reason_from_errno (error->error);

  if (end_relay (self, &error->to, reason))
    return;
  if (self->engine == NULL)
    self->engine = nice_driver_enter (self->driver, &self->now);
  if (self->engine != NULL)
    ice_engine_handle_base_error (self->engine, self->base->id, &error->to, reason,
                                  self->now);
}

static void
read_errors (Reader *self)
{
  NiceSendError error;

  while (nice_endpoint_take_error (self->base->endpoint, &error))
    tell_error (self, &error);
  leave (self);
}

/* --- What has waited --- */

/* Whoever comes while another thread is at it leaves the rest to that one, or to the
 * receiver of another context that there is by then. */
static void
deliver_pending (Reader *self)
{
  NicePendingItem *item;

  if (!g_atomic_int_compare_and_exchange (&self->component->is_emptying, FALSE, TRUE))
    return;
  while (self->receiver != NULL && self->receiver->reactor == self->reactor
         && (item = nice_pending_pop (&self->component->pending)) != NULL)
    {
      const NiceReceived received = { self->component->stream_id,
                                      self->component->component_id, item->data,
                                      item->len, item->tos };
      const gboolean goes_on = deliver (self, &received, &item->from);

      g_free (item);
      if (!goes_on)
        break;
    }
  g_atomic_int_set (&self->component->is_emptying, FALSE);
  nice_component_io_offer_pending (self->component);
  end_batch (self);
  nice_component_io_resume (self->component);
}

void
nice_receive_pending (NiceComponentIo *component)
{
  g_autoptr (GObject) owner = nice_driver_dup_owner (component->driver);
  Reader self = { .component = component, .driver = component->driver, .owner = owner };

  if (owner == NULL)
    return;
  look_up (&self);
  /* The timer is on the reactor of the receiver that it was set for; should there be
   * another one by now, its own timer is set too. */
  if (self.receiver != NULL
      && g_main_context_is_owner (nice_reactor_get_context (self.receiver->reactor)))
    self.reactor = self.receiver->reactor;
  if (self.reactor != NULL)
    deliver_pending (&self);
  let_go (&self);
}

/* --- From shared sockets --- */

static void
init_reader (Reader *self, NiceBase *base, GObject *owner, NiceReactor *reactor)
{
  *self = (Reader) { .base = base,
                     .component = base->component,
                     .driver = base->driver,
                     .owner = owner,
                     .reactor = reactor };
  look_up (self);
}

static void
finish_reader (Reader *self)
{
  if (self->has_data)
    nice_component_io_note (self->component, NICE_TRAFFIC_RECEIVED);
  let_go (self);
}

void
nice_receive_routed (NiceBase *base, NiceReactor *reactor, NicePacket *packets, guint n)
{
  g_autoptr (GObject) owner = nice_driver_dup_owner (base->driver);
  Reader self;

  if (owner == NULL)
    return;
  init_reader (&self, base, owner, reactor);
  if (!nice_pending_is_empty (&self.component->pending))
    deliver_pending (&self);
  if (!is_over (&self))
    read_packets (&self, packets, n);
  finish_reader (&self);
}

/* What is there by now: whoever goes on putting things in does not keep us here. */
static void
read_inbox (Reader *self)
{
  NicePending *inbox = &self->base->seat->inbox;
  gboolean goes_on = !is_over (self);
  NicePendingItem *item;

  for (guint n = g_atomic_int_get (&inbox->n_items);
       goes_on && n > 0 && (item = nice_pending_pop (inbox)) != NULL; n--)
    {
      NicePacket packet = { .data = item->data,
                            .size = item->len,
                            .stride = item->stride,
                            .tos = item->tos,
                            .flags = item->tos >= 0 ? NICE_PACKET_HAS_TOS : 0,
                            .from = item->from };

      goes_on = read_packets (self, &packet, 1);
      g_free (item);
    }
}

void
nice_receive_inbox (NiceBase *base, NiceReactor *reactor)
{
  g_autoptr (GObject) owner = nice_driver_dup_owner (base->driver);
  Reader self;

  if (owner == NULL)
    return;
  init_reader (&self, base, owner, reactor);
  read_inbox (&self);
  finish_reader (&self);
}

void
nice_receive_error (NiceBase *base, const NiceSendError *error)
{
  g_autoptr (GObject) owner = nice_driver_dup_owner (base->driver);
  Reader self;

  if (owner == NULL)
    return;
  init_reader (&self, base, owner, NULL);
  if (!is_over (&self))
    tell_error (&self, error);
  leave (&self);
  let_go (&self);
}

/* --- From sockets of its own --- */

/* What a connection brought, as the frames in it. */
static gint
rise_through_chain (NiceBase *base, NicePacket **packets, gint n, NiceChainIo *io)
{
  NiceLink *link = base->link;
  NiceLayerState state;

  if (nice_link_carry_up (link, *packets, n, io))
    {
      *packets = (NicePacket *)io->up->data;
      return io->up->len;
    }
  nice_gate_close (&link->gate);
  nice_chain_receive (link->chain, *packets, n, g_get_monotonic_time (), io);
  state = nice_chain_get_state (link->chain);
  nice_gate_open (&link->gate);
  if (io->down->len > 0)
    nice_endpoint_send (base->endpoint, nice_chain_io_get_down (io, 0), io->down->len);
  if (base->relay != NULL)
    nice_relay_settle (base);
  else if (state == NICE_LAYER_CLOSED)
    return -EPROTO;
  *packets = (NicePacket *)io->up->data;
  return io->up->len;
}

/* What a connection brought, after what whoever reads it already has of that in hand: a
 * function that was given a part may be what reads on. */
static gboolean
read_frames (Reader *self, NicePacket *packets, gint n)
{
  NiceBase *base = self->base;
  NiceChainIo *io = nice_reading_take_io (base);
  NiceHand hand, *outer = base->link->hand;
  gboolean goes_on = FALSE;

  n = rise_through_chain (base, &packets, n, io);
  if (base->relay != NULL)
    look_up (self); /* its news may have changed everything */
  if (n >= 0)
    {
      hand = (NiceHand) { packets, (guint)n };
      base->link->hand = &hand;
      goes_on = read_hand (self, &hand);
      base->link->hand = outer;
    }
  else
    nice_link_end (base, n);
  nice_reading_give_io (base, io);
  return goes_on;
}

/* Reads a batch. Returns whether there may be more and somebody to read it. */
static gboolean
read_batch (Reader *self, NiceSlab *slab)
{
  const gint n = nice_endpoint_receive (self->base->endpoint, slab);
  gboolean goes_on = FALSE;

  if (n < 0 && n != -EAGAIN && self->base->link != NULL)
    nice_link_end (self->base, n);
  else if (n > 0 && self->base->link != NULL)
    goes_on = read_frames (self, slab->packets, n);
  else if (n >= 0)
    goes_on = read_packets (self, slab->packets, n);
  return goes_on && slab->has_more;
}

static gboolean
read_batches (Reader *self, NicePool *pool, guint max_batches)
{
  NiceBase *base = self->base;
  NiceSlab *slab;
  guint i = 0;

  if (!nice_reading_begin (base, self->may_hold))
    {
      let_go (self);
      return FALSE;
    }
  slab = nice_pool_take (pool);
  if (base->link != NULL && base->link->hand != NULL && !is_over (self))
    read_hand (self, base->link->hand);
  while (i < max_batches && !is_over (self) && read_batch (self, slab)
         && !(base->link != NULL && nice_component_io_is_sated (self->component)))
    i++;
  nice_pool_give (pool, slab);
  finish_reader (self);
  nice_reading_end (base);
  return i == max_batches;
}

void
nice_receive_ready (NiceBase *base, NiceReactor *reactor, guint events)
{
  g_autoptr (GObject) owner = nice_driver_dup_owner (base->driver);
  Reader self;

  if (owner == NULL)
    return;
  init_reader (&self, base, owner, reactor);
  /* What is over would be ready for ever. */
  self.may_hold = (events & (EPOLLERR | EPOLLHUP)) == 0;
  if (events & EPOLLERR)
    read_errors (&self);
  if (!nice_pending_is_empty (&self.component->pending))
    deliver_pending (&self);
  read_batches (&self, nice_reactor_get_pool (reactor), MAX_BATCHES);
}

gboolean
nice_receive_directly (NiceBase *base, GObject *owner, NicePool *pool,
                       NiceCatchFunc caught, gpointer data)
{
  gboolean has_more;
  Reader self;

  if (base->via != NULL)
    return FALSE; /* what it has comes through that */
  init_reader (&self, base, owner, NULL);
  self.caught = caught;
  self.caught_data = data;
  if (base->seat != NULL)
    {
      has_more = nice_shard_read (base->seat->shard, pool);
      read_inbox (&self);
      finish_reader (&self);
      return has_more;
    }
  return read_batches (&self, pool, 1);
}
