/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Keeps allocations, and all else that takes a hand-shake of layers, in time, and tells
 * the engine what becomes of them. Decides nothing about candidates; must not know how
 * TURN is spoken, nor how they are made. RFC 8656.
 *
 * A chain is guarded by its link's gate, which is never closed while the engine or a
 * socket is called. */
#include "config.h"

#include "io/relay.h"

#include <errno.h>

#include "io/relay-private.h"

static NiceBase *
get_base (NiceTimer *timer)
{
  return ((NiceRelay *)((guint8 *)timer - G_STRUCT_OFFSET (NiceRelay, timer)))->base;
}

static void
ref_timer (NiceTimer *timer)
{
  nice_base_ref (get_base (timer));
}

static void
unref_timer (NiceTimer *timer)
{
  nice_base_unref (get_base (timer));
}

static void due (NiceTimer *timer);

static const NiceTimerClass timer_class = { ref_timer, unref_timer, due };

NiceRelay *
nice_relay_new (NiceBase *base, NiceLayer *turn, const IceBaseRequest *request)
{
  NiceRelay *self = g_new0 (NiceRelay, 1);

  self->base = base;
  self->timer.klass = &timer_class;
  self->turn = turn;
  self->server = request->remote;
  self->server_id = request->server;
  self->server_kind = request->server_kind;
  return self;
}

void
nice_relay_free (NiceRelay *self)
{
  g_clear_pointer (&self->calls, g_array_unref);
  g_free (self);
}

void
nice_relay_set_timer (NiceBase *base, gint64 deadline)
{
  nice_timer_set (&base->relay->timer, base->driver->reactor, deadline);
}

gboolean
nice_relay_attach (NiceBase *base, NiceBase *via)
{
  GPtrArray *relays, *old;

  if (via == NULL)
    return nice_base_start (base, base->component->reactor);
  relays = g_ptr_array_new_with_free_func ((GDestroyNotify)nice_base_unref);
  for (guint i = 0; via->relays != NULL && i < via->relays->len; i++)
    g_ptr_array_add (relays, nice_base_ref (g_ptr_array_index (via->relays, i)));
  g_ptr_array_add (relays, nice_base_ref (base));
  base->via = nice_base_ref (via);
  g_mutex_lock (&base->driver->leaf);
  old = via->relays;
  g_atomic_pointer_set (&via->relays, relays);
  g_mutex_unlock (&base->driver->leaf);
  nice_guard_retire (&base->driver->readers, old, (GDestroyNotify)g_ptr_array_unref);
  return TRUE;
}

void
nice_relay_detach (NiceBase *base)
{
  NiceBase *via = base->via;
  GPtrArray *relays = NULL, *old;

  if (via == NULL)
    return;
  for (guint i = 0; via->relays != NULL && i < via->relays->len; i++)
    {
      NiceBase *other = g_ptr_array_index (via->relays, i);

      if (other == base)
        continue;
      if (relays == NULL)
        relays = g_ptr_array_new_with_free_func ((GDestroyNotify)nice_base_unref);
      g_ptr_array_add (relays, nice_base_ref (other));
    }
  g_mutex_lock (&base->driver->leaf);
  old = via->relays;
  g_atomic_pointer_set (&via->relays, relays);
  g_mutex_unlock (&base->driver->leaf);
  nice_guard_retire (&base->driver->readers, old, (GDestroyNotify)g_ptr_array_unref);
}

gboolean
nice_relay_is_allocation (const NiceBase *base)
{
  return base->relay != NULL && base->relay->turn != NULL;
}

gboolean
nice_relay_is_server (NiceBase *base, const NiceAddress *address)
{
  return base->relay->turn != NULL && nice_address_equal (&base->relay->server, address);
}

NiceBase *
nice_relays_find (GPtrArray *relays, const NiceAddress *server)
{
  for (guint i = 0; relays != NULL && i < relays->len; i++)
    {
      NiceBase *base = g_ptr_array_index (relays, i);

      if (nice_address_equal (&base->relay->server, server))
        return base;
    }
  return NULL;
}

/* --- What happens --- */

static IceReason
get_reason (NiceLayerFault fault)
{
  switch (fault)
    {
    case NICE_FAULT_TIMEOUT:
      return ICE_REASON_TIMEOUT;
    case NICE_FAULT_REFUSED:
      return ICE_REASON_REFUSED;
    case NICE_FAULT_UNAUTHORIZED:
      return ICE_REASON_UNAUTHORIZED;
    case NICE_FAULT_CERTIFICATE:
      return ICE_REASON_CERTIFICATE;
    case NICE_FAULT_NO_RESOURCES:
      return ICE_REASON_NO_RESOURCES;
    case NICE_FAULT_REDIRECTED:
      return ICE_REASON_REDIRECTED;
    case NICE_FAULT_PROTOCOL:
    case NICE_FAULT_UNSUPPORTED:
      return ICE_REASON_PROTOCOL;
    case NICE_FAULT_NONE:
    case NICE_FAULT_ENDED:
      return ICE_REASON_BASE_LOST;
    }
  g_assert_not_reached ();
}

static const IceReason turn_reasons[] = {
  [TURN_FAULT_NONE] = ICE_REASON_NONE,
  [TURN_FAULT_TIMEOUT] = ICE_REASON_TIMEOUT,
  [TURN_FAULT_FORGED] = ICE_REASON_UNAUTHORIZED,
  [TURN_FAULT_REDIRECTED] = ICE_REASON_REDIRECTED,
  [TURN_FAULT_BAD_REQUEST] = ICE_REASON_REFUSED,
  [TURN_FAULT_UNAUTHORIZED] = ICE_REASON_UNAUTHORIZED,
  [TURN_FAULT_FORBIDDEN] = ICE_REASON_FORBIDDEN,
  [TURN_FAULT_MISMATCH] = ICE_REASON_MISMATCH,
  [TURN_FAULT_FAMILY] = ICE_REASON_FAMILY,
  [TURN_FAULT_TRANSPORT] = ICE_REASON_TRANSPORT,
  [TURN_FAULT_CONNECTED] = ICE_REASON_REFUSED,
  [TURN_FAULT_UNREACHABLE] = ICE_REASON_REFUSED,
  [TURN_FAULT_QUOTA] = ICE_REASON_QUOTA,
  [TURN_FAULT_CAPACITY] = ICE_REASON_CAPACITY,
  [TURN_FAULT_SERVER] = ICE_REASON_REFUSED,
  [TURN_FAULT_LOST] = ICE_REASON_BASE_LOST,
};

/* In an open scope. The driver's half goes at once: the engine may ask for another. */
static void
tell_end (NiceBase *base, const IceBaseResult *result)
{
  NiceDriver *driver = base->driver;

  if (base->relay->is_ended || g_atomic_int_get (&base->is_dropped))
    return;
  base->relay->is_ended = TRUE;
  if (base->relay->is_open)
    {
      nice_driver_lose_base (driver, base->id, result->error);
      return;
    }
  nice_driver_remove_base (driver, base->id);
  ice_engine_handle_base (driver->engine, base->id, result, driver->now);
}

static void
tell_failed (NiceBase *base, const TurnEvent *event, const gchar *detail)
{
  const gchar *domain = event->failed.alternate_domain;
  IceBaseResult result = { .error = turn_reasons[event->failed.fault],
                           .code = event->failed.code,
                           .detail = detail,
                           .alternate_domain = *domain != '\0' ? domain : NULL };

  memcpy (&result.alternate, &event->failed.alternate, sizeof result.alternate);
  tell_end (base, &result);
}

/* No allocation was to be made: the way is all. */
static void
tell_open (NiceBase *base)
{
  NiceDriver *driver = base->driver;
  IceBaseResult result = { .local = base->endpoint->local };

  if (base->relay->is_ended || g_atomic_int_get (&base->is_dropped))
    return;
  nice_address_init (&result.mapped);
  ice_engine_handle_base (driver->engine, base->id, &result, driver->now);
}

static void
tell_allocated (NiceBase *base, const TurnEvent *event)
{
  NiceDriver *driver = base->driver;
  IceBaseResult result = { .error = ICE_REASON_NONE };

  if (base->relay->is_ended || g_atomic_int_get (&base->is_dropped))
    return;
  memcpy (&result.local, &event->allocated.relayed[0], sizeof result.local);
  nice_address_init (&result.mapped);
  if (!base->relay->is_apart)
    memcpy (&result.mapped, &event->allocated.mapped, sizeof result.mapped);
  ice_engine_handle_base (driver->engine, base->id, &result, driver->now);
}

/* RFC 792, RFC 4443 3.1: a port that nobody listens on is final, the rest may pass. */
static gboolean
is_hard (const TurnEvent *event)
{
  if (!event->peer.is_icmp)
    return TRUE;
  return event->peer.address.s.addr.sa_family == AF_INET6
             ? event->peer.icmp_type == 1 && event->peer.icmp_code == 4
             : event->peer.icmp_type == 3 && event->peer.icmp_code == 3;
}

static IceReason
get_peer_reason (const TurnEvent *event)
{
  if (event->peer.is_icmp)
    return ICE_REASON_REFUSED;
  if (event->peer.code == 0)
    return ICE_REASON_TIMEOUT;
  return turn_reasons[turn_fault_of_code (event->peer.code)];
}

/* What the server says of a peer holds for all its ports, ICMP for one. */
static void
tell_peer_error (NiceBase *base, const TurnEvent *event)
{
  const IceReason reason = get_peer_reason (event);
  NiceAddress peer;
  gchar text[NICE_ADDRESS_STRING_LEN];

  memcpy (&peer, &event->peer.address, sizeof peer);
  nice_address_to_string (&peer, text);
  g_debug ("relay %u: peer %s:%u: %s (%u)", base->id, text, nice_address_get_port (&peer),
           event->peer.is_icmp
               ? "ICMP"
               : turn_fault_get_name (turn_fault_of_code (event->peer.code)),
           event->peer.is_icmp ? event->peer.icmp_type : event->peer.code);
  if (!is_hard (event))
    return;
  if (!event->peer.is_icmp)
    nice_address_set_port (&peer, 0);
  ice_engine_handle_base_error (base->driver->engine, base->id, &peer, reason,
                                base->driver->now);
}

static void
tell_event (NiceBase *base, const TurnEvent *event, const gchar *detail)
{
  switch (event->type)
    {
    case TURN_EVENT_ALLOCATED:
      tell_allocated (base, event);
      return;
    case TURN_EVENT_FAILED:
      tell_failed (base, event, detail);
      return;
    case TURN_EVENT_PEER_ERROR:
      if (!nice_relay_handle_no_connection (base, &event->peer.address,
                                            get_peer_reason (event)))
        tell_peer_error (base, event);
      return;
    case TURN_EVENT_CONNECTION:
      nice_relay_handle_connection (base, event);
      return;
    case TURN_EVENT_RELEASED:
      return;
    }
  g_assert_not_reached ();
}

void
nice_relay_rearm (NiceBase *base)
{
  const gint64 deadline = nice_chain_get_deadline (base->link->chain);

  if (deadline != base->relay->timer.deadline && !g_atomic_int_get (&base->is_dropped))
    nice_relay_set_timer (base, deadline);
}

/* With the chain's gate closed: what happened since the last time. */
typedef struct
{
  GArray *events;   /* of TurnEvent, NULL: none */
  gboolean is_open; /* and nothing more was wanted */
  gchar *detail;    /* why the chain failed */
  NiceLayerFault fault;
} News;

static gboolean
is_newly_open (NiceBase *base)
{
  if (base->relay->turn != NULL || base->relay->is_open
      || nice_chain_get_state (base->link->chain) != NICE_LAYER_OPEN)
    return FALSE;
  base->relay->is_open = TRUE;
  return TRUE;
}

static gboolean
take_news (NiceBase *base, News *news)
{
  const NiceLayer *failed = nice_chain_get_failed (base->link->chain);
  TurnEvent event;

  while (base->relay->turn != NULL
         && nice_layer_turn_poll_event (base->relay->turn, &event))
    {
      if (news->events == NULL)
        news->events = g_array_new (FALSE, FALSE, sizeof event);
      g_array_append_val (news->events, event);
    }
  news->is_open = is_newly_open (base);
  if (failed == NULL || base->relay->is_failed)
    return news->events != NULL || news->is_open;
  base->relay->is_failed = TRUE;
  news->fault = failed->fault;
  news->detail = g_strdup_printf ("%s: %s", failed->klass->name,
                                  failed->detail != NULL
                                      ? failed->detail
                                      : nice_layer_fault_get_name (failed->fault));
  return TRUE;
}

static void
tell_news (NiceBase *base, const News *news)
{
  const IceBaseResult end = { .error = get_reason (news->fault), .detail = news->detail };

  for (guint i = 0; news->events != NULL && i < news->events->len; i++)
    tell_event (base, &g_array_index (news->events, TurnEvent, i), news->detail);
  if (news->is_open)
    tell_open (base);
  if (news->detail != NULL)
    tell_end (base, &end);
}

static void
tell_owner (NiceBase *base, const News *news)
{
  g_autoptr (GObject) owner = nice_driver_dup_owner (base->driver);
  gint64 now;

  if (owner == NULL)
    return;
  if (nice_driver_enter (base->driver, &now) != NULL)
    tell_news (base, news);
  nice_driver_leave (base->driver);
}

/* Once a run of packets: what has no news closes the chain's gate, and takes no lock
 * beside. */
void
nice_relay_settle (NiceBase *base)
{
  News news = { 0 };
  gboolean has_news;

  nice_gate_close (&base->link->gate);
  has_news = take_news (base, &news);
  nice_relay_rearm (base);
  nice_gate_open (&base->link->gate);
  if (!has_news)
    return;
  if (news.detail != NULL)
    g_debug ("relay %u: %s", base->id, news.detail);
  tell_owner (base, &news);
  g_clear_pointer (&news.events, g_array_unref);
  g_free (news.detail);
}

void
nice_relay_end (NiceBase *base, IceReason reason)
{
  g_autoptr (GObject) owner = nice_driver_dup_owner (base->driver);
  const IceBaseResult result = { .error = reason };
  gint64 now;

  nice_base_stop (base);
  if (owner == NULL)
    return;
  if (nice_driver_enter (base->driver, &now) != NULL)
    tell_end (base, &result);
  nice_driver_leave (base->driver);
}

/* The layer that was not done with the connection says so. */
void
nice_relay_handle_end (NiceBase *base)
{
  nice_base_stop (base);
  nice_gate_close (&base->link->gate);
  nice_chain_handle_end (base->link->chain);
  nice_gate_open (&base->link->gate);
  nice_relay_settle (base);
}

/* --- Bytes --- */

/* 0, or a negative error. */
static gint
send_down (NiceBase *base, NiceChainIo *io)
{
  gint sent = 0;

  if (io->down->len > 0)
    sent = nice_endpoint_send (base->endpoint, nice_chain_io_get_down (io, 0),
                               io->down->len);
  g_array_set_size (io->down, 0);
  return MIN (sent, 0);
}

void
nice_relay_receive (NiceBase *base, NicePacket *packets, guint n, NiceChainIo *io)
{
  nice_gate_close (&base->link->gate);
  nice_chain_receive (base->link->chain, packets, n, g_get_monotonic_time (), io);
  nice_gate_open (&base->link->gate);
  send_down (base, io);
}

void
nice_relay_start (NiceBase *base)
{
  NiceChainIo *io = nice_link_take_io (base->link);
  gint error;

  nice_gate_close (&base->link->gate);
  nice_chain_start (base->link->chain, g_get_monotonic_time (), io);
  nice_gate_open (&base->link->gate);
  error = send_down (base, io);
  nice_link_give_io (base->link, io);
  /* From that address there is no way to the server: nothing to wait for. An allocation
   * that is there outlives such errors. */
  if (error < 0 && error != -EAGAIN && error != -ENOBUFS)
    nice_relay_end (base, nice_reason_from_errno (-error));
  else
    nice_relay_settle (base);
}

void
nice_relay_handle_timeout (NiceBase *base)
{
  NiceChainIo *io = nice_link_take_io (base->link);

  nice_gate_close (&base->link->gate);
  nice_chain_handle_timeout (base->link->chain, g_get_monotonic_time (), io);
  nice_gate_open (&base->link->gate);
  send_down (base, io);
  nice_link_give_io (base->link, io);
}

static void
due (NiceTimer *timer)
{
  NiceBase *base = get_base (timer);

  if (g_atomic_int_get (&base->is_dropped))
    return;
  if (g_atomic_int_get (&base->stage) == NICE_BASE_CONNECTING)
    nice_relay_end (base, ICE_REASON_TIMEOUT);
  else if (nice_chain_is_started (base->link->chain))
    {
      nice_relay_handle_timeout (base);
      nice_relay_settle (base);
    }
  else
    nice_relay_start (base);
}

void
nice_relay_select (NiceBase *base, const NiceAddress *peer)
{
  if (base->relay->turn == NULL)
    return; /* a connection, with nobody to tell */
  nice_gate_close (&base->link->gate);
  nice_layer_turn_bind_channel (base->relay->turn, peer, base->driver->now);
  nice_gate_open (&base->link->gate);
  nice_relay_set_timer (base, 0);
}

void
nice_relay_probe (NiceBase *base)
{
  if (base->relay->turn == NULL)
    return;
  nice_gate_close (&base->link->gate);
  nice_layer_turn_probe (base->relay->turn, base->driver->now);
  nice_relay_rearm (base);
  nice_gate_open (&base->link->gate);
}

void
nice_relay_allow (NiceBase *base, const NiceAddress *peer)
{
  if (base->relay->turn == NULL)
    return;
  nice_gate_close (&base->link->gate);
  nice_layer_turn_allow (base->relay->turn, peer, base->driver->now);
  nice_gate_open (&base->link->gate);
  nice_relay_set_timer (base, 0);
}

void
nice_relay_say_goodbye (NiceBase *base)
{
  NiceChainIo *io = nice_link_take_io (base->link);

  nice_relay_set_timer (base, ICE_NEVER);
  nice_gate_close (&base->link->gate);
  nice_chain_close (base->link->chain, g_get_monotonic_time (), io);
  nice_gate_open (&base->link->gate);
  send_down (base, io);
  nice_link_give_io (base->link, io);
}

gboolean
nice_relay_release (NiceBase *base)
{
  gboolean waits;

  nice_relay_set_timer (base, ICE_NEVER);
  nice_gate_close (&base->link->gate);
  waits = base->relay->turn != NULL
          && nice_chain_get_state (base->link->chain) == NICE_LAYER_OPEN;
  if (waits)
    nice_layer_turn_release (base->relay->turn, g_get_monotonic_time ());
  nice_gate_open (&base->link->gate);
  if (waits)
    nice_relay_handle_timeout (base);
  return waits;
}

gboolean
nice_relay_is_over (NiceBase *base)
{
  gboolean is_over;

  nice_gate_close (&base->link->gate);
  is_over = nice_chain_get_failed (base->link->chain) != NULL;
  nice_gate_open (&base->link->gate);
  return is_over;
}

gint64
nice_relay_get_deadline (NiceBase *base)
{
  gint64 deadline;

  nice_gate_close (&base->link->gate);
  deadline = nice_chain_get_deadline (base->link->chain);
  nice_gate_open (&base->link->gate);
  return deadline;
}
