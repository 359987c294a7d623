/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The race for a server's targets: whom the engine asks, when, and from where, and what
 * becomes of those that lose. */
#include "config.h"

#include "ice-wire.h"

#define SERVER 0x0a0000c8 /* 10.0.0.200 */
#define DEAD 1            /* last bit of the address: nobody answers */

typedef struct
{
  IceWire wire;
  GArray *requests; /* IceBaseRequest: RELAY and SERVER ones */
  GArray *when;     /* gint64: of each */
  guint n_bindings; /* that went to the server */
  IceBaseId last_binding;
} Fixture;

static gboolean
is_dead (const NiceAddress *address)
{
  return (g_ntohl (address->s.ip4.sin_addr.s_addr) & DEAD) != 0;
}

static gboolean
is_server (const NiceAddress *address)
{
  return (g_ntohl (address->s.ip4.sin_addr.s_addr) | 7) == (SERVER | 7);
}

/* The server sees us at 192.0.2.1. */
static gboolean
answer_binding (IceWireEnd *from, const IceTransmit *transmit, gint64 now, gpointer data)
{
  Fixture *self = data;

  if (!is_server (&transmit->to))
    return FALSE;
  self->n_bindings++;
  self->last_binding = transmit->base;
  if (!is_dead (&transmit->to))
    ice_wire_answer_binding (from, transmit);
  return TRUE;
}

static void
answer (Fixture *self, const IceBaseRequest *request, IceReason error)
{
  IceBaseResult result = { .error = error, .local = request->local };
  NiceAddress *local = g_memdup2 (&request->local, sizeof *local);

  nice_address_set_port (local, 9000 + request->id); /* the listener's is taken here */
  g_hash_table_insert (self->wire.ends[0].bases, GUINT_TO_POINTER (request->id), local);
  nice_address_init (&result.mapped);
  if (request->kind == ICE_BASE_RELAY)
    nice_address_set_ipv4 (&result.local, 0xc6336401);
  ice_engine_handle_base (self->wire.ends[0].engine, request->id, &result,
                          self->wire.now);
}

static gboolean
take_request (IceWireEnd *end, const IceBaseRequest *request)
{
  Fixture *self = (Fixture *)end->wire;

  if (request->kind != ICE_BASE_RELAY && request->kind != ICE_BASE_SERVER)
    return FALSE;
  g_array_append_val (self->requests, *request);
  g_array_append_val (self->when, end->wire->now);
  if (!is_dead (&request->remote))
    answer (self, request, ICE_REASON_NONE);
  return TRUE;
}

static void
setup (Fixture *self, gboolean has_tcp)
{
  IceConfig a, b;

  memset (self, 0, sizeof *self);
  self->requests = g_array_new (FALSE, FALSE, sizeof (IceBaseRequest));
  self->when = g_array_new (FALSE, FALSE, sizeof (gint64));
  ice_wire_make_configs (&a, &b, ICE_NOMINATION_REGULAR);
  a.ice_tcp = has_tcp;
  ice_wire_init_served (&self->wire, &a, answer_binding, take_request);
}

static void
fixture_clear (Fixture *self)
{
  ice_wire_clear (&self->wire);
  g_array_unref (self->requests);
  g_array_unref (self->when);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Fixture, fixture_clear)

static guint
add_server (Fixture *self, IceServerKind kind, const gchar *uri)
{
  const IceServer server = {
    .kind = kind, .host = "name", .port = 3478, "user", "secret", .uri = uri
  };

  return ice_engine_add_server (self->wire.ends[0].engine, 0, 0, &server, self->wire.now);
}

static IceTarget
make_target (IceServerKind kind, guint i)
{
  IceTarget target = { .kind = kind };

  nice_address_init (&target.address);
  nice_address_set_ipv4 (&target.address, SERVER + i);
  nice_address_set_port (&target.address, 3478);
  return target;
}

static void
find (Fixture *self, guint server, const IceTarget *targets, guint n, gboolean is_last)
{
  ice_engine_handle_addresses (self->wire.ends[0].engine, server, targets, n, is_last,
                               self->wire.now);
  ice_wire_drain (&self->wire);
}

static const IceBaseRequest *
get_request (Fixture *self, guint i)
{
  g_assert_cmpuint (i, <, self->requests->len);
  return &g_array_index (self->requests, IceBaseRequest, i);
}

static const IceCandidate *
get_candidate (Fixture *self, guint i)
{
  g_assert_cmpuint (i, <, self->wire.ends[0].candidates->len);
  return &g_array_index (self->wire.ends[0].candidates, IceCandidate, i);
}

/* Two names: one is not found, one has three addresses and the first is dead.
 * covers HE-8305-5-a */
static void
test_dead_first_address_costs_a_quarter_of_a_second (void)
{
  g_auto (Fixture) self;
  const IceTarget targets[] = { make_target (ICE_SERVER_TURN_UDP, DEAD),
                                make_target (ICE_SERVER_TURN_UDP, 2),
                                make_target (ICE_SERVER_TURN_UDP, 4) };
  guint nowhere, found;

  setup (&self, FALSE);
  nowhere = add_server (&self, ICE_SERVER_TURN_UDP, NULL);
  found = add_server (&self, ICE_SERVER_TURN_UDP, NULL);
  ice_wire_gather (&self.wire, 1);
  find (&self, nowhere, NULL, 0, TRUE);
  find (&self, found, targets, 3, TRUE);
  ice_wire_run_until (&self.wire, 10 * SECOND);
  g_assert_cmpuint (self.requests->len, ==, 2);
  g_assert_cmpint (g_array_index (self.when, gint64, 1), ==, 250 * MS);
  g_assert_cmpint (get_candidate (&self, 1)->type, ==, ICE_CANDIDATE_RELAYED);
  g_assert_cmpint (ice_wire_when (&self.wire, "a gathered 1"), ==, 250 * MS);
  g_assert_cmpint (ice_wire_when (&self.wire, "a drop 2"), ==, 250 * MS); /* the dead */
}

/* covers STUN-8489-8.1-c */
static void
test_refusal_leads_to_the_next_target_at_once (void)
{
  g_auto (Fixture) self;
  const IceTarget targets[] = { make_target (ICE_SERVER_TURN_TCP, DEAD),
                                make_target (ICE_SERVER_TURN_TLS, 2) };
  guint server;

  setup (&self, FALSE);
  server = add_server (&self, ICE_SERVER_TURN_TCP, "turn:name");
  ice_wire_gather (&self.wire, 1);
  find (&self, server, targets, 2, TRUE);
  ice_wire_run_until (&self.wire, 50 * MS);
  answer (&self, get_request (&self, 0), ICE_REASON_REFUSED);
  ice_wire_drain (&self.wire);
  g_assert_cmpuint (self.requests->len, ==, 2);
  g_assert_cmpint (get_request (&self, 1)->server_kind, ==, ICE_SERVER_TURN_TLS);
  g_assert_cmpint (ice_wire_when (&self.wire, "a gathered 1"), ==, 50 * MS);
}

/* A slow name holds up nobody, nor does what it said before. */
static void
test_later_answer_is_tried_when_it_comes (void)
{
  g_auto (Fixture) self;
  const IceTarget dead = make_target (ICE_SERVER_TURN_UDP, DEAD);
  const IceTarget living = make_target (ICE_SERVER_TURN_UDP, 2);
  guint server;

  setup (&self, FALSE);
  server = add_server (&self, ICE_SERVER_TURN_UDP, "turn:name");
  ice_wire_gather (&self.wire, 1);
  find (&self, server, &dead, 1, FALSE);
  ice_wire_run_until (&self.wire, SECOND);
  g_assert_cmpint (ice_wire_when (&self.wire, "a gathered 1"), ==, -1);
  find (&self, server, &living, 1, FALSE);
  g_assert_cmpint (ice_wire_when (&self.wire, "a gathered 1"), ==, SECOND);
}

static void
test_all_dead_is_bounded (void)
{
  g_auto (Fixture) self;
  const IceTarget targets[] = { make_target (ICE_SERVER_STUN_UDP, DEAD),
                                make_target (ICE_SERVER_STUN_UDP, 2 | DEAD) };
  guint server;

  setup (&self, FALSE);
  server = add_server (&self, ICE_SERVER_STUN_UDP, NULL);
  ice_wire_gather (&self.wire, 1);
  find (&self, server, targets, 2, TRUE);
  ice_wire_run_until (&self.wire, 10 * SECOND);
  g_assert_cmpuint (self.n_bindings, ==, 6);
  g_assert_cmpint (ice_wire_when (&self.wire, "a gathered 1"), ==, 2250 * MS);
  g_assert_cmpint (ice_engine_get_deadline (self.wire.ends[0].engine), ==, ICE_NEVER);
}

/* A zone with a thousand records is no reason for a thousand requests. */
static void
test_targets_of_a_server_are_bounded (void)
{
  g_auto (Fixture) self;
  IceTarget targets[100];
  guint server;

  setup (&self, FALSE);
  for (guint i = 0; i < G_N_ELEMENTS (targets); i++)
    targets[i] = make_target (ICE_SERVER_TURN_UDP, DEAD);
  server = add_server (&self, ICE_SERVER_TURN_UDP, NULL);
  ice_wire_gather (&self.wire, 1);
  find (&self, server, targets, 100, FALSE);
  find (&self, server, targets, 100, TRUE);
  ice_wire_run_until (&self.wire, 60 * SECOND);
  g_assert_cmpuint (self.requests->len, ==, 32);
  g_assert_cmpint (ice_wire_when (&self.wire, "a gathered 1"), ==, 5 * SECOND);
}

/* covers ITCP-6544-4.1-a: the listener's own port is measured, and the connection stays
 * until a pair is selected */
static void
test_listener_is_measured_over_tcp (void)
{
  g_auto (Fixture) self;
  const IceTarget targets[] = { make_target (ICE_SERVER_STUN_UDP, 2),
                                make_target (ICE_SERVER_STUN_TCP, 4) };
  const IceBaseRequest *request;
  guint server;

  setup (&self, TRUE);
  server = add_server (&self, ICE_SERVER_STUN_UDP, "stun:name");
  ice_wire_gather (&self.wire, 1);
  find (&self, server, targets, 2, TRUE);
  ice_wire_run_until (&self.wire, 60 * MS);

  g_assert_cmpuint (self.wire.ends[0].candidates->len, ==, 6);
  g_assert_cmpint (get_candidate (&self, 3)->transport, ==, ICE_TRANSPORT_UDP);
  g_assert_cmpint (get_candidate (&self, 4)->transport, ==, ICE_TRANSPORT_TCP_ACTIVE);
  g_assert_cmpint (get_candidate (&self, 5)->transport, ==, ICE_TRANSPORT_TCP_PASSIVE);
  request = get_request (&self, 0);
  g_assert_cmpint (request->kind, ==, ICE_BASE_SERVER);
  g_assert_cmpuint (self.requests->len, ==, 1);
  g_assert_true (nice_address_equal (&request->local, &get_candidate (&self, 2)->addr));
  g_assert_true (
      nice_address_equal (&get_candidate (&self, 5)->base_addr, &request->local));
  g_assert_cmpuint (nice_address_get_port (&get_candidate (&self, 5)->addr), ==,
                    2000 + request->id);
  g_assert_cmpuint (nice_address_get_port (&get_candidate (&self, 4)->addr), ==, 0);
  g_assert_cmpuint (self.last_binding, ==, request->id);

  g_assert_cmpint (ice_wire_when (&self.wire, "a drop 3"), ==, -1);
  ice_wire_swap_credentials (&self.wire, 1);
  ice_wire_swap_candidates (&self.wire, 1);
  ice_wire_run_until (&self.wire, 30 * SECOND);
  g_assert_cmpint (ice_wire_when (&self.wire, "a drop 3"), >, 0);
}

/* RFC 8489 6.2.2: over a connection a request is sent once. */
static void
test_silent_connection_is_given_up (void)
{
  g_auto (Fixture) self;
  const IceTarget target = make_target (ICE_SERVER_STUN_TCP, DEAD);
  guint server;

  setup (&self, TRUE);
  server = add_server (&self, ICE_SERVER_STUN_TCP, NULL);
  ice_wire_gather (&self.wire, 1);
  find (&self, server, &target, 1, TRUE);
  answer (&self, get_request (&self, 0), ICE_REASON_NONE);
  ice_wire_drain (&self.wire);
  ice_wire_run_until (&self.wire, 10 * SECOND);
  g_assert_cmpuint (self.n_bindings, ==, 1);
  g_assert_cmpint (ice_wire_when (&self.wire, "a gathered 1"), ==, 2 * SECOND);
  g_assert_cmpint (ice_wire_when (&self.wire, "a drop 3"), ==, 2 * SECOND);
}

/* A connection that ends before it answered is a target less, no more. */
static void
test_lost_connection_leads_to_the_next_target (void)
{
  g_auto (Fixture) self;
  const IceTarget targets[] = { make_target (ICE_SERVER_STUN_TLS, DEAD),
                                make_target (ICE_SERVER_STUN_TLS, 2) };
  guint server;

  setup (&self, TRUE);
  server = add_server (&self, ICE_SERVER_STUN_TLS, NULL);
  ice_wire_gather (&self.wire, 1);
  find (&self, server, targets, 2, TRUE);
  answer (&self, get_request (&self, 0), ICE_REASON_NONE);
  ice_wire_drain (&self.wire);
  ice_wire_run_until (&self.wire, 30 * MS);
  ice_engine_handle_base_error (self.wire.ends[0].engine, get_request (&self, 0)->id,
                                NULL, ICE_REASON_BASE_LOST, self.wire.now);
  ice_wire_drain (&self.wire);
  g_assert_cmpuint (self.requests->len, ==, 2);
  g_assert_cmpint (ice_wire_when (&self.wire, "a gathered 1"), ==, 30 * MS);
}

static void
test_forgotten_server_is_not_waited_for (void)
{
  g_auto (Fixture) self;
  const IceTarget dead = make_target (ICE_SERVER_TURN_UDP, DEAD);
  const IceServer server = { ICE_SERVER_TURN_UDP, "name", 3478, "user", "secret", NULL };
  guint id;

  setup (&self, FALSE);
  id = ice_engine_add_server (self.wire.ends[0].engine, 1, 1, &server, 0);
  ice_wire_gather (&self.wire, 1);
  find (&self, id, &dead, 1, TRUE);
  ice_engine_forget_relays (self.wire.ends[0].engine, 1, 1, 0);
  ice_wire_drain (&self.wire);
  g_assert_cmpint (ice_wire_when (&self.wire, "a drop 2"), ==, 0);
  g_assert_cmpint (ice_wire_when (&self.wire, "a gathered 1"), ==, 0);
}

/* There was no route to it; now there is. */
static void
test_what_gave_nothing_is_asked_again (void)
{
  g_auto (Fixture) self;
  const IceTarget target = make_target (ICE_SERVER_TURN_UDP, DEAD);
  guint server;

  setup (&self, FALSE);
  server = add_server (&self, ICE_SERVER_TURN_UDP, NULL);
  ice_wire_gather (&self.wire, 1);
  find (&self, server, &target, 1, TRUE);
  answer (&self, get_request (&self, 0), ICE_REASON_UNREACHABLE);
  ice_wire_run_until (&self.wire, SECOND);
  g_assert_cmpuint (self.requests->len, ==, 1);
  for (guint i = 0; i < 2; i++)
    {
      ice_engine_ask_again (self.wire.ends[0].engine, 1, self.wire.now);
      ice_wire_drain (&self.wire);
      g_assert_cmpuint (self.requests->len, ==, 2);
      if (i == 0)
        answer (&self, get_request (&self, 1), ICE_REASON_NONE);
      ice_wire_run_until (&self.wire, (2 + i) * SECOND);
    }
  g_assert_cmpint (get_candidate (&self, 1)->type, ==, ICE_CANDIDATE_RELAYED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ice/task/dead-first-address",
                   test_dead_first_address_costs_a_quarter_of_a_second);
  g_test_add_func ("/ice/task/refusal", test_refusal_leads_to_the_next_target_at_once);
  g_test_add_func ("/ice/task/later-answer", test_later_answer_is_tried_when_it_comes);
  g_test_add_func ("/ice/task/all-dead", test_all_dead_is_bounded);
  g_test_add_func ("/ice/task/many-targets", test_targets_of_a_server_are_bounded);
  g_test_add_func ("/ice/task/listener", test_listener_is_measured_over_tcp);
  g_test_add_func ("/ice/task/silent-connection", test_silent_connection_is_given_up);
  g_test_add_func ("/ice/task/lost-connection",
                   test_lost_connection_leads_to_the_next_target);
  g_test_add_func ("/ice/task/forgotten", test_forgotten_server_is_not_waited_for);
  g_test_add_func ("/ice/task/again", test_what_gave_nothing_is_asked_again);
  return g_test_run ();
}
