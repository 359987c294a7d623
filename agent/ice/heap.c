/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A binary heap whose items know their place. Knows nothing of what it orders. */
#include "config.h"

#include "ice/heap.h"

#define PLACE(order, item) G_STRUCT_MEMBER (guint, item, (order)->place)

static void
put (IceHeap *self, const IceHeapOrder *order, guint position, gpointer item)
{
  self->items[position] = item;
  PLACE (order, item) = position + 1;
}

static void
sift_up (IceHeap *self, const IceHeapOrder *order, guint position)
{
  gpointer item = self->items[position];

  while (position > 0)
    {
      guint parent = (position - 1) / 2;

      if (order->compare (item, self->items[parent]) >= 0)
        break;
      put (self, order, position, self->items[parent]);
      position = parent;
    }
  put (self, order, position, item);
}

static void
sift_down (IceHeap *self, const IceHeapOrder *order, guint position)
{
  gpointer item = self->items[position];

  for (;;)
    {
      guint child = 2 * position + 1;

      if (child >= self->n)
        break;
      if (child + 1 < self->n
          && order->compare (self->items[child + 1], self->items[child]) < 0)
        child++;
      if (order->compare (self->items[child], item) >= 0)
        break;
      put (self, order, position, self->items[child]);
      position = child;
    }
  put (self, order, position, item);
}

void
ice_heap_insert (IceHeap *self, const IceHeapOrder *order, gpointer item)
{
  g_assert (PLACE (order, item) == 0);

  if (self->n == self->size)
    {
      self->size = MAX (4, self->size * 2);
      self->items = g_renew (gpointer, self->items, self->size);
    }
  put (self, order, self->n, item);
  self->n++;
  sift_up (self, order, self->n - 1);
}

void
ice_heap_remove (IceHeap *self, const IceHeapOrder *order, gpointer item)
{
  guint position = PLACE (order, item) - 1;

  g_assert (position < self->n && self->items[position] == item);

  PLACE (order, item) = 0;
  self->n--;
  if (position < self->n)
    {
      put (self, order, position, self->items[self->n]);
      ice_heap_update (self, order, self->items[position]);
    }
}

void
ice_heap_update (IceHeap *self, const IceHeapOrder *order, gpointer item)
{
  sift_up (self, order, PLACE (order, item) - 1);
  sift_down (self, order, PLACE (order, item) - 1);
}

void
ice_heap_rebuild (IceHeap *self, const IceHeapOrder *order)
{
  for (guint i = self->n / 2; i > 0; i--)
    sift_down (self, order, i - 1);
}

void
ice_heap_clear (IceHeap *self)
{
  g_clear_pointer (&self->items, g_free);
  self->n = self->size = 0;
}
