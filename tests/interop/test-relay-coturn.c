/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Two agents that may only speak through coturn: every transport to it, data both ways,
 * and what becomes of servers that are dead, wrong, or cannot be found. */
#include "config.h"

#include <netinet/in.h>
#include <string.h>

#include "relays.h"
#include "process.h"
#include "stopwatch.h"

/* What a case is given. */
#define UDP GUINT_TO_POINTER (NICE_RELAY_TYPE_TURN_UDP)
#define TCP GUINT_TO_POINTER (NICE_RELAY_TYPE_TURN_TCP)
#define TLS GUINT_TO_POINTER (NICE_RELAY_TYPE_TURN_TLS)

static void
use_relay (Peer *peer, const Coturn *coturn, NiceRelayType type)
{
  g_object_set (peer->agent, "force-relay", TRUE, NULL);
  peer_use_relay (peer, coturn, type);
}

static void
assert_relayed (Peer *peer)
{
  NiceCandidate *local = NULL, *remote = NULL;

  g_assert_true (
      nice_agent_get_selected_pair (peer->agent, peer->stream, 1, &local, &remote));
  g_assert_cmpint (local->type, ==, NICE_CANDIDATE_TYPE_RELAYED);
  g_assert_cmpint (remote->type, ==, NICE_CANDIDATE_TYPE_RELAYED);
}

/* No candidate line, and no related address, shows where the agent is. */
static void
assert_hidden (Peer *peer)
{
  GSList *candidates = nice_agent_get_local_candidates (peer->agent, peer->stream, 1);

  g_assert_nonnull (candidates);
  for (GSList *link = candidates; link != NULL; link = link->next)
    {
      const NiceCandidate *candidate = link->data;

      g_assert_cmpint (candidate->type, ==, NICE_CANDIDATE_TYPE_RELAYED);
    }
  g_slist_free_full (candidates, (GDestroyNotify)nice_candidate_free);
}

/* contract 1.3-o: on the sockets to the server, those to come and those that are there */
static void
assert_tos (Peer *peer, gint wanted)
{
  g_autoptr (GPtrArray) sockets = nice_agent_get_sockets (peer->agent, peer->stream, 1);
  gint tos;

  g_assert_cmpuint (sockets->len, >=, 1);
  for (guint i = 0; i < sockets->len; i++)
    {
      g_assert_true (g_socket_get_option (g_ptr_array_index (sockets, i), IPPROTO_IP,
                                          IP_TOS, &tos, NULL));
      g_assert_cmpint (tos, ==, wanted);
    }
}

/* contract 1.7-p */
static void
test_call (gconstpointer data)
{
  const NiceRelayType type = GPOINTER_TO_UINT (data);
  g_auto (Coturn) coturn = { 0 };
  g_autoptr (Pair) pair = pair_new (NICE_AGENT_OPTION_NONE, 1);

  if (!coturn_start (&coturn, NULL))
    return;
  use_relay (pair->left, &coturn, type);
  use_relay (pair->right, &coturn, type);
  nice_agent_set_stream_tos (pair->left->agent, 1, 46 << 2);
  pair_connect (pair);
  assert_relayed (pair->left);
  assert_relayed (pair->right);
  assert_hidden (pair->left);
  assert_tos (pair->left, 46 << 2);
  nice_agent_set_stream_tos (pair->left->agent, 1, 0);
  assert_tos (pair->left, 0);
  pair_exchange (pair, 1000);
}

/* DTLS has no NICE_RELAY_TYPE_: only a URI leads to it. The host is looked up, so that
 * the certificate's name cannot be the right one here. */
static void
test_uri (gconstpointer uri)
{
  g_auto (Coturn) coturn = { 0 };
  g_autoptr (Pair) pair = pair_new (NICE_AGENT_OPTION_NONE, 1);

  if (!coturn_start (&coturn, NULL))
    return;
  peer_use_only (pair->left, &coturn, uri);
  peer_use_only (pair->right, &coturn, uri);
  pair_connect (pair);
  assert_relayed (pair->left);
  pair_exchange (pair, 100);
}

static void
test_wrong_uris (void)
{
  static const struct
  {
    const gchar *uri;
    gint code;
  } rows[] = {
    { "http://example.org", G_IO_ERROR_INVALID_ARGUMENT },
    { "turns:127.0.0.1", G_IO_ERROR_INVALID_ARGUMENT },
    { "turn:127.0.0.1?transport=sctp", G_IO_ERROR_NOT_SUPPORTED },
    { "turn:example.org:0", G_IO_ERROR_INVALID_ARGUMENT },
  };
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_NONE, 1);

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (nice_agent_add_server (peer->agent, peer->stream, 1, rows[i].uri,
                                             "ann", "secret", &error));
      g_assert_error (error, G_IO_ERROR, rows[i].code);
    }
}

static void
assert_server_error (Peer *peer, guint n, const gchar *text, guint code)
{
  guint got;
  g_autofree gchar *error = peer_dup_server_error (peer, n, &got);

  g_assert_cmpstr (error, ==, text);
  g_assert_cmpuint (got, ==, code);
}

static void
expect_no_relay (gconstpointer data, const gchar *host, const gchar *password,
                 const gchar *text, guint code)
{
  const NiceRelayType type = GPOINTER_TO_UINT (data);
  g_auto (Coturn) coturn = { 0 };
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_NONE, 1);

  if (!coturn_start (&coturn, NULL))
    return;
  g_object_set (peer->agent, "tls-trust-file", coturn.trust_file, NULL);
  g_assert_true (nice_agent_set_relay_info (
      peer->agent, peer->stream, 1, host,
      type == NICE_RELAY_TYPE_TURN_TLS ? coturn.tls_port : coturn.port, COTURN_USER,
      password, type));
  peer_gather (peer);
  g_assert_cmpuint (peer_count_relays (peer), ==, 0);
  assert_server_error (peer, 1, text, code);
}

static void
test_wrong_password (gconstpointer type)
{
  expect_no_relay (type, "127.0.0.1", "wrong",
                   "turn: wrong credentials (401 Unauthorized)", 401);
}

/* The certificate is not for the address that the agent was told. */
static void
test_wrong_name (gconstpointer type)
{
  expect_no_relay (type, "127.0.0.1", COTURN_PASSWORD,
                   "tls: certificate for \"127.0.0.1\": IP address mismatch", 0);
}

/* A name that does not resolve ends its part of gathering, not the whole. */
static void
test_no_such_name (gconstpointer type)
{
  expect_no_relay (type, "turn.invalid", COTURN_PASSWORD,
                   "The name of the server is unknown", 0);
}

/* A server that does not listen on UDP is found over TCP, and delays nobody. */
static void
test_no_udp (gconstpointer data)
{
  const NiceRelayType type = GPOINTER_TO_UINT (data);
  g_auto (Coturn) coturn = { 0 };
  g_autoptr (Pair) pair = pair_new (NICE_AGENT_OPTION_NONE, 1);

  if (!coturn_start (&coturn, "no-udp\nno-dtls"))
    return;
  use_relay (pair->left, &coturn, NICE_RELAY_TYPE_TURN_UDP);
  use_relay (pair->left, &coturn, type);
  pair_connect (pair);
  assert_server_error (pair->left, 1, "The connection was refused", 0);
  assert_server_error (pair->left, 2, NULL, 0);
  pair_exchange (pair, 100);
}

/* Who trusts the authority of one trusts that of the other too. */
static void
trust_also (const Coturn *one, const Coturn *other)
{
  g_autofree gchar *first = NULL, *second = NULL, *both = NULL;

  g_assert_true (g_file_get_contents (one->trust_file, &first, NULL, NULL));
  g_assert_true (g_file_get_contents (other->trust_file, &second, NULL, NULL));
  both = g_strconcat (first, second, NULL);
  g_assert_true (g_file_set_contents (one->trust_file, both, -1, NULL));
}

/* The server that was named sends everybody to another one.
 * covers TURN-8656-7.4-a */
static void
test_redirected (gconstpointer data)
{
  const NiceRelayType type = GPOINTER_TO_UINT (data);
  const gboolean is_tls = type == NICE_RELAY_TYPE_TURN_TLS;
  g_auto (Coturn) second = { 0 };
  g_auto (Coturn) first = { 0 };
  g_autofree gchar *option = NULL;
  g_autoptr (Pair) pair = pair_new (NICE_AGENT_OPTION_NONE, 1);

  if (!coturn_start (&second, NULL))
    return;
  option = is_tls ? g_strdup_printf ("tls-alternate-server=127.0.0.1:%u", second.tls_port)
                  : g_strdup_printf ("alternate-server=127.0.0.1:%u", second.port);
  coturn_start (&first, option);
  trust_also (&first, &second);
  use_relay (pair->left, &first, type);
  use_relay (pair->right, &second, type);
  pair_connect (pair);
  assert_relayed (pair->left);
  pair_exchange (pair, 100);
  assert_server_error (pair->left, 1, "turn: sent to another server (300 Try Alternate)",
                       300);
  assert_server_error (pair->left, 2, NULL, 0);
}

/* Two that send us to one another. */
static void
test_redirected_in_circles (gconstpointer data)
{
  const NiceRelayType type = GPOINTER_TO_UINT (data);
  g_auto (Coturn) first = { 0 };
  g_auto (Coturn) second = { 0 };
  g_autofree gchar *there = NULL, *back = NULL;
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_NONE, 1);

  if (!coturn_start (&second, NULL))
    return;
  there = g_strdup_printf ("alternate-server=127.0.0.1:%u", second.port);
  coturn_start (&first, there);
  coturn_kill (&second);
  back = g_strdup_printf ("alternate-server=127.0.0.1:%u", first.port);
  coturn_add_option (&second, back);
  coturn_resume (&second);
  use_relay (peer, &first, type);
  peer_gather (peer);
  for (guint i = 1; i <= 2; i++)
    assert_server_error (peer, i, "turn: sent to another server (300 Try Alternate)",
                         300);
}

/* The call fails with its reason as long as there is no server, and nothing hangs. */
static void
test_server_dies (gconstpointer data)
{
  const NiceRelayType type = GPOINTER_TO_UINT (data);
  g_auto (Coturn) coturn = { 0 };
  g_autoptr (Pair) pair = pair_new (NICE_AGENT_OPTION_NONE, 1);

  if (!coturn_start (&coturn, NULL))
    return;
  use_relay (pair->left, &coturn, type);
  use_relay (pair->right, &coturn, type);
  pair_connect (pair);
  coturn_kill (&coturn);
  nice_agent_send (pair->left->agent, pair->left->stream, 1, 1, "x");
  wait_until (peer_is_in (pair->left, NICE_COMPONENT_STATE_FAILED));
}

/* The server goes and comes back with no memory of anybody. */
static void
restart_server (Pair *pair, Coturn *coturn)
{
  coturn_kill (coturn);
  nice_agent_send (pair->left->agent, pair->left->stream, 1, 1, "x");
  wait_until (peer_is_in (pair->left, NICE_COMPONENT_STATE_FAILED));
  coturn_resume (coturn);
}

/* --- the end --- */

static void
on_closed (GObject *agent, GAsyncResult *result, gpointer data)
{
  *(gboolean *)data = TRUE;
}

static void
peer_close (Peer *peer)
{
  gboolean is_closed = FALSE;

  nice_agent_close_async (peer->agent, on_closed, &is_closed);
  wait_until (is_closed);
}

static Stopwatch
close_and_measure (Peer *peer)
{
  Stopwatch took;

  stopwatch_start (&took);
  peer_close (peer);
  stopwatch_stop (&took);
  return took;
}

/* contract 1.15-e. The server has heard of it, which an agent that did
 * not wait could not say so soon. covers TURN-8656-8.1-a */
static void
test_closing_waits_for_the_answer (gconstpointer uri)
{
  g_auto (Coturn) coturn = { 0 };
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_NONE, 1);

  if (!coturn_start (&coturn, "verbose"))
    return;
  peer_use_only (peer, &coturn, uri);
  peer_gather (peer);
  g_assert_cmpuint (peer_count_relays (peer), ==, 1);
  g_assert_cmpint (close_and_measure (peer).at_most, <, 2 * G_USEC_PER_SEC);
  coturn_wait_for (&coturn, "lifetime=0");
}

/* covers ICE-8445-8.3.1-a: the call goes from host to host, the relay is given back
 * after its third second, and a restart has one again. */
static void
test_unused_relay_is_given_back (void)
{
  g_auto (Coturn) coturn = { 0 };
  g_autoptr (Pair) pair = pair_new (NICE_AGENT_OPTION_NONE, 1);
  gint64 began;

  if (!coturn_start (&coturn, "verbose"))
    return;
  for (guint i = 0; i < 2; i++)
    {
      Peer *peer = i == 0 ? pair->left : pair->right;

      g_object_set (peer->agent, "free-candidates", TRUE, NULL);
      peer_use_relay (peer, &coturn, NICE_RELAY_TYPE_TURN_UDP);
    }
  began = g_get_monotonic_time ();
  pair_connect (pair);
  g_assert_cmpuint (peer_count_relays (pair->left), ==, 1);
  wait_until (peer_count_relays (pair->left) == 0
              && peer_count_relays (pair->right) == 0);
  g_assert_cmpint (g_get_monotonic_time () - began, >=, 3 * G_USEC_PER_SEC);
  coturn_wait_for (&coturn, "lifetime=0");
  coturn_wait_for (&coturn, "lifetime=0");
  pair_exchange (pair, 100);
  for (guint i = 0; i < 2; i++)
    {
      Peer *peer = i == 0 ? pair->left : pair->right;
      g_autoptr (GPtrArray) sockets = nice_agent_get_sockets (peer->agent, 1, 1);

      g_assert_cmpuint (sockets->len, ==, 1);
      peer->gathered = FALSE;
      g_assert_true (nice_agent_restart (peer->agent));
      wait_until (peer->gathered);
      g_assert_cmpuint (peer_count_relays (peer), ==, 1);
    }
}

/* Two relays through one socket are both heard out. */
static void
test_closing_with_two_servers (void)
{
  g_auto (Coturn) first = { 0 };
  g_auto (Coturn) second = { 0 };

  if (!coturn_start (&first, "verbose"))
    return;
  coturn_start (&second, "verbose\nrelay-ip=127.0.0.2");
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_NONE, 1);

      peer_use_only (peer, &first, "turn:127.0.0.1:%u");
      peer_use_only (peer, &second, "turn:127.0.0.1:%u");
      peer_gather (peer);
      assert_server_error (peer, 1, NULL, 0);
      assert_server_error (peer, 2, NULL, 0);
      g_assert_cmpint (close_and_measure (peer).at_most, <, G_USEC_PER_SEC);
      coturn_wait_for (&first, "lifetime=0");
      coturn_wait_for (&second, "lifetime=0");
    }
}

/* It waits for two seconds and not for ever. */
static void
test_closing_with_a_server_that_hangs (void)
{
  g_auto (Coturn) coturn = { 0 };
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_NONE, 1);
  Stopwatch took;

  if (!coturn_start (&coturn, NULL))
    return;
  use_relay (peer, &coturn, NICE_RELAY_TYPE_TURN_UDP);
  peer_gather (peer);
  coturn_freeze (&coturn);
  took = close_and_measure (peer);
  g_assert_cmpint (took.at_least, >=, 2 * G_USEC_PER_SEC);
  g_assert_cmpint (took.at_most, <, 4 * G_USEC_PER_SEC);
}

/* How long a server may keep quiet is the application's to say. */
static void
test_timing (gconstpointer data)
{
  const NiceRelayType type = GPOINTER_TO_UINT (data);
  g_auto (Coturn) coturn = { 0 };
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_NONE, 1);
  Stopwatch took;

  if (!coturn_start (&coturn, NULL))
    return;
  coturn_freeze (&coturn);
  g_object_set (peer->agent, "stun-initial-timeout", 40, "stun-max-retransmissions", 3,
                "stun-reliable-timeout", 160, NULL);
  use_relay (peer, &coturn, type);
  stopwatch_start (&took);
  peer_gather (peer);
  stopwatch_stop (&took);
  g_assert_cmpint (took.at_least, >=, 160000);
  g_assert_cmpint (took.at_most, <, 1000000);
  assert_server_error (peer, 1, "turn: no answer", 0);
}

/* And not at all where the application says so. */
static void
test_forced_closing (void)
{
  g_auto (Coturn) coturn = { 0 };
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_CLOSE_FORCED, 1);

  if (!coturn_start (&coturn, NULL))
    return;
  use_relay (peer, &coturn, NICE_RELAY_TYPE_TURN_UDP);
  peer_gather (peer);
  coturn_freeze (&coturn);
  g_assert_cmpint (close_and_measure (peer).at_most, <, G_USEC_PER_SEC);
}

/* --- failures --- */

/* A check from the new relay is all that the other end needs: no signalling.
 * covers TURN-8656-5-d */
static void
test_server_restarts (gconstpointer data)
{
  const NiceRelayType type = GPOINTER_TO_UINT (data);
  g_auto (Coturn) coturn = { 0 };
  g_autoptr (Pair) pair = pair_new (NICE_AGENT_OPTION_NONE, 1);
  guint n_descriptors;

  if (!coturn_start (&coturn, NULL))
    return;
  use_relay (pair->left, &coturn, type);
  pair_connect (pair);
  pair_exchange (pair, 10);
  n_descriptors = process_count_descriptors ();
  restart_server (pair, &coturn);
  wait_until (peer_is_in (pair->left, NICE_COMPONENT_STATE_READY)
              && peer_count (pair->right, "new-selected-pair-full") == 2);
  pair_exchange (pair, 100);
  /* Over UDP the second allocation has a port, and so a socket, of its own. */
  g_assert_cmpuint (process_count_descriptors (), ==,
                    n_descriptors + (type == NICE_RELAY_TYPE_TURN_UDP));
}

/* Where both were behind it, each tells the other its new candidate, as it trickles. */
static void
test_server_of_both_restarts (gconstpointer data)
{
  const NiceRelayType type = GPOINTER_TO_UINT (data);
  g_auto (Coturn) coturn = { 0 };
  g_autoptr (Pair) pair = pair_new (NICE_AGENT_OPTION_NONE, 1);

  if (!coturn_start (&coturn, NULL))
    return;
  use_relay (pair->left, &coturn, type);
  use_relay (pair->right, &coturn, type);
  pair_connect (pair);
  nice_agent_send (pair->right->agent, pair->right->stream, 1, 1, "x");
  restart_server (pair, &coturn);
  wait_until (peer_count (pair->left, "new-candidate-full") == 2
              && peer_count (pair->right, "new-candidate-full") == 2);
  peer_tell_candidates (pair->left, pair->right);
  peer_tell_candidates (pair->right, pair->left);
  wait_until (peer_is_in (pair->left, NICE_COMPONENT_STATE_READY)
              && peer_is_in (pair->right, NICE_COMPONENT_STATE_READY));
  assert_relayed (pair->left);
  pair_exchange (pair, 100);
}

/* The selected pair gets a channel; and when media stops the server is asked whether it
 * knows us still, which one that started anew would not.
 * covers ICE-8445-12.1-d */
static void
test_silence_asks_the_server (gconstpointer data)
{
  const NiceRelayType type = GPOINTER_TO_UINT (data);
  g_auto (Coturn) coturn = { 0 };
  g_autoptr (Pair) pair = pair_new (NICE_AGENT_OPTION_NONE, 1);

  if (!coturn_start (&coturn, "verbose"))
    return;
  use_relay (pair->left, &coturn, type);
  pair_connect (pair);
  pair_exchange (pair, 10);
  coturn_wait_for (&coturn, "CHANNEL_BIND processed, success");
  coturn_wait_for (&coturn, "refreshed, realm");
}

/* A call over IPv6 of two hosts that reach their server over IPv4: the pair is of the
 * relays' IPv6 addresses. */
static void
test_dual_stack (gconstpointer data)
{
  const NiceRelayType type = GPOINTER_TO_UINT (data);
  g_auto (Coturn) coturn = { 0 };
  g_autoptr (Pair) pair = pair_new (NICE_AGENT_OPTION_NONE, 1);
  NiceCandidate *local = NULL, *remote = NULL;

  if (!coturn_start (&coturn, NULL))
    return;
  use_relay (pair->left, &coturn, type);
  use_relay (pair->right, &coturn, type);
  g_object_set (pair->left->agent, "relay-dual-stack", TRUE, NULL);
  g_object_set (pair->right->agent, "relay-dual-stack", TRUE, NULL);
  pair_connect (pair);
  g_assert_cmpuint (peer_count_relays (pair->left), ==, 2);
  g_assert_cmpuint (peer_count_relays (pair->right), ==, 2);
  assert_hidden (pair->left);
  wait_until (nice_agent_get_selected_pair (pair->left->agent, pair->left->stream, 1,
                                            &local, &remote)
              && nice_address_ip_version (&local->addr) == 6);
  g_assert_cmpint (nice_address_ip_version (&remote->addr), ==, 6);
  pair_exchange (pair, 100);
}

/* Asked for IPv6 too, a server that has none gives what it has, and says what it has not.
 */
static void
test_dual_stack_without_ipv6 (gconstpointer data)
{
  const NiceRelayType type = GPOINTER_TO_UINT (data);
  g_auto (Coturn) coturn = { .has_no_ipv6 = TRUE };
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_NONE, 1);

  if (!coturn_start (&coturn, NULL))
    return;
  use_relay (peer, &coturn, type);
  g_object_set (peer->agent, "relay-dual-stack", TRUE, NULL);
  peer_gather (peer);
  g_assert_cmpuint (peer_count_relays (peer), ==, 1);
  assert_server_error (
      peer, 1, "turn: address family not supported (440 Unsupported address family)",
      440);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/relay-coturn/udp", UDP, test_call);
  g_test_add_data_func ("/relay-coturn/tcp", TCP, test_call);
  g_test_add_data_func ("/relay-coturn/tls", TLS, test_call);
  g_test_add_data_func ("/relay-coturn/uri-dtls", "turns:localhost:%u?transport=dtls",
                        test_uri);
  g_test_add_data_func ("/relay-coturn/uri-tls", "turns:localhost:%u", test_uri);
  g_test_add_data_func ("/relay-coturn/uri-udp", "turn:127.0.0.1:%u", test_uri);
  g_test_add_func ("/relay-coturn/wrong-uris", test_wrong_uris);
  g_test_add_data_func ("/relay-coturn/wrong-password", UDP, test_wrong_password);
  g_test_add_data_func ("/relay-coturn/wrong-name", TLS, test_wrong_name);
  g_test_add_data_func ("/relay-coturn/no-such-name", UDP, test_no_such_name);
  g_test_add_data_func ("/relay-coturn/closing-udp", "turn:127.0.0.1:%u",
                        test_closing_waits_for_the_answer);
  g_test_add_data_func ("/relay-coturn/closing-tcp", "turn:127.0.0.1:%u?transport=tcp",
                        test_closing_waits_for_the_answer);
  g_test_add_data_func ("/relay-coturn/closing-tls", "turns:localhost:%u",
                        test_closing_waits_for_the_answer);
  g_test_add_data_func ("/relay-coturn/closing-dtls", "turns:localhost:%u?transport=dtls",
                        test_closing_waits_for_the_answer);
  g_test_add_func ("/relay-coturn/freed", test_unused_relay_is_given_back);
  g_test_add_data_func ("/relay-coturn/silence-udp", UDP, test_silence_asks_the_server);
  g_test_add_data_func ("/relay-coturn/dual-stack-udp", UDP, test_dual_stack);
  g_test_add_data_func ("/relay-coturn/dual-stack-tls", TLS, test_dual_stack);
  g_test_add_data_func ("/relay-coturn/dual-stack-440", UDP,
                        test_dual_stack_without_ipv6);
  g_test_add_func ("/relay-coturn/closing-two", test_closing_with_two_servers);
  g_test_add_func ("/relay-coturn/closing-frozen", test_closing_with_a_server_that_hangs);
  g_test_add_data_func ("/relay-coturn/timing-udp", UDP, test_timing);
  g_test_add_data_func ("/relay-coturn/timing-tcp", TCP, test_timing);
  g_test_add_func ("/relay-coturn/closing-forced", test_forced_closing);
  g_test_add_data_func ("/relay-coturn/no-udp", TCP, test_no_udp);
  g_test_add_data_func ("/relay-coturn/redirected-udp", UDP, test_redirected);
  g_test_add_data_func ("/relay-coturn/redirected-tcp", TCP, test_redirected);
  g_test_add_data_func ("/relay-coturn/redirected-tls", TLS, test_redirected);
  g_test_add_data_func ("/relay-coturn/redirected-in-circles", UDP,
                        test_redirected_in_circles);
  g_test_add_data_func ("/relay-coturn/server-dies-udp", UDP, test_server_dies);
  g_test_add_data_func ("/relay-coturn/server-dies-tls", TLS, test_server_dies);
  g_test_add_data_func ("/relay-coturn/server-restarts-udp", UDP, test_server_restarts);
  g_test_add_data_func ("/relay-coturn/server-restarts-tcp", TCP, test_server_restarts);
  g_test_add_data_func ("/relay-coturn/server-restarts-tls", TLS, test_server_restarts);
  g_test_add_data_func ("/relay-coturn/server-of-both-restarts", TCP,
                        test_server_of_both_restarts);
  return g_test_run ();
}
