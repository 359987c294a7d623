/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The driver of a simulated peer: one input, then both polls until they are empty, then
 * the deadline (agent/ice/engine.h). It must not know NATs, nor what is right in ICE. */
#include "config.h"

#include "sim-peer-private.h"
#include "sim-stun.h"

#define MAX_POLLS 100000   /* of one drain: more is a loop */
#define MAX_SAME_TIME 1000 /* timeouts of one instant */

static void arm (SimPeer *self);

/* --- Environment --- */

static void
fill_random (gpointer data, guint8 *dest, gsize len)
{
  sim_random_fill (&((SimPeer *)data)->random, dest, len);
}

static void
trace (gpointer data, gint64 now, const gchar *line)
{
  SimPeer *self = data;

  sim_world_trace (self->world, "%s: %s", self->name, line);
}

/* --- Events --- */

static void
note_state (SimPeer *self, const IceEvent *event)
{
  SimComponent *component =
      sim_peer_get_component (self, event->stream_id, event->component_id);
  gint64 now = sim_world_get_now (self->world);

  if (component == NULL)
    return;
  if (component->state == event->state.state)
    sim_fail (self->world, "%s: told state %s twice", self->name,
              sim_state_name (event->state.state));
  component->state = event->state.state;
  switch (event->state.state)
    {
    case ICE_COMPONENT_CONNECTED:
      component->connected_at = now;
      break;
    case ICE_COMPONENT_READY:
      component->ready_at = now;
      break;
    case ICE_COMPONENT_FAILED:
      component->failed_at = now;
      component->reason = event->state.reason;
      if (component->reason == ICE_REASON_NONE)
        sim_fail (self->world, "%s: a failure without a reason", self->name);
      break;
    case ICE_COMPONENT_DISCONNECTED:
    case ICE_COMPONENT_GATHERING:
    case ICE_COMPONENT_CONNECTING:
      break;
    }
}

static void
note_selected (SimPeer *self, const IceEvent *event)
{
  SimComponent *component =
      sim_peer_get_component (self, event->stream_id, event->component_id);
  gint64 now = sim_world_get_now (self->world);

  if (component == NULL)
    return;
  component->is_selected = TRUE;
  component->has_data_path = FALSE;
  sim_peer_prefer_path (self, event->selected.base, &event->selected.to);
  component->base = event->selected.base;
  component->to = event->selected.to;
  component->last_selected_at = now;
  if (component->n_selections++ == 0)
    component->first_selected_at = now;
}

static void
note_data_path (SimPeer *self, const IceEvent *event)
{
  SimPath path = { event->path.base, event->path.remote };
  SimComponent *component =
      sim_peer_get_component (self, event->stream_id, event->component_id);

  if (component == NULL)
    return;
  if (event->path.valid && !g_hash_table_contains (self->paths, &path))
    sim_fail (self->world, "%s: data path %u is not valid", self->name, path.base);
  component->is_selected = FALSE;
  component->has_data_path = event->path.valid;
  component->base = path.base;
  component->to = path.remote;
}

static void
note_path (SimPeer *self, const IceEvent *event)
{
  SimPath path = { event->path.base, event->path.remote };

  if (event->path.valid)
    g_hash_table_add (self->paths, g_memdup2 (&path, sizeof path));
  else
    g_hash_table_remove (self->paths, &path);
}

typedef struct
{
  SimPeer *peer;
  guint server;
  IceServerKind kind;
  SimName name;
} Lookup;

static void
answer_lookup (gpointer data)
{
  Lookup *lookup = data;
  SimPeer *self = lookup->peer;

  IceTarget targets[G_N_ELEMENTS (lookup->name.addresses)];

  for (guint i = 0; i < lookup->name.n; i++)
    targets[i] = (IceTarget) { lookup->kind, lookup->name.addresses[i] };
  ice_engine_handle_addresses (self->engine, lookup->server, targets, lookup->name.n,
                               TRUE, sim_world_get_now (self->world));
  sim_peer_drain (self);
  g_free (lookup);
}

static SimName *
find_name (SimPeer *self, const gchar *name)
{
  for (guint i = 0; i < self->names->len; i++)
    {
      SimName *known = g_ptr_array_index (self->names, i);

      if (g_str_equal (known->name, name))
        return known;
    }
  return NULL;
}

static void
look_up (SimPeer *self, guint server_id)
{
  const IceServer *server = ice_engine_get_server (self->engine, server_id);
  Lookup *lookup = g_new0 (Lookup, 1);
  SimName *name;

  if (server == NULL)
    sim_fail (self->world, "%s: addresses of server %u, which it does not know",
              self->name, server_id);
  name = find_name (self, server->host);
  lookup->peer = self;
  lookup->server = server_id;
  lookup->kind = server->kind;
  if (name != NULL)
    lookup->name = *name;
  else
    {
      lookup->name.n = 1;
      lookup->name.addresses[0] = sim_address (server->host);
    }
  for (guint i = 0; i < lookup->name.n; i++)
    lookup->name.addresses[i] =
        sim_address_with_port (&lookup->name.addresses[i], server->port);
  sim_clock_at (sim_world_get_clock (self->world),
                sim_world_get_now (self->world) + lookup->name.delay, answer_lookup,
                lookup, g_free);
}

static void
trace_event (SimPeer *self, const IceEvent *event)
{
  gchar a[SIM_ADDRESS_TEXT] = "", b[SIM_ADDRESS_TEXT] = "";

  switch (event->type)
    {
    case ICE_EVENT_LOCAL_CANDIDATE:
    case ICE_EVENT_REMOTE_CANDIDATE:
      sim_world_trace (self->world, "%s: %s %u.%u %s %s", self->name,
                       sim_event_name (event->type), event->stream_id,
                       event->component_id,
                       sim_candidate_type_name (event->candidate.type),
                       sim_address_format (&event->candidate.addr, a));
      break;
    case ICE_EVENT_SELECTED_PAIR:
      sim_world_trace (self->world, "%s: selected %u.%u %s %s -> %s %s", self->name,
                       event->stream_id, event->component_id,
                       sim_candidate_type_name (event->selected.local.type),
                       sim_address_format (&event->selected.local.addr, a),
                       sim_candidate_type_name (event->selected.remote.type),
                       sim_address_format (&event->selected.remote.addr, b));
      break;
    case ICE_EVENT_COMPONENT_STATE:
      sim_world_trace (self->world, "%s: %u.%u is %s (reason %d)", self->name,
                       event->stream_id, event->component_id,
                       sim_state_name (event->state.state), event->state.reason);
      break;
    case ICE_EVENT_VALID_PATH:
    case ICE_EVENT_DATA_PATH:
      sim_world_trace (self->world, "%s: %s %u %s is %s", self->name,
                       sim_event_name (event->type), event->path.base,
                       sim_address_format (&event->path.remote, a),
                       event->path.valid ? "valid" : "no more");
      break;
    case ICE_EVENT_CONSENT:
      sim_world_trace (self->world, "%s: consent %d", self->name, event->consent);
      break;
    default:
      sim_world_trace (self->world, "%s: %s %u.%u", self->name,
                       sim_event_name (event->type), event->stream_id,
                       event->component_id);
      break;
    }
}

static void
record (SimPeer *self, const IceEvent *event)
{
  SimRecord kept = { sim_world_get_now (self->world), *event };

  if (sim_world_is_traced (self->world))
    trace_event (self, event);
  /* Strings are the engine's. */
  if (event->type == ICE_EVENT_LOCAL_CANDIDATE
      || event->type == ICE_EVENT_REMOTE_CANDIDATE)
    kept.event.candidate.username = kept.event.candidate.password = NULL;
  g_array_append_val (self->records, kept);
}

static void
note_consent (SimPeer *self, const IceEvent *event)
{
  SimComponent *component =
      sim_peer_get_component (self, event->stream_id, event->component_id);

  if (component != NULL)
    component->has_consent = event->consent;
}

static void
handle_event (SimPeer *self, const IceEvent *event)
{
  record (self, event);
  switch (event->type)
    {
    case ICE_EVENT_NEED_BASE:
      sim_peer_open_base (self, &event->need_base);
      break;
    case ICE_EVENT_DROP_BASE:
      sim_peer_drop_base (self, event->base);
      break;
    case ICE_EVENT_DOUBT:
      sim_peer_probe (self, event->base);
      break;
    case ICE_EVENT_NEED_ADDRESSES:
      look_up (self, event->server);
      break;
    case ICE_EVENT_NEED_PERMISSION:
      sim_peer_allow (self, event->path.base, &event->path.remote);
      break;
    case ICE_EVENT_VALID_PATH:
      note_path (self, event);
      break;
    case ICE_EVENT_DATA_PATH:
      note_data_path (self, event);
      break;
    case ICE_EVENT_SELECTED_PAIR:
      note_selected (self, event);
      break;
    case ICE_EVENT_COMPONENT_STATE:
      note_state (self, event);
      break;
    case ICE_EVENT_CONSENT:
      note_consent (self, event);
      break;
    default: /* noted down, no more */
      break;
    }
  if (self->funcs.event != NULL)
    self->funcs.event (self->owner, self, event);
}

/* --- The drain --- */

static guint64
find_tie_breaker (const IceTransmit *transmit)
{
  const guint8 *value =
      sim_stun_find (transmit->data, transmit->size, SIM_STUN_ICE_CONTROLLING, NULL);
  guint64 number = 0;

  if (value == NULL)
    value = sim_stun_find (transmit->data, transmit->size, SIM_STUN_ICE_CONTROLLED, NULL);
  for (guint i = 0; value != NULL && i < 8; i++)
    number = number << 8 | value[i];
  return number;
}

static void
note_transmit (SimPeer *self, const IceTransmit *transmit)
{
  gpointer n;

  if (self->n_transmits++ == 0)
    self->first_transmit = sim_world_get_now (self->world);
  if (transmit->size < 2 || transmit->data[0] != 0 || transmit->data[1] != 1)
    return;
  if (self->first_tie_breaker == 0)
    self->first_tie_breaker = find_tie_breaker (transmit);
  n = g_hash_table_lookup (self->requests, &transmit->to);
  g_hash_table_insert (self->requests, g_memdup2 (&transmit->to, sizeof transmit->to),
                       GUINT_TO_POINTER (GPOINTER_TO_UINT (n) + 1));
}

static void
answer_next (SimPeer *self)
{
  SimBaseAnswer answer = g_array_index (self->answers, SimBaseAnswer, 0);

  g_array_remove_index (self->answers, 0);
  if (g_hash_table_contains (self->bases, GUINT_TO_POINTER (answer.base)))
    ice_engine_handle_base (self->engine, answer.base, &answer.result,
                            sim_world_get_now (self->world));
}

void
sim_peer_drain (SimPeer *self)
{
  IceTransmit transmit;
  IceEvent event;
  guint n = 0;

  if (self->is_draining)
    return; /* a base opened inside the drain, which goes on */
  self->is_draining = TRUE;
  for (;; n++)
    {
      if (n > MAX_POLLS)
        sim_fail (self->world, "%s: polls never end", self->name);
      if (ice_engine_poll_transmit (self->engine, &transmit))
        {
          note_transmit (self, &transmit);
          if (self->tap != NULL)
            self->tap (self->tap_data, self, &transmit);
          sim_peer_transmit (self, transmit.base, &transmit.to, transmit.data,
                             transmit.size);
        }
      else if (ice_engine_poll_event (self->engine, &event))
        handle_event (self, &event);
      else if (self->answers->len > 0)
        answer_next (self);
      else
        break;
    }
  self->is_draining = FALSE;
  arm (self);
}

static void
on_timer (gpointer data)
{
  SimPeer *self = data;

  self->timer = NULL;
  self->n_timeouts++;
  ice_engine_handle_timeout (self->engine, sim_world_get_now (self->world));
  sim_peer_drain (self);
}

static void
arm (SimPeer *self)
{
  gint64 deadline = ice_engine_get_deadline (self->engine);
  gint64 now = sim_world_get_now (self->world);

  if (deadline < now)
    sim_fail (self->world, "%s: the deadline %" G_GINT64_FORMAT " is in the past",
              self->name, deadline);
  self->n_same_time = deadline == now ? self->n_same_time + 1 : 0;
  if (self->n_same_time > MAX_SAME_TIME)
    sim_fail (self->world, "%s: spins on its deadline", self->name);
  if (self->timer != NULL && self->armed == deadline)
    return;
  if (self->timer != NULL)
    sim_clock_cancel (sim_world_get_clock (self->world), self->timer);
  self->timer = NULL;
  self->armed = deadline;
  if (deadline != ICE_NEVER)
    self->timer =
        sim_clock_at (sim_world_get_clock (self->world), deadline, on_timer, self, NULL);
}

/* --- Inputs --- */

void
sim_peer_handle_packet (SimPeer *self, IceBaseId base, const NiceAddress *from,
                        const guint8 *data, gsize size)
{
  g_autofree guint8 *copy = NULL;
  gboolean is_taken;

  if (size == 0 || data[0] > 3)
    {
      sim_peer_handle_media (self, base, from, data, size);
      return;
    }
  sim_peer_note_stun (self, base, from, data, size);
  copy = g_memdup2 (data, size);
  is_taken = ice_engine_handle_packet (self->engine, base, from, copy, size,
                                       sim_world_get_now (self->world));
  sim_peer_drain (self);
  if (!is_taken)
    sim_peer_handle_media (self, base, from, data, size);
}

void
sim_peer_answer_base (SimPeer *self, IceBaseId base, IceReason error,
                      const NiceAddress *local, const NiceAddress *mapped)
{
  SimBaseAnswer answer = { base, { .error = error } };

  if (local != NULL)
    answer.result.local = *local;
  if (mapped != NULL)
    answer.result.mapped = *mapped;
  g_array_append_val (self->answers, answer);
}

/* --- Life --- */

static void
name_free (gpointer data)
{
  SimName *name = data;

  g_free (name->name);
  g_free (name);
}

static void
create_engine (SimPeer *self)
{
  IceEnv env = { fill_random, sim_world_is_traced (self->world) ? trace : NULL, self };

  self->engine = ice_engine_new (&self->config, &env, sim_world_get_now (self->world));
}

static void
peer_free (gpointer data)
{
  SimPeer *self = data;

  ice_engine_free (self->engine);
  sim_peer_drop_bases (self);
  g_hash_table_unref (self->bases);
  g_hash_table_unref (self->paths);
  g_hash_table_unref (self->proven);
  g_hash_table_unref (self->requests);
  g_array_unref (self->answers);
  g_array_unref (self->records);
  g_ptr_array_unref (self->names);
  g_ptr_array_unref (self->components);
  g_free (self->name);
  g_free (self);
}

SimPeer *
sim_peer_new (SimHost *host, const gchar *name, const IceConfig *config)
{
  SimPeer *self = g_new0 (SimPeer, 1);

  self->host = host;
  self->world = sim_host_get_world (host);
  self->name = g_strdup (name);
  self->random = sim_random_fork (sim_world_get_random (self->world));
  self->first_transmit = SIM_NEVER;
  self->armed = ICE_NEVER;
  self->bases = g_hash_table_new_full (NULL, NULL, NULL, sim_base_free);
  self->paths = g_hash_table_new_full (sim_path_hash, sim_path_equal, g_free, NULL);
  self->proven = g_hash_table_new_full (sim_path_hash, sim_path_equal, g_free, g_free);
  self->requests =
      g_hash_table_new_full (sim_address_hash, sim_address_equal, g_free, NULL);
  self->answers = g_array_new (FALSE, FALSE, sizeof (SimBaseAnswer));
  self->records = g_array_new (FALSE, FALSE, sizeof (SimRecord));
  self->names = g_ptr_array_new_with_free_func (name_free);
  self->components = g_ptr_array_new_with_free_func (g_free);
  if (config != NULL)
    self->config = *config;
  else
    ice_config_init (&self->config);
  create_engine (self);
  sim_world_own (self->world, self, peer_free);
  return self;
}

IceEngine *
sim_peer_get_engine (SimPeer *self)
{
  return self->engine;
}

SimHost *
sim_peer_get_host (SimPeer *self)
{
  return self->host;
}

SimWorld *
sim_peer_get_world (SimPeer *self)
{
  return self->world;
}

const gchar *
sim_peer_get_name (const SimPeer *self)
{
  return self->name;
}

const IceConfig *
sim_peer_get_config (const SimPeer *self)
{
  return &self->config;
}

void
sim_peer_set_funcs (SimPeer *self, const SimPeerFuncs *funcs, gpointer owner)
{
  self->funcs = *funcs;
  self->owner = owner;
}

void
sim_peer_set_tap (SimPeer *self, SimPeerTap tap, gpointer data)
{
  self->tap = tap;
  self->tap_data = data;
}

/* --- Set-up --- */

guint
sim_peer_add_server (SimPeer *self, IceServerKind kind, const gchar *host, guint16 port)
{
  gboolean is_turn = kind >= ICE_SERVER_TURN_UDP;
  IceServer server = { kind, host, port, is_turn ? "user" : NULL,
                       is_turn ? "password" : NULL };
  guint id = ice_engine_add_server (self->engine, 0, 0, &server,
                                    sim_world_get_now (self->world));

  sim_peer_drain (self);
  return id;
}

void
sim_peer_add_name (SimPeer *self, const gchar *name, const gchar *address, gint64 delay)
{
  SimName *known = find_name (self, name);

  if (known == NULL)
    {
      known = g_new0 (SimName, 1);
      known->name = g_strdup (name);
      g_ptr_array_add (self->names, known);
    }
  known->delay = delay;
  if (address == NULL)
    return;
  g_assert (known->n < G_N_ELEMENTS (known->addresses));
  known->addresses[known->n++] = sim_address (address);
}

guint
sim_peer_add_stream (SimPeer *self, guint n_components)
{
  guint stream_id =
      ice_engine_add_stream (self->engine, n_components, sim_world_get_now (self->world));

  for (guint i = 1; i <= n_components; i++)
    {
      SimComponent *component = g_new0 (SimComponent, 1);

      component->stream_id = stream_id;
      component->component_id = i;
      component->has_consent = TRUE;
      component->connected_at = component->ready_at = component->failed_at = SIM_NEVER;
      component->first_selected_at = component->last_selected_at = SIM_NEVER;
      component->last_sent_at = component->last_received_at = SIM_NEVER;
      g_ptr_array_add (self->components, component);
    }
  sim_peer_drain (self);
  return stream_id;
}

void
sim_peer_gather (SimPeer *self, guint stream_id)
{
  g_autoptr (GArray) addresses = g_array_new (FALSE, FALSE, sizeof (NiceAddress));

  for (guint i = 0; i < sim_host_get_n_interfaces (self->host); i++)
    g_array_append_vals (
        addresses, sim_interface_get_address (sim_host_get_interface (self->host, i)), 1);
  ice_engine_gather (self->engine, stream_id, (NiceAddress *)(gpointer)addresses->data,
                     addresses->len, sim_world_get_now (self->world));
  sim_peer_drain (self);
}
