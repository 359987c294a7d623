/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Gathering host candidates, what they are like, and the SDP of them. Facts of the
 * contract 1.7, 1.10, 1.17, 1.18. */
#include "agents.h"
#include "ports.h"

#include <string.h>

static GSList *
local_candidates (const Peer *peer, guint component)
{
  return nice_agent_get_local_candidates (peer->agent, peer->stream, component);
}

static void
free_candidates (GSList *list)
{
  g_slist_free_full (list, (GDestroyNotify)nice_candidate_free);
}

/* contract 1.7-b */
static void
test_gathering_twice_does_nothing (void)
{
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_NONE, 1);

  peer_gather (peer);
  g_assert_true (nice_agent_gather_candidates (peer->agent, 1));
  run_pending ();
  g_assert_cmpuint (peer_count (peer, "new-candidate-full"), ==, 1);
  g_assert_cmpuint (peer_count (peer, "candidate-gathering-done"), ==, 1);
}

/* contract 1.7-c */
static void
test_unknown_stream_cannot_be_gathered (void)
{
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_NONE, 1);

  g_assert_false (nice_agent_gather_candidates (peer->agent, 2));
}

/* covers ICE-8445-5.1.1.1-a: contract 1.17-a 1.17-d 1.17-e 1.7-h: type 120, the only
 * address, component 1 and 2; foundations shared */
static void
test_host_candidates_of_udp (void)
{
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_NONE, 2);
  GSList *rtp, *rtcp;
  const NiceCandidate *first, *second;

  peer_gather (peer);
  rtp = local_candidates (peer, 1);
  rtcp = local_candidates (peer, 2);
  g_assert_cmpuint (g_slist_length (rtp), ==, 1);
  g_assert_cmpuint (g_slist_length (rtcp), ==, 1);
  first = rtp->data;
  second = rtcp->data;
  g_assert_cmpint (first->type, ==, NICE_CANDIDATE_TYPE_HOST);
  g_assert_cmpint (first->transport, ==, NICE_CANDIDATE_TRANSPORT_UDP);
  g_assert_cmpuint (first->priority >> 24, ==, 120);
  g_assert_cmpuint (first->priority & 0xff, ==, 255);
  g_assert_cmpuint (second->priority & 0xff, ==, 254);
  g_assert_cmpstr (first->foundation, ==, "1");
  g_assert_cmpstr (second->foundation, ==, "1");
  g_assert_cmpuint (first->stream_id, ==, 1);
  g_assert_cmpuint (second->component_id, ==, 2);
  g_assert_true (nice_address_equal (&first->addr, &first->base_addr));
  g_assert_cmpuint (nice_address_get_port (&first->addr), !=, 0);
  free_candidates (rtp);
  free_candidates (rtcp);
}

/* contract 1.7-d 1.7-e: the order of transports */
static void
test_udp_then_active_then_passive (void)
{
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_NONE, 1);
  GSList *list;

  g_object_set (peer->agent, "ice-tcp", TRUE, NULL);
  peer_gather (peer);
  list = local_candidates (peer, 1);
  g_assert_cmpuint (g_slist_length (list), ==, 3);
  for (guint i = 0; i < 3; i++)
    {
      const NiceCandidate *candidate = g_slist_nth_data (list, i);
      g_autofree gchar *foundation = g_strdup_printf ("%u", i + 1);

      g_assert_cmpuint (candidate->transport, ==, i);
      g_assert_cmpstr (candidate->foundation, ==, foundation);
    }
  free_candidates (list);
}

/* contract 1.7-f 1.7-y: beside ICE-TCP, which has an active candidate in any case */
static void
test_port_range_of_one_serves_one_component (void)
{
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_NONE, 2);
  guint port;

#ifdef ON_UDP_MUX
  g_test_skip ("ports are the mux's");
  return;
#endif
  port = find_port ();
  g_object_set (peer->agent, "ice-tcp", TRUE, NULL);
  nice_agent_set_port_range (peer->agent, 1, 1, port, port);
  nice_agent_set_port_range (peer->agent, 1, 2, port, port);
  g_assert_false (nice_agent_gather_candidates (peer->agent, 1));
  run_pending ();
  g_assert_null (strstr (peer->log->str, "candidate"));
  g_assert_null (local_candidates (peer, 1));
  g_assert_cmpint (nice_agent_get_component_state (peer->agent, 1, 2), ==,
                   NICE_COMPONENT_STATE_DISCONNECTED);

  nice_agent_set_port_range (peer->agent, 1, 2, port + 1, 65535);
  g_assert_true (nice_agent_gather_candidates (peer->agent, 1));
  g_assert_true (peer->gathered);
  for (guint i = 1; i <= 2; i++)
    {
      GSList *list = local_candidates (peer, i);
      const NiceCandidate *udp = list->data, *passive = g_slist_nth_data (list, 2);

      g_assert_cmpuint (g_slist_length (list), ==, 3);
      g_assert_cmpuint (nice_address_get_port (&udp->addr) > port, ==, i - 1);
      g_assert_cmpuint (nice_address_get_port (&passive->addr) > port, ==, i - 1);
      free_candidates (list);
    }
}

/* contract 1.7-g */
static void
test_port_range_comes_too_late (void)
{
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_NONE, 1);

  peer_gather (peer);
  g_test_expect_message ("libnice", G_LOG_LEVEL_CRITICAL, "*already called*");
  nice_agent_set_port_range (peer->agent, 1, 1, 1024, 2048);
  g_test_assert_expected_messages ();
}

/* contract 1.10-h: lowest priority of component 1, the same foundation for the others */
static void
test_default_candidate (void)
{
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_NONE, 2);
  NiceCandidate *rtp, *rtcp;

  g_assert_null (nice_agent_get_default_local_candidate (peer->agent, 1, 1));
  g_object_set (peer->agent, "ice-tcp", TRUE, NULL);
  peer_gather (peer);
  rtp = nice_agent_get_default_local_candidate (peer->agent, 1, 1);
  rtcp = nice_agent_get_default_local_candidate (peer->agent, 1, 2);
  g_assert_cmpint (rtp->transport, ==, NICE_CANDIDATE_TRANSPORT_TCP_PASSIVE);
  g_assert_cmpstr (rtp->foundation, ==, rtcp->foundation);
  g_assert_cmpuint (rtcp->component_id, ==, 2);
  nice_candidate_free (rtp);
  nice_candidate_free (rtcp);
}

/* contract 1.18-a 1.18-d 1.18-e */
static void
test_sdp_of_an_agent (void)
{
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_NONE, 1);
  g_autofree gchar *ufrag = NULL, *pwd = NULL, *sdp = NULL, *before = NULL,
                   *expected = NULL;
  GSList *list;
  const NiceCandidate *host;
  guint port;

  nice_agent_set_stream_name (peer->agent, 1, "audio");
  nice_agent_get_local_credentials (peer->agent, 1, &ufrag, &pwd);
  before = nice_agent_generate_local_stream_sdp (peer->agent, 1, TRUE);
  expected = g_strdup_printf ("m=audio 0 ICE/SDP\nc=IN IP4 0.0.0.0\na=ice-ufrag:%s\n"
                              "a=ice-pwd:%s\n",
                              ufrag, pwd);
  g_assert_cmpstr (before, ==, expected);
  peer_gather (peer);
  list = local_candidates (peer, 1);
  host = list->data;
  port = nice_address_get_port (&host->addr);
  g_free (expected);
  expected =
      g_strdup_printf ("m=audio %u ICE/SDP\nc=IN IP4 127.0.0.1\na=ice-ufrag:%s\n"
                       "a=ice-pwd:%s\na=candidate:1 1 UDP %u 127.0.0.1 %u typ host\n",
                       port, ufrag, pwd, host->priority, port);
  sdp = nice_agent_generate_local_sdp (peer->agent);
  g_assert_cmpstr (sdp, ==, expected);
  g_free (sdp);
  sdp = nice_agent_generate_local_stream_sdp (peer->agent, 1, FALSE);
  g_assert_cmpstr (sdp, ==, strstr (expected, "a=ice-ufrag"));
  g_assert_null (nice_agent_generate_local_stream_sdp (peer->agent, 2, TRUE));
  free_candidates (list);
}

/* contract 1.18-e */
static void
test_sdp_of_nothing_is_empty (void)
{
  g_autoptr (GObject) agent =
      G_OBJECT (nice_agent_new (NULL, NICE_COMPATIBILITY_RFC5245));
  g_autofree gchar *sdp = nice_agent_generate_local_sdp (NICE_AGENT (agent));

  g_assert_cmpstr (sdp, ==, "");
}

/* contract 1.18-m */
static void
test_agents_connect_by_sdp_alone (void)
{
  g_autoptr (Pair) pair = pair_new (NICE_AGENT_OPTION_NONE, 2);
  g_autofree gchar *offer = NULL, *answer = NULL;

  peer_gather (pair->left);
  peer_gather (pair->right);
  offer = nice_agent_generate_local_sdp (pair->left->agent);
  answer = nice_agent_generate_local_sdp (pair->right->agent);
  g_assert_cmpint (nice_agent_parse_remote_sdp (pair->right->agent, offer), ==, 2);
  g_assert_cmpint (nice_agent_parse_remote_sdp (pair->left->agent, answer), ==, 2);
  wait_until (peer_is_in (pair->left, NICE_COMPONENT_STATE_READY)
              && peer_is_in (pair->right, NICE_COMPONENT_STATE_READY));
}

/* contract 1.18-j */
static void
test_remote_sdp_that_is_bad (void)
{
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_NONE, 1);
  GSList *list;

  g_assert_cmpint (nice_agent_parse_remote_sdp (
                       peer->agent, "a=candidate:1 1 UDP 1 127.0.0.1 4000 typ host\n"),
                   ==, -1);
  g_assert_cmpint (nice_agent_parse_remote_sdp (
                       peer->agent, "m=- 9 ICE/SDP\n"
                                    "a=candidate:1 1 UDP 1 127.0.0.1 4000 typ host\n"
                                    "a=candidate:1 1 UDP 1 nowhere 4000 typ host\n"),
                   ==, -1);
  list = nice_agent_get_remote_candidates (peer->agent, 1, 1);
  g_assert_cmpuint (g_slist_length (list), ==, 1);
  free_candidates (list);
}

/* contract 1.18-k: last line first */
static void
test_stream_sdp_is_only_read (void)
{
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_NONE, 1);
  g_autofree gchar *ufrag = NULL, *pwd = NULL;
  GSList *list;

  list = nice_agent_parse_remote_stream_sdp (
      peer->agent, 1,
      "a=ice-ufrag:abcd\na=ice-pwd:0123456789012345678901\n"
      "a=candidate:1 1 UDP 1 127.0.0.1 4000 typ host\n"
      "a=candidate:2 1 UDP 1 127.0.0.2 4000 typ host\n",
      &ufrag, &pwd);
  g_assert_cmpstr (ufrag, ==, "abcd");
  g_assert_cmpstr (pwd, ==, "0123456789012345678901");
  g_assert_cmpuint (g_slist_length (list), ==, 2);
  g_assert_cmpstr (((NiceCandidate *)list->data)->foundation, ==, "2");
  free_candidates (list);
  g_assert_null (nice_agent_get_remote_candidates (peer->agent, 1, 1));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/gather/gathering-twice-does-nothing",
                   test_gathering_twice_does_nothing);
  g_test_add_func ("/gather/unknown-stream-cannot-be-gathered",
                   test_unknown_stream_cannot_be_gathered);
  g_test_add_func ("/gather/host-candidates-of-udp", test_host_candidates_of_udp);
  g_test_add_func ("/gather/udp-then-active-then-passive",
                   test_udp_then_active_then_passive);
  g_test_add_func ("/gather/port-range-of-one-serves-one-component",
                   test_port_range_of_one_serves_one_component);
  g_test_add_func ("/gather/port-range-comes-too-late", test_port_range_comes_too_late);
  g_test_add_func ("/gather/default-candidate", test_default_candidate);
  g_test_add_func ("/gather/sdp-of-an-agent", test_sdp_of_an_agent);
  g_test_add_func ("/gather/sdp-of-nothing-is-empty", test_sdp_of_nothing_is_empty);
  g_test_add_func ("/gather/agents-connect-by-sdp-alone",
                   test_agents_connect_by_sdp_alone);
  g_test_add_func ("/gather/remote-sdp-that-is-bad", test_remote_sdp_that_is_bad);
  g_test_add_func ("/gather/stream-sdp-is-only-read", test_stream_sdp_is_only_read);
  return g_test_run ();
}
