/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What has changed between two looks at the interfaces. */
#include "config.h"

#include "io/interfaces.h"

static void
add (GArray *all, const gchar *text, gboolean is_up, gboolean is_running)
{
  NiceInterfaceAddress item = { .is_up = is_up, .is_running = is_running };

  nice_address_init (&item.address);
  g_assert_true (nice_address_set_from_string (&item.address, text));
  g_array_append_val (all, item);
}

static void
assert_one (const GArray *found, const gchar *text)
{
  gchar address[INET6_ADDRSTRLEN];

  g_assert_cmpuint (found->len, ==, 1);
  nice_address_to_string (&g_array_index (found, NiceAddress, 0), address);
  g_assert_cmpstr (address, ==, text);
}

static void
test_a_cable_is_pulled (void)
{
  g_autoptr (GArray) before = g_array_new (FALSE, FALSE, sizeof (NiceInterfaceAddress));
  g_autoptr (GArray) after = g_array_new (FALSE, FALSE, sizeof (NiceInterfaceAddress));
  g_autoptr (GArray) gone = g_array_new (FALSE, FALSE, sizeof (NiceAddress));
  g_autoptr (GArray) come = g_array_new (FALSE, FALSE, sizeof (NiceAddress));

  add (before, "127.0.0.1", TRUE, TRUE);
  add (before, "192.0.2.1", TRUE, TRUE);
  add (before, "192.0.2.2", FALSE, FALSE);
  add (after, "127.0.0.1", TRUE, TRUE);
  add (after, "192.0.2.1", TRUE, FALSE);
  add (after, "2001:db8::1", TRUE, TRUE);
  nice_interface_addresses_compare (before, after, gone, come);
  assert_one (gone, "192.0.2.1");
  assert_one (come, "2001:db8::1");
}

/* An address that another interface has too is not lost with one of them. */
static void
test_an_address_changes_hands (void)
{
  g_autoptr (GArray) before = g_array_new (FALSE, FALSE, sizeof (NiceInterfaceAddress));
  g_autoptr (GArray) after = g_array_new (FALSE, FALSE, sizeof (NiceInterfaceAddress));
  g_autoptr (GArray) gone = g_array_new (FALSE, FALSE, sizeof (NiceAddress));
  g_autoptr (GArray) come = g_array_new (FALSE, FALSE, sizeof (NiceAddress));

  add (before, "192.0.2.1", TRUE, TRUE);
  add (before, "192.0.2.1", FALSE, FALSE);
  add (after, "192.0.2.1", TRUE, FALSE);
  add (after, "192.0.2.1", TRUE, TRUE);
  nice_interface_addresses_compare (before, after, gone, come);
  g_assert_cmpuint (gone->len + come->len, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/io/interfaces/cable", test_a_cable_is_pulled);
  g_test_add_func ("/io/interfaces/hands", test_an_address_changes_hands);
  return g_test_run ();
}
