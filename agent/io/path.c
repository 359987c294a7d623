/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A path: where a component sends. Holds its base, and so the descriptor, for as long as
 * somebody is sending on it; must not know why it was selected. */
#include "config.h"

#include "io/driver-private.h"

NicePath *
nice_path_new (NiceBase *base, const NiceAddress *to, NiceMeter *meter)
{
  NicePath *self = g_new (NicePath, 1);

  self->ref_count = 1;
  self->base = nice_base_ref (base);
  self->to = *to;
  self->meter = meter != NULL ? nice_meter_ref (meter) : nice_meter_new ();
  return self;
}

NicePath *
nice_path_ref (NicePath *self)
{
  g_atomic_int_inc (&self->ref_count);
  return self;
}

void
nice_path_unref (NicePath *self)
{
  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;
  nice_base_unref (self->base);
  nice_meter_unref (self->meter);
  g_free (self);
}
