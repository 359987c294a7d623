/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* NiceAddress as its users know it. */
#include "config.h"

#include "socket/address.h"

#include <string.h>

/* Not in the public header: programs written for libnice may have it themselves. */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NiceAddress, nice_address_free)

static NiceAddress
read_address (const gchar *text)
{
  NiceAddress address;

  g_assert_true (nice_address_set_from_string (&address, text));
  return address;
}

static void
test_text_round_trip (void)
{
  static const gchar *const texts[] = { "127.0.0.1", "0.0.0.0", "255.255.255.255",
                                        "::",        "::1",     "2001:db8::1:2" };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      const NiceAddress address = read_address (texts[i]);
      g_autofree gchar *text = nice_address_dup_string (&address);

      g_assert_cmpstr (text, ==, texts[i]);
      g_assert_cmpuint (nice_address_get_port (&address), ==, 0);
    }
}

static void
test_old_ways_to_write (void)
{
  const NiceAddress loopback = read_address ("127.0.0.1");
  const NiceAddress shorter = read_address ("127.1");
  const NiceAddress scoped = read_address ("fe80::1%lo");

  g_assert_true (nice_address_equal (&loopback, &shorter));
  g_assert_cmpuint (scoped.s.ip6.sin6_scope_id, !=, 0);
}

static void
test_no_name_is_looked_up (void)
{
  static const gchar *const texts[] = { "", "localhost", "1.2.3.4.5", "fe80::1%nowhere9",
                                        ":" };
  const NiceAddress before = read_address ("192.0.2.1");
  NiceAddress address = before;

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_assert_false (nice_address_set_from_string (&address, texts[i]));
      g_assert_cmpmem (&address, sizeof address, &before, sizeof before);
    }
}

static void
test_byte_orders (void)
{
  const guchar bytes[16] = { 0x20, 0x01, 0x0d, 0xb8, [15] = 7 };
  gchar text[NICE_ADDRESS_STRING_LEN];
  NiceAddress address;

  nice_address_set_ipv4 (&address, 0x01020304);
  nice_address_set_port (&address, 0x1234);
  nice_address_to_string (&address, text);
  g_assert_cmpstr (text, ==, "1.2.3.4");
  g_assert_cmpuint (address.s.ip4.sin_port, ==, g_htons (0x1234));

  nice_address_set_ipv6 (&address, bytes);
  g_assert_cmpuint (nice_address_get_port (&address), ==, 0);
  nice_address_to_string (&address, text);
  g_assert_cmpstr (text, ==, "2001:db8::7");
}

static void
test_equality_knows_scopes (void)
{
  NiceAddress a = read_address ("fe80::1"), b = a;

  a.s.ip6.sin6_scope_id = 2;
  g_assert_true (nice_address_equal (&a, &b));
  b.s.ip6.sin6_scope_id = 3;
  g_assert_false (nice_address_equal (&a, &b));
  g_assert_false (nice_address_equal_no_port (&a, &b));
  b.s.ip6.sin6_scope_id = 2;
  nice_address_set_port (&b, 9);
  g_assert_false (nice_address_equal (&a, &b));
  g_assert_true (nice_address_equal_no_port (&a, &b));
}

static void
test_ranges (void)
{
  static const struct
  {
    const gchar *text;
    gboolean is_private, is_linklocal;
  } rows[] = {
    { "10.255.0.1", TRUE, FALSE },
    { "11.0.0.1", FALSE, FALSE },
    { "172.16.0.1", TRUE, FALSE },
    { "172.31.255.255", TRUE, FALSE },
    { "172.32.0.1", FALSE, FALSE },
    { "192.168.1.1", TRUE, FALSE },
    { "192.169.1.1", FALSE, FALSE },
    { "169.254.1.1", TRUE, TRUE },
    { "127.0.0.1", TRUE, FALSE },
    { "203.0.113.5", FALSE, FALSE },
    { "::1", TRUE, FALSE },
    { "fe80::1", TRUE, TRUE },
    { "febf::1", TRUE, TRUE },
    { "fec0::1", FALSE, FALSE },
    { "fc00::1", TRUE, FALSE },
    { "fdff::1", TRUE, FALSE },
    { "2001:db8::1", FALSE, FALSE },
    { "::ffff:10.0.0.1", TRUE, FALSE },
    { "::ffff:203.0.113.5", FALSE, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      const NiceAddress address = read_address (rows[i].text);

      g_test_message ("%s", rows[i].text);
      g_assert_cmpint (nice_address_is_private (&address), ==, rows[i].is_private);
      g_assert_cmpint (nice_address_is_linklocal (&address), ==, rows[i].is_linklocal);
    }
}

static void
test_no_family (void)
{
  g_autoptr (NiceAddress) address = nice_address_new ();
  g_autoptr (NiceAddress) copy = nice_address_dup (address);

  g_assert_false (nice_address_is_valid (address));
  g_assert_cmpint (nice_address_ip_version (copy), ==, 0);
  g_assert_cmpuint (nice_address_get_port (NULL), ==, 0);
}

static void
test_sockaddr_round_trip (void)
{
  NiceAddress a = read_address ("fe80::1%lo"), b;
  struct sockaddr_in6 raw;

  nice_address_set_port (&a, 65535);
  nice_address_copy_to_sockaddr (&a, (struct sockaddr *)&raw);
  nice_address_set_from_sockaddr (&b, (struct sockaddr *)&raw);
  g_assert_cmpmem (&a, sizeof a, &b, sizeof b);
  g_assert_cmpuint (sizeof (NiceAddress), ==, 28);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/address/text-round-trip", test_text_round_trip);
  g_test_add_func ("/address/old-ways-to-write", test_old_ways_to_write);
  g_test_add_func ("/address/no-name-is-looked-up", test_no_name_is_looked_up);
  g_test_add_func ("/address/byte-orders", test_byte_orders);
  g_test_add_func ("/address/equality-knows-scopes", test_equality_knows_scopes);
  g_test_add_func ("/address/ranges", test_ranges);
  g_test_add_func ("/address/no-family", test_no_family);
  g_test_add_func ("/address/sockaddr-round-trip", test_sockaddr_round_trip);
  return g_test_run ();
}
