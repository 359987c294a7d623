/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Decides how descriptors are watched: few by the GMainContext's own poll, many by an
 * epoll. Must not know what they belong to, nor when to look.
 *
 * NOTES: with an epoll for few as well, a packet a wake-up took four system calls (send,
 * poll, epoll_wait, receive); with the context's poll alone three. From the ninth on the
 * epoll is the cheaper: GLib copies and walks the array of descriptors in each iteration.
 * There is no way back to few: an agent that comes and goes would move all the others. */
#include "config.h"

#include "io/watches.h"

#include <sys/epoll.h>
#include <unistd.h>

typedef struct
{
  NiceWatch *watch; /* NULL: free */
  guint32 generation;
  guint events;
  gpointer tag; /* in the source, of one of few */
} Slot;

G_STATIC_ASSERT ((int)G_IO_IN == EPOLLIN && (int)G_IO_OUT == EPOLLOUT);
G_STATIC_ASSERT ((int)G_IO_ERR == EPOLLERR && (int)G_IO_HUP == EPOLLHUP);

void
nice_watches_init (NiceWatches *self, GSource *source)
{
  self->source = source;
  self->slots = g_array_new (FALSE, TRUE, sizeof (Slot));
  self->free = g_array_new (FALSE, FALSE, sizeof (guint));
  self->epoll_fd = -1;
}

void
nice_watches_clear (NiceWatches *self)
{
  if (self->epoll_fd >= 0)
    close (self->epoll_fd);
  g_array_unref (self->slots);
  g_array_unref (self->free);
}

static Slot *
get_slot (const NiceWatches *self, guint index)
{
  return &g_array_index (self->slots, Slot, index);
}

/* A slot's number, with its generation, names a watch even in an event that was fetched
 * before the watch was stopped. */
static guint64
get_name (const NiceWatches *self, guint index)
{
  return (guint64)get_slot (self, index)->generation << 32 | index;
}

static guint
take_slot (NiceWatches *self)
{
  const Slot fresh = { NULL, 0, 0, NULL };
  guint index;

  if (self->free->len == 0)
    {
      g_array_append_val (self->slots, fresh);
      return self->slots->len - 1;
    }
  index = g_array_index (self->free, guint, self->free->len - 1);
  g_array_set_size (self->free, self->free->len - 1);
  return index;
}

static void
give_slot (NiceWatches *self, guint index)
{
  Slot *slot = get_slot (self, index);

  slot->watch = NULL;
  slot->generation++;
  g_array_append_val (self->free, index);
}

/* --- Many --- */

static gboolean
put_into_epoll (const NiceWatches *self, gint epoll_fd, guint index, gint operation)
{
  const Slot *slot = get_slot (self, index);
  struct epoll_event event = { .events = slot->events,
                               .data.u64 = get_name (self, index) };

  return epoll_ctl (epoll_fd, operation, slot->watch->fd, &event) == 0;
}

static gboolean
put_all_into_epoll (const NiceWatches *self, gint epoll_fd)
{
  for (guint i = 0; i < self->slots->len; i++)
    if (get_slot (self, i)->watch != NULL
        && !put_into_epoll (self, epoll_fd, i, EPOLL_CTL_ADD))
      return FALSE;
  return TRUE;
}

/* When no descriptor is left for an epoll, more than few are still few. */
static void
become_many (NiceWatches *self)
{
  const gint epoll_fd = epoll_create1 (EPOLL_CLOEXEC);

  if (epoll_fd < 0)
    return;
  if (!put_all_into_epoll (self, epoll_fd))
    {
      close (epoll_fd);
      return;
    }
  for (guint i = 0; i < self->slots->len; i++)
    if (get_slot (self, i)->watch != NULL)
      g_source_remove_unix_fd (self->source, get_slot (self, i)->tag);
  self->epoll_fd = epoll_fd;
  self->epoll_tag = g_source_add_unix_fd (self->source, epoll_fd, G_IO_IN);
}

/* --- Both --- */

gboolean
nice_watches_add (NiceWatches *self, NiceWatch *watch, guint events)
{
  if (self->epoll_fd < 0 && self->slots->len - self->free->len >= NICE_WATCHES_FEW)
    become_many (self);

  watch->slot = take_slot (self);
  get_slot (self, watch->slot)->watch = watch;
  get_slot (self, watch->slot)->events = events;
  if (self->epoll_fd < 0)
    {
      get_slot (self, watch->slot)->tag =
          g_source_add_unix_fd (self->source, watch->fd, events);
      return TRUE;
    }
  if (put_into_epoll (self, self->epoll_fd, watch->slot, EPOLL_CTL_ADD))
    return TRUE;
  give_slot (self, watch->slot);
  return FALSE;
}

void
nice_watches_change (NiceWatches *self, const NiceWatch *watch, guint events)
{
  Slot *slot = get_slot (self, watch->slot);

  if (slot->events == events)
    return;
  slot->events = events;
  if (self->epoll_fd < 0)
    g_source_modify_unix_fd (self->source, slot->tag, events);
  else
    put_into_epoll (self, self->epoll_fd, watch->slot, EPOLL_CTL_MOD);
}

void
nice_watches_remove (NiceWatches *self, const NiceWatch *watch)
{
  if (self->epoll_fd < 0)
    g_source_remove_unix_fd (self->source, get_slot (self, watch->slot)->tag);
  else
    epoll_ctl (self->epoll_fd, EPOLL_CTL_DEL, watch->fd, NULL);
  give_slot (self, watch->slot);
}

/* --- What is ready --- */

static guint
collect_few (const NiceWatches *self, NiceReady *ready)
{
  guint n = 0;

  for (guint i = 0; i < self->slots->len && n < NICE_REACTOR_EVENTS; i++)
    {
      const Slot *slot = get_slot (self, i);
      const guint events =
          slot->watch != NULL ? g_source_query_unix_fd (self->source, slot->tag) : 0;

      if (events != 0)
        ready[n++] = (NiceReady) { get_name (self, i), events };
    }
  return n;
}

guint
nice_watches_collect (const NiceWatches *self, NiceReady *ready)
{
  struct epoll_event events[NICE_REACTOR_EVENTS];
  gint n;

  if (self->epoll_fd < 0)
    return collect_few (self, ready);
  if (g_source_query_unix_fd (self->source, self->epoll_tag) == 0)
    return 0;
  n = epoll_wait (self->epoll_fd, events, NICE_REACTOR_EVENTS, 0);
  for (gint i = 0; i < n; i++)
    ready[i] = (NiceReady) { events[i].data.u64, events[i].events };
  return MAX (n, 0);
}

NiceWatch *
nice_watches_find (const NiceWatches *self, guint64 name)
{
  const guint32 index = name & G_MAXUINT32;

  return get_name (self, index) == name ? get_slot (self, index)->watch : NULL;
}
