/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Waiting until a reliable component can be read from or written to: who iterates the
 * context in which its sockets are read meanwhile, and who is woken. It must not know
 * what is read. */
#include "config.h"

#include "reliable-core.h"

GIOCondition
nice_reliable_get_condition (NiceReliable *self)
{
  GIOCondition condition;

  g_mutex_lock (&self->lock);
  condition = nice_reliable_look (self);
  g_mutex_unlock (&self->lock);
  return condition;
}

static void
on_wait_cancelled (GCancellable *cancellable, NiceReliable *self)
{
  g_mutex_lock (&self->lock);
  g_cond_broadcast (&self->changed);
  g_main_context_wakeup (self->own);
  g_mutex_unlock (&self->lock);
}

gboolean
nice_reliable_is_left_to (const GThread *thread)
{
  return thread != NULL && thread != g_thread_self ();
}

/* A function that is called in here may wait too, and would for ever if it left that to
 * its own thread. */
static void
iterate_with_lock (NiceReliable *self)
{
  GThread *outer = self->iterator;

  self->iterator = g_thread_self ();
  g_mutex_unlock (&self->lock);
  g_main_context_iteration (self->own, TRUE);
  g_mutex_lock (&self->lock);
  self->iterator = outer;
  g_cond_broadcast (&self->changed);
}

static void
wait_with_lock (NiceReliable *self, GIOCondition condition, GCancellable *cancellable)
{
  while ((nice_reliable_look (self) & condition) == 0
         && !g_cancellable_is_cancelled (cancellable))
    {
      if (nice_reliable_is_left_to (self->iterator)
          || nice_reliable_is_left_to (self->mover))
        g_cond_wait (&self->changed, &self->lock);
      else
        iterate_with_lock (self);
    }
}

/* What has come already, where a function that was told a part of it waits for the
 * rest. */
static void
catch_up (NiceReliable *self)
{
  g_autoptr (GObject) owner = g_weak_ref_get (&self->owner);

  if (owner == NULL)
    return;
  self->env.catch_up (owner);
  nice_driver_read_on (self->env.driver, self->stream_id, self->component_id);
}

gboolean
nice_reliable_wait (NiceReliable *self, GIOCondition condition, GCancellable *cancellable,
                    GError **error)
{
  gboolean first, last;
  gulong handler = 0;

  if (nice_reliable_get_condition (self) & condition)
    return TRUE;
  g_mutex_lock (&self->lock);
  first = self->n_waiting++ == 0;
  if (self->own == NULL)
    self->own = g_main_context_new ();
  g_mutex_unlock (&self->lock);
  if (first)
    nice_reliable_place (self);
  catch_up (self);
  /* It may still run in another thread when this one is done. */
  if (cancellable != NULL)
    handler = g_signal_connect_data (
        cancellable, "cancelled", G_CALLBACK (on_wait_cancelled),
        nice_reliable_ref (self), (GClosureNotify)(GCallback)nice_reliable_unref, 0);
  g_mutex_lock (&self->lock);
  wait_with_lock (self, condition, cancellable);
  last = --self->n_waiting == 0;
  g_mutex_unlock (&self->lock);
  if (handler != 0)
    g_signal_handler_disconnect (cancellable, handler);
  if (last)
    nice_reliable_place (self);
  return !g_cancellable_set_error_if_cancelled (cancellable, error);
}

/* What the wait saw is there to be had, unless another thread had it first. Takes local:
 * TRUE if that is so, else error gets it. */
static gboolean
came_too_late (GError *local, GError **error)
{
  if (!g_error_matches (local, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    {
      g_propagate_error (error, local);
      return FALSE;
    }
  g_error_free (local);
  return TRUE;
}

gssize
nice_reliable_read_waiting (NiceReliable *self, void *data, gsize size,
                            GCancellable *cancellable, GError **error)
{
  while (nice_reliable_wait (self, G_IO_IN, cancellable, error))
    {
      GError *local = NULL;
      const gssize n = nice_reliable_read (self, data, size, &local);

      if (n >= 0 || !came_too_late (local, error))
        return n;
    }
  return -1;
}

gssize
nice_reliable_write_waiting (NiceReliable *self, const void *data, gsize size,
                             GCancellable *cancellable, GError **error)
{
  while (nice_reliable_wait (self, G_IO_OUT, cancellable, error))
    {
      GError *local = NULL;
      const gssize n = nice_reliable_write (self, data, size, &local);

      if (n >= 0 || !came_too_late (local, error))
        return n;
    }
  return -1;
}

/* --- Who is woken --- */

void
nice_reliable_watch (NiceReliable *self, NiceWaker *waker)
{
  g_mutex_lock (&self->lock);
  self->wakers = nice_wakers_with (self->wakers, waker);
  g_mutex_unlock (&self->lock);
}

void
nice_reliable_unwatch (NiceReliable *self, NiceWaker *waker)
{
  g_mutex_lock (&self->lock);
  self->wakers = nice_wakers_without (self->wakers, waker);
  g_mutex_unlock (&self->lock);
}
