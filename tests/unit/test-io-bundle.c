/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Messages sent one by one that leave together: in order, in time, and none is left
 * behind. Waits for conditions, never for a duration. */
#include "config.h"

#include "driver-bench.h"
#include "io/driver-private.h"
#include "process.h"

typedef struct
{
  GMainContext *context, *other; /* of the sender, of the receiver */
  Peer sender, receiver;
} Way;

/* Two contexts, so that the test says whose turn it is. */
static Way *
open_way (gint coalescing)
{
  Way *self = g_new0 (Way, 1);

  self->context = g_main_context_new ();
  self->other = g_main_context_new ();
  connect_peers (&self->sender, &self->receiver, self->context, FALSE);
  self->receiver.text = g_string_new (NULL);
  attach (&self->receiver, self->other);
  nice_driver_set_coalescing (self->sender.driver, coalescing);
  return self;
}

static void
close_way (Way *self)
{
  g_string_free (self->receiver.text, TRUE);
  clear_peer (&self->sender);
  clear_peer (&self->receiver);
  g_main_context_unref (self->context);
  g_main_context_unref (self->other);
  g_free (self);
}

static void
run_pending (GMainContext *context)
{
  while (g_main_context_iteration (context, FALSE))
    continue;
}

static guint
count_arrived (Way *self)
{
  run_pending (self->other);
  return self->receiver.n_datagrams;
}

static void
test_leave_at_the_end_of_the_turn (void)
{
  Way *way = open_way (-1);

  g_assert_cmpint (send_text (&way->sender, "one "), ==, 1);
  g_assert_cmpint (send_text (&way->sender, "two "), ==, 1);
  g_assert_cmpint (send_text (&way->sender, ""), ==, 1);
  g_assert_cmpint (send_text (&way->sender, "three"), ==, 1);
  g_assert_cmpuint (count_arrived (way), ==, 0);
  g_main_context_iteration (way->context, FALSE);
  iterate_until (way->other, &way->receiver.n_datagrams, 3);
  g_assert_cmpstr (way->receiver.text->str, ==, "one two three");

  /* And again, with what is kept from the first time. */
  g_assert_cmpint (send_text (&way->sender, ", four"), ==, 1);
  g_main_context_iteration (way->context, FALSE);
  iterate_until (way->other, &way->receiver.n_datagrams, 4);
  g_assert_cmpstr (way->receiver.text->str, ==, "one two three, four");
  close_way (way);
}

static void
test_leave_when_there_is_enough (void)
{
  Way *way = open_way (1000000);

  for (guint i = 0; i < 63; i++)
    g_assert_cmpint (send_text (&way->sender, "x"), ==, 1);
  g_assert_cmpuint (count_arrived (way), ==, 0);
  g_assert_cmpint (send_text (&way->sender, "x"), ==, 1);
  iterate_until (way->other, &way->receiver.n_datagrams, 64);
  close_way (way);
}

static void
test_leave_when_time_is_over (void)
{
  Way *way = open_way (2000);
  const gint64 start = g_get_monotonic_time ();

  g_assert_cmpint (send_text (&way->sender, "late"), ==, 1);
  while (count_arrived (way) == 0)
    g_main_context_iteration (way->context, TRUE);
  g_assert_cmpint (g_get_monotonic_time () - start, >=, 2000);
  close_way (way);
}

static void
test_batches_do_not_overtake (void)
{
  Way *way = open_way (-1);
  GOutputVector vectors[3] = { { "b", 1 }, { "c", 1 }, { "d", 1 } };
  NiceSendMessage messages[2] = { { vectors, 2 }, { vectors + 2, 1 } };

  send_text (&way->sender, "a");
  g_assert_cmpint (
      nice_driver_send (way->sender.driver, way->sender.stream_id, 1, messages, 2, NULL),
      ==, 2);
  nice_driver_set_coalescing (way->sender.driver, 0);
  send_text (&way->sender, "e");
  iterate_until (way->other, &way->receiver.n_datagrams, 4);
  g_assert_cmpstr (way->receiver.text->str, ==, "abcde");
  close_way (way);
}

static void
test_leave_before_the_stream_does (gconstpointer drop)
{
  Way *way = open_way (1000000);
  IceEngine *engine;
  gint64 now;

  send_text (&way->sender, "good");
  send_text (&way->sender, "bye");
  if (GPOINTER_TO_INT (drop))
    clear_peer (&way->sender);
  else
    {
      engine = nice_driver_enter (way->sender.driver, &now);
      nice_driver_remove_stream (way->sender.driver, way->sender.stream_id);
      ice_engine_remove_stream (engine, way->sender.stream_id, now);
      nice_driver_leave (way->sender.driver);
    }
  iterate_until (way->other, &way->receiver.n_datagrams, 2);
  g_assert_cmpstr (way->receiver.text->str, ==, "goodbye");
  close_way (way);
}

/* What cannot be sent is lost alone, and the next call says so, once. */
static void
test_failure_is_the_next_calls (void)
{
  Way *way = open_way (-1);
  g_autofree gchar *huge = g_strnfill (70000, 'x');
  GOutputVector vector = { "c", 1 };
  NiceSendMessage message = { &vector, 1 };
  GError *error = NULL;

  g_assert_cmpint (send_text (&way->sender, "a"), ==, 1);
  g_assert_cmpint (send_text (&way->sender, huge), ==, 1);
  g_assert_cmpint (nice_driver_send (way->sender.driver, way->sender.stream_id, 1,
                                     &message, 1, &error),
                   ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_FAILED);
  g_clear_error (&error);
  g_assert_cmpint (send_text (&way->sender, "b"), ==, 1);
  run_pending (way->context);
  iterate_until (way->other, &way->receiver.n_datagrams, 2);
  g_assert_cmpstr (way->receiver.text->str, ==, "ab");
  close_way (way);
}

static gpointer
iterate_for_ever (gpointer loop)
{
  g_main_loop_run (loop);
  return NULL;
}

/* The one that flushes and the one that sends do not get into each other's way. */
static void
test_order_holds_across_threads (void)
{
  Way *way = open_way (-1);
  g_autoptr (GMainLoop) loop = g_main_loop_new (way->context, FALSE);
  GThread *thread = g_thread_new ("flusher", iterate_for_ever, loop);
  const guint n = 20000;

  for (guint i = 0; i < n; i++)
    {
      gchar text[8];

      g_snprintf (text, sizeof text, "%07u", i);
      while (send_text (&way->sender, text) != 1)
        run_pending (way->other);
      /* No more under way than the receiving socket keeps. */
      if (i % 32 == 0 && i > 64)
        iterate_until (way->other, &way->receiver.n_datagrams, i - 64);
    }
  iterate_until (way->other, &way->receiver.n_datagrams, n);
  for (guint i = 0; i < n; i++)
    {
      gchar text[8];

      g_snprintf (text, sizeof text, "%07u", i);
      g_assert_cmpmem (way->receiver.text->str + 7 * i, 7, text, 7);
    }
  g_main_loop_quit (loop);
  g_thread_join (thread);
  close_way (way);
}

typedef struct
{
  Peer *peer;
  GAsyncQueue *begun;
} Talker;

static gpointer
talk (gpointer data)
{
  Talker *self = data;

  send_text (self->peer, "x");
  g_async_queue_push (self->begun, self);
  while (g_atomic_pointer_get (&self->peer->driver->streams) != NULL)
    send_text (self->peer, "x");
  return NULL;
}

/* Whoever has the path still may be the first to have something kept. It was for ever,
 * with the path, and that with its socket. */
static void
test_nothing_is_kept_once_the_stream_is_gone (void)
{
  const guint n_descriptors = process_count_descriptors ();
  g_autoptr (GAsyncQueue) begun = g_async_queue_new ();

  for (guint i = 0; i < 150; i++)
    {
      Way *way = open_way (0);
      Talker talker = { &way->sender, begun };
      GThread *thread = g_thread_new ("talk", talk, &talker);
      gint64 now;

      g_async_queue_pop (begun);
      nice_driver_set_coalescing (way->sender.driver, 1000000);
      nice_driver_enter (way->sender.driver, &now);
      nice_driver_remove_stream (way->sender.driver, way->sender.stream_id);
      nice_driver_leave (way->sender.driver);
      g_thread_join (thread);
      close_way (way);
    }
  g_assert_cmpuint (process_count_descriptors (), ==, n_descriptors);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/bundle/leave-at-the-end-of-the-turn",
                   test_leave_at_the_end_of_the_turn);
  g_test_add_func ("/bundle/leave-when-there-is-enough", test_leave_when_there_is_enough);
  g_test_add_func ("/bundle/leave-when-time-is-over", test_leave_when_time_is_over);
  g_test_add_func ("/bundle/batches-do-not-overtake", test_batches_do_not_overtake);
  g_test_add_data_func ("/bundle/leave-before-the-stream-does/removed",
                        GINT_TO_POINTER (FALSE), test_leave_before_the_stream_does);
  g_test_add_data_func ("/bundle/leave-before-the-stream-does/dropped",
                        GINT_TO_POINTER (TRUE), test_leave_before_the_stream_does);
  g_test_add_func ("/bundle/failure-is-the-next-calls", test_failure_is_the_next_calls);
  g_test_add_func ("/bundle/order-holds-across-threads", test_order_holds_across_threads);
  g_test_add_func ("/bundle/nothing-is-kept-once-the-stream-is-gone",
                   test_nothing_is_kept_once_the_stream_is_gone);
  return g_test_run ();
}
