/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Checks that the engine receives: triggered checks, nominations, roles, and what an old
 * or an evil peer sends (RFC 8445 7.3, RFC 5245). The peer is played by hand. */
#include "config.h"

#include "ice-hand.h"

static void
begin (IceHand *hand, gboolean controlling, guint n_addresses)
{
  IceConfig config;

  ice_hand_make_config (&config);
  config.controlling = controlling;
  ice_hand_init (hand, &config, 1, n_addresses);
}

static gboolean
is_selected (IceHand *hand, NiceAddress remote)
{
  IceCandidate local, other;

  return ice_engine_get_selected_pair (hand->engine, 1, 1, &local, &other)
         && nice_address_equal (&other.addr, &remote);
}

/* Takes the triggered check to that address and answers it. */
static void
accept_check_to (IceHand *hand, NiceAddress to)
{
  g_autofree IceHandMessage *check = ice_hand_take_request (hand);

  g_assert_true (nice_address_equal (&check->to, &to));
  ice_hand_accept (hand, check);
}

/* covers ICE-8445-7.3.1.3-a, ICE-8445-7.3.1.4-a, ICE-8445-7.3.1.4-e, ICE-8445-7.3-a:
 * though a reflexive candidate has the same base, the pair is the host candidate's. */
static void
test_unknown_source_makes_a_pair_that_is_checked_at_once (void)
{
  NiceAddress known = ice_hand_address (2, 2000);
  IceHandCheck check = { .base = 2,
                         .from = ice_hand_address (3, 3000),
                         .role = ICE_HAND_CONTROLLING,
                         .priority = 1845501695 };
  IceHandAnswer seen = { .mapped = ice_hand_address (99, 99) };
  g_autofree IceHandMessage *first = NULL, *triggered = NULL;
  IcePairInfo pair;
  IceHand hand;

  begin (&hand, FALSE, 2);
  ice_hand_signal (&hand, 1, &known, HAND_PRIORITY, "1");
  first = ice_hand_take_request (&hand);
  g_assert_cmpuint (first->base, ==, 2);
  ice_hand_answer (&hand, first, &seen);
  ice_hand_check (&hand, &check);
  g_assert_cmpuint (ice_hand_take_answer (&hand), ==, 0);
  triggered = ice_hand_take_request (&hand);
  g_assert_cmpuint (triggered->base, ==, 2);
  g_assert_true (nice_address_equal (&triggered->to, &check.from));
  pair = ice_hand_get_pair (&hand, 1, 2, check.from);
  g_assert_cmpint (pair.state, ==, ICE_PAIR_IN_PROGRESS);
  g_assert_cmpint (pair.local.type, ==, ICE_CANDIDATE_HOST);
  g_assert_cmpint (pair.remote.type, ==, ICE_CANDIDATE_PEER_REFLEXIVE);
  g_assert_cmpuint (pair.remote.priority, ==, check.priority);
  g_assert_cmpuint (pair.remote.component_id, ==, 1);
  g_assert_cmpstr (pair.remote.foundation, !=, "1");
  ice_hand_clear (&hand);
}

/* covers ICE-8445-5.1.1.3-b */
static void
test_each_learned_candidate_has_a_foundation_of_its_own (void)
{
  NiceAddress known = ice_hand_address (2, 2000);
  IceHandCheck check = { .from = ice_hand_address (3, 3000), .priority = 1 };
  g_autofree gchar *before = NULL;
  IcePairInfo pair;
  IceHand hand;

  begin (&hand, TRUE, 1);
  ice_hand_signal (&hand, 1, &known, HAND_PRIORITY, "1");
  ice_hand_check (&hand, &check);
  pair = ice_hand_get_pair (&hand, 1, 1, check.from);
  before = g_strdup (pair.remote.foundation);
  g_assert_cmpstr (before, !=, "1");
  g_assert_cmpuint (strlen (before), >=, 1);
  g_assert_cmpuint (strlen (before), <=, 32);
  g_assert_true (strspn (before, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                 "0123456789+/")
                 == strlen (before));
  ice_hand_signal (&hand, 1, &check.from, HAND_PRIORITY - 1, "7");
  pair = ice_hand_get_pair (&hand, 1, 1, check.from);
  g_assert_cmpstr (pair.remote.foundation, ==, "7");
  check.from = ice_hand_address (4, 3000);
  ice_hand_check (&hand, &check);
  pair = ice_hand_get_pair (&hand, 1, 1, check.from);
  g_assert_cmpstr (pair.remote.foundation, !=, before);
  g_assert_cmpstr (pair.remote.foundation, !=, "1");
  g_assert_cmpstr (pair.remote.foundation, !=, "7");
  ice_hand_clear (&hand);
}

/* covers ICE-8445-7.3.1.5-a: at once on a pair that has succeeded, else with its own
 * success. */
static void
test_nomination_waits_for_the_pair_s_own_success (void)
{
  for (guint early = 0; early < 2; early++)
    {
      NiceAddress peer = ice_hand_address (2, 2000);
      IceHandCheck check = {
        .from = peer, .role = ICE_HAND_CONTROLLING, .priority = 1, .use_candidate = TRUE
      };
      IceHand hand;

      begin (&hand, FALSE, 1);
      ice_hand_signal (&hand, 1, &peer, HAND_PRIORITY, "1");
      if (early)
        {
          ice_hand_check (&hand, &check);
          g_assert_false (is_selected (&hand, peer));
          accept_check_to (&hand, peer);
        }
      else
        {
          accept_check_to (&hand, peer);
          g_assert_false (is_selected (&hand, peer));
          ice_hand_check (&hand, &check);
        }
      g_assert_true (is_selected (&hand, peer));
      ice_hand_clear (&hand);
    }
}

/* covers ICE-8445-7.3.1.5-b: a nomination that is not accepted gets an error, here that
 * of revoked consent and that of a role conflict, and nominates nothing. */
static void
test_refused_nomination_moves_nothing (void)
{
  for (guint conflict = 0; conflict < 2; conflict++)
    {
      NiceAddress peer = ice_hand_address (2, 2000);
      IceHandCheck check = {
        .from = peer, .role = ICE_HAND_CONTROLLING, .priority = 1, .use_candidate = TRUE
      };
      IceConfig config;
      IceHand hand;

      ice_hand_make_config (&config);
      config.controlling = conflict;
      config.consent = TRUE;
      ice_hand_begin (&hand, &config, &peer);
      if (!conflict)
        ice_engine_revoke_consent (hand.engine, 1, 1, 0);
      ice_hand_check (&hand, &check);
      g_assert_cmpuint (ice_hand_take_answer (&hand), ==, conflict ? 487 : 403);
      accept_check_to (&hand, peer);
      g_assert_false (is_selected (&hand, peer));
      ice_hand_clear (&hand);
    }
}

/* covers ICE-8445-8.1.2-d, ICE-8445-8.3.1-a: on every base, also long after three
 * seconds; they move nothing. */
static void
test_checks_are_answered_after_completion (void)
{
  NiceAddress peer = ice_hand_address (2, 2000);
  IceHandCheck check = {
    .from = peer, .role = ICE_HAND_CONTROLLING, .priority = 1, .use_candidate = TRUE
  };
  IceHand hand;

  begin (&hand, FALSE, 2);
  ice_hand_signal (&hand, 1, &peer, HAND_PRIORITY, "1");
  accept_check_to (&hand, peer);
  check.base = 2;
  ice_hand_check (&hand, &check);
  g_assert_cmpuint (ice_hand_take_answer (&hand), ==, 0);
  g_assert_true (g_str_has_suffix (hand.states->str, "1.1 ready\n"));
  check.use_candidate = FALSE;
  for (gint64 time = SECOND; time <= 10 * SECOND; time += SECOND)
    for (check.base = 1; check.base <= 2; check.base++)
      {
        ice_hand_run_until (&hand, time);
        ice_hand_check (&hand, &check);
        g_assert_cmpuint (ice_hand_take_answer (&hand), ==, 0);
      }
  g_assert_cmpuint (hand.dropped->len, ==, 0);
  g_assert_true (g_str_has_suffix (hand.states->str, "1.1 ready\n"));
  ice_hand_clear (&hand);
}

/* --- older peers --- */

/* covers OLD-5245-7.2.1.1-a */
static void
test_check_without_a_role_is_no_conflict (void)
{
  for (guint controlling = 0; controlling < 2; controlling++)
    {
      IceHandCheck check = { .from = ice_hand_address (2, 2000),
                             .role = ICE_HAND_NO_ROLE,
                             .priority = 1 };
      g_autofree IceHandMessage *triggered = NULL;
      IceHand hand;

      begin (&hand, controlling, 1);
      ice_hand_check (&hand, &check);
      g_assert_cmpuint (ice_hand_take_answer (&hand), ==, 0);
      g_assert_cmpint (ice_engine_is_controlling (hand.engine), ==, controlling);
      triggered = ice_hand_take_request (&hand);
      g_assert_true (nice_address_equal (&triggered->to, &check.from));
      ice_hand_clear (&hand);
    }
}

/* covers OLD-5245-8.1.2-a */
static void
test_best_of_many_nominated_pairs_is_selected (void)
{
  NiceAddress low = ice_hand_address (2, 2000), high = ice_hand_address (3, 2000);
  IceHandCheck check = { .role = ICE_HAND_CONTROLLING,
                         .priority = 1,
                         .use_candidate = TRUE };
  IceConfig config;
  IceHand hand;

  ice_hand_make_config (&config);
  config.controlling = FALSE;
  config.nomination = ICE_NOMINATION_AGGRESSIVE;
  ice_hand_begin (&hand, &config, &high);
  ice_hand_signal (&hand, 1, &low, HAND_PRIORITY - 1, "2");
  g_free (ice_hand_take_request (&hand)); /* that to high, not answered yet */
  check.from = low;
  ice_hand_check (&hand, &check);
  accept_check_to (&hand, low);
  g_assert_true (is_selected (&hand, low));
  check.from = high;
  ice_hand_check (&hand, &check);
  ice_hand_run_until (&hand, 20 * MS);
  accept_check_to (&hand, high);
  g_assert_true (is_selected (&hand, high));
  check.from = low;
  ice_hand_check (&hand, &check);
  g_assert_true (is_selected (&hand, high));
  ice_hand_clear (&hand);
}

/* --- evil ones --- */

/* covers ICE-8445-19.2-c, CONS-7675-5.1-g: who can replay checks, and not answer ours, is
 * neither nominated nor sent to. */
static void
test_replayed_nomination_nominates_nothing (void)
{
  NiceAddress peer = ice_hand_address (2, 2000), evil = ice_hand_address (66, 6666);
  IceHandCheck check = { .from = evil,
                         .role = ICE_HAND_CONTROLLING,
                         .priority = G_MAXINT32,
                         .use_candidate = TRUE };
  guint n_pairs;
  IceHand hand;

  begin (&hand, FALSE, 1);
  ice_hand_signal (&hand, 1, &peer, HAND_PRIORITY, "1");
  n_pairs = ice_hand_count_pairs (&hand, 1);
  for (guint i = 0; i < 20; i++)
    {
      hand.n_checks = 0; /* the same bytes again */
      ice_hand_check (&hand, &check);
      ice_hand_run_until (&hand, hand.now + 100 * MS);
    }
  g_assert_cmpuint (ice_hand_count_pairs (&hand, 1), ==, n_pairs + 1);
  g_assert_false (ice_hand_get_pair (&hand, 1, 1, evil).nominated);
  g_assert_false (is_selected (&hand, evil));
  g_assert_null (strstr (hand.states->str, "connected"));
  ice_hand_clear (&hand);
}

/* covers ICE-8445-5.3-b: each candidate that was handed out is listened on, before
 * anything is known of the peer. */
static void
test_every_base_answers_before_the_peer_is_known (void)
{
  IceHandCheck check = { .from = ice_hand_address (2, 2000),
                         .role = ICE_HAND_CONTROLLED,
                         .priority = 1 };
  IceHand hand;

  begin (&hand, TRUE, 3);
  g_assert_true (ice_engine_restart_stream (hand.engine, 1, 0));
  ice_hand_drain (&hand);
  for (check.base = 1; check.base <= 3; check.base++)
    {
      ice_hand_check (&hand, &check);
      g_assert_cmpuint (ice_hand_take_answer (&hand), ==, 0);
      g_assert_null (ice_hand_take (&hand, STUN_CLASS_REQUEST));
    }
  ice_engine_set_remote_credentials (hand.engine, 1, HAND_UFRAG, HAND_PWD, 0);
  ice_hand_drain (&hand);
  ice_hand_run_until (&hand, 100 * MS);
  for (guint i = 0; i < 3; i++)
    g_free (ice_hand_take_request (&hand));
  ice_hand_clear (&hand);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ice/request/unknown-source",
                   test_unknown_source_makes_a_pair_that_is_checked_at_once);
  g_test_add_func ("/ice/request/foundation",
                   test_each_learned_candidate_has_a_foundation_of_its_own);
  g_test_add_func ("/ice/request/nomination",
                   test_nomination_waits_for_the_pair_s_own_success);
  g_test_add_func ("/ice/request/refused-nomination",
                   test_refused_nomination_moves_nothing);
  g_test_add_func ("/ice/request/after-completion",
                   test_checks_are_answered_after_completion);
  g_test_add_func ("/ice/request/no-role", test_check_without_a_role_is_no_conflict);
  g_test_add_func ("/ice/request/many-nominated",
                   test_best_of_many_nominated_pairs_is_selected);
  g_test_add_func ("/ice/request/replay", test_replayed_nomination_nominates_nothing);
  g_test_add_func ("/ice/request/every-base",
                   test_every_base_answers_before_the_peer_is_known);
  return g_test_run ();
}
