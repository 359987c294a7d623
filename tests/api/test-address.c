/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* NiceAddress, and what the library tells of the host's interfaces. Facts of the contract
 * 1.20, 1.21. */
#include <nice/agent.h>
#include <nice/interfaces.h>

#include <arpa/inet.h>
#include <net/if.h>
#include <string.h>

#define EXPECT_CRITICAL(pattern)                                                         \
  g_test_expect_message ("libnice", G_LOG_LEVEL_CRITICAL, pattern)

static NiceAddress
address_of (const gchar *text)
{
  NiceAddress address;

  nice_address_init (&address);
  g_assert_true (nice_address_set_from_string (&address, text));
  return address;
}

static void
assert_text (const NiceAddress *address, const gchar *expected)
{
  gchar text[NICE_ADDRESS_STRING_LEN] = "";

  nice_address_to_string (address, text);
  g_assert_cmpstr (text, ==, expected);
}

/* contract 1.20-a */
static void
test_fresh_ones_have_no_family (void)
{
  NiceAddress *heap = nice_address_new ();
  NiceAddress stack;

  memset (&stack, 0xff, sizeof stack);
  nice_address_init (&stack);
  g_assert_false (nice_address_is_valid (&stack));
  g_assert_false (nice_address_is_valid (heap));
  g_assert_cmpint (nice_address_ip_version (&stack), ==, 0);
  g_assert_cmpint (heap->s.addr.sa_family, ==, AF_UNSPEC);
  nice_address_free (heap);
}

/* contract 1.20-b */
static void
test_numbers_alone_are_read (void)
{
  NiceAddress address = address_of ("192.0.2.1");
  const NiceAddress loopback = address_of ("127.1");

  nice_address_set_port (&address, 99);
  g_assert_false (nice_address_set_from_string (&address, "localhost"));
  g_assert_false (nice_address_set_from_string (&address, "192.0.2.256"));
  g_assert_false (nice_address_set_from_string (&address, "[::1]"));
  assert_text (&address, "192.0.2.1");
  g_assert_cmpuint (nice_address_get_port (&address), ==, 99);
  g_assert_true (nice_address_set_from_string (&address, "192.0.2.2"));
  g_assert_cmpuint (nice_address_get_port (&address), ==, 0);
  assert_text (&loopback, "127.0.0.1");
}

/* contract 1.20-b 1.20-c: no brackets and no scope in the text */
static void
test_scopes_are_kept_and_not_shown (void)
{
  const NiceAddress address = address_of ("fe80::1%lo");

  g_assert_cmpuint (address.s.ip6.sin6_scope_id, ==, if_nametoindex ("lo"));
  assert_text (&address, "fe80::1");
}

/* contract 1.20-c */
static void
test_text_of_an_address (void)
{
  const NiceAddress six = address_of ("2001:DB8:0:0::1");
  NiceAddress none;
  g_autofree gchar *text = nice_address_dup_string (&six);
  g_autofree gchar *nothing = NULL;

  g_assert_cmpstr (text, ==, "2001:db8::1");
  nice_address_init (&none);
  EXPECT_CRITICAL ("*");
  nothing = nice_address_dup_string (&none);
  g_test_assert_expected_messages ();
  g_assert_cmpstr (nothing, ==, "");
}

/* contract 1.20-d 1.20-e */
static void
test_byte_orders (void)
{
  static const guchar six[16] = { 0x20, 0x01, 0x0d, 0xb8, [15] = 7 };
  NiceAddress address = address_of ("::1");

  nice_address_set_port (&address, 40000);
  g_assert_cmpuint (nice_address_get_port (&address), ==, 40000);
  g_assert_cmpuint (ntohs (address.s.ip6.sin6_port), ==, 40000);
  nice_address_set_ipv4 (&address, 0xc0000201);
  assert_text (&address, "192.0.2.1");
  g_assert_cmpuint (nice_address_get_port (&address), ==, 0);
  nice_address_set_port (&address, 1);
  nice_address_set_ipv6 (&address, six);
  assert_text (&address, "2001:db8::7");
  g_assert_cmpuint (nice_address_get_port (&address), ==, 0);
}

static void
assert_goes_in_and_out (const NiceAddress *address)
{
  struct sockaddr_storage storage;
  NiceAddress back;

  memset (&storage, 0, sizeof storage);
  memset (&back, 0xff, sizeof back);
  nice_address_copy_to_sockaddr (address, (struct sockaddr *)&storage);
  g_assert_cmpint (storage.ss_family, ==, address->s.addr.sa_family);
  nice_address_set_from_sockaddr (&back, (struct sockaddr *)&storage);
  g_assert_true (nice_address_equal (address, &back));
}

/* contract 1.20-f */
static void
test_system_addresses_go_in_and_out (void)
{
  NiceAddress four = address_of ("192.0.2.1"), six = address_of ("fe80::1%lo");
  struct sockaddr_in in;
  struct sockaddr_in6 in6;
  NiceAddress address;

  nice_address_set_port (&four, 4000);
  nice_address_set_port (&six, 5000);
  nice_address_copy_to_sockaddr (&four, (struct sockaddr *)&in);
  g_assert_cmpuint (ntohl (in.sin_addr.s_addr), ==, 0xc0000201);
  g_assert_cmpuint (ntohs (in.sin_port), ==, 4000);
  nice_address_copy_to_sockaddr (&six, (struct sockaddr *)&in6);
  g_assert_cmpuint (in6.sin6_addr.s6_addr[15], ==, 1);
  g_assert_cmpuint (ntohs (in6.sin6_port), ==, 5000);
  g_assert_cmpuint (in6.sin6_scope_id, ==, if_nametoindex ("lo"));

  nice_address_init (&address);
  nice_address_set_from_sockaddr (&address, (struct sockaddr *)&in6);
  assert_text (&address, "fe80::1");
  g_assert_cmpuint (nice_address_get_port (&address), ==, 5000);
  assert_goes_in_and_out (&four);
  assert_goes_in_and_out (&six);
}

/* contract 1.20-g */
static void
test_equality (void)
{
  NiceAddress one = address_of ("192.0.2.1"), other = one;
  const NiceAddress neighbour = address_of ("192.0.2.2");
  const NiceAddress six = address_of ("2001:db8::1"), next = address_of ("2001:db8::2");
  NiceAddress scoped = address_of ("fe80::1%lo"), plain = address_of ("fe80::1");

  g_assert_true (nice_address_equal (&one, &other));
  g_assert_false (nice_address_equal (&one, &neighbour));
  g_assert_false (nice_address_equal_no_port (&one, &neighbour));
  g_assert_false (nice_address_equal (&six, &next));
  g_assert_false (nice_address_equal_no_port (&six, &next));
  g_assert_false (nice_address_equal_no_port (&one, &six));
  nice_address_set_port (&other, 5);
  g_assert_false (nice_address_equal (&one, &other));
  g_assert_true (nice_address_equal_no_port (&one, &other));
  g_assert_false (nice_address_equal (&one, &plain));
  g_assert_true (nice_address_equal (&scoped, &plain));
  g_assert_true (nice_address_equal_no_port (&scoped, &plain));
  nice_address_set_port (&plain, 5);
  g_assert_false (nice_address_equal (&scoped, &plain));
  g_assert_true (nice_address_equal_no_port (&scoped, &plain));
  nice_address_set_port (&plain, 0);
  plain.s.ip6.sin6_scope_id = scoped.s.ip6.sin6_scope_id + 1;
  g_assert_false (nice_address_equal (&scoped, &plain));
  g_assert_false (nice_address_equal_no_port (&scoped, &plain));
}

/* contract 1.20-h */
static void
test_private_addresses (void)
{
  static const gchar *const inside[] = {
    "10.0.0.0",    "10.255.255.255",  "172.16.0.0", "172.31.255.255",
    "192.168.0.0", "192.168.255.255", "127.0.0.0",  "127.255.255.255",
    "169.254.0.0", "169.254.255.255", "fe80::1",    "febf::1",
    "fc00::1",     "fdff::1",         "::1"
  };
  static const gchar *const outside[] = {
    "9.255.255.255",   "11.0.0.0",    "172.15.255.255",  "172.32.0.0",
    "192.167.255.255", "192.169.0.0", "126.255.255.255", "128.0.0.0",
    "169.253.0.1",     "169.255.0.0", "192.0.2.1",       "2001:db8::1",
    "fec0::1",         "fbff::1",     "fe00::1",         "::2"
  };

  for (guint i = 0; i < G_N_ELEMENTS (inside); i++)
    {
      const NiceAddress address = address_of (inside[i]);

      g_assert_true (nice_address_is_private (&address));
      g_assert_true (nice_address_is_valid (&address));
    }
  for (guint i = 0; i < G_N_ELEMENTS (outside); i++)
    {
      const NiceAddress address = address_of (outside[i]);

      g_assert_false (nice_address_is_private (&address));
      g_assert_cmpint (nice_address_ip_version (&address), ==,
                       strchr (outside[i], ':') ? 6 : 4);
    }
}

/* contract 1.20-h */
static void
test_link_local_addresses (void)
{
  static const gchar *const inside[] = { "169.254.0.0", "169.254.255.255", "fe80::2",
                                         "febf::1" };
  static const gchar *const outside[] = {
    "169.253.255.255", "169.255.0.0", "10.0.0.1", "127.0.0.1", "fec0::1", "fe00::1", "::1"
  };

  for (guint i = 0; i < G_N_ELEMENTS (inside); i++)
    {
      const NiceAddress address = address_of (inside[i]);

      g_assert_true (nice_address_is_linklocal (&address));
    }
  for (guint i = 0; i < G_N_ELEMENTS (outside); i++)
    {
      const NiceAddress address = address_of (outside[i]);

      g_assert_false (nice_address_is_linklocal (&address));
    }
}

/* contract 1.20-i */
static void
test_copies (void)
{
  NiceAddress address = address_of ("192.0.2.1");
  NiceAddress *copy = nice_address_dup (&address);

  nice_address_set_port (&address, 8);
  g_assert_cmpuint (nice_address_get_port (copy), ==, 0);
  g_assert_true (nice_address_equal_no_port (copy, &address));
  nice_address_free (copy);
}

/* contract 1.20-j */
static void
test_without_a_family (void)
{
  NiceAddress none, other;

  nice_address_init (&none);
  nice_address_init (&other);
  EXPECT_CRITICAL ("*");
  nice_address_set_port (&none, 1);
  g_test_assert_expected_messages ();
  EXPECT_CRITICAL ("*");
  g_assert_cmpuint (nice_address_get_port (&none), ==, 0);
  g_test_assert_expected_messages ();
  g_assert_cmpuint (nice_address_get_port (NULL), ==, 0);
  EXPECT_CRITICAL ("*");
  g_assert_false (nice_address_equal (&none, &other));
  g_test_assert_expected_messages ();
}

/* --- Interfaces --- */

static gboolean
is_loopback (const gchar *text)
{
  return g_str_has_prefix (text, "127.") || strcmp (text, "::1") == 0;
}

/* contract 1.21-a 1.7-x */
static void
test_local_addresses (void)
{
  GList *without = nice_interfaces_get_local_ips (FALSE);
  GList *with = nice_interfaces_get_local_ips (TRUE);
  gboolean seen_loopback = FALSE;

  for (GList *link = without; link != NULL; link = link->next)
    g_assert_false (is_loopback (link->data));
  g_assert_cmpuint (g_list_length (with), >, g_list_length (without));
  for (GList *link = with; link != NULL; link = link->next)
    {
      seen_loopback |= is_loopback (link->data);
      g_assert_true (is_loopback (link->data) == seen_loopback);
      for (GList *later = link->next; later != NULL; later = later->next)
        g_assert_cmpstr (link->data, !=, later->data);
    }
  g_assert_true (seen_loopback);
  g_list_free_full (without, g_free);
  g_list_free_full (with, g_free);
}

/* contract 1.21-b */
static void
test_interfaces (void)
{
  const NiceAddress loopback = address_of ("127.0.0.1");
  const NiceAddress elsewhere = address_of ("192.0.2.77");
  GList *names = nice_interfaces_get_local_interfaces ();
  g_autofree gchar *text = nice_interfaces_get_ip_for_interface ((gchar *)"lo");

  g_assert_nonnull (g_list_find_custom (names, "lo", (GCompareFunc)strcmp));
  g_assert_cmpstr (text, ==, "127.0.0.1");
  g_assert_null (nice_interfaces_get_ip_for_interface ((gchar *)"nowhere0"));
  g_assert_cmpuint (nice_interfaces_get_if_index_by_addr ((NiceAddress *)&loopback), ==,
                    if_nametoindex ("lo"));
  g_assert_cmpuint (nice_interfaces_get_if_index_by_addr ((NiceAddress *)&elsewhere), ==,
                    0);
  g_list_free_full (names, g_free);
}

#define ADD(name, function) g_test_add_func ("/address/" name, function)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("fresh-ones-have-no-family", test_fresh_ones_have_no_family);
  ADD ("numbers-alone-are-read", test_numbers_alone_are_read);
  ADD ("scopes-are-kept-and-not-shown", test_scopes_are_kept_and_not_shown);
  ADD ("text", test_text_of_an_address);
  ADD ("byte-orders", test_byte_orders);
  ADD ("system-addresses-go-in-and-out", test_system_addresses_go_in_and_out);
  ADD ("equality", test_equality);
  ADD ("private", test_private_addresses);
  ADD ("link-local", test_link_local_addresses);
  ADD ("copies", test_copies);
  ADD ("without-a-family", test_without_a_family);
  g_test_add_func ("/interfaces/local-addresses", test_local_addresses);
  g_test_add_func ("/interfaces/names-and-indices", test_interfaces);
  return g_test_run ();
}
