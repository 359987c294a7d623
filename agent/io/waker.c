/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Decides how the news that there may be data reaches a main loop in another thread: one
 * write for however many news, until the loop has looked. Must not know what they are
 * about.
 *
 * NOTES: g_main_context_wakeup() needs the source's context, which may be freed at that
 * moment, and a reference to it held by the source would keep both for ever. */
#include "config.h"

#include "io/waker.h"

#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

NiceWaker *
nice_waker_new (void)
{
  const gint fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  NiceWaker *self;

  if (fd < 0)
    return NULL;
  self = g_new0 (NiceWaker, 1);
  self->ref_count = 1;
  self->fd = fd;
  return self;
}

NiceWaker *
nice_waker_ref (NiceWaker *self)
{
  g_atomic_int_inc (&self->ref_count);
  return self;
}

void
nice_waker_unref (NiceWaker *self)
{
  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;
  close (self->fd);
  g_free (self);
}

void
nice_waker_wake (NiceWaker *self)
{
  const guint64 one = 1;

  if (!g_atomic_int_compare_and_exchange (&self->is_awake, FALSE, TRUE))
    return;
  while (write (self->fd, &one, sizeof one) < 0 && errno == EINTR)
    ;
}

void
nice_waker_rest (NiceWaker *self)
{
  guint64 count;

  if (!g_atomic_int_get (&self->is_awake))
    return;
  /* Whoever wakes in between is not heard, but what it has to say is there to be seen. */
  while (read (self->fd, &count, sizeof count) < 0 && errno == EINTR)
    ;
  g_atomic_int_set (&self->is_awake, FALSE);
}

/* --- Lists --- */

static GPtrArray *
copy_without (GPtrArray *wakers, const NiceWaker *waker)
{
  GPtrArray *copy = g_ptr_array_new_with_free_func ((GDestroyNotify)nice_waker_unref);

  for (guint i = 0; wakers != NULL && i < wakers->len; i++)
    if (g_ptr_array_index (wakers, i) != waker)
      g_ptr_array_add (copy, nice_waker_ref (g_ptr_array_index (wakers, i)));
  g_clear_pointer (&wakers, g_ptr_array_unref);
  return copy;
}

GPtrArray *
nice_wakers_with (GPtrArray *wakers, NiceWaker *waker)
{
  GPtrArray *copy = copy_without (wakers, waker);

  g_ptr_array_add (copy, nice_waker_ref (waker));
  return copy;
}

GPtrArray *
nice_wakers_without (GPtrArray *wakers, const NiceWaker *waker)
{
  GPtrArray *copy = copy_without (wakers, waker);

  if (copy->len == 0)
    g_clear_pointer (&copy, g_ptr_array_unref);
  return copy;
}

GPtrArray *
nice_wakers_ref (GPtrArray *wakers)
{
  return wakers != NULL ? g_ptr_array_ref (wakers) : NULL;
}

void
nice_wakers_wake (GPtrArray *wakers)
{
  if (wakers == NULL)
    return;
  for (guint i = 0; i < wakers->len; i++)
    nice_waker_wake (g_ptr_array_index (wakers, i));
  g_ptr_array_unref (wakers);
}
