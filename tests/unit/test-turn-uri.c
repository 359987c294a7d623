/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* URIs of servers, and where DNS says that they are. */
#include "config.h"

#include "turn/resolve.h"

#include <string.h>

static void
fill_random (gpointer data, guint8 *dest, gsize len)
{
  memset (dest, 0, len);
}

static const TurnEnv env = { fill_random, NULL };

typedef struct
{
  const gchar *text;
  TurnUriResult result;
  const gchar *host;
  guint16 port;
  TurnUriTransport transport;
} UriRow;

/* covers URI-7064-3.1-a, URI-7065-3.1-a */
static void
test_parse (void)
{
  static const UriRow rows[] = {
    { "stun:example.org", TURN_URI_OK, "example.org", 3478 },
    { "STUNS:example.org", TURN_URI_OK, "example.org", 5349 },
    { "turn:192.0.2.1:3479", TURN_URI_OK, "192.0.2.1", 3479 },
    { "turns:[2001:db8::1]:443?transport=tcp", TURN_URI_OK, "2001:db8::1", 443,
      TURN_URI_TCP },
    { "turn:example.org?transport=udp", TURN_URI_OK, "example.org", 3478, TURN_URI_UDP },
    { "turns:example.org?transport=dtls", TURN_URI_OK, "example.org", 5349,
      TURN_URI_DTLS },
    { "turn:example.org?transport=sctp", TURN_URI_OK, "example.org", 3478,
      TURN_URI_UNKNOWN },
    { "turn://example.org", TURN_URI_BAD_HOST },
    { "http:example.org", TURN_URI_BAD_SCHEME },
    { "", TURN_URI_BAD_SCHEME },
    { "turn:", TURN_URI_BAD_HOST },
    { "turn:[2001:db8::1", TURN_URI_BAD_HOST },
    { "turn:[example.org]", TURN_URI_BAD_HOST },
    { "turn:2001:db8::1", TURN_URI_BAD_PORT },
    { "turn:exa mple.org", TURN_URI_BAD_HOST },
    { "turn:user@example.org", TURN_URI_BAD_HOST },
    { "turn:example.org:", TURN_URI_BAD_PORT },
    { "turn:example.org:0", TURN_URI_BAD_PORT },
    { "turn:example.org:65536", TURN_URI_BAD_PORT },
    { "turn:example.org:80x", TURN_URI_BAD_PORT },
    { "turn:example.org?", TURN_URI_BAD_QUERY },
    { "turn:example.org?transport=", TURN_URI_BAD_QUERY },
    { "turn:example.org?proto=udp", TURN_URI_BAD_QUERY },
    { "stun:example.org?transport=udp", TURN_URI_BAD_QUERY },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      TurnUri uri;

      g_test_message ("%s", rows[i].text);
      g_assert_cmpint (turn_uri_parse (&uri, rows[i].text), ==, rows[i].result);
      if (rows[i].result != TURN_URI_OK)
        continue;
      g_assert_cmpstr (uri.host, ==, rows[i].host);
      g_assert_cmpuint (turn_uri_get_port (&uri), ==, rows[i].port);
      g_assert_cmpint (uri.transport, ==, rows[i].transport);
    }
}

static TurnResolve *
begin (const gchar *text, TurnResolveResult expected)
{
  static const TurnRoad roads[] = { TURN_ROAD_TLS, TURN_ROAD_TCP, TURN_ROAD_UDP };
  TurnResolveResult result;
  TurnResolve *resolve;
  TurnUri uri;

  g_assert_cmpint (turn_uri_parse (&uri, text), ==, TURN_URI_OK);
  resolve = turn_resolve_new (&uri, roads, G_N_ELEMENTS (roads), &env, &result);
  g_assert_cmpint (result, ==, expected);
  return resolve;
}

static void
expect (TurnResolve *resolve, TurnQuestionType type, const gchar *name)
{
  TurnQuestion question;

  g_assert_true (turn_resolve_ask (resolve, &question));
  g_assert_cmpint (question.type, ==, type);
  g_assert_cmpstr (question.name, ==, name);
}

static void
expect_targets (TurnResolve *resolve, const gchar *expected)
{
  static const gchar *const names[] = { "udp", "tcp", "tls", "dtls" };
  g_autoptr (GString) got = g_string_new (NULL);
  const TurnTarget *targets;
  TurnQuestion question;
  guint n;

  g_assert_false (turn_resolve_ask (resolve, &question));
  targets = turn_resolve_get_targets (resolve, &n);
  for (guint i = 0; i < n; i++)
    g_string_append_printf (got, "%s %s:%u ", names[targets[i].road], targets[i].host,
                            targets[i].port);
  g_assert_cmpstr (got->str, ==, expected);
}

/* covers RES-5928-3-a, URI-7064-4-a: no road for turns but a secure one */
static void
test_impossible (void)
{
  g_assert_null (begin ("turn:h?transport=sctp", TURN_RESOLVE_UNKNOWN_TRANSPORT));
  g_assert_null (begin ("turns:h?transport=udp", TURN_RESOLVE_UNSUPPORTED));
  g_assert_null (begin ("turn:h?transport=dtls", TURN_RESOLVE_UNSUPPORTED));
}

/* covers RES-5928-3-b */
static void
test_literal (void)
{
  g_autoptr (TurnResolve) plain = begin ("turn:192.0.2.1", TURN_RESOLVE_OK);
  g_autoptr (TurnResolve) secure = begin ("turns:192.0.2.1", TURN_RESOLVE_OK);

  expect_targets (plain, "tcp 192.0.2.1:3478 udp 192.0.2.1:3478 ");
  expect_targets (secure, "tls 192.0.2.1:5349 ");
}

/* covers RES-5928-3-c */
static void
test_name_with_port (void)
{
  g_autoptr (TurnResolve) resolve = begin ("turn:h:99?transport=udp", TURN_RESOLVE_OK);

  expect_targets (resolve, "udp h:99 ");
}

/* covers RES-5928-3-c, STUN-8489-8.1-b */
static void
test_no_srv (void)
{
  g_autoptr (TurnResolve) resolve = begin ("turns:h?transport=tcp", TURN_RESOLVE_OK);
  g_autoptr (TurnResolve) stun = begin ("stun:h", TURN_RESOLVE_OK);

  expect (resolve, TURN_QUESTION_SRV, "_turns._tcp.h");
  turn_resolve_answer_srv (resolve, NULL, 0);
  expect_targets (resolve, "tls h:5349 ");
  expect (stun, TURN_QUESTION_SRV, "_stun._tcp.h");
  turn_resolve_answer_srv (stun, NULL, 0);
  expect (stun, TURN_QUESTION_SRV, "_stun._udp.h");
  turn_resolve_answer_srv (stun, NULL, 0);
  expect_targets (stun, "tcp h:3478 udp h:3478 ");
}

/* covers RES-2782-a */
static void
test_srv_order (void)
{
  static const TurnSrvRecord records[] = {
    { 20, 0, 3, "c" }, { 10, 5, 2, "b" }, { 10, 0, 1, "a" }, { 30, 0, 4, "." }
  };
  g_autoptr (TurnResolve) resolve = begin ("turn:h?transport=udp", TURN_RESOLVE_OK);

  expect (resolve, TURN_QUESTION_SRV, "_turn._udp.h");
  turn_resolve_answer_srv (resolve, records, G_N_ELEMENTS (records));
  expect_targets (resolve, "udp a:1 udp b:2 udp c:3 ");
}

/* covers RES-5928-3-e: the example of RFC 5928 4.1 */
static void
test_naptr (void)
{
  static const TurnNaptrRecord first[] = {
    { 200, 10, "", "RELAY:turn.tcp:turn.tls", "stream.example.net" },
    { 100, 10, "", "RELAY:turn.udp", "datagram.example.net" },
  };
  static const TurnNaptrRecord datagram[] = {
    { 100, 10, "S", "RELAY:turn.udp", "_turn._udp.example.net" },
  };
  static const TurnNaptrRecord stream[] = {
    { 100, 10, "S", "RELAY:turn.tcp", "_turn._tcp.example.net" },
    { 200, 10, "A", "RELAY:turn.tls", "a.example.net" },
  };
  static const TurnSrvRecord udp = { 0, 0, 3478, "a.example.net" };
  g_autoptr (TurnResolve) resolve = begin ("turn:example.net", TURN_RESOLVE_OK);

  expect (resolve, TURN_QUESTION_NAPTR, "example.net");
  turn_resolve_answer_naptr (resolve, first, G_N_ELEMENTS (first));
  expect (resolve, TURN_QUESTION_NAPTR, "datagram.example.net");
  turn_resolve_answer_naptr (resolve, datagram, 1);
  expect (resolve, TURN_QUESTION_SRV, "_turn._udp.example.net");
  turn_resolve_answer_srv (resolve, &udp, 1);
  expect (resolve, TURN_QUESTION_NAPTR, "stream.example.net");
  turn_resolve_answer_naptr (resolve, stream, 2);
  expect (resolve, TURN_QUESTION_SRV, "_turn._tcp.example.net");
  turn_resolve_answer_srv (resolve, &(TurnSrvRecord) { 0, 0, 5000, "a.example.net" }, 1);
  expect_targets (resolve, "udp a.example.net:3478 tcp a.example.net:5000 ");
}

/* covers RES-5928-3-e */
static void
test_no_naptr (void)
{
  g_autoptr (TurnResolve) resolve = begin ("turns:h", TURN_RESOLVE_OK);

  expect (resolve, TURN_QUESTION_NAPTR, "h");
  turn_resolve_answer_naptr (resolve, NULL, 0);
  expect (resolve, TURN_QUESTION_SRV, "_turns._tcp.h");
  turn_resolve_answer_srv (resolve, NULL, 0);
  expect_targets (resolve, "tls h:5349 ");
}

static void
test_naptr_that_names_itself (void)
{
  static const TurnNaptrRecord loop = { 1, 1, "", "RELAY:turn.udp", "h" };
  g_autoptr (TurnResolve) resolve = begin ("turn:h", TURN_RESOLVE_OK);
  TurnQuestion question;
  guint n = 0;

  while (turn_resolve_ask (resolve, &question))
    {
      g_assert_cmpuint (++n, <=, TURN_MAX_NAPTR_DEPTH);
      turn_resolve_answer_naptr (resolve, &loop, 1);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/turn-uri/parse", test_parse);
  g_test_add_func ("/turn-resolve/impossible", test_impossible);
  g_test_add_func ("/turn-resolve/literal", test_literal);
  g_test_add_func ("/turn-resolve/name-with-port", test_name_with_port);
  g_test_add_func ("/turn-resolve/no-srv", test_no_srv);
  g_test_add_func ("/turn-resolve/srv-order", test_srv_order);
  g_test_add_func ("/turn-resolve/naptr", test_naptr);
  g_test_add_func ("/turn-resolve/no-naptr", test_no_naptr);
  g_test_add_func ("/turn-resolve/naptr-that-names-itself", test_naptr_that_names_itself);
  return g_test_run ();
}
