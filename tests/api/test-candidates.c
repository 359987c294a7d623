/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Candidates: how local ones are found and called, which remote ones are taken, and their
 * lines in SDP. Facts of the contract 1.7, 1.9, 1.10, 1.12, 1.17, 1.18. */
#include "agents.h"

#include <string.h>

static void
free_list (GSList *list)
{
  g_slist_free_full (list, (GDestroyNotify)nice_candidate_free);
}

static NiceCandidate *
candidate_at (const gchar *ip, guint port, guint priority)
{
  NiceCandidate *candidate = nice_candidate_new (NICE_CANDIDATE_TYPE_HOST);

  g_assert_true (nice_address_set_from_string (&candidate->addr, ip));
  nice_address_set_port (&candidate->addr, port);
  candidate->base_addr = candidate->addr;
  candidate->transport = NICE_CANDIDATE_TRANSPORT_UDP;
  candidate->priority = priority;
  candidate->component_id = 1;
  g_strlcpy (candidate->foundation, "7", sizeof candidate->foundation);
  return candidate;
}

static gint
tell_one (Peer *peer, NiceCandidate *candidate)
{
  GSList list = { candidate, NULL };

  return nice_agent_set_remote_candidates (peer->agent, peer->stream, 1, &list);
}

/* --- Local ones --- */

/* contract 1.7-a 1.7-e 1.7-s 1.17-c */
static void
test_ports_of_local_addresses_do_not_count (void)
{
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_NONE, 1);
  NiceAddress address;
  GSList *list;

  nice_address_init (&address);
  nice_address_set_from_string (&address, "127.0.0.2");
  nice_address_set_port (&address, 1);
  g_assert_true (nice_agent_add_local_address (peer->agent, &address));
  g_assert_null (nice_agent_get_local_candidates (peer->agent, 1, 1));
  g_assert_null (nice_agent_get_local_candidates (peer->agent, 9, 1));
  peer_gather (peer);
  list = nice_agent_get_local_candidates (peer->agent, 1, 1);
  g_assert_cmpuint (g_slist_length (list), ==, 2);
  g_assert_cmpstr (((NiceCandidate *)list->data)->foundation, ==, "1");
  g_assert_cmpstr (((NiceCandidate *)list->next->data)->foundation, ==, "2");
  g_assert_true (
      nice_address_equal_no_port (&((NiceCandidate *)list->next->data)->addr, &address));
  g_assert_cmpuint (nice_address_get_port (&((NiceCandidate *)list->next->data)->addr),
                    !=, 1);
  /* one is the address of an interface, the other one of none */
  g_assert_cmpuint (((NiceCandidate *)list->next->data)->priority, >,
                    ((NiceCandidate *)list->data)->priority);
  free_list (list);
}

/* contract 1.7-v: seventy, of which some may be left out */
static void
test_many_local_addresses (void)
{
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_NONE, 1);
  const GLogLevelFlags fatal =
      g_log_set_always_fatal (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL);
  GSList *list;

  for (guint i = 2; i <= 70; i++)
    {
      g_autofree gchar *ip = g_strdup_printf ("127.0.0.%u", i);
      NiceAddress address;

      nice_address_init (&address);
      nice_address_set_from_string (&address, ip);
      nice_agent_add_local_address (peer->agent, &address);
    }
  peer_gather (peer);
  list = nice_agent_get_local_candidates (peer->agent, 1, 1);
  g_assert_cmpuint (g_slist_length (list), ==, NICE_CANDIDATE_MAX_LOCAL_ADDRESSES);
  free_list (list);
  g_log_set_always_fatal (fatal);
}

/* contract 1.7-o */
static void
test_relays_that_are_no_relays (void)
{
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_NONE, 1);

  for (guint i = 0; i < NICE_CANDIDATE_MAX_TURN_SERVERS; i++)
    g_assert_true (nice_agent_set_relay_info (peer->agent, 1, 1, "192.0.2.1", 3478 + i,
                                              "u", "p", NICE_RELAY_TYPE_TURN_UDP));
  g_test_expect_message ("libnice", G_LOG_LEVEL_WARNING, "*");
  g_assert_false (nice_agent_set_relay_info (peer->agent, 1, 1, "192.0.2.1", 1, "u", "p",
                                             NICE_RELAY_TYPE_TURN_UDP));
  g_test_assert_expected_messages ();
  g_test_expect_message ("libnice", G_LOG_LEVEL_CRITICAL, "*server_port*");
  g_assert_false (nice_agent_set_relay_info (peer->agent, 1, 1, "192.0.2.1", 0, "u", "p",
                                             NICE_RELAY_TYPE_TURN_UDP));
  g_test_assert_expected_messages ();
  g_test_expect_message ("libnice", G_LOG_LEVEL_CRITICAL, "*server_ip*");
  g_assert_false (nice_agent_set_relay_info (peer->agent, 1, 1, NULL, 1, "u", "p",
                                             NICE_RELAY_TYPE_TURN_UDP));
  g_test_assert_expected_messages ();
}

/* contract 1.7-t 1.4-p */
static void
test_force_relay_hides_the_host (void)
{
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_NONE, 1);

  g_object_set (peer->agent, "force-relay", TRUE, NULL);
  peer_gather (peer);
  g_assert_null (nice_agent_get_local_candidates (peer->agent, 1, 1));
  g_assert_cmpuint (peer_count (peer, "new-candidate-full"), ==, 0);
  g_assert_cmpuint (peer_count (peer, "new-candidate"), ==, 0);
}

/* Type preference and direction of each transport. */
static void
assert_preferences (NiceAgentOption options, const guint *types)
{
  static const guint directions[] = { 1, 4, 2 };
  g_autoptr (Peer) peer = peer_new (options, 1);
  GSList *list, *link;
  guint i = 0;

  g_object_set (peer->agent, "ice-tcp", TRUE, NULL);
  peer_gather (peer);
  list = nice_agent_get_local_candidates (peer->agent, 1, 1);
  for (link = list; link != NULL; link = link->next, i++)
    {
      const NiceCandidate *candidate = link->data;

      g_assert_cmpuint (candidate->priority >> 24, ==, types[i]);
      g_assert_cmpuint (candidate->priority >> 21 & 7, ==, directions[i]);
      g_assert_cmpuint (candidate->priority & 0xff, ==, 255);
    }
  g_assert_cmpuint (i, ==, 3);
  free_list (list);
}

/* contract 1.17-a 1.17-b 1.17-c: the address is the host's last one, if not its only one
 */
static void
test_preferences_of_transports (void)
{
  static const guint plain[] = { 120, 60, 60 }, reliable[] = { 60, 120, 120 };

  assert_preferences (NICE_AGENT_OPTION_NONE, plain);
  assert_preferences (NICE_AGENT_OPTION_RELIABLE, reliable);
}

/* contract 1.12-d 1.12-e 1.4-l 1.5-h */
static void
test_a_restart_keeps_what_is_there (void)
{
  g_autoptr (Pair) pair = pair_new (NICE_AGENT_OPTION_NONE, 2);
  g_autoptr (GPtrArray) sockets = NULL, sockets_after = NULL;
  GSList *before, *after;
  g_autofree gchar *tail = NULL;
  gsize length;

  pair_connect (pair);
  sockets = nice_agent_get_sockets (pair->left->agent, 1, 1);
  before = nice_agent_get_local_candidates (pair->left->agent, 1, 1);
  length = pair->left->log->len;
  nice_agent_restart (pair->left->agent);
  after = nice_agent_get_local_candidates (pair->left->agent, 1, 1);
  g_assert_cmpuint (g_slist_length (after), ==, 1);
  g_assert_true (nice_address_equal (&((NiceCandidate *)before->data)->addr,
                                     &((NiceCandidate *)after->data)->addr));
  sockets_after = nice_agent_get_sockets (pair->left->agent, 1, 1);
  g_assert_cmpuint (sockets->len, ==, 1);
  g_assert_cmpuint (sockets_after->len, ==, 1);
  g_assert_cmpint (g_socket_get_fd (g_ptr_array_index (sockets, 0)), ==,
                   g_socket_get_fd (g_ptr_array_index (sockets_after, 0)));
  tail = g_strdup (pair->left->log->str + length);
  g_assert_cmpstr (tail, ==, "gathering gathering ");
  free_list (before);
  free_list (after);
}

/* --- Remote ones --- */

/* contract 1.9-d */
static void
test_the_same_address_again (void)
{
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_NONE, 1);
  NiceCandidate *candidate = candidate_at ("127.0.0.9", 4000, 1000);
  GSList *list;

  g_assert_cmpint (tell_one (peer, candidate), ==, 1);
  candidate->priority = 2000;
  g_strlcpy (candidate->foundation, "8", sizeof candidate->foundation);
  g_assert_cmpint (tell_one (peer, candidate), ==, 1);
  list = nice_agent_get_remote_candidates (peer->agent, 1, 1);
  g_assert_cmpuint (g_slist_length (list), ==, 1);
  g_assert_cmpuint (((NiceCandidate *)list->data)->priority, ==, 2000);
  g_assert_cmpstr (((NiceCandidate *)list->data)->foundation, ==, "8");
  free_list (list);
  nice_candidate_free (candidate);
}

/* What makes no pair leaves the state alone. */
static void
assert_makes_pair (Peer *peer, const gchar *ip, NiceCandidateTransport transport,
                   gboolean expected)
{
  NiceCandidate *candidate = candidate_at (ip, 4000, 1000);

  candidate->transport = transport;
  tell_one (peer, candidate);
  g_assert_cmpint (peer->state[1], ==,
                   expected ? NICE_COMPONENT_STATE_CONNECTING
                            : NICE_COMPONENT_STATE_GATHERING);
  nice_candidate_free (candidate);
}

/* contract 1.9-i 1.9-j */
static void
test_what_does_not_go_together (void)
{
  g_autoptr (Peer) four = peer_new (NICE_AGENT_OPTION_NONE, 1);
  g_autoptr (Peer) six = peer_new (NICE_AGENT_OPTION_NONE, 1);
  Peer *const peers[] = { four, six };
  NiceAddress loopback;

  nice_address_init (&loopback);
  g_assert_true (nice_address_set_from_string (&loopback, "::1"));
  nice_agent_add_local_address (six->agent, &loopback);
  for (guint i = 0; i < G_N_ELEMENTS (peers); i++)
    {
      peer_gather (peers[i]);
      nice_agent_set_remote_credentials (peers[i]->agent, 1, "abcd",
                                         "0123456789012345678901");
    }
  assert_makes_pair (four, "2001:db8::1", NICE_CANDIDATE_TRANSPORT_UDP, FALSE);
  assert_makes_pair (four, "127.0.0.1", NICE_CANDIDATE_TRANSPORT_TCP_PASSIVE, FALSE);
  assert_makes_pair (four, "127.0.0.1", NICE_CANDIDATE_TRANSPORT_TCP_ACTIVE, FALSE);
  assert_makes_pair (four, "127.0.0.1", NICE_CANDIDATE_TRANSPORT_UDP, TRUE);
  assert_makes_pair (six, "fe80::1", NICE_CANDIDATE_TRANSPORT_UDP, FALSE);
  assert_makes_pair (six, "::1", NICE_CANDIDATE_TRANSPORT_UDP, TRUE);
}

/* contract 1.7-u 1.5-b */
static void
test_remote_candidates_first (void)
{
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_NONE, 1);
  NiceCandidate *candidate = candidate_at ("127.0.0.9", 4000, 1000);

  nice_agent_set_remote_credentials (peer->agent, 1, "abcd", "0123456789012345678901");
  g_assert_cmpint (tell_one (peer, candidate), ==, 1);
  g_assert_cmpint (peer->state[1], ==, NICE_COMPONENT_STATE_DISCONNECTED);
  peer_gather (peer);
  wait_until (peer->state[1] == NICE_COMPONENT_STATE_CONNECTING);
  nice_candidate_free (candidate);
}

/* contract 1.10-g: no local host candidate of the family */
static void
test_no_way_to_a_candidate_by_hand (void)
{
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_NONE, 1);
  NiceCandidate *six = candidate_at ("2001:db8::1", 4000, 1000);

  peer_gather (peer);
  g_assert_false (nice_agent_set_selected_remote_candidate (peer->agent, 1, 1, six));
  nice_candidate_free (six);
}

/* --- SDP --- */

static void
assert_line (NiceAgent *agent, NiceCandidate *candidate, const gchar *expected)
{
  g_autofree gchar *line = nice_agent_generate_local_candidate_sdp (agent, candidate);

  g_assert_cmpstr (line, ==, expected);
}

/* contract 1.18-a 1.18-b 1.18-c 1.18-l */
static void
test_lines (void)
{
  g_autoptr (NiceAgent) agent = nice_agent_new (NULL, NICE_COMPATIBILITY_RFC5245);
  NiceCandidate *candidate = candidate_at ("192.0.2.1", 4000, 4294967295u);

  assert_line (agent, candidate, "a=candidate:7 1 UDP -1 192.0.2.1 4000 typ host");
  candidate->priority = 5;
  candidate->type = NICE_CANDIDATE_TYPE_SERVER_REFLEXIVE;
  nice_address_set_port (&candidate->base_addr, 0);
  assert_line (agent, candidate,
               "a=candidate:7 1 UDP 5 192.0.2.1 4000 typ srflx raddr 192.0.2.1 rport 9");
  candidate->type = NICE_CANDIDATE_TYPE_PEER_REFLEXIVE;
  nice_address_set_from_string (&candidate->base_addr, "10.0.0.1");
  nice_address_set_port (&candidate->base_addr, 4000);
  assert_line (
      agent, candidate,
      "a=candidate:7 1 UDP 5 192.0.2.1 4000 typ prflx raddr 10.0.0.1 rport 4000");
  candidate->type = NICE_CANDIDATE_TYPE_RELAYED;
  candidate->component_id = 2;
  candidate->transport = NICE_CANDIDATE_TRANSPORT_TCP_PASSIVE;
  assert_line (agent, candidate,
               "a=candidate:7 2 TCP 5 192.0.2.1 4000 typ relay raddr 10.0.0.1 rport 4000"
               " tcptype passive");
  candidate->type = NICE_CANDIDATE_TYPE_HOST;
  candidate->component_id = 1;
  candidate->base_addr = candidate->addr;
  candidate->transport = NICE_CANDIDATE_TRANSPORT_TCP_SO;
  assert_line (agent, candidate,
               "a=candidate:7 1 TCP 5 192.0.2.1 4000 typ host tcptype so");
  nice_address_set_from_string (&candidate->addr, "2001:db8::1");
  candidate->base_addr = candidate->addr;
  candidate->transport = NICE_CANDIDATE_TRANSPORT_TCP_ACTIVE;
  assert_line (agent, candidate,
               "a=candidate:7 1 TCP 5 2001:db8::1 9 typ host tcptype active");
  nice_candidate_free (candidate);
}

typedef struct
{
  const gchar *line;
  gint type, transport; /* -1: refused */
} Line;

/* contract 1.18-f 1.18-g 1.18-h */
static const Line lines[] = {
  { "a=candidate:1 1 UDP 5 192.0.2.1 4000 typ host", NICE_CANDIDATE_TYPE_HOST,
    NICE_CANDIDATE_TRANSPORT_UDP },
  { "a=candidate:1 1 udp 5 192.0.2.1 4000 typ srflx raddr 10.0.0.1 rport 5",
    NICE_CANDIDATE_TYPE_SERVER_REFLEXIVE, NICE_CANDIDATE_TRANSPORT_UDP },
  { "a=candidate:1 1 TCP 5 192.0.2.1 9 typ prflx tcptype active",
    NICE_CANDIDATE_TYPE_PEER_REFLEXIVE, NICE_CANDIDATE_TRANSPORT_TCP_ACTIVE },
  { "a=candidate:1 1 TCP-PASS 5 192.0.2.1 9 typ relay", NICE_CANDIDATE_TYPE_RELAYED,
    NICE_CANDIDATE_TRANSPORT_TCP_PASSIVE },
  { "a=candidate:1 1 TCP 5 192.0.2.1 4000 typ host tcptype so", NICE_CANDIDATE_TYPE_HOST,
    NICE_CANDIDATE_TRANSPORT_TCP_SO },
  { "a=candidate:1 1 TCP-ACT 5 192.0.2.1 9 typ host", NICE_CANDIDATE_TYPE_HOST,
    NICE_CANDIDATE_TRANSPORT_TCP_ACTIVE },
  { "a=candidate:1 1 tcp-so 5 192.0.2.1 4000 typ host", NICE_CANDIDATE_TYPE_HOST,
    NICE_CANDIDATE_TRANSPORT_TCP_SO },
  { "a=candidate:1 1 UDP 5 192.0.2.1 4000 typ host generation 0 ufrag x",
    NICE_CANDIDATE_TYPE_HOST, NICE_CANDIDATE_TRANSPORT_UDP },
  { "candidate:1 1 UDP 5 192.0.2.1 4000 typ host", -1, -1 },
  { "a=candidate:1 1 UDP 5 192.0.2.1 4000", -1, -1 },
  { "a=candidate:1 1 UDP 5 192.0.2.1 4000 typ", -1, -1 },
  { "a=candidate:1 1 UDP 5 192.0.2.1 4000 typ host generation", -1, -1 },
  { "a=candidate:1 1 UDP 5 192.0.2.1 4000 typ odd", -1, -1 },
  { "a=candidate:1 1 SCTP 5 192.0.2.1 4000 typ host", -1, -1 },
  { "a=candidate:1 1 UDP 5 host.example.org 4000 typ host", -1, -1 },
  { "a=candidate:1 1 UDP 5 x.local 4000 typ host", -1, -1 },
  { "a=candidate:1 1 UDP 5 192.0.2.1 4000 typ srflx raddr nowhere rport 5", -1, -1 },
};

/* contract 1.18-f 1.18-g 1.18-h */
static void
test_lines_are_read (void)
{
  g_autoptr (NiceAgent) agent = nice_agent_new (NULL, NICE_COMPATIBILITY_RFC5245);

  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      NiceCandidate *candidate =
          nice_agent_parse_remote_candidate_sdp (agent, 3, lines[i].line);

      g_test_message ("%s", lines[i].line);
      g_assert_cmpint (candidate != NULL, ==, lines[i].type >= 0);
      if (candidate == NULL)
        continue;
      g_assert_cmpint (candidate->type, ==, lines[i].type);
      g_assert_cmpint (candidate->transport, ==, lines[i].transport);
      g_assert_cmpuint (candidate->stream_id, ==, 3);
      nice_candidate_free (candidate);
    }
}

static void
assert_at (const NiceAddress *address, const gchar *ip, guint port)
{
  g_autofree gchar *text = nice_address_dup_string (address);

  g_assert_cmpstr (text, ==, ip);
  g_assert_cmpuint (nice_address_get_port (address), ==, port);
}

/* contract 1.18-f: each token */
static void
test_what_a_line_says (void)
{
  g_autoptr (NiceAgent) agent = nice_agent_new (NULL, NICE_COMPATIBILITY_RFC5245);
  NiceCandidate *candidate = nice_agent_parse_remote_candidate_sdp (
      agent, 1,
      "a=candidate:ab/9 2 UDP 4294967295 2001:db8::1 4000 typ srflx raddr 10.0.0.1 "
      "rport 5000");

  g_assert_cmpstr (candidate->foundation, ==, "ab/9");
  g_assert_cmpuint (candidate->component_id, ==, 2);
  g_assert_cmpuint (candidate->priority, ==, 4294967295u);
  assert_at (&candidate->addr, "2001:db8::1", 4000);
  assert_at (&candidate->base_addr, "10.0.0.1", 5000);
  nice_candidate_free (candidate);
}

/* contract 1.18-h */
static void
test_related_addresses_have_ports (void)
{
  static const gchar *const without[] = {
    "a=candidate:1 1 UDP 5 192.0.2.1 4000 typ srflx raddr 10.0.0.1",
    "a=candidate:1 1 UDP 5 192.0.2.1 4000 typ srflx raddr 10.0.0.1 rport 0",
    "a=candidate:1 1 UDP 5 192.0.2.1 4000 typ srflx raddr nowhere",
    "a=candidate:1 1 UDP 5 192.0.2.1 4000 typ srflx rport 5000",
  };
  g_autoptr (NiceAgent) agent = nice_agent_new (NULL, NICE_COMPATIBILITY_RFC5245);

  for (guint i = 0; i < G_N_ELEMENTS (without); i++)
    {
      NiceCandidate *candidate =
          nice_agent_parse_remote_candidate_sdp (agent, 1, without[i]);

      g_test_message ("%s", without[i]);
      g_assert_nonnull (candidate);
      g_assert_false (nice_address_is_valid (&candidate->base_addr));
      nice_candidate_free (candidate);
    }
}

/* contract 1.18-i */
static void
test_lines_of_other_systems (void)
{
  g_autoptr (NiceAgent) agent = nice_agent_new (NULL, NICE_COMPATIBILITY_RFC5245);
  NiceCandidate *candidate = nice_agent_parse_remote_candidate_sdp (
      agent, 1, "a=candidate:1  2 UDP 5   192.0.2.1 4000  typ relay\r");

  g_assert_nonnull (candidate);
  g_assert_cmpuint (candidate->component_id, ==, 2);
  g_assert_cmpint (candidate->type, ==, NICE_CANDIDATE_TYPE_RELAYED);
  assert_at (&candidate->addr, "192.0.2.1", 4000);
  nice_candidate_free (candidate);
}

/* --- Roles --- */

/* contract 1.10-c: what it then is /wire sees */
static void
test_the_role_is_kept_while_connected (void)
{
  g_autoptr (Pair) pair = pair_new (NICE_AGENT_OPTION_NONE, 1);
  gboolean control;

  pair_connect (pair);
  g_object_set (pair->left->agent, "controlling-mode", FALSE, NULL);
  g_object_get (pair->left->agent, "controlling-mode", &control, NULL);
  g_assert_false (control);
  g_assert_cmpint (nice_agent_send (pair->left->agent, 1, 1, 4, "data"), ==, 4);
  wait_until (pair->right->n_messages[1] == 1);
}

#define ADD(name, function) g_test_add_func ("/candidates/" name, function)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("local/ports-do-not-count", test_ports_of_local_addresses_do_not_count);
  ADD ("local/many-addresses", test_many_local_addresses);
  ADD ("local/relays-that-are-none", test_relays_that_are_no_relays);
  ADD ("local/force-relay-hides-the-host", test_force_relay_hides_the_host);
  ADD ("local/preferences-of-transports", test_preferences_of_transports);
  ADD ("local/a-restart-keeps-them", test_a_restart_keeps_what_is_there);
  ADD ("remote/the-same-address-again", test_the_same_address_again);
  ADD ("remote/what-does-not-go-together", test_what_does_not_go_together);
  ADD ("remote/before-local-ones", test_remote_candidates_first);
  ADD ("remote/no-way-by-hand", test_no_way_to_a_candidate_by_hand);
  ADD ("sdp/lines", test_lines);
  ADD ("sdp/lines-are-read", test_lines_are_read);
  ADD ("sdp/what-a-line-says", test_what_a_line_says);
  ADD ("sdp/related-addresses-have-ports", test_related_addresses_have_ports);
  ADD ("sdp/lines-of-other-systems", test_lines_of_other_systems);
  ADD ("roles/kept-while-connected", test_the_role_is_kept_while_connected);
  return g_test_run ();
}
