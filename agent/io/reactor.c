/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Decides what runs in an iteration of a GMainContext, and when the context has to wake.
 * It must not know agents, engines or what the sockets carry.
 *
 * NOTES: with the time-out as the source's ready time every change of the first deadline
 * wrote to the context's wake-up descriptor, even from the very thread that was about to
 * look, and cost two system calls and an empty iteration a timer. The deadline is
 * therefore asked for in prepare, and only a thread that brings it forward from outside
 * wakes the context. */
#include "config.h"

#include "io/reactor.h"

#include "io/gate.h"

#include <stdatomic.h>
#include <string.h>

struct _NiceReactor
{
  GSource source;
  GMainContext *context;
  guint n_users; /* under the registry's lock */
  NicePool pool;

  NiceGate gate; /* of watches */
  NiceWatches watches;

  GMutex lock;     /* a leaf: nothing is called with it */
  GPtrArray *heap; /* of NiceTimer; entry 0 is not used */

  /* Written with the lock, read without: so that an iteration with packets and nothing
   * due takes no lock for timers. */
  atomic_int_least64_t first; /* deadline of the heap */
  atomic_int_least64_t armed; /* what the context is going to sleep until */

  /* What check() found; the iterating thread's alone. */
  NiceReady ready[NICE_REACTOR_EVENTS];
  guint n_ready;
};

/* Which context has which reactor. Taken when an agent or a component gets or leaves a
 * context, never on the way of a packet. */
static GMutex registry_lock;
static GHashTable *registry; /* GMainContext -> NiceReactor */

/* --- Timers --- */

static NiceTimer *
get_timer (NiceReactor *self, guint position)
{
  return g_ptr_array_index (self->heap, position);
}

static void
place_timer (NiceReactor *self, NiceTimer *timer, guint position)
{
  g_ptr_array_index (self->heap, position) = timer;
  timer->position = position;
}

static void
sift_up (NiceReactor *self, NiceTimer *timer)
{
  guint position = timer->position;

  while (position > 1 && get_timer (self, position / 2)->deadline > timer->deadline)
    {
      place_timer (self, get_timer (self, position / 2), position);
      position /= 2;
    }
  place_timer (self, timer, position);
}

static void
sift_down (NiceReactor *self, NiceTimer *timer)
{
  guint position = timer->position, child;

  while ((child = position * 2) < self->heap->len)
    {
      if (child + 1 < self->heap->len
          && get_timer (self, child + 1)->deadline < get_timer (self, child)->deadline)
        child++;
      if (get_timer (self, child)->deadline >= timer->deadline)
        break;
      place_timer (self, get_timer (self, child), position);
      position = child;
    }
  place_timer (self, timer, position);
}

static void
remove_timer (NiceReactor *self, NiceTimer *timer)
{
  NiceTimer *last = get_timer (self, self->heap->len - 1);
  const guint position = timer->position;

  timer->position = 0;
  g_ptr_array_set_size (self->heap, self->heap->len - 1);
  if (last == timer)
    return;
  place_timer (self, last, position);
  sift_up (self, last);
  sift_down (self, last);
}

/* With the lock, after any change of the heap. */
static void
note_first_deadline (NiceReactor *self)
{
  self->first = self->heap->len > 1 ? get_timer (self, 1)->deadline : ICE_NEVER;
}

void
nice_timer_set (NiceTimer *self, NiceReactor *reactor, gint64 deadline)
{
  gboolean is_earlier;

  g_mutex_lock (&reactor->lock);
  if (deadline == ICE_NEVER)
    {
      if (self->position != 0)
        remove_timer (reactor, self);
      self->deadline = ICE_NEVER;
    }
  else
    {
      self->deadline = deadline;
      if (self->position == 0)
        {
          g_ptr_array_add (reactor->heap, self);
          self->position = reactor->heap->len - 1;
        }
      sift_up (reactor, self);
      sift_down (reactor, self);
    }
  note_first_deadline (reactor);
  is_earlier = reactor->first < reactor->armed;
  if (is_earlier)
    reactor->armed = reactor->first;
  g_mutex_unlock (&reactor->lock);

  if (is_earlier && !g_main_context_is_owner (reactor->context))
    g_main_context_wakeup (reactor->context);
}

/* The next timer that was due at now, with a reference. */
static NiceTimer *
take_due_timer (NiceReactor *self, gint64 now)
{
  NiceTimer *timer = NULL;

  g_mutex_lock (&self->lock);
  if (self->first <= now)
    {
      timer = get_timer (self, 1);
      remove_timer (self, timer);
      note_first_deadline (self);
      timer->klass->ref (timer);
    }
  g_mutex_unlock (&self->lock);
  return timer;
}

static void
run_timers (NiceReactor *self)
{
  gint64 now;
  guint budget;
  NiceTimer *timer;

  if (self->first == ICE_NEVER || self->first > (now = g_get_monotonic_time ()))
    return;

  /* One that sets itself to the past has its next turn after the sockets. */
  g_mutex_lock (&self->lock);
  budget = self->heap->len;
  g_mutex_unlock (&self->lock);

  while (budget-- > 0 && (timer = take_due_timer (self, now)) != NULL)
    {
      timer->klass->due (timer);
      timer->klass->unref (timer);
    }
}

/* --- Watches --- */

gboolean
nice_watch_start (NiceWatch *self, NiceReactor *reactor, gint fd, guint events)
{
  g_assert (self->reactor == NULL);

  nice_gate_close (&reactor->gate);
  self->fd = fd;
  if (nice_watches_add (&reactor->watches, self, events))
    self->reactor = reactor;
  nice_gate_open (&reactor->gate);
  return self->reactor != NULL;
}

void
nice_watch_change (NiceWatch *self, guint events)
{
  NiceReactor *reactor = self->reactor;

  if (reactor == NULL)
    return;
  nice_gate_close (&reactor->gate);
  nice_watches_change (&reactor->watches, self, events);
  nice_gate_open (&reactor->gate);
}

void
nice_watch_stop (NiceWatch *self)
{
  NiceReactor *reactor = self->reactor;

  if (reactor == NULL)
    return;
  nice_gate_close (&reactor->gate);
  nice_watches_remove (&reactor->watches, self);
  nice_gate_open (&reactor->gate);
  self->reactor = NULL;
}

/* The watch of that name, with a reference. */
static NiceWatch *
find_watch (NiceReactor *self, guint64 name)
{
  const gboolean is_free = nice_gate_enter (&self->gate);
  NiceWatch *watch = nice_watches_find (&self->watches, name);

  if (watch != NULL)
    watch->klass->ref (watch);
  nice_gate_leave (&self->gate, is_free);
  return watch;
}

static void
run_watch (NiceReactor *self, const NiceReady *ready)
{
  NiceWatch *watch = find_watch (self, ready->name);

  if (watch == NULL)
    return;
  watch->klass->ready (watch, self, ready->events);
  watch->klass->unref (watch);
}

/* A function that is called here may iterate the context and see newer events. */
static void
run_watches (NiceReactor *self)
{
  NiceReady ready[NICE_REACTOR_EVENTS];
  const guint n = self->n_ready;

  memcpy (ready, self->ready, n * sizeof *ready);
  self->n_ready = 0;
  for (guint i = 0; i < n; i++)
    run_watch (self, &ready[i]);
}

/* --- The source --- */

static gboolean
prepare (GSource *source, gint *timeout)
{
  NiceReactor *self = (NiceReactor *)source;
  gint64 deadline, left;

  /* Whoever sets an earlier one either sees what is armed here and wakes the context, or
   * is seen here. */
  do
    self->armed = deadline = self->first;
  while (self->first != deadline);

  /* Never ready before the poll: the sockets are looked at in each iteration. */
  left = deadline - g_source_get_time (source);
  *timeout = deadline == ICE_NEVER
                 ? -1
                 : (gint)CLAMP ((left + ICE_MS - 1) / ICE_MS, 0, G_MAXINT);
  return FALSE;
}

static gboolean
check (GSource *source)
{
  NiceReactor *self = (NiceReactor *)source;
  const gboolean is_free = nice_gate_enter (&self->gate);

  self->n_ready = nice_watches_collect (&self->watches, self->ready);
  nice_gate_leave (&self->gate, is_free);
  return self->n_ready > 0 || self->first <= g_source_get_time (source);
}

static gboolean
dispatch (GSource *source, GSourceFunc callback, gpointer user_data)
{
  NiceReactor *self = (NiceReactor *)source;

  /* Sockets first: the answer that a timer is about to ask for again may be waiting. */
  run_watches (self);
  run_timers (self);
  return G_SOURCE_CONTINUE;
}

static void
finalize (GSource *source)
{
  NiceReactor *self = (NiceReactor *)source;

  /* GLib keeps other threads away by locks of its own, which ThreadSanitizer cannot see.
   */
  g_mutex_lock (&self->lock);
  g_mutex_unlock (&self->lock);
  nice_gate_close (&self->gate);
  nice_gate_open (&self->gate);

  nice_watches_clear (&self->watches);
  nice_gate_clear (&self->gate);
  nice_pool_clear (&self->pool);
  g_ptr_array_unref (self->heap);
  g_mutex_clear (&self->lock);
}

static GSourceFuncs reactor_funcs = { prepare, check, dispatch, finalize, NULL, NULL };

static NiceReactor *
reactor_new (GMainContext *context)
{
  GSource *source = g_source_new (&reactor_funcs, sizeof (NiceReactor));
  NiceReactor *self = (NiceReactor *)source;

  self->n_users = 1;
  g_mutex_init (&self->lock);
  nice_gate_init (&self->gate);
  nice_gate_close (&self->gate);
  nice_watches_init (&self->watches, source);
  nice_gate_open (&self->gate);
  self->heap = g_ptr_array_new ();
  g_ptr_array_add (self->heap, NULL);
  self->first = self->armed = ICE_NEVER;
  self->context = g_main_context_ref (context);
  g_source_set_static_name (source, "icecold reactor");
  /* A receive function may iterate its context and expects other sockets to be read. */
  g_source_set_can_recurse (source, TRUE);
  g_source_attach (source, context);
  return self;
}

NiceReactor *
nice_reactor_acquire (GMainContext *context)
{
  NiceReactor *self;

  if (context == NULL)
    context = g_main_context_default ();

  g_mutex_lock (&registry_lock);
  if (registry == NULL)
    registry = g_hash_table_new (NULL, NULL);
  self = g_hash_table_lookup (registry, context);
  if (self != NULL)
    self->n_users++;
  else
    {
      self = reactor_new (context);
      g_hash_table_insert (registry, context, self);
    }
  g_mutex_unlock (&registry_lock);
  return self;
}

NiceReactor *
nice_reactor_hold (NiceReactor *self)
{
  g_mutex_lock (&registry_lock);
  self->n_users++;
  g_mutex_unlock (&registry_lock);
  return self;
}

void
nice_reactor_release (NiceReactor *self)
{
  GMainContext *context = self->context;
  gboolean is_last;

  g_mutex_lock (&registry_lock);
  is_last = --self->n_users == 0;
  if (is_last)
    g_hash_table_remove (registry, context);
  if (g_hash_table_size (registry) == 0)
    g_clear_pointer (&registry, g_hash_table_unref);
  g_mutex_unlock (&registry_lock);

  if (is_last)
    {
      g_source_destroy (&self->source);
      g_source_unref (&self->source);
      g_main_context_unref (context);
    }
}

GMainContext *
nice_reactor_get_context (NiceReactor *self)
{
  return self->context;
}

NicePool *
nice_reactor_get_pool (NiceReactor *self)
{
  return &self->pool;
}
