/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The heap against a plain sort. */
#include "config.h"

#include "ice/heap.h"

typedef struct
{
  gint key;
  guint place;
} Item;

static gint
compare (gconstpointer a, gconstpointer b)
{
  return ((const Item *)a)->key - ((const Item *)b)->key;
}

static const IceHeapOrder order = { compare, G_STRUCT_OFFSET (Item, place) };

static void
check_places (const IceHeap *heap)
{
  for (guint i = 0; i < heap->len; i++)
    g_assert_cmpuint (((Item *)ice_list_get (heap, i))->place, ==, i + 1);
}

static void
drain (IceHeap *heap, guint expected)
{
  gint last = G_MININT;
  Item *item;

  g_assert_cmpuint (heap->len, ==, expected);
  while ((item = ice_heap_peek (heap)) != NULL)
    {
      g_assert_cmpint (item->key, >=, last);
      last = item->key;
      ice_heap_remove (heap, &order, item);
      g_assert_false (ice_heap_has (&order, item));
      check_places (heap);
    }
}

static void
test_any_item_may_leave_or_change (void)
{
  for (guint seed = 0; seed < 50; seed++)
    {
      g_autoptr (GRand) rand = g_rand_new_with_seed (seed);
      Item items[100] = { 0 };
      IceHeap heap = { 0 };
      guint left = G_N_ELEMENTS (items);

      for (guint i = 0; i < G_N_ELEMENTS (items); i++)
        {
          items[i].key = g_rand_int_range (rand, 0, 50);
          ice_heap_insert (&heap, &order, &items[i]);
        }
      check_places (&heap);
      for (guint i = 0; i < G_N_ELEMENTS (items); i += 3)
        {
          ice_heap_remove (&heap, &order, &items[i]);
          left--;
        }
      for (guint i = 1; i < G_N_ELEMENTS (items); i += 3)
        {
          items[i].key = g_rand_int_range (rand, 0, 50);
          ice_heap_update (&heap, &order, &items[i]);
        }
      check_places (&heap);
      drain (&heap, left);
      ice_list_clear (&heap);
    }
}

static void
test_rebuild_after_all_keys_changed (void)
{
  Item items[64] = { 0 };
  IceHeap heap = { 0 };

  for (guint i = 0; i < G_N_ELEMENTS (items); i++)
    {
      items[i].key = i;
      ice_heap_insert (&heap, &order, &items[i]);
    }
  for (guint i = 0; i < G_N_ELEMENTS (items); i++)
    items[i].key = -(gint)i;
  ice_heap_rebuild (&heap, &order);
  g_assert_true (ice_heap_peek (&heap) == &items[63]);
  drain (&heap, G_N_ELEMENTS (items));
  ice_list_clear (&heap);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ice/heap/leave-or-change", test_any_item_may_leave_or_change);
  g_test_add_func ("/ice/heap/rebuild", test_rebuild_after_all_keys_changed);
  return g_test_run ();
}
