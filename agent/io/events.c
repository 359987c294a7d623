/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Answers what the engine asks for (bases, addresses of servers) and takes over what it
 * decides about the data paths. Must not decide anything about ICE itself.
 *
 * NOTES: sockets are opened, bound and connected with the driver's lock. None of these
 * calls waits for anything: 20 us for one that is bound, 1 us for each port of a range
 * that is taken (20,000 of them: 19 ms), and no data path wants that lock. Outside of it
 * each would be an entry into the engine of its own, in the middle of a gathering that
 * the program may end in between. Names, and the system's proxies, are looked up without
 * it (resolver.c, proxies.c). */
#include "config.h"

#include <errno.h>

#include "io/driver-private.h"
#include "io/names.h"
#include "io/network.h"
#include "io/ports.h"
#include "io/proxies.h"
#include "io/relay.h"
#include "socket/endpoint-tcp.h"
#include "socket/endpoint-udp.h"
#include "socket/recipes.h"

IceReason
nice_reason_from_errno (gint error)
{
  switch (error)
    {
    case ECONNREFUSED:
    case ECONNRESET:
    case EPIPE:
      return ICE_REASON_REFUSED;
    case EADDRINUSE:
    case EACCES:
      return ICE_REASON_ADDRESS_IN_USE;
    case ETIMEDOUT:
      return ICE_REASON_TIMEOUT;
    case EMFILE:
    case ENFILE:
    case ENOMEM:
    case ENOBUFS:
    case ENOSPC:
      return ICE_REASON_NO_RESOURCES;
    default:
      return ICE_REASON_UNREACHABLE;
    }
}

static gboolean
find_position (NiceDriver *self, IceBaseId id, guint *position)
{
  guint low = 0, high = self->bases.len;

  /* The engine names bases in ascending order, so they are added at the end. */
  while (low < high)
    {
      const guint middle = (low + high) / 2;
      const NiceBase *base = ice_list_get (&self->bases, middle);

      if (base->id == id)
        {
          *position = middle;
          return TRUE;
        }
      if (base->id < id)
        low = middle + 1;
      else
        high = middle;
    }
  *position = low;
  return FALSE;
}

NiceBase *
nice_driver_find_base (NiceDriver *self, IceBaseId id)
{
  guint position;

  return find_position (self, id, &position) ? ice_list_get (&self->bases, position)
                                             : NULL;
}

void
nice_driver_add_base (NiceDriver *self, NiceBase *base)
{
  guint position;

  find_position (self, base->id, &position);
  ice_list_insert (&self->bases, position, base);
  if (base->component->tos != 0)
    nice_base_set_tos (base, base->component->tos);
  if (self->wants_tos && base->stage == NICE_BASE_DATAGRAMS)
    nice_udp_endpoint_want_tos (base->endpoint);
  nice_component_io_wake (base->component);
}

void
nice_driver_remove_base (NiceDriver *self, IceBaseId id)
{
  NiceComponentIo *component;
  NiceBase *base;
  guint position;

  if (!find_position (self, id, &position))
    return;
  base = ice_list_get (&self->bases, position);
  component = base->component;
  if (component->path != NULL && component->path->base == base)
    nice_component_io_set_path (component, NULL);
  nice_base_drop (base);
  nice_component_io_wake (component);
  ice_list_remove_index (&self->bases, position);
  nice_base_unref (base);
}

void
nice_driver_lose_base (NiceDriver *self, IceBaseId id, IceReason reason)
{
  nice_driver_remove_base (self, id);
  ice_engine_handle_base_error (self->engine, id, NULL, reason, self->now);
}

/* RFC 8445 5.3: which stream a check is for says the ufrag that it is sent to. */
static gint
join_mux (NiceComponentIo *component, const IceBaseRequest *request, NiceBase **base)
{
  NiceDriver *driver = component->driver;
  const gchar *ufrag = NULL, *pwd;

  if (driver->has_classic
      || !ice_engine_get_local_credentials (driver->engine, component->stream_id, &ufrag,
                                            &pwd))
    return -EPROTONOSUPPORT;
  return nice_mux_join (driver->mux, component, request, ufrag, base);
}

static gint
open_endpoint (const IceBaseRequest *request, NiceEndpoint **endpoint,
               NiceBaseStage *stage)
{
  switch (request->kind)
    {
    case ICE_BASE_UDP:
      *stage = NICE_BASE_DATAGRAMS;
      return nice_udp_endpoint_new (&request->local, request->min_port, request->max_port,
                                    endpoint);
    case ICE_BASE_TCP_LISTEN:
      *stage = NICE_BASE_LISTENING;
      return nice_tcp_listener_new (&request->local, request->min_port, request->max_port,
                                    endpoint);
    case ICE_BASE_TCP_CONNECT:
    case ICE_BASE_TCP_SO:
      *stage = NICE_BASE_CONNECTING;
      return nice_tcp_endpoint_connect (&request->local, &request->remote, endpoint);
    case ICE_BASE_RELAY: /* relay.c */
    case ICE_BASE_SERVER:
      return -ENOBUFS; /* NO_RESOURCES: this build has no such transport */
    }
  g_assert_not_reached ();
}

static gint
open_base (NiceComponentIo *component, const IceBaseRequest *request, NiceBase **base)
{
  NiceEndpoint *endpoint;
  NiceBaseStage stage;
  const gint error = open_endpoint (request, &endpoint, &stage);

  if (error == 0)
    *base = nice_base_new (component, request->id, endpoint, stage);
  return error;
}

/* Returns 1: the base is there, 0: its answer comes later, or a negative error. */
static gint
make_base (NiceComponentIo *component, const NiceRoads *roads,
           const IceBaseRequest *request, NiceAddress *local)
{
  NiceDriver *self = component->driver;
  NiceBase *base;
  gint error;

  if (request->kind == ICE_BASE_TCP_SO
      && (roads->tunnel != NICE_TUNNEL_NONE || roads->asks_system))
    return -EHOSTUNREACH; /* no proxy opens one, and nothing goes around it */
  if (nice_relay_is_needed (roads, request))
    return nice_relay_open (component, roads, request);
  error = request->kind == ICE_BASE_UDP && self->mux != NULL
              ? join_mux (component, request, &base)
              : open_base (component, request, &base);
  if (error < 0)
    return error;

  if (!nice_base_start (base, component->reactor))
    {
      nice_base_unref (base);
      return -ENOSPC;
    }
  nice_driver_add_base (self, base);
  nice_network_join (self);
  *local = base->endpoint->local;
  return base->stage != NICE_BASE_CONNECTING;
}

void
nice_driver_open_base (NiceDriver *self, const NiceRoads *roads, guint stream_id,
                       guint component_id, const IceBaseRequest *request)
{
  NiceComponentIo *component = nice_driver_find_component (self, stream_id, component_id);
  IceBaseResult result = { .error = ICE_REASON_NONE };
  gint made = -ENOENT;

  nice_address_init (&result.local);
  nice_address_init (&result.mapped);
  if (roads == NULL)
    made = -EHOSTUNREACH;
  else if (component != NULL)
    made = make_base (component, roads, request, &result.local);
  if (made < 0)
    result.error = nice_reason_from_errno (-made);
  if (made != 0)
    ice_engine_handle_base (self->engine, request->id, &result, self->now);
}

static void
handle_need_base (NiceDriver *self, const IceEvent *event)
{
  if (nice_proxies_decide (self, &event->need_base))
    nice_proxies_ask (self, event);
  else
    nice_driver_open_base (self, &self->roads, event->stream_id, event->component_id,
                           &event->need_base);
}

/* Of the pair of base and remote; NULL: it has none. */
static NiceMeter *
find_meter (const NiceBase *base, const NiceAddress *remote)
{
  const NicePath *path = base->component->path;

  if (path != NULL && path->base == base && nice_address_equal (&path->to, remote))
    return path->meter;
  return nice_sources_find (base->sources, remote);
}

gboolean
nice_driver_get_pair_traffic (NiceDriver *self, IceBaseId id, const NiceAddress *remote,
                              NiceTraffic *traffic)
{
  const NiceBase *base = nice_driver_find_base (self, id);
  NiceMeter *meter = base != NULL ? find_meter (base, remote) : NULL;

  if (meter != NULL)
    nice_meter_read (meter, traffic);
  return meter != NULL;
}

gboolean
nice_driver_get_traffic (NiceDriver *self, guint stream_id, guint component_id,
                         NiceTraffic *traffic)
{
  const NiceComponentIo *component =
      nice_driver_find_component (self, stream_id, component_id);

  if (component != NULL)
    nice_meter_read (component->meter, traffic);
  return component != NULL;
}

static void
handle_valid_path (NiceDriver *self, const IceEvent *event)
{
  NiceBase *base = nice_driver_find_base (self, event->path.base);
  NiceSources *old, *fresh;

  if (base == NULL)
    return;
  old = base->sources;
  fresh = event->path.valid ? nice_sources_with (old, &event->path.remote,
                                                 find_meter (base, &event->path.remote))
                            : nice_sources_without (old, &event->path.remote);
  g_atomic_pointer_set (&base->sources, fresh);
  nice_guard_retire (&self->readers, old, (GDestroyNotify)nice_sources_unref);
  if (base->seat == NULL)
    return;
  if (event->path.valid)
    nice_seat_claim (base->seat, &event->path.remote);
  else
    nice_seat_disclaim (base->seat, &event->path.remote);
}

static NicePath *
make_path (NiceBase *base, const NiceAddress *to)
{
  return nice_path_new (base, to, find_meter (base, to));
}

/* Through a relay it takes no channel yet: that is for what ICE concludes with. */
static void
handle_data_path (NiceDriver *self, const IceEvent *event)
{
  NiceComponentIo *component =
      nice_driver_find_component (self, event->stream_id, event->component_id);
  NiceBase *base = NULL;

  if (component == NULL)
    return;
  if (event->path.valid)
    base = nice_driver_find_base (self, event->path.base);
  nice_component_io_set_path (
      component, base != NULL ? make_path (base, &event->path.remote) : NULL);
}

static void
handle_selected_pair (NiceDriver *self, const IceEvent *event)
{
  NiceComponentIo *component =
      nice_driver_find_component (self, event->stream_id, event->component_id);
  NiceBase *base = nice_driver_find_base (self, event->selected.base);

  if (component != NULL && base != NULL)
    {
      nice_component_io_set_path (component, make_path (base, &event->selected.to));
      if (base->relay != NULL) /* RFC 8445 12.1.1: a channel, once ICE has concluded */
        nice_relay_select (base, &event->selected.to);
    }
}

static void
handle_consent (NiceDriver *self, const IceEvent *event)
{
  NiceComponentIo *component =
      nice_driver_find_component (self, event->stream_id, event->component_id);

  if (component != NULL)
    g_atomic_int_set (&component->has_consent, event->consent);
}

static void
handle_doubt (NiceDriver *self, const IceEvent *event)
{
  NiceBase *base = nice_driver_find_base (self, event->base);

  if (base != NULL && base->relay != NULL)
    nice_relay_probe (base);
}

static void
handle_need_permission (NiceDriver *self, const IceEvent *event)
{
  NiceBase *base = nice_driver_find_base (self, event->path.base);

  if (base != NULL && base->relay != NULL)
    nice_relay_allow (base, &event->path.remote);
}

void
nice_driver_handle_event (NiceDriver *self, const IceEvent *event)
{
  switch (event->type)
    {
    case ICE_EVENT_NEED_BASE:
      handle_need_base (self, event);
      return;
    case ICE_EVENT_DROP_BASE:
      nice_relay_hang_up (self, event->base);
      nice_driver_remove_base (self, event->base);
      nice_proxies_forget (self, event->base);
      return;
    case ICE_EVENT_NEED_ADDRESSES:
      if (self->look_ups == NULL)
        self->look_ups = g_array_new (FALSE, FALSE, sizeof event->server);
      g_array_append_val (self->look_ups, event->server);
      return;
    case ICE_EVENT_NEED_NAME:
      nice_names_need (self, event->name);
      return;
    case ICE_EVENT_DROP_NAME:
      nice_names_drop (self, event->name);
      return;
    case ICE_EVENT_DOUBT:
      handle_doubt (self, event);
      return;
    case ICE_EVENT_NEED_PERMISSION:
      handle_need_permission (self, event);
      return;
    case ICE_EVENT_VALID_PATH:
      handle_valid_path (self, event);
      return;
    case ICE_EVENT_DATA_PATH:
      handle_data_path (self, event);
      return;
    case ICE_EVENT_SELECTED_PAIR:
      handle_selected_pair (self, event);
      break;
    case ICE_EVENT_CONSENT:
      handle_consent (self, event);
      break;
    default: /* the shell's alone */
      break;
    }
  self->shell.event (self->shell_data, event);
  self->has_events = TRUE;
}
