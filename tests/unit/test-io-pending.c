/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Data that waits: in order, and never more than the limit. */
#include "config.h"

#include "io/pending.h"

static void
test_first_in_first_out (void)
{
  NicePending pending;
  NicePendingItem *item;
  NiceAddress from;

  nice_address_set_ipv4 (&from, 0x7f000001);
  nice_pending_init (&pending);
  g_assert_true (nice_pending_is_empty (&pending));
  g_assert_true (
      nice_pending_push (&pending, &from, -1, (const guint8 *)"one", 3, 3, FALSE));
  g_assert_true (
      nice_pending_push (&pending, &from, 0xb8, (const guint8 *)"three", 5, 5, FALSE));

  item = nice_pending_pop (&pending);
  g_assert_cmpmem (item->data, item->len, "one", 3);
  g_assert_cmpint (item->tos, ==, -1);
  g_assert_true (nice_address_equal (&item->from, &from));
  g_free (item);
  item = nice_pending_pop (&pending);
  g_assert_cmpmem (item->data, item->len, "three", 5);
  g_assert_cmpint (item->tos, ==, 0xb8);
  g_free (item);
  g_assert_true (nice_pending_is_empty (&pending));
  g_assert_null (nice_pending_pop (&pending));
  nice_pending_clear (&pending);
}

/* A peer that sends single bytes must not make us store forty times as much. */
static void
test_limit_counts_what_is_stored (gconstpointer data)
{
  const guint len = GPOINTER_TO_UINT (data);
  g_autofree guint8 *bytes = g_malloc0 (len);
  NicePending pending;
  NiceAddress from;
  gsize stored = 0;

  nice_address_set_ipv4 (&from, 0x7f000001);
  nice_pending_init (&pending);
  while (nice_pending_push (&pending, &from, -1, bytes, len, len, FALSE))
    stored += len + sizeof (NicePendingItem);
  g_assert_cmpuint (stored, <=, NICE_PENDING_LIMIT);
  g_assert_cmpuint (pending.dropped, ==, 1);

  /* Room that was made is room again. */
  g_free (nice_pending_pop (&pending));
  g_assert_true (nice_pending_push (&pending, &from, -1, bytes, len, len, FALSE));
  g_assert_false (nice_pending_push (&pending, &from, -1, bytes, len, len, FALSE));
  nice_pending_clear (&pending);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pending/first-in-first-out", test_first_in_first_out);
  g_test_add_data_func ("/pending/limit/1", GUINT_TO_POINTER (1),
                        test_limit_counts_what_is_stored);
  g_test_add_data_func ("/pending/limit/1200", GUINT_TO_POINTER (1200),
                        test_limit_counts_what_is_stored);
  g_test_add_data_func ("/pending/limit/65535", GUINT_TO_POINTER (65535),
                        test_limit_counts_what_is_stored);
  return g_test_run ();
}
