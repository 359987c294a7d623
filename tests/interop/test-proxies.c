/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The proxy properties with real proxies: a TURN server over TCP and TLS, and a peer over
 * ICE-TCP, are reached through each kind, and what a proxy says no to is named. */
#include "config.h"

#include <string.h>

#include "proxy.h"
#include "relays.h"

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

/* --- A relay through a proxy --- */

static void
carry_through (ProxyKind kind, NiceRelayType type)
{
  g_auto (Coturn) coturn = { 0 };
  g_auto (Proxy) proxy = { 0 };
  g_autoptr (Pair) pair = pair_new (NICE_AGENT_OPTION_NONE, 1);

  if (!start_proxy (&proxy, kind))
    return;
  if (!coturn_start (&coturn, NULL))
    return;
  g_object_set (pair->left->agent, "force-relay", TRUE, NULL);
  use_proxy (pair->left, &proxy, kind, PROXY_PASSWORD);
  peer_use_relay (pair->left, &coturn, type);
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
  carry_through (GPOINTER_TO_INT (kind), NICE_RELAY_TYPE_TURN_TCP);
}

static void
test_relay_over_tls (gconstpointer kind)
{
  carry_through (GPOINTER_TO_INT (kind), NICE_RELAY_TYPE_TURN_TLS);
}

static void
test_wrong_password (gconstpointer data)
{
  const ProxyKind kind = GPOINTER_TO_INT (data);
  g_auto (Coturn) coturn = { 0 };
  g_auto (Proxy) proxy = { 0 };
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_NONE, 1);
  g_autofree gchar *error = NULL;
  guint code;

  if (!start_proxy (&proxy, kind))
    return;
  if (!coturn_start (&coturn, NULL))
    return;
  use_proxy (peer, &proxy, kind, "wrong");
  peer_use_relay (peer, &coturn, NICE_RELAY_TYPE_TURN_TCP);
  peer_gather (peer);
  error = peer_dup_server_error (peer, 1, &code);
  g_assert_cmpstr (error, !=, NULL);
  if (strstr (error, is_http (kind) ? "http: HTTP proxy said: " : "socks5: ") == NULL)
    g_error ("\"%s\" does not name the proxy", error);
}

/* Nobody listens where the proxy should be: named, at once, and nothing goes around it.
 */
static void
test_no_proxy (void)
{
  g_auto (Coturn) coturn = { 0 };
  g_auto (Proxy) proxy = { .port = 1 };
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_NONE, 1);
  g_autofree gchar *error = NULL;
  guint code;

  if (!coturn_start (&coturn, NULL))
    return;
  use_proxy (peer, &proxy, PROXY_MICROSOCKS, NULL);
  peer_use_relay (peer, &coturn, NICE_RELAY_TYPE_TURN_TCP);
  peer_gather (peer);
  error = peer_dup_server_error (peer, 1, &code);
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
