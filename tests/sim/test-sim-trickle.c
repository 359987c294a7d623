/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Candidates that come one by one, late, or never (RFC 8838), and when it is time to give
 * up (RFC 8863). */
#include "config.h"

#include "sim-scenario.h"

#define R (40 * SIM_MS)
#define PAC (39500 * SIM_MS) /* RFC 8863 4 */

static IceConfig
trickling (gboolean controlling)
{
  IceConfig config = sim_config (controlling, ICE_NOMINATION_REGULAR);

  config.trickle = TRUE;
  return config;
}

static void
add_trickling_peers (SimScenario *s)
{
  IceConfig left = trickling (TRUE), right = trickling (FALSE);

  sim_scenario_add_peers (s, &left, &right);
}

/* Host candidates connect while a dead server is still being asked.
 * covers TRI-8838-8-a */
static void
test_a_dead_server_delays_nobody (void)
{
  SimStunServerConfig silent = { .is_silent = TRUE };
  SimScenario s;

  sim_scenario_init (&s, 1, R);
  sim_stun_server_new (s.world, "192.0.2.10:3478", NULL, &silent);
  add_trickling_peers (&s);
  sim_scenario_add_server (&s, ICE_SERVER_STUN_UDP, "192.0.2.10", 3478);
  sim_scenario_start (&s, &(SimCallConfig) { .trickle = TRUE });
  sim_call_run_until_ready (s.call, 10 * SIM_SECOND);
  sim_assert_ready (s.call);
  g_assert_cmpint (sim_world_get_now (s.world), <=, 2 * R + 20 * SIM_MS);
  sim_world_run_for (s.world, 10 * SIM_SECOND);
  g_assert_cmpint (sim_peer_when (s.left, ICE_EVENT_GATHERING_DONE, 0), <=,
                   5 * SIM_SECOND);
  g_assert_cmpint (sim_peer_when (s.left, ICE_EVENT_GATHERING_DONE, 0), >=, SIM_SECOND);
  sim_scenario_clear (&s);
}

/* covers TRI-8838-3-a: A slow server's candidate still counts: full descriptions wait for
 * it, once. */
static void
test_full_descriptions_wait_for_gathering (void)
{
  SimStunServerConfig slow = { .thinking = 300 * SIM_MS };
  IceConfig left = sim_config (TRUE, ICE_NOMINATION_REGULAR),
            right = sim_config (FALSE, ICE_NOMINATION_REGULAR);
  SimScenario s = { .world = sim_world_new (1) };

  s.left_host = sim_host_behind (s.world, "left", SIM_PORT_RESTRICTED_CONE, "192.168.1.2",
                                 "198.51.100.1", 10 * SIM_MS, NULL);
  s.right_host = sim_host_behind (s.world, "right", SIM_PORT_RESTRICTED_CONE,
                                  "192.168.2.2", "203.0.113.1", 10 * SIM_MS, NULL);
  sim_stun_server_new (s.world, "192.0.2.10:3478", NULL, &slow);
  sim_scenario_add_peers (&s, &left, &right);
  sim_scenario_add_server (&s, ICE_SERVER_STUN_UDP, "192.0.2.10", 3478);
  sim_scenario_start (&s, NULL);
  sim_call_run_until_ready (s.call, 20 * SIM_SECOND);
  sim_assert_ready (s.call);
  /* S = 20 + 300 ms, then two round trips and the ticks of two kinds of pairs. */
  g_assert_cmpint (sim_peer_when (s.left, ICE_EVENT_GATHERING_DONE, 0), ==, 320 * SIM_MS);
  g_assert_cmpint (sim_world_get_now (s.world), <=, (320 + 60) * SIM_MS + 2 * R);
  sim_assert_agreement (s.call);
  sim_scenario_clear (&s);
}

/* The answer waits two seconds for a silent server. Checks that the answering side sent
 * meanwhile met a NAT that nobody had opened: they go on until the caller, who cannot
 * reach the other NAT's next mapping by itself, has heard of it. */
static void
test_a_late_answer_finds_checks_under_way (void)
{
  SimStunServerConfig silent = { .is_silent = TRUE };
  IceConfig left = sim_config (TRUE, ICE_NOMINATION_AGGRESSIVE),
            right = sim_config (FALSE, ICE_NOMINATION_AGGRESSIVE);
  SimScenario s = { .world = sim_world_new (1) };

  s.left_host = sim_host_behind (s.world, "left", SIM_RESTRICTED_CONE, "192.168.1.2",
                                 "198.51.100.1", 10 * SIM_MS, NULL);
  s.right_host = sim_host_behind (s.world, "right", SIM_SYMMETRIC, "192.168.2.2",
                                  "203.0.113.1", 10 * SIM_MS, NULL);
  sim_stun_server_new (s.world, "192.0.2.10:3478", NULL, NULL);
  sim_stun_server_new (s.world, "192.0.2.11:3478", NULL, &silent);
  sim_scenario_add_peers (&s, &left, &right);
  sim_scenario_add_server (&s, ICE_SERVER_STUN_UDP, "192.0.2.10", 3478);
  sim_scenario_add_server (&s, ICE_SERVER_STUN_UDP, "192.0.2.11", 3478);
  sim_scenario_start (&s, &(SimCallConfig) { .delay = 200 * SIM_MS, .is_offer = TRUE });
  sim_call_run_until_ready (s.call, 20 * SIM_SECOND);
  sim_assert_ready (s.call);
  sim_assert_agreement (s.call);
  sim_scenario_clear (&s);
}

/* The peer's only candidate comes twenty seconds late: nobody may have given up, and the
 * first check goes the moment it comes.
 * covers TRI-8838-8-a, TRI-8838-11-a */
static void
test_late_candidates_are_waited_for (void)
{
  SimStunServerConfig slow = { 0 };
  SimScenario s;

  sim_scenario_init (&s, 1, R);
  sim_stun_server_new (s.world, "192.0.2.10:3478", NULL, &slow);
  add_trickling_peers (&s);
  sim_scenario_start (&s, &(SimCallConfig) { .trickle = TRUE, .delay = 20 * SIM_SECOND });
  sim_world_run_until (s.world, 20 * SIM_SECOND - 1);
  g_assert_cmpint (sim_peer_get_state (s.left), !=, ICE_COMPONENT_FAILED);
  g_assert_cmpint (sim_peer_get_state (s.right), !=, ICE_COMPONENT_FAILED);
  sim_call_run_until_ready (s.call, 10 * SIM_SECOND);
  sim_assert_ready (s.call);
  g_assert_cmpint (sim_peer_get_first_transmit (s.left), ==, 20 * SIM_SECOND);
  g_assert_cmpint (sim_world_get_now (s.world), ==, 20 * SIM_SECOND + 2 * R);
  sim_scenario_clear (&s);
}

/* --- Without signalling by SimCall --- */

typedef struct
{
  SimScenario s;
  IceEngine *left, *right;
} ByHand;

static void
exchange_credentials (IceEngine *from, IceEngine *to)
{
  const gchar *ufrag, *pwd;

  g_assert_true (ice_engine_get_local_credentials (from, 1, &ufrag, &pwd));
  g_assert_true (ice_engine_set_remote_credentials (to, 1, ufrag, pwd, 0));
}

static void
begin_by_hand (ByHand *self)
{
  sim_scenario_init (&self->s, 1, R);
  add_trickling_peers (&self->s);
  sim_peer_add_stream (self->s.left, 1);
  sim_peer_add_stream (self->s.right, 1);
  self->left = sim_peer_get_engine (self->s.left);
  self->right = sim_peer_get_engine (self->s.right);
  sim_peer_gather (self->s.left, 1);
  sim_peer_gather (self->s.right, 1);
  exchange_credentials (self->left, self->right);
  exchange_credentials (self->right, self->left);
  sim_peer_drain (self->s.left);
  sim_peer_drain (self->s.right);
}

static guint
give_candidates (ByHand *self, IceEngine *from, IceEngine *to, SimPeer *to_peer)
{
  g_autoptr (GArray) candidates = g_array_new (FALSE, FALSE, sizeof (IceCandidate));
  guint n;

  g_assert_true (ice_engine_get_local_candidates (from, 1, 1, candidates));
  n = ice_engine_add_remote_candidates (to, 1, 1, (IceCandidate *)candidates->data,
                                        candidates->len,
                                        sim_world_get_now (self->s.world));
  sim_peer_drain (to_peer);
  return n;
}

static void
end_candidates (ByHand *self, SimPeer *of)
{
  ice_engine_end_of_remote_candidates (sim_peer_get_engine (of), 1,
                                       sim_world_get_now (self->s.world));
  sim_peer_drain (of);
}

/* covers TRI-8838-3-a: The left never hears of a candidate, but of an end of them: the
 * peer's checks are enough. covers PAC-8863-4-e, ICE-8445-7.3.1.3-a */
static void
test_no_candidates_but_checks (void)
{
  ByHand h;

  begin_by_hand (&h);
  end_candidates (&h, h.s.left);
  sim_world_run_for (h.s.world, 4 * SIM_SECOND);
  g_assert_cmpint (sim_peer_get_state (h.s.left), !=, ICE_COMPONENT_FAILED);
  give_candidates (&h, h.left, h.right, h.s.right);
  sim_world_run_for (h.s.world, 3 * R);
  g_assert_cmpint (sim_peer_get_state (h.s.left), ==, ICE_COMPONENT_READY);
  g_assert_cmpint (sim_peer_get_state (h.s.right), ==, ICE_COMPONENT_READY);
  sim_assert_selected (h.s.left, ICE_CANDIDATE_HOST, ICE_CANDIDATE_PEER_REFLEXIVE);
  sim_scenario_clear (&h.s);
}

/* covers TRI-8838-14-a */
static void
test_candidates_after_the_end_are_ignored (void)
{
  ByHand h;

  begin_by_hand (&h);
  end_candidates (&h, h.s.left);
  g_assert_cmpuint (give_candidates (&h, h.right, h.left, h.s.left), ==, 0);
  sim_world_run_for (h.s.world, SIM_SECOND);
  g_assert_cmpuint (sim_peer_get_n_transmits (h.s.left), ==, 0);
  sim_scenario_clear (&h.s);
}

/* covers PAC-8863-4-a, PAC-8863-4-b */
static void
test_an_end_without_candidates_fails_in_time (void)
{
  ByHand h;

  begin_by_hand (&h);
  end_candidates (&h, h.s.left);
  /* The right has not heard an end, and waits for as long as the PAC timer runs. */
  sim_world_run_for (h.s.world, PAC - SIM_SECOND);
  sim_assert_failed (h.s.left, ICE_REASON_NO_REMOTE_CANDIDATES);
  g_assert_cmpint (sim_peer_get_state (h.s.right), !=, ICE_COMPONENT_FAILED);
  sim_world_run_for (h.s.world, 2 * SIM_SECOND);
  sim_assert_failed (h.s.right, ICE_REASON_NO_REMOTE_CANDIDATES);
  sim_scenario_clear (&h.s);
}

/* One side has IPv6 only, the other IPv4 only. */
static void
test_families_that_differ_fail_with_the_reason (void)
{
  IceConfig left = trickling (TRUE), right = trickling (FALSE);
  SimScenario s = { .world = sim_world_new (1) };

  s.left_host = sim_host_open (s.world, "left", "198.51.100.1", 0);
  s.right_host = sim_host_open (s.world, "right", "2001:db8::2", 0);
  sim_scenario_add_peers (&s, &left, &right);
  sim_scenario_start (&s, &(SimCallConfig) { .trickle = TRUE });
  sim_world_run_for (s.world, PAC + SIM_SECOND);
  sim_assert_failed (s.left, ICE_REASON_NO_PAIRS);
  sim_assert_failed (s.right, ICE_REASON_NO_PAIRS);
  sim_scenario_clear (&s);
}

/* Nothing gets through: failed when both ends are done and the checks are over, and not
 * before each check had all its retransmissions. */
static void
test_silence_fails_in_time (void)
{
  IceConfig left = trickling (TRUE), right = trickling (FALSE);
  SimScenario s;

  sim_scenario_init (&s, 1, R);
  sim_interface_set_firewall (sim_host_get_interface (s.left_host, 0),
                              &(SimFirewallConfig) { .udp_blocked = TRUE });
  sim_scenario_add_peers (&s, &left, &right);
  sim_scenario_start (&s, &(SimCallConfig) { .trickle = TRUE });
  sim_world_run_for (s.world, PAC + SIM_SECOND);
  sim_assert_failed (s.left, ICE_REASON_CHECKS_FAILED);
  sim_assert_failed (s.right, ICE_REASON_CHECKS_FAILED);
  sim_scenario_clear (&s);
}

/* A failure is not the end: a candidate that works brings it back to life. */
static void
test_a_good_candidate_revives (void)
{
  IceConfig left = sim_config (TRUE, ICE_NOMINATION_REGULAR),
            right = sim_config (FALSE, ICE_NOMINATION_REGULAR);
  SimInterface *interface;
  SimScenario s;

  sim_scenario_init (&s, 1, R);
  interface = sim_host_get_interface (s.left_host, 0);
  sim_interface_cut (interface);
  sim_scenario_add_peers (&s, &left, &right);
  sim_scenario_start (&s, NULL);
  sim_world_run_for (s.world, PAC + SIM_SECOND);
  g_assert_cmpint (sim_peer_get_state (s.left), ==, ICE_COMPONENT_FAILED);
  sim_interface_mend (interface);
  sim_call_restart (s.call, s.left);
  sim_call_run_until_ready (s.call, SIM_SECOND);
  sim_assert_ready (s.call);
  sim_assert_agreement (s.call);
  sim_scenario_clear (&s);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sim/trickle/dead-server", test_a_dead_server_delays_nobody);
  g_test_add_func ("/sim/trickle/full", test_full_descriptions_wait_for_gathering);
  g_test_add_func ("/sim/trickle/late-answer", test_a_late_answer_finds_checks_under_way);
  g_test_add_func ("/sim/trickle/late", test_late_candidates_are_waited_for);
  g_test_add_func ("/sim/trickle/no-candidates", test_no_candidates_but_checks);
  g_test_add_func ("/sim/trickle/after-the-end",
                   test_candidates_after_the_end_are_ignored);
  g_test_add_func ("/sim/trickle/end-only", test_an_end_without_candidates_fails_in_time);
  g_test_add_func ("/sim/trickle/families",
                   test_families_that_differ_fail_with_the_reason);
  g_test_add_func ("/sim/trickle/silence", test_silence_fails_in_time);
  g_test_add_func ("/sim/trickle/revival", test_a_good_candidate_revives);
  return g_test_run ();
}
