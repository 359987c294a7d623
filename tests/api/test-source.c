/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* nice_agent_create_source(): when it is ready, in which context, and how it ends. */
#include "agents.h"

#include <string.h>

typedef struct
{
  Peer *peer;
  GCancellable *cancellable;
  GString *received;
  guint n_calls, n_messages;
  gboolean one_at_a_time, ended;
  GError *error;
} Reader;

/* Takes all there is, as a program would. */
static gboolean
on_readable (gpointer data)
{
  Reader *self = data;

  self->n_calls++;
  do
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) bytes = nice_agent_recv_bytes_nonblocking (
          self->peer->agent, self->peer->stream, 1, self->cancellable, &error);

      if (bytes == NULL && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
        return G_SOURCE_CONTINUE;
      if (bytes == NULL || g_bytes_get_size (bytes) == 0)
        {
          self->ended = TRUE;
          self->error = g_steal_pointer (&error);
          return G_SOURCE_REMOVE;
        }
      self->n_messages++;
      g_string_append_len (self->received, g_bytes_get_data (bytes, NULL),
                           (gssize)g_bytes_get_size (bytes));
    }
  while (!self->one_at_a_time);
  return G_SOURCE_CONTINUE;
}

static GSource *
read_with (Reader *self, Peer *peer, GMainContext *context)
{
  GSource *source =
      nice_agent_create_source (peer->agent, peer->stream, 1, self->cancellable);

  g_assert_nonnull (source);
  self->peer = peer;
  self->received = g_string_new (NULL);
  g_source_set_callback (source, on_readable, self, NULL);
  g_source_attach (source, context);
  return source;
}

static void
end (Reader *self, GSource *source)
{
  g_source_destroy (source);
  g_source_unref (source);
  g_string_free (self->received, TRUE);
  g_clear_error (&self->error);
}

static Pair *
connected_pair (NiceAgentOption options)
{
  Pair *pair = pair_new (options, 1);

  pair_connect (pair);
  return pair;
}

static void
test_tells_of_each_message (void)
{
  g_autoptr (Pair) pair = connected_pair (NICE_AGENT_OPTION_NONE);
  Reader reader = { .one_at_a_time = TRUE };
  GSource *source = read_with (&reader, pair->right, NULL);

  g_assert_cmpint (nice_agent_send (pair->left->agent, 1, 1, 3, "one"), ==, 3);
  g_assert_cmpint (nice_agent_send (pair->left->agent, 1, 1, 3, "two"), ==, 3);
  wait_until (reader.n_messages == 2);
  g_assert_cmpstr (reader.received->str, ==, "onetwo");
  g_assert_cmpuint (pair->right->n_messages[1], ==, 0); /* attach_recv is replaced */
  end (&reader, source);
}

/* Not even for checks: a program that prints in its callback would print for ever. */
static void
test_is_silent_without_data (void)
{
  g_autoptr (Pair) pair = pair_new (NICE_AGENT_OPTION_NONE, 1);
  Reader reader = { 0 };
  GSource *source = read_with (&reader, pair->right, NULL);

  pair_connect (pair);
  run_pending ();
  g_assert_cmpuint (reader.n_calls, ==, 0);
  end (&reader, source);
}

static void
test_messages_wait_between_two_sources (void)
{
  g_autoptr (Pair) pair = connected_pair (NICE_AGENT_OPTION_NONE);
  Reader first = { 0 }, second = { 0 };
  GSource *source = read_with (&first, pair->right, NULL);

  run_pending ();
  end (&first, source);
  g_assert_cmpint (nice_agent_send (pair->left->agent, 1, 1, 3, "one"), ==, 3);
  source = read_with (&second, pair->right, NULL);
  wait_until (second.n_messages == 1);
  end (&second, source);
}

static void
count (NiceAgent *agent, guint stream_id, guint component_id, GBytes *bytes, gpointer n)
{
  (*(guint *)n)++;
}

static void
test_a_function_takes_over_again (void)
{
  g_autoptr (Pair) pair = connected_pair (NICE_AGENT_OPTION_NONE);
  Reader reader = { 0 };
  GSource *source = read_with (&reader, pair->right, NULL);
  guint n = 0;

  run_pending ();
  g_assert_cmpint (nice_agent_send (pair->left->agent, 1, 1, 3, "one"), ==, 3);
  wait_until (reader.n_messages == 1);
  end (&reader, source);
  nice_agent_attach_recv_bytes (pair->right->agent, 1, 1, NULL, count, &n, NULL);
  g_assert_cmpint (nice_agent_send (pair->left->agent, 1, 1, 3, "two"), ==, 3);
  wait_until (n == 1);
}

/* The context of the source is never iterated again; what the agent's is there for (the
 * peer's bytes are acknowledged, and its checks answered) goes on. */
static void
test_sockets_are_read_after_the_source (gconstpointer options)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (Pair) pair = connected_pair (GPOINTER_TO_UINT (options));
  Reader reader = { 0 };
  GSource *source = read_with (&reader, pair->right, context);
  gchar buffer[3];

  g_main_context_iteration (context, FALSE);
  end (&reader, source);
  wait_until (nice_agent_send (pair->left->agent, 1, 1, 3, "one") == 3);
  wait_until (nice_agent_recv_nonblocking (pair->right->agent, 1, 1, (guint8 *)buffer,
                                           sizeof buffer, NULL, NULL)
              == 3);
  g_assert_cmpmem (buffer, 3, "one", 3);
}

/* --- Another context, in another thread --- */

typedef struct
{
  Reader reader;
  Peer *peer;
  GMainContext *context;
  guint n_wanted;
} Elsewhere;

static gpointer
run_elsewhere (gpointer data)
{
  Elsewhere *self = data;
  GSource *source = read_with (&self->reader, self->peer, self->context);

  while (self->reader.n_messages < self->n_wanted)
    g_main_context_iteration (self->context, TRUE);
  end (&self->reader, source);
  return NULL;
}

static void
test_in_a_context_of_another_thread (void)
{
  g_autoptr (Pair) pair = connected_pair (NICE_AGENT_OPTION_NONE);
  g_autoptr (GMainContext) context = g_main_context_new ();
  Elsewhere elsewhere = { { 0 }, pair->right, context, 50 };
  GThread *thread = g_thread_new ("reader", run_elsewhere, &elsewhere);

  for (guint i = 0; i < 50; i++)
    g_assert_cmpint (nice_agent_send (pair->left->agent, 1, 1, 1, "x"), ==, 1);
  g_thread_join (thread);
  g_assert_cmpuint (elsewhere.reader.n_messages, ==, 50);
}

/* --- Ends --- */

static void
test_cancelling_makes_it_ready (gconstpointer options)
{
  g_autoptr (Pair) pair = connected_pair (GPOINTER_TO_UINT (options));
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Reader reader = { .cancellable = cancellable };
  GSource *source = read_with (&reader, pair->right, NULL);

  run_pending ();
  g_cancellable_cancel (cancellable);
  wait_until (reader.ended);
  g_assert_error (reader.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_true (g_source_is_destroyed (source));
  end (&reader, source);
}

static void
test_removing_the_stream_makes_it_ready (void)
{
  g_autoptr (Pair) pair = connected_pair (NICE_AGENT_OPTION_NONE);
  Reader reader = { 0 };
  GSource *source = read_with (&reader, pair->right, NULL);

  run_pending ();
  nice_agent_remove_stream (pair->right->agent, 1);
  wait_until (reader.ended);
  g_assert_error (reader.error, G_IO_ERROR, G_IO_ERROR_BROKEN_PIPE);
  end (&reader, source);
}

static void
test_there_is_none_for_the_unknown (void)
{
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_NONE, 1);

  g_assert_null (nice_agent_create_source (peer->agent, 1, 2, NULL));
  g_assert_null (nice_agent_create_source (peer->agent, 7, 1, NULL));
}

static gboolean
never (gpointer data)
{
  g_assert_not_reached ();
}

static void
test_it_keeps_the_agent (void)
{
  NiceAgent *agent = nice_agent_new (NULL, NICE_COMPATIBILITY_RFC5245);
  guint stream = nice_agent_add_stream (agent, 1);
  GSource *source = nice_agent_create_source (agent, stream, 1, NULL);

  g_object_add_weak_pointer (G_OBJECT (agent), (gpointer *)&agent);
  g_object_unref (agent);
  g_assert_nonnull (agent);
  g_source_set_callback (source, never, NULL, NULL);
  g_source_attach (source, NULL);
  run_pending ();
  g_source_destroy (source);
  g_source_unref (source);
  g_assert_null (agent);
}

/* --- Reliable --- */

static void
test_bytes_of_a_reliable_component_and_their_end (void)
{
  g_autoptr (Pair) pair = connected_pair (NICE_AGENT_OPTION_RELIABLE);
  g_autoptr (GIOStream) stream = nice_agent_get_io_stream (pair->left->agent, 1, 1);
  Reader reader = { 0 };
  GSource *source = read_with (&reader, pair->right, NULL);

  wait_until (peer_count (pair->left, "reliable-transport-writable") > 0);
  g_assert_cmpint (nice_agent_send (pair->left->agent, 1, 1, 5, "hello"), ==, 5);
  wait_until (reader.received->len == 5);
  g_assert_true (g_io_stream_close (stream, NULL, NULL));
  wait_until (reader.ended);
  g_assert_no_error (reader.error);
  g_assert_cmpstr (reader.received->str, ==, "hello");
  end (&reader, source);
}

gint
main (gint argc, gchar **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/source/each-message", test_tells_of_each_message);
  g_test_add_func ("/source/silent-without-data", test_is_silent_without_data);
  g_test_add_func ("/source/between-two", test_messages_wait_between_two_sources);
  g_test_add_func ("/source/function-again", test_a_function_takes_over_again);
  g_test_add_data_func ("/source/after-the-source/datagrams",
                        GUINT_TO_POINTER (NICE_AGENT_OPTION_NONE),
                        test_sockets_are_read_after_the_source);
  g_test_add_data_func ("/source/after-the-source/reliable",
                        GUINT_TO_POINTER (NICE_AGENT_OPTION_RELIABLE),
                        test_sockets_are_read_after_the_source);
  g_test_add_func ("/source/other-thread", test_in_a_context_of_another_thread);
  g_test_add_data_func ("/source/cancelled/datagrams",
                        GUINT_TO_POINTER (NICE_AGENT_OPTION_NONE),
                        test_cancelling_makes_it_ready);
  g_test_add_data_func ("/source/cancelled/reliable",
                        GUINT_TO_POINTER (NICE_AGENT_OPTION_RELIABLE),
                        test_cancelling_makes_it_ready);
  g_test_add_func ("/source/removed", test_removing_the_stream_makes_it_ready);
  g_test_add_func ("/source/unknown", test_there_is_none_for_the_unknown);
  g_test_add_func ("/source/keeps-agent", test_it_keeps_the_agent);
  g_test_add_func ("/source/reliable", test_bytes_of_a_reliable_component_and_their_end);
  return g_test_run ();
}
