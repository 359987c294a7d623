/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One source in each GMainContext for all sockets and timers of all agents on it.
 *
 * A GMainContext walks all its sources and polls all their descriptors in each iteration,
 * so an agent with sources of its own makes every other agent's packets dearer. Here the
 * context sees few descriptors, or one epoll, and one time-out, the first of a heap: what
 * a packet or a timer costs does not depend on how many agents are idle.
 *
 * Watches and timers are embedded in what they belong to. Starting, stopping and setting
 * them is allowed from any thread; their functions run in the thread that iterates the
 * context, with a reference taken through the class, and may still be about to run when
 * stop returns: they check for themselves whether their owner is closed.
 *
 * Fairness: one iteration looks at no more than NICE_REACTOR_EVENTS sockets, each of
 * which reads a bounded batch, and then at the timers that were due when it started. */
#pragma once

#include <glib.h>

#include "ice/types.h"
#include "io/watches.h"
#include "socket/pool.h"

G_BEGIN_DECLS

typedef struct _NiceTimer NiceTimer;

typedef struct
{
  void (*ref) (NiceTimer *self);
  void (*unref) (NiceTimer *self);
  void (*due) (NiceTimer *self);
} NiceTimerClass;

struct _NiceTimer
{
  const NiceTimerClass *klass;
  gint64 deadline;
  guint position; /* in the heap, counted from 1; 0: not in it */
};

/* The reactor of a context (NULL: the default one), which is made when first asked for
 * and goes with the last release. It keeps the context alive. */
NiceReactor *nice_reactor_acquire (GMainContext *context);
NiceReactor *nice_reactor_hold (NiceReactor *self); /* one more, of one that is held */
void nice_reactor_release (NiceReactor *self);
GMainContext *nice_reactor_get_context (NiceReactor *self);
NicePool *nice_reactor_get_pool (NiceReactor *self);

/* events: EPOLLIN, EPOLLOUT. FALSE: the kernel has no room for another descriptor. A
 * watch is started, changed and stopped by one thread at a time. */
gboolean nice_watch_start (NiceWatch *self, NiceReactor *reactor, gint fd, guint events);
void nice_watch_change (NiceWatch *self, guint events);
void nice_watch_stop (NiceWatch *self);

/* ICE_NEVER: not any more. */
void nice_timer_set (NiceTimer *self, NiceReactor *reactor, gint64 deadline);

G_END_DECLS
