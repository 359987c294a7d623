/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lets go of allocations in good order: says so, repeats it, and waits for the answer for
 * a bounded time, after the engine and the application have forgotten them. Decides when
 * a relay's socket closes; must not know how TURN says it. RFC 8656 8.
 *
 * What is still to be heard comes to the agent's context: the component's may not be
 * iterated any more. */
#include "config.h"

#include "io/farewell.h"

#include <errno.h>
#include <sys/epoll.h>

#include "io/relay.h"

typedef struct
{
  gint ref_count; /* atomic */
  NiceDriver *driver;
  NiceBase *relay;
  NiceWatch watch; /* under the driver's leaf; not started: its base is still read */
  NiceTimer timer;
  gint64 end;
  gint is_over; /* atomic */
} NiceFarewell;

static NiceFarewell *
farewell_ref (NiceFarewell *self)
{
  g_atomic_int_inc (&self->ref_count);
  return self;
}

static void
farewell_unref (NiceFarewell *self)
{
  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;
  nice_base_unref (self->relay);
  nice_driver_unref (self->driver);
  g_free (self);
}

static GPtrArray *
farewells_new (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify)farewell_unref);
}

static NiceFarewell *
get_of_watch (NiceWatch *watch)
{
  return (NiceFarewell *)((guint8 *)watch - G_STRUCT_OFFSET (NiceFarewell, watch));
}

static NiceFarewell *
get_of_timer (NiceTimer *timer)
{
  return (NiceFarewell *)((guint8 *)timer - G_STRUCT_OFFSET (NiceFarewell, timer));
}

/* --- The end --- */

/* (transfer full) */
static GPtrArray *
dup_partings (NiceDriver *driver)
{
  GPtrArray *all = farewells_new ();

  g_mutex_lock (&driver->lock);
  for (guint i = 0; driver->partings != NULL && i < driver->partings->len; i++)
    g_ptr_array_add (all, farewell_ref (g_ptr_array_index (driver->partings, i)));
  g_mutex_unlock (&driver->lock);
  return all;
}

/* A base that is still there brings what comes for relays over it. Of several relays on a
 * socket whose base is gone, one reads for all. */
static void
watch (NiceFarewell *self)
{
  const NiceBase *relay = self->relay;

  if (relay->via != NULL && !g_atomic_int_get (&relay->via->is_dropped))
    return;
  g_mutex_lock (&self->driver->leaf);
  if (self->watch.reactor == NULL && !g_atomic_int_get (&self->is_over))
    nice_watch_start (&self->watch, self->driver->reactor, relay->endpoint->fd, EPOLLIN);
  g_mutex_unlock (&self->driver->leaf);
}

static void
watch_all (NiceDriver *driver)
{
  g_autoptr (GPtrArray) all = dup_partings (driver);

  for (guint i = 0; i < all->len; i++)
    watch (g_ptr_array_index (all, i));
}

static void
detach (NiceBase *relay)
{
  g_mutex_lock (&relay->driver->lock);
  nice_relay_detach (relay);
  g_mutex_unlock (&relay->driver->lock);
}

static void
stop (NiceFarewell *self)
{
  NiceDriver *driver = self->driver;

  g_mutex_lock (&driver->leaf);
  nice_watch_stop (&self->watch);
  g_mutex_unlock (&driver->leaf);
  nice_timer_set (&self->timer, driver->reactor, ICE_NEVER);
  nice_relay_say_goodbye (self->relay);
  detach (self->relay);
}

static void
finish (NiceFarewell *self)
{
  NiceDriver *driver = self->driver;
  g_autoptr (GObject) owner = nice_driver_dup_owner (driver);
  gboolean is_last, is_first_time;

  is_first_time = g_atomic_int_compare_and_exchange (&self->is_over, FALSE, TRUE);
  if (!is_first_time)
    return;
  farewell_ref (self);
  stop (self);
  g_mutex_lock (&driver->lock);
  is_last = driver->partings != NULL && g_ptr_array_remove_fast (driver->partings, self)
            && driver->partings->len == 0;
  g_mutex_unlock (&driver->lock);
  watch_all (driver);
  if (is_last && owner != NULL && driver->shell.parted != NULL)
    driver->shell.parted (driver->shell_data);
  farewell_unref (self);
}

void
nice_farewells_cut_short (NiceDriver *driver)
{
  GPtrArray *partings;

  g_mutex_lock (&driver->lock);
  partings = g_steal_pointer (&driver->partings);
  g_mutex_unlock (&driver->lock);
  for (guint i = 0; partings != NULL && i < partings->len; i++)
    finish (g_ptr_array_index (partings, i));
  g_clear_pointer (&partings, g_ptr_array_unref);
}

/* --- Waiting --- */

static void
rearm (NiceFarewell *self)
{
  if (g_atomic_int_get (&self->is_over))
    return;
  if (nice_relay_is_over (self->relay))
    finish (self);
  else
    nice_timer_set (&self->timer, self->driver->reactor,
                    MIN (self->end, nice_relay_get_deadline (self->relay)));
}

static void
due (NiceTimer *timer)
{
  NiceFarewell *self = get_of_timer (timer);

  if (g_atomic_int_get (&self->is_over))
    return;
  if (g_get_monotonic_time () >= self->end)
    {
      finish (self);
      return;
    }
  nice_relay_handle_timeout (self->relay);
  rearm (self);
}

/* (transfer full): whose packet that is: there may be several relays on a socket. */
static NiceBase *
find_relay (const NiceFarewell *self, const NiceAddress *from)
{
  NiceBase *found = self->relay;

  g_mutex_lock (&self->driver->leaf);
  if (self->relay->via != NULL)
    found = nice_relays_find (self->relay->via->relays, from);
  if (found != NULL)
    nice_base_ref (found);
  g_mutex_unlock (&self->driver->leaf);
  return found;
}

static void
receive (NiceFarewell *self, NicePacket *packets, guint n)
{
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (NiceBase) relay = find_relay (self, &packets[i].from);
      NiceChainIo *io;

      if (relay == NULL)
        continue;
      io = nice_link_take_io (relay->link);
      nice_relay_receive (relay, &packets[i], 1, io);
      nice_link_give_io (relay->link, io);
    }
}

static void
rearm_all (NiceDriver *driver)
{
  g_autoptr (GPtrArray) all = dup_partings (driver);

  for (guint i = 0; i < all->len; i++)
    rearm (g_ptr_array_index (all, i));
}

static void
ready (NiceWatch *watch, NiceReactor *reactor, guint events)
{
  NiceFarewell *self = get_of_watch (watch);
  NicePool *pool = nice_reactor_get_pool (reactor);
  NiceSlab *slab;
  gint n;

  if (g_atomic_int_get (&self->is_over))
    return;
  slab = nice_pool_take (pool);
  n = nice_endpoint_receive (self->relay->endpoint, slab);
  if (n > 0)
    receive (self, slab->packets, n);
  nice_pool_give (pool, slab);
  if (n < 0 && n != -EAGAIN)
    finish (self); /* the server is gone, or has closed */
  else
    rearm_all (self->driver);
}

static void
ref_watch (NiceWatch *watch)
{
  farewell_ref (get_of_watch (watch));
}

static void
unref_watch (NiceWatch *watch)
{
  farewell_unref (get_of_watch (watch));
}

static void
ref_timer (NiceTimer *timer)
{
  farewell_ref (get_of_timer (timer));
}

static void
unref_timer (NiceTimer *timer)
{
  farewell_unref (get_of_timer (timer));
}

static const NiceWatchClass watch_class = { ref_watch, unref_watch, ready };
static const NiceTimerClass timer_class = { ref_timer, unref_timer, due };

/* --- The beginning --- */

static NiceFarewell *
farewell_new (NiceBase *relay)
{
  NiceFarewell *self = g_new0 (NiceFarewell, 1);

  self->ref_count = 1;
  self->driver = nice_driver_ref (relay->driver);
  self->relay = nice_base_ref (relay);
  self->watch.klass = &watch_class;
  self->timer.klass = &timer_class;
  self->end = g_get_monotonic_time () + NICE_FAREWELL_WAIT;
  return self;
}

static gboolean
begin (NiceBase *relay)
{
  NiceDriver *driver = relay->driver;
  NiceFarewell *self;
  gboolean waits;

  if (!nice_relay_release (relay))
    return FALSE;
  self = farewell_new (relay);
  g_mutex_lock (&driver->lock);
  waits = driver->engine != NULL && !driver->roads.leaves_at_once;
  if (waits && driver->partings == NULL)
    driver->partings = farewells_new ();
  if (waits)
    g_ptr_array_add (driver->partings, farewell_ref (self));
  g_mutex_unlock (&driver->lock);
  if (waits)
    {
      watch (self);
      rearm (self);
    }
  farewell_unref (self);
  return waits;
}

void
nice_farewells_begin (NiceDriver *driver, GPtrArray *relays)
{
  for (guint i = 0; i < relays->len; i++)
    {
      NiceBase *relay = g_ptr_array_index (relays, i);

      if (!begin (relay))
        {
          nice_relay_say_goodbye (relay);
          detach (relay);
        }
      nice_base_unref (relay);
    }
}
