/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* FREEING of deadline.c, to the microsecond; what is freed is the simulator's matter. */
#include "config.h"

#include "ice-hand.h"

/* The first candidate of the peer, of that component: answered and nominated at once. */
static void
connect_component (IceHand *hand, guint component_id)
{
  const NiceAddress addr = ice_hand_address (2, 2000 + component_id);
  g_autofree IceHandMessage *check = NULL, *nomination = NULL;

  ice_hand_signal (hand, component_id, &addr, 126u << 24, "1");
  check = ice_hand_take_request (hand);
  ice_hand_accept (hand, check);
  nomination = ice_hand_take_request (hand);
  g_assert_true (stun_view_has (&nomination->view, STUN_ATTR_USE_CANDIDATE));
  ice_hand_accept (hand, nomination);
}

static void
assert_frees_at (IceHand *hand, gint64 when, guint n)
{
  ice_hand_run_until (hand, when - 1);
  g_assert_cmpuint (hand->dropped->len, ==, 0);
  ice_hand_run_until (hand, when);
  g_assert_cmpuint (hand->dropped->len, ==, n);
}

/* Each component has two sockets, and uses one of them. */
static void
test_freed_3_seconds_after_the_last_component (void)
{
  IceConfig config;
  IceHand hand;

  ice_hand_make_config (&config);
  config.free_candidates = TRUE;
  ice_hand_init (&hand, &config, 2, 2);
  connect_component (&hand, 1);
  ice_hand_run_until (&hand, 10 * SECOND + 3);
  connect_component (&hand, 2);
  assert_frees_at (&hand, hand.now + 3 * SECOND, 2);
  ice_hand_clear (&hand);
}

static void
test_freed_3_seconds_after_the_last_selection (void)
{
  const IceCandidate *other;
  IceConfig config;
  IceHand hand;

  ice_hand_make_config (&config);
  config.free_candidates = TRUE;
  ice_hand_init (&hand, &config, 1, 2);
  connect_component (&hand, 1);
  ice_hand_run_until (&hand, hand.now + 2 * SECOND);
  other = &g_array_index (hand.candidates, IceCandidate, 0);
  g_assert_true (
      ice_engine_select_pair (hand.engine, 1, 1, other->foundation, "1", hand.now));
  ice_hand_drain (&hand);
  assert_frees_at (&hand, hand.now + 3 * SECOND, 1);
  g_assert_cmpuint (g_array_index (hand.dropped, IceBaseId, 0), !=, other->base);
  ice_hand_clear (&hand);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ice/deadline/freeing/components",
                   test_freed_3_seconds_after_the_last_component);
  g_test_add_func ("/ice/deadline/freeing/selection",
                   test_freed_3_seconds_after_the_last_selection);
  return g_test_run ();
}
