/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which thread and context things happen in, and how messages are waited for in threads.
 * Facts of the contract 1.1, 1.2, 1.3, 1.4. */
#include "agents.h"

#include <string.h>

static Pair *
connected_pair (NiceAgentOption options)
{
  Pair *pair = pair_new (options, 1);

  pair_connect (pair);
  return pair;
}

/* --- Signals --- */

static void
on_candidate (NiceAgent *agent, NiceCandidate *candidate, gboolean *called)
{
  /* As GStreamer does: the copy goes with g_free (). */
  candidate->username = g_strdup ("changed");
  g_strlcpy (candidate->foundation, "changed", sizeof candidate->foundation);
  *called = TRUE;
}

/* contract 1.1-e */
static void
test_a_handler_changes_its_candidate (void)
{
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_NONE, 1);
  gboolean called = FALSE;
  GSList *list;

  g_signal_connect (peer->agent, "new-candidate-full", G_CALLBACK (on_candidate),
                    &called);
  peer_gather (peer);
  g_assert_true (called);
  list = nice_agent_get_local_candidates (peer->agent, 1, 1);
  g_assert_cmpstr (((NiceCandidate *)list->data)->foundation, ==, "1");
  g_slist_free_full (list, (GDestroyNotify)nice_candidate_free);
}

typedef struct
{
  GThread *thread;
  gint n; /* atomic */
} Seen;

static void
see (Seen *seen)
{
  seen->thread = g_thread_self ();
  g_atomic_int_inc (&seen->n);
}

static void
on_received (NiceAgent *agent, guint stream, guint component, guint len, gchar *buf,
             gpointer seen)
{
  see (seen);
}

static gpointer
iterate (gpointer loop)
{
  g_main_loop_run (loop);
  return NULL;
}

/* contract 1.1-a 1.1-b: calls here, everything else in the thread of the context */
static void
test_signals_come_in_the_thread_of_the_context (void)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (GMainLoop) loop = g_main_loop_new (context, FALSE);
  g_autoptr (NiceAgent) agent = nice_agent_new (context, NICE_COMPATIBILITY_RFC5245);
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_NONE, 1);
  Seen called = { NULL }, selected = { NULL };
  NiceAddress address;
  GThread *thread;

  g_object_set (agent, "upnp", FALSE, "ice-tcp", FALSE, "controlling-mode", FALSE, NULL);
  nice_address_init (&address);
  nice_address_set_from_string (&address, "127.0.0.1");
  nice_agent_add_local_address (agent, &address);
  nice_agent_add_stream (agent, 1);
  nice_agent_attach_recv (agent, 1, 1, context, on_received, &called);
  g_signal_connect_swapped (agent, "new-candidate", G_CALLBACK (see), &called);
  g_signal_connect_swapped (agent, "new-selected-pair", G_CALLBACK (see), &selected);
  thread = g_thread_new ("iterate", iterate, loop);
  g_assert_true (nice_agent_gather_candidates (agent, 1));
  g_assert_true (called.thread == g_thread_self ());
  peer_gather (peer);
  agent_tell (agent, 1, peer->agent, 1);
  agent_tell (peer->agent, 1, agent, 1);
  wait_until (peer_is_in (peer, NICE_COMPONENT_STATE_READY));
  /* The agent selects when its own check was answered, which is up to us. */
  while (g_atomic_int_get (&selected.n) == 0)
    g_main_context_iteration (NULL, FALSE);
  g_main_loop_quit (loop);
  g_thread_join (thread);
  g_assert_true (selected.thread == thread);
}

typedef struct
{
  NiceAgent *agent;
  Seen candidate, done;
} Bystander;

static gpointer
ask (gpointer agent)
{
  g_assert_cmpint (nice_agent_get_component_state (agent, 1, 1), ==,
                   NICE_COMPONENT_STATE_GATHERING);
  return NULL;
}

/* While this thread has more to emit. */
static void
on_candidate_found (Bystander *self)
{
  see (&self->candidate);
  g_thread_join (g_thread_new ("ask", ask, self->agent));
  g_assert_cmpint (self->done.n, ==, 0);
}

/* contract 1.1-a 1.1-k: a thread that happens to call the agent meanwhile does not emit
 * what this one has to, in its own context and out of order. */
static void
test_another_thread_emits_nothing_of_ours (void)
{
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_NONE, 1);
  Bystander bystander = { peer->agent };

  g_signal_connect_swapped (peer->agent, "new-candidate", G_CALLBACK (on_candidate_found),
                            &bystander);
  g_signal_connect_swapped (peer->agent, "candidate-gathering-done", G_CALLBACK (see),
                            &bystander.done);
  nice_agent_gather_candidates (peer->agent, 1);
  g_assert_cmpint (bystander.candidate.n, ==, 1);
  g_assert_cmpint (bystander.done.n, ==, 1);
  g_assert_true (bystander.done.thread == g_thread_self ());
}

/* contract 1.1-g */
static void
test_null_is_the_default_context (void)
{
  g_autoptr (Pair) pair = connected_pair (NICE_AGENT_OPTION_NONE);
  g_autoptr (GMainContext) own = g_main_context_new ();
  Seen seen = { NULL };

  g_main_context_push_thread_default (own);
  nice_agent_attach_recv (pair->right->agent, 1, 1, NULL, on_received, &seen);
  g_main_context_pop_thread_default (own);
  nice_agent_send (pair->left->agent, 1, 1, 1, "x");
  wait_until (seen.n == 1);
}

/* contract 1.2-a: the old one hears no more */
static void
test_another_function_in_another_context (void)
{
  g_autoptr (Pair) pair = connected_pair (NICE_AGENT_OPTION_NONE);
  g_autoptr (GMainContext) context = g_main_context_new ();
  Seen seen = { NULL };

  nice_agent_attach_recv (pair->right->agent, 1, 1, context, on_received, &seen);
  nice_agent_send (pair->left->agent, 1, 1, 1, "x");
  while (seen.n == 0)
    g_main_context_iteration (context, TRUE);
  run_pending ();
  g_assert_cmpuint (pair->right->n_messages[1], ==, 0);
  nice_agent_attach_recv (pair->right->agent, 1, 1, NULL, NULL, NULL);
}

/* contract 1.1-j: nobody attaches to the right one */
static void
test_checks_are_answered_before_anybody_attaches (void)
{
  g_autoptr (Pair) pair = pair_new (NICE_AGENT_OPTION_NONE, 1);

  nice_agent_attach_recv (pair->right->agent, 1, 1, NULL, NULL, NULL);
  pair_connect (pair);
}

static void
on_first (NiceAgent *agent, guint stream, guint component, const gchar *foundation,
          Peer *peer)
{
  NiceCandidate *candidate = nice_agent_parse_remote_candidate_sdp (
      agent, stream, "a=candidate:1 1 UDP 5 127.0.0.9 4000 typ host");
  GSList list = { candidate, NULL };

  nice_agent_set_remote_credentials (agent, stream, "abcd", "0123456789012345678901");
  g_assert_cmpint (nice_agent_set_remote_candidates (agent, stream, 1, &list), ==, 1);
  nice_candidate_free (candidate);
}

/* contract 1.1-k: what a handler causes comes after what caused the handler */
static void
test_first_in_first_out (void)
{
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_NONE, 1);
  const gchar *done;

  g_signal_connect (peer->agent, "new-candidate", G_CALLBACK (on_first), peer);
  nice_agent_gather_candidates (peer->agent, 1);
  done = strstr (peer->log->str, "candidate-gathering-done");
  g_assert_nonnull (done);
  g_assert_nonnull (strstr (done, " connecting "));
  g_assert_cmpuint (peer_count (peer, "new-candidate"), ==, 1);
}

static gpointer
answer_first (gpointer data)
{
  Peer *peer = data;

  on_first (peer->agent, 1, 1, NULL, peer);
  return NULL;
}

static void
on_first_elsewhere (NiceAgent *agent, guint stream, guint component,
                    const gchar *foundation, Peer *peer)
{
  g_thread_join (g_thread_new ("answer", answer_first, peer));
}

/* contract 1.1-k: nor does what another thread causes meanwhile. A call of webrtcbin
 * that became ready before it was connecting stayed connecting for ever. */
static void
test_threads_do_not_overtake_each_other (void)
{
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_NONE, 1);
  const gchar *done;

  g_signal_connect (peer->agent, "new-candidate", G_CALLBACK (on_first_elsewhere), peer);
  nice_agent_gather_candidates (peer->agent, 1);
  done = strstr (peer->log->str, "candidate-gathering-done");
  g_assert_nonnull (done);
  g_assert_nonnull (strstr (done, " connecting "));
}

static void
on_candidate_to_tell (NiceAgent *agent, NiceCandidate *candidate, Peer *peer)
{
  G_GNUC_UNUSED g_autofree gchar *line =
      nice_agent_generate_local_candidate_sdp (agent, candidate);

  g_string_append_printf (peer->log, "told-%u ", candidate->component_id);
}

/* contract 1.1-l 1.4-c: webrtcbin asks for the line of each candidate before it passes
 * that on, and told the peer the last one first */
static void
test_a_handler_that_asks_is_not_overtaken (void)
{
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_NONE, 2);

  g_signal_connect (peer->agent, "new-candidate-full", G_CALLBACK (on_candidate_to_tell),
                    peer);
  nice_agent_gather_candidates (peer->agent, 1);
  g_assert_cmpstr (peer->log->str, ==,
                   "gathering gathering "
                   "new-candidate-full told-1 new-candidate "
                   "new-candidate-full told-2 new-candidate "
                   "candidate-gathering-done ");
}

static gboolean
is_state (const gchar *word)
{
  for (guint i = 0; i < NICE_COMPONENT_STATE_LAST; i++)
    if (strcmp (word, nice_component_state_to_string (i)) == 0)
      return TRUE;
  return FALSE;
}

/* contract 1.4-b 1.4-c 1.4-n */
static void
test_what_is_said_of_a_connection (void)
{
  g_autoptr (Pair) pair = connected_pair (NICE_AGENT_OPTION_NONE);
  g_auto (GStrv) words = g_strsplit (pair->right->log->str, " ", -1);
  const gchar *state = "disconnected";

  for (guint i = 0; words[i] != NULL && words[i][0] != '\0'; i++)
    {
      if (strcmp (words[i], "reliable-transport-writable") == 0)
        g_assert_cmpstr (words[i - 1], ==, "new-selected-pair");
      if (is_state (words[i]))
        {
          g_assert_cmpstr (words[i], !=, state);
          state = words[i];
        }
      if (g_str_has_suffix (words[i], "-full"))
        {
          words[i][strlen (words[i]) - strlen ("-full")] = '\0';
          g_assert_cmpstr (words[i], ==, words[i + 1]);
        }
    }
}

/* contract 1.4-e: once more after a restart */
static void
test_the_first_check_after_a_restart (void)
{
  g_autoptr (Pair) pair = connected_pair (NICE_AGENT_OPTION_NONE);

  g_assert_cmpuint (peer_count (pair->right, "initial-binding-request-received"), ==, 1);
  nice_agent_restart (pair->left->agent);
  nice_agent_restart (pair->right->agent);
  peer_tell_credentials (pair->left, pair->right);
  peer_tell_credentials (pair->right, pair->left);
  peer_tell_candidates (pair->left, pair->right);
  peer_tell_candidates (pair->right, pair->left);
  wait_until (peer_is_in (pair->left, NICE_COMPONENT_STATE_READY)
              && peer_is_in (pair->right, NICE_COMPONENT_STATE_READY));
  g_assert_cmpuint (peer_count (pair->right, "initial-binding-request-received"), ==, 2);
}

/* contract 1.15-d */
static void
test_the_last_reference_goes_silently (void)
{
  g_autoptr (Pair) pair = connected_pair (NICE_AGENT_OPTION_NONE);

  g_string_truncate (pair->left->log, 0);
  g_clear_object (&pair->left->agent);
  run_pending ();
  g_assert_cmpstr (pair->left->log->str, ==, "");
}

/* contract 1.4-j */
static void
test_removal_says_one_thing (void)
{
  g_autoptr (Pair) pair = connected_pair (NICE_AGENT_OPTION_NONE);

  g_string_truncate (pair->left->log, 0);
  nice_agent_remove_stream (pair->left->agent, 1);
  run_pending ();
  g_assert_cmpstr (pair->left->log->str, ==, "streams-removed ");
}

/* contract 1.4-k */
static void
test_the_peer_of_a_removed_reliable_stream_fails (void)
{
  g_autoptr (Pair) pair = connected_pair (NICE_AGENT_OPTION_RELIABLE);

  wait_until (peer_count (pair->left, "reliable-transport-writable") > 0
              && peer_count (pair->right, "reliable-transport-writable") > 0);
  nice_agent_remove_stream (pair->left->agent, 1);
  wait_until (pair->right->state[1] == NICE_COMPONENT_STATE_FAILED);
}

/* --- Messages --- */

/* contract 1.2-e 1.3-p */
static void
test_one_call_a_datagram (void)
{
  g_autoptr (Pair) pair = connected_pair (NICE_AGENT_OPTION_NONE);
  GOutputVector vectors[] = { { "one", 3 }, { "two", 3 }, { "three", 5 } };
  NiceOutputMessage messages[] = { { &vectors[0], 1 },
                                   { &vectors[1], 1 },
                                   { &vectors[2], 1 } };

  g_assert_cmpint (nice_agent_send_messages_nonblocking (pair->left->agent, 1, 1,
                                                         messages, 3, NULL, NULL),
                   ==, 3);
  wait_until (pair->right->n_messages[1] == 3);
  g_assert_cmpstr (pair->right->received[1]->str, ==, "onetwothree");
}

/* contract 1.3-c */
static void
test_no_buffer (void)
{
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_NONE, 1);

  g_test_expect_message ("libnice", G_LOG_LEVEL_CRITICAL, "*buf*");
  g_assert_cmpint (nice_agent_send (peer->agent, 1, 1, 1, NULL), ==, -1);
  g_test_assert_expected_messages ();
}

/* contract 1.2-n */
static void
test_a_buffer_that_is_too_long (void)
{
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_NONE, 1);
  g_autoptr (GError) error = NULL;
  guint8 byte;

  g_assert_cmpint (
      nice_agent_recv (peer->agent, 1, 1, &byte, (gsize)G_MAXSSIZE + 1, NULL, &error), ==,
      -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
}

/* contract 1.2-d: a bounded number of iterations finds nothing to do */
static void
test_paused_costs_nothing (void)
{
  g_autoptr (Pair) pair = connected_pair (NICE_AGENT_OPTION_NONE);
  guint n = 0;

  nice_agent_attach_recv (pair->right->agent, 1, 1, NULL, NULL, NULL);
  nice_agent_send (pair->left->agent, 1, 1, 1, "x");
  while (g_main_context_iteration (NULL, FALSE))
    g_assert_cmpuint (++n, <, 1000);
}

typedef struct
{
  Peer *peer;
  guint stream;
  guint8 buffer[100];
  gssize n;
  gint is_over; /* atomic */
} Reader;

static gpointer
read_six (gpointer data)
{
  Reader *reader = data;

  reader->n = nice_agent_recv (reader->peer->agent, reader->stream, 1, reader->buffer, 6,
                               NULL, NULL);
  g_atomic_int_set (&reader->is_over, 1);
  g_main_context_wakeup (NULL);
  return NULL;
}

/* contract 1.1-i 1.2-h 1.2-l: two writes make one read, in a thread of its own */
static void
test_a_thread_waits_for_bytes (void)
{
  g_autoptr (Pair) pair = pair_new (NICE_AGENT_OPTION_RELIABLE, 1);
  Reader reader = { pair->right, 1 };
  GThread *thread;

  nice_agent_attach_recv (pair->right->agent, 1, 1, NULL, NULL, NULL);
  thread = g_thread_new ("read", read_six, &reader);
  pair_connect (pair);
  wait_until (peer_count (pair->left, "reliable-transport-writable") > 0);
  g_assert_cmpint (nice_agent_send (pair->left->agent, 1, 1, 3, "one"), ==, 3);
  g_assert_cmpint (nice_agent_send (pair->left->agent, 1, 1, 3, "two"), ==, 3);
  wait_until (g_atomic_int_get (&reader.is_over));
  g_thread_join (thread);
  g_assert_cmpint (reader.n, ==, 6);
  g_assert_cmpmem (reader.buffer, 6, "onetwo", 6);
}

static gpointer
read_until_removed (gpointer data)
{
  Reader *reader = data;
  g_autoptr (GError) error = NULL;

  reader->n = nice_agent_recv (reader->peer->agent, reader->stream, 1, reader->buffer, 6,
                               NULL, &error);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_BROKEN_PIPE);
  return NULL;
}

/* contract 1.2-p: whether it waits already or comes too late */
static void
test_a_component_removed_from_under_a_reader (void)
{
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_NONE, 1);
  Reader reader = { peer, 1 };
  GThread *thread;

  peer_gather (peer);
  thread = g_thread_new ("read", read_until_removed, &reader);
  nice_agent_remove_stream (peer->agent, 1);
  g_thread_join (thread);
  g_assert_cmpint (reader.n, ==, -1);
}

/* Two threads wait for the same component: what ends the calls ends both. */
static void
test_two_readers_hear_of_the_end (void)
{
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_NONE, 1);

  for (guint round = 0; round < 100; round++)
    {
      const guint stream = nice_agent_add_stream (peer->agent, 1);
      Reader readers[2] = { { peer, stream }, { peer, stream } };
      GThread *threads[2];

      for (guint i = 0; i < 2; i++)
        threads[i] = g_thread_new ("read", read_until_removed, &readers[i]);
      if (round % 2 == 0)
        g_thread_yield ();
      nice_agent_remove_stream (peer->agent, stream);
      for (guint i = 0; i < 2; i++)
        g_thread_join (threads[i]);
      g_assert_cmpint (readers[0].n, ==, -1);
      g_assert_cmpint (readers[1].n, ==, -1);
    }
}

/* And two messages are one for each, whoever takes them from the sockets. */
static void
test_two_readers_get_a_message_each (void)
{
  g_autoptr (Pair) pair = connected_pair (NICE_AGENT_OPTION_NONE);

  nice_agent_attach_recv (pair->right->agent, 1, 1, NULL, NULL, NULL);
  for (guint round = 0; round < 100; round++)
    {
      Reader readers[2] = { { pair->right, 1 }, { pair->right, 1 } };
      GThread *threads[2];

      for (guint i = 0; i < 2; i++)
        threads[i] = g_thread_new ("read", read_six, &readers[i]);
      for (guint i = 0; i < 2; i++)
        g_assert_cmpint (nice_agent_send (pair->left->agent, 1, 1, 6, "onetwo"), ==, 6);
      wait_until (g_atomic_int_get (&readers[0].is_over)
                  && g_atomic_int_get (&readers[1].is_over));
      for (guint i = 0; i < 2; i++)
        {
          g_thread_join (threads[i]);
          g_assert_cmpint (readers[i].n, ==, 6);
        }
    }
}

#define ADD(name, function) g_test_add_func ("/threads/" name, function)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("a-handler-changes-its-candidate", test_a_handler_changes_its_candidate);
  ADD ("signals-come-in-the-thread-of-the-context",
       test_signals_come_in_the_thread_of_the_context);
  ADD ("another-thread-emits-nothing-of-ours", test_another_thread_emits_nothing_of_ours);
  ADD ("null-is-the-default-context", test_null_is_the_default_context);
  ADD ("another-function-in-another-context", test_another_function_in_another_context);
  ADD ("checks-are-answered-before-anybody-attaches",
       test_checks_are_answered_before_anybody_attaches);
  ADD ("first-in-first-out", test_first_in_first_out);
  ADD ("threads-do-not-overtake-each-other", test_threads_do_not_overtake_each_other);
  ADD ("a-handler-that-asks-is-not-overtaken", test_a_handler_that_asks_is_not_overtaken);
  ADD ("what-is-said-of-a-connection", test_what_is_said_of_a_connection);
  ADD ("the-first-check-after-a-restart", test_the_first_check_after_a_restart);
  ADD ("the-last-reference-goes-silently", test_the_last_reference_goes_silently);
  ADD ("removal-says-one-thing", test_removal_says_one_thing);
  ADD ("the-peer-of-a-removed-reliable-stream-fails",
       test_the_peer_of_a_removed_reliable_stream_fails);
  ADD ("one-call-a-datagram", test_one_call_a_datagram);
  ADD ("no-buffer", test_no_buffer);
  ADD ("a-buffer-that-is-too-long", test_a_buffer_that_is_too_long);
  ADD ("paused-costs-nothing", test_paused_costs_nothing);
  ADD ("a-thread-waits-for-bytes", test_a_thread_waits_for_bytes);
  ADD ("a-component-removed-from-under-a-reader",
       test_a_component_removed_from_under_a_reader);
  ADD ("two-readers-hear-of-the-end", test_two_readers_hear_of_the_end);
  ADD ("two-readers-get-a-message-each", test_two_readers_get_a_message_each);
  return g_test_run ();
}
