/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The descriptors that one reactor watches. Few of them are polled by the GMainContext
 * itself, which then knows which are ready without another system call; many are in an
 * epoll, of which the context sees one descriptor, so that what is idle costs nothing.
 *
 * No locks here: all of it is called with the reactor's, or inside its gate. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* So many are ready in one look at most. */
#define NICE_REACTOR_EVENTS 64

/* So many are polled by the context itself. */
#define NICE_WATCHES_FEW 8

typedef struct _NiceReactor NiceReactor;
typedef struct _NiceWatch NiceWatch;

typedef struct
{
  void (*ref) (NiceWatch *self);
  void (*unref) (NiceWatch *self);
  void (*ready) (NiceWatch *self, NiceReactor *reactor, guint events);
} NiceWatchClass;

struct _NiceWatch
{
  const NiceWatchClass *klass;
  NiceReactor *reactor; /* NULL: stopped */
  guint slot;
  gint fd;
};

typedef struct
{
  GSource *source;
  GPtrArray *slots; /* of one each, where the source polls it */
  GArray *free;     /* of guint: indices of free slots */
  GPollFD epoll;    /* fd -1: few are watched */
} NiceWatches;

/* A watch's name, which no later one has. */
typedef struct
{
  guint64 name;
  guint events;
} NiceReady;

void nice_watches_init (NiceWatches *self, GSource *source);
void nice_watches_clear (NiceWatches *self);

/* FALSE: the kernel has no room for another descriptor. */
gboolean nice_watches_add (NiceWatches *self, NiceWatch *watch, guint events);
void nice_watches_change (NiceWatches *self, const NiceWatch *watch, guint events);
void nice_watches_remove (NiceWatches *self, const NiceWatch *watch);

/* After the context has polled: those that are ready, NICE_REACTOR_EVENTS at most. */
guint nice_watches_collect (const NiceWatches *self, NiceReady *ready);

/* NULL: it was stopped meanwhile. */
NiceWatch *nice_watches_find (const NiceWatches *self, guint64 name);

G_END_DECLS
