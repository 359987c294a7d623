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
  g_main_context_wakeup (self->context);
  g_mutex_unlock (&self->lock);
}

static void
wait_with_lock (NiceReliable *self, GIOCondition condition, GCancellable *cancellable)
{
  while ((nice_reliable_look (self) & condition) == 0
         && !g_cancellable_is_cancelled (cancellable))
    {
      g_autoptr (GMainContext) context = g_main_context_ref (self->context);

      if (self->iterating)
        {
          g_cond_wait (&self->changed, &self->lock);
          continue;
        }
      self->iterating = TRUE;
      g_mutex_unlock (&self->lock);
      g_main_context_iteration (context, TRUE);
      g_mutex_lock (&self->lock);
      self->iterating = FALSE;
      g_cond_broadcast (&self->changed);
    }
}

gboolean
nice_reliable_wait (NiceReliable *self, GIOCondition condition, GCancellable *cancellable,
                    GError **error)
{
  g_autoptr (GMainContext) own = NULL;
  gboolean first, last;
  gulong handler = 0;

  if (nice_reliable_get_condition (self) & condition)
    return TRUE;
  g_mutex_lock (&self->lock);
  first = self->n_waiting++ == 0;
  if (first)
    self->iterating = TRUE; /* nobody iterates what is not yet ours */
  g_mutex_unlock (&self->lock);
  if (first)
    {
      own = g_main_context_new ();
      nice_reliable_read_in (self, own);
      nice_driver_pump (self->env.driver, self->stream_id, self->component_id);
      g_mutex_lock (&self->lock);
      self->iterating = FALSE;
      g_cond_broadcast (&self->changed);
      g_mutex_unlock (&self->lock);
    }
  if (cancellable != NULL)
    handler =
        g_signal_connect (cancellable, "cancelled", G_CALLBACK (on_wait_cancelled), self);
  g_mutex_lock (&self->lock);
  wait_with_lock (self, condition, cancellable);
  last = --self->n_waiting == 0;
  g_mutex_unlock (&self->lock);
  if (handler != 0)
    g_signal_handler_disconnect (cancellable, handler);
  if (last)
    nice_reliable_read_in (self, self->env.context);
  return !g_cancellable_set_error_if_cancelled (cancellable, error);
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
