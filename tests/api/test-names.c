/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Remote candidates behind names of mDNS, as browsers have them, in whole descriptions
 * and in lines that trickle. */
#include "agents.h"
#include "names.h"

#define NAME "1f4712db-ea17-4bcf-a596-105139dfd8bf.local"
#define LEFT "2579ef4b-50ae-4bfe-95af-70b3376ecb9c.local"
#define LINE "candidate:1 1 udp 2113937151 " NAME " 4000 typ host generation 0"

/* What an agent tells, with names for its addresses, as a browser would. */
static gchar *
describe (const Peer *peer, const gchar *name)
{
  g_autofree gchar *sdp = nice_agent_generate_local_sdp (peer->agent);
  g_autofree gchar *place = g_strdup_printf (" %s ", name);
  g_auto (GStrv) parts = g_strsplit (sdp, " 127.0.0.1 ", -1);

  return g_strjoinv (place, parts);
}

static void
tell (Peer *peer, const Peer *about, const gchar *name, gint expected)
{
  g_autofree gchar *sdp = describe (about, name);

  g_assert_cmpint (nice_agent_parse_remote_sdp (peer->agent, sdp), ==, expected);
}

static guint
count_remotes (const Peer *peer)
{
  GSList *list = nice_agent_get_remote_candidates (peer->agent, peer->stream, 1);
  const guint n = g_slist_length (list);

  g_slist_free_full (list, (GDestroyNotify)nice_candidate_free);
  return n;
}

static gboolean
has_remote (const Peer *peer, const gchar *ip, NiceCandidateType type)
{
  GSList *list = nice_agent_get_remote_candidates (peer->agent, peer->stream, 1);
  gboolean found = FALSE;

  for (const GSList *item = list; item != NULL; item = item->next)
    {
      const NiceCandidate *candidate = item->data;
      g_autofree gchar *text = nice_address_dup_string (&candidate->addr);

      found |= g_str_equal (text, ip) && candidate->type == type;
    }
  g_slist_free_full (list, (GDestroyNotify)nice_candidate_free);
  return found;
}

/* covers MDNS-3.2.1-a */
static void
test_agents_that_hide_their_addresses (void)
{
  g_autoptr (Names) names = names_new ();
  g_autoptr (Pair) pair = pair_new (NICE_AGENT_OPTION_NONE, 2);

  names_add (names, NAME, "127.0.0.1");
  names_add (names, LEFT, "127.0.0.1");
  peer_gather (pair->left);
  peer_gather (pair->right);
  tell (pair->left, pair->right, NAME, 2);
  tell (pair->right, pair->left, LEFT, 2);
  g_assert_cmpuint (count_remotes (pair->left), ==, 0);
  wait_until (peer_is_in (pair->left, NICE_COMPONENT_STATE_READY)
              && peer_is_in (pair->right, NICE_COMPONENT_STATE_READY));
  g_assert_cmpstr (names_get_log (names), ==, NAME " " LEFT " ");
  pair_exchange (pair, 10);
}

/* covers MDNS-6.3-a: left is found at once, right when it has answered already */
static void
test_checks_come_before_the_answer (void)
{
  g_autoptr (Names) names = names_new ();
  g_autoptr (Pair) pair = pair_new (NICE_AGENT_OPTION_NONE, 1);

  names_add (names, NAME, "127.0.0.1");
  peer_gather (pair->left);
  peer_gather (pair->right);
  names_set_silent (names, TRUE);
  tell (pair->left, pair->right, NAME, 1);
  tell (pair->right, pair->left, "127.0.0.1", 1);
  wait_until (peer_is_in (pair->left, NICE_COMPONENT_STATE_READY));
  g_assert_true (
      has_remote (pair->left, "127.0.0.1", NICE_CANDIDATE_TYPE_PEER_REFLEXIVE));
  names_set_silent (names, FALSE);
  wait_until (has_remote (pair->left, "127.0.0.1", NICE_CANDIDATE_TYPE_HOST));
  g_assert_cmpuint (count_remotes (pair->left), ==, 1);
  g_assert_true (peer_is_in (pair->left, NICE_COMPONENT_STATE_READY));
}

/* covers MDNS-3.2.1-a, SDP-8839-5.1-e: nobody knows it, several have it, it is not made
 * for one call, it is no name of mDNS */
static void
test_names_that_lead_nowhere (void)
{
  g_autoptr (Names) names = names_new ();
  g_autoptr (Peer) peer = peer_new_gathered (NICE_AGENT_OPTION_NONE);

  names_add (names, LEFT, "127.0.0.1");
  names_add (names, LEFT, "::1");
  names_add (names, "printer.local", "127.0.0.1");
  names_add (names, "peer.example.org", "127.0.0.1");
  g_assert_cmpint (nice_agent_parse_remote_sdp (
                       peer->agent,
                       "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\n"
                       "a=candidate:1 1 udp 99 " NAME " 4000 typ host\r\n"
                       "a=candidate:2 1 udp 99 " LEFT " 4000 typ host\r\n"
                       "a=candidate:3 1 udp 99 printer.local 4000 typ host\r\n"
                       "a=candidate:4 1 udp 99 peer.example.org 4000 typ host\r\n"
                       "a=candidate:5 1 sctp 99 192.0.2.1 4000 typ host\r\n"
                       "a=candidate:6 1 udp 99 192.0.2.1 4000 typ host\r\n"),
                   ==, 3);
  run_pending ();
  g_assert_cmpstr (names_get_log (names), ==, NAME " " LEFT " ");
  g_assert_cmpuint (count_remotes (peer), ==, 1);
}

/* covers MDNS-3.2.1-a */
static void
test_forced_relay_asks_for_no_name (void)
{
  g_autoptr (Names) names = names_new ();
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_NONE, 1);
  g_autoptr (GError) error = NULL;

  names_add (names, NAME, "127.0.0.1");
  g_object_set (peer->agent, "force-relay", TRUE, NULL);
  g_assert_true (
      nice_agent_add_remote_candidate_sdp (peer->agent, peer->stream, LINE, &error));
  g_assert_no_error (error);
  g_assert_cmpint (nice_agent_parse_remote_sdp (peer->agent, "m=- 9 ICE/SDP\na=" LINE),
                   ==, 0);
  run_pending ();
  g_assert_cmpstr (names_get_log (names), ==, "");
}

/* Names before the first m= line belong to nobody. */
static void
test_name_before_the_first_section (void)
{
  g_autoptr (Names) names = names_new ();
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_NONE, 1);

  g_assert_cmpint (
      nice_agent_parse_remote_sdp (peer->agent, "a=" LINE "\nm=- 9 ICE/SDP\n"), ==, -1);
  g_assert_cmpstr (names_get_log (names), ==, "");
}

static void
assert_refused (Peer *peer, guint stream, const gchar *line, gint code)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (
      nice_agent_add_remote_candidate_sdp (peer->agent, stream, line, &error));
  g_assert_error (error, G_IO_ERROR, code);
}

/* As RTCIceCandidate has them, and as they stand in a description; what the agent has no
 * use for is no error. */
static void
test_lines_that_trickle (void)
{
  static const gchar *const lines[] = {
    LINE,
    "a=candidate:2 1 udp 99 127.0.0.2 4000 typ srflx raddr 0.0.0.0 rport 0\r\n",
    "candidate:3 1 tcp 99 " NAME " 9 typ host tcptype active",
    "candidate:4 2 udp 99 127.0.0.2 4000 typ host",
    "candidate:5 1 udp 99 printer.local 4000 typ host",
  };
  g_autoptr (Names) names = names_new ();
  g_autoptr (Peer) peer = peer_new_gathered (NICE_AGENT_OPTION_ICE_TRICKLE);
  g_autoptr (GError) error = NULL;

  names_add (names, NAME, "127.0.0.3");
  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      g_assert_true (nice_agent_add_remote_candidate_sdp (peer->agent, peer->stream,
                                                          lines[i], &error));
      g_assert_no_error (error);
    }
  nice_agent_peer_candidate_gathering_done (peer->agent, peer->stream);
  wait_until (count_remotes (peer) == 2);
  g_assert_true (has_remote (peer, "127.0.0.2", NICE_CANDIDATE_TYPE_SERVER_REFLEXIVE));
  g_assert_true (has_remote (peer, "127.0.0.3", NICE_CANDIDATE_TYPE_HOST));
  g_assert_cmpstr (names_get_log (names), ==, NAME " ");

  assert_refused (peer, peer->stream, "", G_IO_ERROR_INVALID_ARGUMENT);
  assert_refused (peer, peer->stream, "candidate:1 1 udp 99 nowhere 4000 typ host",
                  G_IO_ERROR_INVALID_ARGUMENT);
  assert_refused (peer, peer->stream + 1, LINE, G_IO_ERROR_NOT_FOUND);
}

/* What the program reads itself is as it was: it looks names up itself, too. */
static void
test_reading_alone_asks_nobody (void)
{
  g_autoptr (Names) names = names_new ();
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_NONE, 1);
  GSList *list;

  g_assert_null (
      nice_agent_parse_remote_candidate_sdp (peer->agent, peer->stream, "a=" LINE));
  list = nice_agent_parse_remote_stream_sdp (
      peer->agent, peer->stream,
      "a=" LINE "\na=candidate:6 1 udp 99 192.0.2.1 4000 typ host\n", NULL, NULL);
  g_assert_cmpuint (g_slist_length (list), ==, 1);
  g_slist_free_full (list, (GDestroyNotify)nice_candidate_free);
  run_pending ();
  g_assert_cmpstr (names_get_log (names), ==, "");
}

/* The word of a line that stands for the address. */
static gchar *
get_place (Peer *peer, guint component)
{
  GSList *list = nice_agent_get_local_candidates (peer->agent, peer->stream, component);
  g_autofree gchar *line =
      nice_agent_generate_local_candidate_sdp (peer->agent, list->data);
  g_auto (GStrv) words = g_strsplit (line, " ", -1);

  g_slist_free_full (list, (GDestroyNotify)nice_candidate_free);
  return g_strdup (words[4]);
}

static Peer *
hide (void)
{
  Peer *peer = peer_new (NICE_AGENT_OPTION_NONE, 2);

  g_object_set (peer->agent, "hide-host-addresses", TRUE, NULL);
  peer_gather (peer);
  return peer;
}

/* covers MDNS-3.1.1-a, MDNS-3.1.2-a, STUN-8489-16-a: one name an address, of one agent,
 * told at once; nobody publishes it here */
static void
test_own_names (void)
{
  g_autoptr (Peer) peer = hide (), other = hide ();
  g_autofree gchar *sdp = nice_agent_generate_local_sdp (peer->agent);
  g_autofree gchar *rtp = get_place (peer, 1), *rtcp = get_place (peer, 2);
  g_autofree gchar *of_other = get_place (other, 1), *again = NULL;

  g_assert_true (g_regex_match_simple ("^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab]"
                                       "[0-9a-f]{3}-[0-9a-f]{12}\\.local$",
                                       rtp, 0, 0));
  g_assert_cmpstr (rtp, ==, rtcp);
  g_assert_cmpstr (rtp, !=, of_other);
  g_assert_nonnull (strstr (sdp, rtp));
  g_assert_null (strstr (sdp, "127.0.0.1"));
  g_assert_true (
      g_str_has_prefix (sdp, "m=- 9 ICE/SDP\nc=IN IP4 0.0.0.0\na=rtcp:9\na=ice-ufrag:"));
  run_pending ();
  g_assert_true (nice_agent_restart (peer->agent));
  again = get_place (peer, 1);
  g_assert_cmpstr (rtp, ==, again);
}

/* What the peer has told is no secret of ours. */
static void
test_candidates_of_the_peer_keep_their_address (void)
{
  g_autoptr (Peer) peer = hide ();
  NiceCandidate *candidate = nice_agent_parse_remote_candidate_sdp (
      peer->agent, peer->stream, "a=candidate:1 1 UDP 1 192.0.2.1 4000 typ host");
  g_autofree gchar *line =
      nice_agent_generate_local_candidate_sdp (peer->agent, candidate);

  g_assert_cmpstr (line, ==, "a=candidate:1 1 UDP 1 192.0.2.1 4000 typ host");
  nice_candidate_free (candidate);
}

typedef enum
{
  AFTER_RESTART,
  AFTER_REMOVAL,
  AFTER_LAST_REFERENCE,
  BEFORE_THE_CONTEXT_RUNS
} Accident;

/* The answer comes all the same, later, and does no harm. */
static void
test_question_that_nobody_waits_for (gconstpointer data)
{
  const Accident accident = GPOINTER_TO_INT (data);
  g_autoptr (Names) names = names_new ();
  g_autoptr (Peer) peer = peer_new_gathered (NICE_AGENT_OPTION_NONE);

  names_add (names, NAME, "127.0.0.1");
  names_set_silent (names, TRUE);
  g_assert_true (
      nice_agent_add_remote_candidate_sdp (peer->agent, peer->stream, LINE, NULL));
  if (accident != BEFORE_THE_CONTEXT_RUNS)
    run_pending ();
  g_assert_cmpuint (names_count_cancelled (names), ==, 0);
  if (accident == AFTER_LAST_REFERENCE)
    g_clear_object (&peer->agent);
  else if (accident == AFTER_REMOVAL)
    nice_agent_remove_stream (peer->agent, peer->stream);
  else
    g_assert_true (nice_agent_restart (peer->agent));
  g_assert_cmpuint (names_count_cancelled (names), ==,
                    accident != BEFORE_THE_CONTEXT_RUNS);
  run_pending ();
  g_assert_cmpstr (names_get_log (names), ==,
                   accident == BEFORE_THE_CONTEXT_RUNS ? "" : NAME " ");
  names_set_silent (names, FALSE);
  run_pending ();
  if (peer->agent != NULL)
    g_assert_cmpuint (count_remotes (peer), ==, 0);
}

#define ADD(name, function) g_test_add_func ("/names/" name, function)
#define ADD_ACCIDENT(name, accident)                                                     \
  g_test_add_data_func ("/names/not-waited-for/" name, GINT_TO_POINTER (accident),       \
                        test_question_that_nobody_waits_for)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_setenv ("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nowhere", TRUE);
  ADD ("agents-that-hide-their-addresses", test_agents_that_hide_their_addresses);
  ADD ("checks-come-before-the-answer", test_checks_come_before_the_answer);
  ADD ("names-that-lead-nowhere", test_names_that_lead_nowhere);
  ADD ("forced-relay-asks-for-no-name", test_forced_relay_asks_for_no_name);
  ADD ("name-before-the-first-section", test_name_before_the_first_section);
  ADD ("lines-that-trickle", test_lines_that_trickle);
  ADD ("reading-alone-asks-nobody", test_reading_alone_asks_nobody);
  ADD ("own-names", test_own_names);
  ADD ("candidates-of-the-peer-keep-their-address",
       test_candidates_of_the_peer_keep_their_address);
  ADD_ACCIDENT ("after-restart", AFTER_RESTART);
  ADD_ACCIDENT ("after-removal", AFTER_REMOVAL);
  ADD_ACCIDENT ("after-last-reference", AFTER_LAST_REFERENCE);
  ADD_ACCIDENT ("before-the-context-runs", BEFORE_THE_CONTEXT_RUNS);
  return g_test_run ();
}
