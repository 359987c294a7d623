/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The virtual network itself, without the engine: that time is exact, that links do what
 * they are told, and that NATs behave as RFC 4787 4 to 6 describe. */
#include "config.h"

#include "sim-host.h"

#include <string.h>

#define MAX_RECEIVED 64

/* One socket and what came to it. */
typedef struct
{
  SimWorld *world;
  SimSocket *socket;
  guint n;
  NiceAddress from[MAX_RECEIVED];
  gint64 when[MAX_RECEIVED];
  guint8 first[MAX_RECEIVED];
  guint n_refused;
} Endpoint;

static void
on_receive (gpointer owner, SimSocket *socket, const SimPacket *packet)
{
  Endpoint *self = owner;

  g_assert_cmpuint (self->n, <, MAX_RECEIVED);
  self->from[self->n] = packet->from;
  self->when[self->n] = sim_world_get_now (self->world);
  self->first[self->n++] = packet->data[0];
}

static void
on_refused (gpointer owner, SimSocket *socket, const NiceAddress *to)
{
  ((Endpoint *)owner)->n_refused++;
}

static void
open_endpoint (Endpoint *self, SimHost *host, const gchar *local)
{
  static const SimSocketFuncs funcs = { on_receive, on_refused, NULL };
  NiceAddress address = sim_address (local);

  memset (self, 0, sizeof *self);
  self->world = sim_host_get_world (host);
  self->socket = sim_socket_new (host, SIM_UDP, &address, &funcs, self);
  g_assert_nonnull (self->socket);
}

static void
open_on (Endpoint *self, SimWorld *world, SimRealm *realm, const gchar *address,
         const SimLinkConfig *link)
{
  SimHost *host = sim_host_new (world, address);
  g_autofree gchar *local =
      g_strdup_printf (strchr (address, ':') ? "[%s]:5000" : "%s:5000", address);

  sim_host_add_interface (host, realm, address, link);
  open_endpoint (self, host, local);
}

static void
close_endpoint (Endpoint *self)
{
  g_clear_pointer (&self->socket, sim_socket_free);
}

static void
send_to (Endpoint *self, const NiceAddress *to, guint8 byte)
{
  g_assert_true (sim_socket_send (self->socket, to, &byte, 1));
}

static void
assert_address (const NiceAddress *address, const gchar *expected)
{
  gchar text[SIM_ADDRESS_TEXT];

  g_assert_cmpstr (sim_address_format (address, text), ==, expected);
}

/* --- Time --- */

static void
append_a (gpointer data)
{
  g_string_append_c (data, 'a');
}

static void
append_b (gpointer data)
{
  g_string_append_c (data, 'b');
}

static void
append_c (gpointer data)
{
  g_string_append_c (data, 'c');
}

static void
test_clock_keeps_order_of_asking (void)
{
  g_autoptr (SimClock) clock = sim_clock_new (0);
  g_autoptr (GString) text = g_string_new (NULL);
  SimTimer *cancelled;

  sim_clock_at (clock, 20, append_c, text, NULL);
  cancelled = sim_clock_at (clock, 10, append_c, text, NULL);
  sim_clock_at (clock, 10, append_a, text, NULL);
  sim_clock_at (clock, 10, append_b, text, NULL);
  sim_clock_cancel (clock, cancelled);
  while (sim_clock_step (clock, 15))
    ;
  g_assert_cmpint (sim_clock_get_now (clock), ==, 15);
  g_assert_cmpstr (text->str, ==, "ab");
  while (sim_clock_step (clock, SIM_NEVER - 1))
    ;
  g_assert_cmpstr (text->str, ==, "abc");
}

static void
count (gpointer data)
{
  ++*(guint *)data;
}

static void
test_clock_survives_ten_thousand_random_timers (void)
{
  g_autoptr (SimClock) clock = sim_clock_new (0);
  g_autoptr (GPtrArray) timers = g_ptr_array_new ();
  SimRandom random;
  guint n_fired = 0;
  gint64 last = 0;

  sim_random_init (&random, 1);
  for (guint i = 0; i < 10000; i++)
    g_ptr_array_add (timers, sim_clock_at (clock, sim_random_below (&random, 1000000),
                                           count, &n_fired, NULL));
  for (guint i = 0; i < 5000; i++)
    sim_clock_cancel (clock, g_ptr_array_steal_index_fast (
                                 timers, sim_random_below (&random, timers->len)));
  for (guint i = 0; i < 5000; i++)
    {
      g_assert_true (sim_clock_step (clock, SIM_NEVER - 1));
      g_assert_cmpint (sim_clock_get_now (clock), >=, last);
      last = sim_clock_get_now (clock);
    }
  g_assert_cmpuint (n_fired, ==, 5000);
  g_assert_cmpint (sim_clock_get_next (clock), ==, SIM_NEVER);
}

/* --- Links --- */

static void
test_delay_is_the_sum_of_the_two_links (void)
{
  g_autoptr (SimWorld) world = sim_world_new (1);
  SimRealm *internet = sim_world_get_internet (world);
  Endpoint a, b;
  NiceAddress to = sim_address ("198.51.100.2:5000");

  open_on (&a, world, internet, "198.51.100.1", &(SimLinkConfig) { .delay = 7 * SIM_MS });
  open_on (&b, world, internet, "198.51.100.2",
           &(SimLinkConfig) { .delay = 13 * SIM_MS });
  send_to (&a, &to, 'x');
  sim_world_run_for (world, SIM_SECOND);
  g_assert_cmpuint (b.n, ==, 1);
  g_assert_cmpint (b.when[0], ==, 20 * SIM_MS);
  assert_address (&b.from[0], "198.51.100.1:5000");
  close_endpoint (&a);
  close_endpoint (&b);
}

static void
assert_loss (const SimLinkConfig *config, gdouble expected, gdouble margin)
{
  SimLink link;
  SimRandom random;
  gint64 arrivals[SIM_LINK_MAX_COPIES];
  guint n = 200000;

  sim_random_init (&random, 7);
  sim_link_init (&link, config, random);
  for (guint i = 0; i < n; i++)
    sim_link_pass (&link, 100, i, arrivals);
  g_assert_cmpfloat_with_epsilon ((gdouble)link.n_lost / n, expected, margin);
}

static void
test_loss_rates_come_out (void)
{
  assert_loss (&(SimLinkConfig) { 0 }, 0.0, 1e-9);
  assert_loss (&(SimLinkConfig) { .loss = 0.1 }, 0.1, 0.003);
  assert_loss (&(SimLinkConfig) { .loss = 1.0 }, 1.0, 1e-9);
  /* In bursts for 0.01 / (0.01 + 0.1) of the time, and half is lost there. */
  assert_loss (
      &(SimLinkConfig) { .burst_start = 0.01, .burst_end = 0.1, .burst_loss = 0.5 },
      0.5 / 11.0, 0.004);
}

static void
test_jitter_keeps_order_and_reordering_breaks_it (void)
{
  SimLinkConfig config = { .delay = 10 * SIM_MS, .jitter = 5 * SIM_MS };
  gint64 arrivals[SIM_LINK_MAX_COPIES], last = 0;
  SimRandom random;
  SimLink link;
  guint n_early = 0;

  sim_random_init (&random, 3);
  sim_link_init (&link, &config, random);
  for (gint64 t = 0; t < 1000; t++)
    {
      g_assert_cmpuint (sim_link_pass (&link, 1, t * 100, arrivals), ==, 1);
      g_assert_cmpint (arrivals[0], >=, last);
      g_assert_cmpint (arrivals[0], >=, t * 100 + 10 * SIM_MS);
      g_assert_cmpint (arrivals[0], <=, t * 100 + 15 * SIM_MS);
      last = arrivals[0];
    }
  link.config = (SimLinkConfig) { .reorder = 0.1, .reorder_delay = SIM_MS };
  link.last_arrival = last = 0;
  for (gint64 t = 0; t < 1000; t++)
    {
      g_assert_cmpuint (sim_link_pass (&link, 1, SIM_SECOND + t * 100, arrivals), ==, 1);
      n_early += arrivals[0] < last;
      last = arrivals[0];
    }
  g_assert_cmpuint (n_early, >, 50);
}

static void
test_duplicates_rate_and_mtu (void)
{
  SimLinkConfig config = {
    .duplicate = 1.0, .rate = 8000, .queue_limit = 2 * SIM_SECOND, .mtu = 1000
  };
  gint64 arrivals[SIM_LINK_MAX_COPIES];
  SimRandom random;
  SimLink link;

  sim_random_init (&random, 3);
  sim_link_init (&link, &config, random);
  g_assert_cmpuint (sim_link_pass (&link, 1001, 0, arrivals), ==, 0);
  g_assert_cmpuint (sim_link_pass (&link, 1000, 0, arrivals), ==, 2);
  g_assert_cmpint (arrivals[0], ==, SIM_SECOND);
  g_assert_cmpint (arrivals[1], ==, SIM_SECOND);
  sim_link_pass (&link, 1000, 0, arrivals);
  g_assert_cmpint (arrivals[0], ==, 2 * SIM_SECOND);
  sim_link_pass (&link, 1000, 0, arrivals);
  g_assert_cmpint (arrivals[0], ==, 3 * SIM_SECOND);
  g_assert_cmpuint (sim_link_pass (&link, 1000, 0, arrivals), ==, 0);
}

static void
test_connections_lose_nothing_but_time (void)
{
  SimLinkConfig config = { .delay = 10 * SIM_MS, .loss = 0.5 };
  gint64 arrival, last = 0;
  SimRandom random;
  SimLink link;

  sim_random_init (&random, 3);
  sim_link_init (&link, &config, random);
  for (gint64 t = 0; t < 100; t++)
    {
      g_assert_true (sim_link_pass_stream (&link, 100, t * SIM_MS, &arrival));
      g_assert_cmpint (arrival, >=, MAX (last, t * SIM_MS + 10 * SIM_MS));
      last = arrival;
    }
  g_assert_cmpint (last, >, 110 * SIM_MS);
  link.is_cut = TRUE;
  g_assert_false (sim_link_pass_stream (&link, 100, 0, &arrival));
}

static void
test_a_cut_link_can_be_mended (void)
{
  g_autoptr (SimWorld) world = sim_world_new (1);
  SimRealm *internet = sim_world_get_internet (world);
  SimHost *host = sim_host_new (world, "host");
  SimInterface *interface = sim_host_add_interface (host, internet, "2001:db8::1", NULL);
  Endpoint a, b;
  NiceAddress to = sim_address ("[2001:db8::2]:5000");

  open_endpoint (&a, host, "[2001:db8::1]:5000");
  open_on (&b, world, internet, "2001:db8::2", NULL);
  sim_interface_cut (interface);
  send_to (&a, &to, '1');
  sim_world_run_for (world, SIM_SECOND);
  sim_interface_mend (interface);
  send_to (&a, &to, '2');
  sim_world_run_for (world, SIM_SECOND);
  g_assert_cmpuint (b.n, ==, 1);
  g_assert_cmpuint (b.first[0], ==, '2');
  close_endpoint (&a);
  close_endpoint (&b);
}

static void
test_unreachable_ports_answer_where_told (void)
{
  g_autoptr (SimWorld) world = sim_world_new (1);
  SimRealm *internet = sim_world_get_internet (world);
  SimHost *silent = sim_host_new (world, "silent"), *loud = sim_host_new (world, "loud");
  NiceAddress to_silent = sim_address ("192.0.2.1:9"),
              to_loud = sim_address ("192.0.2.2:9");
  Endpoint a;

  sim_host_add_interface (silent, internet, "192.0.2.1", NULL);
  sim_host_add_interface (loud, internet, "192.0.2.2", NULL);
  sim_host_set_refuses (loud, TRUE);
  open_on (&a, world, internet, "192.0.2.3", NULL);
  send_to (&a, &to_silent, 'x');
  sim_world_run_for (world, SIM_SECOND);
  g_assert_cmpuint (a.n_refused, ==, 0);
  send_to (&a, &to_loud, 'x');
  sim_world_run_for (world, SIM_SECOND);
  g_assert_cmpuint (a.n_refused, ==, 1);
  close_endpoint (&a);
}

/* --- NATs --- */

typedef struct
{
  SimWorld *world;
  SimRealm *home;
  SimGateway *gateway;
  Endpoint in, neighbour, one, two; /* one and two share the address */
} NatFixture;

static void
setup_nat (NatFixture *self, const SimNatConfig *config)
{
  NiceAddress outside = sim_address ("203.0.113.1");
  SimHost *host;

  self->world = sim_world_new (5);
  self->home = sim_realm_new (self->world, "home");
  self->gateway = sim_gateway_new (self->home, sim_world_get_internet (self->world),
                                   &outside, config, NULL);
  open_on (&self->in, self->world, self->home, "192.168.1.2", NULL);
  open_on (&self->neighbour, self->world, self->home, "192.168.1.3", NULL);
  host = sim_host_new (self->world, "server");
  sim_host_add_interface (host, sim_world_get_internet (self->world), "192.0.2.1", NULL);
  open_endpoint (&self->one, host, "192.0.2.1:1000");
  open_endpoint (&self->two, host, "192.0.2.1:2000");
}

static void
teardown_nat (NatFixture *self)
{
  close_endpoint (&self->in);
  close_endpoint (&self->neighbour);
  close_endpoint (&self->one);
  close_endpoint (&self->two);
  sim_world_free (self->world);
}

static void
send_and_run (NatFixture *self, Endpoint *from, const NiceAddress *to)
{
  send_to (from, to, 'x');
  sim_world_run_for (self->world, SIM_MS);
}

/* covers NAT-4787-4.1-a: what each mapping behaviour reuses. */
static void
test_nat_mappings (void)
{
  for (SimNatBehaviour mapping = SIM_ENDPOINT_INDEPENDENT;
       mapping <= SIM_ADDRESS_AND_PORT_DEPENDENT; mapping++)
    {
      SimNatConfig config = { .mapping = mapping, .ports = SIM_PORTS_SEQUENTIAL };
      NiceAddress to_one = sim_address ("192.0.2.1:1000");
      NiceAddress to_two = sim_address ("192.0.2.1:2000");
      NiceAddress elsewhere = sim_address ("192.0.2.9:1000");
      NatFixture f;

      setup_nat (&f, &config);
      send_and_run (&f, &f.in, &to_one);
      send_and_run (&f, &f.in, &to_two);
      send_and_run (&f, &f.in, &to_one);
      send_and_run (&f, &f.in, &elsewhere);
      g_assert_cmpuint (f.one.n, ==, 2);
      g_assert_cmpuint (f.two.n, ==, 1);
      g_assert_true (sim_address_equal (&f.one.from[0], &f.one.from[1]));
      g_assert_cmpint (sim_address_equal (&f.one.from[0], &f.two.from[0]), ==,
                       mapping != SIM_ADDRESS_AND_PORT_DEPENDENT);
      g_assert_cmpuint (sim_nat_get_n_mappings (sim_gateway_get_nat (f.gateway)), ==,
                        1 + (guint)mapping);
      teardown_nat (&f);
    }
}

/* covers NAT-4787-4.1-a: what each filtering behaviour lets in. */
static void
test_nat_filters (void)
{
  for (SimNatBehaviour filtering = SIM_ENDPOINT_INDEPENDENT;
       filtering <= SIM_ADDRESS_AND_PORT_DEPENDENT; filtering++)
    {
      SimNatConfig config = { .filtering = filtering };
      NiceAddress to_one = sim_address ("192.0.2.1:1000");
      Endpoint stranger;
      NatFixture f;

      setup_nat (&f, &config);
      open_on (&stranger, f.world, sim_world_get_internet (f.world), "192.0.2.7", NULL);
      send_and_run (&f, &f.in, &to_one);
      assert_address (&f.one.from[0], "203.0.113.1:5000");
      send_and_run (&f, &f.one, &f.one.from[0]);
      g_assert_cmpuint (f.in.n, ==, 1);
      send_and_run (&f, &f.two, &f.one.from[0]);
      g_assert_cmpuint (f.in.n, ==, filtering == SIM_ADDRESS_AND_PORT_DEPENDENT ? 1 : 2);
      f.in.n = 0;
      send_and_run (&f, &stranger, &f.one.from[0]);
      g_assert_cmpuint (f.in.n, ==, filtering == SIM_ENDPOINT_INDEPENDENT ? 1 : 0);
      close_endpoint (&stranger);
      teardown_nat (&f);
    }
}

static void
test_nat_mapping_times_out (void)
{
  SimNatConfig config = { .ports = SIM_PORTS_SEQUENTIAL, .timeout = 30 * SIM_SECOND };
  NiceAddress to_one = sim_address ("192.0.2.1:1000");
  NatFixture f;

  setup_nat (&f, &config);
  send_and_run (&f, &f.in, &to_one);
  sim_world_run_for (f.world, 30 * SIM_SECOND - SIM_MS);
  send_and_run (&f, &f.one, &f.one.from[0]);
  g_assert_cmpuint (f.in.n, ==, 1);
  sim_world_run_for (f.world, SIM_MS);
  send_and_run (&f, &f.one, &f.one.from[0]);
  g_assert_cmpuint (f.in.n, ==, 1);
  send_and_run (&f, &f.in, &to_one);
  g_assert_cmpuint (sim_address_port (&f.one.from[0]), ==, 1024);
  g_assert_cmpuint (sim_address_port (&f.one.from[1]), ==, 1025);
  teardown_nat (&f);
}

static void
test_nat_runs_out_of_ports (void)
{
  SimNatConfig config = { .mapping = SIM_ADDRESS_AND_PORT_DEPENDENT,
                          .ports = SIM_PORTS_RANDOM,
                          .first_port = 4000,
                          .last_port = 4001 };
  NiceAddress to_one = sim_address ("192.0.2.1:1000"),
              to_two = sim_address ("192.0.2.1:2000");
  NatFixture f;

  setup_nat (&f, &config);
  send_and_run (&f, &f.in, &to_one);
  send_and_run (&f, &f.in, &to_two);
  send_and_run (&f, &f.neighbour, &to_two);
  g_assert_cmpuint (f.one.n, ==, 1);
  g_assert_cmpuint (f.two.n, ==, 1);
  teardown_nat (&f);
}

static void
test_nat_preserves_ports_until_they_clash (void)
{
  SimNatConfig config = { 0 };
  NiceAddress to_one = sim_address ("192.0.2.1:1000");
  NatFixture f;

  setup_nat (&f, &config);
  send_and_run (&f, &f.in, &to_one);
  send_and_run (&f, &f.neighbour, &to_one);
  assert_address (&f.one.from[0], "203.0.113.1:5000");
  assert_address (&f.one.from[1], "203.0.113.1:5001");
  teardown_nat (&f);
}

static void
test_nat_rebinding_gives_new_ports (void)
{
  SimNatConfig config = { .filtering = SIM_ADDRESS_AND_PORT_DEPENDENT };
  NiceAddress to_one = sim_address ("192.0.2.1:1000"),
              moved = sim_address ("203.0.113.77");
  NatFixture f;

  setup_nat (&f, &config);
  send_and_run (&f, &f.in, &to_one);
  sim_gateway_rebind (f.gateway, NULL);
  send_and_run (&f, &f.one, &f.one.from[0]);
  g_assert_cmpuint (f.in.n, ==, 0);
  send_and_run (&f, &f.in, &to_one);
  assert_address (&f.one.from[1], "203.0.113.1:6000");
  sim_gateway_rebind (f.gateway, &moved);
  send_and_run (&f, &f.in, &to_one);
  assert_address (&f.one.from[2], "203.0.113.77:7000");
  send_and_run (&f, &f.one, &f.one.from[2]);
  g_assert_cmpuint (f.in.n, ==, 1);
  teardown_nat (&f);
}

/* RFC 4787 6: with the outside address as source (REQ-9 a). */
static void
test_nat_hairpin (void)
{
  for (guint hairpin = 0; hairpin < 2; hairpin++)
    {
      SimNatConfig config = { .hairpin = hairpin, .filtering = SIM_ENDPOINT_INDEPENDENT };
      NiceAddress to_one = sim_address ("192.0.2.1:1000");
      NatFixture f;

      setup_nat (&f, &config);
      send_and_run (&f, &f.neighbour, &to_one);
      send_and_run (&f, &f.in, &f.one.from[0]);
      g_assert_cmpuint (f.neighbour.n, ==, hairpin);
      if (hairpin)
        assert_address (&f.neighbour.from[0], "203.0.113.1:5001");
      teardown_nat (&f);
    }
}

static void
test_nat_behind_nat (void)
{
  SimNatConfig config = { .filtering = SIM_ADDRESS_AND_PORT_DEPENDENT };
  NiceAddress outside = sim_address ("203.0.113.1"), middle = sim_address ("100.64.0.9"),
              to = sim_address ("192.0.2.1:5000");
  g_autoptr (SimWorld) world = sim_world_new (1);
  SimRealm *carrier = sim_realm_new (world, "carrier"),
           *home = sim_realm_new (world, "home");
  Endpoint in, out;

  sim_gateway_new (carrier, sim_world_get_internet (world), &outside, &config,
                   &(SimLinkConfig) { .delay = 5 * SIM_MS });
  sim_gateway_new (home, carrier, &middle, &config,
                   &(SimLinkConfig) { .delay = 3 * SIM_MS });
  open_on (&in, world, home, "192.168.1.2", &(SimLinkConfig) { .delay = SIM_MS });
  open_on (&out, world, sim_world_get_internet (world), "192.0.2.1", NULL);
  send_to (&in, &to, 'x');
  sim_world_run_for (world, SIM_SECOND);
  g_assert_cmpuint (out.n, ==, 1);
  g_assert_cmpint (out.when[0], ==, 9 * SIM_MS);
  assert_address (&out.from[0], "203.0.113.1:5000");
  send_to (&out, &out.from[0], 'y');
  sim_world_run_for (world, SIM_SECOND);
  g_assert_cmpuint (in.n, ==, 1);
  g_assert_cmpint (in.when[0], ==, SIM_SECOND + 9 * SIM_MS);
  close_endpoint (&in);
  close_endpoint (&out);
}

/* Where a server saw it, and where its SYN to the peer's such address comes from. */
static void
knock (SimNat *nat, NiceAddress inside, NiceAddress to, NiceAddress *from)
{
  *from = inside;
  g_assert_true (sim_nat_translate_out (nat, SIM_TCP, from, &to, 0));
}

static gboolean
opens_simultaneously (const SimNatConfig *config)
{
  NiceAddress outside[] = { sim_address ("203.0.113.1"), sim_address ("198.51.100.1") };
  NiceAddress inside = sim_address ("192.168.1.2:5000"),
              server = sim_address ("192.0.2.1:80"), seen[2], from[2], to[2];
  SimRandom random;
  SimNat *nats[2];
  gboolean in[2];

  sim_random_init (&random, 1);
  for (guint i = 0; i < 2; i++)
    {
      nats[i] = sim_nat_new (config, &outside[i], random);
      knock (nats[i], inside, server, &seen[i]);
      g_assert_false (sim_nat_translate_in (nats[i], SIM_UDP, &server,
                                            &(NiceAddress[]) { seen[i] }[0], 0));
    }
  for (guint i = 0; i < 2; i++)
    knock (nats[i], inside, seen[1 - i], &from[i]);
  for (guint i = 0; i < 2; i++)
    {
      to[i] = seen[i];
      in[i] = sim_nat_translate_in (nats[i], SIM_TCP, &from[1 - i], &to[i], 0);
      g_assert_true (!in[i] || sim_address_equal (&to[i], &inside));
    }
  for (guint i = 0; i < 2; i++)
    sim_nat_free (nats[i]);
  return in[0] && in[1];
}

/* covers NAT-5382-4.2-a: it passes two that map for all alike; a SYN that nobody waits
 * for is dropped by the filter. */
static void
test_simultaneous_open_passes_by_configuration (void)
{
  SimNatConfig cone = { .filtering = SIM_ADDRESS_AND_PORT_DEPENDENT };
  SimNatConfig symmetric = { .mapping = SIM_ADDRESS_AND_PORT_DEPENDENT,
                             .filtering = SIM_ADDRESS_AND_PORT_DEPENDENT,
                             .ports = SIM_PORTS_RANDOM };
  NiceAddress outside = sim_address ("203.0.113.1"), from = sim_address ("192.0.2.1:80"),
              to = sim_address ("203.0.113.1:5000");
  SimRandom random;
  SimNat *nat;

  g_assert_true (opens_simultaneously (&cone));
  g_assert_false (opens_simultaneously (&symmetric));
  sim_random_init (&random, 1);
  nat = sim_nat_new (&cone, &outside, random);
  g_assert_false (sim_nat_translate_in (nat, SIM_TCP, &from, &to, 0));
  sim_nat_free (nat);
}

static void
test_firewalls (void)
{
  g_autoptr (SimWorld) world = sim_world_new (1);
  SimRealm *internet = sim_world_get_internet (world);
  SimHost *host = sim_host_new (world, "guarded");
  SimInterface *interface = sim_host_add_interface (host, internet, "192.0.2.1", NULL);
  SimFirewallConfig stateful = { .inbound_blocked = TRUE,
                                 .answers = SIM_ADDRESS_AND_PORT_DEPENDENT };
  NiceAddress inside = sim_address ("192.0.2.1:5000"),
              outside = sim_address ("192.0.2.2:5000");
  Endpoint in, out;

  open_endpoint (&in, host, "192.0.2.1:5000");
  open_on (&out, world, internet, "192.0.2.2", NULL);
  sim_interface_set_firewall (interface, &stateful);
  send_to (&out, &inside, 'x');
  sim_world_run_for (world, SIM_MS);
  g_assert_cmpuint (in.n, ==, 0);
  send_to (&in, &outside, 'x');
  send_to (&out, &inside, 'x');
  sim_world_run_for (world, SIM_MS);
  g_assert_cmpuint (in.n, ==, 1);
  sim_interface_set_firewall (interface, &(SimFirewallConfig) { .udp_blocked = TRUE });
  send_to (&in, &outside, 'x');
  send_to (&out, &inside, 'x');
  sim_world_run_for (world, SIM_MS);
  g_assert_cmpuint (in.n, ==, 1);
  g_assert_cmpuint (out.n, ==, 1);
  close_endpoint (&in);
  close_endpoint (&out);
}

/* --- Replay --- */

static guint64
run_noisy_world (guint64 seed)
{
  g_autoptr (SimWorld) world = sim_world_new (seed);
  SimRealm *internet = sim_world_get_internet (world);
  SimLinkConfig link = { .delay = 10 * SIM_MS,
                         .jitter = 20 * SIM_MS,
                         .loss = 0.2,
                         .duplicate = 0.1,
                         .reorder = 0.1,
                         .reorder_delay = 50 * SIM_MS };
  NiceAddress to = sim_address ("192.0.2.2:5000");
  guint64 digest = 0;
  Endpoint a, b;

  open_on (&a, world, internet, "192.0.2.1", &link);
  open_on (&b, world, internet, "192.0.2.2", &link);
  for (guint i = 0; i < 40; i++)
    {
      send_to (&a, &to, (guint8)i);
      sim_world_run_for (world, SIM_MS);
    }
  sim_world_run_for (world, SIM_SECOND);
  for (guint i = 0; i < b.n; i++)
    digest = digest * 1000003 + (guint64)b.when[i] * 256 + b.first[i];
  close_endpoint (&a);
  close_endpoint (&b);
  return digest;
}

static void
test_a_seed_replays_exactly (void)
{
  g_assert_cmpuint (run_noisy_world (11), ==, run_noisy_world (11));
  g_assert_cmpuint (run_noisy_world (11), !=, run_noisy_world (12));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sim/network/clock/order", test_clock_keeps_order_of_asking);
  g_test_add_func ("/sim/network/clock/heap",
                   test_clock_survives_ten_thousand_random_timers);
  g_test_add_func ("/sim/network/link/delay", test_delay_is_the_sum_of_the_two_links);
  g_test_add_func ("/sim/network/link/loss", test_loss_rates_come_out);
  g_test_add_func ("/sim/network/link/order",
                   test_jitter_keeps_order_and_reordering_breaks_it);
  g_test_add_func ("/sim/network/link/limits", test_duplicates_rate_and_mtu);
  g_test_add_func ("/sim/network/link/connections",
                   test_connections_lose_nothing_but_time);
  g_test_add_func ("/sim/network/link/cut", test_a_cut_link_can_be_mended);
  g_test_add_func ("/sim/network/host/refuses", test_unreachable_ports_answer_where_told);
  g_test_add_func ("/sim/network/nat/mappings", test_nat_mappings);
  g_test_add_func ("/sim/network/nat/filters", test_nat_filters);
  g_test_add_func ("/sim/network/nat/timeout", test_nat_mapping_times_out);
  g_test_add_func ("/sim/network/nat/exhaustion", test_nat_runs_out_of_ports);
  g_test_add_func ("/sim/network/nat/preservation",
                   test_nat_preserves_ports_until_they_clash);
  g_test_add_func ("/sim/network/nat/rebinding", test_nat_rebinding_gives_new_ports);
  g_test_add_func ("/sim/network/nat/hairpin", test_nat_hairpin);
  g_test_add_func ("/sim/network/nat/double", test_nat_behind_nat);
  g_test_add_func ("/sim/network/nat/simultaneous-open",
                   test_simultaneous_open_passes_by_configuration);
  g_test_add_func ("/sim/network/firewall", test_firewalls);
  g_test_add_func ("/sim/network/replay", test_a_seed_replays_exactly);
  return g_test_run ();
}
