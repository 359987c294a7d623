/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The life of a meter, which a path and those that receive on it share. Must not know
 * what is counted. */
#include "config.h"

#include "io/meter.h"

NiceMeter *
nice_meter_new (void)
{
  NiceMeter *self = g_new0 (NiceMeter, 1);

  self->ref_count = 1;
  return self;
}

NiceMeter *
nice_meter_ref (NiceMeter *self)
{
  g_atomic_int_inc (&self->ref_count);
  return self;
}

void
nice_meter_unref (NiceMeter *self)
{
  if (g_atomic_int_dec_and_test (&self->ref_count))
    g_free (self);
}

void
nice_meter_read (NiceMeter *self, NiceTraffic *traffic)
{
  traffic->packets_sent = atomic_load (&self->sent.packets);
  traffic->bytes_sent = atomic_load (&self->sent.bytes);
  traffic->last_sent = atomic_load (&self->sent.last);
  traffic->packets_received = atomic_load (&self->received.packets);
  traffic->bytes_received = atomic_load (&self->received.bytes);
  traffic->last_received = atomic_load (&self->received.last);
}
