/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A binary heap whose items know their place, so that any of them can leave in O(log n).
 *
 * Holds pointers and owns none. What orders them, and where an item keeps its place (a
 * guint, 0 while it is in no heap of that order), is said by an IceHeapOrder. */
#pragma once

#include "ice/list.h"

G_BEGIN_DECLS

typedef IceList IceHeap; /* its first item is the first */

typedef struct
{
  gint (*compare) (gconstpointer a, gconstpointer b); /* < 0: a goes first */
  gsize place; /* offset in the item of its guint */
} IceHeapOrder;

void ice_heap_insert (IceHeap *self, const IceHeapOrder *order, gpointer item);
void ice_heap_remove (IceHeap *self, const IceHeapOrder *order, gpointer item);
/* item's key changed, or the keys of all did. */
void ice_heap_update (IceHeap *self, const IceHeapOrder *order, gpointer item);
void ice_heap_rebuild (IceHeap *self, const IceHeapOrder *order);

static inline gpointer
ice_heap_peek (const IceHeap *self)
{
  return self->len > 0 ? ice_list_get (self, 0) : NULL;
}

static inline gboolean
ice_heap_has (const IceHeapOrder *order, gconstpointer item)
{
  return G_STRUCT_MEMBER (guint, item, order->place) != 0;
}

G_END_DECLS
