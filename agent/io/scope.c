/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The scope in which an engine is used: lock, clock, drain, deadline, unlock, send, emit.
 * Decides the order of these and nothing else; must not know what an event means. */
#include "config.h"

#include "io/driver.h"

#include "io/bundle.h"
#include "io/driver-private.h"
#include "ice/dialect.h"
#include "io/farewell.h"
#include "io/names.h"
#include "io/network.h"
#include "io/ports.h"
#include "io/outgoing.h"
#include "io/process-pace.h"
#include "io/proxies.h"
#include "io/random.h"
#include "io/resolver.h"

/* How often one drain goes on after datagrams that could not be sent: each time is about
 * other paths, unless an engine insists. */
#define MAX_ROUNDS 64

/* --- Life --- */

static NiceDriver *
get_driver (NiceTimer *timer)
{
  return (NiceDriver *)((guint8 *)timer - G_STRUCT_OFFSET (NiceDriver, timer));
}

static void
ref_timer (NiceTimer *timer)
{
  nice_driver_ref (get_driver (timer));
}

static void
unref_timer (NiceTimer *timer)
{
  nice_driver_unref (get_driver (timer));
}

static void due (NiceTimer *timer);

static const NiceTimerClass timer_class = { ref_timer, unref_timer, due };

NiceDriver *
nice_driver_new (GObject *owner, const NiceDriverShell *shell, GMainContext *context,
                 const IceConfig *config)
{
  const IceEnv env = { .random = nice_random_fill,
                       .trace = shell->trace,
                       .take_slot = nice_process_pace_take,
                       .data = owner };
  NiceDriver *self = g_new0 (NiceDriver, 1);

  self->ref_count = 1;
  self->owner = owner;
  self->shell = *shell;
  self->shell_data = owner;
  g_mutex_init (&self->lock);
  g_mutex_init (&self->leaf);
  self->timer.klass = &timer_class;
  self->reactor = nice_reactor_acquire (context);
  self->roads.validate = G_TLS_CERTIFICATE_VALIDATE_ALL;
  self->ends_batches = config->reliable;
  self->has_classic =
      !stun_quirks_get (ice_dialect_get (config->dialect)->stun)->has_cookie;
  self->engine = ice_engine_new (config, &env, g_get_monotonic_time ());
  return self;
}

void
nice_driver_set_mux (NiceDriver *self, NiceMux *mux)
{
  g_assert (self->mux == NULL && self->bases.len == 0);
  self->mux = nice_mux_ref (mux);
}

void
nice_driver_set_coalescing (NiceDriver *self, gint us)
{
  g_atomic_int_set (&self->coalescing, us);
}

NiceDriver *
nice_driver_ref (NiceDriver *self)
{
  g_atomic_int_inc (&self->ref_count);
  return self;
}

static void
clear_roads (NiceRoads *roads)
{
  g_free (roads->proxy_name);
  g_free (roads->proxy_username);
  g_free (roads->proxy_password);
  g_free (roads->trust_file);
  g_clear_pointer (&roads->proxy_headers, g_hash_table_unref);
}

void
nice_driver_set_roads (NiceDriver *self, const NiceRoads *roads)
{
  clear_roads (&self->roads);
  self->roads = *roads;
  self->roads.proxy_name = g_strdup (roads->proxy_name);
  self->roads.proxy_username = g_strdup (roads->proxy_username);
  self->roads.proxy_password = g_strdup (roads->proxy_password);
  self->roads.trust_file = g_strdup (roads->trust_file);
  if (roads->proxy_headers != NULL)
    g_hash_table_ref (roads->proxy_headers);
}

void
nice_driver_unref (NiceDriver *self)
{
  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;
  nice_reactor_release (self->reactor);
  ice_list_clear (&self->bases);
  nice_guard_clear (&self->senders);
  nice_guard_clear (&self->readers);
  g_clear_pointer (&self->partings, g_ptr_array_unref);
  clear_roads (&self->roads);
  g_clear_pointer (&self->look_ups, g_array_unref);
  g_clear_pointer (&self->asked, g_array_unref);
  g_clear_pointer (&self->names, g_ptr_array_unref);
  g_clear_pointer (&self->mux, nice_mux_unref);
  g_clear_object (&self->cancellable);
  g_mutex_clear (&self->lock);
  g_mutex_clear (&self->leaf);
  g_free (self);
}

void
nice_driver_put_off (GPtrArray **list, gpointer item)
{
  if (*list == NULL)
    *list = g_ptr_array_new ();
  g_ptr_array_add (*list, item);
}

static void
let_go (NiceDriver *self, GPtrArray *retired)
{
  for (guint i = 0; i < retired->len; i++)
    nice_guard_retire (&self->readers, g_ptr_array_index (retired, i),
                       (GDestroyNotify)nice_receiver_unref);
  g_ptr_array_unref (retired);
}

/* What was sent before a stream was removed still leaves. */
static void
speak_out (GPtrArray *components)
{
  for (guint i = 0; i < components->len; i++)
    {
      NiceComponentIo *component = g_ptr_array_index (components, i);

      nice_bundle_close (component->bundle);
      nice_component_io_unref (component);
    }
  g_ptr_array_unref (components);
}

static void
cancel_all (GPtrArray *cancellables)
{
  for (guint i = 0; i < cancellables->len; i++)
    {
      g_cancellable_cancel (g_ptr_array_index (cancellables, i));
      g_object_unref (g_ptr_array_index (cancellables, i));
    }
  g_ptr_array_unref (cancellables);
}

/* Called with the lock, leaves without it. What user code hangs on goes last. */
static void
unlock_and_let_go (NiceDriver *self)
{
  GPtrArray *retired = g_steal_pointer (&self->retired);
  GPtrArray *relays = g_steal_pointer (&self->farewells);
  GPtrArray *speakers = g_steal_pointer (&self->last_words);
  GPtrArray *cancelled = g_steal_pointer (&self->cancelled);

  g_mutex_unlock (&self->lock);
  if (speakers != NULL)
    speak_out (speakers);
  if (relays != NULL)
    nice_farewells_begin (self, relays);
  g_clear_pointer (&relays, g_ptr_array_unref);
  if (cancelled != NULL)
    cancel_all (cancelled);
  if (retired != NULL)
    let_go (self, retired);
}

/* Whoever reads the pointer meanwhile still finds the owner alive.
 *
 * NOTES: GWeakRef keeps a lock of the process for all references there are, of which a
 * packet would take one. It decides for good, before dispose begins, whether the owner
 * goes; here somebody may get a reference until dispose has come to this place. He has an
 * owner then whose signals are disconnected, that works otherwise, and that goes with
 * him. */
void
nice_driver_disown (NiceDriver *self)
{
  GObject *owner = atomic_exchange (&self->owner, NULL);

  if (owner != NULL)
    nice_guard_retire (&self->readers, g_object_ref (owner), g_object_unref);
}

GObject *
nice_driver_dup_owner (NiceDriver *self)
{
  GObject *owner;

  nice_guard_enter (&self->readers);
  owner = atomic_load (&self->owner);
  if (owner != NULL)
    g_object_ref (owner);
  nice_guard_leave (&self->readers);
  return owner;
}

void
nice_driver_free (NiceDriver *self)
{
  g_autoptr (GPtrArray) asks = NULL;

  nice_driver_disown (self);
  g_mutex_lock (&self->lock);
  g_cancellable_cancel (self->cancellable); /* may be NULL */
  nice_timer_set (&self->timer, self->reactor, ICE_NEVER);
  nice_names_drop_all (self);
  nice_network_leave (self);
  while (self->streams != NULL)
    nice_driver_remove_stream (self, self->streams->items[0]->id);
  for (guint i = 0; i < self->bases.len; i++)
    {
      nice_base_drop (ice_list_get (&self->bases, i));
      nice_base_unref (ice_list_get (&self->bases, i));
    }
  ice_list_clear (&self->bases);
  g_clear_pointer (&self->engine, ice_engine_free);
  asks = g_steal_pointer (&self->asks);
  unlock_and_let_go (self);
  for (guint i = 0; asks != NULL && i < asks->len; i++)
    nice_proxy_ask_free (g_ptr_array_index (asks, i));
  nice_farewells_cut_short (self);
  nice_driver_unref (self);
}

/* --- The scope --- */

/* Media never enters; that there was some is said here, for keepalives and consent. */
static void
note_traffic (NiceDriver *self)
{
  for (guint s = 0; self->streams != NULL && s < self->streams->n; s++)
    {
      const NiceStreamIo *stream = self->streams->items[s];

      for (guint c = 0; c < stream->n_components; c++)
        {
          const gint traffic = nice_component_io_take_traffic (stream->components[c]);

          if (traffic != 0)
            ice_engine_note_traffic (self->engine, stream->id, c + 1,
                                     (traffic & NICE_TRAFFIC_SENT) != 0,
                                     (traffic & NICE_TRAFFIC_RECEIVED) != 0, self->now);
        }
    }
}

IceEngine *
nice_driver_enter (NiceDriver *self, gint64 *now)
{
  g_mutex_lock (&self->lock);
  self->now = *now = g_get_monotonic_time ();
  if (self->engine != NULL)
    note_traffic (self);
  return self->engine;
}

gboolean
nice_driver_is_parting (NiceDriver *self)
{
  return self->partings != NULL && self->partings->len > 0;
}

static void
collect_transmits (NiceDriver *self, NiceOutgoing *outgoing)
{
  IceTransmit transmit;
  NiceBase *base;

  while (ice_engine_poll_transmit (self->engine, &transmit))
    if ((base = nice_driver_find_base (self, transmit.base)) != NULL)
      nice_outgoing_add (outgoing, base, &transmit);
}

/* Checks are to find their way by the ufrags that hold from now on. */
static void
tell_ufrags (NiceDriver *self)
{
  const gchar *ufrag, *pwd;

  for (guint i = 0; self->mux != NULL && i < self->bases.len; i++)
    {
      const NiceBase *base = ice_list_get (&self->bases, i);

      if (base->seat != NULL
          && ice_engine_get_local_credentials (self->engine, base->component->stream_id,
                                               &ufrag, &pwd)
          && !nice_seat_set_ufrag (base->seat, ufrag))
        g_debug ("Another session of the mux has the ufrag %s", ufrag);
    }
}

static void
drain (NiceDriver *self, NiceOutgoing *outgoing)
{
  IceEvent event;

  tell_ufrags (self);
  /* What is to be sent is valid until the next input, and events may cause one. */
  collect_transmits (self, outgoing);
  while (ice_engine_poll_event (self->engine, &event))
    {
      nice_driver_handle_event (self, &event);
      collect_transmits (self, outgoing);
    }
  nice_timer_set (&self->timer, self->reactor,
                  self->look_ups != NULL || self->asks != NULL
                          || nice_names_are_due (self)
                      ? 0
                      : ice_engine_get_deadline (self->engine));
}

static void
handle_failures (NiceDriver *self, NiceOutgoing *outgoing)
{
  const GArray *failures = outgoing->failures;

  self->now = g_get_monotonic_time ();
  for (guint i = 0; i < failures->len; i++)
    {
      const NiceSendFailure *failure = &g_array_index (failures, NiceSendFailure, i);

      ice_engine_handle_base_error (self->engine, failure->base, &failure->to,
                                    failure->reason, self->now);
      drain (self, outgoing);
    }
}

/* With the lock: whether this scope has made something to emit. Who enters next has
 * nothing to do with it. */
static gboolean
take_has_events (NiceDriver *self)
{
  const gboolean has_events = self->has_events;

  self->has_events = FALSE;
  return has_events;
}

/* Called with the lock, leaves without it. A failure to send is an input too, which may
 * make more to send. Returns whether the shell has something to emit. */
static gboolean
drain_and_send (NiceDriver *self)
{
  NiceOutgoing outgoing;
  gboolean has_events;

  nice_outgoing_init (&outgoing);
  if (self->engine != NULL)
    drain (self, &outgoing);
  has_events = take_has_events (self);
  unlock_and_let_go (self);
  nice_outgoing_flush (&outgoing);
  for (guint round = 0; outgoing.failures != NULL && round < MAX_ROUNDS; round++)
    {
      g_mutex_lock (&self->lock);
      if (self->engine != NULL)
        handle_failures (self, &outgoing);
      has_events |= take_has_events (self);
      unlock_and_let_go (self);
      nice_outgoing_flush (&outgoing);
    }
  nice_outgoing_clear (&outgoing);
  return has_events;
}

void
nice_driver_leave (NiceDriver *self)
{
  const gpointer data = self->shell_data;

  nice_driver_ref (self);
  if (drain_and_send (self))
    self->shell.emit (data);
  nice_driver_unref (self);
}

/* --- Timers --- */

typedef struct
{
  NiceDriver *driver;
  guint server;
} LookUp;

static void
found (gpointer data, const IceTarget *targets, guint n, gboolean is_last)
{
  LookUp *look_up = data;
  NiceDriver *self = look_up->driver;
  g_autoptr (GObject) owner = nice_driver_dup_owner (self);
  IceEngine *engine;
  gint64 now;

  if (owner != NULL)
    {
      engine = nice_driver_enter (self, &now);
      ice_engine_handle_addresses (engine, look_up->server, targets, n, is_last, now);
      nice_driver_leave (self);
    }
  if (!is_last)
    return;
  nice_driver_unref (self);
  g_free (look_up);
}

/* NULL: there is no such server any more. */
static NiceSearch *
new_search (NiceDriver *self, guint id)
{
  const IceServer *server;
  NiceSearch *search = NULL;
  LookUp *look_up;
  gint64 now;

  server = ice_engine_get_server (nice_driver_enter (self, &now), id);
  if (server != NULL)
    {
      look_up = g_new (LookUp, 1);
      *look_up = (LookUp) { nice_driver_ref (self), id };
      search = nice_search_new (server, found, look_up);
    }
  nice_driver_leave (self);
  return search;
}

/* In the agent's context, where the answers have to arrive. */
static void
start_look_ups (NiceDriver *self, GArray *servers)
{
  for (guint i = 0; i < servers->len; i++)
    {
      NiceSearch *search = new_search (self, g_array_index (servers, guint, i));

      if (search != NULL)
        nice_search_start (search, nice_reactor_get_context (self->reactor),
                           self->cancellable);
    }
}

static void
start_asks (GPtrArray *asks)
{
  for (guint i = 0; i < asks->len; i++)
    nice_proxy_ask_start (g_ptr_array_index (asks, i));
}

static void
due (NiceTimer *timer)
{
  NiceDriver *self = get_driver (timer);
  g_autoptr (GObject) owner = nice_driver_dup_owner (self);
  g_autoptr (GArray) look_ups = NULL;
  g_autoptr (GPtrArray) asks = NULL;
  IceEngine *engine;
  gboolean has_names;
  gint64 now;

  if (owner == NULL)
    return;

  engine = nice_driver_enter (self, &now);
  has_names = nice_names_are_due (self);
  look_ups = g_steal_pointer (&self->look_ups);
  asks = g_steal_pointer (&self->asks);
  if ((look_ups != NULL || asks != NULL) && self->cancellable == NULL)
    self->cancellable = g_cancellable_new ();
  if (ice_engine_get_deadline (engine) <= now)
    ice_engine_handle_timeout (engine, now);
  nice_driver_leave (self);
  if (look_ups != NULL)
    start_look_ups (self, look_ups);
  if (asks != NULL)
    start_asks (asks);
  if (has_names)
    nice_names_start (self);
}
