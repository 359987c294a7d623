/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Media that stops coming is asked about; a peer whose NAT gave it a new port is followed
 * there. */
#include "config.h"

#include "ice-script.h"
#include "stun/attributes.h"

static void
connect_to (IceScript *script, const NiceAddress *peer, gboolean controlling)
{
  IceConfig config;

  ice_config_init (&config);
  config.ice_tcp = FALSE;
  config.nomination = ICE_NOMINATION_REGULAR;
  config.controlling = controlling;
  ice_script_init (script, &config, 1);
  ice_script_run_until (script, MS);
  ice_script_add_remote (script, peer, ICE_CANDIDATE_HOST, 126u << 24);
  ice_script_check (script, peer, &(IceScriptCheck) { .use_candidate = !controlling });
  ice_script_answer (script, peer, 0, NULL);
  if (controlling)
    ice_script_answer (script, peer, 0, NULL);
  g_assert_cmpint (ice_script_get_state (script), ==, ICE_COMPONENT_READY);
}

static void
receive (IceScript *script)
{
  ice_engine_note_traffic (script->engine, 1, 1, FALSE, TRUE, script->now);
  ice_script_drain (script);
}

static void
test_silence_is_asked_about_three_times (void)
{
  NiceAddress peer = ice_script_address (1, 1);
  IceScript script;
  guint before;

  connect_to (&script, &peer, FALSE);
  before = ice_script_count_to (&script, &peer);
  ice_script_run_until (&script, 5 * SECOND);
  g_assert_cmpuint (ice_script_count_to (&script, &peer), ==, before); /* idle */
  receive (&script);
  ice_script_run_until (&script, 5700 * MS);
  receive (&script);
  ice_script_run_until (&script, 6500 * MS - 1);
  g_assert_cmpuint (ice_script_count_to (&script, &peer), ==, before);
  ice_script_run_until (&script, 6500 * MS);
  g_assert_cmpuint (ice_script_count_to (&script, &peer), ==, before + 1);
  ice_script_run_until (&script, 8 * SECOND);
  g_assert_cmpuint (ice_script_count_to (&script, &peer), ==, before + 3);
  ice_script_run_until (&script, 20 * SECOND);
  g_assert_cmpuint (ice_script_count_to (&script, &peer), ==, before + 3);
  g_assert_cmpint (ice_script_get_state (&script), ==, ICE_COMPONENT_READY);
  ice_script_clear (&script);
}

/* The controlling side moves at once and says so; a check from another way of the peer's,
 * while the selected one is alive, moves nothing. */
static void
test_the_controlling_side_follows_a_new_port (void)
{
  NiceAddress peer = ice_script_address (1, 1), moved = ice_script_address (1, 2);
  NiceAddress other = ice_script_address (2, 1), selected;
  IceScript script;

  connect_to (&script, &peer, TRUE);
  ice_script_run_until (&script, 10 * SECOND);
  receive (&script);
  ice_script_check (&script, &other, &(IceScriptCheck) { 0 });
  ice_script_answer (&script, &other, 0, NULL);
  selected = ice_script_get_selected (&script);
  g_assert_true (nice_address_equal (&selected, &peer));

  ice_script_check (&script, &moved, &(IceScriptCheck) { 0 });
  ice_script_answer (&script, &moved, 0, NULL);
  selected = ice_script_get_selected (&script);
  g_assert_true (nice_address_equal (&selected, &moved));
  g_assert_true (ice_script_has_attribute (ice_script_last_to (&script, &moved),
                                           STUN_ATTR_USE_CANDIDATE));
  ice_script_clear (&script);
}

/* Within the first seconds a new port may be another socket of the peer's. */
static void
test_first_checks_are_no_move (void)
{
  NiceAddress peer = ice_script_address (1, 1), second = ice_script_address (1, 2);
  NiceAddress selected;
  IceScript script;

  connect_to (&script, &peer, TRUE);
  ice_script_run_until (&script, SECOND);
  ice_script_check (&script, &second, &(IceScriptCheck) { 0 });
  ice_script_answer (&script, &second, 0, NULL);
  selected = ice_script_get_selected (&script);
  g_assert_true (nice_address_equal (&selected, &peer));
  ice_script_clear (&script);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ice/silence/questions", test_silence_is_asked_about_three_times);
  g_test_add_func ("/ice/silence/new-port", test_the_controlling_side_follows_a_new_port);
  g_test_add_func ("/ice/silence/first-checks", test_first_checks_are_no_move);
  return g_test_run ();
}
