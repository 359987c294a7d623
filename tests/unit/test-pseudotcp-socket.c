/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The public object: properties, results and errors, callbacks, and its clock set by
 * hand. */
#include "config.h"

#include "pseudotcp.h"

#include <errno.h>
#include <string.h>

#define START 100000 /* milliseconds */

typedef struct
{
  PseudoTcpSocket *sockets[2];
  GQueue packets[2]; /* GBytes on their way to that socket */
  guint32 time;
  guint n_opened, n_readable, n_writable, n_closed, max_packet, n_refused;
  guint32 error;
  gboolean close_when_readable;
} Pair;

static void
on_opened (PseudoTcpSocket *socket, gpointer data)
{
  ((Pair *)data)->n_opened++;
}

static void
on_readable (PseudoTcpSocket *socket, gpointer data)
{
  Pair *pair = data;

  pair->n_readable++;
  if (pair->close_when_readable)
    {
      char bytes[100];

      pseudo_tcp_socket_recv (socket, bytes, sizeof bytes);
      pseudo_tcp_socket_close (socket, FALSE);
      if (pair->sockets[1] == socket)
        g_clear_object (&pair->sockets[1]);
    }
}

static void
on_writable (PseudoTcpSocket *socket, gpointer data)
{
  ((Pair *)data)->n_writable++;
}

static void
on_closed (PseudoTcpSocket *socket, guint32 error, gpointer data)
{
  ((Pair *)data)->n_closed++;
  ((Pair *)data)->error = error;
}

static PseudoTcpWriteResult
on_write (PseudoTcpSocket *socket, const gchar *buffer, guint32 len, gpointer data)
{
  Pair *pair = data;
  guint to = socket == pair->sockets[0] ? 1 : 0;

  if (pair->max_packet != 0 && len > pair->max_packet)
    {
      pair->n_refused++;
      return WR_TOO_LARGE;
    }
  g_queue_push_tail (&pair->packets[to], g_bytes_new (buffer, len));
  return WR_SUCCESS;
}

static void
pair_init (Pair *pair)
{
  PseudoTcpCallbacks callbacks = { pair,        on_opened, on_readable,
                                   on_writable, on_closed, on_write };

  memset (pair, 0, sizeof *pair);
  pair->time = START;
  for (guint i = 0; i < 2; i++)
    {
      pair->sockets[i] = pseudo_tcp_socket_new (7, &callbacks);
      pseudo_tcp_socket_set_time (pair->sockets[i], pair->time);
      g_queue_init (&pair->packets[i]);
    }
}

static void
pair_clear (Pair *pair)
{
  for (guint i = 0; i < 2; i++)
    {
      g_queue_clear_full (&pair->packets[i], (GDestroyNotify)g_bytes_unref);
      g_clear_object (&pair->sockets[i]);
    }
}

static void
tick (Pair *pair, guint i)
{
  guint64 timeout = 0;

  if (pair->sockets[i] == NULL)
    return;
  pseudo_tcp_socket_set_time (pair->sockets[i], pair->time);
  if (pseudo_tcp_socket_get_next_clock (pair->sockets[i], &timeout)
      && timeout <= pair->time)
    pseudo_tcp_socket_notify_clock (pair->sockets[i]);
}

/* Millisecond by millisecond; packets take one. */
static void
pair_run (Pair *pair, guint32 ms)
{
  for (guint32 end = pair->time + ms; pair->time < end; pair->time++)
    {
      guint n[2] = { pair->packets[0].length, pair->packets[1].length };

      tick (pair, 0);
      tick (pair, 1);
      for (guint i = 0; i < 2; i++)
        for (guint k = 0; k < n[i]; k++)
          {
            g_autoptr (GBytes) packet = g_queue_pop_head (&pair->packets[i]);
            gsize len;
            const gchar *bytes = g_bytes_get_data (packet, &len);

            if (pair->sockets[i] != NULL)
              pseudo_tcp_socket_notify_packet (pair->sockets[i], bytes, (guint32)len);
          }
    }
}

static void
pair_open (Pair *pair)
{
  pair_init (pair);
  g_assert_true (pseudo_tcp_socket_connect (pair->sockets[0]));
  pair_run (pair, 200);
  g_assert_cmpuint (pair->n_opened, ==, 2);
}

/* contract 1.23-a. Contract 1.23 */
static void
test_properties_as_libnice_has_them (void)
{
  Pair pair;
  guint conversation, state, ack_delay, receive, send;
  gboolean no_delay, fin_ack;
  gpointer callbacks;

  pair_init (&pair);
  g_object_get (pair.sockets[0], "conversation", &conversation, "state", &state,
                "ack-delay", &ack_delay, "no-delay", &no_delay, "rcv-buf", &receive,
                "snd-buf", &send, "support-fin-ack", &fin_ack, "callbacks", &callbacks,
                NULL);
  g_assert_cmpuint (conversation, ==, 7);
  g_assert_cmpuint (state, ==, PSEUDO_TCP_LISTEN);
  g_assert_cmpuint (ack_delay, ==, 100);
  g_assert_cmpuint (receive, ==, 61440);
  g_assert_cmpuint (send, ==, 92160);
  g_assert_true (no_delay);
  g_assert_true (fin_ack);
  g_assert_nonnull (callbacks);

  g_object_set (pair.sockets[0], "ack-delay", 20, "no-delay", FALSE, "rcv-buf", 5000,
                "snd-buf", 6000, NULL);
  g_object_get (pair.sockets[0], "ack-delay", &ack_delay, "no-delay", &no_delay,
                "rcv-buf", &receive, "snd-buf", &send, NULL);
  g_assert_cmpuint (ack_delay, ==, 20);
  g_assert_false (no_delay);
  g_assert_cmpuint (receive, ==, 5000);
  g_assert_cmpuint (send, ==, 6000);
  pair_clear (&pair);
}

/* contract 1.23-c */
static void
test_results_and_errors (void)
{
  Pair pair;
  char bytes[20];

  pair_init (&pair);
  g_assert_cmpint (pseudo_tcp_socket_send (pair.sockets[0], "x", 1), ==, -1);
  g_assert_cmpint (pseudo_tcp_socket_get_error (pair.sockets[0]), ==, ENOTCONN);
  g_assert_cmpint (pseudo_tcp_socket_recv (pair.sockets[0], bytes, 20), ==, -1);
  g_assert_cmpint (pseudo_tcp_socket_get_error (pair.sockets[0]), ==, EWOULDBLOCK);
  g_assert_true (pseudo_tcp_socket_connect (pair.sockets[0]));
  g_assert_false (pseudo_tcp_socket_connect (pair.sockets[0]));
  g_assert_cmpint (pseudo_tcp_socket_get_error (pair.sockets[0]), ==, EINVAL);
  pair_run (&pair, 200);

  g_assert_cmpint (pseudo_tcp_socket_send (pair.sockets[0], "hello", 5), ==, 5);
  pair_run (&pair, 5);
  g_assert_cmpuint (pair.n_readable, ==, 1);
  g_assert_cmpint (pseudo_tcp_socket_get_available_bytes (pair.sockets[1]), ==, 5);
  g_assert_cmpint (pseudo_tcp_socket_recv (pair.sockets[1], bytes, 20), ==, 5);
  g_assert_cmpmem (bytes, 5, "hello", 5);

  g_assert_true (pseudo_tcp_socket_can_send (pair.sockets[0]));
  pseudo_tcp_socket_close (pair.sockets[0], TRUE);
  g_assert_cmpuint (pair.n_closed, ==, 1);
  g_assert_cmpuint (pair.error, ==, ECONNABORTED);
  g_assert_true (pseudo_tcp_socket_is_closed (pair.sockets[0]));
  g_assert_cmpint (pseudo_tcp_socket_send (pair.sockets[0], "x", 1), ==, -1);
  g_assert_cmpint (pseudo_tcp_socket_get_error (pair.sockets[0]), ==, EPIPE);
  pair_run (&pair, 5);
  g_assert_cmpuint (pair.n_closed, ==, 2);
  g_assert_cmpuint (pair.error, ==, ECONNRESET);
  g_assert_cmpint (pseudo_tcp_socket_recv (pair.sockets[1], bytes, 20), ==, 0);
  pair_clear (&pair);
}

/* contract 1.23-b */
static void
test_next_clock_is_only_missing_when_closed (void)
{
  Pair pair;
  guint64 timeout = 0;

  pair_init (&pair);
  g_assert_true (pseudo_tcp_socket_get_next_clock (pair.sockets[0], &timeout));
  g_assert_cmpuint (timeout, ==, START + 4000);
  pseudo_tcp_socket_connect (pair.sockets[0]);
  timeout = 0;
  g_assert_true (pseudo_tcp_socket_get_next_clock (pair.sockets[0], &timeout));
  g_assert_cmpuint (timeout, ==, START + 1000);
  timeout = START + 10; /* of another socket */
  g_assert_true (pseudo_tcp_socket_get_next_clock (pair.sockets[0], &timeout));
  g_assert_cmpuint (timeout, ==, START + 10);
  pseudo_tcp_socket_close (pair.sockets[0], TRUE);
  g_assert_false (pseudo_tcp_socket_get_next_clock (pair.sockets[0], &timeout));
  pair_clear (&pair);
}

static void
test_packets_refused_as_too_large_come_smaller (void)
{
  Pair pair;
  char bytes[20000] = { 0 };

  pair_open (&pair);
  pair.max_packet = 1000;
  g_assert_cmpint (pseudo_tcp_socket_send (pair.sockets[0], bytes, sizeof bytes), ==,
                   sizeof bytes);
  pair_run (&pair, 2000);
  g_assert_cmpuint (pair.n_refused, >, 0);
  g_assert_cmpuint (pair.n_refused, <, 10);
  g_assert_cmpint (pseudo_tcp_socket_recv (pair.sockets[1], bytes, sizeof bytes), ==,
                   sizeof bytes);
  pair_clear (&pair);
}

static void
test_messages_of_several_buffers (void)
{
  Pair pair;
  g_autoptr (GBytes) packet = NULL;
  gchar *bytes;
  gsize len;

  pair_open (&pair);
  pseudo_tcp_socket_send (pair.sockets[0], "in pieces", 9);
  packet = g_queue_pop_tail (&pair.packets[1]);
  bytes = (gchar *)g_bytes_get_data (packet, &len);
  for (gint terminated = 0; terminated < 2; terminated++)
    {
      GInputVector vectors[] = {
        { bytes, 10 }, { bytes + 10, 15 }, { bytes + 25, 100 }, { NULL, 0 }
      };
      NiceInputMessage message = { vectors, terminated ? -1 : 3, NULL, len };

      g_assert_true (pseudo_tcp_socket_notify_message (pair.sockets[1], &message));
      g_assert_cmpint (pseudo_tcp_socket_get_available_bytes (pair.sockets[1]), ==, 9);
    }
  pair_clear (&pair);
}

static void
test_owner_may_close_and_drop_it_in_a_callback (void)
{
  Pair pair;

  pair_open (&pair);
  pair.close_when_readable = TRUE;
  pseudo_tcp_socket_send (pair.sockets[0], "bye", 3);
  pair_run (&pair, 100);
  g_assert_null (pair.sockets[1]);
  g_assert_true (pseudo_tcp_socket_is_closed_remotely (pair.sockets[0]));
  pair_clear (&pair);
}

/* contract 1.23-e */
static void
test_shutdown_in_both_directions (void)
{
  Pair pair;
  char byte;
  guint state;

  pair_open (&pair);
  pseudo_tcp_socket_shutdown (pair.sockets[0], PSEUDO_TCP_SHUTDOWN_WR);
  pair_run (&pair, 200);
  g_assert_cmpint (pseudo_tcp_socket_recv (pair.sockets[1], &byte, 1), ==, 0);
  pseudo_tcp_socket_shutdown (pair.sockets[1], PSEUDO_TCP_SHUTDOWN_RD);
  g_object_get (pair.sockets[1], "state", &state, NULL);
  g_assert_cmpuint (state, ==, PSEUDO_TCP_CLOSE_WAIT);
  pseudo_tcp_socket_shutdown (pair.sockets[1], PSEUDO_TCP_SHUTDOWN_RDWR);
  pair_run (&pair, 200);
  g_assert_true (pseudo_tcp_socket_is_closed (pair.sockets[0]));
  g_assert_true (pseudo_tcp_socket_is_closed (pair.sockets[1]));
  g_assert_cmpuint (pair.n_closed, ==, 0);
  pair_clear (&pair);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pseudotcp/socket/properties", test_properties_as_libnice_has_them);
  g_test_add_func ("/pseudotcp/socket/errors", test_results_and_errors);
  g_test_add_func ("/pseudotcp/socket/clock",
                   test_next_clock_is_only_missing_when_closed);
  g_test_add_func ("/pseudotcp/socket/too-large",
                   test_packets_refused_as_too_large_come_smaller);
  g_test_add_func ("/pseudotcp/socket/messages", test_messages_of_several_buffers);
  g_test_add_func ("/pseudotcp/socket/drop-in-callback",
                   test_owner_may_close_and_drop_it_in_a_callback);
  g_test_add_func ("/pseudotcp/socket/shutdown", test_shutdown_in_both_directions);
  return g_test_run ();
}
