/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Servers by name: which of what DNS says is asked, who is trusted, and what servers that
 * are dead, strange or silent cost. */
#include "config.h"

#include <gio/gnetworking.h>
#include <string.h>

#include "../unit/tls-bench.h"
#include "names.h"
#include "relays.h"
#include "stopwatch.h"

static Names *names;

static void
add_server (Peer *peer, const gchar *uri)
{
  const gboolean is_turn = g_str_has_prefix (uri, "turn");
  g_autoptr (GError) error = NULL;

  nice_agent_add_server (peer->agent, peer->stream, 1, uri, is_turn ? COTURN_USER : NULL,
                         is_turn ? COTURN_PASSWORD : NULL, &error);
  g_assert_no_error (error);
}

static void
assert_error (Peer *peer, const gchar *part)
{
  guint code;
  g_autofree gchar *text = peer_dup_server_error (peer, 1, &code);

  g_assert_nonnull (text);
  if (strstr (text, part) == NULL)
    g_error ("\"%s\" does not say \"%s\"", text, part);
}

/* --- Finding --- */

/* A socket that takes everything and says nothing. */
static GSocket *
open_grave (const gchar *address, guint16 port)
{
  g_autoptr (GSocketAddress) at = g_inet_socket_address_new_from_string (address, port);
  GSocket *grave = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_DATAGRAM,
                                 G_SOCKET_PROTOCOL_UDP, NULL);

  g_assert_true (g_socket_bind (grave, at, FALSE, NULL));
  return grave;
}

/* The dead server alone would cost two seconds; virtual time says 250 ms and what the
 * living one takes (unit/test-ice-task.c).
 * covers HE-8305-5-a, STUN-8489-8.1-c */
static void
test_one_name_of_two_and_one_address_of_three (void)
{
  g_auto (Coturn) coturn = { 0 };
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_NONE, 1);
  g_autoptr (GSocket) grave = NULL;
  g_autofree gchar *uri = NULL;
  Stopwatch took;

  if (!coturn_start (&coturn, NULL))
    return;
  grave = open_grave ("127.0.0.9", coturn.port);
  names_add (names, "three.example.org", "127.0.0.9");
  names_add (names, "three.example.org", "127.0.0.1");
  names_add (names, "three.example.org", "127.0.0.8");
  uri = g_strdup_printf ("turn:three.example.org:%u?transport=udp", coturn.port);
  add_server (peer, "turn:nowhere.example.org:3478");
  add_server (peer, uri);
  stopwatch_start (&took);
  peer_gather (peer);
  stopwatch_stop (&took);
  g_test_message ("gathered in %" G_GINT64_FORMAT " us", took.at_least);
  g_assert_cmpint (took.at_most, <, G_USEC_PER_SEC);
  g_assert_cmpuint (peer_count_relays (peer), ==, 1);
}

/* covers RES-5928-3-c, DTLS-7350-4.6-a: the port is the record's, the certificate that of
 * the URI's name */
static void
test_service_records (gconstpointer uri)
{
  g_auto (Coturn) coturn = { 0 };
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_NONE, 1);
  const gboolean is_secure = g_str_has_prefix (uri, "turns:");
  g_autofree gchar *name = g_strdup_printf (
      "_turn%s._%s." COTURN_NAME, is_secure ? "s" : "",
      g_str_has_suffix (uri, "udp") || g_str_has_suffix (uri, "dtls") ? "udp" : "tcp");

  if (!coturn_start (&coturn, NULL))
    return;
  names_add_srv (names, name, 10, is_secure ? coturn.tls_port : coturn.port,
                 "machine.example.org");
  names_add (names, "machine.example.org", "127.0.0.1");
  g_object_set (peer->agent, "tls-trust-file", coturn.trust_file, NULL);
  add_server (peer, uri);
  peer_gather (peer);
  g_assert_cmpuint (peer_count_relays (peer), ==, 1);
  g_assert_nonnull (strstr (names_get_log (names), name));
}

/* UDP is tried first, and where nobody listens TCP is at once.
 * covers RES-5928-3-b */
static void
test_no_transport_falls_back_to_tcp (void)
{
  g_auto (Coturn) coturn = { 0 };
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_NONE, 1);
  g_autofree gchar *uri = NULL;

  if (!coturn_start (&coturn, "no-udp"))
    return;
  uri = g_strdup_printf ("turn:127.0.0.1:%u", coturn.port);
  add_server (peer, uri);
  peer_gather (peer);
  g_assert_cmpuint (peer_count_relays (peer), ==, 1);
}

/* --- Trust --- */

typedef struct
{
  const gchar *uri; /* %u: the port */
  gboolean is_expired, is_untrusted;
  const gchar *error; /* NULL: it will do */
  GTlsCertificateFlags ignored;
} Trust;

/* Nothing is sent to a server whose certificate will not do.
 * covers STUN-8489-6.2.3-a, URI-7064-4-a */
static void
test_trust (gconstpointer data)
{
  const Trust *row = data;
  g_auto (Coturn) coturn = { .is_expired = row->is_expired };
  g_auto (TlsIdentity) stranger = tls_identity_new ("stranger", 10, NULL);
  g_autofree gchar *strange_file = tls_write_certificate (stranger.certificate);
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_NONE, 1);
  g_autofree gchar *port = NULL;
  g_autofree gchar *uri = NULL;
  GString *text = g_string_new (row->uri);

  if (!coturn_start (&coturn, NULL))
    return;
  names_add (names, COTURN_NAME, "127.0.0.1");
  names_add (names, "other.example.org", "127.0.0.1");
  port = g_strdup_printf ("%u", coturn.tls_port);
  g_string_replace (text, "PORT", port, 0);
  uri = g_string_free (text, FALSE);
  g_object_set (
      peer->agent, "tls-trust-file", row->is_untrusted ? strange_file : coturn.trust_file,
      "tls-validation-flags", G_TLS_CERTIFICATE_VALIDATE_ALL & ~row->ignored, NULL);
  add_server (peer, uri);
  peer_gather (peer);
  g_assert_cmpuint (peer_count_relays (peer), ==, row->error == NULL);
  if (row->error != NULL)
    assert_error (peer, row->error);
  g_unlink (strange_file);
}

static void
free_trust (gpointer data)
{
  Trust *row = data;

  g_free ((gchar *)row->uri);
  g_free (row);
}

static void
add_trust_tests (void)
{
  static const gchar *const roads[] = { "tcp", "udp" };
  static const Trust rows[] = {
    { "right", FALSE, FALSE, NULL, 0 },
    { "wrong-name", FALSE, FALSE, "certificate for \"other.example.org\": hostname", 0 },
    { "expired", TRUE, FALSE, "\"turn.example.org\": certificate has expired", 0 },
    { "untrusted", FALSE, TRUE, "\"turn.example.org\": unable to get local issuer", 0 },
    { "wrong-name-ignored", FALSE, FALSE, NULL, G_TLS_CERTIFICATE_BAD_IDENTITY },
    { "expired-ignored", TRUE, FALSE, NULL, G_TLS_CERTIFICATE_EXPIRED },
    { "untrusted-ignored", FALSE, TRUE, NULL, G_TLS_CERTIFICATE_UNKNOWN_CA },
  };

  for (guint i = 0; i < G_N_ELEMENTS (roads); i++)
    for (guint j = 0; j < G_N_ELEMENTS (rows); j++)
      {
        const gboolean is_wrong = g_str_has_prefix (rows[j].uri, "wrong");
        g_autofree gchar *path =
            g_strdup_printf ("/servers/trust/%s/%s", roads[i], rows[j].uri);
        Trust *row = g_memdup2 (&rows[j], sizeof rows[j]);

        row->uri =
            g_strdup_printf ("turns:%s:PORT?transport=%s",
                             is_wrong ? "other.example.org" : COTURN_NAME, roads[i]);
        g_test_add_data_func_full (path, row, test_trust, free_trust);
      }
}

/* --- Strange servers --- */

typedef enum
{
  STRANGE_CLOSES,
  STRANGE_TALKS_HTTP,
  STRANGE_MAKES_NOISE,
  STRANGE_SAYS_NOTHING
} Strange;

static void
say (GSocketConnection *connection, const gchar *words)
{
  GOutputStream *output = g_io_stream_get_output_stream (G_IO_STREAM (connection));

  g_output_stream_write (output, words, strlen (words), NULL, NULL);
}

static gboolean
on_incoming (GSocketService *service, GSocketConnection *connection, GObject *source,
             gpointer data)
{
  g_object_set_data_full (G_OBJECT (service), "kept", g_object_ref (connection),
                          g_object_unref);
  switch ((Strange)GPOINTER_TO_INT (data))
    {
    case STRANGE_CLOSES:
      g_io_stream_close (G_IO_STREAM (connection), NULL, NULL);
      break;
    case STRANGE_TALKS_HTTP:
      say (connection, "HTTP/1.0 400 Bad Request\r\n\r\n");
      break;
    case STRANGE_MAKES_NOISE:
      say (connection, "\xde\xad\xbe\xef\xde\xad\xbe\xef");
      break;
    case STRANGE_SAYS_NOTHING:
      break;
    }
  return TRUE;
}

static void
meet_stranger (Strange strange, const gchar *scheme, const gchar *error)
{
  g_autoptr (GSocketService) service = g_socket_service_new ();
  const guint16 port =
      g_socket_listener_add_any_inet_port (G_SOCKET_LISTENER (service), NULL, NULL);
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_NONE, 1);
  g_autofree gchar *uri =
      g_strdup_printf ("%s:strange.example.org:%u?transport=tcp", scheme, port);

  names_add (names, "strange.example.org", "127.0.0.1");
  g_signal_connect (service, "incoming", G_CALLBACK (on_incoming),
                    GINT_TO_POINTER (strange));
  add_server (peer, uri);
  peer_gather (peer);
  g_assert_cmpuint (peer_count_relays (peer), ==, 0);
  if (error != NULL)
    assert_error (peer, error);
}

static void
test_tls_server_that_closes_early (void)
{
  meet_stranger (STRANGE_CLOSES, "turns", "tls");
}

static void
test_tls_server_that_speaks_http (void)
{
  meet_stranger (STRANGE_TALKS_HTTP, "turns", "tls");
}

/* covers STUN-8489-6.2.2-g */
static void
test_tcp_server_that_makes_noise (void)
{
  meet_stranger (STRANGE_MAKES_NOISE, "turn", "neither STUN nor ChannelData");
}

/* Two seconds for the answer. covers STUN-8489-6.2.2-a */
static void
test_tcp_server_that_says_nothing (void)
{
  meet_stranger (STRANGE_SAYS_NOTHING, "turn", "no answer");
}

/* Gathering ends at its limit, and closing does not wait for the hand-shake. */
static void
test_tls_server_that_stalls (void)
{
  Stopwatch took;

  stopwatch_start (&took);
  meet_stranger (STRANGE_SAYS_NOTHING, "turns", NULL);
  stopwatch_stop (&took);
  g_assert_cmpint (took.at_most, <, 20 * G_USEC_PER_SEC);
}

static void
add_record_test (const gchar *name, const gchar *uri)
{
  g_autofree gchar *path = g_strdup_printf ("/servers/records/%s", name);

  g_test_add_data_func (path, uri, test_service_records);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  names = names_new ();
  g_test_add_func ("/servers/one-of-two-names",
                   test_one_name_of_two_and_one_address_of_three);
  add_record_test ("udp", "turn:" COTURN_NAME "?transport=udp");
  add_record_test ("tcp", "turn:" COTURN_NAME "?transport=tcp");
  add_record_test ("tls", "turns:" COTURN_NAME "?transport=tcp");
  add_record_test ("dtls", "turns:" COTURN_NAME "?transport=dtls");
  g_test_add_func ("/servers/no-transport", test_no_transport_falls_back_to_tcp);
  add_trust_tests ();
  g_test_add_func ("/servers/tls-closes-early", test_tls_server_that_closes_early);
  g_test_add_func ("/servers/tls-speaks-http", test_tls_server_that_speaks_http);
  g_test_add_func ("/servers/tcp-makes-noise", test_tcp_server_that_makes_noise);
  g_test_add_func ("/servers/tcp-says-nothing", test_tcp_server_that_says_nothing);
  g_test_add_func ("/servers/tls-stalls", test_tls_server_that_stalls);
  return g_test_run ();
}
