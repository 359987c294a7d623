/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A year of network accidents: what users of ICE libraries ran into and reported, each as
 * a scenario that fails on the behaviour they had. */
#include "config.h"

#include "sim-scenario.h"

#include <string.h>

#define R (40 * SIM_MS)
#define TA (20 * SIM_MS)
#define STUN "192.0.2.10"
#define RELAY "192.0.2.20"

static SimComponent *
component (SimPeer *peer)
{
  return sim_peer_get_nth_component (peer, 0);
}

static void
add_plain_peers (SimScenario *s, IceNominationMode mode)
{
  IceConfig left = sim_config (TRUE, mode), right = sim_config (FALSE, mode);

  sim_scenario_add_peers (s, &left, &right);
}

/* --- Candidates --- */

/* More local addresses than 64: nothing aborts, no two priorities are equal. */
static void
test_seventy_local_addresses (void)
{
  g_autoptr (GArray) candidates = g_array_new (FALSE, FALSE, sizeof (IceCandidate));
  g_autoptr (GHashTable) priorities = g_hash_table_new (NULL, NULL);
  SimScenario s;

  sim_scenario_init (&s, 1, R);
  for (guint i = 1; i < 70; i++)
    {
      g_autofree gchar *address = i % 2 ? g_strdup_printf ("198.51.100.%u", 1 + i)
                                        : g_strdup_printf ("2001:db8:1::%x", 1 + i);

      sim_host_add_interface (s.left_host, sim_world_get_internet (s.world), address,
                              NULL);
    }
  add_plain_peers (&s, ICE_NOMINATION_REGULAR);
  sim_scenario_start (&s, NULL);
  g_assert_true (sim_call_run_until_ready (s.call, 10 * SIM_SECOND));
  ice_engine_get_local_candidates (sim_peer_get_engine (s.left), 1, 1, candidates);
  g_assert_cmpuint (candidates->len, >=, 64);
  for (guint i = 0; i < candidates->len; i++)
    g_assert_true (g_hash_table_add (
        priorities,
        GUINT_TO_POINTER (g_array_index (candidates, IceCandidate, i).priority)));
  sim_assert_agreement (s.call);
  sim_scenario_clear (&s);
}

/* --- Dead candidates --- */

static void
give_credentials (SimPeer *from, SimPeer *to)
{
  const gchar *ufrag, *pwd;

  ice_engine_get_local_credentials (sim_peer_get_engine (from), 1, &ufrag, &pwd);
  ice_engine_set_remote_credentials (sim_peer_get_engine (to), 1, ufrag, pwd, 0);
}

/* n candidates of the highest priority that lead nowhere, then the good one. */
static void
give_candidates (SimPeer *from, SimPeer *to, guint n_dead)
{
  g_autoptr (GArray) candidates = g_array_new (FALSE, TRUE, sizeof (IceCandidate));

  for (guint i = 0; i < n_dead; i++)
    {
      g_autofree gchar *address = g_strdup_printf ("100.70.%u.%u", i / 200, 1 + i % 200);
      IceCandidate dead = { .type = ICE_CANDIDATE_HOST,
                            .transport = ICE_TRANSPORT_UDP,
                            .priority = 2130706431u - i,
                            .stream_id = 1,
                            .component_id = 1 };

      dead.addr =
          sim_address_with_port (&(NiceAddress[]) { sim_address (address) }[0], 5000);
      dead.base_addr = dead.addr;
      g_snprintf (dead.foundation, sizeof dead.foundation, "dead%u", i);
      g_array_append_val (candidates, dead);
    }
  ice_engine_get_local_candidates (sim_peer_get_engine (from), 1, 1, candidates);
  g_array_index (candidates, IceCandidate, n_dead).priority = 1000;
  ice_engine_add_remote_candidates (sim_peer_get_engine (to), 1, 1,
                                    (IceCandidate *)(gpointer)candidates->data,
                                    candidates->len, 0);
}

static void
assert_dead_candidates_are_outlived (guint n_dead, gboolean both, IceNominationMode mode)
{
  SimScenario s;
  gint64 connected, limit;

  sim_scenario_init (&s, 1, R);
  add_plain_peers (&s, mode);
  sim_peer_add_stream (s.left, 1);
  sim_peer_add_stream (s.right, 1);
  sim_peer_gather (s.left, 1);
  sim_peer_gather (s.right, 1);
  give_credentials (s.left, s.right);
  give_credentials (s.right, s.left);
  give_candidates (s.right, s.left, n_dead);
  give_candidates (s.left, s.right, both ? n_dead : 0);
  sim_peer_drain (s.left);
  sim_peer_drain (s.right);
  sim_world_run_until (s.world, n_dead * TA + 40 * SIM_SECOND);
  g_assert_cmpint (sim_peer_get_state (s.left), ==, ICE_COMPONENT_READY);
  g_assert_cmpint (sim_peer_get_state (s.right), ==, ICE_COMPONENT_READY);
  connected =
      MAX (component (s.left)->first_selected_at, component (s.right)->first_selected_at);
  g_test_message ("%u dead, %s: connected after %.3f s, ready after %.3f s", n_dead,
                  both ? "both" : "one", (gdouble)connected / SIM_SECOND,
                  (gdouble)component (s.left)->ready_at / SIM_SECOND);
  /* One side without dead ones opens the way at once; else the good pair's turn comes
   * after all the others'; and where the list is full (RFC 8445 6.1.2.5), after the first
   * of them has failed, 4 RTO of n Ta each (14.3). */
  limit = both ? n_dead * TA : 0;
  if (both && n_dead >= 100)
    limit = (4 * 100 + (n_dead - 100)) * TA;
  g_assert_cmpint (connected, <=, limit + 2 * R + 5 * TA + 200 * SIM_MS);
  sim_scenario_clear (&s);
}

/* At a hundred the good pair was pushed off the list. */
static void
test_dead_candidates (void)
{
  static const guint counts[] = { 1, 50, 100, 150 };

  for (guint mode = 0; mode < 2; mode++)
    for (guint i = 0; i < G_N_ELEMENTS (counts); i++)
      {
        assert_dead_candidates_are_outlived (counts[i], FALSE, (IceNominationMode)mode);
        assert_dead_candidates_are_outlived (counts[i], TRUE, (IceNominationMode)mode);
      }
}

/* --- Servers --- */

/* With both servers set, the reflexive candidate depended on the relay's health. */
static void
test_each_server_stands_for_itself (void)
{
  SimTurnServerConfig bad[] = { { .is_silent = TRUE },
                                { .allocate_error = 403 },
                                { .allocate_error = 486 },
                                { .allocate_error = 508 },
                                { .thinking = 5 * SIM_SECOND } };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      SimScenario s = { .world = sim_world_new (1) };

      s.left_host = sim_host_behind (s.world, "left", SIM_PORT_RESTRICTED_CONE,
                                     "192.168.1.2", "198.51.100.1", R / 4, NULL);
      s.right_host = sim_host_behind (s.world, "right", SIM_PORT_RESTRICTED_CONE,
                                      "10.0.0.2", "203.0.113.1", R / 4, NULL);
      sim_stun_server_new (s.world, STUN ":3478", NULL, NULL);
      sim_turn_server_new (s.world, RELAY ":3478", NULL, &bad[i]);
      sim_scenario_add_peers (&s, &(IceConfig[]) { sim_config (TRUE, 0) }[0],
                              &(IceConfig[]) { sim_config (FALSE, 0) }[0]);
      sim_scenario_add_server (&s, ICE_SERVER_TURN_UDP, RELAY, 3478);
      sim_scenario_add_server (&s, ICE_SERVER_STUN_UDP, STUN, 3478);
      sim_scenario_start (&s, &(SimCallConfig) { .trickle = TRUE });
      sim_call_run_until_ready (s.call, 10 * SIM_SECOND);
      sim_assert_ready (s.call);
      g_assert_cmpint (sim_world_get_now (s.world), <=, SIM_SECOND);
      sim_assert_agreement (s.call);
      sim_scenario_clear (&s);
    }
}

/* A name that does not resolve, or resolves late, ends gathering all the same. */
static void
test_names_that_do_not_resolve (void)
{
  SimScenario s;

  sim_scenario_init (&s, 1, R);
  add_plain_peers (&s, ICE_NOMINATION_REGULAR);
  sim_peer_add_name (s.left, "nowhere.example", NULL, 3 * SIM_SECOND);
  sim_peer_add_server (s.left, ICE_SERVER_STUN_UDP, "nowhere.example", 3478);
  sim_peer_add_server (s.left, ICE_SERVER_TURN_UDP, "nowhere.example", 3478);
  sim_scenario_start (&s, &(SimCallConfig) { .trickle = TRUE });
  sim_call_run_until_ready (s.call, 10 * SIM_SECOND);
  sim_assert_ready (s.call);
  g_assert_cmpint (sim_world_get_now (s.world), ==, 2 * R);
  sim_world_run_for (s.world, 10 * SIM_SECOND);
  g_assert_cmpint (sim_peer_when (s.left, ICE_EVENT_GATHERING_DONE, 0), ==,
                   3 * SIM_SECOND);
  g_assert_cmpuint (sim_peer_count (s.left, ICE_EVENT_GATHERING_DONE), ==, 1);
  sim_scenario_clear (&s);
}

/* An IPv6 server that cannot be reached made IPv4 wait for forty seconds. */
static void
test_an_unreachable_family_delays_nobody (void)
{
  SimScenario s = { .world = sim_world_new (1) };
  gint64 done;

  s.left_host = sim_host_behind (s.world, "left", SIM_PORT_RESTRICTED_CONE, "192.168.1.2",
                                 "198.51.100.1", R / 4, NULL);
  s.right_host = sim_host_open (s.world, "right", "203.0.113.1", R / 4);
  sim_interface_cut (sim_host_add_interface (
      s.left_host, sim_world_get_internet (s.world), "2001:db8:1::1", NULL));
  sim_stun_server_new (s.world, STUN ":3478", NULL, NULL);
  sim_stun_server_new (s.world, "[2001:db8::10]:3478", NULL, NULL);
  add_plain_peers (&s, ICE_NOMINATION_REGULAR);
  sim_scenario_add_server (&s, ICE_SERVER_STUN_UDP, "2001:db8::10", 3478);
  sim_scenario_add_server (&s, ICE_SERVER_STUN_UDP, STUN, 3478);
  sim_scenario_start (&s, &(SimCallConfig) { .trickle = TRUE });
  sim_call_run_until_ready (s.call, 10 * SIM_SECOND);
  sim_assert_ready (s.call);
  g_assert_cmpint (sim_world_get_now (s.world), <=, 500 * SIM_MS);
  sim_world_run_for (s.world, 10 * SIM_SECOND);
  done = sim_peer_when (s.left, ICE_EVENT_GATHERING_DONE, 0);
  g_assert_cmpint (done, <=, 5 * SIM_SECOND);
  sim_scenario_clear (&s);
}

/* --- Paths --- */

/* Two ways from the left to the right; the first interface has the better candidates. */
static void
begin_on_two_paths (SimScenario *s, IceNominationMode mode, gboolean consent)
{
  IceConfig left = sim_config (TRUE, mode), right = sim_config (FALSE, mode);

  left.consent = right.consent = consent;
  sim_scenario_init (s, 1, R);
  sim_host_add_interface (s->left_host, sim_world_get_internet (s->world), "198.51.100.2",
                          &(SimLinkConfig) { .delay = R / 4 });
  sim_scenario_add_peers (s, &left, &right);
  sim_scenario_start (s, NULL);
}

/* Both paths are valid when the better one goes dead, with the nomination on it. */
static void
test_a_lost_nomination_falls_back (void)
{
  SimScenario s;

  begin_on_two_paths (&s, ICE_NOMINATION_REGULAR, FALSE);
  sim_world_run_until (s.world, R + 5 * SIM_MS);
  for (guint i = 0; i < 2; i++)
    {
      /* Whichever is nominated, it is cut while the check is on its way. */
      SimInterface *interface = sim_host_get_interface (s.left_host, i);

      if (i == 0)
        sim_interface_cut (interface);
    }
  sim_call_run_until_ready (s.call, 20 * SIM_SECOND);
  sim_assert_ready (s.call);
  sim_assert_agreement (s.call);
  g_assert_cmpint (sim_world_get_now (s.world), <=, 5 * SIM_SECOND);
  sim_scenario_clear (&s);
}

/* The address of the selected pair goes away; another path is there. */
static void
test_a_lost_interface_moves_the_call (void)
{
  for (guint mode = 0; mode < 2; mode++)
    {
      SimScenario s;

      begin_on_two_paths (&s, (IceNominationMode)mode, TRUE);
      g_assert_true (sim_call_run_until_ready (s.call, 10 * SIM_SECOND));
      sim_peer_start_media (s.left, 20 * SIM_MS);
      sim_peer_start_media (s.right, 20 * SIM_MS);
      sim_world_run_for (s.world, 5 * SIM_SECOND);
      sim_host_remove_interface (s.left_host, sim_peer_get_selected_interface (s.left));
      sim_world_run_for (s.world, 5 * SIM_SECOND);
      sim_assert_ready (s.call);
      g_assert_cmpint (component (s.left)->longest_silence, <=, SIM_SECOND);
      g_assert_cmpint (component (s.right)->longest_silence, <=, SIM_SECOND);
      sim_assert_agreement (s.call);
      sim_scenario_clear (&s);
    }
}

/* A port that refuses fails its own pairs and no others. */
static void
test_a_refused_port_fails_nothing_else (void)
{
  SimScenario s;

  sim_scenario_init (&s, 1, R);
  sim_host_set_refuses (s.right_host, TRUE);
  add_plain_peers (&s, ICE_NOMINATION_REGULAR);
  sim_peer_add_stream (s.left, 1);
  sim_peer_add_stream (s.right, 1);
  sim_peer_gather (s.left, 1);
  sim_peer_gather (s.right, 1);
  give_credentials (s.left, s.right);
  give_credentials (s.right, s.left);
  {
    NiceAddress closed = sim_address ("203.0.113.1:9");
    IceCandidate refused = { .type = ICE_CANDIDATE_HOST,
                             .transport = ICE_TRANSPORT_UDP,
                             .priority = 2130706431u,
                             .component_id = 1,
                             .foundation = "x",
                             .addr = closed,
                             .base_addr = closed };

    ice_engine_add_remote_candidates (sim_peer_get_engine (s.left), 1, 1, &refused, 1, 0);
  }
  give_candidates (s.right, s.left, 0);
  give_candidates (s.left, s.right, 0);
  sim_peer_drain (s.left);
  sim_peer_drain (s.right);
  sim_world_run_for (s.world, 5 * SIM_SECOND);
  g_assert_cmpint (sim_peer_get_state (s.left), ==, ICE_COMPONENT_READY);
  g_assert_cmpint (sim_peer_get_state (s.right), ==, ICE_COMPONENT_READY);
  g_assert_cmpint (component (s.left)->first_selected_at, <=, 2 * R + 2 * TA);
  sim_scenario_clear (&s);
}

/* --- What nobody should send --- */

/* One bit in ten datagrams is wrong, for a minute of calls and restarts. Integrity
 * catches what matters, and nothing aborts. */
static void
test_corrupted_datagrams (void)
{
  for (guint64 seed = 1; seed <= 200; seed++)
    {
      SimLinkConfig bad = { .delay = R / 4, .corrupt = 0.2 };
      SimScenario s;

      sim_scenario_init (&s, seed, R);
      sim_interface_set_link (sim_host_get_interface (s.left_host, 0), &bad);
      sim_interface_set_link (sim_host_get_interface (s.right_host, 0), &bad);
      add_plain_peers (&s, (IceNominationMode)(seed % 2));
      sim_scenario_start (&s, NULL);
      sim_world_run_for (s.world, 5 * SIM_SECOND);
      bad.corrupt = 0.0;
      sim_interface_set_link (sim_host_get_interface (s.left_host, 0), &bad);
      sim_interface_set_link (sim_host_get_interface (s.right_host, 0), &bad);
      sim_call_restart (s.call, s.left);
      sim_world_run_for (s.world, 2 * SIM_SECOND);
      sim_assert_ready (s.call);
      sim_assert_agreement (s.call);
      sim_scenario_clear (&s);
    }
}

/* Idle agents do not wake without a reason. */
static void
test_idle_calls_sleep (void)
{
  for (guint mode = 0; mode < 2; mode++)
    {
      SimScenario s;
      guint64 before;

      sim_scenario_init (&s, 1, R);
      add_plain_peers (&s, (IceNominationMode)mode);
      sim_scenario_start (&s, NULL);
      g_assert_true (sim_call_run_until_ready (s.call, 10 * SIM_SECOND));
      sim_world_run_for (s.world, 60 * SIM_SECOND);
      before = sim_peer_get_n_timeouts (s.left);
      sim_world_run_for (s.world, 600 * SIM_SECOND);
      /* One keepalive in 25 s. */
      g_assert_cmpuint (sim_peer_get_n_timeouts (s.left) - before, <=, 25);
      sim_scenario_clear (&s);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sim/accidents/a10-seventy-addresses", test_seventy_local_addresses);
  g_test_add_func ("/sim/accidents/a36-dead-candidates", test_dead_candidates);
  g_test_add_func ("/sim/accidents/a31-two-servers", test_each_server_stands_for_itself);
  g_test_add_func ("/sim/accidents/a1-names", test_names_that_do_not_resolve);
  g_test_add_func ("/sim/accidents/a14-unreachable-family",
                   test_an_unreachable_family_delays_nobody);
  g_test_add_func ("/sim/accidents/a28-lost-nomination",
                   test_a_lost_nomination_falls_back);
  g_test_add_func ("/sim/accidents/a34-lost-interface",
                   test_a_lost_interface_moves_the_call);
  g_test_add_func ("/sim/accidents/a29-refused-port",
                   test_a_refused_port_fails_nothing_else);
  g_test_add_func ("/sim/accidents/a9-corruption", test_corrupted_datagrams);
  g_test_add_func ("/sim/accidents/a16-idle", test_idle_calls_sleep);
  return g_test_run ();
}
