/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The proxy properties with real proxies: a TURN server over TCP and TLS, and a peer over
 * ICE-TCP, are reached through each kind, and what a proxy says no to is named. */
#include "config.h"

#include <string.h>

#include "agents.h"
#include "coturn.h"
#include "proxy.h"

static gboolean
start_proxy (Proxy *proxy, ProxyKind kind)
{
  if (proxy_start (proxy, kind))
    return TRUE;
  g_test_skip ("that proxy is not installed");
  return FALSE;
}

static gboolean
is_http (ProxyKind kind)
{
  return kind >= PROXY_TINYPROXY;
}

static gboolean
has_auth (ProxyKind kind)
{
  return kind == PROXY_MICROSOCKS_AUTH || kind == PROXY_TINYPROXY_AUTH
         || kind == PROXY_SQUID_DIGEST;
}

static void
use_proxy (Peer *peer, const Proxy *proxy, ProxyKind kind, const gchar *password)
{
  g_object_set (peer->agent, "proxy-type",
                is_http (kind) ? NICE_PROXY_TYPE_HTTP : NICE_PROXY_TYPE_SOCKS5,
                "proxy-ip", "127.0.0.1", "proxy-port", proxy->port, NULL);
  if (has_auth (kind))
    g_object_set (peer->agent, "proxy-username", PROXY_USER, "proxy-password", password,
                  NULL);
}

static void
use_relay (Peer *peer, const Coturn *coturn, gboolean is_secure)
{
  g_object_set (peer->agent, "tls-trust-file", coturn->trust_file, "tls-validation-flags",
                G_TLS_CERTIFICATE_VALIDATE_ALL & ~G_TLS_CERTIFICATE_BAD_IDENTITY, NULL);
  g_assert_true (nice_agent_set_relay_info (
      peer->agent, peer->stream, 1, "127.0.0.1",
      is_secure ? coturn->tls_port : coturn->port, COTURN_USER, COTURN_PASSWORD,
      is_secure ? NICE_RELAY_TYPE_TURN_TLS : NICE_RELAY_TYPE_TURN_TCP));
}

static gchar *
dup_error (Peer *peer)
{
  g_autoptr (GVariant) stats = nice_agent_get_stats (peer->agent);
  g_autoptr (GVariant) server =
      g_variant_lookup_value (stats, "S1", G_VARIANT_TYPE_VARDICT);
  gchar *text = NULL;

  g_assert_nonnull (server);
  g_variant_lookup (server, "errorText", "s", &text);
  return text;
}

/* --- A relay through a proxy --- */

static void
carry_through (ProxyKind kind, gboolean is_secure)
{
  static const gchar *const options[] = { NULL };
  g_auto (Coturn) coturn = { 0 };
  g_auto (Proxy) proxy = { 0 };
  g_autoptr (Pair) pair = pair_new (NICE_AGENT_OPTION_NONE, 1);

  if (!start_proxy (&proxy, kind))
    return;
  if (!coturn_start (&coturn, options))
    {
      g_test_skip ("coturn is not installed");
      return;
    }
  g_object_set (pair->left->agent, "force-relay", TRUE, NULL);
  use_proxy (pair->left, &proxy, kind, PROXY_PASSWORD);
  use_relay (pair->left, &coturn, is_secure);
  pair_connect (pair);
  for (guint i = 0; i < 100; i++)
    {
      nice_agent_send (pair->left->agent, pair->left->stream, 1, 4, "left");
      nice_agent_send (pair->right->agent, pair->right->stream, 1, 5, "right");
      wait_until (pair->left->n_messages[1] == i + 1
                  && pair->right->n_messages[1] == i + 1);
    }
}

/* covers SOCKS-1928-3-a, SOCKS-1928-4-a, PROXY-7231-4.3.6-a */
static void
test_relay_over_tcp (gconstpointer kind)
{
  carry_through (GPOINTER_TO_INT (kind), FALSE);
}

static void
test_relay_over_tls (gconstpointer kind)
{
  carry_through (GPOINTER_TO_INT (kind), TRUE);
}

static void
test_wrong_password (gconstpointer data)
{
  const ProxyKind kind = GPOINTER_TO_INT (data);
  static const gchar *const options[] = { NULL };
  g_auto (Coturn) coturn = { 0 };
  g_auto (Proxy) proxy = { 0 };
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_NONE, 1);
  g_autofree gchar *error = NULL;

  if (!start_proxy (&proxy, kind))
    return;
  if (!coturn_start (&coturn, options))
    {
      g_test_skip ("coturn is not installed");
      return;
    }
  use_proxy (peer, &proxy, kind, "wrong");
  use_relay (peer, &coturn, FALSE);
  peer_gather (peer);
  error = dup_error (peer);
  g_assert_cmpstr (error, !=, NULL);
  if (strstr (error, is_http (kind) ? "http: HTTP proxy said: " : "socks5: ") == NULL)
    g_error ("\"%s\" does not name the proxy", error);
}

/* Nobody listens where the proxy should be: named, at once, and nothing goes around it.
 */
static void
test_no_proxy (void)
{
  static const gchar *const options[] = { NULL };
  g_auto (Coturn) coturn = { 0 };
  g_auto (Proxy) proxy = { .port = 1 };
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_NONE, 1);
  g_autofree gchar *error = NULL;

  if (!coturn_start (&coturn, options))
    {
      g_test_skip ("coturn is not installed");
      return;
    }
  use_proxy (peer, &proxy, PROXY_MICROSOCKS, NULL);
  use_relay (peer, &coturn, FALSE);
  peer_gather (peer);
  error = dup_error (peer);
  g_assert_cmpstr (error, !=, NULL);
}

/* --- ICE-TCP through a proxy --- */

/* The controlling side connects through its proxy to the listener of the other one. */
static void
test_peer (gconstpointer data)
{
  const ProxyKind kind = GPOINTER_TO_INT (data);
  g_auto (Proxy) proxy = { 0 };
  g_autoptr (Pair) pair = pair_new (NICE_AGENT_OPTION_REGULAR_NOMINATION, 1);
  NiceCandidate *local = NULL, *remote = NULL;

  if (!start_proxy (&proxy, kind))
    return;
  g_object_set (pair->left->agent, "ice-tcp", TRUE, "ice-udp", FALSE, NULL);
  g_object_set (pair->right->agent, "ice-tcp", TRUE, "ice-udp", FALSE, NULL);
  use_proxy (pair->left, &proxy, kind, PROXY_PASSWORD);
  use_proxy (pair->right, &(Proxy) { .port = 1 }, kind, PROXY_PASSWORD);
  pair_connect (pair);
  g_assert_true (nice_agent_get_selected_pair (pair->left->agent, pair->left->stream, 1,
                                               &local, &remote));
  g_assert_cmpint (local->transport, ==, NICE_CANDIDATE_TRANSPORT_TCP_ACTIVE);
  for (guint i = 0; i < 100; i++)
    {
      nice_agent_send (pair->left->agent, pair->left->stream, 1, 4, "left");
      nice_agent_send (pair->right->agent, pair->right->stream, 1, 5, "right");
      wait_until (pair->left->n_messages[1] == i + 1
                  && pair->right->n_messages[1] == i + 1);
    }
}

static void
add (const gchar *what, const gchar *name, ProxyKind kind, GTestDataFunc test)
{
  g_autofree gchar *path = g_strdup_printf ("/proxies/%s/%s", what, name);

  g_test_add_data_func (path, GINT_TO_POINTER (kind), test);
}

int
main (int argc, char **argv)
{
  static const gchar *const names[] = { "microsocks", "microsocks-auth", "dante",
                                        "tinyproxy",  "tinyproxy-basic", "squid-digest" };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      add ("relay-tcp", names[i], i, test_relay_over_tcp);
      add ("relay-tls", names[i], i, test_relay_over_tls);
      add ("peer", names[i], i, test_peer);
      if (has_auth (i))
        add ("wrong-password", names[i], i, test_wrong_password);
    }
  g_test_add_func ("/proxies/no-proxy", test_no_proxy);
  return g_test_run ();
}
