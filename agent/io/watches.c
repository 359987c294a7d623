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
  GPollFD poll;     /* in the source, of one of few */
  NiceWatch *watch; /* NULL: free */
  guint32 generation;
} Slot;

G_STATIC_ASSERT ((int)G_IO_IN == EPOLLIN && (int)G_IO_OUT == EPOLLOUT);
G_STATIC_ASSERT ((int)G_IO_ERR == EPOLLERR && (int)G_IO_HUP == EPOLLHUP);

void
nice_watches_init (NiceWatches *self, GSource *source)
{
  self->source = source;
  self->slots = g_ptr_array_new_with_free_func (g_free);
  self->free = g_array_new (FALSE, FALSE, sizeof (guint));
  self->epoll = (GPollFD) { -1, G_IO_IN, 0 };
}

static inline gboolean
are_many (const NiceWatches *self)
{
  return self->epoll.fd >= 0;
}

void
nice_watches_clear (NiceWatches *self)
{
  if (are_many (self))
    close (self->epoll.fd);
  g_ptr_array_unref (self->slots);
  g_array_unref (self->free);
}

static Slot *
get_slot (const NiceWatches *self, guint index)
{
  return g_ptr_array_index (self->slots, index);
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
  guint index;

  if (self->free->len == 0)
    {
      g_ptr_array_add (self->slots, g_new0 (Slot, 1));
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

/* --- Few --- */

/* What was ready of it is not any more. */
static void
take_from_source (NiceWatches *self, Slot *slot)
{
  g_source_remove_poll (self->source, &slot->poll);
  slot->poll.revents = 0;
}

/* --- Many --- */

static gboolean
put_into_epoll (const NiceWatches *self, gint epoll_fd, guint index, gint operation)
{
  const Slot *slot = get_slot (self, index);
  struct epoll_event event = { .events = slot->poll.events,
                               .data.u64 = get_name (self, index) };

  return epoll_ctl (epoll_fd, operation, slot->poll.fd, &event) == 0;
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
      take_from_source (self, get_slot (self, i));
  self->epoll.fd = epoll_fd;
  g_source_add_poll (self->source, &self->epoll);
}

/* --- Both --- */

gboolean
nice_watches_add (NiceWatches *self, NiceWatch *watch, guint events)
{
  Slot *slot;

  if (!are_many (self) && self->slots->len - self->free->len >= NICE_WATCHES_FEW)
    become_many (self);

  watch->slot = take_slot (self);
  slot = get_slot (self, watch->slot);
  slot->watch = watch;
  slot->poll = (GPollFD) { watch->fd, events, 0 };
  if (!are_many (self))
    g_source_add_poll (self->source, &slot->poll);
  else if (!put_into_epoll (self, self->epoll.fd, watch->slot, EPOLL_CTL_ADD))
    {
      give_slot (self, watch->slot);
      return FALSE;
    }
  return TRUE;
}

void
nice_watches_change (NiceWatches *self, const NiceWatch *watch, guint events)
{
  Slot *slot = get_slot (self, watch->slot);
  GMainContext *context = g_source_get_context (self->source);

  if (slot->poll.events == events)
    return;
  slot->poll.events = events;
  if (are_many (self))
    put_into_epoll (self, self->epoll.fd, watch->slot, EPOLL_CTL_MOD);
  else if (!g_main_context_is_owner (context))
    g_main_context_wakeup (context);
}

void
nice_watches_remove (NiceWatches *self, const NiceWatch *watch)
{
  if (are_many (self))
    epoll_ctl (self->epoll.fd, EPOLL_CTL_DEL, watch->fd, NULL);
  else
    take_from_source (self, get_slot (self, watch->slot));
  give_slot (self, watch->slot);
}

/* --- What is ready --- */

static guint
collect_few (const NiceWatches *self, NiceReady *ready)
{
  guint n = 0;

  for (guint i = 0; i < self->slots->len && n < NICE_REACTOR_EVENTS; i++)
    {
      const guint events = get_slot (self, i)->poll.revents;

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

  if (!are_many (self))
    return collect_few (self, ready);
  if (self->epoll.revents == 0)
    return 0;
  n = epoll_wait (self->epoll.fd, events, NICE_REACTOR_EVENTS, 0);
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
