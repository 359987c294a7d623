/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Tells when a component has data for the calls that do not wait, and has its sockets
 * read where whoever asks is. It must not take the data. */
#include "config.h"

#include "io/driver-private.h"

struct _NiceReadiness
{
  NiceComponentIo *component;
  NiceWaker *waker;
  NiceReactor *reactor; /* where it had the sockets read; NULL: nowhere yet */
};

static void
set_wakers (NiceReadiness *self, gboolean is_listed)
{
  NiceComponentIo *component = self->component;
  GPtrArray *wakers;

  g_mutex_lock (&component->driver->leaf);
  wakers = component->wakers;
  wakers = is_listed ? nice_wakers_with (wakers, self->waker)
                     : nice_wakers_without (wakers, self->waker);
  g_atomic_pointer_set (&component->wakers, wakers);
  g_mutex_unlock (&component->driver->leaf);
}

NiceReadiness *
nice_readiness_new (NiceDriver *driver, guint stream_id, guint component_id,
                    NiceWaker *waker)
{
  NiceComponentIo *component =
      nice_driver_dup_component (driver, stream_id, component_id, NULL);
  NiceReadiness *self;

  if (component == NULL)
    return NULL;
  self = g_new0 (NiceReadiness, 1);
  self->component = component;
  self->waker = nice_waker_ref (waker);
  set_wakers (self, TRUE);
  return self;
}

void
nice_readiness_free (NiceReadiness *self)
{
  set_wakers (self, FALSE);
  if (self->reactor != NULL)
    nice_driver_stop_reading (self->component, self->reactor);
  g_clear_pointer (&self->reactor, nice_reactor_release);
  nice_waker_unref (self->waker);
  nice_component_io_unref (self->component);
  g_free (self);
}

void
nice_readiness_read_in (NiceReadiness *self, GMainContext *context)
{
  g_clear_pointer (&self->reactor, nice_reactor_release);
  self->reactor = nice_reactor_acquire (context);
  nice_driver_read_in (self->component, self->reactor);
}

gboolean
nice_readiness_check (NiceReadiness *self)
{
  nice_waker_rest (self->waker);
  return g_atomic_int_get (&self->component->is_removed)
         || !nice_pending_is_empty (&self->component->pending);
}
