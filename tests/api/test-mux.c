/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Agents that share their sockets, as a server sees it. That all else holds on shared
 * sockets the other tests of this folder show, which run on a mux as well. */
#include "agents.h"
#include "ports.h"

#include <nice/udpmux.h>

#include <string.h>

static NiceAgent *
make_agent (NiceUdpMux *mux)
{
  NiceAgent *agent = g_object_new (NICE_TYPE_AGENT, "udp-mux", mux, "ice-tcp", FALSE,
                                   "upnp", FALSE, "controlling-mode", FALSE, NULL);
  NiceAddress loopback;

  nice_address_init (&loopback);
  g_assert_true (nice_address_set_from_string (&loopback, "127.0.0.1"));
  nice_agent_add_local_address (agent, &loopback);
  return agent;
}

static guint
get_port (NiceAgent *agent, guint stream, guint component)
{
  GSList *list = nice_agent_get_local_candidates (agent, stream, component);
  guint port;

  g_assert_cmpuint (g_slist_length (list), ==, 1);
  port = nice_address_get_port (&((NiceCandidate *)list->data)->addr);
  g_slist_free_full (list, (GDestroyNotify)nice_candidate_free);
  return port;
}

static guint64
get_count (NiceUdpMux *mux, const gchar *name)
{
  GValue value = G_VALUE_INIT;
  guint64 count;

  g_object_get_property (G_OBJECT (mux), name, &value);
  count = G_VALUE_HOLDS_UINT (&value) ? g_value_get_uint (&value)
                                      : g_value_get_uint64 (&value);
  g_value_unset (&value);
  return count;
}

/* One port a component, whoever asks. */
static void
test_agents_have_one_port (void)
{
  g_autoptr (NiceUdpMux) mux = nice_udp_mux_new (NULL, 0);
  g_autoptr (NiceAgent) first = make_agent (mux);
  g_autoptr (NiceAgent) second = make_agent (mux);

  nice_agent_add_stream (first, 2);
  nice_agent_add_stream (second, 2);
  g_assert_true (nice_agent_gather_candidates (first, 1));
  g_assert_true (nice_agent_gather_candidates (second, 1));
  g_assert_cmpuint (get_port (first, 1, 1), ==, get_port (second, 1, 1));
  g_assert_cmpuint (get_port (first, 1, 2), ==, get_port (second, 1, 2));
  g_assert_cmpuint (get_port (first, 1, 1), !=, get_port (first, 1, 2));
  g_assert_cmpuint (get_count (mux, "n-sockets"), ==, 2);
  g_assert_cmpuint (get_count (mux, "n-sessions"), ==, 4);
  nice_agent_remove_stream (first, 1);
  g_assert_cmpuint (get_count (mux, "n-sessions"), ==, 2);
}

static void
test_port_by_number (void)
{
  const guint port = find_port ();
  g_autoptr (NiceUdpMux) numbered = nice_udp_mux_new (NULL, port);
  g_autoptr (NiceUdpMux) late = nice_udp_mux_new (NULL, port);
  g_autoptr (NiceAgent) agent = make_agent (numbered);
  g_autoptr (GError) error = NULL;
  NiceAddress address;

  nice_agent_add_stream (agent, 1);
  g_assert_true (nice_agent_gather_candidates (agent, 1));
  g_assert_cmpuint (get_port (agent, 1, 1), ==, port);

  g_assert_true (nice_address_set_from_string (&address, "127.0.0.1"));
  g_assert_false (nice_udp_mux_open (late, &address, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE);
}

/* The agents keep what they need. */
static void
test_mux_may_be_let_go_of (void)
{
  NiceUdpMux *mux = nice_udp_mux_new (NULL, 0);
  g_autoptr (NiceUdpMux) got = NULL;
  g_autoptr (NiceAgent) agent = make_agent (mux);

  g_object_unref (mux);
  nice_agent_add_stream (agent, 1);
  g_assert_true (nice_agent_gather_candidates (agent, 1));
  g_object_get (agent, "udp-mux", &got, NULL);
  g_assert_true (got == mux);
}

static void
test_a_ufrag_cannot_be_taken_twice (void)
{
  const gchar *pwd = "a password of enough characters";
  g_autoptr (NiceUdpMux) mux = nice_udp_mux_new (NULL, 0);
  g_autoptr (NiceAgent) first = make_agent (mux);
  g_autoptr (NiceAgent) second = make_agent (mux);
  g_autofree gchar *ufrag = NULL, *unused = NULL;

  nice_agent_add_stream (first, 1);
  nice_agent_add_stream (second, 1);
  g_assert_true (nice_agent_get_local_credentials (first, 1, &ufrag, &unused));
  g_assert_cmpuint (strlen (ufrag), ==, 8);
  g_assert_true (nice_agent_gather_candidates (first, 1));
  g_assert_true (nice_agent_set_local_credentials (first, 1, "fixed", pwd));

  /* Known too late, there is no candidate; known in time, the call says so. */
  g_assert_true (nice_agent_set_local_credentials (second, 1, "fixed", pwd));
  g_assert_false (nice_agent_gather_candidates (second, 1));
  g_assert_true (nice_agent_set_local_credentials (second, 1, "other", pwd));
  g_assert_true (nice_agent_gather_candidates (second, 1));
  g_assert_false (nice_agent_set_local_credentials (second, 1, "fixed", pwd));
}

static void
tell (NiceAgent *from, guint from_stream, NiceAgent *to, guint to_stream)
{
  GSList *candidates = nice_agent_get_local_candidates (from, from_stream, 1);
  g_autofree gchar *ufrag = NULL, *pwd = NULL;

  nice_agent_get_local_credentials (from, from_stream, &ufrag, &pwd);
  nice_agent_set_remote_credentials (to, to_stream, ufrag, pwd);
  nice_agent_set_remote_candidates (to, to_stream, 1, candidates);
  g_slist_free_full (candidates, (GDestroyNotify)nice_candidate_free);
}

static void
on_data (NiceAgent *agent, guint stream_id, guint component_id, guint len, gchar *buf,
         gpointer bytes)
{
  *(guint *)bytes += len;
}

/* Two streams of one server's agent, each with a peer, and the counts of each. */
static void
test_counts_of_a_session (void)
{
  g_autoptr (NiceUdpMux) mux = nice_udp_mux_new (NULL, 0);
  g_autoptr (NiceAgent) server = make_agent (mux);
  g_autoptr (Peer) first = peer_new (NICE_AGENT_OPTION_NONE, 1);
  g_autoptr (Peer) second = peer_new (NICE_AGENT_OPTION_NONE, 1);
  Peer *const peers[] = { first, second };
  guint n_bytes[2] = { 0 };
  guint64 received, dropped, sum = 0;

  for (guint i = 0; i < 2; i++)
    {
      g_assert_cmpuint (nice_agent_add_stream (server, 1), ==, i + 1);
      nice_agent_attach_recv (server, i + 1, 1, NULL, on_data, &n_bytes[i]);
      g_assert_true (nice_agent_gather_candidates (server, i + 1));
      peer_gather (peers[i]);
      tell (server, i + 1, peers[i]->agent, 1);
      tell (peers[i]->agent, 1, server, i + 1);
      wait_until (peer_is_in (peers[i], NICE_COMPONENT_STATE_READY));
    }
  nice_agent_send (first->agent, 1, 1, 3, "abc");
  nice_agent_send (second->agent, 1, 1, 5, "defgh");
  wait_until (n_bytes[0] == 3 && n_bytes[1] == 5);
  for (guint i = 0; i < 2; i++)
    {
      g_assert_true (
          nice_agent_get_udp_mux_counts (server, i + 1, 1, &received, &dropped));
      g_assert_cmpuint (received, >=, 2);
      g_assert_cmpuint (dropped, ==, 0);
      sum += received;
    }
  g_assert_cmpuint (get_count (mux, "received"), ==, sum);
  g_assert_cmpuint (get_count (mux, "unroutable"), ==, 0);
  g_assert_false (nice_agent_get_udp_mux_counts (first->agent, 1, 1, NULL, NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/udp-mux/agents-have-one-port", test_agents_have_one_port);
  g_test_add_func ("/udp-mux/port-by-number", test_port_by_number);
  g_test_add_func ("/udp-mux/mux-may-be-let-go-of", test_mux_may_be_let_go_of);
  g_test_add_func ("/udp-mux/a-ufrag-cannot-be-taken-twice",
                   test_a_ufrag_cannot_be_taken_twice);
  g_test_add_func ("/udp-mux/counts-of-a-session", test_counts_of_a_session);
  return g_test_run ();
}
