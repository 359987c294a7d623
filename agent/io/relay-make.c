/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Makes the chain and the endpoint of an allocation, of a way to a STUN server, of a data
 * connection and of a connection through a proxy. Decides which recipe and which socket
 * that takes; must not know what becomes of it. RFC 8656 3.1, RFC 6062 4.3. */
#include "config.h"

#include <errno.h>

#include "io/proxies.h"
#include "io/random.h"
#include "io/relay-private.h"
#include "io/relay.h"
#include "socket/endpoint-tcp.h"
#include "socket/endpoint-udp.h"
#include "socket/recipes.h"

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
static NiceIngredients
get_ingredients (const NiceRoads *roads, NiceRecipe recipe, const IceServer *server,
                 const IceBaseRequest *request)
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
        .connections = request->relays_tcp,
        .family =
            request->relay_family == AF_INET6 ? TURN_FAMILY_IPV6 : TURN_FAMILY_DEFAULT,
        .timing =
            nice_recipe_is_stream (recipe)
                ? stun_timing_stream (roads->reliable_timeout)
                : stun_timing_halved (roads->initial_timeout, roads->max_retransmissions)
      };
    }
  return from;
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

gboolean
nice_relay_is_needed (const NiceRoads *roads, const IceBaseRequest *request)
{
  return request->kind == ICE_BASE_RELAY || request->kind == ICE_BASE_SERVER
         || (request->kind == ICE_BASE_TCP_CONNECT
             && (request->via != 0 || roads->tunnel != NICE_TUNNEL_NONE));
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
      return request->via == 0; /* else the relay makes it */
    case ICE_BASE_RELAY:
    case ICE_BASE_SERVER:
      return nice_recipe_is_stream (find_recipe (driver, request));
    }
  g_assert_not_reached ();
}

typedef struct
{
  NiceRecipe recipe;
  NiceIngredients from;
  NiceEndpoint *endpoint;
  NiceBase *via;     /* whose endpoint that is, NULL: its own */
  gboolean is_known; /* the engine has it as one that is there */
} Plan;

/* The first message leaves as soon as the scope is closed, or there is a connection. */
static gint
carry_out (NiceComponentIo *component, const IceBaseRequest *request, const Plan *plan,
           NiceBase **made)
{
  const gboolean is_stream = nice_recipe_is_stream (plan->recipe);
  NiceDriver *driver = component->driver;
  NiceBase *base =
      nice_base_new (component, request->id, plan->endpoint, NICE_BASE_DATAGRAMS);
  NiceLayer *turn;

  base->link = nice_link_new (nice_recipe_make (plan->recipe, &plan->from, &turn));
  base->relay = nice_relay_new (base, turn, request);
  base->relay->is_open = plan->is_known;
  base->stage = is_stream ? NICE_BASE_CONNECTING : NICE_BASE_STREAM;
  nice_driver_add_base (driver, base);
  if (!nice_relay_attach (base, plan->via))
    {
      nice_driver_remove_base (driver, request->id);
      return -ENOSPC;
    }
  nice_relay_set_timer (base, is_stream ? driver->now + NICE_RELAY_CONNECT_TIMEOUT : 0);
  *made = base;
  return 0;
}

gint
nice_relay_open (NiceComponentIo *component, const NiceRoads *roads,
                 const IceBaseRequest *request)
{
  NiceDriver *driver = component->driver;
  const IceServer *server = ice_engine_get_server (driver->engine, request->server);
  Plan plan = { 0 };
  NiceBase *base;
  gboolean is_stream;
  gint error;

  if (request->kind == ICE_BASE_TCP_CONNECT && request->via != 0)
    return nice_relay_call (driver, request);
  if (server == NULL && request->kind != ICE_BASE_TCP_CONNECT)
    return -ENOENT;
  plan.recipe = find_recipe (driver, request);
  plan.from = get_ingredients (roads, plan.recipe, server, request);
  is_stream = nice_recipe_is_stream (plan.recipe);
  error = is_stream ? connect_endpoint (roads, request, &plan.endpoint)
                    : share_endpoint (driver, request, &plan.via, &plan.endpoint);
  if (error == 0)
    error = carry_out (component, request, &plan, &base);
  if (error == 0)
    base->relay->is_apart = request->via != 0 && plan.via == NULL && !is_stream;
  return error;
}

gint
nice_relay_open_data (NiceBase *control, IceBaseId id, const TurnEvent *event)
{
  NiceDriver *driver = control->driver;
  const NiceRelay *relay = control->relay;
  const IceServer *server = ice_engine_get_server (driver->engine, relay->server_id);
  IceBaseRequest request = { .id = id,
                             .kind = ICE_BASE_TCP_CONNECT,
                             .local = control->endpoint->local,
                             .remote = relay->server,
                             .server = relay->server_id,
                             .server_kind = relay->server_kind };
  Plan plan = { .recipe = relay->server_kind == ICE_SERVER_TURN_TLS
                              ? NICE_RECIPE_TURN_DATA_TLS
                              : NICE_RECIPE_TURN_DATA_TCP,
                .is_known = event->connection.is_incoming };
  NiceBase *base;
  gint error;

  if (server == NULL || driver->has_classic)
    return -ENOENT;
  /* Which proxy the control connection took is not known here. */
  if (nice_proxies_are_asked (driver))
    return -EHOSTUNREACH;
  nice_address_set_port (&request.local, 0);
  error = connect_endpoint (&driver->roads, &request, &plan.endpoint);
  if (error < 0)
    return error;
  plan.from = get_ingredients (&driver->roads, plan.recipe, server, &request);
  memcpy (&plan.from.peer, &event->connection.peer, sizeof plan.from.peer);
  nice_gate_close (&control->link->gate);
  plan.from.bind = nice_layer_turn_make_bind (relay->turn, event->connection.id);
  nice_gate_open (&control->link->gate);
  return carry_out (control->component, &request, &plan, &base);
}
