/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Two agents find each other: what they say meanwhile and in which order, and what they
 * carry then. Facts of the contract 1.4, 1.5, 1.9, 1.10. */
#include "agents.h"

#include <string.h>

static void
assert_in_order (const gchar *log, ...)
{
  va_list words;
  const gchar *word;

  va_start (words, log);
  while ((word = va_arg (words, const gchar *)) != NULL)
    {
      const gchar *at = strstr (log, word);

      if (at == NULL)
        g_error ("no %s in the rest of the record: %s", word, log);
      log = at + strlen (word);
    }
  va_end (words);
}

/* contract 1.1-a 1.4-f: order within gather_candidates */
static void
test_gathering_is_over_when_the_call_returns (void)
{
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_NONE, 1);

  g_assert_true (nice_agent_gather_candidates (peer->agent, peer->stream));
  assert_in_order (peer->log->str, "gathering ", "new-candidate-full ", "new-candidate ",
                   "candidate-gathering-done ", NULL);
}

/* contract 1.4-g 1.5-a 1.10-a: no state is left out */
static void
test_signals_come_in_order (gconstpointer options)
{
  g_autoptr (Pair) pair = pair_new (GPOINTER_TO_UINT (options), 1);

  pair_connect (pair);
  assert_in_order (pair->left->log->str, "gathering ", "connecting ",
                   "new-selected-pair-full ", "new-selected-pair ", "connected ",
                   "ready ", NULL);
  assert_in_order (pair->right->log->str, "gathering ", "connecting ",
                   "new-selected-pair-full ", "new-selected-pair ", "connected ",
                   "ready ", NULL);
  assert_in_order (pair->right->log->str, "initial-binding-request-received ",
                   "new-selected-pair-full ", NULL);
  g_assert_cmpuint (peer_count (pair->left, "initial-binding-request-received"), ==, 1);
  g_assert_cmpuint (peer_count (pair->right, "initial-binding-request-received"), ==, 1);
  g_assert_null (strstr (pair->left->log->str, "failed"));
}

/* contract 1.1-a 1.5-b: remote candidates make pairs, and pairs make the state, inside
 * the call */
static void
test_connecting_before_the_call_returns (void)
{
  g_autoptr (Pair) pair = pair_new (NICE_AGENT_OPTION_NONE, 1);

  peer_gather (pair->left);
  peer_gather (pair->right);
  peer_tell_credentials (pair->left, pair->right);
  g_assert_cmpint (pair->left->state[1], ==, NICE_COMPONENT_STATE_GATHERING);
  peer_tell_candidates (pair->left, pair->right);
  g_assert_cmpint (pair->left->state[1], ==, NICE_COMPONENT_STATE_CONNECTING);
}

static void
assert_pair_fits (const Pair *pair, guint component)
{
  NiceCandidate *local, *remote, *peers_local, *peers_remote;

  g_assert_true (nice_agent_get_selected_pair (pair->left->agent, pair->left->stream,
                                               component, &local, &remote));
  g_assert_true (nice_agent_get_selected_pair (pair->right->agent, pair->right->stream,
                                               component, &peers_local, &peers_remote));
  g_assert_true (nice_address_equal (&local->addr, &peers_remote->addr));
  g_assert_true (nice_address_equal (&remote->addr, &peers_local->addr));
}

/* contract 1.10-b */
static void
test_both_select_the_same_pair (void)
{
  g_autoptr (Pair) pair = pair_new (NICE_AGENT_OPTION_NONE, 3);

  pair_connect (pair);
  for (guint i = 1; i <= 3; i++)
    assert_pair_fits (pair, i);
}

/* contract 1.10-e: the pointers belong to the agent and outlive further calls */
static void
test_selected_pair_is_lent (void)
{
  g_autoptr (Pair) pair = pair_new (NICE_AGENT_OPTION_NONE, 1);
  NiceCandidate *local = NULL, *remote = NULL, *again, *unused;

  g_assert_false (
      nice_agent_get_selected_pair (pair->left->agent, 1, 1, &local, &remote));
  g_assert_null (local);
  pair_connect (pair);
  g_assert_true (nice_agent_get_selected_pair (pair->left->agent, 1, 1, &local, &remote));
  g_assert_true (nice_agent_get_selected_pair (pair->left->agent, 1, 1, &again, &unused));
  g_assert_true (again == local);
  g_assert_cmpuint (local->stream_id, ==, 1);
  g_assert_cmpuint (local->component_id, ==, 1);
}

static void
test_data_goes_both_ways (void)
{
  g_autoptr (Pair) pair = pair_new (NICE_AGENT_OPTION_NONE, 2);

  pair_connect (pair);
  for (guint i = 1; i <= 2; i++)
    {
      g_assert_cmpint (nice_agent_send (pair->left->agent, 1, i, 5, "hello"), ==, 5);
      g_assert_cmpint (nice_agent_send (pair->right->agent, 1, i, 3, "hi!"), ==, 3);
    }
  wait_until (pair->right->n_messages[1] == 1 && pair->right->n_messages[2] == 1
              && pair->left->n_messages[1] == 1 && pair->left->n_messages[2] == 1);
  g_assert_cmpstr (pair->right->received[1]->str, ==, "hello");
  g_assert_cmpstr (pair->left->received[2]->str, ==, "hi!");
}

/* contract 1.10-d: both controlling (RFC 8445 7.3.1.1); the property goes on to read as
 * it was set */
static void
test_both_want_to_control (void)
{
  g_autoptr (Pair) pair = pair_new (NICE_AGENT_OPTION_NONE, 1);
  gboolean left, right;

  g_object_set (pair->right->agent, "controlling-mode", TRUE, NULL);
  pair_connect (pair);
  g_object_get (pair->left->agent, "controlling-mode", &left, NULL);
  g_object_get (pair->right->agent, "controlling-mode", &right, NULL);
  g_assert_true (left && right);
  assert_pair_fits (pair, 1);
}

/* Janus writes a candidate line with the base as raddr, and reads it again. */
static void
on_learned (NiceAgent *agent, NiceCandidate *candidate, gpointer data)
{
  gchar text[NICE_ADDRESS_STRING_LEN];

  nice_address_to_string (&candidate->base_addr, text);
  g_assert_cmpstr (text, ==, "127.0.0.1");
  g_assert_true (nice_address_equal (&candidate->base_addr, &candidate->addr));
}

/* contract 1.6-g 1.9-g 1.4-d 1.4-r: candidates first, and credentials alone */
static void
test_order_of_what_is_told_is_free (void)
{
  g_autoptr (Pair) pair = pair_new (NICE_AGENT_OPTION_NONE, 1);

  peer_gather (pair->left);
  peer_gather (pair->right);
  peer_tell_candidates (pair->left, pair->right);
  peer_tell_credentials (pair->left, pair->right);
  /* The right one learns the left's candidate from its check. */
  g_signal_connect (pair->right->agent, "new-remote-candidate-full",
                    G_CALLBACK (on_learned), NULL);
  peer_tell_credentials (pair->right, pair->left);
  wait_until (peer_is_in (pair->left, NICE_COMPONENT_STATE_READY)
              && peer_is_in (pair->right, NICE_COMPONENT_STATE_READY));
  g_assert_cmpuint (peer_count (pair->right, "new-remote-candidate-full"), ==, 1);
}

/* contract 1.9-a 1.9-b 1.9-c: peer-reflexive, priority 0, without address, of an unused
 * transport */
static void
test_candidates_that_are_not_taken (void)
{
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_NONE, 1);
  g_autoptr (GSList) list = NULL;
  NiceCandidate *candidate = nice_candidate_new (NICE_CANDIDATE_TYPE_HOST);

  list = g_slist_append (NULL, candidate);
  candidate->priority = 1;
  g_assert_cmpint (nice_agent_set_remote_candidates (peer->agent, 1, 1, list), ==, 0);
  nice_address_set_from_string (&candidate->addr, "127.0.0.1");
  nice_address_set_port (&candidate->addr, 4000);
  candidate->priority = 0;
  g_assert_cmpint (nice_agent_set_remote_candidates (peer->agent, 1, 1, list), ==, 0);
  candidate->priority = 1;
  candidate->type = NICE_CANDIDATE_TYPE_PEER_REFLEXIVE;
  g_assert_cmpint (nice_agent_set_remote_candidates (peer->agent, 1, 1, list), ==, 0);
  candidate->type = NICE_CANDIDATE_TYPE_HOST;
  candidate->transport = NICE_CANDIDATE_TRANSPORT_TCP_PASSIVE;
  g_assert_cmpint (nice_agent_set_remote_candidates (peer->agent, 1, 1, list), ==, 0);
  candidate->transport = NICE_CANDIDATE_TRANSPORT_UDP;
  candidate->stream_id = candidate->component_id = 77; /* those of the call win */
  g_assert_cmpint (nice_agent_set_remote_candidates (peer->agent, 1, 1, list), ==, 1);
  g_assert_cmpint (nice_agent_set_remote_candidates (peer->agent, 1, 1, NULL), ==, 0);
  nice_candidate_free (candidate);
}

/* contract 1.9-e 1.9-h */
static void
test_more_than_25_remote_candidates_are_taken (void)
{
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_NONE, 1);
  GSList *list = NULL;

  for (guint i = 0; i < 40; i++)
    {
      NiceCandidate *candidate = nice_candidate_new (NICE_CANDIDATE_TYPE_HOST);

      nice_address_set_from_string (&candidate->addr, "127.0.0.1");
      nice_address_set_port (&candidate->addr, 4000 + i);
      candidate->priority = 1000 + i;
      list = g_slist_prepend (list, candidate);
    }
  g_assert_cmpint (nice_agent_set_remote_candidates (peer->agent, 1, 1, list), ==, 40);
  g_slist_free_full (list, (GDestroyNotify)nice_candidate_free);
  list = nice_agent_get_remote_candidates (peer->agent, 1, 1);
  g_assert_cmpuint (g_slist_length (list), ==, 40);
  g_slist_free_full (list, (GDestroyNotify)nice_candidate_free);
}

/* contract 1.9-a */
static void
test_unknown_component_is_minus_one (void)
{
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_NONE, 1);

  g_test_expect_message ("libnice", G_LOG_LEVEL_WARNING, "*Could not find component*");
  g_assert_cmpint (nice_agent_set_remote_candidates (peer->agent, 1, 2, NULL), ==, -1);
  g_test_assert_expected_messages ();
}

static void
on_candidate (NiceAgent *agent, NiceCandidate *candidate, Peer *other)
{
  GSList list = { candidate, NULL };

  g_assert_cmpint (nice_agent_set_remote_candidates (other->agent, candidate->stream_id,
                                                     candidate->component_id, &list),
                   ==, 1);
}

/* contract 1.1-c 1.11-a 1.11-b */
static void
test_candidates_are_passed_on_in_the_handler (void)
{
  g_autoptr (Pair) pair = pair_new (NICE_AGENT_OPTION_ICE_TRICKLE, 1);

  g_signal_connect (pair->left->agent, "new-candidate-full", G_CALLBACK (on_candidate),
                    pair->right);
  g_signal_connect (pair->right->agent, "new-candidate-full", G_CALLBACK (on_candidate),
                    pair->left);
  peer_tell_credentials (pair->left, pair->right);
  peer_tell_credentials (pair->right, pair->left);
  peer_gather (pair->left);
  peer_gather (pair->right);
  g_assert_true (nice_agent_peer_candidate_gathering_done (pair->left->agent, 1));
  g_assert_false (nice_agent_peer_candidate_gathering_done (pair->left->agent, 9));
  wait_until (peer_is_in (pair->left, NICE_COMPONENT_STATE_READY)
              && peer_is_in (pair->right, NICE_COMPONENT_STATE_READY));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/connect/gathering-is-over-when-the-call-returns",
                   test_gathering_is_over_when_the_call_returns);
  g_test_add_data_func ("/connect/signals-come-in-order/aggressive",
                        GUINT_TO_POINTER (NICE_AGENT_OPTION_NONE),
                        test_signals_come_in_order);
  g_test_add_data_func ("/connect/signals-come-in-order/regular",
                        GUINT_TO_POINTER (NICE_AGENT_OPTION_REGULAR_NOMINATION),
                        test_signals_come_in_order);
  g_test_add_func ("/connect/connecting-before-the-call-returns",
                   test_connecting_before_the_call_returns);
  g_test_add_func ("/connect/both-select-the-same-pair", test_both_select_the_same_pair);
  g_test_add_func ("/connect/selected-pair-is-lent", test_selected_pair_is_lent);
  g_test_add_func ("/connect/data-goes-both-ways", test_data_goes_both_ways);
  g_test_add_func ("/connect/both-want-to-control", test_both_want_to_control);
  g_test_add_func ("/connect/order-of-what-is-told-is-free",
                   test_order_of_what_is_told_is_free);
  g_test_add_func ("/connect/candidates-that-are-not-taken",
                   test_candidates_that_are_not_taken);
  g_test_add_func ("/connect/more-than-25-remote-candidates-are-taken",
                   test_more_than_25_remote_candidates_are_taken);
  g_test_add_func ("/connect/unknown-component-is-minus-one",
                   test_unknown_component_is_minus_one);
  g_test_add_func ("/connect/candidates-are-passed-on-in-the-handler",
                   test_candidates_are_passed_on_in_the_handler);
  return g_test_run ();
}
