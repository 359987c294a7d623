/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Decides who waits for whom where something is looked at often and changed rarely. Must
 * not know what that is.
 *
 * Why that is safe. All operations on the two numbers are in one order (sequentially
 * consistent). A reader counts himself in, then looks for writers; a writer counts
 * himself in, then looks for readers. Whoever of the two was first, the other one sees
 * him: the reader then takes the lock, or the writer waits. A writer who waits has given
 * the lock up, and readers and writers with the lock may come in between; but he changes
 * nothing before he has it again and nobody is inside.
 *
 * Why nobody sleeps for ever. The last reader to leave looks for writers after he has
 * counted himself out, and tells them with the lock, which a writer holds from his look
 * until he sleeps.
 *
 * NOTES: a guard (guard.h), where nobody waits at all, wants what is replaced to be let
 * go of by whoever leaves last. For a table that is changed in place that is a copy of
 * the table each time, and where the last to leave is another writer he has locks of his
 * own while he lets go. */
#include "config.h"

#include "io/gate.h"

void
nice_gate_init (NiceGate *self)
{
  atomic_init (&self->n_inside, 0);
  atomic_init (&self->n_closing, 0);
  g_mutex_init (&self->lock);
  g_cond_init (&self->has_emptied);
}

void
nice_gate_clear (NiceGate *self)
{
  g_assert (atomic_load (&self->n_inside) == 0);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->has_emptied);
}

void
nice_gate_tell_writers (NiceGate *self)
{
  g_mutex_lock (&self->lock);
  g_cond_broadcast (&self->has_emptied);
  g_mutex_unlock (&self->lock);
}

void
nice_gate_lock_instead (NiceGate *self)
{
  nice_gate_leave (self, TRUE);
  g_mutex_lock (&self->lock);
}

void
nice_gate_close (NiceGate *self)
{
  g_mutex_lock (&self->lock);
  atomic_fetch_add (&self->n_closing, 1);
  while (atomic_load (&self->n_inside) > 0)
    g_cond_wait (&self->has_emptied, &self->lock);
}

void
nice_gate_open (NiceGate *self)
{
  atomic_fetch_sub (&self->n_closing, 1);
  g_mutex_unlock (&self->lock);
}
