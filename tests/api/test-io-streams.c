/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How the GIOStreams of reliable agents end, and what waits in them. Facts of the
 * contract 1.22. */
#include "agents.h"

#include <string.h>

#define MB (1024 * 1024)

typedef struct
{
  Pair *pair;
  GIOStream *left, *right;
} Streams;

static Streams *
streams_new (void)
{
  Streams *self = g_new0 (Streams, 1);

  self->pair = pair_new (NICE_AGENT_OPTION_RELIABLE, 1);
  self->left = nice_agent_get_io_stream (self->pair->left->agent, 1, 1);
  self->right = nice_agent_get_io_stream (self->pair->right->agent, 1, 1);
  pair_connect (self->pair);
  wait_until (peer_count (self->pair->left, "reliable-transport-writable") > 0
              && peer_count (self->pair->right, "reliable-transport-writable") > 0);
  nice_agent_attach_recv (self->pair->right->agent, 1, 1, NULL, NULL, NULL);
  /* The left one writes: libnice reads what is acknowledged only for a receiver. And it
   * wants to be asked for the halves once. */
  g_io_stream_get_input_stream (self->left);
  g_io_stream_get_input_stream (self->right);
  return self;
}

static void
streams_free (Streams *self)
{
  g_object_unref (self->left);
  g_object_unref (self->right);
  pair_free (self->pair);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Streams, streams_free)

static void
assert_reading_fails (GIOStream *stream, gint code)
{
  g_autoptr (GError) error = NULL;
  gchar byte;

  g_assert_cmpint (
      g_input_stream_read (g_io_stream_get_input_stream (stream), &byte, 1, NULL, &error),
      ==, -1);
  g_assert_error (error, G_IO_ERROR, code);
}

static void
assert_writing_fails (GIOStream *stream, gint code)
{
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_output_stream_write (g_io_stream_get_output_stream (stream), "x", 1,
                                          NULL, &error),
                   ==, -1);
  g_assert_error (error, G_IO_ERROR, code);
}

/* contract 1.22-e */
static void
test_closed_here (void)
{
  g_autoptr (Streams) streams = streams_new ();

  g_assert_true (g_io_stream_close (streams->left, NULL, NULL));
  g_assert_true (g_io_stream_is_closed (streams->left));
  assert_reading_fails (streams->left, G_IO_ERROR_CLOSED);
  assert_writing_fails (streams->left, G_IO_ERROR_CLOSED);
}

/* contract 1.22-f: a stream does not keep its agent */
static void
test_the_agent_goes (void)
{
  g_autoptr (Streams) streams = streams_new ();
  g_autoptr (NiceAgent) kept = NULL;

  g_clear_object (&streams->pair->left->agent);
  g_object_get (streams->left, "agent", &kept, NULL);
  g_assert_null (kept);
  assert_reading_fails (streams->left, G_IO_ERROR_CLOSED);
  assert_writing_fails (streams->left, G_IO_ERROR_CLOSED);
}

/* contract 1.22-d 1.22-g: first the end of the stream, then, when both have closed,
 * failure */
static void
test_both_close (void)
{
  g_autoptr (Streams) streams = streams_new ();
  GInputStream *input = g_io_stream_get_input_stream (streams->right);
  gchar text[8];
  gssize n;

  g_assert_true (g_output_stream_write_all (g_io_stream_get_output_stream (streams->left),
                                            "last", 4, NULL, NULL, NULL));
  g_assert_true (g_io_stream_close (streams->left, NULL, NULL));
  do
    {
      g_main_context_iteration (NULL, FALSE);
      n = g_pollable_input_stream_read_nonblocking (G_POLLABLE_INPUT_STREAM (input), text,
                                                    sizeof text, NULL, NULL);
    }
  while (n < 0);
  g_assert_cmpmem (text, n, "last", 4);
  do
    {
      g_main_context_iteration (NULL, FALSE);
      n = g_pollable_input_stream_read_nonblocking (G_POLLABLE_INPUT_STREAM (input), text,
                                                    sizeof text, NULL, NULL);
    }
  while (n < 0);
  g_assert_cmpint (n, ==, 0);
  g_assert_true (g_io_stream_close (streams->right, NULL, NULL));
  wait_until (peer_is_in (streams->pair->left, NICE_COMPONENT_STATE_FAILED)
              && peer_is_in (streams->pair->right, NICE_COMPONENT_STATE_FAILED));
}

/* --- Waiting --- */

typedef struct
{
  GIOStream *stream;
  GCancellable *cancellable;
  gint done; /* atomic */
} Task;

static gpointer
write_megabytes (gpointer data)
{
  Task *task = data;
  g_autofree guint8 *bytes = g_malloc0 (4 * MB);

  g_assert_true (g_output_stream_write_all (g_io_stream_get_output_stream (task->stream),
                                            bytes, 4 * MB, NULL, NULL, NULL));
  g_atomic_int_set (&task->done, TRUE);
  g_main_context_wakeup (NULL);
  return NULL;
}

static void
on_data (NiceAgent *agent, guint stream, guint component, guint len, gchar *buf,
         gpointer n_bytes)
{
  *(gsize *)n_bytes += len;
}

/* contract 1.22-h 1.22-b */
static void
test_a_writer_waits_for_room (void)
{
  g_autoptr (Streams) streams = streams_new ();
  GPollableOutputStream *output =
      G_POLLABLE_OUTPUT_STREAM (g_io_stream_get_output_stream (streams->left));
  Task task = { streams->left, NULL, FALSE };
  GThread *thread = g_thread_new ("writer", write_megabytes, &task);
  gsize n_bytes = 0;

  while (g_pollable_output_stream_is_writable (output))
    g_main_context_iteration (NULL, FALSE);
  g_assert_false (g_atomic_int_get (&task.done));
  nice_agent_attach_recv (streams->pair->right->agent, 1, 1, NULL, on_data, &n_bytes);
  wait_until (g_atomic_int_get (&task.done) && n_bytes == 4 * MB);
  g_thread_join (thread);
  g_assert_true (g_pollable_output_stream_is_writable (output));
  nice_agent_attach_recv (streams->pair->right->agent, 1, 1, NULL, NULL, NULL);
}

static gpointer
read_for_ever (gpointer data)
{
  Task *task = data;
  g_autoptr (GError) error = NULL;
  gchar byte;

  g_assert_cmpint (g_input_stream_read (g_io_stream_get_input_stream (task->stream),
                                        &byte, 1, task->cancellable, &error),
                   ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  return NULL;
}

/* contract 1.22-j: before it began, and while it waits */
static void
test_a_reader_is_cancelled (void)
{
  g_autoptr (Streams) streams = streams_new ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Task task = { streams->right, cancellable, FALSE };
  GThread *thread = g_thread_new ("reader", read_for_ever, &task);

  while (!g_input_stream_has_pending (g_io_stream_get_input_stream (streams->right)))
    g_thread_yield ();
  g_cancellable_cancel (cancellable);
  g_thread_join (thread);
  read_for_ever (&task);
  g_cancellable_reset (cancellable);
  g_assert_false (g_io_stream_is_closed (streams->right));
}

/* contract 1.22-a: and it is still open then */
static void
test_asked_for_again (void)
{
  g_autoptr (Streams) streams = streams_new ();
  const Peer *right = streams->pair->right;
  g_autoptr (GIOStream) again = nice_agent_get_io_stream (right->agent, 1, 1);
  GPollableInputStream *input =
      G_POLLABLE_INPUT_STREAM (g_io_stream_get_input_stream (again));
  gssize n = -1;
  gchar byte;

  g_assert_true (again == streams->right);
  g_assert_cmpint (nice_agent_send (streams->pair->left->agent, 1, 1, 1, "x"), ==, 1);
  while (n < 0)
    {
      g_main_context_iteration (NULL, TRUE);
      n = g_pollable_input_stream_read_nonblocking (input, &byte, 1, NULL, NULL);
    }
  g_assert_cmpint (n, ==, 1);
}

#define ADD(name, function) g_test_add_func ("/io-streams/" name, function)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("asked-for-again", test_asked_for_again);
  ADD ("closed-here", test_closed_here);
  ADD ("the-agent-goes", test_the_agent_goes);
  ADD ("both-close", test_both_close);
  ADD ("a-writer-waits-for-room", test_a_writer_waits_for_room);
  ADD ("a-reader-is-cancelled", test_a_reader_is_cancelled);
  return g_test_run ();
}
