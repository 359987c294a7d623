/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The course of a session: restarts, consent, selection by hand, failure, and waiting for
 * all that. Facts of the contract 1.5, 1.10, 1.12, 1.13. */
#include "agents.h"

#include <string.h>

static Pair *
connected_pair (NiceAgentOption options)
{
  Pair *pair = pair_new (options, 1);

  pair_connect (pair);
  return pair;
}

/* --- Restart --- */

/* contract 1.12-b */
static void
test_restart_makes_new_credentials (void)
{
  g_autoptr (Pair) pair = connected_pair (NICE_AGENT_OPTION_NONE);
  g_autofree gchar *ufrag = NULL, *pwd = NULL, *new_ufrag = NULL, *new_pwd = NULL;

  nice_agent_get_local_credentials (pair->left->agent, 1, &ufrag, &pwd);
  g_assert_true (nice_agent_restart (pair->left->agent));
  nice_agent_get_local_credentials (pair->left->agent, 1, &new_ufrag, &new_pwd);
  g_assert_cmpstr (ufrag, !=, new_ufrag);
  g_assert_cmpstr (pwd, !=, new_pwd);
  g_assert_cmpint (pair->left->state[1], ==, NICE_COMPONENT_STATE_GATHERING);
  g_assert_null (nice_agent_get_remote_candidates (pair->left->agent, 1, 1));
}

/* contract 1.12-c 1.3-i 1.3-j: the old pair carries on until another one is selected,
 * whatever the state */
static void
test_data_goes_on_during_a_restart (void)
{
  g_autoptr (Pair) pair = connected_pair (NICE_AGENT_OPTION_NONE);

  nice_agent_restart (pair->left->agent);
  nice_agent_restart (pair->right->agent);
  g_assert_cmpint (pair->left->state[1], ==, NICE_COMPONENT_STATE_GATHERING);
  g_assert_cmpint (nice_agent_send (pair->left->agent, 1, 1, 4, "data"), ==, 4);
  wait_until (pair->right->n_messages[1] == 1);
  peer_tell_credentials (pair->left, pair->right);
  peer_tell_candidates (pair->left, pair->right);
  g_assert_cmpint (pair->left->state[1], ==, NICE_COMPONENT_STATE_CONNECTING);
  g_assert_cmpint (nice_agent_send (pair->left->agent, 1, 1, 4, "more"), ==, 4);
  wait_until (pair->right->n_messages[1] == 2);
  g_assert_cmpstr (pair->right->received[1]->str, ==, "datamore");
}

static void
reconnect (Pair *pair)
{
  peer_tell_credentials (pair->left, pair->right);
  peer_tell_credentials (pair->right, pair->left);
  peer_tell_candidates (pair->left, pair->right);
  peer_tell_candidates (pair->right, pair->left);
  wait_until (peer_is_in (pair->left, NICE_COMPONENT_STATE_READY)
              && peer_is_in (pair->right, NICE_COMPONENT_STATE_READY));
}

/* contract 1.12-a 1.12-f */
static void
test_restarted_agents_connect_again (gconstpointer options)
{
  g_autoptr (Pair) pair = connected_pair (GPOINTER_TO_UINT (options));

  g_assert_true (nice_agent_restart (pair->left->agent));
  g_assert_true (nice_agent_restart_stream (pair->right->agent, 1));
  reconnect (pair);
  g_assert_cmpint (nice_agent_send (pair->left->agent, 1, 1, 4, "data"), ==, 4);
  wait_until (pair->right->n_messages[1] == 1);
}

/* libnice does not look for new addresses */
static void
test_restart_finds_new_addresses (void)
{
  g_autoptr (Pair) pair = connected_pair (NICE_AGENT_OPTION_NONE);
  NiceAddress address;
  GSList *candidates;
  const NiceCandidate *first, *second;

  nice_address_init (&address);
  nice_address_set_from_string (&address, "127.0.0.2");
  nice_agent_add_local_address (pair->left->agent, &address);
  nice_agent_restart (pair->left->agent);
  wait_until (peer_count (pair->left, "candidate-gathering-done") == 2);
  candidates = nice_agent_get_local_candidates (pair->left->agent, 1, 1);
  g_assert_cmpuint (g_slist_length (candidates), ==, 2);
  first = candidates->data;
  second = candidates->next->data;
  g_assert_true (nice_address_equal_no_port (&second->addr, &address));
  g_assert_cmpuint (first->priority, !=, second->priority);
  g_assert_cmpstr (first->foundation, !=, second->foundation);
  g_slist_free_full (candidates, (GDestroyNotify)nice_candidate_free);
  nice_agent_restart (pair->right->agent);
  reconnect (pair);
}

/* --- Consent --- */

/* contract 1.12-a */
static void
test_restart_of_the_unknown (void)
{
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_NONE, 1);

  g_test_expect_message ("libnice", G_LOG_LEVEL_WARNING, "*Could not find*");
  g_assert_false (nice_agent_restart_stream (peer->agent, 7));
  g_test_assert_expected_messages ();
}

/* contract 1.13-e */
static void
test_consent_can_only_be_revoked_where_it_is_kept (void)
{
  g_autoptr (Pair) pair = connected_pair (NICE_AGENT_OPTION_NONE);

  g_test_expect_message ("libnice", G_LOG_LEVEL_WARNING, "*consent*");
  g_assert_false (nice_agent_consent_lost (pair->left->agent, 1, 1));
  g_test_assert_expected_messages ();
}

/* contract 1.3-h 1.12-g 1.13-c 1.13-e 1.13-f: both ends fail, nothing is sent, a restart
 * heals */
static void
test_consent_is_revoked (void)
{
  g_autoptr (Pair) pair = connected_pair (NICE_AGENT_OPTION_CONSENT_FRESHNESS);
  g_autoptr (GError) error = NULL;
  GOutputVector vector = { "x", 1 };
  NiceOutputMessage message = { &vector, 1 };

  g_assert_true (nice_agent_consent_lost (pair->left->agent, 1, 1));
  wait_until (pair->right->state[1] == NICE_COMPONENT_STATE_FAILED);
  g_assert_cmpint (nice_agent_send_messages_nonblocking (pair->right->agent, 1, 1,
                                                         &message, 1, NULL, &error),
                   ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED);
  nice_agent_restart (pair->left->agent);
  nice_agent_restart (pair->right->agent);
  reconnect (pair);
  g_assert_cmpint (nice_agent_send (pair->right->agent, 1, 1, 1, "x"), ==, 1);
}

/* --- By hand --- */

/* contract 1.4-m 1.10-g: states first, then the pair */
static void
test_remote_candidate_by_hand (void)
{
  g_autoptr (Pair) pair = pair_new (NICE_AGENT_OPTION_NONE, 1);
  GSList *candidates;
  const gchar *at;

  peer_gather (pair->left);
  peer_gather (pair->right);
  candidates = nice_agent_get_local_candidates (pair->right->agent, 1, 1);
  g_assert_true (nice_agent_set_selected_remote_candidate (pair->left->agent, 1, 1,
                                                           candidates->data));
  g_slist_free_full (candidates, (GDestroyNotify)nice_candidate_free);
  g_assert_cmpint (pair->left->state[1], ==, NICE_COMPONENT_STATE_READY);
  g_assert_cmpuint (peer_count (pair->left, "new-remote-candidate-full"), ==, 1);
  at = strstr (pair->left->log->str, "ready ");
  g_assert_nonnull (strstr (at, "new-selected-pair-full "));
  g_assert_cmpint (nice_agent_send (pair->left->agent, 1, 1, 1, "x"), ==, 1);
}

/* The agent keeps a limited number of those that it gave away: not one that it still
 * gives away goes for one that it gives away anew. */
static void
test_many_pairs_with_one_local_candidate (void)
{
  g_autoptr (Peer) peer = peer_new_gathered (NICE_AGENT_OPTION_NONE);
  GSList *own = nice_agent_get_local_candidates (peer->agent, 1, 1);
  const guint port = nice_address_get_port (&((NiceCandidate *)own->data)->addr);
  NiceCandidate *candidate, *local, *remote;

  candidate = nice_agent_parse_remote_candidate_sdp (
      peer->agent, 1, "a=candidate:1 1 UDP 5 127.0.0.9 4000 typ host");
  for (guint i = 4000; i < 4200; i++)
    {
      nice_address_set_port (&candidate->addr, i);
      g_assert_true (
          nice_agent_set_selected_remote_candidate (peer->agent, 1, 1, candidate));
      g_assert_true (nice_agent_get_selected_pair (peer->agent, 1, 1, &local, &remote));
      g_assert_cmpuint (nice_address_get_port (&local->addr), ==, port);
      g_assert_cmpuint (nice_address_get_port (&remote->addr), ==, i);
    }
  nice_candidate_free (candidate);
  g_slist_free_full (own, (GDestroyNotify)nice_candidate_free);
}

/* contract 1.2-r: fallback mode hears everybody */
static void
test_everybody_is_heard_then (void)
{
  g_autoptr (Pair) pair = pair_new (NICE_AGENT_OPTION_NONE, 1);
  g_autoptr (GSocket) stranger = g_socket_new (
      G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_DATAGRAM, G_SOCKET_PROTOCOL_UDP, NULL);
  g_autoptr (GSocketAddress) to = NULL;
  struct sockaddr_storage native;
  GSList *left, *right;
#ifdef ON_UDP_MUX
  /* Who is not known belongs to nobody on a shared socket. */
  const gchar *heard = "datadata";
#else
  const gchar *heard = "datastrangerdata";
#endif

  peer_gather (pair->left);
  peer_gather (pair->right);
  left = nice_agent_get_local_candidates (pair->left->agent, 1, 1);
  right = nice_agent_get_local_candidates (pair->right->agent, 1, 1);
  nice_agent_set_selected_remote_candidate (pair->left->agent, 1, 1, right->data);
  nice_agent_set_selected_remote_candidate (pair->right->agent, 1, 1, left->data);
  nice_agent_send (pair->left->agent, 1, 1, 4, "data");
  wait_until (pair->right->n_messages[1] == 1);

  /* One that nobody was told of. */
  nice_address_copy_to_sockaddr (&((NiceCandidate *)right->data)->addr,
                                 (struct sockaddr *)&native);
  to = g_socket_address_new_from_native (&native, sizeof (struct sockaddr_in));
  g_assert_cmpint (g_socket_send_to (stranger, to, "stranger", 8, NULL, NULL), ==, 8);
  nice_agent_send (pair->left->agent, 1, 1, 4, "data");
  wait_until (pair->right->received[1]->len >= strlen (heard));
  g_assert_cmpstr (pair->right->received[1]->str, ==, heard);
  g_slist_free_full (left, (GDestroyNotify)nice_candidate_free);
  g_slist_free_full (right, (GDestroyNotify)nice_candidate_free);
}

/* contract 1.10-f */
static void
test_pair_by_hand (void)
{
  g_autoptr (Pair) pair = pair_new (NICE_AGENT_OPTION_NONE, 1);

  peer_gather (pair->left);
  peer_gather (pair->right);
  peer_tell_credentials (pair->left, pair->right);
  peer_tell_candidates (pair->left, pair->right);
  g_assert_false (nice_agent_set_selected_pair (pair->left->agent, 1, 1, "1", "none"));
  g_assert_true (nice_agent_set_selected_pair (pair->left->agent, 1, 1, "1", "1"));
  g_assert_cmpint (pair->left->state[1], ==, NICE_COMPONENT_STATE_READY);
}

/* contract 1.7-r */
static void
test_relays_of_none_can_be_forgotten (void)
{
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_NONE, 1);

  g_assert_true (nice_agent_forget_relays (peer->agent, 1, 1));
  g_assert_false (nice_agent_forget_relays (peer->agent, 1, 2));
}

/* --- Waiting --- */

typedef struct
{
  gboolean called, good;
  GError *error;
} Outcome;

static void
on_connected (GObject *agent, GAsyncResult *result, gpointer data)
{
  Outcome *outcome = data;

  outcome->good = nice_agent_connect_finish (NICE_AGENT (agent), result, &outcome->error);
  outcome->called = TRUE;
}

static void
on_gathered (GObject *agent, GAsyncResult *result, gpointer data)
{
  Outcome *outcome = data;

  outcome->good =
      nice_agent_gather_candidates_finish (NICE_AGENT (agent), result, &outcome->error);
  outcome->called = TRUE;
}

/* What await is made of */
static void
test_gathering_can_be_awaited (void)
{
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_NONE, 1);
  Outcome outcome = { FALSE };

  nice_agent_gather_candidates_async (peer->agent, 1, NULL, on_gathered, &outcome);
  wait_until (outcome.called);
  g_assert_true (outcome.good);
  outcome = (Outcome) { FALSE };
  nice_agent_gather_candidates_async (peer->agent, 2, NULL, on_gathered, &outcome);
  wait_until (outcome.called);
  g_assert_error (outcome.error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_error_free (outcome.error);
}

/* What stands in the way comes as an error, not as FALSE */
static void
test_gathering_fails_with_a_reason (void)
{
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_NONE, 2);
  g_autoptr (NiceAgent) elsewhere = nice_agent_new (NULL, NICE_COMPATIBILITY_RFC5245);
  Outcome outcome = { FALSE };
  NiceAddress foreign;

#ifdef ON_UDP_MUX
  g_test_skip ("ports are the mux's");
  return;
#endif
  nice_agent_set_port_range (peer->agent, 1, 1, 50000, 50000);
  nice_agent_set_port_range (peer->agent, 1, 2, 50000, 50000);
  nice_agent_gather_candidates_async (peer->agent, 1, NULL, on_gathered, &outcome);
  wait_until (outcome.called);
  g_assert_error (outcome.error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE);
  g_assert_nonnull (strstr (outcome.error->message, "Stream 1, component "));
  g_clear_error (&outcome.error);

  nice_address_init (&foreign);
  nice_address_set_from_string (&foreign, "192.0.2.99");
  g_object_set (elsewhere, "upnp", FALSE, "ice-tcp", FALSE, NULL);
  nice_agent_add_local_address (elsewhere, &foreign);
  nice_agent_add_stream (elsewhere, 1);
  outcome = (Outcome) { FALSE };
  nice_agent_gather_candidates_async (elsewhere, 1, NULL, on_gathered, &outcome);
  wait_until (outcome.called);
  g_assert_error (outcome.error, G_IO_ERROR, G_IO_ERROR_NETWORK_UNREACHABLE);
  g_assert_nonnull (strstr (outcome.error->message, "Stream 1, component 1"));
  g_error_free (outcome.error);
}

static void
test_connecting_can_be_awaited (void)
{
  g_autoptr (Pair) pair = pair_new (NICE_AGENT_OPTION_NONE, 2);
  Outcome outcome = { FALSE };

  nice_agent_connect_async (pair->left->agent, 1, 0, NULL, on_connected, &outcome);
  pair_connect (pair);
  wait_until (outcome.called);
  g_assert_true (outcome.good);
  outcome = (Outcome) { FALSE };
  nice_agent_connect_async (pair->left->agent, 1, 2, NULL, on_connected, &outcome);
  wait_until (outcome.called && outcome.good);
}

static void
test_the_unknown_is_not_connected (void)
{
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_NONE, 2);
  static const guint unknown[][2] = { { 1, 3 }, { 2, 0 }, { 2, 1 } };

  for (guint i = 0; i < G_N_ELEMENTS (unknown); i++)
    {
      Outcome outcome = { FALSE };

      nice_agent_connect_async (peer->agent, unknown[i][0], unknown[i][1], NULL,
                                on_connected, &outcome);
      wait_until (outcome.called);
      g_assert_error (outcome.error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
      g_error_free (outcome.error);
    }
}

static void
test_the_wait_ends_with_the_stream (void)
{
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_NONE, 1);
  Outcome outcome = { FALSE };

  nice_agent_connect_async (peer->agent, 1, 1, NULL, on_connected, &outcome);
  nice_agent_remove_stream (peer->agent, 1);
  wait_until (outcome.called);
  g_assert_error (outcome.error, G_IO_ERROR, G_IO_ERROR_CLOSED);
  g_error_free (outcome.error);
}

static void
test_the_wait_can_be_cancelled (void)
{
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_NONE, 1);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Outcome outcome = { FALSE };

  nice_agent_connect_async (peer->agent, 1, 1, cancellable, on_connected, &outcome);
  g_cancellable_cancel (cancellable);
  wait_until (outcome.called);
  g_assert_error (outcome.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_error_free (outcome.error);
}

/* contract 1.5-g: libnice stays in gathering for ever */
static void
test_no_pair_is_a_failure (void)
{
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_ICE_TRICKLE, 1);
  Outcome outcome = { FALSE };

  g_object_set (peer->agent, "idle-timeout", 50, NULL);
  peer_gather (peer);
  g_assert_true (nice_agent_set_remote_credentials (peer->agent, 1, "abcd",
                                                    "0123456789012345678901"));
  nice_agent_connect_async (peer->agent, 1, 1, NULL, on_connected, &outcome);
  g_assert_true (nice_agent_peer_candidate_gathering_done (peer->agent, 1));
  wait_until (outcome.called);
  g_assert_error (outcome.error, G_IO_ERROR, G_IO_ERROR_HOST_UNREACHABLE);
  g_assert_cmpstr (outcome.error->message, ==,
                   "Stream 1, component 1: The peer has no candidates");
  g_assert_cmpint (peer->state[1], ==, NICE_COMPONENT_STATE_FAILED);
  g_error_free (outcome.error);
}

#define ADD(name, function) g_test_add_func ("/session/" name, function)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("restart-makes-new-credentials", test_restart_makes_new_credentials);
  ADD ("data-goes-on-during-a-restart", test_data_goes_on_during_a_restart);
  g_test_add_data_func ("/session/restarted-agents-connect-again/aggressive",
                        GUINT_TO_POINTER (NICE_AGENT_OPTION_NONE),
                        test_restarted_agents_connect_again);
  g_test_add_data_func ("/session/restarted-agents-connect-again/regular",
                        GUINT_TO_POINTER (NICE_AGENT_OPTION_REGULAR_NOMINATION),
                        test_restarted_agents_connect_again);
  ADD ("restart-finds-new-addresses", test_restart_finds_new_addresses);
  ADD ("restart-of-the-unknown", test_restart_of_the_unknown);
  ADD ("consent-can-only-be-revoked-where-it-is-kept",
       test_consent_can_only_be_revoked_where_it_is_kept);
  ADD ("consent-is-revoked", test_consent_is_revoked);
  ADD ("remote-candidate-by-hand", test_remote_candidate_by_hand);
  ADD ("many-pairs-with-one-local-candidate", test_many_pairs_with_one_local_candidate);
  ADD ("everybody-is-heard-then", test_everybody_is_heard_then);
  ADD ("pair-by-hand", test_pair_by_hand);
  ADD ("relays-of-none-can-be-forgotten", test_relays_of_none_can_be_forgotten);
  ADD ("gathering-can-be-awaited", test_gathering_can_be_awaited);
  ADD ("gathering-fails-with-a-reason", test_gathering_fails_with_a_reason);
  ADD ("connecting-can-be-awaited", test_connecting_can_be_awaited);
  ADD ("the-unknown-is-not-connected", test_the_unknown_is_not_connected);
  ADD ("the-wait-ends-with-the-stream", test_the_wait_ends_with_the_stream);
  ADD ("the-wait-can-be-cancelled", test_the_wait_can_be_cancelled);
  ADD ("no-pair-is-a-failure", test_no_pair_is_a_failure);
  return g_test_run ();
}
