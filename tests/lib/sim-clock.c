/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The event queue of the simulator: a binary heap by time, then by order of asking. It
 * knows nothing of what the events do. */
#include "config.h"

#include "sim-clock.h"

struct _SimTimer
{
  gint64 when;
  guint64 order;
  guint slot;
  SimFunc func;
  gpointer data;
  GDestroyNotify destroy;
};

struct _SimClock
{
  gint64 now;
  guint64 asked;
  GPtrArray *heap;
};

static inline SimTimer *
at_slot (const SimClock *self, guint slot)
{
  return g_ptr_array_index (self->heap, slot);
}

static inline gboolean
is_before (const SimTimer *a, const SimTimer *b)
{
  return a->when < b->when || (a->when == b->when && a->order < b->order);
}

static void
put (SimClock *self, guint slot, SimTimer *timer)
{
  self->heap->pdata[slot] = timer;
  timer->slot = slot;
}

static void
rise (SimClock *self, SimTimer *timer)
{
  guint slot = timer->slot;

  while (slot > 0)
    {
      SimTimer *parent = at_slot (self, (slot - 1) / 2);

      if (!is_before (timer, parent))
        break;
      put (self, slot, parent);
      slot = (slot - 1) / 2;
    }
  put (self, slot, timer);
}

static void
sink (SimClock *self, SimTimer *timer)
{
  guint slot = timer->slot;

  for (;;)
    {
      guint child = 2 * slot + 1;

      if (child >= self->heap->len)
        break;
      if (child + 1 < self->heap->len
          && is_before (at_slot (self, child + 1), at_slot (self, child)))
        child++;
      if (!is_before (at_slot (self, child), timer))
        break;
      put (self, slot, at_slot (self, child));
      slot = child;
    }
  put (self, slot, timer);
}

static void
take (SimClock *self, SimTimer *timer)
{
  guint slot = timer->slot;
  SimTimer *last = at_slot (self, self->heap->len - 1);

  g_ptr_array_set_size (self->heap, (gint)self->heap->len - 1);
  if (last == timer)
    return;
  put (self, slot, last);
  rise (self, last);
  sink (self, last);
}

static void
timer_free (SimTimer *timer)
{
  if (timer->destroy != NULL)
    timer->destroy (timer->data);
  g_free (timer);
}

SimClock *
sim_clock_new (gint64 start)
{
  SimClock *self = g_new0 (SimClock, 1);

  self->now = start;
  self->heap = g_ptr_array_new ();
  return self;
}

void
sim_clock_free (SimClock *self)
{
  while (self->heap->len > 0)
    {
      SimTimer *timer = at_slot (self, self->heap->len - 1);

      take (self, timer);
      timer_free (timer);
    }
  g_ptr_array_unref (self->heap);
  g_free (self);
}

gint64
sim_clock_get_now (const SimClock *self)
{
  return self->now;
}

SimTimer *
sim_clock_at (SimClock *self, gint64 when, SimFunc func, gpointer data,
              GDestroyNotify destroy)
{
  SimTimer *timer = g_new0 (SimTimer, 1);

  timer->when = MAX (when, self->now);
  timer->order = self->asked++;
  timer->func = func;
  timer->data = data;
  timer->destroy = destroy;
  timer->slot = self->heap->len;
  g_ptr_array_add (self->heap, timer);
  rise (self, timer);
  return timer;
}

void
sim_clock_cancel (SimClock *self, SimTimer *timer)
{
  take (self, timer);
  timer_free (timer);
}

gint64
sim_clock_get_next (const SimClock *self)
{
  return self->heap->len > 0 ? at_slot (self, 0)->when : SIM_NEVER;
}

gboolean
sim_clock_step (SimClock *self, gint64 limit)
{
  SimTimer *timer;

  if (sim_clock_get_next (self) > limit)
    {
      self->now = MAX (self->now, limit);
      return FALSE;
    }
  timer = at_slot (self, 0);
  take (self, timer);
  self->now = timer->when;
  timer->func (timer->data);
  g_free (timer);
  return TRUE;
}
