/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The list against a GPtrArray. */
#include "config.h"

#include "ice/list.h"

static void
check_same (const IceList *list, const GPtrArray *array)
{
  g_assert_cmpuint (list->len, ==, array->len);
  for (guint i = 0; i < array->len; i++)
    g_assert_true (ice_list_get (list, i) == g_ptr_array_index (array, i));
}

/* Few by few, so that it grows out of its owner, and shrinks below that again. */
static void
test_it_keeps_what_an_array_keeps (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);
  g_autoptr (GPtrArray) array = g_ptr_array_new ();
  IceList list = { 0 };

  for (guint i = 0; i < 10000; i++)
    {
      const guint at = g_rand_int_range (rand, 0, array->len + 1);
      const gpointer item = GUINT_TO_POINTER (i + 1);
      const guint what = g_rand_int_range (rand, 0, 8);

      if (what < (i / 100 % 2 ? 5 : 3))
        {
          ice_list_insert (&list, at, item);
          g_ptr_array_insert (array, at, item);
        }
      else if (at < array->len && what % 2)
        {
          g_assert_true (ice_list_remove (&list, g_ptr_array_index (array, at)));
          g_ptr_array_remove_index (array, at);
        }
      else if (at < array->len)
        {
          g_assert_true (ice_list_remove_fast (&list, g_ptr_array_index (array, at)));
          g_ptr_array_remove_index_fast (array, at);
        }
      check_same (&list, array);
    }
  g_assert_false (ice_list_remove (&list, GUINT_TO_POINTER (G_MAXUINT)));
  g_assert_false (ice_list_remove_fast (&list, GUINT_TO_POINTER (G_MAXUINT)));
  ice_list_clear (&list);
  g_assert_cmpuint (list.len, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ice/list/array", test_it_keeps_what_an_array_keeps);
  return g_test_run ();
}
