/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* NATs and firewalls: what can be reached is reached, by the best way there is, in the
 * time that it needs; and what a NAT does later is survived. */
#include "config.h"

#include "sim-matrix.h"

#define STUN "192.0.2.10"
#define RELAY "192.0.2.20"

/* --- The matrix --- */

#define TA (20 * SIM_MS)
#define DIRECT_PATIENCE (10 * SIM_MS)

/* What theory leaves out. Ta: a slot each for the requests to the servers goes before the
 * checks. Patience: regular nomination waits for pairs that are better than the first
 * valid one and still unchecked. Theory goes from relay to relay; a relay that has its
 * permissions before any check lets in what comes from the peer itself, on a way that is
 * shorter by more than Ta and patience take. */
static gint64
get_allowance (const SimNatVerdict *theory, gboolean is_regular, gboolean with_relay)
{
  guint n_servers = with_relay ? 2 : 1;

  if (theory->path == SIM_PATH_RELAYED)
    return 0;
  return n_servers * TA + (is_regular ? DIRECT_PATIENCE : 0);
}

/* Both said that they are done, or PAC has run out (RFC 8863 4). */
#define FAILED_BY (40 * SIM_SECOND)

static void
assert_cell (SimNatKind left, SimNatKind right, IceNominationMode mode,
             gboolean with_relay)
{
  gboolean is_regular = mode == ICE_NOMINATION_REGULAR;
  SimMatrixCell cell;

  sim_matrix_run (left, right, mode, with_relay, &cell);
  g_test_message (
      "%s x %s, %s, %s: %s after %.1f ms; theory: %s after %.1f",
      sim_nat_kind_name (left), sim_nat_kind_name (right),
      is_regular ? "regular" : "aggressive", with_relay ? "relay" : "no relay",
      sim_path_kind_name (cell.reached), (gdouble)cell.connected_at / SIM_MS,
      sim_path_kind_name (cell.theory.path), (gdouble)cell.theory.connected_at / SIM_MS);
  g_assert_cmpint (cell.reached, ==, cell.theory.path);
  g_assert_true (cell.agrees);
  if (cell.theory.path == SIM_PATH_NONE)
    g_assert_cmpint (cell.settled_at, <=, FAILED_BY);
  else
    g_assert_cmpint (cell.connected_at, <=,
                     cell.theory.connected_at
                         + get_allowance (&cell.theory, is_regular, with_relay));
}

/* covers NAT-4787-5-a */
static void
test_matrix (gconstpointer data)
{
  guint which = GPOINTER_TO_UINT (data);

  for (guint left = 0; left < SIM_N_NAT_KINDS; left++)
    for (guint right = 0; right < SIM_N_NAT_KINDS; right++)
      assert_cell ((SimNatKind)left, (SimNatKind)right,
                   which & 1 ? ICE_NOMINATION_AGGRESSIVE : ICE_NOMINATION_REGULAR,
                   (which & 2) != 0);
}

/* --- Homes --- */

static SimTurnServer *
add_servers (SimWorld *world)
{
  SimLinkConfig link = { .delay = 5 * SIM_MS };

  sim_stun_server_new (world, STUN ":3478", &link, NULL);
  return sim_turn_server_new (world, RELAY ":3478", &link, NULL);
}

static void
call_through (SimScenario *s, gboolean with_relay, IceNominationMode mode)
{
  SimCallConfig signalling = { .delay = 20 * SIM_MS, .trickle = TRUE };
  IceConfig left = sim_config (TRUE, mode), right = sim_config (FALSE, mode);

  left.trickle = right.trickle = TRUE;
  sim_scenario_add_peers (s, &left, &right);
  sim_scenario_add_server (s, ICE_SERVER_STUN_UDP, STUN, 3478);
  if (with_relay)
    sim_scenario_add_server (s, ICE_SERVER_TURN_UDP, RELAY, 3478);
  sim_scenario_start (s, &signalling);
}

static void
test_one_home (void)
{
  SimNatConfig nat = { .filtering = SIM_ADDRESS_AND_PORT_DEPENDENT };
  NiceAddress outside = sim_address ("198.51.100.1");
  SimScenario s = { .world = sim_world_new (1) };
  SimRealm *home = sim_realm_new (s.world, "home");

  add_servers (s.world);
  sim_gateway_new (home, sim_world_get_internet (s.world), &outside, &nat, NULL);
  s.left_host = sim_host_new (s.world, "left");
  s.right_host = sim_host_new (s.world, "right");
  sim_host_add_interface (s.left_host, home, "192.168.1.2", NULL);
  sim_host_add_interface (s.right_host, home, "192.168.1.3", NULL);
  call_through (&s, TRUE, ICE_NOMINATION_REGULAR);
  g_assert_true (sim_call_run_until_ready (s.call, 10 * SIM_SECOND));
  sim_world_run_for (s.world, 5 * SIM_SECOND);
  sim_assert_selected (s.left, ICE_CANDIDATE_HOST, ICE_CANDIDATE_HOST);
  sim_assert_selected (s.right, ICE_CANDIDATE_HOST, ICE_CANDIDATE_HOST);
  sim_assert_agreement (s.call);
  sim_scenario_clear (&s);
}

/* Two homes of one carrier: they meet at the carrier's NAT if it lets them turn around,
 * and at the relay if not. */
static void
test_carrier_grade_nat (void)
{
  for (guint hairpin = 0; hairpin < 2; hairpin++)
    {
      SimNatConfig cone = { .filtering = SIM_ADDRESS_AND_PORT_DEPENDENT };
      SimNatConfig carrier_nat = cone;
      NiceAddress outside = sim_address ("198.51.100.1");
      NiceAddress left_home = sim_address ("100.64.0.1");
      NiceAddress right_home = sim_address ("100.64.0.2");
      SimScenario s = { .world = sim_world_new (1) };
      SimRealm *carrier = sim_realm_new (s.world, "carrier");
      SimRealm *homes[] = { sim_realm_new (s.world, "left home"),
                            sim_realm_new (s.world, "right home") };

      carrier_nat.hairpin = hairpin;
      add_servers (s.world);
      sim_gateway_new (carrier, sim_world_get_internet (s.world), &outside, &carrier_nat,
                       NULL);
      sim_gateway_new (homes[0], carrier, &left_home, &cone, NULL);
      sim_gateway_new (homes[1], carrier, &right_home, &cone, NULL);
      s.left_host = sim_host_new (s.world, "left");
      s.right_host = sim_host_new (s.world, "right");
      sim_host_add_interface (s.left_host, homes[0], "192.168.1.2", NULL);
      sim_host_add_interface (s.right_host, homes[1], "192.168.1.2", NULL);
      call_through (&s, TRUE, ICE_NOMINATION_REGULAR);
      g_assert_true (sim_call_run_until_ready (s.call, 20 * SIM_SECOND));
      g_assert_cmpint (sim_call_is_relayed (s.call), ==, !hairpin);
      sim_assert_agreement (s.call);
      sim_scenario_clear (&s);
    }
}

/* UDP goes nowhere from the left: a relay reached over TCP or TLS is the only way. */
static void
test_udp_blocked (void)
{
  static const IceServerKind kinds[] = { ICE_SERVER_TURN_TCP, ICE_SERVER_TURN_TLS };

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      SimScenario s;

      sim_scenario_init (&s, 1, 40 * SIM_MS);
      add_servers (s.world);
      sim_interface_set_firewall (sim_host_get_interface (s.left_host, 0),
                                  &(SimFirewallConfig) { .udp_blocked = TRUE });
      sim_scenario_add_peers (&s, &(IceConfig[]) { sim_config (TRUE, 0) }[0],
                              &(IceConfig[]) { sim_config (FALSE, 0) }[0]);
      sim_scenario_add_server (&s, ICE_SERVER_STUN_UDP, STUN, 3478);
      sim_scenario_add_server (&s, kinds[i], RELAY, 3478);
      sim_scenario_start (&s, &(SimCallConfig) { .trickle = TRUE });
      g_assert_true (sim_call_run_until_ready (s.call, 20 * SIM_SECOND));
      g_assert_true (sim_call_is_relayed (s.call));
      sim_assert_agreement (s.call);
      sim_scenario_clear (&s);
    }
}

static void
test_nat_without_ports_left (void)
{
  SimNatConfig nat = { .mapping = SIM_ADDRESS_AND_PORT_DEPENDENT,
                       .filtering = SIM_ADDRESS_AND_PORT_DEPENDENT,
                       .first_port = 4000,
                       .last_port = 4001 };
  NiceAddress outside = sim_address ("198.51.100.1");
  SimScenario s = { .world = sim_world_new (1) };
  SimRealm *home = sim_realm_new (s.world, "home");

  add_servers (s.world);
  sim_gateway_new (home, sim_world_get_internet (s.world), &outside, &nat, NULL);
  s.left_host = sim_host_new (s.world, "left");
  sim_host_add_interface (s.left_host, home, "192.168.1.2", NULL);
  s.right_host = sim_host_behind (s.world, "right", SIM_SYMMETRIC, "10.0.0.2",
                                  "203.0.113.1", 10 * SIM_MS, NULL);
  call_through (&s, TRUE, ICE_NOMINATION_REGULAR);
  g_assert_true (sim_call_run_until_ready (s.call, 20 * SIM_SECOND));
  g_assert_true (sim_call_is_relayed (s.call));
  sim_assert_agreement (s.call);
  sim_scenario_clear (&s);
}

/* covers ICE-8445-12.1-d: not for checks, and not for pairs that may be selected */
static void
test_channel_is_bound_for_what_is_selected (void)
{
  SimScenario s = { .world = sim_world_new (1) };
  const SimTurnStats *stats = sim_turn_server_get_stats (add_servers (s.world));
  const SimComponent *left, *right;

  s.left_host = sim_host_behind (s.world, "left", SIM_SYMMETRIC, "10.0.0.1",
                                 "198.51.100.1", 10 * SIM_MS, NULL);
  s.right_host = sim_host_behind (s.world, "right", SIM_SYMMETRIC, "10.0.0.2",
                                  "203.0.113.1", 10 * SIM_MS, NULL);
  call_through (&s, TRUE, ICE_NOMINATION_REGULAR);
  left = sim_peer_get_nth_component (s.left, 0);
  right = sim_peer_get_nth_component (s.right, 0);
  while (!left->is_selected && !right->is_selected)
    {
      g_assert_cmpuint (stats->n_channel_requests, ==, 0);
      sim_world_run_for (s.world, SIM_MS);
    }
  g_assert_cmpuint (stats->n_indications, >, 0); /* the checks */
  g_assert_true (sim_call_run_until_ready (s.call, 20 * SIM_SECOND));
  g_assert_true (sim_call_is_relayed (s.call));
  sim_assert_agreement (s.call);
  g_assert_cmpuint (stats->n_channel_requests, >, 0);
  g_assert_cmpuint (stats->n_channel_data, >, 0);
  sim_scenario_clear (&s);
}

/* --- Later --- */

/* An idle call lives through ten minutes of a NAT that forgets after thirty seconds
 * (RFC 8445 11, RFC 7675). */
static void
test_mappings_are_kept_alive (void)
{
  for (guint consent = 0; consent < 2; consent++)
    {
      SimNatConfig nat = { .filtering = SIM_ADDRESS_AND_PORT_DEPENDENT,
                           .timeout = 30 * SIM_SECOND };
      NiceAddress outside = sim_address ("198.51.100.1");
      SimScenario s = { .world = sim_world_new (1) };
      SimRealm *home = sim_realm_new (s.world, "home");
      IceConfig left = sim_config (TRUE, ICE_NOMINATION_REGULAR);
      IceConfig right = sim_config (FALSE, ICE_NOMINATION_REGULAR);

      left.consent = right.consent = consent;
      add_servers (s.world);
      sim_gateway_new (home, sim_world_get_internet (s.world), &outside, &nat, NULL);
      s.left_host = sim_host_new (s.world, "left");
      sim_host_add_interface (s.left_host, home, "192.168.1.2", NULL);
      s.right_host = sim_host_open (s.world, "right", "203.0.113.1", 10 * SIM_MS);
      sim_scenario_add_peers (&s, &left, &right);
      sim_scenario_add_server (&s, ICE_SERVER_STUN_UDP, STUN, 3478);
      sim_scenario_start (&s, NULL);
      g_assert_true (sim_call_run_until_ready (s.call, 20 * SIM_SECOND));
      sim_world_run_for (s.world, 600 * SIM_SECOND);
      sim_assert_ready (s.call);
      sim_assert_agreement (s.call);
      sim_scenario_clear (&s);
    }
}

/* The NAT of the left reboots in the middle of a call and gives new ports, or another
 * address as well: media is back within two seconds, without a restart. */
static void
assert_rebinding_survived (SimNatKind kind, IceNominationMode mode,
                           gboolean left_controls, gboolean consent, gboolean moves)
{
  SimScenario s = { .world = sim_world_new (1) };
  NiceAddress moved = sim_address ("198.51.100.77");
  IceConfig left = sim_config (left_controls, mode);
  IceConfig right = sim_config (!left_controls, mode);
  SimGateway *gateway;
  SimComponent *at_left, *at_right;
  guint64 before_left, before_right;

  left.consent = right.consent = consent;
  add_servers (s.world);
  s.left_host = sim_host_behind (s.world, "left", kind, "192.168.1.2", "198.51.100.1",
                                 10 * SIM_MS, &gateway);
  s.right_host = sim_host_open (s.world, "right", "203.0.113.1", 10 * SIM_MS);
  sim_scenario_add_peers (&s, &left, &right);
  sim_scenario_add_server (&s, ICE_SERVER_STUN_UDP, STUN, 3478);
  sim_scenario_start (&s, NULL);
  g_assert_true (sim_call_run_until_ready (s.call, 20 * SIM_SECOND));
  sim_peer_start_media (s.left, 20 * SIM_MS);
  sim_peer_start_media (s.right, 20 * SIM_MS);
  sim_world_run_for (s.world, 10 * SIM_SECOND);

  sim_gateway_rebind (gateway, moves ? &moved : NULL);
  sim_world_run_for (s.world, 8 * SIM_SECOND);
  at_left = sim_peer_get_nth_component (s.left, 0);
  at_right = sim_peer_get_nth_component (s.right, 0);
  before_left = at_left->n_received;
  before_right = at_right->n_received;
  sim_world_run_for (s.world, 2 * SIM_SECOND);
  g_assert_cmpuint (at_left->n_received - before_left, >=, 95);
  g_assert_cmpuint (at_right->n_received - before_right, >=, 95);
  g_assert_cmpint (at_left->longest_silence, <=, 2 * SIM_SECOND);
  g_assert_cmpint (at_right->longest_silence, <=, 2 * SIM_SECOND);
  sim_assert_ready (s.call);
  sim_assert_agreement (s.call);
  sim_scenario_clear (&s);
}

static void
test_rebinding (gconstpointer left_controls)
{
  for (guint kind = SIM_FULL_CONE; kind < SIM_N_NAT_KINDS; kind++)
    for (guint how = 0; how < 8; how++)
      {
        g_test_message ("%s, %u", sim_nat_kind_name ((SimNatKind)kind), how);
        assert_rebinding_survived ((SimNatKind)kind,
                                   how & 1 ? ICE_NOMINATION_AGGRESSIVE
                                           : ICE_NOMINATION_REGULAR,
                                   left_controls != NULL, (how & 2) != 0, (how & 4) != 0);
      }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/sim/nat/matrix/regular", GUINT_TO_POINTER (0), test_matrix);
  g_test_add_data_func ("/sim/nat/matrix/aggressive", GUINT_TO_POINTER (1), test_matrix);
  g_test_add_data_func ("/sim/nat/matrix/regular-relay", GUINT_TO_POINTER (2),
                        test_matrix);
  g_test_add_data_func ("/sim/nat/matrix/aggressive-relay", GUINT_TO_POINTER (3),
                        test_matrix);
  g_test_add_func ("/sim/nat/one-home", test_one_home);
  g_test_add_func ("/sim/nat/carrier", test_carrier_grade_nat);
  g_test_add_func ("/sim/nat/udp-blocked", test_udp_blocked);
  g_test_add_func ("/sim/nat/exhaustion", test_nat_without_ports_left);
  g_test_add_func ("/sim/nat/channel", test_channel_is_bound_for_what_is_selected);
  g_test_add_func ("/sim/nat/keepalive", test_mappings_are_kept_alive);
  g_test_add_data_func ("/sim/nat/rebinding/controlling", GINT_TO_POINTER (TRUE),
                        test_rebinding);
  g_test_add_data_func ("/sim/nat/rebinding/controlled", NULL, test_rebinding);
  return g_test_run ();
}
