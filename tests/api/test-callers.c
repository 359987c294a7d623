/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What callers do rarely, and what no caller should: that is refused by a message that
 * names it, and changes nothing. */
#include "agents.h"

#include <nice/pseudotcp.h>
#include <nice/udpmux.h>

#include <string.h>

/* The message of the function, which says which of its arguments is wrong. */
#define expect_critical(function, argument)                                              \
  g_test_expect_message ("libnice", G_LOG_LEVEL_CRITICAL,                                \
                         "*" function ": assertion*" argument "*")

/* In the dialects whose candidates have names and passwords, those of the peer's checks
 * are the ones it was told: candidates are not told again after a restart. */
static void
test_names_of_candidates_outlive_restarts (gconstpointer compatibility)
{
  g_autoptr (NiceAgent) agent =
      nice_agent_new (NULL, (NiceCompatibility)GPOINTER_TO_UINT (compatibility));
  NiceAddress loopback;
  NiceCandidate *before;

  nice_address_init (&loopback);
  g_assert_true (nice_address_set_from_string (&loopback, "127.0.0.1"));
  nice_agent_add_local_address (agent, &loopback);
  nice_agent_add_stream (agent, 1);
  g_assert_true (nice_agent_gather_candidates (agent, 1));
  before = nice_agent_get_default_local_candidate (agent, 1, 1);
  g_assert_nonnull (before->username);
  for (guint i = 0; i < 3; i++)
    {
      NiceCandidate *after;
      g_autofree gchar *ufrag = NULL, *pwd = NULL;

      g_assert_true (nice_agent_restart (agent));
      after = nice_agent_get_default_local_candidate (agent, 1, 1);
      g_assert_cmpstr (after->username, ==, before->username);
      g_assert_cmpstr (after->password, ==, before->password);
      g_assert_true (nice_agent_get_local_credentials (agent, 1, &ufrag, &pwd));
      g_assert_cmpstr (ufrag, ==, before->username);
      nice_candidate_free (after);
    }
  nice_candidate_free (before);
}

/* RFC 8839 5.1: 256. What was asked for once took all memory, or an hour. */
static void
test_streams_of_many_components (void)
{
  static const guint numbers[] = { 0, 257, 65536, G_MAXUINT };
  g_autoptr (NiceAgent) agent = nice_agent_new (NULL, NICE_COMPATIBILITY_RFC5245);

  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      expect_critical ("nice_agent_add_stream", "n_components");
      g_assert_cmpuint (nice_agent_add_stream (agent, numbers[i]), ==, 0);
      g_test_assert_expected_messages ();
    }
  g_assert_cmpuint (nice_agent_add_stream (agent, 256), ==, 1);
}

static NiceCandidate *
candidate_of (guint type, guint transport)
{
  NiceCandidate *candidate = nice_candidate_new ((NiceCandidateType)type);

  g_assert_true (nice_address_set_from_string (&candidate->addr, "127.0.0.1"));
  nice_address_set_port (&candidate->addr, 4000);
  candidate->transport = (NiceCandidateTransport)transport;
  candidate->priority = 1;
  return candidate;
}

/* Statistics, which name both, aborted. */
static void
test_candidates_of_no_type (void)
{
  static const guint numbers[] = { 4, 255, G_MAXUINT };
  g_autoptr (Peer) peer = peer_new_gathered (NICE_AGENT_OPTION_NONE);
  g_autoptr (GVariant) stats = NULL;

  g_object_set (peer->agent, "ice-tcp", TRUE, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      NiceCandidate *typeless = candidate_of (numbers[i], NICE_CANDIDATE_TRANSPORT_UDP);
      NiceCandidate *aimless = candidate_of (NICE_CANDIDATE_TYPE_HOST, numbers[i]);
      GSList second = { aimless, NULL }, list = { typeless, &second };

      g_assert_cmpint (nice_agent_set_remote_candidates (peer->agent, 1, 1, &list), ==,
                       0);
      g_assert_false (
          nice_agent_set_selected_remote_candidate (peer->agent, 1, 1, aimless));
      expect_critical ("nice_agent_set_selected_remote_candidate", "type");
      g_assert_false (
          nice_agent_set_selected_remote_candidate (peer->agent, 1, 1, typeless));
      g_test_assert_expected_messages ();
      nice_candidate_free (typeless);
      nice_candidate_free (aimless);
    }
  g_assert_null (nice_agent_get_remote_candidates (peer->agent, 1, 1));
  stats = nice_agent_get_stats (peer->agent);
  g_assert_nonnull (stats);
}

/* Nor is the good one before it taken. */
static void
test_a_list_with_a_hole (void)
{
  g_autoptr (Peer) peer = peer_new_gathered (NICE_AGENT_OPTION_NONE);
  NiceCandidate *good =
      candidate_of (NICE_CANDIDATE_TYPE_HOST, NICE_CANDIDATE_TRANSPORT_UDP);
  GSList hole = { NULL, NULL }, list = { good, &hole };

  expect_critical ("nice_agent_set_remote_candidates", "candidate != NULL");
  g_assert_cmpint (nice_agent_set_remote_candidates (peer->agent, 1, 1, &list), ==, 0);
  g_test_assert_expected_messages ();
  g_assert_null (nice_agent_get_remote_candidates (peer->agent, 1, 1));
  nice_candidate_free (good);
}

/* Lines were written all the same, with holes where the words belong. */
static void
test_lines_of_no_candidate (void)
{
  g_autoptr (NiceAgent) agent = nice_agent_new (NULL, NICE_COMPATIBILITY_RFC5245);
  NiceCandidate *typeless = candidate_of (4, NICE_CANDIDATE_TRANSPORT_UDP);
  NiceCandidate *aimless = candidate_of (NICE_CANDIDATE_TYPE_HOST, 4);
  NiceCandidate *homeless = nice_candidate_new (NICE_CANDIDATE_TYPE_HOST);

  expect_critical ("nice_agent_generate_local_candidate_sdp", "type");
  g_assert_null (nice_agent_generate_local_candidate_sdp (agent, typeless));
  expect_critical ("nice_agent_generate_local_candidate_sdp", "transport");
  g_assert_null (nice_agent_generate_local_candidate_sdp (agent, aimless));
  expect_critical ("nice_agent_generate_local_candidate_sdp", "addr");
  g_assert_null (nice_agent_generate_local_candidate_sdp (agent, homeless));
  g_test_assert_expected_messages ();
  nice_candidate_free (typeless);
  nice_candidate_free (aimless);
  nice_candidate_free (homeless);
}

/* A mux of any port at all was made. */
static void
test_ports_beyond_the_last (void)
{
  NiceAddress address;

  nice_address_init (&address);
  g_assert_true (nice_address_set_from_string (&address, "127.0.0.1"));
  nice_address_set_port (&address, 65535);
  expect_critical ("nice_udp_mux_new", "port");
  g_assert_null (nice_udp_mux_new (NULL, 65536));
  expect_critical ("nice_address_set_port", "port");
  nice_address_set_port (&address, 65536);
  g_test_assert_expected_messages ();
  g_assert_cmpuint (nice_address_get_port (&address), ==, 65535);
}

/* A property that goes up to 65536, as libnice has it: nobody is to blame. */
static void
test_a_proxy_at_no_port (void)
{
  g_autoptr (NiceAgent) agent = nice_agent_new (NULL, NICE_COMPATIBILITY_RFC5245);

  g_object_set (agent, "proxy-ip", "127.0.0.1", "proxy-type", NICE_PROXY_TYPE_HTTP,
                "proxy-port", 65536, NULL);
}

static void
assert_readable (GError *error, gint code)
{
  g_assert_error (error, G_IO_ERROR, code);
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
  g_assert_cmpuint (strlen (error->message), <, 400);
  g_error_free (error);
}

/* Whatever was handed in: bindings refuse errors that are no UTF-8. */
static void
test_errors_can_be_read (void)
{
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_NONE, 1);
  g_autofree gchar *endless = g_strnfill (100000, 'x');
  g_autofree gchar *server = g_strconcat ("turn:", endless, NULL);
  const gchar *const texts[] = { "turn:\xff", "\xe2\x80", endless, server };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      GError *error = NULL;

      g_assert_false (
          nice_agent_add_server (peer->agent, 1, 1, texts[i], NULL, NULL, &error));
      assert_readable (error, G_IO_ERROR_INVALID_ARGUMENT);
      error = NULL;
      g_assert_false (
          nice_agent_add_remote_candidate_sdp (peer->agent, 1, texts[i], &error));
      assert_readable (error, G_IO_ERROR_INVALID_ARGUMENT);
    }
}

static void
keep_result (GObject *agent, GAsyncResult *result, gpointer place)
{
  *(GAsyncResult **)place = g_object_ref (result);
}

/* Of what is waited for, by number. */
static void
test_waiting_for_the_unknown (void)
{
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_NONE, 1);
  g_autoptr (GAsyncResult) gathered = NULL;
  g_autoptr (GAsyncResult) connected = NULL;
  GError *error = NULL;

  nice_agent_gather_candidates_async (peer->agent, 77, NULL, keep_result, &gathered);
  nice_agent_connect_async (peer->agent, 1, 78, NULL, keep_result, &connected);
  wait_until (gathered != NULL && connected != NULL);
  expect_critical ("nice_agent_connect_finish", "nice_agent_connect_async");
  g_assert_false (nice_agent_connect_finish (peer->agent, gathered, &error));
  g_test_assert_expected_messages ();
  g_assert_no_error (error);
  g_assert_false (nice_agent_gather_candidates_finish (peer->agent, gathered, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, "stream 77"));
  g_clear_error (&error);
  g_assert_false (nice_agent_connect_finish (peer->agent, connected, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, "component 78 in stream 1"));
  g_clear_error (&error);
}

/* Each was written to or read from. */
static void
test_nothing_for_an_address (void)
{
  NiceAddress address, untouched;

  nice_address_init (&address);
  g_assert_true (nice_address_set_from_string (&address, "192.0.2.1"));
  untouched = address;
  expect_critical ("nice_address_init", "addr");
  nice_address_init (NULL);
  expect_critical ("nice_address_dup", "addr");
  g_assert_null (nice_address_dup (NULL));
  expect_critical ("nice_address_set_ipv4", "addr");
  nice_address_set_ipv4 (NULL, 0);
  expect_critical ("nice_address_set_ipv6", "addr_ipv6");
  nice_address_set_ipv6 (&address, NULL);
  g_test_assert_expected_messages ();
  g_assert_true (nice_address_equal (&address, &untouched));
}

static PseudoTcpWriteResult
drop_packet (PseudoTcpSocket *socket, const gchar *data, guint32 len, gpointer user_data)
{
  return WR_SUCCESS;
}

static void
test_nothing_for_a_buffer (void)
{
  PseudoTcpCallbacks callbacks = { .WritePacket = drop_packet };
  g_autoptr (GObject) object = G_OBJECT (pseudo_tcp_socket_new (1, &callbacks));
  PseudoTcpSocket *socket = PSEUDO_TCP_SOCKET (object);

  expect_critical ("pseudo_tcp_socket_notify_packet", "buffer");
  g_assert_false (pseudo_tcp_socket_notify_packet (socket, NULL, 24));
  expect_critical ("pseudo_tcp_socket_send", "buffer");
  g_assert_cmpint (pseudo_tcp_socket_send (socket, NULL, 1), ==, -1);
  expect_critical ("pseudo_tcp_socket_recv", "buffer");
  g_assert_cmpint (pseudo_tcp_socket_recv (socket, NULL, 1), ==, -1);
  g_test_assert_expected_messages ();
  g_assert_false (pseudo_tcp_socket_notify_packet (socket, NULL, 0));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/callers/names-of-candidates-outlive-restarts/google",
                        GUINT_TO_POINTER (NICE_COMPATIBILITY_GOOGLE),
                        test_names_of_candidates_outlive_restarts);
  g_test_add_data_func ("/callers/names-of-candidates-outlive-restarts/msn",
                        GUINT_TO_POINTER (NICE_COMPATIBILITY_MSN),
                        test_names_of_candidates_outlive_restarts);
  g_test_add_func ("/callers/streams-of-many-components",
                   test_streams_of_many_components);
  g_test_add_func ("/callers/candidates-of-no-type", test_candidates_of_no_type);
  g_test_add_func ("/callers/a-list-with-a-hole", test_a_list_with_a_hole);
  g_test_add_func ("/callers/lines-of-no-candidate", test_lines_of_no_candidate);
  g_test_add_func ("/callers/ports-beyond-the-last", test_ports_beyond_the_last);
  g_test_add_func ("/callers/a-proxy-at-no-port", test_a_proxy_at_no_port);
  g_test_add_func ("/callers/errors-can-be-read", test_errors_can_be_read);
  g_test_add_func ("/callers/waiting-for-the-unknown", test_waiting_for_the_unknown);
  g_test_add_func ("/callers/nothing-for-an-address", test_nothing_for_an_address);
  g_test_add_func ("/callers/nothing-for-a-buffer", test_nothing_for_a_buffer);
  return g_test_run ();
}
