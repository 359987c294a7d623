/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Addresses of ours that go and come back, and peers that have lost theirs. */
#include "config.h"

#include "ice-script.h"
#include "stun/attributes.h"

/* Of two addresses the second is the better one: the pair from there is selected, the
 * other never checked. */
#define SELECTED 2
#define OTHER 1

static void
begin (IceScript *script, const NiceAddress *peer, gboolean controlling)
{
  IceConfig config;

  ice_config_init (&config);
  config.ice_tcp = FALSE;
  config.nomination = ICE_NOMINATION_REGULAR;
  config.controlling = controlling;
  ice_script_init (script, &config, 2);
  ice_script_run_until (script, MS);
  ice_script_add_remote (script, peer, ICE_CANDIDATE_HOST, 126u << 24);
  g_assert_cmpuint (ice_script_last_to (script, peer)->base, ==, SELECTED);
}

/* The one that controls has a check answered, and then the nomination. */
static void
finish (IceScript *script, const NiceAddress *peer, gboolean controlling)
{
  ice_script_answer (script, peer, 0, NULL);
  if (controlling)
    ice_script_answer (script, peer, 0, NULL);
  g_assert_cmpint (ice_script_get_state (script), ==, ICE_COMPONENT_READY);
  ice_script_run_until (script, 10 * SECOND);
}

static void
connect_to (IceScript *script, const NiceAddress *peer, gboolean controlling)
{
  begin (script, peer, controlling);
  ice_script_check (
      script, peer,
      &(IceScriptCheck) { .use_candidate = !controlling, .base = SELECTED });
  finish (script, peer, controlling);
}

/* That of the selected pair. */
static void
set_address (IceScript *script, gboolean is_there)
{
  NiceAddress address;

  nice_address_init (&address);
  g_assert_true (nice_address_set_from_string (&address, "10.0.0.2"));
  ice_engine_handle_address (script->engine, &address, is_there, script->now);
  ice_script_drain (script);
}

static void
assert_selected (IceScript *script, IceBaseId base, const NiceAddress *remote)
{
  IceCandidate local, selected;

  g_assert_true (ice_engine_get_selected_pair (script->engine, 1, 1, &local, &selected));
  g_assert_cmpuint (local.base, ==, base);
  g_assert_true (nice_address_equal (&selected.addr, remote));
  g_assert_cmpint (ice_script_get_state (script), ==, ICE_COMPONENT_READY);
}

static void
test_a_lost_address_moves_the_path_at_once (void)
{
  NiceAddress peer = ice_script_address (1, 1);
  const IceScriptSent *sent;
  IceScript script;

  connect_to (&script, &peer, TRUE);
  set_address (&script, FALSE);
  sent = ice_script_last_to (&script, &peer);
  g_assert_cmpint (sent->when, ==, 10 * SECOND);
  g_assert_cmpuint (sent->base, ==, OTHER);
  script.now += 40 * MS;
  ice_script_answer_sent (&script, sent, 0, NULL);
  sent = ice_script_last_to (&script, &peer);
  g_assert_true (ice_script_has_attribute (sent, STUN_ATTR_USE_CANDIDATE));
  script.now += 40 * MS;
  ice_script_answer_sent (&script, sent, 0, NULL);
  assert_selected (&script, OTHER, &peer);
  ice_script_clear (&script);
}

/* Where two ways out are up, the system sends by one of them whatever has the other's
 * address: the check from there gets no answer, until the first one is gone. */
static void
test_a_check_that_was_given_up_is_sent_anew (void)
{
  NiceAddress peer = ice_script_address (1, 1);
  IceScriptSent first;
  const IceScriptSent *sent;
  IceScript script;

  begin (&script, &peer, TRUE);
  first = *ice_script_last_to (&script, &peer);
  ice_script_run_until (&script, 30 * MS);
  g_assert_cmpuint (ice_script_last_to (&script, &peer)->base, ==, OTHER);
  ice_script_answer_sent (&script, &first, 0, NULL);
  ice_script_answer (&script, &peer, 0, NULL);
  g_assert_cmpint (ice_script_get_state (&script), ==, ICE_COMPONENT_READY);
  ice_script_run_until (&script, 700 * MS);
  set_address (&script, FALSE);
  sent = ice_script_last_to (&script, &peer);
  g_assert_cmpint (sent->when, ==, 700 * MS);
  g_assert_cmpuint (sent->base, ==, OTHER);
  ice_script_clear (&script);
}

/* The peer comes late, and by then the one that gets no answer has failed. */
static void
test_a_check_that_failed_is_tried_anew (void)
{
  NiceAddress peer = ice_script_address (1, 1);
  const IceScriptSent *sent;
  IceScript script;

  begin (&script, &peer, TRUE);
  ice_script_run_until (&script, 5 * SECOND);
  ice_script_check (&script, &peer, &(IceScriptCheck) { .base = SELECTED });
  g_assert_cmpuint (ice_script_last_to (&script, &peer)->base, ==, SELECTED);
  finish (&script, &peer, TRUE);
  assert_selected (&script, SELECTED, &peer);
  set_address (&script, FALSE);
  sent = ice_script_last_to (&script, &peer);
  g_assert_cmpint (sent->when, ==, 10 * SECOND);
  g_assert_cmpuint (sent->base, ==, OTHER);
  ice_script_clear (&script);
}

/* It is the controlling side's to move; it has to see a check of ours for that. */
static void
test_the_controlled_side_only_asks (void)
{
  NiceAddress peer = ice_script_address (1, 1);
  IceScript script;

  connect_to (&script, &peer, FALSE);
  set_address (&script, FALSE);
  g_assert_cmpuint (ice_script_last_to (&script, &peer)->base, ==, OTHER);
  ice_script_answer (&script, &peer, 0, NULL);
  ice_script_run_until (&script, 11 * SECOND);
  assert_selected (&script, SELECTED, &peer);
  ice_script_check (&script, &peer, &(IceScriptCheck) { .base = OTHER });
  ice_script_check (&script, &peer,
                    &(IceScriptCheck) { .use_candidate = TRUE, .base = OTHER });
  assert_selected (&script, OTHER, &peer);
  ice_script_clear (&script);
}

/* What goes out by another interface would tell the peer that we are still there. Nobody
 * else answers: all is as before when the address is there again, and asked for. */
static void
test_an_address_that_comes_back (void)
{
  NiceAddress peer = ice_script_address (1, 1);
  IceScript script;

  for (guint controlling = 0; controlling < 2; controlling++)
    {
      connect_to (&script, &peer, controlling);
      set_address (&script, FALSE);
      for (guint i = 1; i < 20; i++)
        {
          ice_script_run_until (&script, 10 * SECOND + i * SECOND / 2);
          g_assert_cmpuint (ice_script_last_to (&script, &peer)->base, ==, OTHER);
        }
      assert_selected (&script, SELECTED, &peer);
      set_address (&script, TRUE);
      g_assert_cmpuint (ice_script_last_to (&script, &peer)->base, ==, SELECTED);
      ice_script_answer (&script, &peer, 0, NULL);
      ice_script_run_until (&script, 30 * SECOND);
      assert_selected (&script, SELECTED, &peer);
      ice_script_clear (&script);
    }
}

/* Some peers check all their pairs from time to time. */
static void
test_a_check_elsewhere_asks_whether_the_selected_pair_works (void)
{
  NiceAddress peer = ice_script_address (1, 1), other = ice_script_address (2, 2);
  IceScript script;
  guint before;

  connect_to (&script, &peer, TRUE);
  ice_script_check (&script, &other, &(IceScriptCheck) { .base = SELECTED });
  before = ice_script_count_to (&script, &peer);
  g_assert_cmpint (ice_script_last_to (&script, &peer)->when, ==, script.now);
  ice_script_answer (&script, &peer, 0, NULL);
  ice_script_answer (&script, &other, 0, NULL);
  ice_script_run_until (&script, 10700 * MS);
  ice_script_check (&script, &other,
                    &(IceScriptCheck) { .base = SELECTED }); /* not again so soon */
  ice_script_run_until (&script, 20 * SECOND);
  g_assert_cmpuint (ice_script_count_to (&script, &peer), ==, before);
  assert_selected (&script, SELECTED, &peer);
  ice_script_clear (&script);
}

/* The peer has lost its way to us, and nobody tells us: it checks another pair. There are
 * answers there, and none on the selected one. */
static void
begin_to_doubt (IceScript *script, const NiceAddress *other)
{
  ice_script_check (script, other, &(IceScriptCheck) { .base = SELECTED });
  ice_script_answer (script, other, 0, NULL);
  ice_script_run_until (script, 10100 * MS);
  g_assert_cmpint (ice_script_last_to (script, other)->when, ==, script->now);
  script->now += 40 * MS;
  ice_script_answer (script, other, 0, NULL);
}

static void
assert_moves_at (IceScript *script, gint64 when, const NiceAddress *to)
{
  const gboolean is_there =
      ice_script_has_attribute (ice_script_last_to (script, to), STUN_ATTR_USE_CANDIDATE);

  g_assert_false (is_there);
  ice_script_run_until (script, when - 1);
  g_assert_false (ice_script_has_attribute (ice_script_last_to (script, to),
                                            STUN_ATTR_USE_CANDIDATE));
  ice_script_run_until (script, when);
  g_assert_true (ice_script_has_attribute (ice_script_last_to (script, to),
                                           STUN_ATTR_USE_CANDIDATE));
  ice_script_answer (script, to, 0, NULL);
  assert_selected (script, SELECTED, to);
}

/* A telephone on its way through the country. */
static void
travel (IceScript *script)
{
  for (guint8 i = 1; i <= 50; i++)
    {
      const NiceAddress address = ice_script_address (100 + i, 0);

      g_assert_true (ice_engine_gather (script->engine, 1, &address, 1, script->now));
      ice_script_drain (script);
      ice_engine_handle_address (script->engine, &address, FALSE, script->now);
      ice_script_drain (script);
      ice_script_run_until (script, script->now + 100 * MS);
    }
}

static guint
count_candidates (IceScript *script)
{
  g_autoptr (GArray) candidates = g_array_new (FALSE, FALSE, sizeof (IceCandidate));

  ice_engine_get_local_candidates (script->engine, 1, 1, candidates);
  return candidates->len;
}

/* Its sockets do not pile up, and the one that is used is not among those that go. */
static void
test_addresses_that_are_gone_are_few (void)
{
  NiceAddress peer = ice_script_address (1, 1);
  IceScript script;

  connect_to (&script, &peer, FALSE);
  set_address (&script, FALSE);
  travel (&script);
  g_assert_cmpuint (count_candidates (&script), ==, 2 + 8 + 1);
  assert_selected (&script, SELECTED, &peer);
  ice_script_clear (&script);
}

/* Two sockets an address, and a candidate that has none. */
static void
test_addresses_that_are_gone_are_few_over_tcp (void)
{
  IceConfig config;
  IceScript script;

  ice_config_init (&config);
  ice_script_init (&script, &config, 2);
  travel (&script);
  g_assert_cmpuint (count_candidates (&script), ==, 3 * (2 + 4 + 1));
  ice_script_clear (&script);
}

/* A peer whose signalling was slow begins when we are done, with all of its pairs. */
static void
test_the_peer_s_first_checks_ask_nothing (void)
{
  NiceAddress peer = ice_script_address (1, 1), other = ice_script_address (2, 2);
  IceScript script;
  guint before;

  begin (&script, &peer, TRUE);
  finish (&script, &peer, TRUE);
  before = ice_script_count_to (&script, &peer);
  ice_script_check (&script, &other, &(IceScriptCheck) { .base = SELECTED });
  ice_script_run_until (&script, 13900 * MS);
  ice_script_check (&script, &other, &(IceScriptCheck) { .base = SELECTED });
  g_assert_cmpuint (ice_script_count_to (&script, &peer), ==, before);
  ice_script_run_until (&script, 14 * SECOND);
  ice_script_check (&script, &other, &(IceScriptCheck) { .base = SELECTED });
  g_assert_cmpuint (ice_script_count_to (&script, &peer), ==, before + 1);
  ice_script_clear (&script);
}

/* 100 ms for the first answer, 200 for the second, 400 for the third. */
static void
test_the_peer_is_followed_within_700_ms (void)
{
  NiceAddress peer = ice_script_address (1, 1), other = ice_script_address (2, 2);
  IceScript script;

  connect_to (&script, &peer, TRUE);
  begin_to_doubt (&script, &other);
  assert_moves_at (&script, 10700 * MS, &other);
  ice_script_clear (&script);
}

static void
test_the_peer_is_followed_within_300_ms_where_media_stops (void)
{
  NiceAddress peer = ice_script_address (1, 1), other = ice_script_address (2, 2);
  IceScript script;

  for (guint still_comes = 0; still_comes < 2; still_comes++)
    {
      connect_to (&script, &peer, TRUE);
      ice_engine_note_traffic (script.engine, 1, 1, FALSE, TRUE, script.now);
      begin_to_doubt (&script, &other);
      if (still_comes)
        {
          ice_script_run_until (&script, 10250 * MS);
          ice_engine_note_traffic (script.engine, 1, 1, FALSE, TRUE, script.now);
        }
      assert_moves_at (&script, still_comes ? 10700 * MS : 10300 * MS, &other);
      ice_script_clear (&script);
    }
}

static void
test_questions_go_in_rounds (void)
{
  NiceAddress peer = ice_script_address (1, 1);
  IceScript script;
  guint before;

  connect_to (&script, &peer, TRUE);
  before = ice_script_count_to (&script, &peer);
  set_address (&script, TRUE);
  for (guint i = 0; i < 7; i++)
    {
      const gint64 due = 10 * SECOND + ((1 << i) - 1) * 100 * MS;

      ice_script_run_until (&script, due);
      g_assert_cmpint (ice_script_last_to (&script, &peer)->when, ==, due);
      g_assert_cmpuint (ice_script_count_to (&script, &peer), ==, before + i + 1);
    }
  ice_script_run_until (&script, 30 * SECOND);
  g_assert_cmpuint (ice_script_count_to (&script, &peer), ==, before + 7);
  ice_script_clear (&script);
}

/* Behind another NAT, perhaps, of whose mapping the peer learns by a check only. */
static void
test_another_way_out_is_shown_to_the_peer (void)
{
  NiceAddress peer = ice_script_address (1, 1);
  IceScript script;

  connect_to (&script, &peer, TRUE);
  ice_engine_handle_reroute (script.engine, script.now);
  ice_script_drain (&script);
  g_assert_cmpint (ice_script_last_to (&script, &peer)->when, ==, script.now);
  ice_script_answer (&script, &peer, 0, NULL);
  ice_script_run_until (&script, 20 * SECOND);
  assert_selected (&script, SELECTED, &peer);
  ice_script_clear (&script);
}

/* The other way round: the peer's answer is no consent, but ends nothing either. Its own
 * check, which comes the same way, will tell more. */
static void
test_an_answer_from_elsewhere_is_no_failure (void)
{
  NiceAddress peer = ice_script_address (1, 1), elsewhere = ice_script_address (2, 2);
  IceScriptSent question;
  IceScript script;

  connect_to (&script, &peer, FALSE);
  set_address (&script, TRUE);
  question = *ice_script_last_to (&script, &peer);
  question.to = elsewhere;
  ice_script_answer_sent (&script, &question, 0, NULL);
  assert_selected (&script, SELECTED, &peer);
  ice_script_clear (&script);
}

static void
refuse (IceScript *script, IceBaseId base, const NiceAddress *peer)
{
  g_assert_cmpuint (ice_script_last_to (script, peer)->base, ==, base);
  ice_engine_handle_base_error (script->engine, base, peer, ICE_REASON_UNREACHABLE,
                                script->now);
  ice_script_drain (script);
}

static void
assert_checks_once_routed (IceScript *script, IceBaseId base, const NiceAddress *peer)
{
  const IceScriptSent *sent;

  ice_engine_handle_reroute (script->engine, script->now);
  ice_script_drain (script);
  sent = ice_script_last_to (script, peer);
  g_assert_cmpint (sent->when, ==, script->now);
  g_assert_cmpuint (sent->base, ==, base);
}

/* From a cable to a radio: its address is there first, a moment later its way out. */
static void
test_a_route_that_comes_after_the_address (void)
{
  NiceAddress peer = ice_script_address (1, 1);
  IceScript script;

  connect_to (&script, &peer, TRUE);
  set_address (&script, FALSE);
  refuse (&script, OTHER, &peer);
  ice_script_run_until (&script, 10200 * MS);
  assert_checks_once_routed (&script, OTHER, &peer);
  ice_script_answer (&script, &peer, 0, NULL);
  ice_script_answer (&script, &peer, 0, NULL);
  assert_selected (&script, OTHER, &peer);
  ice_script_clear (&script);
}

/* The carrier is lost before the route that counts on it. */
static void
test_a_check_that_went_the_old_way (void)
{
  NiceAddress peer = ice_script_address (1, 1);
  IceScript script;

  connect_to (&script, &peer, TRUE);
  set_address (&script, FALSE);
  g_assert_cmpuint (ice_script_last_to (&script, &peer)->base, ==, OTHER);
  ice_script_run_until (&script, 10030 * MS);
  assert_checks_once_routed (&script, OTHER, &peer);
  ice_script_clear (&script);
}

static void
test_a_call_that_begins_before_there_is_a_route (void)
{
  NiceAddress peer = ice_script_address (1, 1);
  IceScript script;

  begin (&script, &peer, TRUE);
  refuse (&script, SELECTED, &peer);
  ice_script_run_until (&script, 30 * MS);
  refuse (&script, OTHER, &peer);
  ice_script_run_until (&script, 500 * MS);
  assert_checks_once_routed (&script, SELECTED, &peer);
  finish (&script, &peer, TRUE);
  assert_selected (&script, SELECTED, &peer);
  ice_script_clear (&script);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ice/doubt/moves", test_a_lost_address_moves_the_path_at_once);
  g_test_add_func ("/ice/doubt/given-up", test_a_check_that_was_given_up_is_sent_anew);
  g_test_add_func ("/ice/doubt/failed", test_a_check_that_failed_is_tried_anew);
  g_test_add_func ("/ice/doubt/controlled", test_the_controlled_side_only_asks);
  g_test_add_func ("/ice/doubt/back", test_an_address_that_comes_back);
  g_test_add_func ("/ice/doubt/elsewhere",
                   test_a_check_elsewhere_asks_whether_the_selected_pair_works);
  g_test_add_func ("/ice/doubt/many", test_addresses_that_are_gone_are_few);
  g_test_add_func ("/ice/doubt/many/tcp", test_addresses_that_are_gone_are_few_over_tcp);
  g_test_add_func ("/ice/doubt/first-checks", test_the_peer_s_first_checks_ask_nothing);
  g_test_add_func ("/ice/doubt/followed", test_the_peer_is_followed_within_700_ms);
  g_test_add_func ("/ice/doubt/followed/media",
                   test_the_peer_is_followed_within_300_ms_where_media_stops);
  g_test_add_func ("/ice/doubt/way-out", test_another_way_out_is_shown_to_the_peer);
  g_test_add_func ("/ice/doubt/route", test_a_route_that_comes_after_the_address);
  g_test_add_func ("/ice/doubt/route/last", test_a_check_that_went_the_old_way);
  g_test_add_func ("/ice/doubt/route/first",
                   test_a_call_that_begins_before_there_is_a_route);
  g_test_add_func ("/ice/doubt/astray", test_an_answer_from_elsewhere_is_no_failure);
  g_test_add_func ("/ice/deadline/doubt/rounds", test_questions_go_in_rounds);
  return g_test_run ();
}
