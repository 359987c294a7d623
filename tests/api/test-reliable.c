/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reliable agents: byte streams by callback, by calls that wait and by GIOStream. Facts
 * of the contract 1.2, 1.3, 1.4 case 3, 1.22. */
#include "agents.h"

#include <string.h>

static Pair *
connected_pair (void)
{
  Pair *pair = pair_new (NICE_AGENT_OPTION_RELIABLE, 1);

  pair_connect (pair);
  wait_until (peer_count (pair->left, "reliable-transport-writable") > 0
              && peer_count (pair->right, "reliable-transport-writable") > 0);
  return pair;
}

/* contract 1.4-h */
static void
test_writable_comes_after_ready (void)
{
  g_autoptr (Pair) pair = connected_pair ();
  const gchar *ready = strstr (pair->left->log->str, "ready ");

  g_assert_nonnull (ready);
  g_assert_nonnull (strstr (ready, "reliable-transport-writable"));
}

static void
test_bytes_go_both_ways (void)
{
  g_autoptr (Pair) pair = connected_pair ();

  g_assert_cmpint (nice_agent_send (pair->left->agent, 1, 1, 5, "hello"), ==, 5);
  g_assert_cmpint (nice_agent_send (pair->right->agent, 1, 1, 3, "hi!"), ==, 3);
  wait_until (pair->right->received[1]->len == 5 && pair->left->received[1]->len == 3);
  g_assert_cmpstr (pair->right->received[1]->str, ==, "hello");
  g_assert_cmpstr (pair->left->received[1]->str, ==, "hi!");
}

#define AMOUNT (4 << 20)

static void
test_nothing_is_lost_of_much (void)
{
  g_autoptr (Pair) pair = connected_pair ();
  g_autofree gchar *data = g_malloc (AMOUNT);
  gsize sent = 0;

  for (gsize i = 0; i < AMOUNT; i++)
    data[i] = (gchar)(i * 7 + i / 251);
  while (pair->right->received[1]->len < AMOUNT)
    {
      gint n = sent < AMOUNT ? nice_agent_send (pair->left->agent, 1, 1,
                                                (guint)(AMOUNT - sent), data + sent)
                             : -1;

      if (n > 0)
        sent += (gsize)n;
      else
        g_main_context_iteration (NULL, TRUE);
    }
  g_assert_cmpmem (pair->right->received[1]->str, AMOUNT, data, AMOUNT);
}

/* contract 1.3-k: a message is sent whole or not at all */
static void
test_messages_are_not_cut (void)
{
  g_autoptr (Pair) pair = connected_pair ();
  g_autofree gchar *data = g_malloc0 (60000);
  GOutputVector vector = { data, 60000 };
  NiceOutputMessage message = { &vector, 1 };
  g_autoptr (GError) error = NULL;
  gsize sent = 0;

  while (nice_agent_send_messages_nonblocking (pair->left->agent, 1, 1, &message, 1, NULL,
                                               &error)
         == 1)
    sent += 60000;
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);
  wait_until (pair->right->received[1]->len == sent);
}

/* contract 1.3-e 1.3-m */
static void
test_sending_before_it_is_open_would_block (void)
{
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_RELIABLE, 1);
  GOutputVector vector = { "x", 1 };
  NiceOutputMessage message = { &vector, 1 };
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (
      nice_agent_send_messages_nonblocking (peer->agent, 1, 1, &message, 1, NULL, &error),
      ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);
  g_assert_null (nice_agent_get_selected_socket (peer->agent, 1, 1));
}

/* --- Calls that wait, and streams --- */

typedef struct
{
  GIOStream *stream;
  gchar text[6];
} Reader;

static gpointer
read_six (gpointer data)
{
  Reader *reader = data;
  gsize n = 0;

  g_assert_true (g_input_stream_read_all (g_io_stream_get_input_stream (reader->stream),
                                          reader->text, 6, &n, NULL, NULL));
  g_assert_cmpuint (n, ==, 6);
  return NULL;
}

static void
assert_target (GObject *stream, NiceAgent *agent)
{
  g_autoptr (NiceAgent) its_agent = NULL;
  guint stream_id, component_id;

  g_object_get (stream, "agent", &its_agent, "stream-id", &stream_id, "component-id",
                &component_id, NULL);
  g_assert_true (its_agent == agent);
  g_assert_cmpuint (stream_id, ==, 1);
  g_assert_cmpuint (component_id, ==, 1);
}

/* contract 1.22-a */
static void
test_streams_are_for_reliable_agents (void)
{
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_NONE, 1);

  g_test_expect_message ("libnice", G_LOG_LEVEL_CRITICAL, "*reliable*");
  g_assert_null (nice_agent_get_io_stream (peer->agent, 1, 1));
  g_test_assert_expected_messages ();
}

/* contract 1.22-a 1.22-b 1.22-i */
static void
test_streams_read_and_write (void)
{
  g_autoptr (Pair) pair = pair_new (NICE_AGENT_OPTION_RELIABLE, 1);
  g_autoptr (GIOStream) left = NULL, right = NULL, again = NULL;
  Reader reader = { NULL, "" };
  GThread *thread;

  nice_agent_attach_recv (pair->left->agent, 1, 1, NULL, NULL, NULL);
  nice_agent_attach_recv (pair->right->agent, 1, 1, NULL, NULL, NULL);
  left = nice_agent_get_io_stream (pair->left->agent, 1, 1);
  right = nice_agent_get_io_stream (pair->right->agent, 1, 1);
  again = nice_agent_get_io_stream (pair->right->agent, 1, 1);
  g_assert_true (right == again);
  g_assert_null (nice_agent_get_io_stream (pair->right->agent, 1, 2));
  assert_target (G_OBJECT (right), pair->right->agent);
  assert_target (G_OBJECT (g_io_stream_get_input_stream (right)), pair->right->agent);
  assert_target (G_OBJECT (g_io_stream_get_output_stream (right)), pair->right->agent);
  pair_connect (pair);
  wait_until (peer_count (pair->left, "reliable-transport-writable") > 0);
  reader.stream = right;
  thread = g_thread_new ("reader", read_six, &reader);
  g_assert_true (g_output_stream_write_all (g_io_stream_get_output_stream (left),
                                            "stream", 6, NULL, NULL, NULL));
  g_thread_join (thread);
  g_assert_cmpmem (reader.text, 6, "stream", 6);
}

static gboolean
on_readable (GObject *input, gpointer text)
{
  gchar buffer[16];
  g_autoptr (GError) error = NULL;
  gssize n = g_pollable_input_stream_read_nonblocking (
      G_POLLABLE_INPUT_STREAM (input), buffer, sizeof buffer, NULL, &error);

  g_assert_no_error (error);
  g_string_append_len (text, buffer, n);
  return G_SOURCE_CONTINUE;
}

/* contract 1.22-c */
static void
test_streams_can_be_polled (void)
{
  g_autoptr (Pair) pair = connected_pair ();
  g_autoptr (GIOStream) right = nice_agent_get_io_stream (pair->right->agent, 1, 1);
  GPollableInputStream *input =
      G_POLLABLE_INPUT_STREAM (g_io_stream_get_input_stream (right));
  g_autoptr (GSource) source = NULL;
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  gchar byte;

  nice_agent_attach_recv (pair->right->agent, 1, 1, NULL, NULL, NULL);
  g_assert_false (g_pollable_input_stream_is_readable (input));
  g_assert_cmpint (
      g_pollable_input_stream_read_nonblocking (input, &byte, 1, NULL, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);
  source = g_pollable_input_stream_create_source (input, NULL);
  g_source_set_callback (source, G_SOURCE_FUNC (on_readable), text, NULL);
  g_source_attach (source, NULL);
  nice_agent_send (pair->left->agent, 1, 1, 4, "poll");
  wait_until (text->len == 4);
  g_source_destroy (source);
}

/* contract 1.15-b: closed by the time the call returns */
static void
test_streams_are_closed_with_the_stream (void)
{
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_RELIABLE, 1);
  g_autoptr (GIOStream) stream = nice_agent_get_io_stream (peer->agent, 1, 1);

  nice_agent_remove_stream (peer->agent, 1);
  g_assert_true (g_io_stream_is_closed (stream));
  g_assert_true (g_input_stream_is_closed (g_io_stream_get_input_stream (stream)));
  g_assert_true (g_output_stream_is_closed (g_io_stream_get_output_stream (stream)));
}

/* contract 1.22-d */
static void
test_the_peer_sees_the_end (void)
{
  g_autoptr (Pair) pair = connected_pair ();
  g_autoptr (GIOStream) left = nice_agent_get_io_stream (pair->left->agent, 1, 1);
  g_autoptr (GIOStream) right = nice_agent_get_io_stream (pair->right->agent, 1, 1);
  GPollableInputStream *input =
      G_POLLABLE_INPUT_STREAM (g_io_stream_get_input_stream (right));
  gchar byte;

  nice_agent_attach_recv (pair->left->agent, 1, 1, NULL, NULL, NULL);
  nice_agent_attach_recv (pair->right->agent, 1, 1, NULL, NULL, NULL);
  g_assert_true (g_io_stream_close (left, NULL, NULL));
  wait_until (g_pollable_input_stream_is_readable (input));
  g_assert_cmpint (g_pollable_input_stream_read_nonblocking (input, &byte, 1, NULL, NULL),
                   ==, 0);
}

#define ADD(name, function) g_test_add_func ("/reliable/" name, function)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("writable-comes-after-ready", test_writable_comes_after_ready);
  ADD ("bytes-go-both-ways", test_bytes_go_both_ways);
  ADD ("nothing-is-lost-of-much", test_nothing_is_lost_of_much);
  ADD ("messages-are-not-cut", test_messages_are_not_cut);
  ADD ("sending-before-it-is-open-would-block",
       test_sending_before_it_is_open_would_block);
  ADD ("streams-read-and-write", test_streams_read_and_write);
  ADD ("streams-are-for-reliable-agents", test_streams_are_for_reliable_agents);
  ADD ("streams-can-be-polled", test_streams_can_be_polled);
  ADD ("streams-are-closed-with-the-stream", test_streams_are_closed_with_the_stream);
  ADD ("the-peer-sees-the-end", test_the_peer_sees_the_end);
  return g_test_run ();
}
