/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Data that arrived before anybody wanted it. */
#pragma once

#include <glib.h>

#include "socket/address.h"

G_BEGIN_DECLS

/* What a component keeps at most, headers of the queue included: as much as the kernel
 * would keep in a socket's receive buffer by default. */
#define NICE_PENDING_LIMIT (208 * 1024)

typedef struct
{
  NiceAddress from;
  gint tos;          /* -1: not known */
  guint len, stride; /* of a run of datagrams, as of a NicePacket */
  guint8 data[];
} NicePendingItem;

typedef struct
{
  GMutex lock; /* a leaf */
  GQueue items;
  gsize size;
  guint n_items; /* atomic copy: is a look worth the lock */
  guint dropped;
} NicePending;

void nice_pending_init (NicePending *self);
void nice_pending_clear (NicePending *self);
/* FALSE: there is no room; the newest is what is lost, as in a socket. is_stream: from a
 * connection, and never lost; whoever reads that stops in time. */
gboolean
nice_pending_push (NicePending *self, const NiceAddress *from, gint tos,
                   const guint8 *data, guint len, guint stride, gboolean is_stream);
gboolean nice_pending_is_half_full (NicePending *self);
/* (transfer full), freed with g_free(); NULL: empty. */
NicePendingItem *nice_pending_pop (NicePending *self);

static inline gboolean
nice_pending_is_empty (const NicePending *self)
{
  return g_atomic_int_get (&self->n_items) == 0;
}

G_END_DECLS
