/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Decides whose turn it is to read a connection. It must not know what is read.
 *
 * Whoever comes too late stops the watch, for the socket stays readable, and the thread
 * whose turn it is starts it again. That one may come again itself: a receive function
 * or a handler that waits for more would do so for ever if it waited for its own
 * thread. */
#include "config.h"

#include "io/reading.h"

#include "io/ports.h"

enum
{
  READING_FREE,
  READING_TAKEN,
  READING_WANTED
};

static gboolean
change_reading (NiceBase *base, gint from, gint to)
{
  return g_atomic_int_compare_and_exchange (&base->link->reading, from, to);
}

static gboolean
is_held (NiceBase *base)
{
  gboolean result;

  if (!nice_component_io_is_sated (base->component))
    return FALSE;
  g_mutex_lock (&base->driver->leaf);
  result = nice_base_hold (base);
  g_mutex_unlock (&base->driver->leaf);
  return result;
}

/* With the driver's leaf, or else whoever has it could be done before the watch stops. */
static gboolean
take_or_want (NiceBase *base)
{
  gboolean is_free;

  do
    is_free = change_reading (base, READING_FREE, READING_TAKEN);
  while (!is_free && !change_reading (base, READING_TAKEN, READING_WANTED)
         && g_atomic_int_get (&base->link->reading) != READING_WANTED);
  return is_free;
}

static gboolean
take (NiceBase *base)
{
  gboolean is_free;

  if (change_reading (base, READING_FREE, READING_TAKEN))
    return TRUE;
  g_mutex_lock (&base->driver->leaf);
  is_free = take_or_want (base);
  if (!is_free)
    nice_watch_stop (&base->watch);
  g_mutex_unlock (&base->driver->leaf);
  return is_free;
}

gboolean
nice_reading_is_ours (NiceBase *base)
{
  return base->link != NULL
         && g_atomic_pointer_get (&base->link->reader) == g_thread_self ();
}

gboolean
nice_reading_begin (NiceBase *base, gboolean may_hold)
{
  if (base->link == NULL)
    return TRUE;
  if (may_hold && is_held (base))
    return FALSE;
  if (!nice_reading_is_ours (base) && !take (base))
    return FALSE;
  g_atomic_pointer_set (&base->link->reader, g_thread_self ());
  base->link->depth++;
  return TRUE;
}

static void
give_up_turn (NiceBase *base)
{
  NiceDriver *driver = base->driver;

  if (change_reading (base, READING_TAKEN, READING_FREE))
    return;
  g_mutex_lock (&driver->leaf);
  g_atomic_int_set (&base->link->reading, READING_FREE);
  g_mutex_unlock (&driver->leaf);
  g_mutex_lock (&driver->lock);
  if (!g_atomic_int_get (&base->is_dropped))
    nice_base_start (base, base->component->reactor);
  g_mutex_unlock (&driver->lock);
}

void
nice_reading_end (NiceBase *base)
{
  if (base->link == NULL || --base->link->depth > 0)
    return;
  g_atomic_pointer_set (&base->link->reader, NULL);
  give_up_turn (base);
}

NiceChainIo *
nice_reading_take_io (NiceBase *base)
{
  NiceLink *link = base->link;

  return link->depth > 1 ? nice_link_take_io (link) : &link->receive_io;
}

void
nice_reading_give_io (NiceBase *base, NiceChainIo *io)
{
  if (io != &base->link->receive_io)
    nice_link_give_io (base->link, io);
}
