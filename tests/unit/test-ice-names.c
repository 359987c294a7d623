/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Candidates of the peer that are known by a name: what is asked, and what the answer
 * makes (draft-ietf-mmusic-mdns-ice-candidates 3.2). The peer is played by hand. */
#include "config.h"

#include "ice-hand.h"
#include "ice/model.h"

#define NAME "1f4712db-ea17-4bcf-a596-105139dfd8bf.local"

static const gchar *
get_asked (IceHand *hand, guint i)
{
  return ice_engine_get_name (hand->engine, g_array_index (hand->names, guint, i));
}

/* covers MDNS-3.2.1-a */
static void
test_found_name_is_a_candidate_that_came_then (void)
{
  const NiceAddress peer = ice_hand_address (2, 2000);
  const NiceAddress found = ice_hand_address (2, 0);
  g_autofree IceHandMessage *check = NULL;
  IceHand hand;

  ice_hand_init (&hand, NULL, 1, 1);
  g_assert_true (ice_hand_signal_name (&hand, 1, NAME, 2000));
  g_assert_cmpuint (hand.names->len, ==, 1);
  g_assert_cmpstr (get_asked (&hand, 0), ==, NAME);
  ice_hand_run_until (&hand, SECOND);
  g_assert_null (ice_hand_take (&hand, STUN_CLASS_REQUEST));
  g_assert_cmpuint (ice_hand_count_pairs (&hand, 1), ==, 0);
  ice_hand_answer_name (&hand, &found);
  check = ice_hand_take_request (&hand);
  g_assert_cmpint (check->when, ==, SECOND);
  g_assert_true (nice_address_equal (&check->to, &peer));
  ice_hand_clear (&hand);
}

/* covers MDNS-3.2.1-a: nobody answers, or more than one address is the answer */
static void
test_name_without_an_address_is_forgotten (void)
{
  g_autoptr (GArray) remotes = g_array_new (FALSE, FALSE, sizeof (IceCandidate));
  IceHand hand;

  ice_hand_init (&hand, NULL, 1, 1);
  g_assert_true (ice_hand_signal_name (&hand, 1, NAME, 2000));
  ice_hand_answer_name (&hand, NULL);
  g_assert_false (ice_hand_signal_name (&hand, 1, NAME, 2001));
  g_assert_cmpuint (hand.names->len, ==, 0);
  g_assert_true (ice_engine_get_remote_candidates (hand.engine, 1, 1, remotes));
  g_assert_cmpuint (remotes->len, ==, 0);
  ice_hand_clear (&hand);
}

/* covers MDNS-3.2.1-a: the policy "relay" */
static void
test_forced_relay_asks_for_no_name (void)
{
  IceConfig config;
  IceHand hand;

  ice_hand_make_config (&config);
  config.force_relay = TRUE;
  ice_hand_init (&hand, &config, 1, 1);
  g_assert_false (ice_hand_signal_name (&hand, 1, NAME, 2000));
  g_assert_cmpuint (hand.names->len, ==, 0);
  ice_hand_clear (&hand);
}

/* Both components, ports, and the description once more, before and after the answer. */
static void
test_name_is_asked_for_once (void)
{
  const NiceAddress found = ice_hand_address (2, 0);
  const NiceAddress late = ice_hand_address (2, 2003);
  IceHand hand;

  ice_hand_init (&hand, NULL, 2, 1);
  for (guint i = 0; i < 2; i++)
    {
      g_assert_true (ice_hand_signal_name (&hand, 1, NAME, 2000));
      g_assert_true (ice_hand_signal_name (&hand, 2, NAME, 2001));
      g_assert_true (ice_hand_signal_name (
          &hand, 2, "1F4712DB-EA17-4BCF-A596-105139DFD8BF.LOCAL", 2002));
    }
  g_assert_cmpuint (hand.names->len, ==, 1);
  ice_hand_answer_name (&hand, &found);
  g_assert_cmpuint (ice_hand_count_pairs (&hand, 1), ==, 1);
  g_assert_cmpuint (ice_hand_count_pairs (&hand, 2), ==, 2);
  g_assert_true (ice_hand_signal_name (&hand, 1, NAME, 2003));
  g_assert_cmpuint (hand.names->len, ==, 0);
  g_assert_cmpuint (ice_hand_count_pairs (&hand, 1), ==, 2);
  ice_hand_get_pair (&hand, 1, 1, late);
  ice_hand_clear (&hand);
}

/* covers MDNS-6.3-a: the check is answered, and tried back, before the name is found */
static void
test_check_that_comes_before_the_answer (void)
{
  const NiceAddress peer = ice_hand_address (2, 2000);
  g_autoptr (GArray) remotes = g_array_new (FALSE, FALSE, sizeof (IceCandidate));
  g_autofree IceHandMessage *check = NULL;
  const IceCandidate *remote;
  IceHand hand;

  ice_hand_init (&hand, NULL, 1, 1);
  g_assert_true (ice_hand_signal_name (&hand, 1, NAME, 2000));
  ice_hand_check (&hand, &(IceHandCheck) { .from = peer, .priority = 1 });
  g_assert_cmpuint (ice_hand_take_answer (&hand), ==, 0);
  check = ice_hand_take_request (&hand);
  ice_hand_accept (&hand, check);
  ice_hand_answer_name (&hand, &peer);
  g_assert_true (ice_engine_get_remote_candidates (hand.engine, 1, 1, remotes));
  g_assert_cmpuint (remotes->len, ==, 1);
  remote = &g_array_index (remotes, IceCandidate, 0);
  g_assert_cmpint (remote->type, ==, ICE_CANDIDATE_HOST);
  g_assert_cmpuint (remote->priority, ==, HAND_PRIORITY);
  g_assert_true (remote->by_name);
  g_assert_cmpuint (ice_hand_count_pairs (&hand, 1), ==, 1);
  ice_hand_clear (&hand);
}

/* The peer is done; the name was told before, and is found 20 s later. */
static void
test_end_of_candidates_does_not_cut_off_a_name (void)
{
  const NiceAddress found = ice_hand_address (2, 0);
  IceConfig config;
  IceHand hand;

  ice_hand_make_config (&config);
  config.trickle = TRUE;
  ice_hand_init (&hand, &config, 1, 1);
  g_assert_true (ice_hand_signal_name (&hand, 1, NAME, 2000));
  ice_engine_end_of_remote_candidates (hand.engine, 1, hand.now);
  g_assert_false (ice_hand_signal_name (&hand, 1, "another.local", 2000));
  ice_hand_run_until (&hand, 20 * SECOND);
  g_assert_null (strstr (hand.states->str, "failed"));
  ice_hand_answer_name (&hand, &found);
  g_assert_cmpuint (ice_hand_count_pairs (&hand, 1), ==, 1);
  ice_hand_clear (&hand);
}

/* The patience is over once the answer is that there is none: five seconds are left. */
static void
test_peer_that_cannot_be_found_fails_in_time (void)
{
  IceHand hand;

  ice_hand_init (&hand, NULL, 1, 1);
  g_assert_true (ice_hand_signal_name (&hand, 1, NAME, 2000));
  ice_hand_run_until (&hand, 6 * SECOND);
  ice_hand_answer_name (&hand, NULL);
  ice_hand_run_until (&hand, 11 * SECOND - 1);
  g_assert_null (strstr (hand.states->str, "failed"));
  ice_hand_run_until (&hand, 11 * SECOND);
  g_assert_nonnull (strstr (hand.states->str, "1.1 failed"));
  ice_hand_clear (&hand);
}

static void
test_names_are_bounded (void)
{
  guint n_asked = 0;
  IceHand hand;

  ice_hand_init (&hand, NULL, 1, 1);
  for (guint i = 0; i < ICE_MAX_NAMES + 5; i++)
    {
      g_autofree gchar *name = g_strdup_printf ("%u.local", i);

      g_assert_cmpint (ice_hand_signal_name (&hand, 1, name, 2000), ==,
                       i < ICE_MAX_NAMES);
      g_assert_cmpuint (hand.names->len, <=, ICE_MAX_NAMES_ASKED);
    }
  g_assert_cmpstr (get_asked (&hand, 0), ==, "0.local");
  while (hand.names->len > 0)
    {
      n_asked++;
      ice_hand_answer_name (&hand, NULL);
      g_assert_cmpuint (hand.names->len, <=, ICE_MAX_NAMES_ASKED);
    }
  g_assert_cmpuint (n_asked, ==, ICE_MAX_NAMES);
  ice_hand_clear (&hand);
}

/* covers ICE-8445-19.5.1-b: as many as there may be of those with an address */
static void
test_candidates_of_one_name_are_bounded (void)
{
  guint taken = 0;
  IceHand hand;

  ice_hand_init (&hand, NULL, 1, 1);
  for (guint i = 0; i < 2 * ICE_MAX_REMOTE_CANDIDATES; i++)
    taken += ice_hand_signal_name (&hand, 1, NAME, 2000 + i);
  g_assert_cmpuint (taken, ==, ICE_MAX_REMOTE_CANDIDATES);
  ice_hand_clear (&hand);
}

static void
test_restart_and_removal_take_questions_back (void)
{
  const NiceAddress found = ice_hand_address (2, 0);
  guint first, second;
  IceHand hand;

  ice_hand_init (&hand, NULL, 1, 1);
  g_assert_true (ice_hand_signal_name (&hand, 1, NAME, 2000));
  first = g_array_index (hand.names, guint, 0);
  g_assert_true (ice_engine_restart_stream (hand.engine, 1, hand.now));
  ice_hand_drain (&hand);
  g_assert_cmpuint (hand.names->len, ==, 0);
  ice_engine_handle_name (hand.engine, first, &found, hand.now);
  ice_hand_drain (&hand);
  g_assert_cmpuint (ice_hand_count_pairs (&hand, 1), ==, 0);

  g_assert_true (ice_hand_signal_name (&hand, 1, NAME, 2000));
  second = g_array_index (hand.names, guint, 0);
  g_assert_cmpuint (second, !=, first);
  g_assert_true (ice_engine_remove_stream (hand.engine, 1, hand.now));
  ice_hand_drain (&hand);
  g_assert_cmpuint (hand.names->len, ==, 0);
  g_assert_null (ice_engine_get_name (hand.engine, second));
  ice_hand_clear (&hand);
}

/* What waits for its turn gets it when another stream's restart makes room. */
static void
test_restart_makes_room_for_others (void)
{
  const IceCandidate candidate = { .type = ICE_CANDIDATE_HOST,
                                   .priority = 1,
                                   .foundation = "1",
                                   .addr = ice_hand_address (0, 2000) };
  IceHand hand;

  ice_hand_init (&hand, NULL, 1, 1);
  for (guint i = 0; i < ICE_MAX_NAMES_ASKED; i++)
    {
      g_autofree gchar *name = g_strdup_printf ("%u.local", i);

      g_assert_true (ice_hand_signal_name (&hand, 1, name, 2000));
    }
  g_assert_cmpuint (ice_engine_add_stream (hand.engine, 1, hand.now), ==, 2);
  g_assert_true (
      ice_engine_add_remote_name (hand.engine, 2, 1, &candidate, NAME, hand.now));
  ice_hand_drain (&hand);
  g_assert_cmpuint (hand.names->len, ==, ICE_MAX_NAMES_ASKED);
  g_assert_true (ice_engine_restart_stream (hand.engine, 1, hand.now));
  ice_hand_drain (&hand);
  g_assert_cmpuint (hand.names->len, ==, 1);
  g_assert_cmpstr (get_asked (&hand, 0), ==, NAME);
  ice_hand_clear (&hand);
}

#define ADD(name, function) g_test_add_func ("/ice/names/" name, function)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("found", test_found_name_is_a_candidate_that_came_then);
  ADD ("not-found", test_name_without_an_address_is_forgotten);
  ADD ("force-relay", test_forced_relay_asks_for_no_name);
  ADD ("once", test_name_is_asked_for_once);
  ADD ("check-before-answer", test_check_that_comes_before_the_answer);
  ADD ("end-of-candidates", test_end_of_candidates_does_not_cut_off_a_name);
  ADD ("fails-in-time", test_peer_that_cannot_be_found_fails_in_time);
  ADD ("bounded", test_names_are_bounded);
  ADD ("candidates-bounded", test_candidates_of_one_name_are_bounded);
  ADD ("taken-back", test_restart_and_removal_take_questions_back);
  ADD ("room", test_restart_makes_room_for_others);
  return g_test_run ();
}
