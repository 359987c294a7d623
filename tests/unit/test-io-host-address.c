/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Addresses that host candidates do not have. */
#include "config.h"

#include "io/host-address.h"

typedef struct
{
  const gchar *address;
  guint index;
  gboolean is_temporary, usable;
} Row;

static void
assert_usable (const Row *rows, guint n)
{
  g_autoptr (GArray) all = g_array_new (FALSE, TRUE, sizeof (NiceInterfaceAddress));

  for (guint i = 0; i < n; i++)
    {
      NiceInterfaceAddress item = { .index = rows[i].index,
                                    .is_temporary = rows[i].is_temporary };

      nice_address_init (&item.address);
      g_assert_true (nice_address_set_from_string (&item.address, rows[i].address));
      g_array_append_val (all, item);
    }
  for (guint i = 0; i < n; i++)
    {
      g_test_message ("%s", rows[i].address);
      g_assert_cmpint (nice_host_address_is_usable (
                           all, &g_array_index (all, NiceInterfaceAddress, i).address),
                       ==, rows[i].usable);
    }
}

/* covers ICE-8445-5.1.1.1-b */
static void
test_deprecated_kinds (void)
{
  static const Row rows[] = {
    { "192.168.1.2", 1, FALSE, TRUE },       { "2001:db8::1", 1, FALSE, TRUE },
    { "fd00::1", 1, FALSE, TRUE },           { "fe80::1", 1, FALSE, TRUE },
    { "fec0::1", 1, FALSE, FALSE },          { "::192.0.2.1", 1, FALSE, FALSE },
    { "::ffff:192.0.2.1", 1, FALSE, FALSE },
  };

  assert_usable (rows, G_N_ELEMENTS (rows));
}

/* covers ICE-8445-5.1.1.1-c: of that interface and that prefix; and its link-local one */
static void
test_temporary_address_stands_for_the_others (void)
{
  static const Row rows[] = {
    { "192.168.1.2", 1, FALSE, TRUE },
    { "2001:db8:1::1234", 1, TRUE, TRUE },
    { "2001:db8:1::5678", 1, TRUE, TRUE },
    { "2001:db8:1:0:200:5eff:fe00:5301", 1, FALSE, FALSE },
    { "2001:db8:2:0:200:5eff:fe00:5301", 1, FALSE, TRUE },
    { "fe80::200:5eff:fe00:5301", 1, FALSE, FALSE },
    { "2001:db8:1:0:200:5eff:fe00:5302", 2, FALSE, TRUE },
    { "fe80::200:5eff:fe00:5302", 2, FALSE, TRUE },
  };

  assert_usable (rows, G_N_ELEMENTS (rows));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/io/host-address/deprecated", test_deprecated_kinds);
  g_test_add_func ("/io/host-address/temporary",
                   test_temporary_address_stands_for_the_others);
  return g_test_run ();
}
