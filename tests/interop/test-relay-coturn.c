/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Two agents that may only speak through coturn: every transport to it, data both ways,
 * and what becomes of servers that are dead, wrong, or cannot be found. */
#include "config.h"

#include <netinet/in.h>
#include <string.h>

#include "agents.h"
#include "coturn.h"
#include "process.h"

typedef struct
{
  NiceRelayType type;
  gboolean is_secure;
} Road;

/* The certificate is for a name that no resolver knows, so all but that is checked. */
static void
use_relay (Peer *peer, const Coturn *coturn, const Road *road)
{
  g_object_set (peer->agent, "force-relay", TRUE, "tls-trust-file", coturn->trust_file,
                "tls-validation-flags",
                G_TLS_CERTIFICATE_VALIDATE_ALL & ~G_TLS_CERTIFICATE_BAD_IDENTITY, NULL);
  g_assert_true (
      nice_agent_set_relay_info (peer->agent, peer->stream, 1, "127.0.0.1",
                                 road->is_secure ? coturn->tls_port : coturn->port,
                                 COTURN_USER, COTURN_PASSWORD, road->type));
}

static gboolean
start_server_with (Coturn *coturn, const gchar *option)
{
  const gchar *const options[] = { option, NULL };

  if (coturn_start (coturn, options))
    return TRUE;
  g_test_skip ("coturn is not installed");
  return FALSE;
}

static gboolean
start_server (Coturn *coturn)
{
  return start_server_with (coturn, NULL);
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

/* A5: no candidate line, and no related address, shows where the agent is. */
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
  const Road *road = data;
  g_auto (Coturn) coturn = { 0 };
  g_autoptr (Pair) pair = pair_new (NICE_AGENT_OPTION_NONE, 1);

  if (!start_server (&coturn))
    return;
  use_relay (pair->left, &coturn, road);
  use_relay (pair->right, &coturn, road);
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
use_uri (Peer *peer, const Coturn *coturn, const gchar *format, guint16 port)
{
  g_autofree gchar *uri = g_strdup_printf (format, port);
  g_autoptr (GError) error = NULL;

  g_object_set (peer->agent, "force-relay", TRUE, "tls-trust-file", coturn->trust_file,
                "tls-validation-flags",
                G_TLS_CERTIFICATE_VALIDATE_ALL & ~G_TLS_CERTIFICATE_BAD_IDENTITY, NULL);
  g_assert_true (nice_agent_add_server (peer->agent, peer->stream, 1, uri, COTURN_USER,
                                        COTURN_PASSWORD, &error));
  g_assert_no_error (error);
}

static void
test_uri (gconstpointer format)
{
  g_auto (Coturn) coturn = { 0 };
  g_autoptr (Pair) pair = pair_new (NICE_AGENT_OPTION_NONE, 1);
  guint16 port;

  if (!start_server (&coturn))
    return;
  port = g_str_has_prefix (format, "turns:") ? coturn.tls_port : coturn.port;
  use_uri (pair->left, &coturn, format, port);
  use_uri (pair->right, &coturn, format, port);
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

/* What statistics say of the n-th server. */
static void
assert_server_error (Peer *peer, guint n, const gchar *text, guint code)
{
  g_autoptr (GVariant) stats = nice_agent_get_stats (peer->agent);
  g_autofree gchar *id = g_strdup_printf ("S%u", n);
  g_autoptr (GVariant) server =
      g_variant_lookup_value (stats, id, G_VARIANT_TYPE_VARDICT);
  const gchar *type = NULL, *error = NULL;
  guint got = 0;

  g_assert_nonnull (server);
  g_variant_lookup (server, "type", "&s", &type);
  g_variant_lookup (server, "errorText", "&s", &error);
  g_variant_lookup (server, "errorCode", "u", &got);
  g_assert_cmpstr (type, ==, "ice-server");
  g_assert_cmpstr (error, ==, text);
  g_assert_cmpuint (got, ==, code);
}

static void
expect_no_relay (const Road *road, const gchar *host, const gchar *password,
                 const gchar *text, guint code)
{
  g_auto (Coturn) coturn = { 0 };
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_NONE, 1);
  GSList *candidates;

  if (!start_server (&coturn))
    return;
  g_object_set (peer->agent, "tls-trust-file", coturn.trust_file, NULL);
  g_assert_true (nice_agent_set_relay_info (
      peer->agent, peer->stream, 1, host, road->is_secure ? coturn.tls_port : coturn.port,
      COTURN_USER, password, road->type));
  peer_gather (peer);
  candidates = nice_agent_get_local_candidates (peer->agent, peer->stream, 1);
  for (GSList *link = candidates; link != NULL; link = link->next)
    g_assert_cmpint (((NiceCandidate *)link->data)->type, !=,
                     NICE_CANDIDATE_TYPE_RELAYED);
  g_slist_free_full (candidates, (GDestroyNotify)nice_candidate_free);
  assert_server_error (peer, 1, text, code);
}

static void
test_wrong_password (gconstpointer road)
{
  expect_no_relay (road, "127.0.0.1", "wrong",
                   "turn: wrong credentials (401 Unauthorized)", 401);
}

/* The certificate is not for the address that the agent was told. */
static void
test_wrong_name (gconstpointer road)
{
  expect_no_relay (road, "127.0.0.1", COTURN_PASSWORD,
                   "tls: certificate for \"127.0.0.1\": IP address mismatch", 0);
}

/* A1: a name that does not resolve ends its part of gathering, not the whole. */
static void
test_no_such_name (gconstpointer road)
{
  expect_no_relay (road, "turn.invalid", COTURN_PASSWORD,
                   "The name of the server is unknown", 0);
}

/* A server that does not listen on UDP is found over TCP, and delays nobody. */
static void
test_no_udp (gconstpointer data)
{
  static const Road udp = { NICE_RELAY_TYPE_TURN_UDP, FALSE };
  const Road *road = data;
  g_auto (Coturn) coturn = { 0 };
  g_autoptr (Pair) pair = pair_new (NICE_AGENT_OPTION_NONE, 1);

  if (!start_server_with (&coturn, "no-udp\nno-dtls"))
    return;
  use_relay (pair->left, &coturn, &udp);
  use_relay (pair->left, &coturn, road);
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
  const Road *road = data;
  g_auto (Coturn) second = { 0 };
  g_auto (Coturn) first = { 0 };
  g_autofree gchar *option = NULL;
  g_autoptr (Pair) pair = pair_new (NICE_AGENT_OPTION_NONE, 1);

  if (!start_server (&second))
    return;
  option =
      g_strdup_printf ("%salternate-server=127.0.0.1:%u", road->is_secure ? "tls-" : "",
                       road->is_secure ? second.tls_port : second.port);
  start_server_with (&first, option);
  trust_also (&first, &second);
  use_relay (pair->left, &first, road);
  use_relay (pair->right, &second, road);
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
  const Road *road = data;
  g_auto (Coturn) first = { 0 };
  g_auto (Coturn) second = { 0 };
  g_autofree gchar *there = NULL, *back = NULL;
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_NONE, 1);

  if (!start_server (&second))
    return;
  there = g_strdup_printf ("alternate-server=127.0.0.1:%u", second.port);
  start_server_with (&first, there);
  coturn_kill (&second);
  back = g_strdup_printf ("alternate-server=127.0.0.1:%u", first.port);
  coturn_add_option (&second, back);
  coturn_resume (&second);
  use_relay (peer, &first, road);
  peer_gather (peer);
  for (guint i = 1; i <= 2; i++)
    assert_server_error (peer, i, "turn: sent to another server (300 Try Alternate)",
                         300);
}

/* The call fails with its reason as long as there is no server, and nothing hangs. */
static void
test_server_dies (gconstpointer data)
{
  const Road *road = data;
  g_auto (Coturn) coturn = { 0 };
  g_autoptr (Pair) pair = pair_new (NICE_AGENT_OPTION_NONE, 1);

  if (!start_server (&coturn))
    return;
  use_relay (pair->left, &coturn, road);
  use_relay (pair->right, &coturn, road);
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

static guint
count_relays (Peer *peer)
{
  GSList *candidates = nice_agent_get_local_candidates (peer->agent, peer->stream, 1);
  guint n = 0;

  for (GSList *link = candidates; link != NULL; link = link->next)
    n += ((NiceCandidate *)link->data)->type == NICE_CANDIDATE_TYPE_RELAYED;
  g_slist_free_full (candidates, (GDestroyNotify)nice_candidate_free);
  return n;
}

/* Returns how long it took, in microseconds. */
static gint64
close_and_measure (Peer *peer)
{
  const gint64 start = g_get_monotonic_time ();

  peer_close (peer);
  return g_get_monotonic_time () - start;
}

/* contract 1.15-e. The server has heard of it, which an agent that did
 * not wait could not say so soon. covers TURN-8656-8.1-a */
static void
test_closing_waits_for_the_answer (gconstpointer format)
{
  g_auto (Coturn) coturn = { 0 };
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_NONE, 1);

  if (!start_server_with (&coturn, "verbose"))
    return;
  use_uri (peer, &coturn, format,
           g_str_has_prefix (format, "turns:") ? coturn.tls_port : coturn.port);
  peer_gather (peer);
  g_assert_cmpuint (count_relays (peer), ==, 1);
  g_assert_cmpint (close_and_measure (peer), <, 2 * G_USEC_PER_SEC);
  coturn_wait_for (&coturn, "lifetime=0");
}

/* Two relays through one socket are both heard out. */
static void
test_closing_with_two_servers (void)
{
  g_auto (Coturn) first = { 0 };
  g_auto (Coturn) second = { 0 };

  if (!start_server_with (&first, "verbose"))
    return;
  start_server_with (&second, "verbose\nrelay-ip=127.0.0.2");
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_NONE, 1);

      use_uri (peer, &first, "turn:127.0.0.1:%u", first.port);
      use_uri (peer, &second, "turn:127.0.0.1:%u", second.port);
      peer_gather (peer);
      assert_server_error (peer, 1, NULL, 0);
      assert_server_error (peer, 2, NULL, 0);
      g_assert_cmpint (close_and_measure (peer), <, G_USEC_PER_SEC);
      coturn_wait_for (&first, "lifetime=0");
      coturn_wait_for (&second, "lifetime=0");
    }
}

/* It waits for two seconds and not for ever. */
static void
test_closing_with_a_server_that_hangs (void)
{
  static const Road udp = { NICE_RELAY_TYPE_TURN_UDP, FALSE };
  g_auto (Coturn) coturn = { 0 };
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_NONE, 1);
  gint64 took;

  if (!start_server (&coturn))
    return;
  use_relay (peer, &coturn, &udp);
  peer_gather (peer);
  coturn_freeze (&coturn);
  took = close_and_measure (peer);
  g_assert_cmpint (took, >=, 2 * G_USEC_PER_SEC);
  g_assert_cmpint (took, <, 4 * G_USEC_PER_SEC);
}

/* How long a server may keep quiet is the application's to say. */
static void
test_timing (gconstpointer data)
{
  const Road *road = data;
  g_auto (Coturn) coturn = { 0 };
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_NONE, 1);
  gint64 start;

  if (!start_server (&coturn))
    return;
  coturn_freeze (&coturn);
  g_object_set (peer->agent, "stun-initial-timeout", 40, "stun-max-retransmissions", 3,
                "stun-reliable-timeout", 160, NULL);
  use_relay (peer, &coturn, road);
  start = g_get_monotonic_time ();
  peer_gather (peer);
  start = g_get_monotonic_time () - start;
  g_assert_cmpint (start, >=, 160000);
  g_assert_cmpint (start, <, 1000000);
  assert_server_error (peer, 1, "turn: no answer", 0);
}

/* And not at all where the application says so. */
static void
test_forced_closing (void)
{
  static const Road udp = { NICE_RELAY_TYPE_TURN_UDP, FALSE };
  g_auto (Coturn) coturn = { 0 };
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_CLOSE_FORCED, 1);

  if (!start_server (&coturn))
    return;
  use_relay (peer, &coturn, &udp);
  peer_gather (peer);
  coturn_freeze (&coturn);
  g_assert_cmpint (close_and_measure (peer), <, G_USEC_PER_SEC);
}

/* --- failures --- */

/* A check from the new relay is all that the other end needs: no signalling.
 * covers TURN-8656-5-d */
static void
test_server_restarts (gconstpointer data)
{
  const Road *road = data;
  g_auto (Coturn) coturn = { 0 };
  g_autoptr (Pair) pair = pair_new (NICE_AGENT_OPTION_NONE, 1);
  guint n_descriptors;

  if (!start_server (&coturn))
    return;
  use_relay (pair->left, &coturn, road);
  pair_connect (pair);
  pair_exchange (pair, 10);
  n_descriptors = process_count_descriptors ();
  restart_server (pair, &coturn);
  wait_until (peer_is_in (pair->left, NICE_COMPONENT_STATE_READY)
              && peer_count (pair->right, "new-selected-pair-full") == 2);
  pair_exchange (pair, 100);
  /* Over UDP the second allocation has a port, and so a socket, of its own. */
  g_assert_cmpuint (process_count_descriptors (), ==,
                    n_descriptors + (road->type == NICE_RELAY_TYPE_TURN_UDP));
}

/* Where both were behind it, each tells the other its new candidate, as it trickles. */
static void
test_server_of_both_restarts (gconstpointer data)
{
  const Road *road = data;
  g_auto (Coturn) coturn = { 0 };
  g_autoptr (Pair) pair = pair_new (NICE_AGENT_OPTION_NONE, 1);

  if (!start_server (&coturn))
    return;
  use_relay (pair->left, &coturn, road);
  use_relay (pair->right, &coturn, road);
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
test_silence_asks_the_server (gconstpointer road)
{
  g_auto (Coturn) coturn = { 0 };
  g_autoptr (Pair) pair = pair_new (NICE_AGENT_OPTION_NONE, 1);

  if (!start_server_with (&coturn, "verbose"))
    return;
  use_relay (pair->left, &coturn, road);
  pair_connect (pair);
  pair_exchange (pair, 10);
  wait_until (coturn_says (&coturn, "CHANNEL_BIND processed, success"));
  wait_until (coturn_says (&coturn, "refreshed, realm"));
}

/* A call over IPv6 of two hosts that reach their server over IPv4: the pair is of the
 * relays' IPv6 addresses. */
static void
test_dual_stack (gconstpointer data)
{
  const Road *road = data;
  g_auto (Coturn) coturn = { 0 };
  g_autoptr (Pair) pair = pair_new (NICE_AGENT_OPTION_NONE, 1);
  NiceCandidate *local = NULL, *remote = NULL;

  if (!start_server (&coturn))
    return;
  use_relay (pair->left, &coturn, road);
  use_relay (pair->right, &coturn, road);
  g_object_set (pair->left->agent, "relay-dual-stack", TRUE, NULL);
  g_object_set (pair->right->agent, "relay-dual-stack", TRUE, NULL);
  pair_connect (pair);
  g_assert_cmpuint (count_relays (pair->left), ==, 2);
  g_assert_cmpuint (count_relays (pair->right), ==, 2);
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
  const Road *road = data;
  g_auto (Coturn) coturn = { .has_no_ipv6 = TRUE };
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_NONE, 1);

  if (!start_server (&coturn))
    return;
  use_relay (peer, &coturn, road);
  g_object_set (peer->agent, "relay-dual-stack", TRUE, NULL);
  peer_gather (peer);
  g_assert_cmpuint (count_relays (peer), ==, 1);
  assert_server_error (
      peer, 1, "turn: address family not supported (440 Unsupported address family)",
      440);
}

int
main (int argc, char **argv)
{
  static const Road udp = { NICE_RELAY_TYPE_TURN_UDP, FALSE };
  static const Road tcp = { NICE_RELAY_TYPE_TURN_TCP, FALSE };
  static const Road tls = { NICE_RELAY_TYPE_TURN_TLS, TRUE };

  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/relay-coturn/udp", &udp, test_call);
  g_test_add_data_func ("/relay-coturn/tcp", &tcp, test_call);
  g_test_add_data_func ("/relay-coturn/tls", &tls, test_call);
  g_test_add_data_func ("/relay-coturn/uri-dtls", "turns:localhost:%u?transport=dtls",
                        test_uri);
  g_test_add_data_func ("/relay-coturn/uri-tls", "turns:localhost:%u", test_uri);
  g_test_add_data_func ("/relay-coturn/uri-udp", "turn:127.0.0.1:%u", test_uri);
  g_test_add_func ("/relay-coturn/wrong-uris", test_wrong_uris);
  g_test_add_data_func ("/relay-coturn/wrong-password", &udp, test_wrong_password);
  g_test_add_data_func ("/relay-coturn/wrong-name", &tls, test_wrong_name);
  g_test_add_data_func ("/relay-coturn/no-such-name", &udp, test_no_such_name);
  g_test_add_data_func ("/relay-coturn/closing-udp", "turn:127.0.0.1:%u",
                        test_closing_waits_for_the_answer);
  g_test_add_data_func ("/relay-coturn/closing-tcp", "turn:127.0.0.1:%u?transport=tcp",
                        test_closing_waits_for_the_answer);
  g_test_add_data_func ("/relay-coturn/closing-tls", "turns:localhost:%u",
                        test_closing_waits_for_the_answer);
  g_test_add_data_func ("/relay-coturn/closing-dtls", "turns:localhost:%u?transport=dtls",
                        test_closing_waits_for_the_answer);
  g_test_add_data_func ("/relay-coturn/silence-udp", &udp, test_silence_asks_the_server);
  g_test_add_data_func ("/relay-coturn/dual-stack-udp", &udp, test_dual_stack);
  g_test_add_data_func ("/relay-coturn/dual-stack-tls", &tls, test_dual_stack);
  g_test_add_data_func ("/relay-coturn/dual-stack-440", &udp,
                        test_dual_stack_without_ipv6);
  g_test_add_func ("/relay-coturn/closing-two", test_closing_with_two_servers);
  g_test_add_func ("/relay-coturn/closing-frozen", test_closing_with_a_server_that_hangs);
  g_test_add_data_func ("/relay-coturn/timing-udp", &udp, test_timing);
  g_test_add_data_func ("/relay-coturn/timing-tcp", &tcp, test_timing);
  g_test_add_func ("/relay-coturn/closing-forced", test_forced_closing);
  g_test_add_data_func ("/relay-coturn/no-udp", &tcp, test_no_udp);
  g_test_add_data_func ("/relay-coturn/redirected-udp", &udp, test_redirected);
  g_test_add_data_func ("/relay-coturn/redirected-tcp", &tcp, test_redirected);
  g_test_add_data_func ("/relay-coturn/redirected-tls", &tls, test_redirected);
  g_test_add_data_func ("/relay-coturn/redirected-in-circles", &udp,
                        test_redirected_in_circles);
  g_test_add_data_func ("/relay-coturn/server-dies-udp", &udp, test_server_dies);
  g_test_add_data_func ("/relay-coturn/server-dies-tls", &tls, test_server_dies);
  g_test_add_data_func ("/relay-coturn/server-restarts-udp", &udp, test_server_restarts);
  g_test_add_data_func ("/relay-coturn/server-restarts-tcp", &tcp, test_server_restarts);
  g_test_add_data_func ("/relay-coturn/server-restarts-tls", &tls, test_server_restarts);
  g_test_add_data_func ("/relay-coturn/server-of-both-restarts", &tcp,
                        test_server_of_both_restarts);
  return g_test_run ();
}
