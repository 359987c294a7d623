/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The type of service of a stream, on sockets of every kind, whenever they are made. */
#include "agents.h"
#include "server.h"

#include <netinet/in.h>

#define EF (46 << 2) /* expedited forwarding (RFC 3246), as a byte */

static guint
count_sockets (Peer *peer, gint wanted)
{
  g_autoptr (GPtrArray) sockets = nice_agent_get_sockets (peer->agent, peer->stream, 1);
  gint tos;

  for (guint i = 0; i < sockets->len; i++)
    {
      GSocket *socket = g_ptr_array_index (sockets, i);

      g_assert_true (g_socket_get_option (socket, IPPROTO_IP, IP_TOS, &tos, NULL));
      g_assert_cmpint (tos, ==, wanted);
    }
  return sockets->len;
}

static void
on_closed (GObject *agent, GAsyncResult *result, gpointer is_closed)
{
  *(gboolean *)is_closed = TRUE;
}

static void
set (Pair *pair, gint tos)
{
  nice_agent_set_stream_tos (pair->left->agent, 1, tos);
  nice_agent_set_stream_tos (pair->right->agent, 1, tos);
}

/* contract 1.3-o */
static void
test_of_udp_sockets_to_come (void)
{
  g_autoptr (Pair) pair = pair_new (NICE_AGENT_OPTION_NONE, 1);

  set (pair, EF);
  pair_connect (pair);
  g_assert_cmpuint (count_sockets (pair->left, EF), ==, 1);
  set (pair, 0);
  g_assert_cmpuint (count_sockets (pair->left, 0), ==, 1);
}

/* A listener and a connection on each side, made at different times. */
static void
test_of_connections_and_listeners (void)
{
  g_autoptr (Pair) pair = pair_new (NICE_AGENT_OPTION_NONE, 1);
  Peer *const peers[] = { pair->left, pair->right };

  for (guint i = 0; i < 2; i++)
    g_object_set (peers[i]->agent, "ice-tcp", TRUE, "ice-udp", FALSE, NULL);
  set (pair, EF);
  pair_connect (pair);
  for (guint i = 0; i < 2; i++)
    g_assert_cmpuint (count_sockets (peers[i], EF), >=, 2);
  set (pair, 0);
  for (guint i = 0; i < 2; i++)
    count_sockets (peers[i], 0);
}

/* That of the relay is a socket of its own, or the host's. */
static void
test_of_relays (void)
{
  g_autoptr (Server) server = server_new ("192.0.2.1", "192.0.2.2");
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_NONE, 1);
  gboolean is_closed = FALSE;

  nice_agent_set_stream_tos (peer->agent, 1, EF);
  server_serve_relay (server, peer->agent, 1, 1);
  peer_gather (peer);
  g_assert_cmpuint (server->n_allocations, ==, 1);
  g_assert_cmpuint (count_sockets (peer, EF), >=, 1);
  nice_agent_set_stream_tos (peer->agent, 1, 0);
  count_sockets (peer, 0);
  nice_agent_close_async (peer->agent, on_closed, &is_closed);
  wait_until (is_closed);
}

gint
main (gint argc, gchar **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tos/udp", test_of_udp_sockets_to_come);
  g_test_add_func ("/tos/tcp", test_of_connections_and_listeners);
  g_test_add_func ("/tos/relays", test_of_relays);
  return g_test_run ();
}
