/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What `icecold nat` says of a NAT is what that NAT was made to do: in virtual time,
 * behind all kinds of it, with servers that keep RFC 5780 and servers that do not. */
#include "config.h"

#include "nat-discovery.h"

#include "sim-behaviour-server.h"
#include "sim-homes.h"
#include "sim-stun.h"

#include <string.h>

#define SERVER "192.0.2.1:3478"
#define OTHER "192.0.2.2:3479"
#define OUTSIDE "198.51.100.1"
#define TRIP (40 * SIM_MS) /* to the server and back */
#define MAX_SENDS 256

/* --- the client --- */

typedef struct
{
  SimWorld *world;
  SimRandom random;
  SimSocket *sockets[NAT_N_SOCKETS];
  StunAddress locals[NAT_N_SOCKETS];
  NatDiscovery *discovery;
  SimTimer *timer;
  gint64 over_at;
  struct
  {
    gint64 when;
    guint8 id[SIM_STUN_ID];
  } sends[MAX_SENDS];
  guint n_sends;
} Client;

static StunAddress
to_stun (const NiceAddress *address)
{
  StunAddress copy;

  memcpy (&copy, address, sizeof copy);
  return copy;
}

static NiceAddress
from_stun (const StunAddress *address)
{
  NiceAddress copy;

  memcpy (&copy, address, sizeof copy);
  return copy;
}

static void
draw (gpointer data, guint8 *dest, gsize len)
{
  sim_random_fill (data, dest, len);
}

static void on_time (gpointer data);

static void
drain (Client *self)
{
  NatTransmit transmit;
  gint64 deadline;

  while (nat_discovery_poll_transmit (self->discovery, &transmit))
    {
      const NiceAddress to = from_stun (&transmit.to);

      g_assert_cmpuint (self->n_sends, <, MAX_SENDS);
      self->sends[self->n_sends].when = sim_world_get_now (self->world);
      memcpy (self->sends[self->n_sends++].id, sim_stun_get_id (transmit.data),
              SIM_STUN_ID);
      sim_socket_send (self->sockets[transmit.socket], &to, transmit.data, transmit.len);
    }
  if (self->timer != NULL)
    sim_clock_cancel (sim_world_get_clock (self->world), self->timer);
  self->timer = NULL;
  deadline = nat_discovery_get_deadline (self->discovery);
  if (deadline == STUN_NEVER)
    self->over_at = MIN (self->over_at, sim_world_get_now (self->world));
  else
    self->timer = sim_clock_at (sim_world_get_clock (self->world),
                                MAX (deadline, sim_world_get_now (self->world)), on_time,
                                self, NULL);
}

static void
on_time (gpointer data)
{
  Client *self = data;

  self->timer = NULL;
  nat_discovery_handle_timeout (self->discovery, sim_world_get_now (self->world));
  drain (self);
}

static void
receive (gpointer owner, SimSocket *socket, const SimPacket *packet)
{
  Client *self = owner;
  const StunAddress from = to_stun (&packet->from);
  guint i = 0;

  while (self->sockets[i] != socket)
    i++;
  nat_discovery_handle_packet (self->discovery, i, &from, packet->data, packet->size,
                               sim_world_get_now (self->world));
  drain (self);
}

static gboolean
is_over (gpointer data)
{
  const Client *self = data;

  return self->over_at != SIM_NEVER;
}

static void
start (Client *self, SimHost *host, const gchar *server, gint64 lifetime_limit)
{
  static const SimSocketFuncs funcs = { .receive = receive };
  const NiceAddress to = sim_address (server);
  NatDiscoveryConfig config = { .server = to_stun (&to),
                                .locals = self->locals,
                                .lifetime_limit_us = lifetime_limit,
                                .random = draw,
                                .random_data = &self->random };

  *self = (Client) { .world = sim_host_get_world (host), .over_at = SIM_NEVER };
  sim_random_init (&self->random, 1);
  for (guint i = 0; i < NAT_N_SOCKETS; i++)
    {
      self->sockets[i] = sim_socket_new (
          host, SIM_UDP, sim_interface_get_address (sim_host_get_interface (host, 0)),
          &funcs, self);
      self->locals[i] = to_stun (sim_socket_get_local (self->sockets[i]));
    }
  self->discovery = nat_discovery_new (&config, sim_world_get_now (self->world));
  drain (self);
}

/* Runs it to its end. */
static const NatReport *
discover (Client *self, SimHost *host, const gchar *server, gint64 lifetime_limit)
{
  start (self, host, server, lifetime_limit);
  g_assert_true (sim_world_run_till (self->world, is_over, self, 3600 * SIM_SECOND));
  return nat_discovery_get_report (self->discovery);
}

static void
client_clear (Client *self)
{
  g_clear_pointer (&self->discovery, nat_discovery_free);
  for (guint i = 0; i < NAT_N_SOCKETS; i++)
    g_clear_pointer (&self->sockets[i], sim_socket_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Client, client_clear)

/* --- the network --- */

static SimHost *
host_behind (SimWorld *world, const SimNatConfig *nat)
{
  static const SimLinkConfig link = { .delay = TRIP / 2 };
  const NiceAddress outside = sim_address (OUTSIDE);
  SimRealm *home = sim_realm_new (world, "home");
  SimHost *host = sim_host_new (world, "host");

  sim_gateway_new (home, sim_world_get_internet (world), &outside, nat, &link);
  sim_host_add_interface (host, home, "10.0.0.2", NULL);
  return host;
}

static const NatReport *
discover_behind (Client *client, SimWorld *world, const SimNatConfig *nat,
                 const SimBehaviourConfig *server)
{
  sim_behaviour_server_new (world, SERVER, OTHER, NULL, server);
  return discover (client, host_behind (world, nat), SERVER, 0);
}

static NatBehaviour
behaviour_of (SimNatBehaviour behaviour)
{
  return NAT_ENDPOINT_INDEPENDENT + behaviour - SIM_ENDPOINT_INDEPENDENT;
}

/* Where each destination has a mapping of its own, hairpinning shows only without a
 * filter. */
static NatTruth
hairpins_of (const SimNatConfig *nat)
{
  if (nat->mapping == SIM_ENDPOINT_INDEPENDENT)
    return nat->hairpin ? NAT_YES : NAT_NO;
  return nat->hairpin && nat->filtering == SIM_ENDPOINT_INDEPENDENT ? NAT_YES : NAT_MAYBE;
}

/* RFC 5780 5: in no second more than ten new transactions, and no two requests at once.
 */
static void
assert_paced (const Client *client)
{
  g_autoptr (GArray) starts = g_array_new (FALSE, FALSE, sizeof (gint64));

  for (guint i = 0; i < client->n_sends; i++)
    {
      gboolean is_new = TRUE;

      for (guint j = 0; j < i; j++)
        is_new =
            is_new && memcmp (client->sends[i].id, client->sends[j].id, SIM_STUN_ID) != 0;
      if (i > 0)
        g_assert_cmpint (client->sends[i].when, >, client->sends[i - 1].when);
      if (is_new)
        g_array_append_val (starts, client->sends[i].when);
    }
  for (guint i = 10; i < starts->len; i++)
    g_assert_cmpint (g_array_index (starts, gint64, i)
                         - g_array_index (starts, gint64, i - 10),
                     >=, SIM_SECOND);
}

/* --- every kind of NAT --- */

static void
check_nat (const SimNatConfig *nat)
{
  g_autoptr (SimWorld) world = sim_world_new (1);
  g_auto (Client) client = { 0 };
  const NatReport *report = discover_behind (&client, world, nat, NULL);

  g_test_message ("mapping %d filtering %d ports %d hairpin %d", nat->mapping,
                  nat->filtering, nat->ports, nat->hairpin);
  g_assert_cmpint (report->outcome, ==, NAT_OUTCOME_TOLD);
  g_assert_true (report->is_translated);
  g_assert_false (report->is_rewritten);
  g_assert_cmpint (report->doubt, ==, NAT_DOUBT_NONE);
  g_assert_cmpint (report->mapping, ==, behaviour_of (nat->mapping));
  g_assert_cmpint (report->filtering, ==, behaviour_of (nat->filtering));
  g_assert_cmpint (report->hairpins, ==, hairpins_of (nat));
  g_assert_cmpint (report->preserves_ports, ==,
                   nat->ports == SIM_PORTS_PRESERVED ? NAT_YES : NAT_NO);
  g_assert_cmpint (report->lifetime, ==, NAT_LIFETIME_NOT_ASKED);
  assert_paced (&client);
  g_assert_cmpint (client.over_at, <=, 6 * SIM_SECOND);
}

/* covers NATD-5780-4.3-a, NATD-5780-4.4-a, NATD-5780-5-a */
static void
test_every_nat_is_told (void)
{
  for (guint mapping = 0; mapping < 3; mapping++)
    for (guint filtering = 0; filtering < 3; filtering++)
      for (guint ports = 0; ports < 3; ports++)
        for (guint hairpin = 0; hairpin < 2; hairpin++)
          check_nat (&(SimNatConfig) { .mapping = mapping,
                                       .filtering = filtering,
                                       .ports = ports,
                                       .hairpin = hairpin });
}

static void
check_open (const SimFirewallConfig *firewall, NatBehaviour filtering)
{
  g_autoptr (SimWorld) world = sim_world_new (1);
  g_auto (Client) client = { 0 };
  SimHost *host = sim_host_open (world, "host", "198.51.100.9", TRIP / 2);
  const NatReport *report;

  sim_behaviour_server_new (world, SERVER, OTHER, NULL, NULL);
  if (firewall != NULL)
    sim_interface_set_firewall (sim_host_get_interface (host, 0), firewall);
  report = discover (&client, host, SERVER, 600 * SIM_SECOND);
  g_assert_cmpint (report->outcome, ==, NAT_OUTCOME_TOLD);
  g_assert_false (report->is_translated);
  g_assert_cmpint (report->mapping, ==, NAT_ENDPOINT_INDEPENDENT);
  g_assert_cmpint (report->filtering, ==, filtering);
  g_assert_cmpint (report->lifetime, ==,
                   filtering == NAT_ENDPOINT_INDEPENDENT ? NAT_LIFETIME_NO_BINDING
                                                         : NAT_LIFETIME_FOUND);
}

/* covers NATD-5780-4.3-a */
static void
test_no_nat_is_told (void)
{
  check_open (NULL, NAT_ENDPOINT_INDEPENDENT);
  for (guint answers = 0; answers < 3; answers++)
    {
      SimFirewallConfig firewall = { .inbound_blocked = TRUE, .answers = answers };

      check_open (&firewall, behaviour_of (answers));
    }
}

/* The filters are tested at once, and one answer ends the wait: I, then three that are
 * paced, whose answers start the hairpins, then three more. */
static void
test_open_nat_takes_no_time (void)
{
  g_autoptr (SimWorld) world = sim_world_new (1);
  g_auto (Client) client = { 0 };
  const SimNatConfig nat = { .hairpin = TRUE };

  discover_behind (&client, world, &nat, NULL);
  g_assert_cmpint (client.over_at, ==, 8 * NAT_PACE_US + TRIP);
}

static void
test_over_ipv6 (void)
{
  g_autoptr (SimWorld) world = sim_world_new (1);
  g_auto (Client) client = { 0 };
  SimHost *host = sim_host_open (world, "host", "2001:db8::9", TRIP / 2);
  const SimFirewallConfig firewall = { .inbound_blocked = TRUE,
                                       .answers = SIM_ADDRESS_DEPENDENT };
  const NatReport *report;

  sim_behaviour_server_new (world, "[2001:db8::1]:3478", "[2001:db8::2]:3479", NULL,
                            NULL);
  sim_interface_set_firewall (sim_host_get_interface (host, 0), &firewall);
  report = discover (&client, host, "[2001:db8::1]:3478", 0);
  g_assert_cmpint (report->outcome, ==, NAT_OUTCOME_TOLD);
  g_assert_false (report->is_translated);
  g_assert_cmpint (report->filtering, ==, NAT_ADDRESS_DEPENDENT);
}

/* The kind that hands the next port to whoever comes, in front of one that keeps them. */
static void
test_two_nats_are_as_closed_as_the_worse (void)
{
  g_autoptr (SimWorld) world = sim_world_new (1);
  g_auto (Client) client = { 0 };
  const SimNatConfig carrier = { .mapping = SIM_ADDRESS_DEPENDENT,
                                 .ports = SIM_PORTS_SEQUENTIAL };
  const SimNatConfig home = { .filtering = SIM_ADDRESS_AND_PORT_DEPENDENT };
  const NiceAddress outside = sim_address (OUTSIDE), middle = sim_address ("100.64.0.2");
  SimRealm *carriers = sim_realm_new (world, "carrier");
  SimRealm *inside = sim_realm_new (world, "home");
  SimHost *host = sim_host_new (world, "host");
  const NatReport *report;

  sim_gateway_new (carriers, sim_world_get_internet (world), &outside, &carrier, NULL);
  sim_gateway_new (inside, carriers, &middle, &home, NULL);
  sim_host_add_interface (host, inside, "10.0.0.2", NULL);
  sim_behaviour_server_new (world, SERVER, OTHER, NULL, NULL);
  report = discover (&client, host, SERVER, 0);
  g_assert_cmpint (report->mapping, ==, NAT_ADDRESS_DEPENDENT);
  g_assert_cmpint (report->filtering, ==, NAT_ADDRESS_AND_PORT_DEPENDENT);
  g_assert_cmpint (report->preserves_ports, ==, NAT_NO);
}

static void
check_lossy (guint64 seed)
{
  g_autoptr (SimWorld) world = sim_world_new (seed);
  g_auto (Client) client = { 0 };
  const SimLinkConfig lossy = { .loss = 0.05, .duplicate = 0.05 };
  const SimNatConfig nat = { .filtering = SIM_ADDRESS_DEPENDENT };
  const NatReport *report;

  sim_behaviour_server_new (world, SERVER, OTHER, &lossy, NULL);
  report = discover (&client, host_behind (world, &nat), SERVER, 0);
  g_assert_cmpint (report->outcome, ==, NAT_OUTCOME_TOLD);
  g_assert_cmpint (report->mapping, ==, NAT_ENDPOINT_INDEPENDENT);
  g_assert_cmpint (report->filtering, ==, NAT_ADDRESS_DEPENDENT);
}

static void
test_lost_answers_are_asked_for_again (void)
{
  for (guint64 seed = 1; seed <= 50; seed++)
    check_lossy (seed);
}

/* Whatever arrives, it ends, and has not sent more than it may. */
static void
test_any_weather_is_survived (void)
{
  const SimLinkConfig storm = { .delay = 100 * SIM_MS,
                                .jitter = 2 * SIM_SECOND,
                                .loss = 0.3,
                                .duplicate = 0.3,
                                .corrupt = 0.3,
                                .reorder = 0.3,
                                .reorder_delay = 3 * SIM_SECOND };

  for (guint64 seed = 1; seed <= 200; seed++)
    {
      g_autoptr (SimWorld) world = sim_world_new (seed);
      g_auto (Client) client = { 0 };
      const SimNatConfig nat = { .mapping = seed % 3, .ports = SIM_PORTS_RANDOM };

      sim_behaviour_server_new (world, SERVER, OTHER, &storm, NULL);
      discover (&client, host_behind (world, &nat), SERVER, 60 * SIM_SECOND);
      g_assert_cmpint (client.over_at, <=, 300 * SIM_SECOND);
    }
}

/* --- servers that do not --- */

static const SimNatConfig cone = { .filtering = SIM_ADDRESS_AND_PORT_DEPENDENT };

static void
check_outcome (const SimBehaviourConfig *server, NatOutcome outcome, guint code,
               guint n_sends)
{
  g_autoptr (SimWorld) world = sim_world_new (1);
  g_auto (Client) client = { 0 };
  const NatReport *report = discover_behind (&client, world, &cone, server);

  g_assert_cmpint (report->outcome, ==, outcome);
  g_assert_cmpuint (report->code, ==, code);
  g_assert_cmpuint (client.n_sends, ==, n_sends);
}

/* covers NATD-5780-5-a */
static void
test_a_server_with_one_address_is_asked_once (void)
{
  check_outcome (&(SimBehaviourConfig) { .has_no_other = TRUE }, NAT_OUTCOME_UNSUPPORTED,
                 0, 1);
}

static void
test_a_server_that_refuses_is_asked_once (void)
{
  check_outcome (&(SimBehaviourConfig) { .error = 401 }, NAT_OUTCOME_REFUSED, 401, 1);
  check_outcome (&(SimBehaviourConfig) { .error = 300 }, NAT_OUTCOME_REFUSED, 300, 1);
}

static void
test_nobody_there_is_told_in_time (void)
{
  check_outcome (&(SimBehaviourConfig) { .n_deaf = G_MAXUINT }, NAT_OUTCOME_SILENT, 0, 5);
}

/* RFC 5780 6.1: what it names must differ in both; and nothing goes to groups or to port
 * 0 because a server says so. */
static void
test_another_address_that_is_none_is_not_asked (void)
{
  static const gchar *const others[] = {
    SERVER,         "192.0.2.1:3479", "192.0.2.2:3478",       "192.0.2.2:0",
    "0.0.0.0:3479", "224.0.0.1:3479", "255.255.255.255:3479", "[2001:db8::2]:3479"
  };

  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    check_outcome (&(SimBehaviourConfig) { .other = sim_address (others[i]) },
                   NAT_OUTCOME_UNSUPPORTED, 0, 1);
}

static void
check_doubt (const SimNatConfig *nat, const SimBehaviourConfig *server, NatDoubt doubt,
             NatBehaviour mapping)
{
  g_autoptr (SimWorld) world = sim_world_new (1);
  g_auto (Client) client = { 0 };
  const NatReport *report = discover_behind (&client, world, nat, server);

  g_assert_cmpint (report->outcome, ==, NAT_OUTCOME_TOLD);
  g_assert_cmpint (report->filtering, ==, NAT_UNKNOWN);
  g_assert_cmpint (report->doubt, ==, doubt);
  g_assert_cmpint (report->mapping, ==, mapping);
}

/* covers NATD-5780-7.5-a */
static void
test_420_to_change_request_is_no_filter (void)
{
  check_doubt (&cone, &(SimBehaviourConfig) { .refuses_change = TRUE }, NAT_DOUBT_REFUSED,
               NAT_ENDPOINT_INDEPENDENT);
}

/* An answer from the address that was asked has opened no filter. */
static void
test_an_answer_from_the_same_address_is_no_proof (void)
{
  check_doubt (&(SimNatConfig) { 0 }, &(SimBehaviourConfig) { .ignores_change = TRUE },
               NAT_DOUBT_UNCHANGED, NAT_ENDPOINT_INDEPENDENT);
}

/* A server behind a NAT of its own that says an address of its inside. */
static void
test_an_address_that_nobody_reaches_is_no_filter (void)
{
  const SimNatConfig restricted = { .filtering = SIM_ADDRESS_DEPENDENT };

  check_doubt (&restricted, &(SimBehaviourConfig) { .is_deaf_elsewhere = TRUE },
               NAT_DOUBT_UNREACHABLE, NAT_UNKNOWN);
  check_doubt (&cone, &(SimBehaviourConfig) { .other = sim_address ("10.9.9.9:3479") },
               NAT_DOUBT_UNREACHABLE, NAT_UNKNOWN);
}

/* The answers from its other port vanish, whatever the NAT does. */
static void
test_a_port_that_nobody_reaches_is_no_filter (void)
{
  check_doubt (&cone, &(SimBehaviourConfig) { .is_deaf_at_other_port = TRUE },
               NAT_DOUBT_UNREACHABLE, NAT_ENDPOINT_INDEPENDENT);
}

/* --- answers that are none --- */

typedef struct
{
  Client client;
  NatTransmit asked;
  NiceAddress server;
} ByHand;

/* The first request of a client whose answers the test makes. */
static void
by_hand_start (ByHand *self, SimWorld *world)
{
  SimHost *host = sim_host_open (world, "host", "198.51.100.9", 0);
  NatDiscoveryConfig config = { .locals = self->client.locals,
                                .random = draw,
                                .random_data = &self->client.random };

  self->client.world = world;
  self->server = sim_address (SERVER);
  config.server = to_stun (&self->server);
  for (guint i = 0; i < NAT_N_SOCKETS; i++)
    self->client.locals[i] =
        to_stun (sim_interface_get_address (sim_host_get_interface (host, 0)));
  self->client.discovery = nat_discovery_new (&config, 0);
  g_assert_true (nat_discovery_poll_transmit (self->client.discovery, &self->asked));
  g_assert_cmpuint (self->asked.socket, ==, NAT_SOCKET_MAPPING);
}

static void
by_hand_clear (ByHand *self)
{
  nat_discovery_free (self->client.discovery);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ByHand, by_hand_clear)

static NatOutcome
by_hand_answer (ByHand *self, const gchar *from, guint socket,
                const SimStunMessage *answer)
{
  const NiceAddress address = sim_address (from);
  const StunAddress source = to_stun (&address);

  nat_discovery_handle_packet (self->client.discovery, socket, &source, answer->data,
                               answer->size, 1);
  return nat_discovery_get_report (self->client.discovery)->outcome;
}

static void
begin_answer (const ByHand *self, SimStunMessage *answer)
{
  sim_stun_begin (answer, SIM_STUN_SUCCESS, SIM_STUN_BINDING,
                  sim_stun_get_id (self->asked.data));
}

static void
test_strangers_answers_do_not_count (void)
{
  g_autoptr (SimWorld) world = sim_world_new (1);
  g_auto (ByHand) hand = { 0 };
  const NiceAddress mapped = sim_address ("198.51.100.7:7"),
                    six = sim_address ("[2001:db8::7]:7");
  SimStunMessage answer;

  by_hand_start (&hand, world);
  begin_answer (&hand, &answer);
  g_assert_cmpint (by_hand_answer (&hand, SERVER, 0, &answer), ==, NAT_OUTCOME_NONE);
  sim_stun_add_xor_address (&answer, SIM_STUN_XOR_MAPPED_ADDRESS, &mapped);
  g_assert_cmpint (by_hand_answer (&hand, "192.0.2.9:3478", 0, &answer), ==,
                   NAT_OUTCOME_NONE);
  g_assert_cmpint (by_hand_answer (&hand, "192.0.2.1:3479", 0, &answer), ==,
                   NAT_OUTCOME_NONE);
  g_assert_cmpint (by_hand_answer (&hand, SERVER, 1, &answer), ==, NAT_OUTCOME_NONE);
  answer.data[10] ^= 1; /* the transaction id */
  g_assert_cmpint (by_hand_answer (&hand, SERVER, 0, &answer), ==, NAT_OUTCOME_NONE);
  begin_answer (&hand, &answer);
  sim_stun_add_xor_address (&answer, SIM_STUN_XOR_MAPPED_ADDRESS, &six);
  g_assert_cmpint (by_hand_answer (&hand, SERVER, 0, &answer), ==, NAT_OUTCOME_NONE);
  begin_answer (&hand, &answer);
  sim_stun_add_uint32 (&answer, 0x7fff, 0); /* not understood, RFC 8489 6.3.3 */
  sim_stun_add_xor_address (&answer, SIM_STUN_XOR_MAPPED_ADDRESS, &mapped);
  g_assert_cmpint (by_hand_answer (&hand, SERVER, 0, &answer), ==, NAT_OUTCOME_NONE);
  /* And then the server's own. */
  begin_answer (&hand, &answer);
  sim_stun_add_xor_address (&answer, SIM_STUN_XOR_MAPPED_ADDRESS, &mapped);
  g_assert_cmpint (by_hand_answer (&hand, SERVER, 0, &answer), ==,
                   NAT_OUTCOME_UNSUPPORTED);
}

/* What is cut short anywhere, or has any byte changed, is an answer or none; it ends no
 * program. */
static void
test_broken_answers_do_no_harm (void)
{
  const NiceAddress mapped = sim_address ("198.51.100.7:7"), other = sim_address (OTHER);

  for (guint at = 0; at < 64; at++)
    {
      g_autoptr (SimWorld) world = sim_world_new (1);
      g_auto (ByHand) hand = { 0 };
      SimStunMessage answer, broken;

      by_hand_start (&hand, world);
      begin_answer (&hand, &answer);
      sim_stun_add_xor_address (&answer, SIM_STUN_XOR_MAPPED_ADDRESS, &mapped);
      sim_stun_add_address (&answer, SIM_STUN_MAPPED_ADDRESS, &mapped);
      sim_stun_add_address (&answer, SIM_STUN_OTHER_ADDRESS, &other);
      broken = answer;
      broken.size = MIN (at, answer.size - 1);
      g_assert_cmpint (by_hand_answer (&hand, SERVER, 0, &broken), ==, NAT_OUTCOME_NONE);
      broken = answer;
      broken.data[at % answer.size] ^= 0xff;
      by_hand_answer (&hand, SERVER, 0, &broken);
      g_assert_cmpint (by_hand_answer (&hand, SERVER, 0, &answer), !=, NAT_OUTCOME_NONE);
    }
}

/* RFC 5780 3.6 */
static void
test_addresses_changed_inside_of_packets_are_noticed (void)
{
  g_autoptr (SimWorld) world = sim_world_new (1);
  g_auto (ByHand) hand = { 0 };
  const NiceAddress mapped = sim_address ("198.51.100.7:7"),
                    changed = sim_address ("10.0.0.2:7");
  SimStunMessage answer;

  by_hand_start (&hand, world);
  begin_answer (&hand, &answer);
  sim_stun_add_address (&answer, SIM_STUN_MAPPED_ADDRESS, &changed);
  sim_stun_add_xor_address (&answer, SIM_STUN_XOR_MAPPED_ADDRESS, &mapped);
  by_hand_answer (&hand, SERVER, 0, &answer);
  g_assert_true (nat_discovery_get_report (hand.client.discovery)->is_rewritten);
}

/* --- the lifetime --- */

static const NatReport *
discover_lifetime (Client *client, SimWorld *world, const SimNatConfig *nat,
                   const SimBehaviourConfig *server, gint64 limit)
{
  sim_behaviour_server_new (world, SERVER, OTHER, NULL, server);
  return discover (client, host_behind (world, nat), SERVER, limit);
}

static void
check_lifetime (gint64 timeout, SimNatPorts ports, gboolean inbound_refreshes)
{
  g_autoptr (SimWorld) world = sim_world_new (1);
  g_auto (Client) client = { 0 };
  SimNatConfig nat = cone;
  const NatReport *report;

  nat.timeout = timeout;
  nat.ports = ports;
  nat.inbound_refreshes = inbound_refreshes;
  report = discover_lifetime (&client, world, &nat, NULL, 600 * SIM_SECOND);
  g_assert_cmpint (report->lifetime, ==, NAT_LIFETIME_FOUND);
  /* The waits begin when the answer comes in. */
  g_assert_cmpint (report->lifetime_min_us, <=, timeout);
  g_assert_cmpint (report->lifetime_max_us, >=, timeout - TRIP);
  g_assert_cmpint (report->lifetime_max_us - report->lifetime_min_us, <=,
                   MAX (SIM_SECOND, report->lifetime_min_us / 8));
  g_assert_cmpint (client.over_at, <=, 3 * timeout + 30 * SIM_SECOND);
  assert_paced (&client);
}

/* covers NATD-5780-4.6-a */
static void
test_the_lifetime_is_found (void)
{
  static const gint64 timeouts[] = { 10, 30, 47, 120, 300, 599 };

  for (guint i = 0; i < G_N_ELEMENTS (timeouts); i++)
    for (guint ports = 0; ports < 3; ports++)
      for (guint refreshes = 0; refreshes < 2; refreshes++)
        check_lifetime (timeouts[i] * SIM_SECOND, ports, refreshes);
}

static void
test_a_lifetime_beyond_the_limit (void)
{
  g_autoptr (SimWorld) world = sim_world_new (1);
  g_auto (Client) client = { 0 };
  SimNatConfig nat = cone;
  const NatReport *report;

  nat.timeout = 700 * SIM_SECOND;
  report = discover_lifetime (&client, world, &nat, NULL, 600 * SIM_SECOND);
  g_assert_cmpint (report->lifetime, ==, NAT_LIFETIME_LONGER);
  g_assert_cmpint (report->lifetime_min_us, ==, 600 * SIM_SECOND);
}

/* covers NATD-5780-7.5-a */
static void
test_servers_without_response_port_are_told (void)
{
  for (guint refuses = 0; refuses < 2; refuses++)
    {
      g_autoptr (SimWorld) world = sim_world_new (1);
      g_auto (Client) client = { 0 };
      const SimBehaviourConfig config = { .refuses_response_port = refuses,
                                          .ignores_response_port = !refuses };
      const NatReport *report =
          discover_lifetime (&client, world, &cone, &config, 600 * SIM_SECOND);

      g_assert_cmpint (report->lifetime, ==, NAT_LIFETIME_UNSUPPORTED);
      g_assert_cmpint (report->mapping, ==, NAT_ENDPOINT_INDEPENDENT);
      g_assert_cmpint (client.over_at, <=, 12 * SIM_SECOND);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/nat/every-kind", test_every_nat_is_told);
  g_test_add_func ("/nat/none", test_no_nat_is_told);
  g_test_add_func ("/nat/no-time", test_open_nat_takes_no_time);
  g_test_add_func ("/nat/ipv6", test_over_ipv6);
  g_test_add_func ("/nat/two", test_two_nats_are_as_closed_as_the_worse);
  g_test_add_func ("/nat/loss", test_lost_answers_are_asked_for_again);
  g_test_add_func ("/nat/weather", test_any_weather_is_survived);
  g_test_add_func ("/nat/one-address", test_a_server_with_one_address_is_asked_once);
  g_test_add_func ("/nat/refuses", test_a_server_that_refuses_is_asked_once);
  g_test_add_func ("/nat/nobody", test_nobody_there_is_told_in_time);
  g_test_add_func ("/nat/no-other", test_another_address_that_is_none_is_not_asked);
  g_test_add_func ("/nat/doubt/420", test_420_to_change_request_is_no_filter);
  g_test_add_func ("/nat/doubt/same", test_an_answer_from_the_same_address_is_no_proof);
  g_test_add_func ("/nat/doubt/address",
                   test_an_address_that_nobody_reaches_is_no_filter);
  g_test_add_func ("/nat/doubt/port", test_a_port_that_nobody_reaches_is_no_filter);
  g_test_add_func ("/nat/answers/strangers", test_strangers_answers_do_not_count);
  g_test_add_func ("/nat/answers/broken", test_broken_answers_do_no_harm);
  g_test_add_func ("/nat/answers/rewritten",
                   test_addresses_changed_inside_of_packets_are_noticed);
  g_test_add_func ("/nat/lifetime/found", test_the_lifetime_is_found);
  g_test_add_func ("/nat/lifetime/limit", test_a_lifetime_beyond_the_limit);
  g_test_add_func ("/nat/lifetime/unsupported",
                   test_servers_without_response_port_are_told);
  return g_test_run ();
}
