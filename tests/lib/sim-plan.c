/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Drawing and building random scenarios. What is asserted of them is the test's matter.
 */
#include "config.h"

#include "sim-plan.h"

#define STUN "192.0.2.10"

/* --- Drawing --- */

static gboolean
one_in (SimRandom *random, guint n)
{
  return sim_random_below (random, n) == 0;
}

static void
draw_nat (SimRandom *random, SimNatConfig *nat)
{
  *nat = (SimNatConfig) {
    .mapping = (SimNatBehaviour)sim_random_below (random, 3),
    .filtering = (SimNatBehaviour)sim_random_below (random, 3),
    .ports = (SimNatPorts)sim_random_below (random, 3),
    .hairpin = one_in (random, 2),
    .timeout = sim_random_between (random, 60, 300) * SIM_SECOND,
    .inbound_refreshes = one_in (random, 2),
  };
}

static void
draw_link (SimRandom *random, SimLinkConfig *link, gboolean is_lossless)
{
  *link = (SimLinkConfig) { .delay = sim_random_between (random, 0, 50 * SIM_MS) };
  if (is_lossless)
    return;
  link->jitter = sim_random_between (random, 0, 20 * SIM_MS);
  link->loss = 0.1 * sim_random_unit (random);
  if (one_in (random, 4))
    {
      link->burst_start = 0.01;
      link->burst_end = 0.2;
      link->burst_loss = 0.5;
    }
  link->duplicate = one_in (random, 3) ? 0.05 : 0.0;
  link->reorder = one_in (random, 3) ? 0.05 : 0.0;
  link->reorder_delay = 30 * SIM_MS;
}

static void
draw_home (SimRandom *random, SimHomePlan *home, gboolean is_lossless)
{
  home->has_nat = !one_in (random, 4);
  home->is_firewalled = !home->has_nat && one_in (random, 2);
  draw_nat (random, &home->nat);
  draw_link (random, &home->link, is_lossless);
  home->has_ipv6 = one_in (random, 4);
  home->is_ipv6_broken = one_in (random, 2);
}

static void
draw_servers (SimRandom *random, SimPlan *self)
{
  self->has_stun = !one_in (random, 5);
  self->has_relay = one_in (random, 2);
  self->stun.is_silent = one_in (random, 10);
  self->stun.thinking =
      one_in (random, 5) ? sim_random_between (random, 0, 400 * SIM_MS) : 0;
  self->server_delay = sim_random_between (random, 0, 30 * SIM_MS);
}

static void
draw_configs (SimRandom *random, SimPlan *self)
{
  IceNominationMode mode =
      one_in (random, 2) ? ICE_NOMINATION_REGULAR : ICE_NOMINATION_AGGRESSIVE;
  gboolean left_controls = one_in (random, 2);
  gboolean conflict = one_in (random, 5);

  self->signalling =
      (SimCallConfig) { .delay = sim_random_between (random, 0, 200) * SIM_MS,
                        .jitter = sim_random_between (random, 0, 100) * SIM_MS,
                        .trickle = one_in (random, 2),
                        .is_offer = one_in (random, 2),
                        .n_streams = 1 + one_in (random, 4),
                        .n_components = 1 + one_in (random, 4) };
  for (guint i = 0; i < 2; i++)
    {
      IceConfig *config = &self->configs[i];

      *config = sim_config ((i == 0) == left_controls || conflict, mode);
      config->trickle = self->signalling.trickle;
      config->ta = 5 * SIM_MS * (1 + sim_random_below (random, 10));
      config->consent = i == 0 ? one_in (random, 2) : self->configs[0].consent;
    }
}

void
sim_plan_draw (SimPlan *self, guint64 seed)
{
  SimRandom random;

  sim_random_init (&random, seed * 2654435761u);
  *self = (SimPlan) { .seed = seed, .is_lossless = one_in (&random, 2) };
  if (one_in (&random, 4))
    self->places = (SimPlaces)sim_random_below (&random, SIM_N_PLACES);
  draw_nat (&random, &self->shared_nat);
  draw_home (&random, &self->homes[0], self->is_lossless);
  draw_home (&random, &self->homes[1], self->is_lossless);
  draw_servers (&random, self);
  draw_configs (&random, self);
  for (guint i = 0; i < 2; i++) /* not drawn: a seed is the same scenario as ever */
    {
      self->configs[i].data_before_nomination = seed >> i & 1;
      self->configs[i].free_candidates = seed >> (2 + i) & 1;
    }
  self->media_interval =
      one_in (&random, 2) ? sim_random_between (&random, 50, 1000) * SIM_MS : 0;
  if (one_in (&random, 2))
    self->accident = (SimAccident)sim_random_below (&random, SIM_N_ACCIDENTS);
  self->accident_length = sim_random_between (&random, 100, 20000) * SIM_MS;
}

/* --- Building --- */

static const gchar *const inside_addresses[] = { "192.168.1.2", "192.168.1.3" };
static const gchar *const outside_addresses[] = { "198.51.100.1", "203.0.113.1" };
static const gchar *const carrier_addresses[] = { "100.64.0.1", "100.64.0.2" };
static const gchar *const ipv6_addresses[] = { "2001:db8:1::1", "2001:db8:2::1" };
static const gchar *const names[] = { "left", "right" };

static SimHost *
build_in_home (SimWorld *world, SimRealm *home, guint side)
{
  SimHost *host = sim_host_new (world, names[side]);

  sim_host_add_interface (host, home, inside_addresses[side], NULL);
  return host;
}

static SimHost *
build_apart (const SimPlan *self, SimWorld *world, guint side, SimGateway **gateway)
{
  static const SimFirewallConfig stateful = { .inbound_blocked = TRUE,
                                              .answers = SIM_ADDRESS_AND_PORT_DEPENDENT };
  const SimHomePlan *plan = &self->homes[side];
  NiceAddress outside = sim_address (outside_addresses[side]);
  SimRealm *home;
  SimHost *host;

  if (plan->has_nat)
    {
      home = sim_realm_new (world, names[side]);
      *gateway = sim_gateway_new (home, sim_world_get_internet (world), &outside,
                                  &plan->nat, &plan->link);
      return build_in_home (world, home, side);
    }
  host = sim_host_new (world, names[side]);
  sim_host_add_interface (host, sim_world_get_internet (world), outside_addresses[side],
                          &plan->link);
  if (plan->is_firewalled)
    sim_interface_set_firewall (sim_host_get_interface (host, 0), &stateful);
  return host;
}

static SimHost *
build_on_carrier (const SimPlan *self, SimWorld *world, SimRealm *carrier, guint side,
                  SimGateway **gateway)
{
  NiceAddress outside = sim_address (carrier_addresses[side]);
  SimRealm *home = sim_realm_new (world, names[side]);

  *gateway = sim_gateway_new (home, carrier, &outside, &self->homes[side].nat,
                              &self->homes[side].link);
  return build_in_home (world, home, side);
}

static void
add_ipv6 (const SimPlan *self, SimWorld *world, SimHost *host, guint side)
{
  const SimHomePlan *plan = &self->homes[side];
  SimInterface *interface;

  if (!plan->has_ipv6)
    return;
  interface = sim_host_add_interface (host, sim_world_get_internet (world),
                                      ipv6_addresses[side], &plan->link);
  if (plan->is_ipv6_broken)
    sim_interface_cut (interface);
}

void
sim_plan_build (const SimPlan *self, SimScenario *scenario, SimGateway **gateway)
{
  SimWorld *world = sim_world_new (self->seed);
  SimRealm *internet = sim_world_get_internet (world), *shared = NULL;
  NiceAddress outside = sim_address (outside_addresses[0]);
  SimLinkConfig server_link = { .delay = self->server_delay };
  SimGateway *gateways[2] = { NULL, NULL };
  SimHost *hosts[2];

  if (self->places != SIM_PLACES_APART)
    {
      shared = sim_realm_new (world, "shared");
      gateways[0] = sim_gateway_new (shared, internet, &outside, &self->shared_nat,
                                     &self->homes[0].link);
    }
  for (guint side = 0; side < 2; side++)
    {
      if (self->places == SIM_PLACES_APART)
        hosts[side] = build_apart (self, world, side, &gateways[side]);
      else if (self->places == SIM_PLACES_ONE_HOME)
        hosts[side] = build_in_home (world, shared, side);
      else
        hosts[side] = build_on_carrier (self, world, shared, side, &gateways[side]);
      add_ipv6 (self, world, hosts[side], side);
    }
  sim_stun_server_new (world, STUN ":3478", &server_link, &self->stun);
  sim_turn_server_new (world, SIM_PLAN_RELAY ":3478", &server_link, NULL);
  *scenario =
      (SimScenario) { .world = world, .left_host = hosts[0], .right_host = hosts[1] };
  if (gateway != NULL)
    *gateway = gateways[0];
}

void
sim_plan_call (const SimPlan *self, SimScenario *scenario)
{
  sim_scenario_add_peers (scenario, &self->configs[0], &self->configs[1]);
  if (self->has_stun)
    sim_scenario_add_server (scenario, ICE_SERVER_STUN_UDP, STUN, 3478);
  if (self->has_relay)
    sim_scenario_add_server (scenario, ICE_SERVER_TURN_UDP, SIM_PLAN_RELAY, 3478);
  sim_scenario_start (scenario, &self->signalling);
}

SimTheory
sim_plan_explore (const SimPlan *self)
{
  NiceAddress server = sim_address (STUN ":3478");
  SimPlan quiet = *self;
  SimScenario scenario;
  SimTheory theory;

  for (guint side = 0; side < 2; side++)
    quiet.homes[side].link = (SimLinkConfig) { .delay = self->homes[side].link.delay };
  quiet.stun = (SimStunServerConfig) { 0 };
  sim_plan_build (&quiet, &scenario, NULL);

  /* A relay tells the mapped address as well as a STUN server does. */
  theory = sim_theory_explore (
      scenario.left_host, scenario.right_host,
      (self->has_stun && !self->stun.is_silent) || self->has_relay ? &server : NULL,
      self->has_relay);
  sim_scenario_clear (&scenario);
  return theory;
}

static void
describe_home (GString *text, const SimHomePlan *home)
{
  if (home->has_nat)
    g_string_append_printf (text, "NAT m%d f%d p%d", home->nat.mapping,
                            home->nat.filtering, home->nat.ports);
  else
    g_string_append (text, home->is_firewalled ? "firewall" : "open");
  if (home->has_ipv6)
    g_string_append (text, home->is_ipv6_broken ? " +broken6" : " +6");
}

gchar *
sim_plan_describe (const SimPlan *self)
{
  static const gchar *const places[] = { "apart", "one home", "one carrier" };
  static const gchar *const accidents[] = { "none", "restart", "both restart", "cut",
                                            "rebind" };
  GString *text = g_string_new (NULL);

  g_string_printf (text, "seed %" G_GUINT64_FORMAT ": %s, left ", self->seed,
                   places[self->places]);
  describe_home (text, &self->homes[0]);
  g_string_append (text, ", right ");
  describe_home (text, &self->homes[1]);
  if (self->places != SIM_PLACES_APART)
    g_string_append_printf (text, ", shared m%d f%d%s", self->shared_nat.mapping,
                            self->shared_nat.filtering,
                            self->shared_nat.hairpin ? " hairpin" : "");
  g_string_append_printf (
      text, ", %s%s%s%s%s%s%s, accident %s", self->is_lossless ? "lossless" : "lossy",
      self->configs[0].nomination == ICE_NOMINATION_REGULAR ? ", regular"
                                                            : ", aggressive",
      self->signalling.trickle ? ", trickle" : ", full",
      self->configs[0].consent ? ", consent" : "", self->has_stun ? ", stun" : "",
      self->stun.is_silent ? " (silent)" : "", self->has_relay ? ", relay" : "",
      accidents[self->accident]);
  return g_string_free (text, FALSE);
}
