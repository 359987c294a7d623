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

#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

typedef struct
{
  NiceWatch *watch; /* NULL: free */
  guint32 generation;
} Slot;

struct _NiceReactor
{
  GSource source;
  GMainContext *context;
  guint n_users; /* under the registry's lock */
  NicePool pool;

  GMutex lock;   /* a leaf: nothing is called with it */
  gint epoll_fd; /* -1: nothing was watched yet, or descriptors had run out */
  gpointer epoll_tag;
  GArray *slots;   /* of Slot */
  GArray *free;    /* of guint: indices of free slots */
  GPtrArray *heap; /* of NiceTimer; entry 0 is not used */
  gint64 armed;    /* what the context is going to sleep until */
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

static gint64
get_first_deadline (NiceReactor *self)
{
  return self->heap->len > 1 ? get_timer (self, 1)->deadline : ICE_NEVER;
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
  is_earlier = get_first_deadline (reactor) < reactor->armed;
  if (is_earlier)
    reactor->armed = get_first_deadline (reactor);
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
  if (get_first_deadline (self) <= now)
    {
      timer = get_timer (self, 1);
      remove_timer (self, timer);
      timer->klass->ref (timer);
    }
  g_mutex_unlock (&self->lock);
  return timer;
}

static void
run_timers (NiceReactor *self)
{
  const gint64 now = g_get_monotonic_time ();
  guint budget;
  NiceTimer *timer;

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

static struct epoll_event
make_event (NiceReactor *self, guint slot, guint events)
{
  const guint32 generation = g_array_index (self->slots, Slot, slot).generation;

  return (struct epoll_event) { .events = events,
                                .data.u64 = (guint64)generation << 32 | slot };
}

/* A slot's number, with its generation, names a watch even in an event that was fetched
 * before the watch was stopped. */
static guint
take_slot (NiceReactor *self, NiceWatch *watch)
{
  const Slot fresh = { NULL, 0 };
  guint index;

  if (self->free->len > 0)
    {
      index = g_array_index (self->free, guint, self->free->len - 1);
      g_array_set_size (self->free, self->free->len - 1);
    }
  else
    {
      index = self->slots->len;
      g_array_append_val (self->slots, fresh);
    }
  g_array_index (self->slots, Slot, index).watch = watch;
  return index;
}

static void
give_slot (NiceReactor *self, guint index)
{
  Slot *slot = &g_array_index (self->slots, Slot, index);

  slot->watch = NULL;
  slot->generation++;
  g_array_append_val (self->free, index);
}

/* Not before there is something to watch: an agent can be made when no descriptor is
 * left. */
static gboolean
open_epoll (NiceReactor *self)
{
  if (self->epoll_fd >= 0)
    return TRUE;
  self->epoll_fd = epoll_create1 (EPOLL_CLOEXEC);
  if (self->epoll_fd < 0)
    return FALSE;
  self->epoll_tag = g_source_add_unix_fd (&self->source, self->epoll_fd, G_IO_IN);
  return TRUE;
}

gboolean
nice_watch_start (NiceWatch *self, NiceReactor *reactor, gint fd, guint events)
{
  struct epoll_event event;
  gboolean added;

  g_assert (self->reactor == NULL);

  g_mutex_lock (&reactor->lock);
  self->slot = take_slot (reactor, self);
  self->fd = fd;
  event = make_event (reactor, self->slot, events);
  added = open_epoll (reactor)
          && epoll_ctl (reactor->epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0;
  if (added)
    self->reactor = reactor;
  else
    give_slot (reactor, self->slot);
  g_mutex_unlock (&reactor->lock);
  return added;
}

void
nice_watch_change (NiceWatch *self, guint events)
{
  NiceReactor *reactor = self->reactor;
  struct epoll_event event;

  if (reactor == NULL)
    return;
  g_mutex_lock (&reactor->lock);
  event = make_event (reactor, self->slot, events);
  epoll_ctl (reactor->epoll_fd, EPOLL_CTL_MOD, self->fd, &event);
  g_mutex_unlock (&reactor->lock);
}

void
nice_watch_stop (NiceWatch *self)
{
  NiceReactor *reactor = self->reactor;

  if (reactor == NULL)
    return;
  g_mutex_lock (&reactor->lock);
  epoll_ctl (reactor->epoll_fd, EPOLL_CTL_DEL, self->fd, NULL);
  give_slot (reactor, self->slot);
  g_mutex_unlock (&reactor->lock);
  self->reactor = NULL;
}

/* The watch that an event names, with a reference; NULL: it was stopped meanwhile. */
static NiceWatch *
find_watch (NiceReactor *self, guint64 name)
{
  const guint32 index = name & G_MAXUINT32, generation = name >> 32;
  NiceWatch *watch = NULL;
  const Slot *slot;

  g_mutex_lock (&self->lock);
  slot = &g_array_index (self->slots, Slot, index);
  if (slot->generation == generation && slot->watch != NULL)
    {
      watch = slot->watch;
      watch->klass->ref (watch);
    }
  g_mutex_unlock (&self->lock);
  return watch;
}

static void
run_watches (NiceReactor *self)
{
  struct epoll_event events[NICE_REACTOR_EVENTS];
  const gint n = epoll_wait (self->epoll_fd, events, NICE_REACTOR_EVENTS, 0);

  for (gint i = 0; i < n; i++)
    {
      NiceWatch *watch = find_watch (self, events[i].data.u64);

      if (watch == NULL)
        continue;
      watch->klass->ready (watch, self, events[i].events);
      watch->klass->unref (watch);
    }
}

/* --- The source --- */

static gboolean
prepare (GSource *source, gint *timeout)
{
  NiceReactor *self = (NiceReactor *)source;
  gint64 deadline, left;

  g_mutex_lock (&self->lock);
  deadline = self->armed = get_first_deadline (self);
  g_mutex_unlock (&self->lock);

  *timeout = -1;
  if (deadline == ICE_NEVER)
    return FALSE;
  left = deadline - g_source_get_time (source);
  *timeout = left <= 0 ? 0 : (gint)MIN ((left + ICE_MS - 1) / ICE_MS, G_MAXINT);
  return left <= 0;
}

/* With the lock. */
static gboolean
is_readable (NiceReactor *self)
{
  return self->epoll_tag != NULL
         && g_source_query_unix_fd (&self->source, self->epoll_tag) != 0;
}

static gboolean
check (GSource *source)
{
  NiceReactor *self = (NiceReactor *)source;
  gboolean is_ready;

  g_mutex_lock (&self->lock);
  is_ready =
      is_readable (self) || get_first_deadline (self) <= g_source_get_time (source);
  g_mutex_unlock (&self->lock);
  return is_ready;
}

static gboolean
dispatch (GSource *source, GSourceFunc callback, gpointer user_data)
{
  NiceReactor *self = (NiceReactor *)source;

  gboolean has_packets;

  g_mutex_lock (&self->lock);
  has_packets = is_readable (self);
  g_mutex_unlock (&self->lock);

  /* Sockets first: the answer that a timer is about to ask for again may be waiting. */
  if (has_packets)
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

  if (self->epoll_fd >= 0)
    close (self->epoll_fd);
  nice_pool_clear (&self->pool);
  g_array_unref (self->slots);
  g_array_unref (self->free);
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
  self->slots = g_array_new (FALSE, TRUE, sizeof (Slot));
  self->free = g_array_new (FALSE, FALSE, sizeof (guint));
  self->heap = g_ptr_array_new ();
  g_ptr_array_add (self->heap, NULL);
  self->armed = ICE_NEVER;
  self->epoll_fd = -1;
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
