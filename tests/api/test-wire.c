/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What an agent sends to a peer and how it answers one, seen by a bare socket. Facts of
 * the contract 1.5, 1.6, 1.13, 1.14, 1.17, 1.19. */
#include "agents.h"
#include "stranger.h"

#include <string.h>

#define PRIORITY 2000000000u

/* Types of attributes, in hexadecimal, each followed by a space. */
static gchar *
list_attributes (const Heard *heard)
{
  GString *list = g_string_new (NULL);

  for (gsize at = 20; at + 4 <= heard->len;)
    {
      const guint8 *p = heard->data + at;

      g_string_append_printf (list, "%04x ", p[0] << 8 | p[1]);
      at += 4 + (((gsize)(p[2] << 8 | p[3]) + 3) & ~(gsize)3);
    }
  return g_string_free (list, FALSE);
}

static void
assert_attributes (const Heard *heard, const gchar *expected)
{
  g_autofree gchar *list = list_attributes (heard);

  g_assert_cmpstr (list, ==, expected);
}

/* --- Checks --- */

/* contract 1.19-a: USE-CANDIDATE, PRIORITY, ICE-CONTROLLING, USERNAME, integrity and
 * fingerprint */
static void
test_order_of_attributes (void)
{
  g_autoptr (Peer) peer = peer_new_gathered (NICE_AGENT_OPTION_NONE);
  g_autoptr (Stranger) stranger = stranger_new ();
  Heard *check;

  stranger_meet (stranger, peer->agent, 1, PRIORITY);
  check = stranger_wait (stranger, 0);
  g_assert_cmpint (check->status, ==, STUN_VALIDATION_SUCCESS);
  assert_attributes (check, "0025 0024 802a 0006 0008 8028 ");
}

/* contract 1.10-a 1.19-a */
static void
test_regular_checks_do_not_nominate (void)
{
  g_autoptr (Peer) peer = peer_new_gathered (NICE_AGENT_OPTION_REGULAR_NOMINATION);
  g_autoptr (Stranger) stranger = stranger_new ();
  Heard *check;
  guint n = 0;

  g_object_set (peer->agent, "controlling-mode", TRUE, NULL);
  stranger_meet (stranger, peer->agent, 1, PRIORITY);
  check = stranger_wait_for_new (stranger, &n);
  assert_attributes (check, "0024 802a 0006 0008 8028 ");
  stranger_answer (stranger, check);
  check = stranger_wait_for_new (stranger, &n);
  assert_attributes (check, "0025 0024 802a 0006 0008 8028 ");
}

static gboolean
is_controlling (const Heard *check)
{
  g_autofree gchar *list = list_attributes (check);

  g_assert_true ((strstr (list, "802a ") != NULL) != (strstr (list, "8029 ") != NULL));
  return strstr (list, "802a ") != NULL;
}

/* contract 1.10-c */
static void
test_the_role_waits_for_the_restart (void)
{
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_NONE, 1);
  g_autoptr (Stranger) first = stranger_new ();
  g_autoptr (Stranger) second = stranger_new ();
  g_autoptr (Stranger) third = stranger_new ();

  g_object_set (peer->agent, "controlling-mode", FALSE, NULL);
  peer_gather (peer);
  stranger_meet (first, peer->agent, 1, PRIORITY);
  g_assert_false (is_controlling (stranger_wait (first, 0)));
  g_object_set (peer->agent, "controlling-mode", TRUE, NULL);
  stranger_meet (second, peer->agent, 1, PRIORITY);
  g_assert_false (is_controlling (stranger_wait (second, 0)));
  nice_agent_restart (peer->agent);
  stranger_meet (third, peer->agent, 1, PRIORITY);
  g_assert_true (is_controlling (stranger_wait (third, 0)));
}

/* contract 1.6-j */
static void
test_the_software_is_named (void)
{
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_NONE, 1);
  g_autoptr (Stranger) stranger = stranger_new ();
  gchar software[128] = "";
  Heard *check;

  nice_agent_set_software (peer->agent, "program");
  peer_gather (peer);
  stranger_meet (stranger, peer->agent, 1, PRIORITY);
  check = stranger_wait (stranger, 0);
  g_assert_cmpint (stun_message_find_string (&check->msg, STUN_ATTRIBUTE_SOFTWARE,
                                             software, sizeof software),
                   ==, STUN_MESSAGE_RETURN_SUCCESS);
  g_assert_true (g_str_has_prefix (software, "program/"));
}

/* contract 1.17-g */
static void
test_the_priority_of_a_check (void)
{
  g_autoptr (Peer) peer = peer_new_gathered (NICE_AGENT_OPTION_NONE);
  g_autoptr (Stranger) stranger = stranger_new ();
  GSList *candidates = nice_agent_get_local_candidates (peer->agent, 1, 1);
  const NiceCandidate *host = candidates->data;
  guint32 priority = 0;

  stranger_meet (stranger, peer->agent, 1, PRIORITY);
  g_assert_cmpint (stun_message_find32 (&stranger_wait (stranger, 0)->msg,
                                        STUN_ATTRIBUTE_PRIORITY, &priority),
                   ==, STUN_MESSAGE_RETURN_SUCCESS);
  g_assert_cmphex (priority, ==, 110u << 24 | (host->priority & 0xffffff));
  g_slist_free_full (candidates, (GDestroyNotify)nice_candidate_free);
}

/* contract 1.6-l: theirs first, then ours */
static void
test_credentials_of_a_check (void)
{
  g_autoptr (Peer) peer = peer_new_gathered (NICE_AGENT_OPTION_NONE);
  g_autoptr (Stranger) stranger = stranger_new ();
  gchar username[128] = "";

  g_assert_true (
      nice_agent_set_local_credentials (peer->agent, 1, "unicorns", "awesome"));
  stranger_meet (stranger, peer->agent, 1, PRIORITY);
  g_assert_cmpint (stun_message_find_string (&stranger_wait (stranger, 0)->msg,
                                             STUN_ATTRIBUTE_USERNAME, username,
                                             sizeof username),
                   ==, STUN_MESSAGE_RETURN_SUCCESS);
  g_assert_cmpstr (username, ==, STRANGER_UFRAG ":unicorns");
}

/* contract 1.13-a: after 500 ms, and after 1000 more. We may hear of any of them later
 * than it was sent, never earlier, so all is reckoned from before the first. */
static void
test_checks_are_sent_again (void)
{
  g_autoptr (Peer) peer = peer_new_gathered (NICE_AGENT_OPTION_NONE);
  g_autoptr (Stranger) stranger = stranger_new ();
  const gint64 start = g_get_monotonic_time ();
  const Heard *first, *second, *third;

  stranger_meet (stranger, peer->agent, 1, PRIORITY);
  first = stranger_wait (stranger, 0);
  second = stranger_wait (stranger, 1);
  g_assert_cmpint (g_get_monotonic_time () - start, >, 490000);
  third = stranger_wait (stranger, 2);
  g_assert_cmpint (g_get_monotonic_time () - start, >, 1490000);
  g_assert_cmpmem (first->data, first->len, second->data, second->len);
  g_assert_cmpmem (first->data, first->len, third->data, third->len);
}

/* contract 1.14-b */
static void
test_lite_agents_check (void)
{
  g_autoptr (Peer) peer = peer_new_gathered (NICE_AGENT_OPTION_LITE_MODE);
  g_autoptr (Stranger) stranger = stranger_new ();

  stranger_meet (stranger, peer->agent, 1, PRIORITY);
  g_assert_cmpint (stranger_wait (stranger, 0)->status, ==, STUN_VALIDATION_SUCCESS);
}

/* contract 1.9-f: the second one finds no room until the first was checked twice */
static void
test_pairs_are_bounded (void)
{
  g_autoptr (Peer) peer = peer_new_gathered (NICE_AGENT_OPTION_NONE);
  g_autoptr (Stranger) good = stranger_new ();
  g_autoptr (Stranger) worse = stranger_new ();

  g_object_set (peer->agent, "max-connectivity-checks", 1, NULL);
  stranger_meet (good, peer->agent, 1, PRIORITY + 1);
  stranger_meet (worse, peer->agent, 1, PRIORITY);
  while (good->heard->len < 2)
    {
      g_assert_cmpuint (worse->heard->len, ==, 0);
      g_main_context_iteration (NULL, TRUE);
    }
}

/* --- Answers --- */

static void
assert_success_for (const Stranger *stranger, Heard *answer)
{
  struct sockaddr_storage mapped;
  socklen_t len = sizeof mapped;
  NiceAddress address;

  g_assert_cmpint (answer->status, ==, STUN_VALIDATION_SUCCESS);
  g_assert_cmpint (stun_message_get_class (&answer->msg), ==, STUN_RESPONSE);
  g_assert_cmpint (stun_message_find_xor_addr (
                       &answer->msg, STUN_ATTRIBUTE_XOR_MAPPED_ADDRESS, &mapped, &len),
                   ==, STUN_MESSAGE_RETURN_SUCCESS);
  nice_address_init (&address);
  nice_address_set_from_sockaddr (&address, (struct sockaddr *)&mapped);
  g_assert_true (nice_address_equal (&address, &stranger->address));
}

/* The next answer; the agent's own checks are passed over. */
static Heard *
wait_for_answer (Stranger *stranger)
{
  for (guint i = 0;; i++)
    {
      Heard *heard = stranger_wait (stranger, i);

      if ((heard->data[0] & 1) != 0 || (heard->data[1] & 0x10) == 0x10)
        return heard;
    }
}

/* contract 1.19-b */
static void
test_a_check_is_answered (void)
{
  g_autoptr (Peer) peer = peer_new_gathered (NICE_AGENT_OPTION_NONE);
  g_autoptr (Stranger) stranger = stranger_new ();
  g_autofree gchar *attributes = NULL;
  Heard *answer;

  stranger_learn (stranger, peer->agent, 1);
  stranger_check (stranger, peer->agent, 1, &(Check) { NULL });
  answer = wait_for_answer (stranger);
  assert_success_for (stranger, answer);
  attributes = list_attributes (answer);
  g_assert_true (g_str_has_prefix (attributes, "0020 "));
  g_assert_true (g_str_has_suffix (attributes, "0008 8028 "));
}

static void
assert_error (Heard *answer, gint code, gboolean is_sealed)
{
  gint found = 0;
  g_autofree gchar *attributes = list_attributes (answer);

  g_assert_cmpint (stun_message_get_class (&answer->msg), ==, STUN_ERROR);
  g_assert_cmpint (stun_message_find_error (&answer->msg, &found), ==,
                   STUN_MESSAGE_RETURN_SUCCESS);
  g_assert_cmpint (found, ==, code);
  g_assert_true ((strstr (attributes, "0008 ") != NULL) == is_sealed);
  g_assert_nonnull (strstr (attributes, "8028 "));
}

/* contract 1.19-c */
static void
test_the_wrong_password (void)
{
  g_autoptr (Peer) peer = peer_new_gathered (NICE_AGENT_OPTION_NONE);
  g_autoptr (Stranger) stranger = stranger_new ();

  stranger_learn (stranger, peer->agent, 1);
  stranger_check (stranger, peer->agent, 1, &(Check) { "a guess" });
  assert_error (wait_for_answer (stranger), 401, FALSE);
}

/* contract 1.19-d */
static void
test_two_that_control (void)
{
  g_autoptr (Peer) peer = peer_new_gathered (NICE_AGENT_OPTION_NONE);
  g_autoptr (Stranger) stranger = stranger_new ();

  stranger_learn (stranger, peer->agent, 1);
  stranger_check (stranger, peer->agent, 1, &(Check) { NULL, TRUE });
  assert_error (wait_for_answer (stranger), 487, TRUE);
}

/* contract 1.19-e */
static void
test_an_attribute_that_nobody_knows (void)
{
  g_autoptr (Peer) peer = peer_new_gathered (NICE_AGENT_OPTION_NONE);
  g_autoptr (Stranger) stranger = stranger_new ();
  g_autofree gchar *attributes = NULL;

  stranger_learn (stranger, peer->agent, 1);
  stranger_check (stranger, peer->agent, 1, &(Check) { NULL, FALSE, 0x7f01 });
  assert_error (wait_for_answer (stranger), 420, TRUE);
  attributes = list_attributes (wait_for_answer (stranger));
  g_assert_nonnull (strstr (attributes, "000a "));
}

/* contract 1.19-f */
static void
test_without_fingerprint (void)
{
  g_autoptr (Peer) peer = peer_new_gathered (NICE_AGENT_OPTION_NONE);
  g_autoptr (Stranger) stranger = stranger_new ();

  stranger_learn (stranger, peer->agent, 1);
  stranger_check (stranger, peer->agent, 1, &(Check) { NULL, FALSE, 0, TRUE });
  stranger_check (stranger, peer->agent, 1, &(Check) { NULL });
  /* The validator knows the second transaction alone. */
  assert_success_for (stranger, wait_for_answer (stranger));
}

/* --- A session --- */

static void
connect_to (Peer *peer, Stranger *stranger)
{
  stranger->answers = TRUE;
  stranger_meet (stranger, peer->agent, 1, PRIORITY);
  wait_until (peer_is_in (peer, NICE_COMPONENT_STATE_READY));
}

/* contract 1.2-s: a STUN header whose cookie is wrong */
static void
test_what_is_not_stun_is_data (void)
{
  static const guint8 odd[24] = { 0x00, 0x01, 0x00, 0x04, 1, 2, 3, 4 };
  g_autoptr (Peer) peer = peer_new_gathered (NICE_AGENT_OPTION_NONE);
  g_autoptr (Stranger) stranger = stranger_new ();

  connect_to (peer, stranger);
  stranger_send (stranger, peer->agent, 1, odd, sizeof odd);
  wait_until (peer->n_messages[1] == 1);
  g_assert_cmpmem (peer->received[1]->str, peer->received[1]->len, odd, sizeof odd);
}

/* contract 1.3-a: to the socket, as it is */
static void
test_data_is_sent_as_it_is (void)
{
  g_autoptr (Peer) peer = peer_new_gathered (NICE_AGENT_OPTION_NONE);
  g_autoptr (Stranger) stranger = stranger_new ();
  const Heard *heard;
  guint n;

  connect_to (peer, stranger);
  n = stranger->heard->len;
  g_assert_cmpint (nice_agent_send (peer->agent, 1, 1, 5, "hello"), ==, 5);
  do
    heard = stranger_wait (stranger, n++);
  while (heard->status != STUN_VALIDATION_NOT_STUN);
  g_assert_cmpmem (heard->data, heard->len, "hello", 5);
}

static void
on_learned (NiceAgent *agent, guint stream, guint component, const gchar *foundation,
            GString *names)
{
  g_string_append_printf (names, "%s ", foundation);
}

/* contract 1.17-f 1.4-d 1.9-h */
static void
test_names_of_learned_candidates (void)
{
  g_autoptr (Peer) peer = peer_new_gathered (NICE_AGENT_OPTION_NONE);
  g_autoptr (Stranger) told = stranger_new ();
  g_autoptr (Stranger) one = stranger_new ();
  g_autoptr (Stranger) two = stranger_new ();
  g_autoptr (GString) names = g_string_new (NULL);
  GSList *remote;

  g_signal_connect (peer->agent, "new-remote-candidate", G_CALLBACK (on_learned), names);
  stranger_meet (told, peer->agent, 1, PRIORITY);
  stranger_learn (one, peer->agent, 1);
  stranger_learn (two, peer->agent, 1);
  stranger_check (one, peer->agent, 1, &(Check) { NULL });
  wait_for_answer (one);
  stranger_check (two, peer->agent, 1, &(Check) { NULL });
  wait_for_answer (two);
  wait_until (peer_count (peer, "new-remote-candidate") == 2);
  g_assert_cmpstr (names->str, ==, "remote1 remote2 ");
  remote = nice_agent_get_remote_candidates (peer->agent, 1, 1);
  g_assert_cmpuint (g_slist_length (remote), ==, 3);
  g_slist_free_full (remote, (GDestroyNotify)nice_candidate_free);
  g_signal_handlers_disconnect_by_data (peer->agent, names);
}

static void
fail (Peer *peer, Stranger *stranger)
{
  g_object_set (peer->agent, "idle-timeout", 50, NULL);
  stranger_meet (stranger, peer->agent, 1, PRIORITY);
  stranger_refuse (stranger, stranger_wait (stranger, 0), STUN_ERROR_BAD_REQUEST);
  wait_until (peer->state[1] == NICE_COMPONENT_STATE_FAILED);
}

/* contract 1.5-c 1.5-e */
static void
test_the_failed_still_answer (void)
{
  g_autoptr (Peer) peer = peer_new_gathered (NICE_AGENT_OPTION_NONE);
  g_autoptr (Stranger) stranger = stranger_new ();
  guint n;

  fail (peer, stranger);
  n = stranger->heard->len;
  stranger_check (stranger, peer->agent, 1, &(Check) { NULL });
  while (stun_message_get_class (&stranger_wait (stranger, n)->msg) == STUN_REQUEST)
    n++;
  assert_success_for (stranger, stranger_wait (stranger, n));
}

/* contract 1.5-d 1.11-c */
static void
test_the_failed_live_again (void)
{
  g_autoptr (Peer) peer = peer_new_gathered (NICE_AGENT_OPTION_NONE);
  g_autoptr (Stranger) bad = stranger_new ();
  g_autoptr (Stranger) good = stranger_new ();

  fail (peer, bad);
  good->answers = TRUE;
  stranger_meet (good, peer->agent, 1, PRIORITY + 1);
  g_assert_cmpint (peer->state[1], ==, NICE_COMPONENT_STATE_CONNECTING);
  wait_until (peer_is_in (peer, NICE_COMPONENT_STATE_READY));
}

/* contract 1.13-f */
static void
test_refused_at_the_first_check (void)
{
  g_autoptr (Peer) peer = peer_new_gathered (NICE_AGENT_OPTION_CONSENT_FRESHNESS);
  g_autoptr (Stranger) stranger = stranger_new ();

  g_object_set (peer->agent, "idle-timeout", 50, NULL);
  stranger_meet (stranger, peer->agent, 1, PRIORITY);
  stranger_refuse (stranger, stranger_wait (stranger, 0), STUN_ERROR_FORBIDDEN);
  wait_until (peer->state[1] == NICE_COMPONENT_STATE_FAILED);
}

/* contract 1.13-c 1.13-f 1.3-h */
static void
test_consent_is_asked_and_refused (void)
{
  g_autoptr (Peer) peer = peer_new_gathered (NICE_AGENT_OPTION_CONSENT_FRESHNESS);
  g_autoptr (Stranger) stranger = stranger_new ();
  const gint64 start = g_get_monotonic_time ();
  Heard *check;
  guint n, n_early = 0;

  connect_to (peer, stranger);
  n = stranger->heard->len;
  stranger->answers = FALSE;
  /* The first may come at once, and then none for a while. */
  check = stranger_wait_for_new (stranger, &n);
  while (g_get_monotonic_time () - start <= 3900000)
    {
      g_assert_cmpuint (++n_early, ==, 1);
      stranger_answer (stranger, check);
      check = stranger_wait_for_new (stranger, &n);
    }
  assert_attributes (check, "0025 0024 802a 0006 0008 8028 ");
  stranger_refuse (stranger, check, STUN_ERROR_FORBIDDEN);
  wait_until (peer->state[1] == NICE_COMPONENT_STATE_FAILED);
  g_assert_cmpint (nice_agent_send (peer->agent, 1, 1, 1, "x"), ==, -1);
}

#define ADD(name, function) g_test_add_func ("/wire/" name, function)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("check/order-of-attributes", test_order_of_attributes);
  ADD ("check/regular-ones-do-not-nominate", test_regular_checks_do_not_nominate);
  ADD ("the-role-waits-for-the-restart", test_the_role_waits_for_the_restart);
  ADD ("check/software", test_the_software_is_named);
  ADD ("check/priority", test_the_priority_of_a_check);
  ADD ("check/credentials", test_credentials_of_a_check);
  ADD ("check/sent-again", test_checks_are_sent_again);
  ADD ("check/lite", test_lite_agents_check);
  ADD ("check/bounded", test_pairs_are_bounded);
  ADD ("answer/success", test_a_check_is_answered);
  ADD ("answer/wrong-password", test_the_wrong_password);
  ADD ("answer/two-that-control", test_two_that_control);
  ADD ("answer/unknown-attribute", test_an_attribute_that_nobody_knows);
  ADD ("answer/no-fingerprint", test_without_fingerprint);
  ADD ("session/what-is-not-stun-is-data", test_what_is_not_stun_is_data);
  ADD ("session/data-is-sent-as-it-is", test_data_is_sent_as_it_is);
  ADD ("session/names-of-learned-candidates", test_names_of_learned_candidates);
  ADD ("session/the-failed-still-answer", test_the_failed_still_answer);
  ADD ("session/the-failed-live-again", test_the_failed_live_again);
  ADD ("session/refused-at-the-first-check", test_refused_at_the_first_check);
  ADD ("session/consent-is-asked-and-refused", test_consent_is_asked_and_refused);
  return g_test_run ();
}
