/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How much data has gone over a path, and when last. Counted by who sends and receives,
 * in aggregate, without a lock; read by who looks on. */
#pragma once

#include <glib.h>
#include <stdatomic.h>

G_BEGIN_DECLS

typedef struct
{
  _Atomic guint64 packets, bytes;
  _Atomic gint64 last; /* 0: never */
} NiceTally;

typedef struct
{
  gint ref_count; /* atomic */
  NiceTally sent, received;
} NiceMeter;

NiceMeter *nice_meter_new (void);
NiceMeter *nice_meter_ref (NiceMeter *self);
void nice_meter_unref (NiceMeter *self);

static inline void
nice_tally_add (NiceTally *self, guint packets, gsize bytes, gint64 now)
{
  atomic_fetch_add_explicit (&self->packets, packets, memory_order_relaxed);
  atomic_fetch_add_explicit (&self->bytes, bytes, memory_order_relaxed);
  atomic_store_explicit (&self->last, now, memory_order_relaxed);
}

/* For the driver's users: the values at one moment. */
typedef struct
{
  guint64 packets_sent, bytes_sent, packets_received, bytes_received;
  gint64 last_sent, last_received; /* 0: never */
} NiceTraffic;

void nice_meter_read (NiceMeter *self, NiceTraffic *traffic);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (NiceMeter, nice_meter_unref)

G_END_DECLS
