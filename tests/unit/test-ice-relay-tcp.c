/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Allocations that relay TCP (RFC 6062), as the engine sees them: which candidates they
 * make, who is let in, who connects, and what goes with them. */
#include "config.h"

#include "ice-wire.h"

#define RELAY_A "198.51.100.1"
#define RELAY_B "198.51.100.2"

typedef struct
{
  IceWire wire;
  GArray *requests; /* IceBaseRequest, of both ends' relays and of connections by them */
  guint n_refusals; /* of the next connections */
  gint64 last_refusal;
} Fixture;

static gboolean
refuse (Fixture *self, IceWireEnd *end, const IceBaseRequest *request)
{
  const IceBaseResult result = { .error = ICE_REASON_REFUSED, .code = 447 };

  self->n_refusals--;
  self->last_refusal = end->wire->now;
  ice_engine_handle_base (end->engine, request->id, &result, end->wire->now);
  return TRUE;
}

/* Allocations are there at once, those of UDP are refused. */
static gboolean
answer (IceWireEnd *end, const IceBaseRequest *request)
{
  Fixture *self = (Fixture *)end->wire;
  const gboolean is_first = end == &end->wire->ends[0];
  IceBaseResult result = { .error = ICE_REASON_NONE };

  if (request->kind == ICE_BASE_RELAY
      || (request->kind == ICE_BASE_TCP_CONNECT && request->via != 0))
    g_array_append_val (self->requests, *request);
  if (request->kind == ICE_BASE_TCP_CONNECT && self->n_refusals > 0)
    return refuse (self, end, request);
  if (request->kind != ICE_BASE_RELAY)
    return FALSE;
  nice_address_init (&result.mapped);
  result.local = ice_wire_make_address (is_first ? RELAY_A : RELAY_B, 5000 + request->id);
  if (!request->relays_tcp)
    {
      result.error = ICE_REASON_TRANSPORT;
      result.code = 442;
    }
  else
    g_hash_table_insert (end->bases, GUINT_TO_POINTER (request->id),
                         g_memdup2 (&result.local, sizeof result.local));
  ice_engine_handle_base (end->engine, request->id, &result, end->wire->now);
  return TRUE;
}

/* Both ends may only be seen at their relays. */
static void
setup (Fixture *self, IceServerKind kind, gboolean relay_tcp)
{
  const IceServer server = { kind, "10.0.0.200", 3478, "user", "secret" };
  IceConfig a, b;

  memset (self, 0, sizeof *self);
  ice_wire_make_configs (&a, &b, ICE_NOMINATION_REGULAR);
  a.ice_tcp = b.ice_tcp = a.force_relay = b.force_relay = TRUE;
  a.relay_tcp = b.relay_tcp = relay_tcp;
  ice_wire_init (&self->wire, &a, &b, MS);
  self->wire.need = answer;
  self->requests = g_array_new (FALSE, FALSE, sizeof (IceBaseRequest));
  ice_wire_add_stream (&self->wire, 1);
  for (guint i = 0; i < 2; i++)
    ice_engine_add_server (self->wire.ends[i].engine, 0, 0, &server, 0);
  ice_wire_gather (&self->wire, 1);
  ice_wire_run_until (&self->wire, SECOND);
}

static void
teardown (Fixture *self)
{
  ice_wire_clear (&self->wire);
  g_array_unref (self->requests);
}

static guint
count (const Fixture *self, IceBaseKind kind, gboolean relays_tcp)
{
  guint n = 0;

  for (guint i = 0; i < self->requests->len; i++)
    {
      const IceBaseRequest *request = &g_array_index (self->requests, IceBaseRequest, i);

      n += request->kind == kind && request->relays_tcp == relays_tcp;
    }
  return n;
}

/* Over a connection to the server only. covers TTCP-6062-4.1-a */
static void
test_asked_for_over_connections_only (void)
{
  static const struct
  {
    IceServerKind kind;
    gboolean relay_tcp;
    guint n;
  } rows[] = {
    { ICE_SERVER_TURN_TCP, TRUE, 2 },  { ICE_SERVER_TURN_TLS, TRUE, 2 },
    { ICE_SERVER_TURN_UDP, TRUE, 0 },  { ICE_SERVER_TURN_DTLS, TRUE, 0 },
    { ICE_SERVER_TURN_TCP, FALSE, 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      Fixture self;

      setup (&self, rows[i].kind, rows[i].relay_tcp);
      g_assert_cmpuint (count (&self, ICE_BASE_RELAY, FALSE), ==, 2);
      g_assert_cmpuint (count (&self, ICE_BASE_RELAY, TRUE), ==, rows[i].n);
      g_assert_cmpint (ice_wire_when (&self.wire, "a gathered 1"), >=, 0);
      teardown (&self);
    }
}

/* An active candidate without a port, and a passive one, of one address. */
static void
test_candidates (void)
{
  const IceCandidate *active, *passive;
  Fixture self;

  setup (&self, ICE_SERVER_TURN_TCP, TRUE);
  g_assert_cmpuint (self.wire.ends[0].candidates->len, ==, 2);
  active = &g_array_index (self.wire.ends[0].candidates, IceCandidate, 0);
  passive = &g_array_index (self.wire.ends[0].candidates, IceCandidate, 1);
  g_assert_cmpint (active->transport, ==, ICE_TRANSPORT_TCP_ACTIVE);
  g_assert_cmpint (passive->transport, ==, ICE_TRANSPORT_TCP_PASSIVE);
  g_assert_cmpuint (nice_address_get_port (&active->addr), ==, 0);
  g_assert_cmpuint (nice_address_get_port (&passive->addr), !=, 0);
  g_assert_true (nice_address_equal_no_port (&active->addr, &passive->addr));
  g_assert_cmpint (active->type, ==, ICE_CANDIDATE_RELAYED);
  teardown (&self);
}

static void
swap (Fixture *self)
{
  ice_wire_swap_credentials (&self->wire, 1);
  ice_wire_swap_candidates (&self->wire, 1);
  ice_wire_run_until (&self->wire, self->wire.now + 5 * SECOND);
}

/* Of two relays the controlling end's connects: the other way it would be the same
 * connection. Each lets the other in before. covers TTCP-6062-4.3-a */
static void
test_one_connection_between_two_relays (void)
{
  const IceBaseRequest *request;
  Fixture self;

  setup (&self, ICE_SERVER_TURN_TCP, TRUE);
  swap (&self);
  g_assert_cmpuint (count (&self, ICE_BASE_TCP_CONNECT, FALSE), ==, 1);
  request = &g_array_index (self.requests, IceBaseRequest, self.requests->len - 1);
  g_assert_cmpint (request->kind, ==, ICE_BASE_TCP_CONNECT);
  g_assert_cmpuint (request->via, !=, 0);
  g_assert_cmpuint (ice_wire_count (&self.wire, "a permission 3"), ==, 1);
  g_assert_cmpuint (ice_wire_count (&self.wire, "b permission 3"), ==, 1);
  g_assert_cmpint (ice_wire_get_state (&self.wire, 0, 1, 1), ==, ICE_COMPONENT_READY);
  g_assert_cmpint (ice_wire_get_state (&self.wire, 1, 1, 1), ==, ICE_COMPONENT_READY);
  teardown (&self);
}

/* The peer's server did not know us yet. RFC 6062 4.3: not before 10 s are over. */
static void
test_connect_before_permission (void)
{
  Fixture self;
  gint64 refused;

  setup (&self, ICE_SERVER_TURN_TCP, TRUE);
  self.n_refusals = 2;
  swap (&self);
  refused = self.last_refusal;
  g_assert_cmpuint (count (&self, ICE_BASE_TCP_CONNECT, FALSE), ==, 1);
  ice_wire_run_until (&self.wire, refused + 10 * SECOND - 1);
  g_assert_cmpuint (count (&self, ICE_BASE_TCP_CONNECT, FALSE), ==, 1);
  ice_wire_run_until (&self.wire, refused + 10 * SECOND);
  g_assert_cmpuint (count (&self, ICE_BASE_TCP_CONNECT, FALSE), ==, 2);
  ice_wire_run_until (&self.wire, refused + 20 * SECOND + 10 * MS);
  g_assert_cmpint (ice_wire_get_state (&self.wire, 0, 1, 1), ==, ICE_COMPONENT_READY);
  g_assert_cmpint (ice_wire_get_state (&self.wire, 1, 1, 1), ==, ICE_COMPONENT_READY);
  teardown (&self);
}

/* A server that never lets us in: the pair fails, before PAC is over (RFC 8863 4). */
static void
test_connects_end (void)
{
  Fixture self;

  setup (&self, ICE_SERVER_TURN_TCP, TRUE);
  self.n_refusals = G_MAXUINT;
  swap (&self);
  ice_wire_run_until (&self.wire, self.wire.now + 60 * SECOND);
  g_assert_cmpuint (count (&self, ICE_BASE_TCP_CONNECT, FALSE), ==, 4);
  g_assert_cmpint (ice_wire_get_state (&self.wire, 0, 1, 1), ==, ICE_COMPONENT_FAILED);
  teardown (&self);
}

/* RFC 6062 3: connections end with their allocation. */
static void
test_connections_go_with_the_allocation (void)
{
  const IceBaseResult lost = { .error = ICE_REASON_BASE_LOST, .code = 437 };
  g_autofree gchar *dropped = NULL;
  const IceBaseRequest *request;
  Fixture self;

  setup (&self, ICE_SERVER_TURN_TCP, TRUE);
  swap (&self);
  request = &g_array_index (self.requests, IceBaseRequest, self.requests->len - 1);
  dropped = g_strdup_printf ("a drop %u", request->id);
  g_assert_cmpuint (ice_wire_count (&self.wire, dropped), ==, 0);
  ice_engine_handle_base (self.wire.ends[0].engine, request->via, &lost, self.wire.now);
  ice_wire_drain (&self.wire);
  g_assert_cmpuint (ice_wire_count (&self.wire, dropped), ==, 1);
  g_assert_cmpint (ice_wire_get_state (&self.wire, 0, 1, 1), !=, ICE_COMPONENT_READY);
  teardown (&self);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ice/relay-tcp/connections-only",
                   test_asked_for_over_connections_only);
  g_test_add_func ("/ice/relay-tcp/candidates", test_candidates);
  g_test_add_func ("/ice/relay-tcp/one-connection",
                   test_one_connection_between_two_relays);
  g_test_add_func ("/ice/relay-tcp/before-permission", test_connect_before_permission);
  g_test_add_func ("/ice/relay-tcp/connects-end", test_connects_end);
  g_test_add_func ("/ice/relay-tcp/go-with-it", test_connections_go_with_the_allocation);
  return g_test_run ();
}
