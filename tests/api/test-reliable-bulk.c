/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Megabytes through reliable agents: every byte in order whatever reads it and whenever,
 * and how one end learns that the other is gone. Facts of the contract 1.2,
 * 1.3, 1.4. */
#include "agents.h"

#include <string.h>

#define MB (1024 * 1024)

static void
on_new (NiceAgent *agent, gboolean tcp)
{
  g_object_set (agent, "ice-tcp", tcp, "ice-udp", !tcp, NULL);
}

static Pair *
new_pair (gboolean tcp)
{
  Pair *pair = pair_new (NICE_AGENT_OPTION_RELIABLE, 1);

  on_new (pair->left->agent, tcp);
  on_new (pair->right->agent, tcp);
  return pair;
}

static gboolean
is_writable (Peer *peer)
{
  return peer_count (peer, "reliable-transport-writable") > 0;
}

static Pair *
connected_pair (void)
{
  Pair *pair = new_pair (FALSE);

  pair_connect (pair);
  wait_until (is_writable (pair->left) && is_writable (pair->right));
  return pair;
}

static guint8
byte_at (gsize i)
{
  return (guint8)(i * 31 + (i >> 8) + (i >> 16));
}

static guint8 *
new_pattern (gsize len)
{
  guint8 *bytes = g_malloc (len);

  for (gsize i = 0; i < len; i++)
    bytes[i] = byte_at (i);
  return bytes;
}

/* Sends as much as there is room for. */
static gsize
push (const Peer *peer, const guint8 *bytes, gsize len)
{
  gsize sent = 0;

  while (sent < len)
    {
      const gint n = nice_agent_send (peer->agent, 1, 1, (guint)(len - sent),
                                      (const gchar *)bytes + sent);

      if (n < 0)
        break;
      sent += (gsize)n;
    }
  return sent;
}

static void
test_megabytes_to_a_callback (void)
{
  g_autoptr (Pair) pair = connected_pair ();
  const gsize total = 8 * MB;
  g_autofree guint8 *bytes = new_pattern (total);
  gsize sent = 0;

  while (pair->right->received[1]->len < total)
    {
      sent += push (pair->left, bytes + sent, total - sent);
      g_main_context_iteration (NULL, sent == total);
    }
  g_assert_cmpmem (pair->right->received[1]->str, pair->right->received[1]->len, bytes,
                   total);
  g_assert_cmpuint (peer_count (pair->left, "reliable-transport-writable"), >, 1);
}

static void
test_both_ways_at_once (void)
{
  g_autoptr (Pair) pair = connected_pair ();
  const gsize total = 2 * MB;
  g_autofree guint8 *bytes = new_pattern (total);
  gsize left = 0, right = 0;

  while (pair->right->received[1]->len < total || pair->left->received[1]->len < total)
    {
      left += push (pair->left, bytes + left, total - left);
      right += push (pair->right, bytes + right, total - right);
      g_main_context_iteration (NULL, left == total && right == total);
    }
  g_assert_cmpmem (pair->left->received[1]->str, total, bytes, total);
  g_assert_cmpmem (pair->right->received[1]->str, total, bytes, total);
}

/* 1.2: nobody receives, then somebody does. */
static void
on_data (NiceAgent *agent, guint stream, guint component, guint len, gchar *buf,
         gpointer data)
{
  g_string_append_len (data, buf, len);
}

static void
test_data_waits_for_a_receiver (void)
{
  g_autoptr (Pair) pair = connected_pair ();
  g_autofree guint8 *bytes = new_pattern (MB);
  GString *received = g_string_new (NULL);
  gsize sent = 0;

  nice_agent_attach_recv (pair->right->agent, 1, 1, NULL, NULL, NULL);
  for (guint i = 0; i < 10; i++)
    {
      sent += push (pair->left, bytes + sent, MB - sent);
      run_pending ();
    }
  g_assert_cmpuint (pair->right->received[1]->len, ==, 0);
  g_assert_cmpuint (sent, <, MB); /* it is the window that stops the sender */

  nice_agent_attach_recv (pair->right->agent, 1, 1, NULL, on_data, received);
  while (received->len < MB)
    {
      sent += push (pair->left, bytes + sent, MB - sent);
      g_main_context_iteration (NULL, TRUE);
    }
  g_assert_cmpmem (received->str, received->len, bytes, MB);
  nice_agent_attach_recv (pair->right->agent, 1, 1, NULL, NULL, NULL);
  g_string_free (received, TRUE);
}

typedef struct
{
  Pair *pair;
  gsize total;
  guint8 *bytes;
  gint done; /* atomic */
} Reader;

/* 1.2: all buffers of all messages are exactly full. */
static gpointer
read_in_thread (gpointer data)
{
  Reader *reader = data;
  gsize got = 0;

  while (got < reader->total)
    {
      guint8 one[1000], two[3000], three[500], four[4500];
      GInputVector vectors[] = { { one, sizeof one }, { two, sizeof two } };
      GInputVector vector = { three, sizeof three };
      NiceInputMessage messages[] = { { vectors, 2, NULL, 0 }, { &vector, 1, NULL, 0 } };
      g_autoptr (GError) error = NULL;

      g_assert_cmpint (nice_agent_recv_messages (reader->pair->right->agent, 1, 1,
                                                 messages, 2, NULL, &error),
                       ==, 2);
      g_assert_no_error (error);
      g_assert_cmpuint (messages[0].length, ==, 4000);
      g_assert_cmpuint (messages[1].length, ==, 500);
      g_assert_cmpmem (one, 1000, reader->bytes + got, 1000);
      g_assert_cmpmem (two, 3000, reader->bytes + got + 1000, 3000);
      g_assert_cmpmem (three, 500, reader->bytes + got + 4000, 500);
      got += 4500;
      g_assert_cmpint (nice_agent_recv (reader->pair->right->agent, 1, 1, four,
                                        sizeof four, NULL, &error),
                       ==, sizeof four);
      g_assert_no_error (error);
      g_assert_cmpmem (four, sizeof four, reader->bytes + got, sizeof four);
      got += sizeof four;
    }
  g_atomic_int_set (&reader->done, TRUE);
  g_main_context_wakeup (NULL);
  return NULL;
}

/* contract 1.2-l */
static void
test_calls_that_wait_fill_their_buffers (void)
{
  g_autoptr (Pair) pair = connected_pair ();
  const gsize total = 4500 * 400;
  g_autofree guint8 *bytes = new_pattern (total);
  Reader reader = { pair, total, bytes, FALSE };
  GThread *thread;
  gsize sent = 0;

  nice_agent_attach_recv (pair->right->agent, 1, 1, NULL, NULL, NULL);
  thread = g_thread_new ("reader", read_in_thread, &reader);
  while (!g_atomic_int_get (&reader.done))
    {
      sent += push (pair->left, bytes + sent, total - sent);
      g_main_context_iteration (NULL, TRUE);
    }
  g_thread_join (thread);
}

typedef struct
{
  Pair *pair;
  GCancellable *enough;
  GMutex lock;
  GCond changed;
  guint n_read;
} Crowd;

static gpointer
read_bytes_one_by_one (gpointer data)
{
  Crowd *crowd = data;
  guint8 byte;

  while (nice_agent_recv (crowd->pair->right->agent, 1, 1, &byte, 1, crowd->enough, NULL)
         == 1)
    {
      g_mutex_lock (&crowd->lock);
      crowd->n_read++;
      g_cond_signal (&crowd->changed);
      g_mutex_unlock (&crowd->lock);
    }
  return NULL;
}

static gpointer
run_loop (gpointer loop)
{
  g_main_loop_run (loop);
  return NULL;
}

static void
send_and_wait (Crowd *crowd, guint n)
{
  nice_agent_attach_recv (crowd->pair->right->agent, 1, 1, NULL, NULL, NULL);
  g_assert_cmpint (nice_agent_send (crowd->pair->left->agent, 1, 1, 3, "abc"), ==, 3);
  g_mutex_lock (&crowd->lock);
  while (crowd->n_read < n)
    g_cond_wait (&crowd->changed, &crowd->lock);
  g_mutex_unlock (&crowd->lock);
}

/* Threads come and go, and somebody detaches what nobody attached; with each of these the
 * context may change in which sockets are read. A thread was left waiting in one in which
 * nothing happened any more. */
static void
test_threads_share_what_comes (void)
{
  g_autoptr (Pair) pair = connected_pair ();
  g_autoptr (GCancellable) enough = g_cancellable_new ();
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  Crowd crowd = { pair, enough, .n_read = 0 };
  GThread *threads[4];

  threads[0] = g_thread_new ("loop", run_loop, loop);
  for (guint i = 1; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("reader", read_bytes_one_by_one, &crowd);
  for (guint n = 3; n <= 3000; n += 3)
    send_and_wait (&crowd, n);
  g_cancellable_cancel (enough);
  for (guint i = 1; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  g_main_loop_quit (loop);
  g_thread_join (threads[0]);
  g_assert_cmpuint (crowd.n_read, ==, 3000);
}

static void
test_calls_that_do_not_wait (void)
{
  g_autoptr (Pair) pair = connected_pair ();
  g_autoptr (GError) error = NULL;
  guint8 bytes[100];
  gssize n;

  g_assert_cmpint (
      nice_agent_recv_nonblocking (pair->right->agent, 1, 1, bytes, 100, NULL, &error),
      ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);
  g_clear_error (&error);
  g_assert_cmpint (nice_agent_send (pair->left->agent, 1, 1, 5, "hello"), ==, 5);
  while ((n = nice_agent_recv_nonblocking (pair->right->agent, 1, 1, bytes, 100, NULL,
                                           &error))
         < 0)
    {
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);
      g_clear_error (&error);
      g_main_context_iteration (NULL, FALSE);
    }
  g_assert_cmpmem (bytes, n, "hello", 5);
}

/* contract 1.4-k. 1.4, order 5: the peer sees its component fail; its readers see the
 * end. */
static void
test_removal_fails_the_peer (void)
{
  g_autoptr (Pair) pair = connected_pair ();
  g_autoptr (GError) error = NULL;
  GOutputVector vector = { "x", 1 };
  NiceOutputMessage message = { &vector, 1 };
  guint8 byte;

  nice_agent_remove_stream (pair->left->agent, 1);
  wait_until (peer_is_in (pair->right, NICE_COMPONENT_STATE_FAILED));
  g_assert_cmpint (nice_agent_send_messages_nonblocking (pair->right->agent, 1, 1,
                                                         &message, 1, NULL, &error),
                   ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_FAILED);
  g_clear_error (&error);
  g_assert_cmpint (nice_agent_recv (pair->right->agent, 1, 1, &byte, 1, NULL, &error), ==,
                   0);
  g_assert_no_error (error);
}

/* contract 1.4-i */
static void
test_over_tcp_it_is_writable_at_once (void)
{
  g_autoptr (Pair) pair = new_pair (TRUE);

  pair_connect (pair);
  wait_until (is_writable (pair->left) && is_writable (pair->right));
  g_assert_cmpint (nice_agent_send (pair->left->agent, 1, 1, 5, "hello"), ==, 5);
  wait_until (pair->right->received[1]->len == 5);
}

/* What a TCP has acknowledged is not dropped: its peer waits until somebody reads. */
static void
test_over_tcp_the_sender_waits (void)
{
  g_autoptr (Pair) pair = new_pair (TRUE);
  const gsize total = 16 * MB;
  g_autofree guint8 *bytes = new_pattern (total);
  GString *received = g_string_new (NULL);
  gsize sent = 0;

  pair_connect (pair);
  wait_until (is_writable (pair->left) && is_writable (pair->right));
  nice_agent_attach_recv (pair->right->agent, 1, 1, NULL, NULL, NULL);
  for (guint i = 0; i < 100; i++)
    {
      sent += push (pair->left, bytes + sent, total - sent);
      run_pending ();
    }
  g_assert_cmpuint (sent, <, total);
  nice_agent_attach_recv (pair->right->agent, 1, 1, NULL, on_data, received);
  while (received->len < total)
    {
      sent += push (pair->left, bytes + sent, total - sent);
      g_main_context_iteration (NULL, sent == total);
    }
  g_assert_cmpmem (received->str, received->len, bytes, total);
  nice_agent_attach_recv (pair->right->agent, 1, 1, NULL, NULL, NULL);
  g_string_free (received, TRUE);
}

/* contract 1.4-i. A sender that is refused need not ask again: it is told. */
static void
test_over_tcp_the_sender_is_told_of_room (void)
{
  g_autoptr (Pair) pair = new_pair (TRUE);
  const gsize total = 32 * MB;
  g_autofree guint8 *bytes = new_pattern (total);
  gsize sent = 0;
  guint n_told;

  pair_connect (pair);
  wait_until (is_writable (pair->left));
  while (sent < total)
    {
      n_told = peer_count (pair->left, "reliable-transport-writable");
      sent += push (pair->left, bytes + sent, total - sent);
      if (sent < total)
        wait_until (peer_count (pair->left, "reliable-transport-writable") > n_told);
    }
  wait_until (pair->right->received[1]->len == total);
  g_assert_cmpmem (pair->right->received[1]->str, total, bytes, total);
  g_assert_cmpuint (n_told, >, 1);
}

typedef struct
{
  GInputStream *stream;
  guint8 *bytes;
  gsize size, got;
  gint done; /* atomic */
} StreamReader;

static gpointer
read_all_in_thread (gpointer data)
{
  StreamReader *reader = data;

  g_input_stream_read_all (reader->stream, reader->bytes, reader->size, &reader->got,
                           NULL, NULL);
  g_atomic_int_set (&reader->done, TRUE);
  g_main_context_wakeup (NULL);
  return NULL;
}

/* Nobody iterates a context meanwhile: whoever waits does what is needed. */
static void
test_over_tcp_streams_wait (void)
{
  g_autoptr (Pair) pair = new_pair (TRUE);
  g_autoptr (GIOStream) left = nice_agent_get_io_stream (pair->left->agent, 1, 1);
  g_autoptr (GIOStream) right = nice_agent_get_io_stream (pair->right->agent, 1, 1);
  const gsize total = 16 * MB;
  g_autofree guint8 *bytes = new_pattern (total), *copy = g_malloc (total);
  StreamReader reader = { g_io_stream_get_input_stream (right), copy, total, 0, FALSE };
  gsize written;
  GThread *thread;

  nice_agent_attach_recv (pair->right->agent, 1, 1, NULL, NULL, NULL);
  pair_connect (pair);
  thread = g_thread_new ("reader", read_all_in_thread, &reader);
  g_assert_true (g_output_stream_write_all (g_io_stream_get_output_stream (left), bytes,
                                            total, &written, NULL, NULL));
  wait_until (g_atomic_int_get (&reader.done)); /* what was written is not sent yet */
  g_thread_join (thread);
  g_assert_cmpmem (copy, reader.got, bytes, total);
}

/* The stream is gone for the program that removed it, and its bytes are under way. */
static void
test_removal_loses_nothing (void)
{
  g_autoptr (Pair) pair = connected_pair ();
  g_autofree guint8 *bytes = new_pattern (MB);
  gsize sent = push (pair->left, bytes, MB);

  g_assert_cmpuint (sent, >, 50000);
  nice_agent_remove_stream (pair->left->agent, 1);
  wait_until (peer_is_in (pair->right, NICE_COMPONENT_STATE_FAILED));
  g_assert_cmpmem (pair->right->received[1]->str, pair->right->received[1]->len, bytes,
                   sent);
}

static void
on_closed (GObject *agent, GAsyncResult *result, gpointer data)
{
  *(gboolean *)data = TRUE;
}

static void
test_close_waits_for_what_is_under_way (void)
{
  g_autoptr (Pair) pair = connected_pair ();
  g_autofree guint8 *bytes = new_pattern (MB);
  gsize sent = push (pair->left, bytes, MB);
  gboolean closed = FALSE;

  nice_agent_close_async (pair->left->agent, on_closed, &closed);
  g_clear_object (&pair->left->agent);
  wait_until (closed);
  wait_until (peer_is_in (pair->right, NICE_COMPONENT_STATE_FAILED));
  g_assert_cmpmem (pair->right->received[1]->str, pair->right->received[1]->len, bytes,
                   sent);
}

static void
count_closed (GObject *agent, GAsyncResult *result, gpointer data)
{
  (*(guint *)data)++;
}

/* contract 1.15-g */
static void
test_closing_twice_is_a_mistake (void)
{
  g_autoptr (Pair) pair = connected_pair ();
  g_autofree guint8 *bytes = new_pattern (MB);
  guint n_closed = 0;

  push (pair->left, bytes, MB);
  nice_agent_close_async (pair->left->agent, count_closed, &n_closed);
  g_test_expect_message ("libnice", G_LOG_LEVEL_CRITICAL, "*nice_agent_close_async*");
  nice_agent_close_async (pair->left->agent, count_closed, &n_closed);
  g_test_assert_expected_messages ();
  wait_until (n_closed == 1);
  wait_until (peer_is_in (pair->right, NICE_COMPONENT_STATE_FAILED));
  g_assert_cmpuint (n_closed, ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/reliable-bulk/megabytes", test_megabytes_to_a_callback);
  g_test_add_func ("/reliable-bulk/both-ways", test_both_ways_at_once);
  g_test_add_func ("/reliable-bulk/waits", test_data_waits_for_a_receiver);
  g_test_add_func ("/reliable-bulk/waiting-calls",
                   test_calls_that_wait_fill_their_buffers);
  g_test_add_func ("/reliable-bulk/crowd", test_threads_share_what_comes);
  g_test_add_func ("/reliable-bulk/nonblocking", test_calls_that_do_not_wait);
  g_test_add_func ("/reliable-bulk/removal", test_removal_fails_the_peer);
  g_test_add_func ("/reliable-bulk/removal-loses-nothing", test_removal_loses_nothing);
  g_test_add_func ("/reliable-bulk/close", test_close_waits_for_what_is_under_way);
  g_test_add_func ("/reliable-bulk/close-twice", test_closing_twice_is_a_mistake);
  g_test_add_func ("/reliable-bulk/tcp-unread", test_over_tcp_the_sender_waits);
  g_test_add_func ("/reliable-bulk/tcp-streams", test_over_tcp_streams_wait);
  g_test_add_func ("/reliable-bulk/tcp-told", test_over_tcp_the_sender_is_told_of_room);
  g_test_add_func ("/reliable-bulk/tcp", test_over_tcp_it_is_writable_at_once);
  return g_test_run ();
}
