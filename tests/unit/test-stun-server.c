/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What users may write for a server, and which host, port and transport that means. */
#include "config.h"

#include "stun-server.h"

typedef struct
{
  const char *text;
  const char *transport;
  const char *host; /* NULL: refused */
  guint port;
  StunServerTransport expected;
} Row;

static void
check_rows (const Row *rows, gsize n)
{
  for (gsize i = 0; i < n; i++)
    {
      const Row *row = &rows[i];
      g_auto (StunServer) server = { NULL };
      g_autoptr (GError) error = NULL;

      g_test_message ("%s, %s", row->text, row->transport);
      if (row->host == NULL)
        {
          g_assert_false (stun_server_parse (&server, row->text, row->transport, &error));
          g_assert_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE);
          continue;
        }
      g_assert_true (stun_server_parse (&server, row->text, row->transport, &error));
      g_assert_no_error (error);
      g_assert_cmpstr (server.host, ==, row->host);
      g_assert_cmpuint (server.port, ==, row->port);
      g_assert_cmpint (server.transport, ==, row->expected);
    }
}

static void
test_host_and_option (void)
{
  static const Row rows[] = {
    { "stun.example.org", NULL, "stun.example.org", 3478, STUN_SERVER_UDP },
    { "stun.example.org:99", NULL, "stun.example.org", 99, STUN_SERVER_UDP },
    { "192.0.2.1", "tcp", "192.0.2.1", 3478, STUN_SERVER_TCP },
    { "2001:db8::1", "tls", "2001:db8::1", 5349, STUN_SERVER_TLS },
    { "[2001:db8::1]:99", "dtls", "2001:db8::1", 99, STUN_SERVER_DTLS },
    { "stun.example.org", "sctp", NULL, 0, 0 },
    { "stun.example.org:99999", NULL, NULL, 0, 0 },
    { "stun.example.org?transport=tcp", NULL, NULL, 0, 0 },
    { "", NULL, NULL, 0, 0 },
  };

  check_rows (rows, G_N_ELEMENTS (rows));
}

/* covers URI-7064-3.1-a */
static void
test_uri_says_the_transport (void)
{
  static const Row rows[] = {
    { "stun:example.org", NULL, "example.org", 3478, STUN_SERVER_UDP },
    { "STUN:example.org:99", NULL, "example.org", 99, STUN_SERVER_UDP },
    { "stun:example.org?transport=tcp", NULL, "example.org", 3478, STUN_SERVER_TCP },
    { "stuns:example.org", NULL, "example.org", 5349, STUN_SERVER_TLS },
    { "stuns:[2001:db8::1]?transport=udp", NULL, "2001:db8::1", 5349, STUN_SERVER_DTLS },
    { "stuns:example.org:99?transport=TCP", NULL, "example.org", 99, STUN_SERVER_TLS },
    { "stun:", NULL, NULL, 0, 0 },
    { "turn:example.org", NULL, NULL, 0, 0 },
    { "stun://example.org", NULL, NULL, 0, 0 },
    { "stun:example.org?transport=sctp", NULL, NULL, 0, 0 },
    { "stun:example.org?port=99", NULL, NULL, 0, 0 },
  };

  check_rows (rows, G_N_ELEMENTS (rows));
}

/* covers DTLS-7350-4.1.1-a */
static void
test_secure_uri_of_an_address_needs_a_name (void)
{
  static const struct
  {
    const char *text, *transport;
    gboolean needs_name;
  } rows[] = {
    { "stuns:192.0.2.1", NULL, TRUE },    { "stuns:[2001:db8::1]:99", "dtls", TRUE },
    { "stuns:example.org", NULL, FALSE }, { "stun:192.0.2.1", NULL, FALSE },
    { "192.0.2.1", "tls", FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_auto (StunServer) server = { NULL };

      g_assert_true (stun_server_parse (&server, rows[i].text, rows[i].transport, NULL));
      g_assert_cmpint (server.needs_name, ==, rows[i].needs_name);
    }
}

/* A URI that promises TLS is never asked in clear. */
static void
test_uri_and_option_must_agree (void)
{
  static const Row rows[] = {
    { "stun:example.org", "tcp", "example.org", 3478, STUN_SERVER_TCP },
    { "stuns:example.org", "dtls", "example.org", 5349, STUN_SERVER_DTLS },
    { "stuns:example.org?transport=udp", "dtls", "example.org", 5349, STUN_SERVER_DTLS },
    { "stuns:example.org?transport=udp", "tls", NULL, 0, 0 },
    { "stuns:example.org", "udp", NULL, 0, 0 },
    { "stun:example.org", "tls", NULL, 0, 0 },
  };

  check_rows (rows, G_N_ELEMENTS (rows));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/stun-server/host-and-option", test_host_and_option);
  g_test_add_func ("/stun-server/uri-says-the-transport", test_uri_says_the_transport);
  g_test_add_func ("/stun-server/secure-uri-of-an-address",
                   test_secure_uri_of_an_address_needs_a_name);
  g_test_add_func ("/stun-server/uri-and-option-must-agree",
                   test_uri_and_option_must_agree);
  return g_test_run ();
}
