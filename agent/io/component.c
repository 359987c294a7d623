/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Holds together what the data of a component needs, and wakes whoever waits for it. It
 * must not know the engine. */
#include "config.h"

#include "io/bundle.h"
#include "io/driver-private.h"

#include <errno.h>
#include <unistd.h>

static NiceComponentIo *
get_component (NiceTimer *timer)
{
  return (NiceComponentIo *)((guint8 *)timer
                             - G_STRUCT_OFFSET (NiceComponentIo, pending_timer));
}

static void
ref_timer (NiceTimer *timer)
{
  nice_component_io_ref (get_component (timer));
}

static void
unref_timer (NiceTimer *timer)
{
  nice_component_io_unref (get_component (timer));
}

static void
due (NiceTimer *timer)
{
  nice_receive_pending (get_component (timer));
}

static const NiceTimerClass timer_class = { ref_timer, unref_timer, due };

NiceComponentIo *
nice_component_io_new (NiceDriver *driver, guint stream_id, guint component_id,
                       NiceReactor *reactor)
{
  NiceComponentIo *self = g_new0 (NiceComponentIo, 1);

  self->ref_count = 1;
  self->stream_id = stream_id;
  self->component_id = component_id;
  self->driver = nice_driver_ref (driver);
  self->reactor = nice_reactor_hold (reactor);
  self->has_consent = TRUE;
  self->wake_fd = -1;
  self->meter = nice_meter_new ();
  self->pending_timer.klass = &timer_class;
  nice_pending_init (&self->pending);
  return self;
}

NiceComponentIo *
nice_component_io_ref (NiceComponentIo *self)
{
  g_atomic_int_inc (&self->ref_count);
  return self;
}

void
nice_component_io_unref (NiceComponentIo *self)
{
  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;
  nice_pending_clear (&self->pending);
  g_clear_pointer (&self->bundle, nice_bundle_free);
  nice_meter_unref (self->meter);
  nice_reactor_release (self->reactor);
  if (self->wake_fd >= 0)
    close (self->wake_fd);
  g_clear_pointer (&self->wakers, g_ptr_array_unref);
  nice_driver_unref (self->driver);
  g_free (self);
}

static void
wake_sources (NiceComponentIo *self)
{
  GPtrArray *wakers;

  if (g_atomic_pointer_get (&self->wakers) == NULL)
    return;
  g_mutex_lock (&self->driver->leaf);
  wakers = nice_wakers_ref (self->wakers);
  g_mutex_unlock (&self->driver->leaf);
  nice_wakers_wake (wakers);
}

void
nice_component_io_wake (NiceComponentIo *self)
{
  const guint64 one = 1;
  const gint fd = g_atomic_int_get (&self->wake_fd);

  wake_sources (self);
  if (g_atomic_int_get (&self->n_waiting) == 0)
    return;
  /* A counter that is full already says what there is to say. */
  while (fd >= 0 && write (fd, &one, sizeof one) < 0 && errno == EINTR)
    ;
}

void
nice_component_io_offer_pending (NiceComponentIo *self)
{
  if (nice_pending_is_empty (&self->pending))
    return;
  g_mutex_lock (&self->driver->leaf);
  if (self->receiver != NULL)
    nice_timer_set (&self->pending_timer, self->receiver->reactor, 0);
  g_mutex_unlock (&self->driver->leaf);
}

void
nice_component_io_put_off (NiceComponentIo *self, const NiceReceived *received,
                           const NiceAddress *from, gboolean is_stream)
{
  if (g_atomic_int_get (&self->is_removed)
      || !nice_pending_push (&self->pending, from, received->tos, received->data,
                             received->len, received->len, is_stream))
    return;

  nice_component_io_offer_pending (self);
  nice_component_io_wake (self);
}

void
nice_component_io_set_path (NiceComponentIo *self, NicePath *path)
{
  NicePath *old = self->path;

  g_atomic_pointer_set (&self->path, path);
  nice_guard_retire (&self->driver->senders, old, (GDestroyNotify)nice_path_unref);
}

/* --- Receivers --- */

NiceReceiver *
nice_receiver_new (NiceReactor *reactor, NiceReceiveFunc func, gpointer user_data,
                   GDestroyNotify notify)
{
  NiceReceiver *self = g_new (NiceReceiver, 1);

  self->ref_count = 1;
  self->reactor = nice_reactor_hold (reactor);
  self->func = func;
  self->user_data = user_data;
  self->notify = notify;
  return self;
}

NiceReceiver *
nice_receiver_ref (NiceReceiver *self)
{
  if (self != NULL)
    g_atomic_int_inc (&self->ref_count);
  return self;
}

void
nice_receiver_unref (NiceReceiver *self)
{
  if (self == NULL || !g_atomic_int_dec_and_test (&self->ref_count))
    return;
  if (self->notify != NULL)
    self->notify (self->user_data);
  nice_reactor_release (self->reactor);
  g_free (self);
}
