/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Decides how long a descriptor lives, until the engine has dropped its base and the last
 * thread that sends or reads on it is done, and what its socket is watched for. */
#include "config.h"

#include <errno.h>
#include <sys/epoll.h>

#include "io/bundle.h"
#include "io/driver-private.h"
#include "io/ports.h"
#include "io/relay.h"
#include "socket/layer-rfc4571.h"

/* Messages that become packets at a time. */
#define BATCH 64

/* --- Watching --- */

static NiceBase *
get_base (NiceWatch *watch)
{
  return (NiceBase *)((guint8 *)watch - G_STRUCT_OFFSET (NiceBase, watch));
}

static void
ref_watch (NiceWatch *watch)
{
  nice_base_ref (get_base (watch));
}

static void
unref_watch (NiceWatch *watch)
{
  nice_base_unref (get_base (watch));
}

static guint
get_events (NiceBase *self)
{
  if (g_atomic_int_get (&self->stage) == NICE_BASE_CONNECTING)
    return EPOLLOUT;
  return (self->link != NULL && self->link->is_held ? 0 : EPOLLIN)
         | (g_atomic_int_get (&self->endpoint->has_backlog) ? EPOLLOUT : 0);
}

static void
update_watch (NiceBase *self)
{
  g_mutex_lock (&self->driver->leaf);
  nice_watch_change (&self->watch, get_events (self));
  g_mutex_unlock (&self->driver->leaf);
}

void
nice_base_set_held (NiceBase *self, gboolean is_held)
{
  self->link->is_held = is_held;
  nice_watch_change (&self->watch, get_events (self));
}

gboolean
nice_base_brings_data (NiceBase *self)
{
  const NiceBaseStage stage = g_atomic_int_get (&self->stage);

  return stage == NICE_BASE_DATAGRAMS || stage == NICE_BASE_STREAM;
}

gboolean
nice_base_is_stream (const NiceBase *self)
{
  return self->link != NULL && !nice_relay_is_allocation (self);
}

/* What waits to leave in one go takes the room first. */
static void
tell_writable (NiceBase *self)
{
  NiceDriver *driver = self->driver;
  g_autoptr (GObject) owner = nice_driver_dup_owner (driver);
  NiceBundle *bundle = g_atomic_pointer_get (&self->component->bundle);

  if (bundle != NULL)
    nice_bundle_flush (bundle);

  if (owner != NULL && driver->shell.writable != NULL)
    driver->shell.writable (owner, self->component->stream_id,
                            self->component->component_id);
}

static void
flush (NiceBase *self)
{
  const gint result = nice_endpoint_flush (self->endpoint);

  if (result < 0)
    nice_link_end (self, result);
  else if (result > 0)
    {
      update_watch (self);
      if (g_atomic_int_compare_and_exchange (&self->has_refused, TRUE, FALSE))
        tell_writable (self);
    }
}

static void
ready (NiceWatch *watch, NiceReactor *reactor, guint events)
{
  NiceBase *self = get_base (watch);

  switch ((NiceBaseStage)g_atomic_int_get (&self->stage))
    {
    case NICE_BASE_LISTENING:
      nice_link_accept (self);
      return;
    case NICE_BASE_CONNECTING:
      nice_link_finish (self);
      update_watch (self);
      return;
    case NICE_BASE_STREAM:
      if (events & EPOLLOUT)
        flush (self);
      break;
    case NICE_BASE_DATAGRAMS:
      break;
    }
  if (events & ~EPOLLOUT)
    nice_receive_ready (self, reactor, events);
}

static const NiceWatchClass watch_class = { ref_watch, unref_watch, ready };

gboolean
nice_base_start (NiceBase *self, NiceReactor *reactor)
{
  gboolean started;

  if (self->via != NULL)
    return TRUE; /* which is watched */
  if (self->seat != NULL)
    {
      nice_seat_move (self->seat, reactor);
      return TRUE;
    }
  g_mutex_lock (&self->driver->leaf);
  /* Readers stop the watch under this lock, and start it again (receive.c). */
  started =
      self->watch.reactor != NULL
      || nice_watch_start (&self->watch, reactor, self->endpoint->fd, get_events (self));
  g_mutex_unlock (&self->driver->leaf);
  return started;
}

void
nice_base_stop (NiceBase *self)
{
  g_mutex_lock (&self->driver->leaf);
  nice_watch_stop (&self->watch);
  g_mutex_unlock (&self->driver->leaf);
}

void
nice_base_set_tos (NiceBase *self, guint8 tos)
{
  if (self->seat != NULL)
    g_atomic_int_set (&self->seat->tos, tos);
  else
    nice_endpoint_set_tos (self->endpoint, tos);
}

/* --- Life --- */

/* RFC 6544 10.1 */
static NiceChain *
make_framing (void)
{
  NiceChain *chain = nice_chain_new ();
  g_auto (NiceChainIo) io = { 0 };

  nice_chain_add (chain, nice_layer_rfc4571_new ());
  nice_chain_start (chain, g_get_monotonic_time (), &io);
  return chain;
}

NiceBase *
nice_base_new (NiceComponentIo *component, IceBaseId id, NiceEndpoint *endpoint,
               NiceBaseStage stage)
{
  NiceBase *self = g_new0 (NiceBase, 1);

  self->ref_count = 1;
  self->stage = stage;
  self->id = id;
  self->driver = nice_driver_ref (component->driver);
  self->component = nice_component_io_ref (component);
  self->endpoint = endpoint;
  self->watch.klass = &watch_class;
  if (stage == NICE_BASE_CONNECTING || stage == NICE_BASE_STREAM)
    self->link = nice_link_new (make_framing ());
  return self;
}

NiceBase *
nice_base_ref (NiceBase *self)
{
  g_atomic_int_inc (&self->ref_count);
  return self;
}

void
nice_base_unref (NiceBase *self)
{
  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;
  g_clear_pointer (&self->seat, nice_seat_free);
  nice_endpoint_unref (self->endpoint);
  g_clear_pointer (&self->link, nice_link_free);
  g_clear_pointer (&self->relay, nice_relay_free);
  g_clear_pointer (&self->via, nice_base_unref);
  g_clear_pointer (&self->relays, g_ptr_array_unref);
  nice_sources_unref (self->sources);
  nice_component_io_unref (self->component);
  nice_driver_unref (self->driver);
  g_free (self);
}

void
nice_base_drop (NiceBase *self)
{
  if (self->relay != NULL && !g_atomic_int_get (&self->is_dropped))
    nice_driver_put_off (&self->driver->farewells, nice_base_ref (self));
  g_atomic_int_set (&self->is_dropped, TRUE);
  if (self->seat != NULL)
    nice_seat_leave (self->seat);
  nice_base_stop (self);
}

/* --- Sending --- */

/* Returns how many of the n_packets that made them are on their way. */
static gint
send_all (NiceEndpoint *endpoint, const NiceChainIo *io, guint n_packets)
{
  gint sent;

  if (io->down->len == 0)
    return n_packets; /* a relay keeps them until the peer is let through */
  sent = nice_endpoint_send (endpoint, nice_chain_io_get_down (io, 0), io->down->len);
  return sent < 0 || (guint)sent < io->down->len ? MIN (sent, (gint)n_packets)
                                                 : (gint)n_packets;
}

/* Frames of several threads may change order among each other, their bytes may not: the
 * endpoint takes what one call gives it in one piece. */
static gint
send_through_chain (NiceBase *self, const NiceOutPacket *packets, guint n_packets)
{
  NiceLink *link = self->link;
  NiceChainIo *io = nice_link_take_io (link);
  gint result;

  if (!nice_link_carry_down (link, packets, n_packets, io))
    {
      nice_gate_close (&link->gate);
      nice_chain_send (link->chain, packets, n_packets, g_get_monotonic_time (), io);
      if (self->relay != NULL)
        nice_relay_rearm (self);
      nice_gate_open (&link->gate);
    }
  result = send_all (self->endpoint, io, n_packets);
  nice_link_give_io (link, io);
  if (self->via == NULL && g_atomic_int_get (&self->endpoint->has_backlog))
    update_watch (self);
  return result;
}

/* Whoever is refused hears when there is room: flush() looks for has_refused after it has
 * emptied the backlog, so the backlog is looked at after has_refused was set. FALSE: it
 * is empty now. */
static gboolean
refuse (NiceBase *self)
{
  if (!g_atomic_int_get (&self->endpoint->has_backlog))
    return FALSE;
  g_atomic_int_set (&self->has_refused, TRUE);
  return g_atomic_int_get (&self->endpoint->has_backlog);
}

/* Data; other threads may fill the backlog between the look and the call. */
static gint
send_data (NiceBase *self, const NiceOutPacket *packets, guint n_packets)
{
  gint result = -EAGAIN;

  while (result == -EAGAIN && !refuse (self))
    {
      result = send_through_chain (self, packets, n_packets);
      if (self->endpoint->klass->flush == NULL)
        break; /* nobody can say when datagrams have room again */
    }
  return result;
}

gint
nice_base_send (NiceBase *self, const NiceOutPacket *packets, guint n_packets,
                gboolean is_control)
{
  switch ((NiceBaseStage)g_atomic_int_get (&self->stage))
    {
    case NICE_BASE_DATAGRAMS:
      if (self->seat != NULL)
        return nice_seat_send (self->seat, packets, n_packets, is_control);
      return nice_endpoint_send (self->endpoint, packets, n_packets);
    case NICE_BASE_LISTENING:
    case NICE_BASE_CONNECTING:
      return -ENOTCONN;
    case NICE_BASE_STREAM:
      return is_control ? send_through_chain (self, packets, n_packets)
                        : send_data (self, packets, n_packets);
    }
  g_assert_not_reached ();
}

/* Through layers, so each message becomes a packet that they can write to. */
static gint
send_wrapped (NiceBase *self, const NiceOutRun *run, gsize *bytes)
{
  NiceOutPacket packets[BATCH];
  guint sent = 0, n;
  gint result;

  do
    {
      n = MIN (run->n_messages - sent, BATCH);
      for (guint i = 0; i < n; i++)
        nice_out_packet_wrap (&packets[i], &run->messages[sent + i], run->to);
      result = nice_base_send (self, packets, n, FALSE);
      for (gint i = 0; i < result; i++)
        *bytes += packets[i].size;
      sent += MAX (result, 0);
    }
  while (result == (gint)n && sent < run->n_messages);
  return sent > 0 ? (gint)sent : result;
}

gint
nice_base_send_run (NiceBase *self, const NiceOutRun *run, gsize *bytes)
{
  if (g_atomic_int_get (&self->stage) != NICE_BASE_DATAGRAMS)
    return send_wrapped (self, run, bytes);
  if (self->seat != NULL)
    return nice_seat_send_run (self->seat, run, bytes);
  return nice_endpoint_send_run (self->endpoint, run, bytes);
}
