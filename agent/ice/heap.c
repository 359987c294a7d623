/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A binary heap whose items know their place. Knows nothing of what it orders. */
#include "config.h"

#include "ice/heap.h"

#define PLACE(order, item) G_STRUCT_MEMBER (guint, item, (order)->place)

static void
put (IceHeap *self, const IceHeapOrder *order, guint position, gpointer item)
{
  ice_list_items (self)[position] = item;
  PLACE (order, item) = position + 1;
}

static void
sift_up (IceHeap *self, const IceHeapOrder *order, guint position)
{
  gpointer item = ice_list_get (self, position);

  while (position > 0)
    {
      guint parent = (position - 1) / 2;

      if (order->compare (item, ice_list_get (self, parent)) >= 0)
        break;
      put (self, order, position, ice_list_get (self, parent));
      position = parent;
    }
  put (self, order, position, item);
}

static void
sift_down (IceHeap *self, const IceHeapOrder *order, guint position)
{
  gpointer item = ice_list_get (self, position);

  for (;;)
    {
      guint child = 2 * position + 1;

      if (child >= self->len)
        break;
      if (child + 1 < self->len
          && order->compare (ice_list_get (self, child + 1), ice_list_get (self, child))
                 < 0)
        child++;
      if (order->compare (ice_list_get (self, child), item) >= 0)
        break;
      put (self, order, position, ice_list_get (self, child));
      position = child;
    }
  put (self, order, position, item);
}

void
ice_heap_insert (IceHeap *self, const IceHeapOrder *order, gpointer item)
{
  g_assert (PLACE (order, item) == 0);

  ice_list_add (self, item);
  sift_up (self, order, self->len - 1);
}

void
ice_heap_remove (IceHeap *self, const IceHeapOrder *order, gpointer item)
{
  guint position = PLACE (order, item) - 1;

  g_assert (position < self->len && ice_list_get (self, position) == item);

  PLACE (order, item) = 0;
  self->len--;
  if (position < self->len)
    {
      put (self, order, position, ice_list_get (self, self->len));
      ice_heap_update (self, order, ice_list_get (self, position));
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
  for (guint i = self->len / 2; i > 0; i--)
    sift_down (self, order, i - 1);
}
