/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Makes allocations, and all else that takes a hand-shake of layers, for the engine,
 * keeps them in time, and tells it what becomes of them. Decides nothing about
 * candidates; must not know how TURN is spoken. RFC 8656.
 *
 * A chain is guarded by its link's lock, which is never held while the engine or a socket
 * is called. */
#include "config.h"

#include "io/relay.h"

#include <errno.h>

#include "io/random.h"
#include "socket/endpoint-tcp.h"
#include "socket/endpoint-udp.h"
#include "socket/recipes.h"

struct _NiceRelay
{
  NiceBase *base; /* whose part this is */
  NiceTimer timer;
  NiceLayer *turn; /* the chain's; NULL: it has none */
  NiceAddress server;
  gboolean is_apart;  /* its socket is not the base's that it was asked to go via */
  gboolean is_ended;  /* with the driver's lock */
  gboolean is_open;   /* with the chain's lock: there is no allocation to wait for ... */
  gboolean is_failed; /* ... it failed; and that was told */
};

/* --- Making --- */

static NiceRecipe
find_recipe (const NiceDriver *driver, const IceBaseRequest *request)
{
  if (request->kind == ICE_BASE_TCP_CONNECT)
    return NICE_RECIPE_ICE_TCP;
  switch (request->server_kind)
    {
    case ICE_SERVER_TURN_UDP:
      return NICE_RECIPE_TURN_UDP;
    case ICE_SERVER_TURN_TCP:
      return NICE_RECIPE_TURN_TCP;
    case ICE_SERVER_TURN_TLS:
      /* The old dialects' relays only look at the first bytes. */
      return driver->has_classic ? NICE_RECIPE_TURN_PSEUDOSSL : NICE_RECIPE_TURN_TLS;
    case ICE_SERVER_TURN_DTLS:
      return NICE_RECIPE_TURN_DTLS;
    case ICE_SERVER_STUN_TCP:
      return NICE_RECIPE_STUN_TCP;
    case ICE_SERVER_STUN_TLS:
      return NICE_RECIPE_STUN_TLS;
    case ICE_SERVER_STUN_DTLS:
      return NICE_RECIPE_STUN_DTLS;
    case ICE_SERVER_STUN_UDP: /* the base's own */
      break;
    }
  g_assert_not_reached ();
}

/* server: NULL for a connection to a peer. */
static NiceChain *
make_chain (const NiceRoads *roads, NiceRecipe recipe, const IceServer *server,
            const IceBaseRequest *request, NiceLayer **turn)
{
  NiceIngredients from = {
    .remote = request->remote,
    .tunnel = roads->tunnel,
    .proxy_username = roads->proxy_username,
    .proxy_password = roads->proxy_password,
    .proxy_headers = roads->proxy_headers,
    .env = { .random = nice_random_fill },
  };

  if (server != NULL)
    {
      from.tls = (NiceTlsConfig) { .host = server->host,
                                   .trust_file = roads->trust_file,
                                   .validate = roads->validate };
      from.turn = (TurnConfig) {
        .username = server->username,
        .password = server->password,
        .family =
            request->relay_family == AF_INET6 ? TURN_FAMILY_IPV6 : TURN_FAMILY_DEFAULT,
        .timing =
            nice_recipe_is_stream (recipe)
                ? stun_timing_stream (roads->reliable_timeout)
                : stun_timing_halved (roads->initial_timeout, roads->max_retransmissions)
      };
    }
  return nice_recipe_make (recipe, &from, turn);
}

/* To the server or peer, or to the proxy on the way there. */
static gint
connect_endpoint (const NiceRoads *roads, const IceBaseRequest *request,
                  NiceEndpoint **endpoint)
{
  if (roads->tunnel == NICE_TUNNEL_NONE)
    return nice_tcp_endpoint_connect (&request->local, &request->remote, endpoint);
  if (request->kind == ICE_BASE_SERVER)
    return -EHOSTUNREACH; /* it would tell of the proxy's port, not of ours */
  return nice_tcp_endpoint_connect (&request->local, &roads->proxy, endpoint);
}

static gint
open_apart (const IceBaseRequest *request, NiceEndpoint **endpoint)
{
  NiceAddress local = request->local;

  nice_address_set_port (&local, 0);
  return nice_udp_endpoint_new (&local, 0, 0, endpoint);
}

/* The endpoint of the base that it goes via; or one of its own, for an allocation only,
 * where that is shared among agents, or somebody speaks from there to the very server:
 * RFC 8656 3.1 allows one for each 5-tuple. via: set to the base where it is shared. */
static gint
share_endpoint (NiceDriver *driver, const IceBaseRequest *request, NiceBase **via,
                NiceEndpoint **endpoint)
{
  NiceBase *base = nice_driver_find_base (driver, request->via), *other;

  if (request->via == 0)
    return open_apart (request, endpoint);
  if (base == NULL)
    return -ENOENT;
  other = nice_relays_find (base->relays, &request->remote);
  if (other == NULL && base->seat == NULL)
    {
      *via = base;
      *endpoint = nice_endpoint_ref (base->endpoint);
      return 0;
    }
  if (request->kind == ICE_BASE_SERVER || (other != NULL && other->relay->turn != NULL))
    return -EADDRINUSE;
  return open_apart (request, endpoint);
}

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

static NiceRelay *
relay_new (NiceBase *base, NiceLayer *turn, const NiceAddress *server)
{
  NiceRelay *self = g_new0 (NiceRelay, 1);

  self->base = base;
  self->timer.klass = &timer_class;
  self->turn = turn;
  self->server = *server;
  return self;
}

void
nice_relay_free (NiceRelay *self)
{
  g_free (self);
}

static void
set_timer (NiceBase *base, gint64 deadline)
{
  nice_timer_set (&base->relay->timer, base->driver->reactor, deadline);
}

/* Shares the endpoint of via, or watches its own. */
static gboolean
attach (NiceBase *base, NiceBase *via)
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

gboolean
nice_relay_is_needed (const NiceRoads *roads, const IceBaseRequest *request)
{
  return request->kind == ICE_BASE_RELAY || request->kind == ICE_BASE_SERVER
         || (request->kind == ICE_BASE_TCP_CONNECT && roads->tunnel != NICE_TUNNEL_NONE);
}

gboolean
nice_relay_is_stream (const NiceDriver *driver, const IceBaseRequest *request)
{
  switch (request->kind)
    {
    case ICE_BASE_UDP:
    case ICE_BASE_TCP_LISTEN:
    case ICE_BASE_TCP_SO: /* no proxy opens one */
      return FALSE;
    case ICE_BASE_TCP_CONNECT:
    case ICE_BASE_RELAY:
    case ICE_BASE_SERVER:
      return nice_recipe_is_stream (find_recipe (driver, request));
    }
  g_assert_not_reached ();
}

gint
nice_relay_open (NiceComponentIo *component, const NiceRoads *roads,
                 const IceBaseRequest *request)
{
  NiceDriver *driver = component->driver;
  const IceServer *server = ice_engine_get_server (driver->engine, request->server);
  const NiceRecipe recipe = find_recipe (driver, request);
  const gboolean is_stream = nice_recipe_is_stream (recipe);
  NiceEndpoint *endpoint = NULL;
  NiceBase *base, *via = NULL;
  NiceLayer *turn;
  gint error;

  if (server == NULL && request->kind != ICE_BASE_TCP_CONNECT)
    return -ENOENT;
  error = is_stream ? connect_endpoint (roads, request, &endpoint)
                    : share_endpoint (driver, request, &via, &endpoint);
  if (error < 0)
    return error;
  base = nice_base_new (component, request->id, endpoint, NICE_BASE_DATAGRAMS);
  base->link = nice_link_new (make_chain (roads, recipe, server, request, &turn));
  base->relay = relay_new (base, turn, &request->remote);
  base->relay->is_apart = request->via != 0 && via == NULL && !is_stream;
  base->stage = is_stream ? NICE_BASE_CONNECTING : NICE_BASE_STREAM;
  nice_driver_add_base (driver, base);
  if (!attach (base, via))
    {
      nice_driver_remove_base (driver, request->id);
      return -ENOSPC;
    }
  /* The first message leaves as soon as the scope is closed. */
  set_timer (base, base->stage == NICE_BASE_CONNECTING
                       ? driver->now + NICE_RELAY_CONNECT_TIMEOUT
                       : 0);
  return 0;
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
      tell_peer_error (base, event);
      return;
    case TURN_EVENT_RELEASED:
    case TURN_EVENT_CONNECTION:
      return;
    }
  g_assert_not_reached ();
}

void
nice_relay_rearm (NiceBase *base)
{
  const gint64 deadline = nice_chain_get_deadline (base->link->chain);

  if (deadline != base->relay->timer.deadline && !g_atomic_int_get (&base->is_dropped))
    set_timer (base, deadline);
}

/* With the chain's lock: what happened since the last time. */
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
  g_autoptr (GObject) owner = g_weak_ref_get (&base->driver->owner);
  gint64 now;

  if (owner == NULL)
    return;
  if (nice_driver_enter (base->driver, &now) != NULL)
    tell_news (base, news);
  nice_driver_leave (base->driver);
}

/* Once a run of packets: what has no news takes the chain's lock and no other. */
void
nice_relay_settle (NiceBase *base)
{
  News news = { 0 };
  gboolean has_news;

  g_mutex_lock (&base->link->lock);
  has_news = take_news (base, &news);
  nice_relay_rearm (base);
  g_mutex_unlock (&base->link->lock);
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
  g_autoptr (GObject) owner = g_weak_ref_get (&base->driver->owner);
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
  g_mutex_lock (&base->link->lock);
  nice_chain_handle_end (base->link->chain);
  g_mutex_unlock (&base->link->lock);
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
  g_mutex_lock (&base->link->lock);
  nice_chain_receive (base->link->chain, packets, n, g_get_monotonic_time (), io);
  g_mutex_unlock (&base->link->lock);
  send_down (base, io);
}

void
nice_relay_start (NiceBase *base)
{
  NiceChainIo *io = nice_link_take_io (base->link);
  gint error;

  g_mutex_lock (&base->link->lock);
  nice_chain_start (base->link->chain, g_get_monotonic_time (), io);
  g_mutex_unlock (&base->link->lock);
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

  g_mutex_lock (&base->link->lock);
  nice_chain_handle_timeout (base->link->chain, g_get_monotonic_time (), io);
  g_mutex_unlock (&base->link->lock);
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
  g_mutex_lock (&base->link->lock);
  nice_layer_turn_bind_channel (base->relay->turn, peer, base->driver->now);
  g_mutex_unlock (&base->link->lock);
  set_timer (base, 0);
}

void
nice_relay_allow (NiceBase *base, const NiceAddress *peer)
{
  if (base->relay->turn == NULL)
    return;
  g_mutex_lock (&base->link->lock);
  nice_layer_turn_allow (base->relay->turn, peer, base->driver->now);
  g_mutex_unlock (&base->link->lock);
  set_timer (base, 0);
}

void
nice_relay_say_goodbye (NiceBase *base)
{
  NiceChainIo *io = nice_link_take_io (base->link);

  set_timer (base, ICE_NEVER);
  g_mutex_lock (&base->link->lock);
  nice_chain_close (base->link->chain, g_get_monotonic_time (), io);
  g_mutex_unlock (&base->link->lock);
  send_down (base, io);
  nice_link_give_io (base->link, io);
}

gboolean
nice_relay_release (NiceBase *base)
{
  gboolean waits;

  set_timer (base, ICE_NEVER);
  g_mutex_lock (&base->link->lock);
  waits = base->relay->turn != NULL
          && nice_chain_get_state (base->link->chain) == NICE_LAYER_OPEN;
  if (waits)
    nice_layer_turn_release (base->relay->turn, g_get_monotonic_time ());
  g_mutex_unlock (&base->link->lock);
  if (waits)
    nice_relay_handle_timeout (base);
  return waits;
}

gboolean
nice_relay_is_over (NiceBase *base)
{
  gboolean is_over;

  g_mutex_lock (&base->link->lock);
  is_over = nice_chain_get_failed (base->link->chain) != NULL;
  g_mutex_unlock (&base->link->lock);
  return is_over;
}

gint64
nice_relay_get_deadline (NiceBase *base)
{
  gint64 deadline;

  g_mutex_lock (&base->link->lock);
  deadline = nice_chain_get_deadline (base->link->chain);
  g_mutex_unlock (&base->link->lock);
  return deadline;
}
