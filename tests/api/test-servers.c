/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What servers add to the candidates: server-reflexive and relayed ones, and when
 * gathering is over. Facts of the contract 1.4, 1.7, 1.8, 1.14, 1.17. */
#include "agents.h"
#include "names.h"
#include "process.h"
#include "server.h"

#define MAPPED "192.0.2.1"
#define RELAYED "192.0.2.2"

static void
free_candidates (GSList *list)
{
  g_slist_free_full (list, (GDestroyNotify)nice_candidate_free);
}

/* What is there: "host/udp srflx/udp ", in order. */
static gchar *
list_candidates (const Peer *peer, guint stream)
{
  static const gchar *const transports[] = { "udp", "active", "passive", "so" };
  GString *text = g_string_new (NULL);
  GSList *list = nice_agent_get_local_candidates (peer->agent, stream, 1);

  for (GSList *link = list; link != NULL; link = link->next)
    {
      const NiceCandidate *candidate = link->data;

      g_string_append_printf (text, "%s/%s ",
                              nice_candidate_type_to_string (candidate->type),
                              transports[candidate->transport]);
    }
  free_candidates (list);
  return g_string_free (text, FALSE);
}

static void
assert_candidates (const Peer *peer, guint stream, const gchar *expected)
{
  g_autofree gchar *list = list_candidates (peer, stream);

  g_assert_cmpstr (list, ==, expected);
}

static NiceCandidate *
get_candidate (const Peer *peer, guint n)
{
  GSList *list = nice_agent_get_local_candidates (peer->agent, peer->stream, 1);
  NiceCandidate *candidate = nice_candidate_copy (g_slist_nth_data (list, n));

  free_candidates (list);
  return candidate;
}

static void
assert_address (const NiceAddress *address, const gchar *ip)
{
  g_autofree gchar *text = nice_address_dup_string (address);

  g_assert_cmpstr (text, ==, ip);
}

/* --- STUN --- */

/* contract 1.7-i 1.4-f */
static void
test_the_answer_makes_a_candidate (void)
{
  g_autoptr (Server) server = server_new (MAPPED, RELAYED);
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_NONE, 1);
  NiceCandidate *host, *mapped;

  server_serve_stun (server, peer->agent);
  peer_gather (peer);
  assert_candidates (peer, 1, "host/udp srflx/udp ");
  host = get_candidate (peer, 0);
  mapped = get_candidate (peer, 1);
  assert_address (&mapped->addr, MAPPED);
  g_assert_true (nice_address_equal (&mapped->base_addr, &host->addr));
  g_assert_cmpuint (mapped->priority >> 24, ==, 100);
  g_assert_cmpstr (peer->log->str, ==,
                   "gathering new-candidate-full new-candidate new-candidate-full "
                   "new-candidate candidate-gathering-done ");
  nice_candidate_free (host);
  nice_candidate_free (mapped);
}

/* contract 1.7-j */
static void
test_one_for_all_bases_behind_one_nat (void)
{
  g_autoptr (Server) server = server_new (MAPPED, RELAYED);
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_NONE, 1);
  NiceAddress second;

  nice_address_init (&second);
  nice_address_set_from_string (&second, "127.0.0.2");
  nice_agent_add_local_address (peer->agent, &second);
  server_serve_stun (server, peer->agent);
  peer_gather (peer);
  g_assert_cmpuint (server->n_bindings, ==, 2);
  assert_candidates (peer, 1, "host/udp host/udp srflx/udp ");
}

/* contract 1.7-k: this one saw no connection */
static void
test_tcp_is_not_made_up (void)
{
  g_autoptr (Server) server = server_new (MAPPED, RELAYED);
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_NONE, 1);

  g_object_set (peer->agent, "ice-tcp", TRUE, NULL);
  server_serve_stun (server, peer->agent);
  peer_gather (peer);
  assert_candidates (peer, 1, "host/udp host/active host/passive srflx/udp ");
}

/* contract 1.7-l */
static void
test_a_dead_server_is_given_up (void)
{
  g_autoptr (Server) server = server_new (MAPPED, RELAYED);
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_NONE, 1);

  g_object_set (peer->agent, "stun-initial-timeout", 20, "stun-max-retransmissions", 1,
                NULL);
  server->is_silent = TRUE;
  server_serve_stun (server, peer->agent);
  g_assert_true (nice_agent_gather_candidates (peer->agent, 1));
  g_assert_false (peer->gathered);
  assert_candidates (peer, 1, "host/udp ");
  wait_until (peer->gathered);
  g_assert_cmpuint (server->n_heard, >=, 1);
  assert_candidates (peer, 1, "host/udp ");
}

/* contract 1.7-m */
static void
test_a_name_that_nobody_knows (void)
{
  g_autoptr (Names) names = names_new ();
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_NONE, 1);

  g_object_set (peer->agent, "stun-server", "nowhere.example.org", NULL);
  g_assert_true (nice_agent_gather_candidates (peer->agent, 1));
  g_assert_false (peer->gathered);
  wait_until (peer->gathered);
  g_assert_cmpstr (names_get_log (names), !=, "");
  assert_candidates (peer, 1, "host/udp ");
}

static void
assert_nobody_asked (NiceAgentOption options, gboolean is_relay_forced)
{
  g_autoptr (Server) server = server_new (MAPPED, RELAYED);
  g_autoptr (Peer) peer = peer_new (options, 1);

  g_object_set (peer->agent, "force-relay", is_relay_forced, NULL);
  server_serve_stun (server, peer->agent);
  peer_gather (peer);
  run_pending ();
  g_assert_cmpuint (server->n_heard, ==, 0);
  assert_candidates (peer, 1, is_relay_forced ? "" : "host/udp ");
}

/* contract 1.7-n 1.14-a */
static void
test_lite_agents_ask_nobody (void)
{
  assert_nobody_asked (NICE_AGENT_OPTION_LITE_MODE, FALSE);
}

/* contract 1.7-n */
static void
test_force_relay_asks_no_stun_server (void)
{
  assert_nobody_asked (NICE_AGENT_OPTION_NONE, TRUE);
}

/* libnice reads the sockets only while somebody receives. */
static void
on_data (NiceAgent *agent, guint stream, guint component, guint len, gchar *buf,
         gpointer data)
{
}

/* contract 1.7-w */
static void
test_a_server_set_later_serves_the_next_stream (void)
{
  g_autoptr (Server) server = server_new (MAPPED, RELAYED);
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_NONE, 1);
  guint second;

  peer_gather (peer);
  server_serve_stun (server, peer->agent);
  second = nice_agent_add_stream (peer->agent, 1);
  nice_agent_attach_recv (peer->agent, second, 1, NULL, on_data, NULL);
  peer->gathered = FALSE;
  g_assert_true (nice_agent_gather_candidates (peer->agent, second));
  wait_until (peer->gathered);
  assert_candidates (peer, 1, "host/udp ");
  assert_candidates (peer, second, "host/udp srflx/udp ");
  g_assert_cmpuint (server->n_heard, ==, 1);
}

/* --- TURN --- */

static void
on_closed (GObject *agent, GAsyncResult *result, gpointer is_closed)
{
  *(gboolean *)is_closed = TRUE;
}

/* Gives the allocations back. */
static void
close_agent (NiceAgent *agent)
{
  gboolean is_closed = FALSE;

  nice_agent_close_async (agent, on_closed, &is_closed);
  wait_until (is_closed);
}

/* contract 1.4-o 1.7-q: and the state is left alone */
static void
test_a_relay_after_gathering (void)
{
  g_autoptr (Server) server = server_new (MAPPED, RELAYED);
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_NONE, 1);
  NiceCandidate *relayed;

  peer_gather (peer);
  g_string_truncate (peer->log, 0);
  peer->gathered = FALSE;
  server_serve_relay (server, peer->agent, 1, 1);
  wait_until (peer->gathered);
  g_assert_cmpuint (server->n_allocations, ==, 1);
  g_assert_cmpuint (peer_count (peer, "candidate-gathering-done"), ==, 1);
  g_assert_cmpuint (peer_count (peer, "gathering"), ==, 0);
  g_assert_cmpuint (peer_count (peer, "new-candidate-full"), >=, 1);
  relayed = nice_agent_get_default_local_candidate (peer->agent, 1, 1);
  g_assert_cmpint (relayed->type, ==, NICE_CANDIDATE_TYPE_RELAYED);
  assert_address (&relayed->addr, RELAYED);
  nice_candidate_free (relayed);
  close_agent (peer->agent);
}

/* contract 1.7-r 1.7-p */
static void
test_relays_are_forgotten (void)
{
  g_autoptr (Server) server = server_new (MAPPED, RELAYED);
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_NONE, 1);

  server_serve_relay (server, peer->agent, 1, 1);
  peer_gather (peer);
  assert_candidates (peer, 1, "host/udp srflx/udp relay/udp ");
  g_assert_true (nice_agent_forget_relays (peer->agent, 1, 1));
  assert_candidates (peer, 1, "host/udp srflx/udp ");
  close_agent (peer->agent);
}

/* contract 1.7-p: an address is worth one candidate, whoever gives it */
static void
test_one_candidate_for_an_address (void)
{
  g_autoptr (Server) first = server_new (MAPPED, RELAYED);
  g_autoptr (Server) second = server_new (MAPPED, RELAYED);
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_NONE, 1);

  server_serve_relay (first, peer->agent, 1, 1);
  server_serve_relay (second, peer->agent, 1, 1);
  peer_gather (peer);
  assert_candidates (peer, 1, "host/udp srflx/udp relay/udp ");
  close_agent (peer->agent);
}

/* contract 1.4-p 1.7-t */
static void
test_force_relay_shows_the_relay_alone (void)
{
  g_autoptr (Server) server = server_new (MAPPED, RELAYED);
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_NONE, 1);

  g_object_set (peer->agent, "force-relay", TRUE, NULL);
  server_serve_relay (server, peer->agent, 1, 1);
  peer_gather (peer);
  assert_candidates (peer, 1, "relay/udp ");
  g_assert_cmpuint (peer_count (peer, "new-candidate-full"), ==, 1);
  close_agent (peer->agent);
}

/* contract 1.14-a */
static void
test_lite_agents_allocate_nothing (void)
{
  g_autoptr (Server) server = server_new (MAPPED, RELAYED);
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_LITE_MODE, 1);

  server_serve_relay (server, peer->agent, 1, 1);
  peer_gather (peer);
  run_pending ();
  g_assert_cmpuint (server->n_heard, ==, 0);
  assert_candidates (peer, 1, "host/udp ");
}

static void
close_while_names_are_looked_up (void)
{
  g_autoptr (Names) names = names_new ();
  g_autoptr (Server) server = server_new (MAPPED, RELAYED);
  Peer *peer = peer_new (NICE_AGENT_OPTION_NONE, 1);

  names_set_silent (names, TRUE);
  g_object_set (peer->agent, "stun-server", "stun.example.org", NULL);
  server_serve_relay (server, peer->agent, 1, 1);
  nice_agent_set_relay_info (peer->agent, 1, 1, "turn.example.org", 3478, SERVER_USER,
                             SERVER_PASSWORD, NICE_RELAY_TYPE_TURN_TCP);
  g_assert_true (nice_agent_gather_candidates (peer->agent, 1));
  wait_until (server->n_allocations == 1);
  g_assert_false (peer->gathered);
  close_agent (peer->agent);
  peer_free (peer);
  run_pending ();
  names_set_silent (names, FALSE);
  run_pending ();
}

/* Nobody waits for a resolver, an answer that comes later does no harm, and
 * nothing stays open; what opens once in a process is open after the first time */
static void
test_closing_while_names_are_looked_up (void)
{
  guint n;

  close_while_names_are_looked_up ();
  n = process_count_descriptors ();
  close_while_names_are_looked_up ();
  g_assert_cmpuint (process_count_descriptors (), ==, n);
}

static guint
priority_of (const Peer *peer, const gchar *ip)
{
  GSList *list = nice_agent_get_local_candidates (peer->agent, peer->stream, 1);
  guint priority = 0;

  for (GSList *link = list; link != NULL; link = link->next)
    {
      const NiceCandidate *candidate = link->data;
      g_autofree gchar *text = nice_address_dup_string (&candidate->addr);

      if (g_strcmp0 (text, ip) == 0)
        priority = candidate->priority;
    }
  free_candidates (list);
  return priority;
}

/* contract 1.17-h 1.17-a */
static void
test_later_relays_come_first (void)
{
  g_autoptr (Server) first = server_new (MAPPED, "192.0.2.10");
  g_autoptr (Server) second = server_new (MAPPED, "192.0.2.11");
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_NONE, 1);

  server_serve_relay (first, peer->agent, 1, 1);
  server_serve_relay (second, peer->agent, 1, 1);
  peer_gather (peer);
  g_assert_cmpuint (priority_of (peer, "192.0.2.10") >> 24, ==, 30);
  g_assert_cmpuint (priority_of (peer, "192.0.2.11") >> 24, ==, 30);
  g_assert_cmpuint (priority_of (peer, "192.0.2.11"), >,
                    priority_of (peer, "192.0.2.10"));
  close_agent (peer->agent);
}

static gboolean
on_proxy_asked (GSocketService *service, GSocketConnection *connection, GObject *source,
                gpointer n_asked)
{
  ++*(guint *)n_asked;
  return FALSE;
}

/* contract 1.8-e: STUN and TURN over UDP do not go through it */
static void
test_the_proxy_is_for_turn_over_tcp (void)
{
  g_autoptr (Server) server = server_new (MAPPED, RELAYED);
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_NONE, 1);
  g_autoptr (GSocketService) proxy = g_socket_service_new ();
  guint n_asked = 0;
  const guint16 port =
      g_socket_listener_add_any_inet_port (G_SOCKET_LISTENER (proxy), NULL, NULL);

  g_signal_connect (proxy, "incoming", G_CALLBACK (on_proxy_asked), &n_asked);
  g_object_set (peer->agent, "proxy-type", NICE_PROXY_TYPE_SOCKS5, "proxy-ip",
                "127.0.0.1", "proxy-port", (guint)port, NULL);
  server_serve_stun (server, peer->agent);
  server_serve_relay (server, peer->agent, 1, 1);
  peer_gather (peer);
  g_assert_cmpuint (server->n_bindings, >=, 1); /* more at libnice */
  g_assert_cmpuint (server->n_allocations, ==, 1);
  run_pending ();
  g_assert_cmpuint (n_asked, ==, 0);

  g_assert_true (nice_agent_set_relay_info (peer->agent, 1, 1, "127.0.0.1", server->port,
                                            SERVER_USER, SERVER_PASSWORD,
                                            NICE_RELAY_TYPE_TURN_TCP));
  wait_until (n_asked > 0);
  close_agent (peer->agent);
}

#define ADD(name, function) g_test_add_func ("/servers/" name, function)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("the-answer-makes-a-candidate", test_the_answer_makes_a_candidate);
  ADD ("one-for-all-bases-behind-one-nat", test_one_for_all_bases_behind_one_nat);
  ADD ("tcp-is-not-made-up", test_tcp_is_not_made_up);
  ADD ("a-dead-server-is-given-up", test_a_dead_server_is_given_up);
  ADD ("a-name-that-nobody-knows", test_a_name_that_nobody_knows);
  ADD ("lite-agents-ask-nobody", test_lite_agents_ask_nobody);
  ADD ("force-relay-asks-no-stun-server", test_force_relay_asks_no_stun_server);
  ADD ("a-server-set-later-serves-the-next-stream",
       test_a_server_set_later_serves_the_next_stream);
  ADD ("a-relay-after-gathering", test_a_relay_after_gathering);
  ADD ("closing-while-names-are-looked-up", test_closing_while_names_are_looked_up);
  ADD ("relays-are-forgotten", test_relays_are_forgotten);
  ADD ("one-candidate-for-an-address", test_one_candidate_for_an_address);
  ADD ("force-relay-shows-the-relay-alone", test_force_relay_shows_the_relay_alone);
  ADD ("lite-agents-allocate-nothing", test_lite_agents_allocate_nothing);
  ADD ("later-relays-come-first", test_later_relays_come_first);
  ADD ("the-proxy-is-for-turn-over-tcp", test_the_proxy_is_for_turn_over_tcp);
  return g_test_run ();
}
