/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* When a component has failed, and why (RFC 8863, RFC 8838 8). */
#include "config.h"

#include "ice-wire.h"

static void
setup (IceWire *wire, gboolean trickle)
{
  IceConfig a, b;

  ice_wire_make_configs (&a, &b, ICE_NOMINATION_REGULAR);
  a.trickle = b.trickle = trickle;
  ice_wire_init (wire, &a, &b, MS);
  ice_wire_gather (wire, ice_wire_add_stream (wire, 1));
}

/* covers PAC-8863-4-a: not a word from the peer */
static void
test_no_candidates_fail_when_patience_ends (void)
{
  IceWire wire;

  setup (&wire, TRUE);
  ice_wire_swap_credentials (&wire, 1);
  ice_wire_run_until (&wire, 60 * SECOND);
  g_assert_cmpint (ice_wire_when (&wire, "a state 1.1 failed"), ==, 39500 * MS);
  g_assert_cmpint (ice_wire_when (&wire, "a reason 1.1 2"), ==, 39500 * MS);
  ice_wire_clear (&wire);
}

/* libnice stays in gathering for ever. */
static void
test_peer_that_ends_without_candidates_fails_after_the_idle_time (void)
{
  IceWire wire;

  setup (&wire, TRUE);
  ice_wire_swap_credentials (&wire, 1);
  ice_wire_run_until (&wire, SECOND);
  ice_engine_end_of_remote_candidates (wire.ends[0].engine, 1, SECOND);
  ice_wire_run_until (&wire, 60 * SECOND);
  g_assert_cmpint (ice_wire_when (&wire, "a state 1.1 failed"), ==, 6 * SECOND);
  ice_wire_clear (&wire);
}

static void
test_families_that_differ_fail_with_the_reason (void)
{
  IceWire wire;
  IceCandidate remote = { .type = ICE_CANDIDATE_HOST, .priority = 1, .foundation = "1" };

  setup (&wire, FALSE);
  ice_wire_swap_credentials (&wire, 1);
  nice_address_init (&remote.addr);
  nice_address_init (&remote.base_addr);
  g_assert_true (nice_address_set_from_string (&remote.addr, "2001:db8::1"));
  nice_address_set_port (&remote.addr, 1);
  ice_engine_add_remote_candidates (wire.ends[0].engine, 1, 1, &remote, 1, 0);
  ice_wire_drain (&wire);
  ice_wire_run_until (&wire, 60 * SECOND);
  g_assert_cmpint (ice_wire_when (&wire, "a state 1.1 failed"), ==, 5 * SECOND);
  g_assert_cmpint (ice_wire_when (&wire, "a reason 1.1 3"), ==, 5 * SECOND);
  ice_wire_clear (&wire);
}

/* covers TRI-8838-8-a: the peer still trickles */
static void
test_failed_checks_wait_for_more_while_the_peer_trickles (void)
{
  IceWire wire;
  IceCandidate dead;

  setup (&wire, TRUE);
  ice_wire_swap_credentials (&wire, 1);
  dead = g_array_index (wire.ends[1].candidates, IceCandidate, 0);
  nice_address_set_port (&dead.addr, 9);
  ice_engine_add_remote_candidates (wire.ends[0].engine, 1, 1, &dead, 1, 0);
  ice_wire_drain (&wire);
  ice_wire_run_until (&wire, 30 * SECOND);
  g_assert_cmpint (ice_wire_get_state (&wire, 0, 1, 1), ==, ICE_COMPONENT_CONNECTING);
  ice_wire_swap_candidates (&wire, 1);
  ice_wire_run_until (&wire, 31 * SECOND);
  g_assert_cmpint (ice_wire_get_state (&wire, 0, 1, 1), ==, ICE_COMPONENT_READY);
  g_assert_cmpint (ice_wire_when (&wire, "a state 1.1 failed"), ==, -1);
  ice_wire_clear (&wire);
}

/* covers PAC-8863-4-e */
static void
test_zero_candidates_connect_through_a_learned_one (void)
{
  IceWire wire;

  setup (&wire, TRUE);
  ice_wire_swap_credentials (&wire, 1);
  ice_wire_run_until (&wire, 30 * SECOND);
  ice_engine_add_remote_candidates (
      wire.ends[1].engine, 1, 1,
      &g_array_index (wire.ends[0].candidates, IceCandidate, 0), 1, wire.now);
  ice_wire_drain (&wire);
  ice_wire_run_until (&wire, 31 * SECOND);
  g_assert_cmpint (ice_wire_get_state (&wire, 0, 1, 1), ==, ICE_COMPONENT_READY);
  ice_wire_clear (&wire);
}

static gboolean
lose_all_before (IceWireEnd *from, const IceTransmit *transmit, gint64 now, gpointer data)
{
  return now < *(const gint64 *)data;
}

/* covers ICE-8445-7.3.1.4-c, ICE-8445-7.3.1.4-f: FAILED is not the end. */
static void
test_new_candidate_revives_a_failed_component (void)
{
  IceWire wire;
  gint64 mended = 20 * SECOND;
  IceCandidate again;

  setup (&wire, FALSE);
  wire.filter = lose_all_before;
  wire.filter_data = &mended;
  ice_wire_swap_credentials (&wire, 1);
  ice_wire_swap_candidates (&wire, 1);
  ice_wire_run_until (&wire, mended);
  g_assert_cmpint (ice_wire_get_state (&wire, 0, 1, 1), ==, ICE_COMPONENT_FAILED);
  again = g_array_index (wire.ends[1].candidates, IceCandidate, 0);
  nice_address_set_port (&again.addr, 9);
  ice_engine_add_remote_candidates (wire.ends[0].engine, 1, 1, &again, 1, mended);
  ice_wire_drain (&wire);
  g_assert_cmpint (ice_wire_get_state (&wire, 0, 1, 1), ==, ICE_COMPONENT_CONNECTING);
  ice_wire_clear (&wire);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ice/settle/no-candidates",
                   test_no_candidates_fail_when_patience_ends);
  g_test_add_func ("/ice/settle/ended-without",
                   test_peer_that_ends_without_candidates_fails_after_the_idle_time);
  g_test_add_func ("/ice/settle/families-differ",
                   test_families_that_differ_fail_with_the_reason);
  g_test_add_func ("/ice/settle/still-trickling",
                   test_failed_checks_wait_for_more_while_the_peer_trickles);
  g_test_add_func ("/ice/settle/learned-only",
                   test_zero_candidates_connect_through_a_learned_one);
  g_test_add_func ("/ice/settle/revival", test_new_candidate_revives_a_failed_component);
  return g_test_run ();
}
