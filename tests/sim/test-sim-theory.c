/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* That the judge of the engine judges as RFC 4787 and two decades of practice do, before
 * any engine is judged by it. */
#include "config.h"

#include "sim-nat-theory.h"
#include "sim-stun-server.h"

static SimPathKind
explore (SimNatKind left, SimNatKind right)
{
  g_autoptr (SimWorld) world = sim_world_new (1);
  NiceAddress server = sim_address ("192.0.2.10:3478");
  SimHost *a =
      sim_host_behind (world, "left", left, "192.168.1.2", "198.51.100.1", SIM_MS, NULL);
  SimHost *b =
      sim_host_behind (world, "right", right, "10.0.0.2", "203.0.113.1", SIM_MS, NULL);

  sim_stun_server_new (world, "192.0.2.10:3478", NULL, NULL);
  return sim_theory_explore (a, b, &server, FALSE).best;
}

static gboolean
maps_per_destination (SimNatKind kind)
{
  return kind == SIM_ADDRESS_SYMMETRIC || kind == SIM_SYMMETRIC;
}

static gboolean
filters_by_port (SimNatKind kind)
{
  return kind == SIM_PORT_RESTRICTED_CONE || kind == SIM_SYMMETRIC
         || kind == SIM_FIREWALLED;
}

/* covers NAT-4787-5-a: relayed when both map per destination, or one does and the other
 * filters by address and port; direct otherwise. */
static void
test_known_rule (void)
{
  for (guint left = 0; left < SIM_N_NAT_KINDS; left++)
    for (guint right = 0; right < SIM_N_NAT_KINDS; right++)
      {
        gboolean left_maps = maps_per_destination ((SimNatKind)left);
        gboolean right_maps = maps_per_destination ((SimNatKind)right);
        /* A firewall does not move ports: the peer's first check opens it. */
        gboolean left_filters = filters_by_port ((SimNatKind)left);
        gboolean right_filters = filters_by_port ((SimNatKind)right);
        gboolean hopeless = (left_maps && right_maps) || (left_maps && right_filters)
                            || (right_maps && left_filters);
        SimPathKind found = explore ((SimNatKind)left, (SimNatKind)right);

        g_test_message ("%s x %s: %s", sim_nat_kind_name ((SimNatKind)left),
                        sim_nat_kind_name ((SimNatKind)right),
                        sim_path_kind_name (found));
        g_assert_cmpint (found == SIM_PATH_NONE, ==, hopeless);
      }
}

/* What the table of behaviours says, exhaustive trying on the simulated NATs finds. */
static void
test_theory_agrees_with_trying (void)
{
  SimNatSetting setting = { .server = 30 * SIM_MS, .peer = 40 * SIM_MS };

  for (guint left = 0; left < SIM_N_NAT_KINDS; left++)
    for (guint right = 0; right < SIM_N_NAT_KINDS; right++)
      {
        SimNatVerdict verdict =
            sim_nat_theory ((SimNatKind)left, (SimNatKind)right, &setting);

        g_test_message ("%s x %s", sim_nat_kind_name ((SimNatKind)left),
                        sim_nat_kind_name ((SimNatKind)right));
        g_assert_cmpint (verdict.path, ==, explore ((SimNatKind)left, (SimNatKind)right));
      }
}

/* Reckoned by hand, with S = 30 ms to the servers, R = 40 ms to the peer. */
static void
test_trips (void)
{
  static const struct
  {
    SimNatKind left, right;
    gboolean is_regular;
    gint64 ms;
  } cases[] = {
    /* R for the check, R for the nomination */
    { SIM_OPEN, SIM_OPEN, TRUE, 80 },
    { SIM_OPEN, SIM_OPEN, FALSE, 40 },
    { SIM_SYMMETRIC, SIM_OPEN, TRUE, 80 },
    /* the peer's check comes in after R/2: R for the triggered one, R */
    { SIM_OPEN, SIM_SYMMETRIC, TRUE, 100 },
    /* S until the addresses are known, R, R */
    { SIM_PORT_RESTRICTED_CONE, SIM_PORT_RESTRICTED_CONE, TRUE, 110 },
    { SIM_PORT_RESTRICTED_CONE, SIM_PORT_RESTRICTED_CONE, FALSE, 70 },
    /* the first check finds the firewall shut: S, R/2, R, R */
    { SIM_FULL_CONE, SIM_FIREWALLED, TRUE, 130 },
    /* three times S, twice through the relay */
    { SIM_SYMMETRIC, SIM_SYMMETRIC, TRUE, 250 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      SimNatSetting setting = { .server = 30 * SIM_MS,
                                .peer = 40 * SIM_MS,
                                .relayed = 80 * SIM_MS,
                                .is_regular = cases[i].is_regular,
                                .with_relay = TRUE };

      g_assert_cmpint (
          sim_nat_theory (cases[i].left, cases[i].right, &setting).connected_at, ==,
          cases[i].ms * SIM_MS);
    }
}

static void
test_hosts_of_one_home_see_each_other (void)
{
  g_autoptr (SimWorld) world = sim_world_new (1);
  SimRealm *home = sim_realm_new (world, "home");
  SimHost *a = sim_host_new (world, "a"), *b = sim_host_new (world, "b");

  sim_host_add_interface (a, home, "192.168.1.2", NULL);
  sim_host_add_interface (b, home, "192.168.1.3", NULL);
  g_assert_cmpint (sim_theory_explore (a, b, NULL, FALSE).best, ==, SIM_PATH_HOST);
}

/* The same private addresses in two homes must not pass for one home. */
static void
test_equal_private_addresses_are_not_one_home (void)
{
  g_autoptr (SimWorld) world = sim_world_new (1);
  SimHost *a =
      sim_host_behind (world, "a", SIM_SYMMETRIC, "192.168.1.2", "198.51.100.1", 0, NULL);
  SimHost *b =
      sim_host_behind (world, "b", SIM_SYMMETRIC, "192.168.1.2", "203.0.113.1", 0, NULL);

  g_assert_cmpint (sim_theory_explore (a, b, NULL, FALSE).best, ==, SIM_PATH_NONE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sim/theory/known-rule", test_known_rule);
  g_test_add_func ("/sim/theory/trying", test_theory_agrees_with_trying);
  g_test_add_func ("/sim/theory/trips", test_trips);
  g_test_add_func ("/sim/theory/one-home", test_hosts_of_one_home_see_each_other);
  g_test_add_func ("/sim/theory/equal-addresses",
                   test_equal_private_addresses_are_not_one_home);
  return g_test_run ();
}
