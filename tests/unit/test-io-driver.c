/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Two drivers with real engines and real sockets on loopback: what travels, who is
 * called, what is left when somebody goes. Waits for conditions, never for a duration. */
#include "config.h"

#include "driver-bench.h"
#include "process.h"

#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* --- Cases --- */

/* covers ITCP-6544-10.1-a */
static void
test_data_both_ways (gconstpointer tcp)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  Peer a, b;

  connect_peers (&a, &b, context, GPOINTER_TO_INT (tcp));
  a.text = g_string_new (NULL);
  b.text = g_string_new (NULL);
  g_assert_true (attach (&a, context));
  g_assert_true (attach (&b, context));
  g_assert_cmpint (send_text (&a, "from a"), ==, 1);
  g_assert_cmpint (send_text (&b, "hello"), ==, 1);
  g_assert_cmpint (send_text (&b, ", a"), ==, 1);
  iterate_until (context, &a.n_datagrams, 2);
  iterate_until (context, &b.n_datagrams, 1);
  g_assert_cmpstr (a.text->str, ==, "hello, a");
  g_assert_cmpstr (b.text->str, ==, "from a");
  g_string_free (a.text, TRUE);
  g_string_free (b.text, TRUE);
  clear_peer (&a);
  clear_peer (&b);
  g_assert_cmpint (a.n_notified, ==, 1);
}

static void
test_type_of_service_both_ways (void)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  gint64 now;
  Peer a, b;

  connect_peers (&a, &b, context, FALSE);
  g_assert_true (attach (&b, context));
  send_text (&a, "one");
  iterate_until (context, &b.n_datagrams, 1);
  g_assert_cmpint (b.tos, ==, -1);

  nice_driver_enter (a.driver, &now);
  nice_driver_set_tos (a.driver, a.stream_id, 0xb8);
  nice_driver_leave (a.driver);
  nice_driver_enter (b.driver, &now);
  nice_driver_want_tos (b.driver);
  nice_driver_leave (b.driver);
  send_text (&a, "two");
  iterate_until (context, &b.n_datagrams, 2);
  g_assert_cmpint (b.tos, ==, 0xb8);
  clear_peer (&a);
  clear_peer (&b);
}

/* Frames of every size, in order, whatever the socket takes at once. */
static void
test_bulk_over_tcp (void)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autofree gchar *noise = g_malloc (200000);
  gsize total = 0;
  Peer a, b;

  connect_peers (&a, &b, context, TRUE);
  g_assert_true (attach (&b, context));
  for (guint i = 0; i < 200000; i++)
    noise[i] = 128 | i;
  while (total < 20000000)
    {
      const guint size = g_test_rand_int_range (1, 60000);
      GOutputVector vectors[2] = { { noise + total % 100000, size / 2 },
                                   { noise + total % 100000 + size / 2,
                                     size - size / 2 } };
      NiceSendMessage message = { vectors, 2 };
      gint sent;

      while ((sent = nice_driver_send (a.driver, a.stream_id, 1, &message, 1, NULL)) != 1)
        g_main_context_iteration (context, TRUE);
      total += size;
    }
  iterate_until (context, &b.n_bytes, total);
  g_assert_cmpuint (b.n_bytes, ==, total);
  clear_peer (&a);
  clear_peer (&b);
}

static void
test_waits_until_somebody_attaches (gconstpointer tcp)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (GMainContext) other = g_main_context_new ();
  Peer a, b;

  connect_peers (&a, &b, context, GPOINTER_TO_INT (tcp));
  b.text = g_string_new (NULL);
  send_text (&a, "early ");
  send_text (&a, "bird");
  while (g_main_context_iteration (context, FALSE))
    ;
  g_assert_true (attach (&b, other));
  iterate_until (other, &b.n_datagrams, 2);
  g_assert_cmpstr (b.text->str, ==, "early bird");

  /* Detached, data waits again and nothing spins. */
  g_assert_true (nice_driver_attach (b.driver, b.stream_id, 1, other, NULL, NULL, NULL));
  g_assert_cmpint (b.n_notified, ==, 1);
  send_text (&a, " waits");
  for (guint i = 0; g_main_context_iteration (context, FALSE); i++)
    g_assert_cmpuint (i, <, 20);
  g_assert_false (g_main_context_iteration (other, FALSE));
  g_assert_cmpuint (b.n_datagrams, ==, 2);
  attach (&b, other);
  iterate_until (other, &b.n_datagrams, 3);
  g_assert_cmpstr (b.text->str, ==, "early bird waits");
  g_string_free (b.text, TRUE);
  clear_peer (&a);
  clear_peer (&b);
}

/* Until the kernel, which may be busy, has brought the n-th datagram of that size. */
static void
await_waiting (Peer *self, gint n, gint size)
{
  g_autoptr (GPtrArray) sockets =
      nice_driver_get_sockets (self->driver, self->stream_id, 1);
  const gint fd = g_socket_get_fd (g_ptr_array_index (sockets, 0)), none = -1;
  gint at;
  gchar byte;

  do
    {
      at = (n - 1) * size;
      g_assert_cmpint (setsockopt (fd, SOL_SOCKET, SO_PEEK_OFF, &at, sizeof at), ==, 0);
    }
  while (recv (fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0);
  g_assert_cmpint (setsockopt (fd, SOL_SOCKET, SO_PEEK_OFF, &none, sizeof none), ==, 0);
}

static gboolean
note_tick (gpointer n)
{
  ++*(guint *)n;
  return G_SOURCE_CONTINUE;
}

/* Four batches of sixteen, then it is somebody else's turn, in the same iteration: of
 * other sockets, and of what else the program has in its context. */
static void
test_flood_does_not_starve_others (gconstpointer on_mux)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (NiceMux) mux =
      GPOINTER_TO_INT (on_mux) ? nice_mux_new (context, 0, FALSE) : NULL;
  g_autoptr (GSource) tick = g_idle_source_new ();
  Peer flooder, flooded, sender, receiver;
  guint n_ticks = 0;

  connect_peers_on (&flooder, &flooded, context, FALSE, mux);
  connect_peers (&sender, &receiver, context, FALSE);
  attach (&flooded, context);
  attach (&receiver, context);
  while (g_main_context_iteration (context, FALSE))
    ;
  for (guint i = 0; i < 100; i++)
    send_text (&flooder, "one of very many");
  send_text (&sender, "alone");
  await_waiting (&flooded, 100, strlen ("one of very many"));
  await_waiting (&receiver, 1, strlen ("alone"));
  g_source_set_priority (tick, G_PRIORITY_DEFAULT);
  g_source_set_callback (tick, note_tick, &n_ticks, NULL);
  g_source_attach (tick, context);
  g_main_context_iteration (context, FALSE);
  g_assert_cmpuint (receiver.n_datagrams, ==, 1);
  g_assert_cmpuint (flooded.n_datagrams, ==, 64);
  g_assert_cmpuint (n_ticks, ==, 1);
  g_source_destroy (tick);
  iterate_until (context, &flooded.n_datagrams, 100);
  clear_peer (&flooder);
  clear_peer (&flooded);
  clear_peer (&sender);
  clear_peer (&receiver);
}

/* What waits is bounded. */
static void
test_flood_before_attach (void)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autofree gchar *big = g_strnfill (1000, 'x');
  Peer a, b;

  connect_peers (&a, &b, context, FALSE);
  for (guint i = 0; i < 2000; i++)
    {
      send_text (&a, big);
      while (g_main_context_iteration (context, FALSE))
        ;
    }
  attach (&b, context);
  while (g_main_context_iteration (context, FALSE))
    ;
  g_assert_cmpuint (b.n_datagrams, >, 100);
  g_assert_cmpuint (b.n_bytes, <, 256 * 1024);
  clear_peer (&a);
  clear_peer (&b);
}

/* A source that no check has validated does not reach the application. */
static void
test_stranger_is_not_heard (void)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (GPtrArray) sockets = NULL;
  g_autoptr (GSocketAddress) address = NULL;
  g_autoptr (GSocket) stranger = NULL;
  Peer a, b;

  connect_peers (&a, &b, context, FALSE);
  attach (&b, context);
  sockets = nice_driver_get_sockets (b.driver, b.stream_id, 1);
  g_assert_cmpuint (sockets->len, ==, 1);
  address = g_socket_get_local_address (g_ptr_array_index (sockets, 0), NULL);
  stranger = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_DATAGRAM,
                           G_SOCKET_PROTOCOL_UDP, NULL);
  g_assert_cmpint (g_socket_send_to (stranger, address, "psst", 4, NULL, NULL), ==, 4);
  send_text (&a, "known");
  iterate_until (context, &b.n_datagrams, 1);
  g_assert_cmpuint (b.n_bytes, ==, 5);
  clear_peer (&a);
  clear_peer (&b);
}

static void
drop_owner (gpointer data)
{
  g_clear_object (&((Peer *)data)->owner);
}

static void
test_last_reference_in_receive (gconstpointer tcp)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  Peer a, b;

  connect_peers (&a, &b, context, GPOINTER_TO_INT (tcp));
  b.on_data = drop_owner;
  attach (&b, context);
  for (guint i = 0; i < 10; i++)
    send_text (&a, "boom");
  while (b.driver != NULL)
    g_main_context_iteration (context, TRUE);
  g_assert_cmpuint (b.n_datagrams, >=, 1);
  g_assert_cmpint (b.n_notified, ==, 1);
  clear_peer (&a);
}

static void
drop_owner_when_ready (gpointer data)
{
  Peer *peer = data;

  if (peer->state == ICE_COMPONENT_READY)
    g_clear_object (&peer->owner);
}

static void
test_last_reference_in_emit (void)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  Peer a, b;

  init_peer (&a, context, TRUE, FALSE);
  init_peer (&b, context, FALSE, FALSE);
  b.on_emit = drop_owner_when_ready;
  tell (&a, &b);
  tell (&b, &a);
  while (b.driver != NULL)
    g_main_context_iteration (context, TRUE);
  clear_peer (&a);
}

static void
remove_stream (gpointer data)
{
  Peer *peer = data;
  IceEngine *engine;
  gint64 now;

  engine = nice_driver_enter (peer->driver, &now);
  nice_driver_remove_stream (peer->driver, peer->stream_id);
  g_assert_true (ice_engine_remove_stream (engine, peer->stream_id, now));
  nice_driver_leave (peer->driver);
}

static void
test_stream_removed_in_receive (gconstpointer tcp)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  GError *error = NULL;
  GOutputVector vector = { "x", 1 };
  NiceSendMessage message = { &vector, 1 };
  Peer a, b;

  connect_peers (&a, &b, context, GPOINTER_TO_INT (tcp));
  b.on_data = remove_stream;
  attach (&b, context);
  for (guint i = 0; i < 10; i++)
    send_text (&a, "gone");
  iterate_until (context, (guint *)&b.n_notified, 1);
  g_assert_cmpuint (b.n_datagrams, ==, 1);
  g_assert_null (nice_driver_get_sockets (b.driver, b.stream_id, 1));
  g_assert_cmpint (nice_driver_send (b.driver, b.stream_id, 1, &message, 1, &error), ==,
                   -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_BROKEN_PIPE);
  g_clear_error (&error);
  g_assert_false (attach (&b, context));
  g_assert_cmpint (b.n_notified, ==, 2);
  clear_peer (&a);
  clear_peer (&b);
}

/* covers ICE-8445-12.1-a */
static void
test_send_without_a_path (void)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  GOutputVector vector = { "x", 1 };
  NiceSendMessage message = { &vector, 1 };
  GError *error = NULL;
  Peer a;

  init_peer (&a, context, TRUE, FALSE);
  g_assert_cmpint (nice_driver_send (a.driver, a.stream_id, 1, &message, 1, &error), ==,
                   -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);
  g_clear_error (&error);
  clear_peer (&a);
}

/* --- Calls that wait --- */

typedef struct
{
  Peer *peer;
  GCancellable *cancellable;
  gint result;
  GError *error;
  gchar buffer[64];
  gint is_done;
} Waiter;

static gpointer
wait_for_two (gpointer data)
{
  Waiter *self = data;
  GInputVector vectors[2] = { { self->buffer, 32 }, { self->buffer + 32, 32 } };
  NiceReceiveMessage messages[2] = { { &vectors[0], 1 }, { &vectors[1], 1 } };

  self->result = nice_driver_receive (self->peer->driver, self->peer->stream_id, 1,
                                      messages, 2, self->cancellable, &self->error);
  g_atomic_int_set (&self->is_done, TRUE);
  return NULL;
}

static void
test_blocking_receive (gconstpointer tcp)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  Waiter waiter = { 0 };
  GThread *thread;
  Peer a, b;

  connect_peers (&a, &b, context, GPOINTER_TO_INT (tcp));
  waiter.peer = &b;
  thread = g_thread_new ("waiter", wait_for_two, &waiter);
  send_text (&a, "one");
  send_text (&a, "two");
  g_thread_join (thread); /* nobody iterates the context */
  g_assert_no_error (waiter.error);
  g_assert_cmpint (waiter.result, ==, 2);
  g_assert_cmpstr (waiter.buffer, ==, "one");
  g_assert_cmpstr (waiter.buffer + 32, ==, "two");
  clear_peer (&a);
  clear_peer (&b);
}

static void
test_blocking_receive_with_a_loop (void)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  Waiter waiter = { 0 };
  GThread *thread;
  Peer a, b;

  connect_peers (&a, &b, context, FALSE);
  waiter.peer = &b;
  thread = g_thread_new ("waiter", wait_for_two, &waiter);
  send_text (&a, "one");
  send_text (&a, "two");
  while (!g_atomic_int_get (&waiter.is_done))
    g_main_context_iteration (context, FALSE);
  g_thread_join (thread);
  g_assert_cmpint (waiter.result, ==, 2);
  clear_peer (&a);
  clear_peer (&b);
}

static void
test_blocking_receive_is_cancelled (void)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Waiter waiter = { .cancellable = cancellable };
  GThread *thread;
  Peer a, b;

  connect_peers (&a, &b, context, FALSE);
  waiter.peer = &b;
  thread = g_thread_new ("waiter", wait_for_two, &waiter);
  g_cancellable_cancel (cancellable);
  g_thread_join (thread);
  g_assert_cmpint (waiter.result, ==, -1);
  g_assert_error (waiter.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&waiter.error);
  clear_peer (&a);
  clear_peer (&b);
}

static void
test_blocking_receive_ends_with_the_stream (void)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  Waiter waiter = { 0 };
  GThread *thread;
  Peer a, b;

  connect_peers (&a, &b, context, FALSE);
  waiter.peer = &b;
  thread = g_thread_new ("waiter", wait_for_two, &waiter);
  remove_stream (&b);
  g_thread_join (thread);
  g_assert_cmpint (waiter.result, ==, -1);
  g_assert_error (waiter.error, G_IO_ERROR, G_IO_ERROR_BROKEN_PIPE);
  g_clear_error (&waiter.error);
  clear_peer (&a);
  clear_peer (&b);
}

/* --- Threads --- */

static gpointer
run_loop (gpointer loop)
{
  GMainContext *context = g_main_loop_get_context (loop);

  g_main_context_push_thread_default (context);
  g_main_loop_run (loop);
  g_main_context_pop_thread_default (context);
  return NULL;
}

static void
count_across_threads (GObject *owner, const NiceReceived *received, gpointer data)
{
  g_atomic_int_inc ((gint *)data);
}

/* Data, checks, timers and signals in three threads while a fourth moves the receiver
 * about: nothing is lost for ever, nothing is called after it was removed. */
static void
test_receiver_moves_between_threads (gconstpointer tcp)
{
  GMainContext *contexts[3];
  GMainLoop *loops[3];
  GThread *threads[3];
  gint n_received = 0, n_before;
  Peer a, b;

  for (guint i = 0; i < 3; i++)
    {
      contexts[i] = g_main_context_new ();
      loops[i] = g_main_loop_new (contexts[i], FALSE);
    }
  connect_peers (&a, &b, contexts[0], GPOINTER_TO_INT (tcp));
  for (guint i = 0; i < 3; i++)
    threads[i] = g_thread_new ("loop", run_loop, loops[i]);

  for (guint i = 0; i < 300; i++)
    {
      g_assert_true (nice_driver_attach (b.driver, b.stream_id, 1, contexts[i % 3],
                                         i % 4 == 3 ? NULL : count_across_threads,
                                         &n_received, NULL));
      for (guint n = 0; n < 10; n++)
        send_text (&a, "somewhere");
    }
  nice_driver_attach (b.driver, b.stream_id, 1, contexts[1], count_across_threads,
                      &n_received, NULL);
  n_before = g_atomic_int_get (&n_received);
  while (g_atomic_int_get (&n_received) == n_before)
    {
      send_text (&a, "here");
      g_thread_yield ();
    }
  remove_stream (&b);

  for (guint i = 0; i < 3; i++)
    {
      g_main_loop_quit (loops[i]);
      g_thread_join (threads[i]);
    }
  clear_peer (&a);
  clear_peer (&b);
  for (guint i = 0; i < 3; i++)
    {
      g_main_loop_unref (loops[i]);
      g_main_context_unref (contexts[i]);
    }
}

typedef struct
{
  NiceDriver *driver;
  guint stream_id;
  gint is_done; /* atomic */
} Onlooker;

static gpointer
ask_for_pending (gpointer data)
{
  Onlooker *self = data;

  while (!g_atomic_int_get (&self->is_done))
    nice_driver_has_pending (self->driver, self->stream_id, 1);
  return NULL;
}

/* The table of streams is replaced under the eyes of whoever asks about one of them. */
static void
test_asked_while_streams_come_and_go (void)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  Onlooker onlooker = { 0 };
  GThread *thread;
  gint64 now;
  Peer peer;

  init_peer (&peer, context, TRUE, FALSE);
  onlooker.driver = peer.driver;
  onlooker.stream_id = peer.stream_id + 1;
  thread = g_thread_new ("onlooker", ask_for_pending, &onlooker);
  for (guint i = 0; i < 2000; i++)
    {
      nice_driver_enter (peer.driver, &now);
      nice_driver_add_stream (peer.driver, onlooker.stream_id, 1);
      nice_driver_leave (peer.driver);
      nice_driver_enter (peer.driver, &now);
      nice_driver_remove_stream (peer.driver, onlooker.stream_id);
      nice_driver_leave (peer.driver);
    }
  g_atomic_int_set (&onlooker.is_done, TRUE);
  g_thread_join (thread);
  clear_peer (&peer);
}

/* --- Costs --- */

static void
test_no_descriptor_is_left (void)
{
  const guint before = process_count_descriptors ();

  for (guint i = 0; i < 20; i++)
    {
      g_autoptr (GMainContext) context = g_main_context_new ();
      Peer a, b;

      connect_peers (&a, &b, context, i % 2);
      clear_peer (&a);
      clear_peer (&b);
    }
  g_assert_cmpuint (process_count_descriptors (), ==, before);
}

static void
test_out_of_descriptors (void)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  struct rlimit limit, none;
  Peer a;

  getrlimit (RLIMIT_NOFILE, &limit);
  none = limit;
  none.rlim_cur = 3;
  setrlimit (RLIMIT_NOFILE, &none);
  init_peer (&a, context, TRUE, FALSE);
  setrlimit (RLIMIT_NOFILE, &limit);
  g_assert_cmpint (a.state, !=, ICE_COMPONENT_READY);
  clear_peer (&a);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/driver/data-both-ways/udp", GINT_TO_POINTER (FALSE),
                        test_data_both_ways);
  g_test_add_data_func ("/driver/data-both-ways/tcp", GINT_TO_POINTER (TRUE),
                        test_data_both_ways);
  g_test_add_func ("/driver/type-of-service", test_type_of_service_both_ways);
  g_test_add_func ("/driver/bulk-over-tcp", test_bulk_over_tcp);
  g_test_add_data_func ("/driver/waits-until-somebody-attaches/udp",
                        GINT_TO_POINTER (FALSE), test_waits_until_somebody_attaches);
  g_test_add_data_func ("/driver/waits-until-somebody-attaches/tcp",
                        GINT_TO_POINTER (TRUE), test_waits_until_somebody_attaches);
  g_test_add_func ("/driver/flood-before-attach", test_flood_before_attach);
  g_test_add_data_func ("/driver/flood-does-not-starve-others", GINT_TO_POINTER (FALSE),
                        test_flood_does_not_starve_others);
  g_test_add_data_func ("/driver/flood-does-not-starve-others/on-mux",
                        GINT_TO_POINTER (TRUE), test_flood_does_not_starve_others);
  g_test_add_func ("/driver/stranger-is-not-heard", test_stranger_is_not_heard);
  g_test_add_data_func ("/driver/last-reference-in-receive/udp", GINT_TO_POINTER (FALSE),
                        test_last_reference_in_receive);
  g_test_add_data_func ("/driver/last-reference-in-receive/tcp", GINT_TO_POINTER (TRUE),
                        test_last_reference_in_receive);
  g_test_add_func ("/driver/last-reference-in-emit", test_last_reference_in_emit);
  g_test_add_data_func ("/driver/stream-removed-in-receive/udp", GINT_TO_POINTER (FALSE),
                        test_stream_removed_in_receive);
  g_test_add_data_func ("/driver/stream-removed-in-receive/tcp", GINT_TO_POINTER (TRUE),
                        test_stream_removed_in_receive);
  g_test_add_func ("/driver/send-without-a-path", test_send_without_a_path);
  g_test_add_data_func ("/driver/blocking-receive/udp", GINT_TO_POINTER (FALSE),
                        test_blocking_receive);
  g_test_add_data_func ("/driver/blocking-receive/tcp", GINT_TO_POINTER (TRUE),
                        test_blocking_receive);
  g_test_add_func ("/driver/blocking-receive-with-a-loop",
                   test_blocking_receive_with_a_loop);
  g_test_add_func ("/driver/blocking-receive-is-cancelled",
                   test_blocking_receive_is_cancelled);
  g_test_add_func ("/driver/blocking-receive-ends-with-the-stream",
                   test_blocking_receive_ends_with_the_stream);
  g_test_add_data_func ("/driver/receiver-moves-between-threads/udp",
                        GINT_TO_POINTER (FALSE), test_receiver_moves_between_threads);
  g_test_add_data_func ("/driver/receiver-moves-between-threads/tcp",
                        GINT_TO_POINTER (TRUE), test_receiver_moves_between_threads);
  g_test_add_func ("/driver/asked-while-streams-come-and-go",
                   test_asked_while_streams_come_and_go);
  g_test_add_func ("/driver/no-descriptor-is-left", test_no_descriptor_is_left);
  g_test_add_func ("/driver/out-of-descriptors", test_out_of_descriptors);
  return g_test_run ();
}
