/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is looked at on the way of packets and hardly ever changed: those who look take no
 * lock while nobody changes it, and keep nobody who looks waiting.
 *
 * A reader enters, looks, takes references to what is to outlive the section, and leaves.
 * A writer closes, which waits until nobody is inside, changes, and opens again. Readers
 * who come meanwhile take the lock.
 *
 * Sections have to be short, on both sides; nothing that may close is called inside. */
#pragma once

#include <glib.h>
#include <stdatomic.h>

G_BEGIN_DECLS

typedef struct
{
  atomic_int n_inside;  /* readers */
  atomic_int n_closing; /* writers, changed with the lock */
  GMutex lock;          /* a leaf */
  GCond has_emptied;
} NiceGate;

void nice_gate_init (NiceGate *self);
void nice_gate_clear (NiceGate *self);

void nice_gate_close (NiceGate *self);
void nice_gate_open (NiceGate *self);

/* For the next two. */
void nice_gate_lock_instead (NiceGate *self);
void nice_gate_tell_writers (NiceGate *self);

/* Returns whether that was without the lock, which nice_gate_leave() has to know. */
static inline gboolean
nice_gate_enter (NiceGate *self)
{
  atomic_fetch_add (&self->n_inside, 1);
  if (G_LIKELY (atomic_load (&self->n_closing) == 0))
    return TRUE;
  nice_gate_lock_instead (self);
  return FALSE;
}

static inline void
nice_gate_leave (NiceGate *self, gboolean is_free)
{
  if (G_UNLIKELY (!is_free))
    g_mutex_unlock (&self->lock);
  else if (atomic_fetch_sub (&self->n_inside, 1) == 1
           && G_UNLIKELY (atomic_load (&self->n_closing) != 0))
    nice_gate_tell_writers (self);
}

G_END_DECLS
