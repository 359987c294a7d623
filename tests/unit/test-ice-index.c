/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Every item is found as long as it is in the index, the older of one hash first, and a
 * walk meets each once. */
#include "config.h"

#include "ice/index.h"

#define N_ITEMS 1000
#define N_HASHES 300 /* so that several items share one */

typedef struct
{
  guint number;
  IceLink link;
  gboolean is_in;
} Item;

static Item *
get_item (IceLink *link)
{
  return ICE_LINK_TO (link, Item, link);
}

static guint
get_hash (const Item *item)
{
  return item->number % N_HASHES << 16; /* all of it in the upper half */
}

static void
check_all (const IceIndex *index, Item *items)
{
  guint n = 0, n_walked = 0;

  for (guint i = 0; i < N_ITEMS; i++)
    {
      IceLink *link = ice_index_find (index, get_hash (&items[i]));

      while (link != NULL && link != &items[i].link)
        link = ice_index_find_next (link);
      g_assert_true ((link != NULL) == items[i].is_in);
      n += items[i].is_in;
    }
  g_assert_cmpuint (index->n, ==, n);
  for (IceLink *link = NULL; (link = ice_index_walk (index, link)) != NULL; n_walked++)
    g_assert_true (get_item (link)->is_in);
  g_assert_cmpuint (n_walked, ==, n);
}

static void
test_what_is_in_it_is_found (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);
  g_autofree Item *items = g_new0 (Item, N_ITEMS);
  IceIndex index = { 0 };

  for (guint i = 0; i < N_ITEMS; i++)
    items[i].number = i;
  check_all (&index, items);
  for (guint i = 0; i < 10 * N_ITEMS; i++)
    {
      Item *item = &items[g_rand_int_range (rand, 0, N_ITEMS)];

      if (item->is_in)
        ice_index_remove (&index, &item->link);
      else
        ice_index_add (&index, &item->link, get_hash (item));
      item->is_in = !item->is_in;
      if (i % N_ITEMS == 0)
        check_all (&index, items);
    }
  check_all (&index, items);
  ice_index_clear (&index);
  g_assert_null (ice_index_walk (&index, NULL));
}

static void
test_the_older_of_one_hash_comes_first (void)
{
  Item items[100];
  IceIndex index = { 0 };
  IceLink *link;

  for (guint i = 0; i < G_N_ELEMENTS (items); i++)
    {
      items[i].number = i;
      ice_index_add (&index, &items[i].link, 7);
    }
  link = ice_index_find (&index, 7);
  for (guint i = 0; i < G_N_ELEMENTS (items); i++)
    {
      g_assert_cmpuint (get_item (link)->number, ==, i);
      link = ice_index_find_next (link);
    }
  g_assert_null (link);
  ice_index_clear (&index);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ice/index/found", test_what_is_in_it_is_found);
  g_test_add_func ("/ice/index/order", test_the_older_of_one_hash_comes_first);
  return g_test_run ();
}
