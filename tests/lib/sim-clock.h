/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Virtual time: a queue of things that will happen. Time moves only by taking the next
 * one, and two things of the same instant happen in the order in which they were asked
 * for. Microseconds. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define SIM_MS G_GINT64_CONSTANT (1000)
#define SIM_SECOND G_GINT64_CONSTANT (1000000)
#define SIM_NEVER G_MAXINT64

typedef struct _SimClock SimClock;
typedef struct _SimTimer SimTimer;
typedef void (*SimFunc) (gpointer data);

SimClock *sim_clock_new (gint64 start);
void sim_clock_free (SimClock *self);
gint64 sim_clock_get_now (const SimClock *self);

/* The timer is gone as soon as func starts, and data is func's from then on; destroy,
 * which may be NULL, is called for what never happens. */
SimTimer *sim_clock_at (SimClock *self, gint64 when, SimFunc func, gpointer data,
                        GDestroyNotify destroy);
void sim_clock_cancel (SimClock *self, SimTimer *timer);

gint64 sim_clock_get_next (const SimClock *self); /* SIM_NEVER: nothing will happen */
/* Takes the next event if it is due by limit; else moves to limit and returns FALSE. */
gboolean sim_clock_step (SimClock *self, gint64 limit);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimClock, sim_clock_free)

G_END_DECLS
