/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The checklist: limits, dead candidates, foundations, patience. */
#include "config.h"

#include "ice-wire.h"

#define R (2 * MS)

static IceCandidate
make_remote (guint32 address, guint port, guint32 priority, const gchar *foundation)
{
  IceCandidate candidate = { .type = ICE_CANDIDATE_HOST, .priority = priority };

  nice_address_init (&candidate.addr);
  nice_address_init (&candidate.base_addr);
  nice_address_init (&candidate.server);
  nice_address_set_ipv4 (&candidate.addr, address);
  nice_address_set_port (&candidate.addr, port);
  g_strlcpy (candidate.foundation, foundation, ICE_FOUNDATION_SIZE);
  return candidate;
}

/* Dead ones, each better than the living one, told to end i. */
static void
add_dead (IceWire *wire, guint i, guint n)
{
  for (guint j = 0; j < n; j++)
    {
      g_autofree gchar *foundation = g_strdup_printf ("dead%u", j);
      IceCandidate dead =
          make_remote (0x0b000000 + j, 9000, 2100000000 + 256 * j, foundation);

      ice_engine_add_remote_candidates (wire->ends[i].engine, 1, 1, &dead, 1, wire->now);
    }
  ice_wire_drain (wire);
}

static void
setup (IceWire *wire, IceNominationMode mode, guint max_pairs)
{
  IceConfig a, b;

  ice_wire_make_configs (&a, &b, mode);
  a.max_pairs = b.max_pairs = max_pairs;
  ice_wire_init (wire, &a, &b, R / 2);
  ice_wire_gather (wire, ice_wire_add_stream (wire, 1));
}

/* covers ICE-8445-6.1.2.5-a: libnice drops the only good pair and never connects. */
static void
test_limit_never_drops_the_only_hope (void)
{
  for (guint mode = 0; mode < 2; mode++)
    {
      IceWire wire;

      setup (&wire, mode, 100);
      add_dead (&wire, 0, 200);
      add_dead (&wire, 1, 200);
      ice_wire_swap_candidates (&wire, 1);
      ice_wire_swap_credentials (&wire, 1);
      ice_wire_run_until (&wire, 60 * SECOND);
      g_assert_cmpint (ice_wire_get_state (&wire, 0, 1, 1), ==, ICE_COMPONENT_READY);
      g_assert_cmpint (ice_wire_get_state (&wire, 1, 1, 1), ==, ICE_COMPONENT_READY);
      ice_wire_clear (&wire);
    }
}

static void
test_fifty_dead_candidates_cost_fifty_ta (void)
{
  IceWire wire;

  setup (&wire, ICE_NOMINATION_REGULAR, 100);
  add_dead (&wire, 0, 50);
  add_dead (&wire, 1, 50);
  ice_wire_swap_candidates (&wire, 1);
  ice_wire_swap_credentials (&wire, 1);
  ice_wire_run_until (&wire, 60 * SECOND);
  /* Its turn is the 51st; a round trip, the patience of 10 ms, another round trip. */
  g_assert_cmpint (ice_wire_when (&wire, "a state 1.1 connected"), ==,
                   50 * 20 * MS + R + 10 * MS + R);
  g_assert_cmpint (ice_wire_when (&wire, "a state 1.1 ready"), ==,
                   50 * 20 * MS + R + 10 * MS + R);
  ice_wire_clear (&wire);
}

/* They fill the list; the living one is let in as the first of them is asked again. */
static void
test_hundred_dead_candidates_cost_hundred_ta (void)
{
  IceWire wire;

  setup (&wire, ICE_NOMINATION_REGULAR, 100);
  add_dead (&wire, 0, 100);
  add_dead (&wire, 1, 100);
  ice_wire_swap_candidates (&wire, 1);
  ice_wire_swap_credentials (&wire, 1);
  ice_wire_run_until (&wire, 60 * SECOND);
  g_assert_cmpint (ice_wire_when (&wire, "a state 1.1 connected"), ==,
                   100 * 20 * MS + R + 10 * MS + R);
  ice_wire_clear (&wire);
}

static guint
count_in_state (IceWire *wire, IcePairState state)
{
  g_autoptr (GArray) pairs = g_array_new (FALSE, FALSE, sizeof (IcePairInfo));
  guint n = 0;

  ice_engine_get_pairs (wire->ends[0].engine, 1, 1, pairs);
  for (guint i = 0; i < pairs->len; i++)
    n += g_array_index (pairs, IcePairInfo, i).state == state;
  return n;
}

/* covers ICE-8445-6.1.2.6-c, TRI-8838-12-a, ICE-8445-6.1.2.6-b */
static void
test_one_pair_of_a_foundation_is_waiting (void)
{
  IceWire wire;

  setup (&wire, ICE_NOMINATION_REGULAR, 100);
  for (guint i = 0; i < 5; i++)
    {
      IceCandidate remote = make_remote (0x0b000000, 9000 + i, 1000 + i, "same");

      ice_engine_add_remote_candidates (wire.ends[0].engine, 1, 1, &remote, 1, wire.now);
    }
  g_assert_cmpuint (count_in_state (&wire, ICE_PAIR_WAITING), ==, 1);
  g_assert_cmpuint (count_in_state (&wire, ICE_PAIR_FROZEN), ==, 4);
  add_dead (&wire, 0, 3);
  g_assert_cmpuint (count_in_state (&wire, ICE_PAIR_WAITING), ==, 4);
  ice_wire_clear (&wire);
}

/* covers ICE-8445-6.1.4.2-b: when the first of them has failed, the next one is tried. */
static void
test_frozen_pair_thaws_when_its_foundation_is_idle (void)
{
  IceWire wire;

  setup (&wire, ICE_NOMINATION_REGULAR, 100);
  for (guint i = 0; i < 3; i++)
    {
      IceCandidate remote = make_remote (0x0b000000, 9000 + i, 1000 + i, "same");

      ice_engine_add_remote_candidates (wire.ends[0].engine, 1, 1, &remote, 1, wire.now);
    }
  ice_wire_swap_credentials (&wire, 1);
  g_assert_cmpuint (count_in_state (&wire, ICE_PAIR_IN_PROGRESS), ==, 1);
  ice_wire_run_until (&wire, 2 * SECOND - 1);
  g_assert_cmpuint (wire.ends[0].n_sent, ==, 3);
  ice_wire_run_until (&wire, 2 * SECOND);
  g_assert_cmpuint (wire.ends[0].n_sent, ==, 4);
  g_assert_cmpuint (count_in_state (&wire, ICE_PAIR_FAILED), ==, 1);
  g_assert_cmpuint (count_in_state (&wire, ICE_PAIR_FROZEN), ==, 1);
  ice_wire_run_until (&wire, 20 * SECOND);
  g_assert_cmpuint (count_in_state (&wire, ICE_PAIR_FAILED), ==, 3);
  ice_wire_clear (&wire);
}

/* covers ICE-8445-7.2.5.3.3-a */
static void
test_success_thaws_the_whole_foundation (void)
{
  IceWire wire;

  setup (&wire, ICE_NOMINATION_AGGRESSIVE, 100);
  ice_wire_swap_candidates (&wire, 1);
  for (guint i = 0; i < 3; i++)
    {
      IceCandidate remote = make_remote (0x0b000000, 9000 + i, 2100000000 + i, "1");

      ice_engine_add_remote_candidates (wire.ends[0].engine, 1, 1, &remote, 1, wire.now);
    }
  g_assert_cmpuint (count_in_state (&wire, ICE_PAIR_FROZEN), ==, 3);
  ice_wire_swap_credentials (&wire, 1);
  ice_wire_run_until (&wire, 200 * MS);
  g_assert_cmpuint (count_in_state (&wire, ICE_PAIR_FROZEN), ==, 0);
  ice_wire_clear (&wire);
}

/* covers TRI-8838-11-b, ICE-8445-7.3.1.3-a, MDNS-6.3-a */
static void
test_signalled_candidate_takes_the_place_of_the_learned_one (void)
{
  IceWire wire;
  g_autoptr (GArray) remotes = g_array_new (FALSE, FALSE, sizeof (IceCandidate));
  const IceCandidate *known;

  setup (&wire, ICE_NOMINATION_REGULAR, 100);
  ice_wire_swap_credentials (&wire, 1);
  ice_engine_add_remote_candidates (
      wire.ends[0].engine, 1, 1,
      &g_array_index (wire.ends[1].candidates, IceCandidate, 0), 1, wire.now);
  ice_wire_drain (&wire);
  ice_wire_run_until (&wire, SECOND);
  g_assert_cmpint (ice_wire_when (&wire, "b remote 1.1 remote1"), ==, R / 2);
  g_assert_cmpint (ice_wire_get_state (&wire, 1, 1, 1), ==, ICE_COMPONENT_READY);
  g_assert_cmpuint (ice_engine_add_remote_candidates (
                        wire.ends[1].engine, 1, 1,
                        &g_array_index (wire.ends[0].candidates, IceCandidate, 0), 1,
                        wire.now),
                    ==, 1);
  ice_wire_drain (&wire);
  ice_engine_get_remote_candidates (wire.ends[1].engine, 1, 1, remotes);
  g_assert_cmpuint (remotes->len, ==, 1);
  known = &g_array_index (remotes, IceCandidate, 0);
  g_assert_cmpint (known->type, ==, ICE_CANDIDATE_HOST);
  g_assert_cmpstr (known->foundation, ==, "1");
  g_assert_cmpuint (ice_wire_count (&wire, "b selected 1.1 10.0.0.2:1001 10.0.0.1:1001"),
                    ==, 2);
  ice_wire_clear (&wire);
}

/* covers ICE-8445-19.5.1-b */
static void
test_thousands_of_candidates_stay_within_limits (void)
{
  IceWire wire;
  g_autoptr (GArray) pairs = g_array_new (FALSE, FALSE, sizeof (IcePairInfo));

  setup (&wire, ICE_NOMINATION_REGULAR, 100);
  add_dead (&wire, 0, 5000);
  ice_engine_get_pairs (wire.ends[0].engine, 1, 1, pairs);
  g_assert_cmpuint (pairs->len, <=, 1024);
  ice_wire_clear (&wire);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ice/checklist/only-hope", test_limit_never_drops_the_only_hope);
  g_test_add_func ("/ice/checklist/fifty-dead", test_fifty_dead_candidates_cost_fifty_ta);
  g_test_add_func ("/ice/checklist/hundred-dead",
                   test_hundred_dead_candidates_cost_hundred_ta);
  g_test_add_func ("/ice/checklist/one-waiting",
                   test_one_pair_of_a_foundation_is_waiting);
  g_test_add_func ("/ice/checklist/thaws-when-idle",
                   test_frozen_pair_thaws_when_its_foundation_is_idle);
  g_test_add_func ("/ice/checklist/thaws-on-success",
                   test_success_thaws_the_whole_foundation);
  g_test_add_func ("/ice/checklist/signalled-after-learned",
                   test_signalled_candidate_takes_the_place_of_the_learned_one);
  g_test_add_func ("/ice/checklist/thousands",
                   test_thousands_of_candidates_stay_within_limits);
  return g_test_run ();
}
