/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* RFC 6062 against coturn: agents whose TCP goes through allocations that relay TCP, over
 * connections of their own to the server. */
#include "config.h"

#include "relays.h"

/* Relays nothing but TCP. */
static gboolean
start_server (Coturn *coturn)
{
  return coturn_start (coturn, "no-udp-relay\nverbose");
}

static void
use_relay (Peer *peer, const Coturn *coturn, NiceRelayType type)
{
  g_object_set (peer->agent, "force-relay", TRUE, "ice-tcp", TRUE, "relay-tcp", TRUE,
                NULL);
  peer_use_relay (peer, coturn, type);
}

static void
assert_local (Peer *peer, NiceCandidateType type, NiceCandidateTransport transport)
{
  NiceCandidate *local = NULL, *remote = NULL;

  g_assert_true (
      nice_agent_get_selected_pair (peer->agent, peer->stream, 1, &local, &remote));
  g_assert_cmpint (local->type, ==, type);
  g_assert_cmpint (local->transport, ==, transport);
}

/* Both candidates of the allocation, and nothing of this host. */
static void
assert_candidates (Peer *peer)
{
  GSList *candidates = nice_agent_get_local_candidates (peer->agent, peer->stream, 1);
  guint n_ports = 0;

  g_assert_cmpuint (g_slist_length (candidates), ==, 2);
  for (GSList *link = candidates; link != NULL; link = link->next)
    {
      const NiceCandidate *candidate = link->data;

      g_assert_cmpint (candidate->type, ==, NICE_CANDIDATE_TYPE_RELAYED);
      g_assert_cmpint (candidate->transport, !=, NICE_CANDIDATE_TRANSPORT_UDP);
      n_ports += nice_address_get_port (&candidate->addr) != 0;
    }
  g_assert_cmpuint (n_ports, ==, 1);
  g_slist_free_full (candidates, (GDestroyNotify)nice_candidate_free);
}

/* The answerer first, as it is with offers and answers; its server lets the other in. */
static void
connect_pair (Pair *pair, Coturn *coturn)
{
  peer_gather (pair->left);
  peer_gather (pair->right);
  peer_tell_credentials (pair->right, pair->left);
  peer_tell_candidates (pair->right, pair->left);
  run_pending ();
  if (coturn != NULL)
    coturn_wait_for (coturn, "CREATE_PERMISSION processed, success");
  peer_tell_credentials (pair->left, pair->right);
  peer_tell_candidates (pair->left, pair->right);
  wait_until (peer_is_in (pair->left, NICE_COMPONENT_STATE_READY)
              && peer_is_in (pair->right, NICE_COMPONENT_STATE_READY));
}

/* One end connects through its allocation, the other is connected to through its own.
 * covers TTCP-6062-4.3-a, TTCP-6062-4.4-a, TTCP-6062-4.5-a */
static void
test_relay_to_relay (gconstpointer data)
{
  const NiceRelayType type = GPOINTER_TO_UINT (data);
  g_auto (Coturn) coturn = { 0 };
  g_autoptr (Pair) pair = pair_new (NICE_AGENT_OPTION_NONE, 1);

  if (!start_server (&coturn))
    return;
  use_relay (pair->left, &coturn, type);
  use_relay (pair->right, &coturn, type);
  connect_pair (pair, &coturn);
  assert_candidates (pair->left);
  assert_candidates (pair->right);
  assert_local (pair->left, NICE_CANDIDATE_TYPE_RELAYED,
                NICE_CANDIDATE_TRANSPORT_TCP_ACTIVE);
  assert_local (pair->right, NICE_CANDIDATE_TYPE_RELAYED,
                NICE_CANDIDATE_TRANSPORT_TCP_PASSIVE);
  pair_exchange (pair, 1000);
}

/* The peer has sockets of its own. */
static void
test_relay_to_host (gconstpointer data)
{
  const NiceRelayType type = GPOINTER_TO_UINT (data);
  g_auto (Coturn) coturn = { 0 };
  g_autoptr (Pair) pair = pair_new (NICE_AGENT_OPTION_NONE, 1);

  if (!start_server (&coturn))
    return;
  use_relay (pair->left, &coturn, type);
  g_object_set (pair->right->agent, "ice-tcp", TRUE, NULL);
  connect_pair (pair, NULL);
  pair_exchange (pair, 1000);
}

/* Without a UDP socket of its own. */
static void
test_without_udp (void)
{
  g_auto (Coturn) coturn = { 0 };
  g_autoptr (Pair) pair = pair_new (NICE_AGENT_OPTION_NONE, 1);

  if (!start_server (&coturn))
    return;
  g_object_set (pair->left->agent, "ice-udp", FALSE, NULL);
  g_object_set (pair->right->agent, "ice-udp", FALSE, NULL);
  use_relay (pair->left, &coturn, NICE_RELAY_TYPE_TURN_TCP);
  use_relay (pair->right, &coturn, NICE_RELAY_TYPE_TURN_TCP);
  connect_pair (pair, &coturn);
  assert_candidates (pair->left);
  pair_exchange (pair, 100);
}

typedef struct
{
  guint n_sent, n_received;
} Count;

static void
count_in_order (NiceAgent *agent, guint stream, guint component, guint len, gchar *buf,
                gpointer data)
{
  Count *count = data;
  guint number;

  memcpy (&number, buf, sizeof number);
  g_assert_cmpuint (number, ==, count->n_received++);
}

/* As many as there is room for. */
static void
send_numbers (Peer *peer, Count *count)
{
  gchar message[100] = { 0 };

  do
    memcpy (message, &count->n_sent, sizeof count->n_sent);
  while (nice_agent_send (peer->agent, peer->stream, 1, sizeof message, message) > 0
         && ++count->n_sent > 0);
}

/* What a TCP has acknowledged is not dropped: the sender waits until somebody reads. */
static void
test_nobody_reads (void)
{
  g_auto (Coturn) coturn = { 0 };
  g_autoptr (Pair) pair = pair_new (NICE_AGENT_OPTION_NONE, 1);
  Peer *right = pair->right;
  Count count = { 0 };

  if (!start_server (&coturn))
    return;
  use_relay (pair->left, &coturn, NICE_RELAY_TYPE_TURN_TCP);
  use_relay (right, &coturn, NICE_RELAY_TYPE_TURN_TCP);
  connect_pair (pair, &coturn);
  nice_agent_attach_recv (right->agent, right->stream, 1, NULL, NULL, NULL);
  for (guint i = 0; i < 100; i++)
    {
      send_numbers (pair->left, &count);
      run_pending ();
    }
  nice_agent_attach_recv (right->agent, right->stream, 1, NULL, count_in_order, &count);
  wait_until (count.n_received == count.n_sent);
}

/* The data connection ends with the server, and the component knows. */
static void
test_server_dies (void)
{
  g_auto (Coturn) coturn = { 0 };
  g_autoptr (Pair) pair = pair_new (NICE_AGENT_OPTION_NONE, 1);

  if (!start_server (&coturn))
    return;
  use_relay (pair->left, &coturn, NICE_RELAY_TYPE_TURN_TCP);
  use_relay (pair->right, &coturn, NICE_RELAY_TYPE_TURN_TCP);
  connect_pair (pair, &coturn);
  coturn_kill (&coturn);
  wait_until (peer_is_in (pair->left, NICE_COMPONENT_STATE_FAILED)
              && peer_is_in (pair->right, NICE_COMPONENT_STATE_FAILED));
}

/* One end closes its connection, and the server the other's.
 * covers TTCP-6062-5.5-a */
static void
test_peer_leaves (void)
{
  g_auto (Coturn) coturn = { 0 };
  g_autoptr (Pair) pair = pair_new (NICE_AGENT_OPTION_NONE, 1);

  if (!start_server (&coturn))
    return;
  use_relay (pair->left, &coturn, NICE_RELAY_TYPE_TURN_TCP);
  use_relay (pair->right, &coturn, NICE_RELAY_TYPE_TURN_TCP);
  connect_pair (pair, &coturn);
  nice_agent_remove_stream (pair->right->agent, pair->right->stream);
  wait_until (peer_is_in (pair->left, NICE_COMPONENT_STATE_FAILED));
}

/* Nobody is where the candidate says: 447, and the pair fails. */
static void
test_peer_that_cannot_be_connected_to (void)
{
  g_auto (Coturn) coturn = { 0 };
  g_autoptr (Pair) pair = pair_new (NICE_AGENT_OPTION_NONE, 1);

  if (!start_server (&coturn))
    return;
  use_relay (pair->left, &coturn, NICE_RELAY_TYPE_TURN_TCP);
  g_object_set (pair->left->agent, "idle-timeout", 100, NULL);
  g_object_set (pair->right->agent, "ice-tcp", TRUE, "ice-udp", FALSE, NULL);
  peer_gather (pair->left);
  peer_gather (pair->right);
  peer_tell_credentials (pair->left, pair->right);
  peer_tell_candidates (pair->left, pair->right);
  g_clear_object (&pair->right->agent);
  wait_until (peer_is_in (pair->left, NICE_COMPONENT_STATE_FAILED));
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const gchar *name;
    NiceRelayType type;
  } roads[] = { { "tcp", NICE_RELAY_TYPE_TURN_TCP },
                { "tls", NICE_RELAY_TYPE_TURN_TLS } };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (roads); i++)
    {
      g_autofree gchar *both = g_strdup_printf ("/relay-tcp/both/%s", roads[i].name);
      g_autofree gchar *one = g_strdup_printf ("/relay-tcp/one/%s", roads[i].name);

      g_test_add_data_func (both, GUINT_TO_POINTER (roads[i].type), test_relay_to_relay);
      g_test_add_data_func (one, GUINT_TO_POINTER (roads[i].type), test_relay_to_host);
    }
  g_test_add_func ("/relay-tcp/without-udp", test_without_udp);
  g_test_add_func ("/relay-tcp/nobody-reads", test_nobody_reads);
  g_test_add_func ("/relay-tcp/server-dies", test_server_dies);
  g_test_add_func ("/relay-tcp/peer-leaves", test_peer_leaves);
  g_test_add_func ("/relay-tcp/nobody-there", test_peer_that_cannot_be_connected_to);
  return g_test_run ();
}
