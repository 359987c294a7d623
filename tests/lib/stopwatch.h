/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How long something takes in a program with a main loop. At least, says the clock. At
 * most, says a timer of the default context that fires each ten milliseconds and does not
 * catch up: it stands still while the machine has no time for the program, and what the
 * program waits for by timers of its own is due no later for it. */
#pragma once

#include <glib.h>

#define STOPWATCH_TICK_MS 10

typedef struct
{
  gint64 began;
  guint ticker, n_ticks;
  gint64 at_least, at_most; /* in microseconds, once it has stopped */
} Stopwatch;

static inline gboolean
stopwatch_tick (gpointer data)
{
  ((Stopwatch *)data)->n_ticks++;
  return G_SOURCE_CONTINUE;
}

static inline void
stopwatch_start (Stopwatch *self)
{
  *self = (Stopwatch) { .began = g_get_monotonic_time () };
  self->ticker = g_timeout_add (STOPWATCH_TICK_MS, stopwatch_tick, self);
}

static inline void
stopwatch_stop (Stopwatch *self)
{
  g_source_remove (self->ticker);
  self->at_least = g_get_monotonic_time () - self->began;
  self->at_most = (gint64)self->n_ticks * STOPWATCH_TICK_MS * G_TIME_SPAN_MILLISECOND;
}
