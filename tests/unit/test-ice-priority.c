/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Priorities: the numbers that peers and tests of libnice compare. */
#include "config.h"

#include "ice/priority.h"

static guint32
host (IceTransport transport, gboolean reliable)
{
  IcePriorityInput input = { .type = ICE_CANDIDATE_HOST,
                             .transport = transport,
                             .component_id = 1,
                             .reliable = reliable };

  return ice_priority_of_candidate (&input);
}

/* covers ICE-8445-5.1.2.1-a, ICE-8445-5.1.2.2-a, ITCP-6544-4.2-a; but a host is 120, as
 * its users know it, and one that TCP suits better is half of that */
static void
test_known_host_priorities (void)
{
  g_assert_cmpuint (host (ICE_TRANSPORT_UDP, FALSE), ==, 2015363327);
  g_assert_cmpuint (host (ICE_TRANSPORT_UDP, TRUE), ==, 1008730367);
  g_assert_cmpuint (host (ICE_TRANSPORT_TCP_ACTIVE, FALSE), ==, 1015021823);
  g_assert_cmpuint (host (ICE_TRANSPORT_TCP_ACTIVE, TRUE), ==, 2021654783);
  g_assert_cmpuint (host (ICE_TRANSPORT_TCP_PASSIVE, FALSE), ==, 1010827519);
  g_assert_cmpuint (host (ICE_TRANSPORT_TCP_PASSIVE, TRUE), ==, 2017460479);
}

/* covers ICE-8445-5.1.2.1-c: libnice aborts with more than 63 addresses. */
static void
test_a_thousand_addresses_differ (void)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);

  for (guint i = 0; i < 1000; i++)
    {
      IcePriorityInput input = { .component_id = 1, .address_index = i };
      guint32 priority = ice_priority_of_candidate (&input);

      g_assert_cmpuint (priority, <, 1u << 31);
      g_assert_true (g_hash_table_add (seen, GUINT_TO_POINTER (priority)));
    }
}

static void
test_later_relays_are_preferred_and_tcp_ones_last (void)
{
  IcePriorityInput first = { .type = ICE_CANDIDATE_RELAYED, .component_id = 1 };
  IcePriorityInput second = first, tcp = first;

  second.server_index = 1;
  tcp.over_tcp = TRUE;
  tcp.server_index = 7;
  g_assert_cmpuint (ice_priority_of_candidate (&second), >,
                    ice_priority_of_candidate (&first));
  g_assert_cmpuint (ice_priority_of_candidate (&first), >,
                    ice_priority_of_candidate (&tcp));
}

/* covers ICE-8445-7.1.1-a */
static void
test_peer_reflexive_keeps_all_but_the_type (void)
{
  guint32 priority = host (ICE_TRANSPORT_UDP, FALSE);
  guint32 reflexive = ice_priority_as_peer_reflexive (priority, ICE_TRANSPORT_UDP, FALSE);

  g_assert_cmpuint (reflexive >> 24, ==, 110);
  g_assert_cmpuint (reflexive & 0xffffff, ==, priority & 0xffffff);
}

/* covers ICE-8445-6.1.2.3-a, ICE-8445-5.1.2-b */
static void
test_pair_priority_is_the_formula_without_overflow (void)
{
  g_assert_cmpuint (ice_priority_of_pair (2, 1), ==, (1ull << 32) + 4 + 1);
  g_assert_cmpuint (ice_priority_of_pair (1, 2), ==, (1ull << 32) + 4);
  g_assert_cmpuint (ice_priority_of_pair (G_MAXUINT32, G_MAXUINT32), ==,
                    ((guint64)G_MAXUINT32 << 32) + 2ull * G_MAXUINT32);
  g_assert_cmpuint (ice_priority_of_pair (0, 0), ==, 0);
}

static void
rank (const gchar *const *names, guint n, guint *ranks)
{
  NiceAddress addresses[8];

  for (guint i = 0; i < n; i++)
    {
      nice_address_init (&addresses[i]);
      g_assert_true (nice_address_set_from_string (&addresses[i], names[i]));
    }
  ice_priority_rank_addresses (addresses, n, ranks);
}

/* covers DUAL-8421-4-a, DUAL-8421-4-b: two IPv4 and six IPv6 addresses, an IPv4 one after
 * four IPv6 ones */
static void
test_families_are_interleaved (void)
{
  static const gchar *const names[] = { "10.0.0.1", "2001::1", "2001::2", "2001::3",
                                        "10.0.0.2", "2001::4", "2001::5", "2001::6" };
  guint ranks[8], by_rank[8];

  rank (names, 8, ranks);
  for (guint i = 0; i < 8; i++)
    by_rank[ranks[i]] = i;
  for (guint i = 0; i < 4; i++)
    g_assert_nonnull (strchr (names[by_rank[7 - i]], ':'));
  g_assert_cmpstr (names[by_rank[3]], ==, "10.0.0.2");
}

/* covers DUAL-8421-3-a: who knows of a bad interface
 * names it first */
static void
test_one_family_keeps_its_order (void)
{
  static const gchar *const names[] = { "10.0.0.1", "10.0.0.2", "10.0.0.3" };
  guint ranks[3];

  rank (names, 3, ranks);
  for (guint i = 0; i < 3; i++)
    g_assert_cmpuint (ranks[i], ==, i);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ice/priority/known", test_known_host_priorities);
  g_test_add_func ("/ice/priority/thousand", test_a_thousand_addresses_differ);
  g_test_add_func ("/ice/priority/relays",
                   test_later_relays_are_preferred_and_tcp_ones_last);
  g_test_add_func ("/ice/priority/peer-reflexive",
                   test_peer_reflexive_keeps_all_but_the_type);
  g_test_add_func ("/ice/priority/pair",
                   test_pair_priority_is_the_formula_without_overflow);
  g_test_add_func ("/ice/priority/families", test_families_are_interleaved);
  g_test_add_func ("/ice/priority/one-family", test_one_family_keeps_its_order);
  return g_test_run ();
}
