/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Restarts (RFC 8445 9): media never waits for them, and whoever asks, and however often,
 * both ends meet again. */
#include "config.h"

#include "sim-scenario.h"

#define R (40 * SIM_MS)
#define MEDIA (10 * SIM_MS)

static void
begin_call (SimScenario *s, guint64 seed, IceNominationMode mode, gint64 signalling_delay)
{
  IceConfig left = sim_config (TRUE, mode), right = sim_config (FALSE, mode);

  sim_scenario_init (s, seed, R);
  sim_scenario_add_peers (s, &left, &right);
  sim_scenario_start (s, &(SimCallConfig) { .delay = signalling_delay });
  g_assert_true (sim_call_run_until_ready (s->call, 10 * SIM_SECOND));
  sim_peer_start_media (s->left, MEDIA);
  sim_peer_start_media (s->right, MEDIA);
  sim_world_run_for (s->world, SIM_SECOND);
}

static SimComponent *
component (SimPeer *peer)
{
  return sim_peer_get_nth_component (peer, 0);
}

static gchar *
dup_ufrag (SimPeer *peer)
{
  const gchar *ufrag, *pwd;

  g_assert_true (
      ice_engine_get_local_credentials (sim_peer_get_engine (peer), 1, &ufrag, &pwd));
  return g_strdup (ufrag);
}

/* covers ICE-8445-9-a, ICE-8445-12.1-b */
static void
test_media_flows_through_a_restart (void)
{
  for (guint mode = 0; mode < 2; mode++)
    {
      SimScenario s;
      g_autofree gchar *left = NULL, *right = NULL, *new_left = NULL, *new_right = NULL;
      guint64 sent;
      gint64 began;

      begin_call (&s, 1, (IceNominationMode)mode, 100 * SIM_MS);
      left = dup_ufrag (s.left);
      right = dup_ufrag (s.right);
      sent = component (s.left)->n_sent;
      began = sim_world_get_now (s.world);
      sim_call_restart (s.call, s.right);
      g_assert_cmpint (sim_peer_get_state (s.right), ==, ICE_COMPONENT_GATHERING);
      sim_world_run_for (s.world, SIM_SECOND);
      sim_assert_ready (s.call);
      new_left = dup_ufrag (s.left);
      new_right = dup_ufrag (s.right);
      g_assert_cmpstr (left, !=, new_left);
      g_assert_cmpstr (right, !=, new_right);
      g_assert_cmpuint (component (s.left)->n_sent - sent, ==, SIM_SECOND / MEDIA);
      g_assert_cmpint (component (s.left)->longest_silence, ==, MEDIA);
      g_assert_cmpint (component (s.right)->longest_silence, ==, MEDIA);
      /* The left hears of it after 100 ms and may check at once; what the right cannot
       * place before it has the answer, it answers all the same. */
      g_assert_cmpint (component (s.left)->last_selected_at - began, ==,
                       100 * SIM_MS + (mode == ICE_NOMINATION_REGULAR ? 2 * R : R));
      g_assert_true (ice_engine_is_controlling (sim_peer_get_engine (s.left)));
      g_assert_false (ice_engine_is_controlling (sim_peer_get_engine (s.right)));
      sim_assert_agreement (s.call);
      sim_scenario_clear (&s);
    }
}

/* The old pair carries media for two minutes on the one side, for one on the other: who
 * sends there asks there, and who has a new pair already still answers.
 * covers CONS-7675-5.1-e */
static void
test_consent_outlives_slow_signalling (void)
{
  for (guint mode = 0; mode < 2; mode++)
    {
      IceConfig left = sim_config (TRUE, (IceNominationMode)mode);
      IceConfig right = sim_config (FALSE, (IceNominationMode)mode);
      gint64 began;
      SimScenario s;

      left.consent = right.consent = TRUE;
      sim_scenario_init (&s, 1, R);
      sim_scenario_add_peers (&s, &left, &right);
      sim_scenario_start (&s, &(SimCallConfig) { .delay = 60 * SIM_SECOND });
      g_assert_true (sim_call_run_until_ready (s.call, 100 * SIM_SECOND));
      sim_peer_start_media (s.left, MEDIA);
      sim_peer_start_media (s.right, MEDIA);
      sim_world_run_for (s.world, SIM_SECOND);
      began = sim_world_get_now (s.world);
      sim_call_restart (s.call, s.right);
      sim_world_run_for (s.world, 125 * SIM_SECOND);
      sim_assert_ready (s.call);
      g_assert_cmpint (component (s.left)->last_selected_at - began, <, 61 * SIM_SECOND);
      g_assert_cmpint (component (s.right)->last_selected_at - began, >,
                       120 * SIM_SECOND);
      g_assert_cmpint (component (s.left)->longest_silence, ==, MEDIA);
      g_assert_cmpint (component (s.right)->longest_silence, ==, MEDIA);
      g_assert_cmpint (component (s.left)->failed_at, ==, SIM_NEVER);
      g_assert_cmpint (component (s.right)->failed_at, ==, SIM_NEVER);
      sim_assert_agreement (s.call);
      sim_scenario_clear (&s);
    }
}

/* Both restart at once, their descriptions cross. */
static void
test_both_restart_at_once (void)
{
  for (guint mode = 0; mode < 2; mode++)
    {
      SimScenario s;

      begin_call (&s, 1, (IceNominationMode)mode, 50 * SIM_MS);
      sim_call_restart (s.call, s.left);
      sim_call_restart (s.call, s.right);
      sim_world_run_for (s.world, SIM_SECOND);
      sim_assert_ready (s.call);
      g_assert_cmpint (component (s.left)->longest_silence, ==, MEDIA);
      sim_assert_agreement (s.call);
      sim_scenario_clear (&s);
    }
}

/* Old checks arrive in the middle of new generations, and change nothing.
 * covers ICE-8445-9-c */
static void
test_restarts_in_quick_succession (void)
{
  for (guint64 seed = 1; seed <= 100; seed++)
    {
      SimRandom random;
      SimScenario s;

      sim_random_init (&random, seed);
      begin_call (&s, seed, (IceNominationMode)(seed % 2), 30 * SIM_MS);
      for (guint i = 0; i < 10; i++)
        {
          sim_call_restart (s.call, sim_random_chance (&random, 0.5) ? s.left : s.right);
          sim_world_run_for (s.world, sim_random_between (&random, 0, 150 * SIM_MS));
        }
      /* The last word settles it if descriptions crossed before. */
      sim_world_run_for (s.world, SIM_SECOND);
      sim_call_restart (s.call, s.left);
      sim_world_run_for (s.world, SIM_SECOND);
      sim_assert_ready (s.call);
      sim_assert_agreement (s.call);
      sim_scenario_clear (&s);
    }
}

/* Before anything is selected, a restart simply begins anew. */
static void
test_restart_before_the_first_selection (void)
{
  for (gint64 when = 0; when <= 2 * R; when += 5 * SIM_MS)
    {
      IceConfig left = sim_config (TRUE, ICE_NOMINATION_REGULAR);
      IceConfig right = sim_config (FALSE, ICE_NOMINATION_REGULAR);
      SimScenario s;

      sim_scenario_init (&s, 1, R);
      sim_scenario_add_peers (&s, &left, &right);
      sim_scenario_start (&s, &(SimCallConfig) { .delay = 5 * SIM_MS });
      sim_world_run_for (s.world, 5 * SIM_MS + when);
      sim_call_restart (s.call, s.left);
      sim_world_run_for (s.world, 10 * SIM_MS + 4 * R);
      sim_assert_ready (s.call);
      sim_assert_agreement (s.call);
      sim_scenario_clear (&s);
    }
}

/* covers ICE-8445-5.1.1.4-b: The left moves to another network: gathers there, restarts,
 * and the call goes on. */
static void
test_roaming (void)
{
  SimScenario s;
  IceCandidate local, remote;

  begin_call (&s, 1, ICE_NOMINATION_REGULAR, 20 * SIM_MS);
  sim_host_add_interface (s.left_host, sim_world_get_internet (s.world), "198.51.100.77",
                          &(SimLinkConfig) { .delay = R / 4 });
  sim_host_remove_interface (s.left_host, sim_host_get_interface (s.left_host, 0));
  sim_peer_gather (s.left, 1);
  sim_call_restart (s.call, s.left);
  sim_world_run_for (s.world, SIM_SECOND);
  sim_assert_ready (s.call);
  sim_assert_agreement (s.call);
  g_assert_true (sim_peer_get_selected (s.left, 1, 1, &local, &remote));
  g_assert_cmpuint (sim_address_port (&local.addr), !=, 0);
  g_assert_cmpint (sim_host_get_n_interfaces (s.left_host), ==, 1);
  g_assert_true (sim_address_equal_ip (
      &local.addr, sim_interface_get_address (sim_host_get_interface (s.left_host, 0))));
  g_assert_cmpint (component (s.left)->longest_silence, <=, 300 * SIM_MS);
  sim_scenario_clear (&s);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sim/restart/media", test_media_flows_through_a_restart);
  g_test_add_func ("/sim/restart/slow-signalling", test_consent_outlives_slow_signalling);
  g_test_add_func ("/sim/restart/both", test_both_restart_at_once);
  g_test_add_func ("/sim/restart/often", test_restarts_in_quick_succession);
  g_test_add_func ("/sim/restart/early", test_restart_before_the_first_selection);
  g_test_add_func ("/sim/restart/roaming", test_roaming);
  return g_test_run ();
}
