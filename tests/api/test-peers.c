/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What an agent makes of several peers, and of bad ones. Facts of the contract 1.10,
 * 1.11. */
#include "agents.h"
#include "stranger.h"

#define PRIORITY 2000000000u

static gboolean
has_selected (const Peer *peer, const Stranger *stranger)
{
  NiceCandidate *local = NULL, *remote = NULL;

  return nice_agent_get_selected_pair (peer->agent, 1, 1, &local, &remote)
         && nice_address_equal (&remote->addr, &stranger->address);
}

/* contract 1.10-i: the worse one asks and answers before the better one is known */
static void
test_the_better_pair_is_taken (void)
{
  g_autoptr (Peer) peer = peer_new_gathered (NICE_AGENT_OPTION_NONE);
  g_autoptr (Stranger) first = stranger_new ();
  g_autoptr (Stranger) worse = stranger_new ();
  g_autoptr (Stranger) better = stranger_new ();

  first->answers = worse->answers = better->answers = TRUE;
  stranger_meet (first, peer->agent, 1, PRIORITY);
  wait_until (peer_is_in (peer, NICE_COMPONENT_STATE_READY));
  g_assert_true (has_selected (peer, first));
  stranger_meet (worse, peer->agent, 1, PRIORITY - 1);
  stranger_check (worse, peer->agent, 1, &(Check) { NULL });
  stranger_wait (worse, 0);
  run_pending ();
  g_assert_true (has_selected (peer, first));
  stranger_meet (better, peer->agent, 1, PRIORITY + 1);
  wait_until (has_selected (peer, better));
  wait_until (peer_is_in (peer, NICE_COMPONENT_STATE_READY));
  g_assert_cmpuint (peer_count (peer, "new-selected-pair-full"), ==, 2);
}

/* contract 1.12-b: nothing is asked of a peer whose new credentials are not known */
static void
test_a_restart_forgets_the_peers_credentials (void)
{
  g_autoptr (Peer) peer = peer_new_gathered (NICE_AGENT_OPTION_NONE);
  g_autoptr (Stranger) stranger = stranger_new ();
  g_autoptr (Stranger) other = stranger_new ();
  NiceCandidate *candidate = nice_candidate_new (NICE_CANDIDATE_TYPE_HOST);
  GSList list = { candidate, NULL };

  stranger->answers = other->answers = TRUE;
  stranger_meet (stranger, peer->agent, 1, PRIORITY);
  wait_until (peer_is_in (peer, NICE_COMPONENT_STATE_READY));
  g_assert_true (nice_agent_restart (peer->agent));
  candidate->addr = other->address;
  candidate->priority = PRIORITY;
  g_assert_cmpint (nice_agent_set_remote_candidates (peer->agent, 1, 1, &list), ==, 1);
  nice_candidate_free (candidate);
  for (guint i = 0; i < 20; i++)
    g_main_context_iteration (NULL, FALSE);
  g_assert_cmpuint (other->heard->len, ==, 0);
  stranger_meet (other, peer->agent, 1, PRIORITY);
  wait_until (has_selected (peer, other));
}

/* One whose only candidate said no. */
static void
be_refused (Peer *peer, Stranger *stranger)
{
  g_object_set (peer->agent, "idle-timeout", 50, NULL);
  stranger_meet (stranger, peer->agent, 1, PRIORITY);
  stranger_refuse (stranger, stranger_wait (stranger, 0), STUN_ERROR_BAD_REQUEST);
}

/* contract 1.11-d: the other one shows that there was time enough to fail */
static void
test_who_trickles_waits (void)
{
  g_autoptr (Peer) patient = peer_new_gathered (NICE_AGENT_OPTION_ICE_TRICKLE);
  g_autoptr (Peer) other = peer_new_gathered (NICE_AGENT_OPTION_NONE);
  g_autoptr (Stranger) one = stranger_new ();
  g_autoptr (Stranger) two = stranger_new ();

  be_refused (patient, one);
  be_refused (other, two);
  wait_until (other->state[1] == NICE_COMPONENT_STATE_FAILED);
  g_assert_cmpint (patient->state[1], ==, NICE_COMPONENT_STATE_CONNECTING);
  g_assert_true (nice_agent_peer_candidate_gathering_done (patient->agent, 1));
  wait_until (patient->state[1] == NICE_COMPONENT_STATE_FAILED);
}

#define ADD(name, function) g_test_add_func ("/peers/" name, function)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("the-better-pair-is-taken", test_the_better_pair_is_taken);
  ADD ("a-restart-forgets-the-peers-credentials",
       test_a_restart_forgets_the_peers_credentials);
  ADD ("who-trickles-waits", test_who_trickles_waits);
  return g_test_run ();
}
