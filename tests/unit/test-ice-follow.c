/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a controlled agent makes of the peer's nominations, and what anybody makes of
 * candidates whose names come late: cases that two engines of one kind seldom show each
 * other, found by the property run. */
#include "config.h"

#include "ice-script.h"
#include "stun/attributes.h"

#define LOW 100u << 24
#define HIGH 120u << 24

static IceConfig
make_config (IceNominationMode mode, gboolean controlling)
{
  IceConfig config;

  ice_config_init (&config);
  config.nomination = mode;
  config.controlling = controlling;
  config.ice_tcp = FALSE;
  return config;
}

static void
assert_selected (IceScript *script, const NiceAddress *expected)
{
  NiceAddress selected = ice_script_get_selected (script);

  g_assert_true (nice_address_equal (&selected, expected));
}

/* Two candidates of the peer, in that order. */
static void
begin (IceScript *script, const IceConfig *config, const NiceAddress *first,
       guint32 priority, const NiceAddress *second, guint32 other_priority)
{
  ice_script_init (script, config, 1);
  ice_script_add_remote (script, first, ICE_CANDIDATE_HOST, priority);
  ice_script_add_remote (script, second, ICE_CANDIDATE_HOST, other_priority);
}

/* Another pair was nominated while this one's check was on its way. Its answer counts,
 * the peer nominates it next, and two seconds later it is still there. */
static void
test_a_retired_pair_that_succeeds_stays (void)
{
  NiceAddress first = ice_script_address (1, 1), second = ice_script_address (2, 2);
  IceScript script;

  begin (&script, NULL, &first, HIGH, &second, LOW);
  ice_script_run_until (&script, 10 * MS);
  ice_script_answer (&script, &first, 0, NULL);
  g_assert_cmpint (ice_script_check (&script, &second, &(IceScriptCheck) { 0 }), ==, 0);
  ice_script_check (&script, &first, &(IceScriptCheck) { .use_candidate = TRUE });
  assert_selected (&script, &first);

  ice_script_run_until (&script, 100 * MS);
  ice_script_answer (&script, &second, 0, NULL);
  ice_script_check (&script, &second, &(IceScriptCheck) { .use_candidate = TRUE });
  assert_selected (&script, &second);
  ice_script_run_until (&script, 10 * SECOND);
  assert_selected (&script, &second);
  g_assert_cmpint (ice_script_get_state (&script), ==, ICE_COMPONENT_READY);
  ice_script_clear (&script);
}

/* The peer nominated one pair, gave up on it, nominated another. A retransmission of the
 * first nomination that comes in after that changes nothing. */
static void
test_a_late_retransmission_nominates_nothing (void)
{
  NiceAddress first = ice_script_address (1, 1), second = ice_script_address (2, 2);
  IceScriptCheck nomination = { .id = 1, .use_candidate = TRUE };
  IceScript script;

  begin (&script, NULL, &first, HIGH, &second, LOW);
  ice_script_run_until (&script, 20 * MS);
  ice_script_answer (&script, &first, 0, NULL);
  ice_script_answer (&script, &second, 0, NULL);
  ice_script_check (&script, &second, &(IceScriptCheck) { 0 });
  ice_script_check (&script, &first, &nomination);
  assert_selected (&script, &first);
  ice_script_run_until (&script, 2 * SECOND);
  ice_script_check (&script, &second, &(IceScriptCheck) { .use_candidate = TRUE });
  assert_selected (&script, &second);
  ice_script_run_until (&script, 2100 * MS);
  g_assert_cmpint (ice_script_check (&script, &first, &nomination), ==, 0);
  assert_selected (&script, &second);
  ice_script_clear (&script);
}

/* The first nomination came before our own check succeeded; when that does, the peer has
 * long nominated another pair. covers ICE-8445-7.3.1.5-b */
static void
test_an_old_nomination_does_not_wait_for_its_turn (void)
{
  NiceAddress first = ice_script_address (1, 1), second = ice_script_address (2, 2);
  IceScript script;

  begin (&script, NULL, &first, HIGH, &second, LOW);
  ice_script_run_until (&script, 20 * MS);
  ice_script_check (&script, &second, &(IceScriptCheck) { 0 });
  ice_script_check (&script, &first, &(IceScriptCheck) { .use_candidate = TRUE });
  ice_script_run_until (&script, SECOND);
  ice_script_check (&script, &second, &(IceScriptCheck) { .use_candidate = TRUE });
  ice_script_answer (&script, &second, 0, NULL);
  assert_selected (&script, &second);
  ice_script_answer (&script, &first, 0, NULL);
  assert_selected (&script, &second);
  ice_script_clear (&script);
}

/* An aggressive peer has moved to a better pair while its consent check of the former one
 * was on its way. */
static void
test_what_is_nominated_just_now_is_not_given_up (void)
{
  IceConfig config = make_config (ICE_NOMINATION_AGGRESSIVE, FALSE);
  NiceAddress low = ice_script_address (1, 1), high = ice_script_address (2, 2);
  IceScriptCheck nomination = { .use_candidate = TRUE };
  IceScript script;

  begin (&script, &config, &low, LOW, &high, HIGH);
  ice_script_run_until (&script, 20 * MS);
  ice_script_check (&script, &low, &nomination);
  ice_script_answer (&script, &low, 0, NULL);
  ice_script_run_until (&script, 1500 * MS);
  ice_script_check (&script, &high, &nomination); /* which goes on then: it was heard */
  ice_script_run_until (&script, 5 * SECOND);
  ice_script_check (&script, &high, &nomination);
  ice_script_answer (&script, &high, 0, NULL);
  assert_selected (&script, &high);
  ice_script_run_until (&script, 5100 * MS);
  ice_script_check (&script, &low, &nomination);
  assert_selected (&script, &high);
  /* When it comes back to the worse pair long after, that is the one it uses. */
  ice_script_run_until (&script, 10 * SECOND);
  ice_script_check (&script, &low, &nomination);
  assert_selected (&script, &low);
  ice_script_clear (&script);
}

/* A peer-reflexive candidate may be a relay that signalling has not named: its priority
 * does not tell. A pair that is known to be direct is nominated rather. */
static void
test_a_named_pair_is_nominated_rather (void)
{
  IceConfig config = make_config (ICE_NOMINATION_REGULAR, TRUE);
  NiceAddress relay = ice_script_address (9, 9), named = ice_script_address (1, 1);
  IceScript script;

  ice_script_init (&script, &config, 1);
  ice_script_add_remote (&script, &named, ICE_CANDIDATE_SERVER_REFLEXIVE, LOW);
  ice_script_check (&script, &relay, &(IceScriptCheck) { .priority = 110u << 24 });
  ice_script_answer (&script, &named, 0, NULL);
  ice_script_answer (&script, &relay, 0, NULL);
  ice_script_run_until (&script, SECOND);
  g_assert_false (ice_script_has_attribute (ice_script_last_to (&script, &relay),
                                            STUN_ATTR_USE_CANDIDATE));
  g_assert_true (ice_script_has_attribute (ice_script_last_to (&script, &named),
                                           STUN_ATTR_USE_CANDIDATE));
  ice_script_clear (&script);
}

/* Two candidates are learned by checks; as such the first seems the better one and is
 * selected, which ends the check of the second. Signalling then tells that the second is
 * better: the peer, who knows that already, has selected it.
 * covers TRI-8838-11-b */
static void
test_a_candidate_that_is_better_than_it_seemed_is_checked (void)
{
  IceConfig config = make_config (ICE_NOMINATION_AGGRESSIVE, FALSE);
  NiceAddress seems = ice_script_address (1, 1), better = ice_script_address (2, 2);
  IceScriptCheck nomination = { .use_candidate = TRUE, .priority = 110u << 24 | 2 };
  IceScript script;

  ice_script_init (&script, &config, 1);
  ice_script_check (&script, &seems, &nomination);
  nomination.priority--;
  ice_script_check (&script, &better, &nomination);
  ice_script_answer (&script, &seems, 0, NULL);
  assert_selected (&script, &seems);
  ice_script_add_remote (&script, &better, ICE_CANDIDATE_HOST, HIGH);
  ice_script_run_until (&script, 20 * MS);
  g_assert_cmpuint (ice_script_count_to (&script, &better), ==, 2);
  ice_script_answer (&script, &better, 0, NULL);
  assert_selected (&script, &better);
  ice_script_clear (&script);
}

/* A success lets the peer nominate its pair. When no more candidates can be learned here,
 * the answer would promise what cannot be kept. covers ICE-8445-19.5.1-b */
static void
test_what_cannot_be_learned_is_not_answered (void)
{
  NiceAddress known = ice_script_address (200, 1);
  IceScript script;
  guint answered = 0;

  ice_script_init (&script, NULL, 1);
  ice_script_add_remote (&script, &known, ICE_CANDIDATE_HOST, HIGH);
  for (guint i = 0; i < 100; i++)
    {
      NiceAddress from = ice_script_address (i, 1);

      answered += ice_script_check (&script, &from, &(IceScriptCheck) { 0 }) == 0;
    }
  g_assert_cmpuint (answered, ==, 50);
  g_assert_cmpint (ice_script_check (&script, &known, &(IceScriptCheck) { 0 }), ==, 0);
  ice_script_clear (&script);
}

/* The peer checks a pair that was sent to just now: the answer goes with the next turn,
 * before pairs of higher priority. covers ICE-8445-6.1.4.2-b */
static void
test_triggered_checks_go_first (void)
{
  NiceAddress low = ice_script_address (1, 1), high = ice_script_address (2, 2);
  IceScript script;

  begin (&script, NULL, &low, LOW, &high, HIGH);
  ice_script_run_until (&script, 5 * MS);
  ice_script_check (&script, &low, &(IceScriptCheck) { 0 });
  ice_script_run_until (&script, 20 * MS);
  g_assert_cmpuint (ice_script_count_to (&script, &low), ==, 2);
  g_assert_cmpuint (ice_script_count_to (&script, &high), ==, 0);
  ice_script_run_until (&script, 40 * MS);
  g_assert_cmpuint (ice_script_count_to (&script, &high), ==, 1);
  ice_script_clear (&script);
}

/* RFC 7675 5.1: the selected path ends, and what takes over answered last forty seconds
 * ago. It is asked before anything is sent there. covers CONS-7675-5.1-c */
static void
test_old_proof_is_no_consent (void)
{
  IceConfig config = make_config (ICE_NOMINATION_AGGRESSIVE, FALSE);
  NiceAddress high = ice_script_address (1, 1), low = ice_script_address (2, 2);
  IceScript script;

  config.consent = TRUE;
  ice_script_init (&script, &config, 2);
  ice_script_add_remote (&script, &high, ICE_CANDIDATE_HOST, HIGH);
  ice_script_add_remote (&script, &low, ICE_CANDIDATE_HOST, LOW);
  ice_script_run_until (&script, 1);
  ice_script_check (&script, &low, &(IceScriptCheck) { .use_candidate = TRUE });
  ice_script_answer (&script, &low, 0, NULL);
  ice_script_check (&script, &high,
                    &(IceScriptCheck) { .use_candidate = TRUE, .base = 2 });
  ice_script_answer (&script, &high, 0, NULL);
  assert_selected (&script, &high);
  for (guint i = 1; i <= 8; i++)
    {
      ice_script_run_until (&script, i * 6 * SECOND);
      ice_script_answer (&script, &high, 0, NULL);
    }
  ice_engine_handle_base_error (script.engine, 2, NULL, ICE_REASON_UNREACHABLE,
                                script.now);
  ice_script_drain (&script);
  assert_selected (&script, &low);
  g_assert_cmpint (ice_script_when (&script, ICE_EVENT_CONSENT), ==, script.now);
  g_assert_cmpint (ice_script_last_to (&script, &low)->when, ==, script.now);
  ice_script_run_until (&script, script.now + 100 * MS);
  ice_script_answer (&script, &low, 0, NULL);
  g_assert_cmpint (ice_script_when (&script, ICE_EVENT_CONSENT), ==, script.now);
  g_assert_cmpint (ice_script_get_state (&script), ==, ICE_COMPONENT_READY);
  ice_script_clear (&script);
}

/* RFC 7675 5.1: consent ends, and another pair, which has answered in its last seconds,
 * is nominated. Until that is sure nothing is sent. covers CONS-7675-5.1-c */
static void
test_no_data_while_another_is_nominated (void)
{
  IceConfig config = make_config (ICE_NOMINATION_REGULAR, TRUE);
  NiceAddress high = ice_script_address (1, 1), low = ice_script_address (2, 2);
  IceScript script;

  config.consent = TRUE;
  begin (&script, &config, &high, HIGH, &low, LOW);
  ice_script_run_until (&script, 10 * MS);
  ice_script_check (&script, &low, &(IceScriptCheck) { 0 });
  ice_script_answer (&script, &high, 0, NULL);
  ice_script_answer (&script, &low, 0, NULL);
  ice_script_answer (&script, &high, 0, NULL);
  assert_selected (&script, &high);
  ice_script_run_until (&script, 29 * SECOND);
  ice_script_answer (&script, &low, 0, NULL);
  g_assert_cmpint (ice_script_when (&script, ICE_EVENT_CONSENT), ==, -1);
  ice_script_run_until (&script, 30 * SECOND + 10 * MS);
  g_assert_cmpint (ice_script_get_state (&script), ==, ICE_COMPONENT_CONNECTING);
  g_assert_cmpint (ice_script_when (&script, ICE_EVENT_CONSENT), ==, script.now);
  script.now += 100 * MS;
  ice_script_answer (&script, &low, 0, NULL);
  assert_selected (&script, &low);
  g_assert_cmpint (ice_script_when (&script, ICE_EVENT_CONSENT), ==, script.now);
  ice_script_clear (&script);
}

/* Both NATs map per destination: each of the peer's checks comes from a new port of one
 * address, each of ours is answered from another. That is not pursued for ever, and what
 * comes from elsewhere, as the peer's relay, is learned as before. */
static void
test_paths_that_answer_astray_come_to_an_end (void)
{
  NiceAddress relay = ice_script_address (9, 9);
  IceScript script;
  guint answered = 0;

  ice_script_init (&script, NULL, 1);
  for (guint i = 0; i < 40; i++)
    {
      NiceAddress from = ice_script_address (1, 1 + i),
                  astray = ice_script_address (1, 99);
      const IceScriptSent *sent;
      IceScriptSent elsewhere;

      answered += ice_script_check (&script, &from, &(IceScriptCheck) { 0 }) == 0;
      sent = ice_script_last_to (&script, &from);
      if (sent == NULL)
        continue;
      elsewhere = *sent;
      elsewhere.to = astray;
      ice_script_answer_sent (&script, &elsewhere, 0, NULL);
    }
  g_assert_cmpuint (answered, ==, 8);
  g_assert_cmpint (ice_script_check (&script, &relay, &(IceScriptCheck) { 0 }), ==, 0);
  ice_script_clear (&script);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ice/follow/retired", test_a_retired_pair_that_succeeds_stays);
  g_test_add_func ("/ice/follow/retransmission",
                   test_a_late_retransmission_nominates_nothing);
  g_test_add_func ("/ice/follow/superseded",
                   test_an_old_nomination_does_not_wait_for_its_turn);
  g_test_add_func ("/ice/follow/just-now",
                   test_what_is_nominated_just_now_is_not_given_up);
  g_test_add_func ("/ice/follow/unnamed-relay", test_a_named_pair_is_nominated_rather);
  g_test_add_func ("/ice/follow/better-than-it-seemed",
                   test_a_candidate_that_is_better_than_it_seemed_is_checked);
  g_test_add_func ("/ice/follow/full", test_what_cannot_be_learned_is_not_answered);
  g_test_add_func ("/ice/follow/triggered-first", test_triggered_checks_go_first);
  g_test_add_func ("/ice/follow/old-proof", test_old_proof_is_no_consent);
  g_test_add_func ("/ice/follow/no-consent", test_no_data_while_another_is_nominated);
  g_test_add_func ("/ice/follow/astray", test_paths_that_answer_astray_come_to_an_end);
  return g_test_run ();
}
