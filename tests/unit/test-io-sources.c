/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whom a base believes: sets that never change under a reader. */
#include "config.h"

#include "io/sources.h"

static NiceAddress
make_address (guint port)
{
  NiceAddress address;

  nice_address_set_ipv4 (&address, 0x7f000001);
  nice_address_set_port (&address, port);
  return address;
}

static void
test_empty_contains_nothing (void)
{
  const NiceAddress one = make_address (1);

  g_assert_null (nice_sources_find (NULL, &one));
  g_assert_null (nice_sources_without (NULL, &one));
  nice_sources_unref (NULL);
}

static void
test_a_set_does_not_change (void)
{
  const NiceAddress one = make_address (1), two = make_address (2);
  NiceSources *a = nice_sources_with (NULL, &one, NULL);
  NiceSources *both = nice_sources_with (a, &two, NULL);
  NiceSources *second = nice_sources_without (both, &one);
  NiceSources *none = nice_sources_without (second, &two);

  g_assert_nonnull (nice_sources_find (a, &one));
  g_assert_null (nice_sources_find (a, &two));
  g_assert_nonnull (nice_sources_find (both, &one));
  g_assert_nonnull (nice_sources_find (both, &two));
  g_assert_null (nice_sources_find (second, &one));
  g_assert_nonnull (nice_sources_find (second, &two));
  g_assert_null (none);
  nice_sources_unref (a);
  nice_sources_unref (both);
  nice_sources_unref (second);
}

static void
test_nothing_is_made_for_no_change (void)
{
  const NiceAddress one = make_address (1), two = make_address (2);
  NiceSources *a = nice_sources_with (NULL, &one, NULL);
  NiceSources *again = nice_sources_with (a, &one, NULL);
  NiceSources *still = nice_sources_without (a, &two);

  g_assert_true (again == a);
  g_assert_true (still == a);
  nice_sources_unref (a);
  nice_sources_unref (again);
  nice_sources_unref (still);
}

/* Another port of the same host is another source. */
static void
test_port_counts (void)
{
  const NiceAddress one = make_address (1), two = make_address (2);
  NiceSources *a = nice_sources_with (NULL, &one, NULL);

  g_assert_null (nice_sources_find (a, &two));
  nice_sources_unref (a);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sources/empty-contains-nothing", test_empty_contains_nothing);
  g_test_add_func ("/sources/a-set-does-not-change", test_a_set_does_not_change);
  g_test_add_func ("/sources/nothing-is-made-for-no-change",
                   test_nothing_is_made_for_no_change);
  g_test_add_func ("/sources/port-counts", test_port_counts);
  return g_test_run ();
}
