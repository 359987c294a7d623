/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Gathering: order, servers, redundancy, and that a dead server delays nobody. */
#include "config.h"

#include "ice-wire.h"

#define SERVER_HOST 0x0a0000c8 /* 10.0.0.200 */

typedef struct
{
  IceWire wire;
  gboolean dead, is_mapped; /* is_mapped: TURN servers say how they see us */
  guint n_relays;
  IceReason relay_error;
  GArray *relay_requests; /* IceBaseRequest */
  GArray *asked;          /* gint64: when the server was asked */
} Fixture;

static gboolean
serve (IceWireEnd *from, const IceTransmit *transmit, gint64 now, gpointer data)
{
  Fixture *self = data;

  if (nice_address_get_port (&transmit->to) != 3478)
    return FALSE;
  g_array_append_val (self->asked, now);
  if (!self->dead)
    ice_wire_answer_binding (from, transmit);
  return TRUE;
}

static gboolean
allocate (IceWireEnd *end, const IceBaseRequest *request)
{
  Fixture *self = (Fixture *)end->wire;
  IceBaseResult result = { .error = self->relay_error };

  if (request->kind != ICE_BASE_RELAY)
    return FALSE;
  g_array_append_val (self->relay_requests, *request);
  nice_address_init (&result.local);
  nice_address_init (&result.mapped);
  nice_address_set_ipv4 (&result.local,
                         0xc6336400 + nice_address_get_port (&request->remote) % 256);
  nice_address_set_port (&result.local, 5000 + request->id);
  if (self->is_mapped)
    {
      nice_address_set_ipv4 (&result.mapped, 0xc0000201);
      nice_address_set_port (&result.mapped, 2000);
    }
  ice_engine_handle_base (end->engine, request->id, &result, end->wire->now);
  return TRUE;
}

static void
setup (Fixture *self, const IceConfig *config)
{
  memset (self, 0, sizeof *self);
  self->relay_requests = g_array_new (FALSE, FALSE, sizeof (IceBaseRequest));
  self->asked = g_array_new (FALSE, FALSE, sizeof (gint64));
  ice_wire_init_served (&self->wire, config, serve, allocate);
}

static void
teardown (Fixture *self)
{
  ice_wire_clear (&self->wire);
  g_array_unref (self->relay_requests);
  g_array_unref (self->asked);
}

static guint
add_server (Fixture *self, IceServerKind kind, const gchar *host, guint16 port)
{
  IceServer server = {
    .kind = kind, .host = host, .port = port, .username = "user", .password = "secret"
  };

  return ice_engine_add_server (self->wire.ends[0].engine, 0, 0, &server, self->wire.now);
}

static IceCandidate *
candidate (Fixture *self, guint i)
{
  g_assert_cmpuint (i, <, self->wire.ends[0].candidates->len);
  return &g_array_index (self->wire.ends[0].candidates, IceCandidate, i);
}

/* covers ICE-8445-5.1.1.2-a, ICE-8445-5.1.1.2-b */
static void
test_reflexive_candidate_comes_from_the_server (void)
{
  Fixture self;

  setup (&self, NULL);
  add_server (&self, ICE_SERVER_STUN_UDP, "10.0.0.200", 3478);
  ice_wire_gather (&self.wire, 1);
  g_assert_cmpuint (self.wire.ends[0].candidates->len, ==, 2);
  g_assert_cmpint (candidate (&self, 1)->type, ==, ICE_CANDIDATE_SERVER_REFLEXIVE);
  g_assert_cmpuint (candidate (&self, 1)->priority, ==, (100u << 24) + (8192 << 8) + 255);
  g_assert_cmpstr (candidate (&self, 1)->foundation, ==, "2");
  g_assert_true (
      nice_address_equal (&candidate (&self, 1)->base_addr, &candidate (&self, 0)->addr));
  g_assert_cmpint (ice_wire_when (&self.wire, "a gathered 1"), ==, 0);
  teardown (&self);
}

/* covers ICE-8445-5.1.3-a: two interfaces behind one NAT are one mapped address */
static void
test_one_mapped_address_makes_one_candidate (void)
{
  Fixture self;

  setup (&self, NULL);
  self.wire.n_addresses = 2;
  add_server (&self, ICE_SERVER_STUN_UDP, "10.0.0.200", 3478);
  ice_wire_gather (&self.wire, 1);
  ice_wire_run_until (&self.wire, SECOND);
  g_assert_cmpuint (self.wire.ends[0].candidates->len, ==, 3);
  g_assert_cmpuint (self.asked->len, ==, 2);
  g_assert_cmpint (g_array_index (self.asked, gint64, 0), ==, 0);
  g_assert_cmpint (g_array_index (self.asked, gint64, 1), ==, 20 * MS);
  g_assert_cmpint (ice_wire_when (&self.wire, "a gathered 1"), ==, 20 * MS);
  teardown (&self);
}

static void
test_dead_server_is_given_up_after_two_seconds (void)
{
  Fixture self;

  setup (&self, NULL);
  self.dead = TRUE;
  add_server (&self, ICE_SERVER_STUN_UDP, "10.0.0.200", 3478);
  ice_wire_gather (&self.wire, 1);
  ice_wire_run_until (&self.wire, 10 * SECOND);
  g_assert_cmpuint (self.asked->len, ==, 3);
  g_assert_cmpint (ice_wire_when (&self.wire, "a gathered 1"), ==, 2 * SECOND);
  g_assert_cmpint (ice_engine_get_deadline (self.wire.ends[0].engine), ==, ICE_NEVER);
  teardown (&self);
}

/* Nobody listens there, says an ICMP error. covers STUN-8489-6.2.1-d */
static void
test_refused_request_is_not_sent_again (void)
{
  const NiceAddress server = ice_wire_make_address ("10.0.0.200", 3478);
  Fixture self;

  setup (&self, NULL);
  self.dead = TRUE;
  add_server (&self, ICE_SERVER_STUN_UDP, "10.0.0.200", 3478);
  ice_wire_gather (&self.wire, 1);
  ice_wire_run_until (&self.wire, SECOND / 10);
  g_assert_cmpuint (self.asked->len, ==, 1);
  ice_engine_handle_base_error (self.wire.ends[0].engine, 1, &server, ICE_REASON_REFUSED,
                                self.wire.now);
  ice_wire_drain (&self.wire);
  g_assert_cmpint (ice_wire_when (&self.wire, "a gathered 1"), ==, SECOND / 10);
  g_assert_cmpint (ice_engine_get_deadline (self.wire.ends[0].engine), ==, ICE_NEVER);
  teardown (&self);
}

/* libnice never says that it is done. */
static void
test_name_that_does_not_resolve_ends_gathering (void)
{
  Fixture self;
  guint id;

  setup (&self, NULL);
  id = add_server (&self, ICE_SERVER_STUN_UDP, "nowhere.invalid", 3478);
  ice_wire_gather (&self.wire, 1);
  g_assert_cmpint (ice_wire_when (&self.wire, "a gathered 1"), ==, -1);
  g_assert_cmpint (ice_wire_when (&self.wire, "a resolve 1"), ==, 0);
  self.wire.now = SECOND;
  ice_engine_handle_addresses (self.wire.ends[0].engine, id, NULL, 0, TRUE, SECOND);
  ice_wire_drain (&self.wire);
  g_assert_cmpint (ice_wire_when (&self.wire, "a gathered 1"), ==, SECOND);
  teardown (&self);
}

static void
test_name_never_answered_ends_gathering_at_the_limit (void)
{
  Fixture self;

  setup (&self, NULL);
  add_server (&self, ICE_SERVER_STUN_UDP, "slow.invalid", 3478);
  ice_wire_gather (&self.wire, 1);
  ice_wire_run_until (&self.wire, 60 * SECOND);
  g_assert_cmpint (ice_wire_when (&self.wire, "a gathered 1"), ==, 5 * SECOND);
  g_assert_cmpuint (ice_wire_count (&self.wire, "a gathered 1"), ==, 1);
  teardown (&self);
}

/* Every address that a TURN name has is tried, with its port and credentials. */
static void
test_second_address_of_a_turn_name_is_tried (void)
{
  Fixture self;
  IceTarget targets[2];
  const IceBaseRequest *request;
  guint id;

  setup (&self, NULL);
  self.relay_error = ICE_REASON_TIMEOUT;
  id = add_server (&self, ICE_SERVER_TURN_UDP, "turn.example", 3479);
  ice_wire_gather (&self.wire, 1);
  for (guint i = 0; i < 2; i++)
    {
      targets[i].kind = ICE_SERVER_TURN_UDP;
      nice_address_init (&targets[i].address);
      nice_address_set_ipv4 (&targets[i].address, SERVER_HOST + i);
      nice_address_set_port (&targets[i].address, 3479);
    }
  ice_engine_handle_addresses (self.wire.ends[0].engine, id, targets, 2, TRUE,
                               self.wire.now);
  ice_wire_drain (&self.wire);
  ice_wire_run_until (&self.wire, SECOND);
  g_assert_cmpuint (self.relay_requests->len, ==, 2);
  request = &g_array_index (self.relay_requests, IceBaseRequest, 1);
  g_assert_cmpuint (nice_address_get_port (&request->remote), ==, 3479);
  g_assert_cmpstr (
      ice_engine_get_server (self.wire.ends[0].engine, request->server)->username, ==,
      "user");
  g_assert_cmpint (ice_wire_when (&self.wire, "a gathered 1"), >, 0);
  teardown (&self);
}

/* covers ICE-8445-5.1.1.2-d */
static void
test_relays_come_in_order_of_preference_and_one_for_each_address (void)
{
  Fixture self;

  setup (&self, NULL);
  add_server (&self, ICE_SERVER_TURN_UDP, "10.0.0.200", 4000);
  add_server (&self, ICE_SERVER_TURN_TCP, "10.0.0.200", 4001);
  add_server (&self, ICE_SERVER_TURN_TLS, "10.0.0.200", 4001);
  ice_wire_gather (&self.wire, 1);
  ice_wire_run_until (&self.wire, SECOND);
  g_assert_cmpuint (self.relay_requests->len, ==, 3);
  g_assert_cmpuint (self.wire.ends[0].candidates->len, ==, 3);
  g_assert_cmpuint (candidate (&self, 1)->priority >> 24, ==, 30);
  g_assert_cmpuint (candidate (&self, 2)->priority >> 24, ==, 20);
  /* The third had the second one's address: its allocation is let go. */
  g_assert_cmpint (ice_wire_when (&self.wire, "a drop 4"), ==, 40 * MS);
  teardown (&self);
}

/* covers ICE-8445-19.1-a */
static void
test_force_relay_shows_relays_only (void)
{
  IceConfig a, b;
  Fixture self;
  g_autoptr (GArray) pairs = g_array_new (FALSE, FALSE, sizeof (IcePairInfo));
  IceCandidate remote;

  ice_wire_make_configs (&a, &b, ICE_NOMINATION_REGULAR);
  a.force_relay = TRUE;
  setup (&self, &a);
  self.is_mapped = TRUE;
  add_server (&self, ICE_SERVER_STUN_UDP, "10.0.0.200", 3478);
  add_server (&self, ICE_SERVER_TURN_UDP, "10.0.0.200", 4000);
  ice_wire_gather (&self.wire, 1);
  ice_wire_run_until (&self.wire, SECOND);
  g_assert_cmpuint (self.asked->len, ==, 0);
  g_assert_cmpuint (self.wire.ends[0].candidates->len, ==, 1);
  g_assert_cmpint (candidate (&self, 0)->type, ==, ICE_CANDIDATE_RELAYED);
  g_assert_false (nice_address_is_valid (&candidate (&self, 0)->base_addr));
  remote = g_array_index (self.wire.ends[1].candidates, IceCandidate, 0);
  ice_engine_add_remote_candidates (self.wire.ends[0].engine, 1, 1, &remote, 1,
                                    self.wire.now);
  ice_engine_get_pairs (self.wire.ends[0].engine, 1, 1, pairs);
  g_assert_cmpuint (pairs->len, ==, 1);
  teardown (&self);
}

static void
test_forgotten_relays_go (void)
{
  Fixture self;
  g_autoptr (GArray) locals = g_array_new (FALSE, FALSE, sizeof (IceCandidate));

  setup (&self, NULL);
  add_server (&self, ICE_SERVER_TURN_UDP, "10.0.0.200", 4000);
  ice_wire_gather (&self.wire, 1);
  ice_wire_run_until (&self.wire, SECOND);
  g_assert_true (
      ice_engine_forget_relays (self.wire.ends[0].engine, 1, 1, self.wire.now));
  ice_wire_drain (&self.wire);
  ice_engine_get_local_candidates (self.wire.ends[0].engine, 1, 1, locals);
  g_assert_cmpuint (locals->len, ==, 1);
  g_assert_cmpint (ice_wire_when (&self.wire, "a drop 2"), ==, SECOND);
  teardown (&self);
}

/* libnice arms its flag and emits nothing. */
static void
test_server_added_later_ends_gathering_again (void)
{
  Fixture self;

  setup (&self, NULL);
  ice_wire_gather (&self.wire, 1);
  g_assert_cmpuint (ice_wire_count (&self.wire, "a gathered 1"), ==, 1);
  add_server (&self, ICE_SERVER_TURN_UDP, "2001:db8::1", 4000);
  ice_wire_drain (&self.wire);
  ice_wire_run_until (&self.wire, SECOND);
  g_assert_cmpuint (ice_wire_count (&self.wire, "a gathered 1"), ==, 2);
  teardown (&self);
}

/* A host with IPv6 alone, and a server with IPv4 alone: DNS64 gives its name an address
 * behind a NAT64, and the server sees the NAT's (RFC 8445 5.1.1.2). */
static void
test_server_behind_a_nat64_shows_an_ipv4_address (void)
{
  const NiceAddress host = ice_wire_make_address ("2001:db8::1", 0);
  const NiceAddress nat = ice_wire_make_address ("192.0.2.1", 2001);
  IceTarget target = { .kind = ICE_SERVER_STUN_UDP };
  Fixture self;
  guint server;

  setup (&self, NULL);
  server = add_server (&self, ICE_SERVER_STUN_UDP, "v4only.example", 3478);
  ice_engine_gather (self.wire.ends[0].engine, 1, &host, 1, 0);
  ice_wire_drain (&self.wire);
  target.address = ice_wire_make_address ("64:ff9b::c000:20a", 3478);
  ice_engine_handle_addresses (self.wire.ends[0].engine, server, &target, 1, TRUE, 0);
  ice_wire_drain (&self.wire);
  g_assert_cmpuint (ice_wire_count (&self.wire, "a gathered 1"), ==, 1);
  g_assert_cmpuint (self.wire.ends[0].candidates->len, ==, 2);
  g_assert_cmpint (candidate (&self, 1)->type, ==, ICE_CANDIDATE_SERVER_REFLEXIVE);
  g_assert_cmpuint (candidate (&self, 1)->base, ==, candidate (&self, 0)->base);
  g_assert_true (nice_address_equal (&candidate (&self, 1)->addr, &nat));
  g_assert_cmphex (candidate (&self, 1)->priority >> 24, ==, 100);
  teardown (&self);
}

/* covers ICE-8445-5.1.1.4-a */
static void
test_mapping_is_kept_while_nothing_is_selected (void)
{
  Fixture self;

  setup (&self, NULL);
  add_server (&self, ICE_SERVER_STUN_UDP, "10.0.0.200", 3478);
  ice_wire_gather (&self.wire, 1);
  ice_wire_run_until (&self.wire, 80 * SECOND);
  g_assert_cmpuint (self.asked->len, ==, 4);
  g_assert_cmpint (g_array_index (self.asked, gint64, 3), ==, 75 * SECOND);
  ice_wire_swap_credentials (&self.wire, 1);
  ice_wire_swap_candidates (&self.wire, 1);
  ice_wire_run_until (&self.wire, 200 * SECOND);
  g_assert_cmpuint (self.asked->len, ==, 4);
  teardown (&self);
}

/* covers ITCP-6544-4.2-b */
static void
test_tcp_candidates_follow_the_udp_one (void)
{
  IceConfig a, b;
  Fixture self;

  ice_wire_make_configs (&a, &b, ICE_NOMINATION_REGULAR);
  a.ice_tcp = TRUE;
  setup (&self, &a);
  ice_wire_gather (&self.wire, 1);
  g_assert_cmpuint (self.wire.ends[0].candidates->len, ==, 3);
  g_assert_cmpuint (candidate (&self, 0)->priority, ==, 2015363327);
  g_assert_cmpuint (candidate (&self, 1)->priority, ==, 1015021823);
  g_assert_cmpuint (candidate (&self, 2)->priority, ==, 1010827519);
  g_assert_cmpstr (candidate (&self, 1)->foundation, ==, "2");
  g_assert_cmpstr (candidate (&self, 2)->foundation, ==, "3");
  teardown (&self);
}

/* --- Mappings --- */

static NiceAddress
make_address (guint32 ip, guint port)
{
  NiceAddress address;

  nice_address_init (&address);
  nice_address_set_ipv4 (&address, ip);
  nice_address_set_port (&address, port);
  return address;
}

static void
gather_mapped (Fixture *self, gboolean hides)
{
  static IceMapping mapping;
  IceConfig a, b;

  mapping.mapped = make_address (0xc0000207, 0);
  nice_address_init (&mapping.local);
  ice_wire_make_configs (&a, &b, ICE_NOMINATION_REGULAR);
  a.ice_tcp = TRUE;
  a.mappings = &mapping;
  a.n_mappings = 1;
  a.hides_mapped = hides;
  setup (self, &a);
  ice_wire_gather (&self->wire, 1);
}

static void
test_a_mapped_address_is_added (void)
{
  const NiceAddress mapped = make_address (0xc0000207, 0);
  Fixture self;

  gather_mapped (&self, FALSE);
  g_assert_cmpuint (self.wire.ends[0].candidates->len, ==, 6);
  for (guint i = 0; i < 6; i += 2)
    {
      const IceCandidate *host = candidate (&self, i), *other = candidate (&self, i + 1);

      g_assert_cmpint (host->type, ==, ICE_CANDIDATE_HOST);
      g_assert_cmpint (other->type, ==, ICE_CANDIDATE_SERVER_REFLEXIVE);
      g_assert_cmpint (other->transport, ==, host->transport);
      g_assert_true (nice_address_equal_no_port (&other->addr, &mapped));
      g_assert_cmpuint (nice_address_get_port (&other->addr), ==,
                        nice_address_get_port (&host->addr));
      g_assert_true (nice_address_equal (&other->base_addr, &host->addr));
    }
  teardown (&self);
}

/* No private address is written, neither as base */
static void
test_a_mapped_address_is_shown_instead (void)
{
  const NiceAddress mapped = make_address (0xc0000207, 0);
  Fixture self;

  gather_mapped (&self, TRUE);
  g_assert_cmpuint (self.wire.ends[0].candidates->len, ==, 3);
  for (guint i = 0; i < 3; i++)
    {
      g_assert_cmpint (candidate (&self, i)->type, ==, ICE_CANDIDATE_HOST);
      g_assert_true (nice_address_equal_no_port (&candidate (&self, i)->addr, &mapped));
      g_assert_true (nice_address_equal (&candidate (&self, i)->base_addr,
                                         &candidate (&self, i)->addr));
    }
  teardown (&self);
}

static void
test_gathering_waits_for_a_router (void)
{
  const NiceAddress mapped = make_address (0xc0000207, 4711);
  Fixture self;
  IceEngine *engine;
  NiceAddress local;

  setup (&self, NULL);
  engine = self.wire.ends[0].engine;
  g_assert_true (ice_engine_hold_gathering (engine, 1, TRUE, self.wire.now));
  ice_wire_gather (&self.wire, 1);
  ice_wire_run_until (&self.wire, SECOND);
  g_assert_cmpint (ice_wire_when (&self.wire, "a gathered 1"), ==, -1);
  local = candidate (&self, 0)->addr;
  g_assert_true (ice_engine_add_mapping (engine, 1, 1, ICE_TRANSPORT_UDP, &local, &mapped,
                                         self.wire.now));
  g_assert_false (ice_engine_add_mapping (engine, 1, 1, ICE_TRANSPORT_UDP, &local,
                                          &mapped, self.wire.now));
  g_assert_false (ice_engine_add_mapping (engine, 1, 1, ICE_TRANSPORT_UDP, &mapped,
                                          &local, self.wire.now));
  g_assert_true (ice_engine_hold_gathering (engine, 1, FALSE, self.wire.now));
  ice_wire_drain (&self.wire);
  g_assert_cmpint (ice_wire_when (&self.wire, "a gathered 1"), ==, SECOND);
  g_assert_cmpuint (self.wire.ends[0].candidates->len, ==, 2);
  g_assert_cmpuint (candidate (&self, 1)->priority >> 24, ==, 105);
  g_assert_true (nice_address_equal (&candidate (&self, 1)->addr, &mapped));
  teardown (&self);
}

static gboolean
second_is_in_use (IceWireEnd *end, const IceBaseRequest *request)
{
  const IceBaseResult result = { .error = ICE_REASON_ADDRESS_IN_USE };

  if (request->id != 2 || request->max_port == 0)
    return FALSE;
  ice_engine_handle_base (end->engine, request->id, &result, end->wire->now);
  return TRUE;
}

static void
test_a_range_without_ports_takes_all_back (void)
{
  Fixture self;
  IceEngine *engine;

  setup (&self, NULL);
  engine = self.wire.ends[0].engine;
  self.wire.need = second_is_in_use;
  g_assert_cmpuint (ice_wire_add_stream (&self.wire, 2), ==, 2);
  ice_engine_set_port_range (engine, 2, 2, 1000, 1000);
  ice_wire_gather (&self.wire, 2);
  g_assert_false (ice_engine_has_gathered (engine, 2));
  g_assert_cmpuint (ice_wire_count (&self.wire, "a drop 1"), ==, 1);
  g_assert_null (strstr (self.wire.log->str, "a candidate"));
  g_assert_null (strstr (self.wire.log->str, "a state"));
  g_assert_null (strstr (self.wire.log->str, "a gathered"));
  g_assert_cmpint (ice_engine_get_deadline (engine), ==, ICE_NEVER);

  ice_wire_gather (&self.wire, 2);
  g_assert_true (ice_engine_has_gathered (engine, 2));
  g_assert_cmpuint (self.wire.ends[0].candidates->len, ==, 2);
  g_assert_cmpstr (candidate (&self, 0)->foundation, ==, "1");
  g_assert_cmpuint (ice_wire_count (&self.wire, "a gathered 2"), ==, 1);
  teardown (&self);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ice/gather/reflexive",
                   test_reflexive_candidate_comes_from_the_server);
  g_test_add_func ("/ice/gather/one-mapped-address",
                   test_one_mapped_address_makes_one_candidate);
  g_test_add_func ("/ice/gather/dead-server",
                   test_dead_server_is_given_up_after_two_seconds);
  g_test_add_func ("/ice/gather/refused", test_refused_request_is_not_sent_again);
  g_test_add_func ("/ice/gather/no-such-name",
                   test_name_that_does_not_resolve_ends_gathering);
  g_test_add_func ("/ice/gather/limit",
                   test_name_never_answered_ends_gathering_at_the_limit);
  g_test_add_func ("/ice/gather/second-address",
                   test_second_address_of_a_turn_name_is_tried);
  g_test_add_func ("/ice/gather/relays",
                   test_relays_come_in_order_of_preference_and_one_for_each_address);
  g_test_add_func ("/ice/gather/force-relay", test_force_relay_shows_relays_only);
  g_test_add_func ("/ice/gather/forgotten-relays", test_forgotten_relays_go);
  g_test_add_func ("/ice/gather/later-server",
                   test_server_added_later_ends_gathering_again);
  g_test_add_func ("/ice/gather/kept-mapping",
                   test_mapping_is_kept_while_nothing_is_selected);
  g_test_add_func ("/ice/gather/tcp", test_tcp_candidates_follow_the_udp_one);
  g_test_add_func ("/ice/gather/mapped", test_a_mapped_address_is_added);
  g_test_add_func ("/ice/gather/mapped-instead", test_a_mapped_address_is_shown_instead);
  g_test_add_func ("/ice/gather/no-ports-left",
                   test_a_range_without_ports_takes_all_back);
  g_test_add_func ("/ice/gather/nat64", test_server_behind_a_nat64_shows_an_ipv4_address);
  g_test_add_func ("/ice/gather/router", test_gathering_waits_for_a_router);
  return g_test_run ();
}
