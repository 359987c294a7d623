/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Back pressure: a connection of ICE-TCP is left unread while its component has more data
 * than anybody takes, for what TCP has acknowledged must not be dropped. Decides when
 * that begins and ends; must not know who takes the data. */
#include "config.h"

#include "io/driver-private.h"

gboolean
nice_component_io_is_sated (NiceComponentIo *self)
{
  return g_atomic_int_get (&self->is_held) || nice_pending_is_half_full (&self->pending);
}

gboolean
nice_base_hold (NiceBase *self)
{
  if (!nice_base_is_stream (self) || !nice_component_io_is_sated (self->component))
    return FALSE;
  g_atomic_int_set (&self->component->has_held, TRUE);
  nice_base_set_held (self, TRUE);
  return TRUE;
}

void
nice_component_io_resume (NiceComponentIo *self)
{
  NiceDriver *driver = self->driver;

  if (!g_atomic_int_get (&self->has_held) || nice_component_io_is_sated (self))
    return;
  g_mutex_lock (&driver->lock);
  g_mutex_lock (&driver->leaf);
  g_atomic_int_set (&self->has_held, FALSE);
  for (guint i = 0; i < driver->bases.len; i++)
    {
      NiceBase *base = ice_list_get (&driver->bases, i);

      if (base->component == self && nice_base_is_stream (base))
        nice_base_set_held (base, FALSE);
    }
  g_mutex_unlock (&driver->leaf);
  g_mutex_unlock (&driver->lock);
}

gboolean
nice_driver_has_pending (NiceDriver *self, guint stream_id, guint component_id)
{
  const NiceComponentIo *component;
  gboolean result;

  nice_guard_enter (&self->senders);
  component = nice_driver_find_component (self, stream_id, component_id);
  result = component != NULL
           && (!nice_pending_is_empty (&component->pending)
               || g_atomic_int_get (&component->is_emptying));
  nice_guard_leave (&self->senders);
  return result;
}

void
nice_driver_hold (NiceDriver *self, guint stream_id, guint component_id, gboolean hold)
{
  g_autoptr (NiceComponentIo) component =
      nice_driver_dup_component (self, stream_id, component_id, NULL);

  if (component == NULL)
    return;
  g_atomic_int_set (&component->is_held, hold);
  nice_component_io_resume (component);
}
