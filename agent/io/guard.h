/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Pointers that are read on the way of packets and replaced by others, without a lock for
 * those who read.
 *
 * A reader enters, reads pointers, takes references to what they point to, and leaves. A
 * writer replaces a pointer (atomically, and under whatever lock writers agree on), and
 * retires what it pointed to: this is let go of when nobody is inside who may have read
 * the pointer and has no reference yet. As a rule that is at once; else the last reader
 * to leave does it.
 *
 * Sections have to be short: some loads and references, no system call, no function of
 * the application. Nobody waits for anybody, so a reader who is preempted inside delays
 * what is retired and nothing else. */
#pragma once

#include <glib.h>
#include <stdatomic.h>

G_BEGIN_DECLS

typedef struct _NiceRetired NiceRetired;

typedef struct
{
  atomic_int n_readers; /* inside */
  _Atomic (NiceRetired *) retired;
} NiceGuard;

void nice_guard_clear (NiceGuard *self);

/* The writer's: let_go is called with object, NULL or not reachable any more, now or by a
 * reader as he leaves. */
void nice_guard_retire (NiceGuard *self, gpointer object, GDestroyNotify let_go);

/* For nice_guard_leave(). */
void nice_guard_reclaim (NiceGuard *self);

static inline void
nice_guard_enter (NiceGuard *self)
{
  atomic_fetch_add (&self->n_readers, 1);
}

/* May run what was given to nice_guard_retire(). */
static inline void
nice_guard_leave (NiceGuard *self)
{
  if (atomic_fetch_sub (&self->n_readers, 1) == 1
      && G_UNLIKELY (atomic_load (&self->retired) != NULL))
    nice_guard_reclaim (self);
}

G_END_DECLS
