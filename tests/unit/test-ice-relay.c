/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Allocations that servers send elsewhere, refuse, or lose: what the engine asks for
 * next, when, and where it ends. */
#include "config.h"

#include "ice-wire.h"

#define SERVER "10.0.0.200"
#define MAX_ANSWERS 16

typedef struct
{
  IceReason error;
  guint code;
  const gchar *alternate; /* host, port 3478 */
  const gchar *domain;
} Answer;

typedef struct
{
  IceWire wire;
  const Answer *answers; /* the last one is repeated; NULL: all is granted */
  guint n_answers;
  GArray *requests; /* IceBaseRequest */
  GArray *times;    /* gint64 */
  IceBaseId held;
} Fixture;

static gboolean
answer (IceWireEnd *end, const IceBaseRequest *request)
{
  Fixture *self = (Fixture *)end->wire;
  const Answer fine = { ICE_REASON_NONE, 0, NULL, NULL };
  const guint i = MIN (self->requests->len, MAX (self->n_answers, 1) - 1);
  const Answer *given = self->n_answers > 0 ? &self->answers[i] : &fine;
  IceBaseResult result = { .error = given->error,
                           .code = given->code,
                           .detail = given->code != 0 ? "words" : NULL,
                           .alternate_domain = given->domain };

  if (request->kind != ICE_BASE_RELAY)
    return FALSE;
  g_array_append_val (self->requests, *request);
  g_array_append_val (self->times, end->wire->now);
  nice_address_init (&result.mapped);
  result.local = ice_wire_make_address (
      request->relay_family == AF_INET6 ? "2001:db8::1" : "198.51.100.1",
      5000 + request->id);
  if (given->alternate != NULL)
    result.alternate = ice_wire_make_address (given->alternate, 3478);
  if (given->error == ICE_REASON_NONE)
    {
      self->held = request->id;
      g_hash_table_insert (end->bases, GUINT_TO_POINTER (request->id),
                           g_memdup2 (&result.local, sizeof result.local));
    }
  ice_engine_handle_base (end->engine, request->id, &result, end->wire->now);
  return TRUE;
}

static IceEngine *
get_engine (Fixture *self)
{
  return self->wire.ends[0].engine;
}

static void
setup_stack (Fixture *self, IceServerKind kind, gboolean is_dual, const Answer *answers,
             guint n_answers)
{
  const IceServer server = { kind, SERVER, 3478, "user", "secret" };
  IceConfig a, b;

  memset (self, 0, sizeof *self);
  self->answers = answers;
  self->n_answers = n_answers;
  self->requests = g_array_new (FALSE, FALSE, sizeof (IceBaseRequest));
  self->times = g_array_new (FALSE, FALSE, sizeof (gint64));
  ice_wire_make_configs (&a, &b, ICE_NOMINATION_REGULAR);
  a.relay_dual_stack = is_dual;
  ice_wire_init_served (&self->wire, &a, NULL, answer);
  ice_engine_add_server (get_engine (self), 0, 0, &server, 0);
  ice_wire_gather (&self->wire, 1);
  ice_wire_run_until (&self->wire, SECOND);
}

static void
setup (Fixture *self, IceServerKind kind, const Answer *answers, guint n_answers)
{
  setup_stack (self, kind, FALSE, answers, n_answers);
}

static void
teardown (Fixture *self)
{
  ice_wire_clear (&self->wire);
  g_array_unref (self->requests);
  g_array_unref (self->times);
}

static const IceBaseRequest *
request (Fixture *self, guint i)
{
  g_assert_cmpuint (i, <, self->requests->len);
  return &g_array_index (self->requests, IceBaseRequest, i);
}

static const IceServer *
server_of (Fixture *self, guint i)
{
  return ice_engine_get_server (get_engine (self), request (self, i)->server);
}

static void
assert_asked (Fixture *self, guint i, const gchar *host)
{
  NiceAddress address = ice_wire_make_address (host, 3478);

  g_assert_true (nice_address_equal (&request (self, i)->remote, &address));
}

static guint
count_locals (Fixture *self)
{
  g_autoptr (GArray) locals = g_array_new (FALSE, FALSE, sizeof (IceCandidate));

  ice_engine_get_local_candidates (get_engine (self), 1, 1, locals);
  return locals->len;
}

static void
lose (Fixture *self)
{
  const IceBaseResult result = { .error = ICE_REASON_BASE_LOST,
                                 .code = 437,
                                 .detail = "gone" };

  ice_engine_handle_base (get_engine (self), self->held, &result, self->wire.now);
  ice_wire_drain (&self->wire);
}

/* --- both families --- */

/* One local address, one server, a relay of each family, of which IPv6 is preferred (RFC
 * 8421) and neither has the other's priority (RFC 8445 5.1.2). covers TURN-8656-7.1-f */
static void
test_dual_stack_asks_for_both_families (void)
{
  static const IceServerKind kinds[] = { ICE_SERVER_TURN_UDP, ICE_SERVER_TURN_TCP };
  g_autoptr (GArray) locals = g_array_new (FALSE, FALSE, sizeof (IceCandidate));

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      const IceCandidate *four, *six;
      Fixture self;

      setup_stack (&self, kinds[i], TRUE, NULL, 0);
      g_assert_cmpuint (self.requests->len, ==, 2);
      g_assert_cmpint (request (&self, 0)->relay_family, ==, AF_INET);
      g_assert_cmpint (request (&self, 1)->relay_family, ==, AF_INET6);
      assert_asked (&self, 1, SERVER);
      /* RFC 8656 3.1: two allocations are two 5-tuples */
      g_assert_cmpuint (request (&self, 1)->via, ==, 0);
      g_array_set_size (locals, 0);
      ice_engine_get_local_candidates (get_engine (&self), 1, 1, locals);
      g_assert_cmpuint (locals->len, ==, 3);
      four = &g_array_index (locals, IceCandidate, 1);
      six = &g_array_index (locals, IceCandidate, 2);
      g_assert_cmpint (nice_address_ip_version (&four->addr), ==, 4);
      g_assert_cmpint (nice_address_ip_version (&six->addr), ==, 6);
      g_assert_cmpuint (six->priority, >, four->priority);
      g_assert_cmpint (ice_wire_when (&self.wire, "a gathered 1"), >=, 0);
      teardown (&self);
    }
}

/* 440 concerns the family that was asked for, not the server. covers TURN-8656-7.4-f */
static void
test_server_of_one_family_gives_what_it_has (void)
{
  static const Answer answers[] = { { ICE_REASON_NONE, 0, NULL, NULL },
                                    { ICE_REASON_FAMILY, 440, NULL, NULL } };
  Fixture self;

  setup_stack (&self, ICE_SERVER_TURN_UDP, TRUE, answers, G_N_ELEMENTS (answers));
  g_assert_cmpuint (self.requests->len, ==, 2);
  g_assert_cmpuint (count_locals (&self), ==, 2);
  g_assert_cmpint (ice_wire_when (&self.wire, "a gathered 1"), >=, 0);
  teardown (&self);
}

static void
test_one_family_without_dual_stack (void)
{
  Fixture self;

  setup (&self, ICE_SERVER_TURN_UDP, NULL, 0);
  g_assert_cmpuint (self.requests->len, ==, 1);
  g_assert_cmpuint (request (&self, 0)->via, !=, 0);
  teardown (&self);
}

/* --- 300 --- */

/* covers TURN-8656-7.4-a, STUN-8489-10-b */
static void
test_redirect_is_followed_with_the_same_credentials (void)
{
  static const Answer answers[] = {
    { ICE_REASON_REDIRECTED, 300, "10.0.0.201", NULL },
    { ICE_REASON_NONE, 0, NULL, NULL },
  };
  Fixture self;

  setup (&self, ICE_SERVER_TURN_TLS, answers, G_N_ELEMENTS (answers));
  g_assert_cmpuint (self.requests->len, ==, 2);
  assert_asked (&self, 1, "10.0.0.201");
  g_assert_cmpint (server_of (&self, 1)->kind, ==, ICE_SERVER_TURN_TLS);
  g_assert_cmpstr (server_of (&self, 1)->username, ==, "user");
  g_assert_cmpstr (server_of (&self, 1)->password, ==, "secret");
  /* Its certificate has the name that was asked for first. */
  g_assert_cmpstr (server_of (&self, 1)->host, ==, SERVER);
  g_assert_cmpuint (count_locals (&self), ==, 2);
  g_assert_cmpint (ice_wire_when (&self.wire, "a gathered 1"), >=, 0);
  teardown (&self);
}

/* covers STUN-8489-10-b */
static void
test_redirect_names_the_certificate (void)
{
  static const Answer answers[] = {
    { ICE_REASON_REDIRECTED, 300, "10.0.0.201", "b.example.org" },
    { ICE_REASON_NONE, 0, NULL, NULL },
  };
  Fixture self;

  setup (&self, ICE_SERVER_TURN_TLS, answers, G_N_ELEMENTS (answers));
  g_assert_cmpstr (server_of (&self, 1)->host, ==, "b.example.org");
  assert_asked (&self, 1, "10.0.0.201");
  teardown (&self);
}

/* covers STUN-8489-10-b: a server that was asked is not asked again */
static void
test_redirects_do_not_go_in_circles (void)
{
  static const Answer there_and_back[] = {
    { ICE_REASON_REDIRECTED, 300, "10.0.0.201", NULL },
    { ICE_REASON_REDIRECTED, 300, SERVER, NULL },
  };
  static const Answer to_itself[] = { { ICE_REASON_REDIRECTED, 300, SERVER, NULL } };
  static const Answer ever_on[] = {
    { ICE_REASON_REDIRECTED, 300, "10.0.0.201", NULL },
    { ICE_REASON_REDIRECTED, 300, "10.0.0.202", NULL },
    { ICE_REASON_REDIRECTED, 300, "10.0.0.203", NULL },
    { ICE_REASON_REDIRECTED, 300, "10.0.0.204", NULL },
    { ICE_REASON_REDIRECTED, 300, "10.0.0.205", NULL },
  };
  static const struct
  {
    const Answer *answers;
    guint n_answers, n_requests;
  } rows[] = {
    { there_and_back, G_N_ELEMENTS (there_and_back), 2 },
    { to_itself, G_N_ELEMENTS (to_itself), 1 },
    { ever_on, G_N_ELEMENTS (ever_on), 4 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      Fixture self;

      setup (&self, ICE_SERVER_TURN_UDP, rows[i].answers, rows[i].n_answers);
      g_assert_cmpuint (self.requests->len, ==, rows[i].n_requests);
      g_assert_cmpint (ice_wire_when (&self.wire, "a gathered 1"), >=, 0);
      g_assert_cmpuint (count_locals (&self), ==, 1);
      teardown (&self);
    }
}

/* covers STUN-8489-10-b: an alternate of the other family is none */
static void
test_redirect_without_a_place_is_an_end (void)
{
  static const Answer rows[] = {
    { ICE_REASON_REDIRECTED, 300, "2001:db8::1", NULL },
    { ICE_REASON_REDIRECTED, 300, NULL, NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      Fixture self;

      setup (&self, ICE_SERVER_TURN_UDP, &rows[i], 1);
      g_assert_cmpuint (self.requests->len, ==, 1);
      g_assert_cmpint (ice_wire_when (&self.wire, "a gathered 1"), >=, 0);
      teardown (&self);
    }
}

/* --- refusals --- */

/* covers TURN-8656-7.4-d, TURN-8656-7.1-f */
static void
test_port_in_use_is_changed_three_times_at_most (void)
{
  static const Answer answers[] = { { ICE_REASON_MISMATCH, 437, NULL, NULL } };
  Fixture self;

  setup (&self, ICE_SERVER_TURN_UDP, answers, 1);
  g_assert_cmpuint (self.requests->len, ==, 3);
  g_assert_cmpuint (request (&self, 0)->via, !=, 0);
  for (guint i = 1; i < 3; i++)
    {
      g_assert_cmpuint (request (&self, i)->via, ==, 0);
      g_assert_cmpuint (nice_address_get_port (&request (&self, i)->local), ==, 0);
      assert_asked (&self, i, SERVER);
    }
  g_assert_cmpint (ice_wire_when (&self.wire, "a gathered 1"), >=, 0);
  teardown (&self);
}

typedef struct
{
  Answer answer;
  gint64 rest; /* ICE_NEVER: for good */
} RestRow;

/* A stream that gathers later asks the same server, or does not.
 * covers TURN-8656-7.4-b, TURN-8656-7.4-c, TURN-8656-7.4-d, TURN-8656-7.4-h */
static void
test_server_that_refused_is_left_alone (void)
{
  static const RestRow rows[] = {
    { { ICE_REASON_UNAUTHORIZED, 401, NULL, NULL }, ICE_NEVER },
    { { ICE_REASON_FORBIDDEN, 403, NULL, NULL }, ICE_NEVER },
    { { ICE_REASON_TRANSPORT, 442, NULL, NULL }, ICE_NEVER },
    { { ICE_REASON_QUOTA, 486, NULL, NULL }, 60 * SECOND },
    { { ICE_REASON_CAPACITY, 508, NULL, NULL }, 60 * SECOND },
    { { ICE_REASON_MISMATCH, 437, NULL, NULL }, 120 * SECOND },
    { { ICE_REASON_TIMEOUT, 0, NULL, NULL }, 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      const gint64 rest = rows[i].rest;
      Fixture self;
      guint n;

      setup (&self, ICE_SERVER_TURN_UDP, &rows[i].answer, 1);
      n = self.requests->len;
      ice_wire_add_stream (&self.wire, 1);
      ice_wire_run_until (&self.wire, SECOND);
      ice_wire_gather (&self.wire, 2);
      ice_wire_run_until (&self.wire, 2 * SECOND);
      g_assert_cmpint (self.requests->len > n, ==, rest == 0);
      g_assert_cmpint (ice_wire_when (&self.wire, "a gathered 2"), >=, 0);
      n = self.requests->len;
      ice_wire_add_stream (&self.wire, 1);
      ice_wire_run_until (&self.wire, 300 * SECOND);
      ice_wire_gather (&self.wire, 3);
      ice_wire_run_until (&self.wire, 301 * SECOND);
      g_assert_cmpint (self.requests->len > n, ==, rest != ICE_NEVER);
      teardown (&self);
    }
}

static void
test_reason_is_told (void)
{
  static const Answer answers[] = { { ICE_REASON_QUOTA, 486, NULL, NULL } };
  g_autoptr (GArray) servers = g_array_new (FALSE, FALSE, sizeof (IceServerInfo));
  const IceServerInfo *info;
  Fixture self;

  setup (&self, ICE_SERVER_TURN_UDP, answers, 1);
  ice_engine_get_servers (get_engine (&self), servers);
  g_assert_cmpuint (servers->len, ==, 1);
  info = &g_array_index (servers, IceServerInfo, 0);
  g_assert_cmpint (info->last_error, ==, ICE_REASON_QUOTA);
  g_assert_cmpuint (info->last_code, ==, 486);
  g_assert_cmpstr (info->last_detail, ==, "words");
  teardown (&self);
}

static NiceAddress
add_remote (Fixture *self, const gchar *host, guint port)
{
  IceCandidate remote = { .type = ICE_CANDIDATE_HOST,
                          .transport = ICE_TRANSPORT_UDP,
                          .priority = 1000 + port,
                          .addr = ice_wire_make_address (host, port) };

  g_snprintf (remote.foundation, sizeof remote.foundation, "%u", port);
  g_assert_cmpuint (ice_engine_add_remote_candidates (get_engine (self), 1, 1, &remote, 1,
                                                      self->wire.now),
                    ==, 1);
  ice_wire_drain (&self->wire);
  return remote.addr;
}

static const IcePairInfo *
find_pair (const GArray *pairs, IceCandidateType local, const NiceAddress *remote)
{
  for (guint i = 0; i < pairs->len; i++)
    {
      const IcePairInfo *pair = &g_array_index (pairs, IcePairInfo, i);

      if (pair->local.type == local && nice_address_equal (&pair->remote.addr, remote))
        return pair;
    }
  g_assert_not_reached ();
}

static gboolean
ignore (IceWireEnd *from, const IceTransmit *transmit, gint64 now, gpointer data)
{
  return TRUE;
}

/* The server does not relay to a host (403, 443): its ports fail with it, at once, and
 * nothing else does. An ICMP is about one of them.
 * covers TURN-8656-10-a, TURN-8656-11.6-a */
static void
test_host_that_is_not_relayed_to (void)
{
  static const gchar *const hosts[] = { "203.0.113.1", "203.0.113.1", "203.0.113.2" };
  static const struct
  {
    guint port; /* told */
    gboolean fails[3];
  } rows[] = { { 0, { TRUE, TRUE, FALSE } }, { 9, { TRUE, FALSE, FALSE } } };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GArray) pairs = g_array_new (FALSE, FALSE, sizeof (IcePairInfo));
      NiceAddress remotes[3], told = ice_wire_make_address (hosts[0], rows[i].port);
      Fixture self;

      setup (&self, ICE_SERVER_TURN_UDP, NULL, 0);
      self.wire.filter = ignore;
      ice_wire_swap_credentials (&self.wire, 1);
      for (guint j = 0; j < 3; j++)
        remotes[j] = add_remote (&self, hosts[j], 9 + j);
      ice_wire_run_until (&self.wire, self.wire.now + 200 * MS);
      ice_engine_handle_base_error (get_engine (&self), self.held, &told,
                                    ICE_REASON_FORBIDDEN, self.wire.now);
      ice_wire_drain (&self.wire);
      ice_engine_get_pairs (get_engine (&self), 1, 1, pairs);
      for (guint j = 0; j < 3; j++)
        {
          const IcePairInfo *pair = find_pair (pairs, ICE_CANDIDATE_RELAYED, &remotes[j]);

          g_assert_cmpint (pair->state == ICE_PAIR_FAILED, ==, rows[i].fails[j]);
          g_assert_cmpint (pair->last_error == ICE_REASON_FORBIDDEN, ==,
                           rows[i].fails[j]);
          g_assert_cmpint (find_pair (pairs, ICE_CANDIDATE_HOST, &remotes[j])->state, !=,
                           ICE_PAIR_FAILED);
        }
      teardown (&self);
    }
}

/* --- loss --- */

/* covers TURN-8656-5-d: its candidate goes, another allocation comes over a 5-tuple of
 * its own */
static void
test_lost_allocation_is_renewed (void)
{
  Fixture self;
  IceBaseId first;

  setup (&self, ICE_SERVER_TURN_UDP, NULL, 0);
  g_assert_cmpuint (count_locals (&self), ==, 2);
  first = self.held;
  lose (&self);
  ice_wire_run_until (&self.wire, 2 * SECOND);
  g_assert_cmpuint (self.requests->len, ==, 2);
  g_assert_cmpuint (self.held, !=, first);
  g_assert_cmpuint (request (&self, 1)->via, ==, 0);
  g_assert_cmpint (g_array_index (self.times, gint64, 1), ==, SECOND);
  g_assert_cmpuint (count_locals (&self), ==, 2);
  g_assert_cmpuint (self.wire.ends[0].candidates->len, ==, 3);
  g_assert_cmpuint (ice_wire_count (&self.wire, "a gathered 1"), ==, 1);
  teardown (&self);
}

/* The server is away for a while: asked at once and then less and less often, and at last
 * no more. */
static void
test_renewal_ends (void)
{
  static const Answer answers[] = {
    { ICE_REASON_NONE, 0, NULL, NULL },
    { ICE_REASON_TIMEOUT, 0, NULL, NULL },
  };
  static const gint64 times[] = { 0, 1, 2, 4, 8, 16, 32 };
  Fixture self;

  setup (&self, ICE_SERVER_TURN_TCP, answers, G_N_ELEMENTS (answers));
  lose (&self);
  ice_wire_run_until (&self.wire, 1000 * SECOND);
  g_assert_cmpuint (self.requests->len, ==, G_N_ELEMENTS (times));
  for (guint i = 1; i < G_N_ELEMENTS (times); i++)
    g_assert_cmpint (g_array_index (self.times, gint64, i) / SECOND, ==, times[i]);
  g_assert_cmpuint (count_locals (&self), ==, 1);
  teardown (&self);
}

/* A server that grants and loses without end is given up; one that now and then restarts
 * is not. */
static void
test_only_allocations_that_lasted_start_the_count_anew (void)
{
  static const struct
  {
    gint64 held;
    guint n_requests;
  } rows[] = { { SECOND, 7 }, { 61 * SECOND, 21 } };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      Fixture self;

      setup (&self, ICE_SERVER_TURN_UDP, NULL, 0);
      for (guint round = 0; round < 20; round++)
        {
          ice_wire_run_until (&self.wire, self.wire.now + rows[i].held);
          lose (&self);
          ice_wire_run_until (&self.wire, self.wire.now + 20 * SECOND);
        }
      g_assert_cmpuint (self.requests->len, ==, rows[i].n_requests);
      teardown (&self);
    }
}

static void
test_forgotten_server_is_not_asked_again (void)
{
  const IceServer server = { ICE_SERVER_TURN_UDP, SERVER, 3478, "user", "secret" };
  Fixture self;

  setup (&self, ICE_SERVER_TURN_UDP, NULL, 0);
  ice_engine_add_server (get_engine (&self), 1, 1, &server, self.wire.now);
  ice_wire_drain (&self.wire);
  ice_wire_run_until (&self.wire, 2 * SECOND);
  g_assert_cmpuint (self.requests->len, ==, 2);
  ice_engine_forget_relays (get_engine (&self), 1, 1, self.wire.now);
  lose (&self); /* of a base that is gone: nothing */
  ice_wire_run_until (&self.wire, 10 * SECOND);
  g_assert_cmpuint (self.requests->len, ==, 2);
  teardown (&self);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ice/relay/dual-stack", test_dual_stack_asks_for_both_families);
  g_test_add_func ("/ice/relay/dual-stack-440",
                   test_server_of_one_family_gives_what_it_has);
  g_test_add_func ("/ice/relay/one-family", test_one_family_without_dual_stack);
  g_test_add_func ("/ice/relay/redirect",
                   test_redirect_is_followed_with_the_same_credentials);
  g_test_add_func ("/ice/relay/redirect-name", test_redirect_names_the_certificate);
  g_test_add_func ("/ice/relay/redirect-circles", test_redirects_do_not_go_in_circles);
  g_test_add_func ("/ice/relay/redirect-nowhere",
                   test_redirect_without_a_place_is_an_end);
  g_test_add_func ("/ice/relay/port-in-use",
                   test_port_in_use_is_changed_three_times_at_most);
  g_test_add_func ("/ice/relay/left-alone", test_server_that_refused_is_left_alone);
  g_test_add_func ("/ice/relay/reason", test_reason_is_told);
  g_test_add_func ("/ice/relay/forbidden-host", test_host_that_is_not_relayed_to);
  g_test_add_func ("/ice/relay/renewed", test_lost_allocation_is_renewed);
  g_test_add_func ("/ice/relay/renewal-ends", test_renewal_ends);
  g_test_add_func ("/ice/relay/count",
                   test_only_allocations_that_lasted_start_the_count_anew);
  g_test_add_func ("/ice/relay/forgotten", test_forgotten_server_is_not_asked_again);
  return g_test_run ();
}
