/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Wakes a source of some main loop from any thread. A source may be on its way out while
 * another thread has news for it, and is not to be touched then; this is counted, so that
 * both may hold it. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  gint ref_count; /* atomic */
  gint is_awake;  /* atomic */
  gint fd;        /* readable while awake: for g_source_add_unix_fd() */
} NiceWaker;

/* NULL: the system is out of descriptors. */
NiceWaker *nice_waker_new (void);
NiceWaker *nice_waker_ref (NiceWaker *self);
void nice_waker_unref (NiceWaker *self);
void nice_waker_wake (NiceWaker *self);
/* To be called before looking at what there may be news of. */
void nice_waker_rest (NiceWaker *self);

/* Lists of wakers are immutable and counted, NULL is the empty one: who wakes takes a
 * reference under a lock and goes through it without. The new list is returned, the old
 * one let go of. */
GPtrArray *nice_wakers_with (GPtrArray *wakers, NiceWaker *waker);
GPtrArray *nice_wakers_without (GPtrArray *wakers, const NiceWaker *waker);
GPtrArray *nice_wakers_ref (GPtrArray *wakers);
/* Takes the reference. */
void nice_wakers_wake (GPtrArray *wakers);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (NiceWaker, nice_waker_unref)

G_END_DECLS
