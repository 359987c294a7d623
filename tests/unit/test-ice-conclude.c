/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How a session ends well, in part, or not at all, and what goes on after that: RFC 8445
 * 8, 9 and 12, RFC 8863. */
#include "config.h"

#include "ice-hand.h"
#include "ice-wire.h"

#define R (40 * MS)

static void
accept_next (IceHand *hand)
{
  g_autofree IceHandMessage *check = ice_hand_take_request (hand);

  ice_hand_accept (hand, check);
}

/* covers ICE-8445-7.2.5.3.4-a: the best path dies between its first check and its
 * nomination. What else is valid is nominated when that check is over, not when patience
 * is. */
static void
test_lost_nomination_falls_back_to_another_pair (void)
{
  NiceAddress dying = ice_hand_address (2, 2000), good = ice_hand_address (3, 2000);
  g_autofree IceHandMessage *last = NULL;
  IceHand hand;

  ice_hand_begin (&hand, NULL, &dying);
  ice_hand_signal (&hand, 1, &good, HAND_PRIORITY - 1, "2");
  ice_hand_run_until (&hand, 20 * MS);
  accept_next (&hand); /* and is nominated, to no end */
  accept_next (&hand); /* the other one's only check */
  ice_hand_run_until (&hand, 2020 * MS - 1);
  while ((last = ice_hand_take (&hand, STUN_CLASS_REQUEST)) != NULL)
    {
      g_assert_true (nice_address_equal (&last->to, &dying));
      g_clear_pointer (&last, g_free);
    }
  ice_hand_run_until (&hand, 2020 * MS);
  last = ice_hand_take_request (&hand);
  g_assert_true (nice_address_equal (&last->to, &good));
  g_assert_true (stun_view_has (&last->view, STUN_ATTR_USE_CANDIDATE));
  ice_hand_accept (&hand, last);
  g_assert_true (g_str_has_suffix (hand.states->str, "1.1 ready\n"));
  ice_hand_clear (&hand);
}

/* covers ICE-8445-8.1.2-a, ICE-8445-12.2-a: what was not tried is gone, what was tried is
 * not sent again and does not fail; data on any path that was proven is still heard. */
static void
test_nomination_ends_the_other_checks (void)
{
  NiceAddress untried = ice_hand_address (2, 2000), silent = ice_hand_address (3, 2000),
              proven = ice_hand_address (4, 2000), good = ice_hand_address (5, 2000);
  IceHandCheck nominate = {
    .from = good, .role = ICE_HAND_CONTROLLING, .priority = 1, .use_candidate = TRUE
  };
  IceConfig config;
  IceHand hand;

  ice_hand_make_config (&config);
  config.controlling = FALSE;
  ice_hand_begin (&hand, &config, &silent);
  g_free (ice_hand_take_request (&hand));
  ice_hand_signal (&hand, 1, &proven, HAND_PRIORITY - 1, "2");
  ice_hand_run_until (&hand, 20 * MS);
  accept_next (&hand);
  ice_hand_signal (&hand, 1, &good, HAND_PRIORITY - 2, "3");
  ice_hand_run_until (&hand, 40 * MS);
  accept_next (&hand);
  ice_hand_signal (&hand, 1, &untried, HAND_PRIORITY - 3, "4");
  g_assert_cmpuint (ice_hand_count_pairs (&hand, 1), ==, 4);
  nominate.from = good;
  ice_hand_check (&hand, &nominate);
  g_assert_true (g_str_has_suffix (hand.states->str, "1.1 ready\n"));
  g_assert_cmpuint (ice_hand_count_pairs (&hand, 1), ==, 3);
  ice_hand_run_until (&hand, 20 * SECOND);
  g_assert_null (ice_hand_take (&hand, STUN_CLASS_REQUEST));
  g_assert_null (strstr (hand.states->str, "failed"));
  g_assert_true (ice_hand_hears (&hand, 1, good));
  g_assert_true (ice_hand_hears (&hand, 1, proven));
  g_assert_false (ice_hand_hears (&hand, 1, silent));
  ice_hand_clear (&hand);
}

/* covers ICE-8445-12.1-a, CONS-7675-5.1-g: none before an answer, then the nominated one,
 * from its base */
static void
test_nothing_is_selected_before_an_answer (void)
{
  NiceAddress peer = ice_hand_address (2, 2000);
  IceCandidate local, remote;
  IceHand hand;

  ice_hand_init (&hand, NULL, 1, 2);
  ice_hand_signal (&hand, 1, &peer, HAND_PRIORITY, "1");
  g_assert_false (ice_engine_get_selected_pair (hand.engine, 1, 1, &local, &remote));
  accept_next (&hand); /* from base 2, the better */
  g_assert_false (ice_engine_get_selected_pair (hand.engine, 1, 1, &local, &remote));
  accept_next (&hand);
  g_assert_true (ice_engine_get_selected_pair (hand.engine, 1, 1, &local, &remote));
  g_assert_cmpuint (local.base, ==, 2);
  g_assert_true (nice_address_equal (&remote.addr, &peer));
  ice_hand_clear (&hand);
}

/* --- checklists --- */

typedef struct
{
  guint stream_id; /* whose checks are lost: both from and to the socket */
  gint64 until;
} Deaf;

/* Bases of streams with one component each count up with them. */
static gboolean
lose_stream (IceWireEnd *from, const IceTransmit *transmit, gint64 now, gpointer data)
{
  const Deaf *self = data;

  return transmit->base == self->stream_id && now < self->until;
}

static void
begin_streams (IceWire *wire, Deaf *deaf, guint n)
{
  IceConfig a, b;

  ice_wire_make_configs (&a, &b, ICE_NOMINATION_REGULAR);
  ice_wire_init (wire, &a, &b, R / 2);
  wire->filter = lose_stream;
  wire->filter_data = deaf;
  for (guint i = 0; i < n; i++)
    ice_wire_connect (wire, 1);
}

/* covers ICE-8445-6.1.2.1-a, ICE-8445-6.1.3-a, ICE-8445-8.1.2-b, ICE-8445-8.1.2-c: each
 * list has its own end */
static void
test_failed_stream_does_not_stop_the_others (void)
{
  Deaf deaf = { .stream_id = 2, .until = ICE_NEVER };
  IceWire wire;

  begin_streams (&wire, &deaf, 3);
  ice_wire_run_until (&wire, SECOND);
  for (guint end = 0; end < 2; end++)
    {
      g_assert_cmpint (ice_wire_get_state (&wire, end, 1, 1), ==, ICE_COMPONENT_READY);
      g_assert_cmpint (ice_wire_get_state (&wire, end, 2, 1), ==,
                       ICE_COMPONENT_CONNECTING);
      g_assert_cmpint (ice_wire_get_state (&wire, end, 3, 1), ==, ICE_COMPONENT_READY);
    }
  ice_wire_run_until (&wire, 60 * SECOND);
  for (guint end = 0; end < 2; end++)
    {
      g_assert_cmpint (ice_wire_get_state (&wire, end, 1, 1), ==, ICE_COMPONENT_READY);
      g_assert_cmpint (ice_wire_get_state (&wire, end, 2, 1), ==, ICE_COMPONENT_FAILED);
      g_assert_cmpint (ice_wire_get_state (&wire, end, 3, 1), ==, ICE_COMPONENT_READY);
    }
  ice_wire_clear (&wire);
}

/* covers OLD-5245-5.7.4-a: the peer turns to the second stream a second late */
static void
test_old_peer_begins_with_the_first_stream (void)
{
  Deaf deaf = { .stream_id = 2, .until = SECOND };
  IceWire wire;

  begin_streams (&wire, &deaf, 2);
  ice_wire_run_until (&wire, 4 * SECOND);
  for (guint stream = 1; stream <= 2; stream++)
    for (guint end = 0; end < 2; end++)
      g_assert_cmpint (ice_wire_get_state (&wire, end, stream, 1), ==,
                       ICE_COMPONENT_READY);
  g_assert_null (strstr (wire.log->str, "failed"));
  ice_wire_clear (&wire);
}

/* --- patience --- */

/* covers PAC-8863-5-a: the peer has said that it is done, and all is over; a check of it
 * within the time of RFC 8863 connects all the same. */
static void
test_late_check_connects_after_the_end_of_candidates (void)
{
  NiceAddress dead = ice_hand_address (9, 9);
  IceHandCheck check = { .from = ice_hand_address (2, 2000),
                         .role = ICE_HAND_CONTROLLED,
                         .priority = 1 };
  IceConfig config;
  IceHand hand;

  ice_hand_make_config (&config);
  config.trickle = TRUE;
  ice_hand_begin (&hand, &config, &dead);
  ice_engine_end_of_remote_candidates (hand.engine, 1, 0);
  ice_hand_run_until (&hand, 39 * SECOND);
  while (!g_queue_is_empty (&hand.sent))
    g_free (g_queue_pop_head (&hand.sent));
  ice_hand_check (&hand, &check);
  accept_next (&hand);
  accept_next (&hand);
  g_assert_true (g_str_has_suffix (hand.states->str, "1.1 ready\n"));
  ice_hand_clear (&hand);
}

/* --- restart --- */

/* covers ICE-8445-9-b: ours stays; a peer that decides anew is taken as it comes. */
static void
test_role_stays_over_a_restart (void)
{
  for (guint peer_decides = 0; peer_decides < 2; peer_decides++)
    {
      NiceAddress peer = ice_hand_address (2, 2000);
      IceHandCheck check = { .from = peer,
                             .role = peer_decides ? ICE_HAND_CONTROLLING
                                                  : ICE_HAND_CONTROLLED,
                             .tie_breaker = G_MAXUINT64,
                             .priority = 1 };
      IceHand hand;

      ice_hand_init (&hand, NULL, 1, 1);
      ice_engine_restart_stream (hand.engine, 1, 0);
      ice_engine_set_remote_credentials (hand.engine, 1, HAND_UFRAG, HAND_PWD, 0);
      ice_hand_drain (&hand);
      g_assert_true (ice_engine_is_controlling (hand.engine));
      ice_hand_check (&hand, &check);
      g_assert_cmpuint (ice_hand_take_answer (&hand), ==, 0);
      g_assert_cmpint (ice_engine_is_controlling (hand.engine), ==, !peer_decides);
      ice_hand_clear (&hand);
    }
}

static void
assert_username (const IceHandMessage *request, const gchar *username)
{
  StunBytes text;

  stun_attr_read_text (&request->view, STUN_ATTR_USERNAME, &text);
  g_assert_cmpmem (text.data, text.len, username, strlen (username));
}

#define OLD_UFRAG "before"
#define OLD_PWD "the password of before"
#define OLD_USERNAME HAND_UFRAG ":" OLD_UFRAG

/* Connects with that peer and restarts; its new credentials are not known yet. */
static void
connect_and_restart (IceHand *hand, const IceConfig *config, const NiceAddress *peer)
{
  ice_hand_init (hand, config, 1, 1);
  ice_engine_set_local_credentials (hand->engine, 1, OLD_UFRAG, OLD_PWD, 0);
  ice_hand_signal (hand, 1, peer, HAND_PRIORITY, "1");
  accept_next (hand);
  accept_next (hand);
  ice_engine_restart_stream (hand->engine, 1, hand->now);
  ice_hand_drain (hand);
}

/* covers CONS-7675-5.1-e: on the old pair, with the old credentials, both ways; it moves
 * nothing in the new session. */
static void
test_consent_goes_on_through_a_restart (void)
{
  NiceAddress peer = ice_hand_address (2, 2000);
  IceHandCheck check = { .from = peer,
                         .role = ICE_HAND_CONTROLLED,
                         .priority = 1,
                         .ufrag = OLD_UFRAG,
                         .pwd = OLD_PWD };
  IceCandidate local, remote;
  IceConfig config;
  IceHand hand;

  ice_hand_make_config (&config);
  config.consent = TRUE;
  connect_and_restart (&hand, &config, &peer);
  for (guint i = 0; i < 20; i++)
    {
      g_autofree IceHandMessage *request = NULL;

      ice_hand_run_until (&hand, hand.now + 6 * SECOND);
      request = ice_hand_take_request (&hand);
      assert_username (request, OLD_USERNAME);
      ice_hand_accept (&hand, request);
      ice_hand_check (&hand, &check);
      g_assert_cmpuint (ice_hand_take_answer (&hand), ==, 0);
    }
  g_assert_true (ice_engine_get_selected_pair (hand.engine, 1, 1, &local, &remote));
  g_assert_null (strstr (hand.states->str, "failed"));
  g_assert_true (g_str_has_suffix (hand.states->str, "1.1 gathering\n"));
  check.from = ice_hand_address (3, 2000); /* not the pair */
  ice_hand_check (&hand, &check);
  g_assert_cmpuint (ice_hand_take_answer (&hand), ==, 401);
  ice_hand_run_until (&hand, hand.now + 40 * SECOND);
  g_assert_true (g_str_has_suffix (hand.states->str, "1.1 failed\n"));
  ice_hand_clear (&hand);
}

/* Without consent they keep the binding of the NAT, which is what the pair lives on. */
static void
test_keepalive_checks_go_on_through_a_restart (void)
{
  NiceAddress peer = ice_hand_address (2, 2000);
  g_autofree IceHandMessage *request = NULL;
  IceConfig config;
  IceHand hand;

  ice_hand_make_config (&config);
  config.keepalive_check = TRUE;
  connect_and_restart (&hand, &config, &peer);
  ice_hand_run_until (&hand, hand.now + 6 * SECOND);
  request = ice_hand_take_request (&hand);
  assert_username (request, OLD_USERNAME);
  ice_hand_clear (&hand);
}

/* covers ICE-8445-7.2.5.2.2-a */
static void
test_each_failed_pair_says_why (void)
{
  NiceAddress silent = ice_hand_address (2, 2000), refusing = ice_hand_address (3, 2000),
              unreachable = ice_hand_address (4, 2000);
  g_autofree IceHandMessage *refused = NULL;
  IcePairInfo pair;
  IceHand hand;

  ice_hand_begin (&hand, NULL, &refusing);
  ice_hand_signal (&hand, 1, &unreachable, HAND_PRIORITY - 1, "2");
  ice_hand_signal (&hand, 1, &silent, HAND_PRIORITY - 2, "3");
  ice_hand_run_until (&hand, 20 * MS);
  refused = ice_hand_take_request (&hand);
  ice_hand_answer (&hand, refused, &(IceHandAnswer) { .code = 400 });
  ice_engine_handle_base_error (hand.engine, 1, &unreachable, ICE_REASON_UNREACHABLE,
                                hand.now);
  ice_hand_run_until (&hand, 10 * SECOND);
  g_assert_true (g_str_has_suffix (hand.states->str, "1.1 failed\n"));
  pair = ice_hand_get_pair (&hand, 1, 1, refusing);
  g_assert_cmpint (pair.last_error, ==, ICE_REASON_PROTOCOL);
  g_assert_cmpuint (pair.last_error_code, ==, 400);
  pair = ice_hand_get_pair (&hand, 1, 1, unreachable);
  g_assert_cmpint (pair.last_error, ==, ICE_REASON_UNREACHABLE);
  g_assert_cmpuint (pair.last_error_code, ==, 0);
  pair = ice_hand_get_pair (&hand, 1, 1, silent);
  g_assert_cmpint (pair.last_error, ==, ICE_REASON_TIMEOUT);
  ice_hand_clear (&hand);
}

/* --- TCP --- */

static void
begin_tcp (IceWire *wire, gboolean consent)
{
  IceConfig a, b;

  ice_wire_make_configs (&a, &b, ICE_NOMINATION_REGULAR);
  a.ice_tcp = b.ice_tcp = TRUE;
  a.ice_udp = b.ice_udp = FALSE;
  a.consent = b.consent = consent;
  ice_wire_init (wire, &a, &b, R / 2);
  ice_wire_connect (wire, 1);
  ice_wire_run_until (wire, 3 * SECOND);
  g_assert_cmpint (ice_wire_get_state (wire, 0, 1, 1), ==, ICE_COMPONENT_READY);
}

static gboolean
lose_all (IceWireEnd *from, const IceTransmit *transmit, gint64 now, gpointer data)
{
  return TRUE;
}

/* covers CONS-7675-5.1-e */
static void
test_consent_is_asked_for_over_tcp_too (void)
{
  IceWire wire;
  guint n_sent;

  begin_tcp (&wire, TRUE);
  n_sent = wire.ends[0].n_sent;
  ice_wire_run_until (&wire, 63 * SECOND);
  /* a request each four to six seconds, and as many answers */
  g_assert_cmpuint (wire.ends[0].n_sent - n_sent, >=, 20);
  g_assert_cmpint (ice_wire_get_state (&wire, 0, 1, 1), ==, ICE_COMPONENT_READY);
  wire.filter = lose_all;
  ice_wire_run_until (&wire, 100 * SECOND);
  g_assert_cmpint (ice_wire_when (&wire, "a reason 1.1 5"), >, 0);
  ice_wire_clear (&wire);
}

static guint
count_bases (IceWire *wire)
{
  return g_hash_table_size (wire->ends[0].bases)
         + g_hash_table_size (wire->ends[1].bases);
}

/* covers ITCP-6544-9.2-a */
static void
test_restart_keeps_the_selected_connection (void)
{
  IceCandidate local[2], remote[2];
  IceWire wire;

  begin_tcp (&wire, FALSE);
  /* two listeners, and both ends of the one connection that was selected */
  g_assert_cmpuint (count_bases (&wire), ==, 4);
  g_assert_true (
      ice_engine_get_selected_pair (wire.ends[0].engine, 1, 1, &local[0], &remote[0]));
  for (guint i = 0; i < 2; i++)
    ice_engine_restart_stream (wire.ends[i].engine, 1, wire.now);
  ice_wire_drain (&wire);
  ice_wire_run_until (&wire, 10 * SECOND);
  g_assert_true (
      ice_engine_get_selected_pair (wire.ends[0].engine, 1, 1, &local[1], &remote[1]));
  g_assert_true (nice_address_equal (&remote[0].addr, &remote[1].addr));
  g_assert_cmpuint (count_bases (&wire), ==, 4);
  ice_wire_swap_credentials (&wire, 1);
  ice_wire_swap_candidates (&wire, 1);
  ice_wire_run_until (&wire, 20 * SECOND);
  for (guint i = 0; i < 2; i++)
    g_assert_cmpint (ice_wire_get_state (&wire, i, 1, 1), ==, ICE_COMPONENT_READY);
  ice_wire_clear (&wire);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ice/conclude/fallback",
                   test_lost_nomination_falls_back_to_another_pair);
  g_test_add_func ("/ice/conclude/others", test_nomination_ends_the_other_checks);
  g_test_add_func ("/ice/conclude/nothing-before",
                   test_nothing_is_selected_before_an_answer);
  g_test_add_func ("/ice/conclude/failed-stream",
                   test_failed_stream_does_not_stop_the_others);
  g_test_add_func ("/ice/conclude/first-stream",
                   test_old_peer_begins_with_the_first_stream);
  g_test_add_func ("/ice/conclude/late-check",
                   test_late_check_connects_after_the_end_of_candidates);
  g_test_add_func ("/ice/conclude/role", test_role_stays_over_a_restart);
  g_test_add_func ("/ice/conclude/old-consent", test_consent_goes_on_through_a_restart);
  g_test_add_func ("/ice/conclude/old-keepalive",
                   test_keepalive_checks_go_on_through_a_restart);
  g_test_add_func ("/ice/conclude/reasons", test_each_failed_pair_says_why);
  g_test_add_func ("/ice/conclude/tcp-consent", test_consent_is_asked_for_over_tcp_too);
  g_test_add_func ("/ice/conclude/tcp-restart",
                   test_restart_keeps_the_selected_connection);
  return g_test_run ();
}
