/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Two threads that meet in one place, again and again: what each of these cases lost, or
 * left behind, now and then is told by how it ends. */
#include "agents.h"
#include "process.h"

#define ROUNDS 2000

/* --- Asynchronous operations --- */

static gpointer
cancel (gpointer cancellable)
{
  g_cancellable_cancel (cancellable);
  return NULL;
}

static void
on_connected (GObject *agent, GAsyncResult *result, gpointer n_ended)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (nice_agent_connect_finish (NICE_AGENT (agent), result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  ++*(guint *)n_ended;
}

/* Whoever began it did not know yet what to stop watching, and the agent and the
 * cancellable kept each other for ever. */
static void
test_cancelled_while_it_begins (void)
{
  NiceAgent *agent = nice_agent_new (NULL, NICE_COMPATIBILITY_RFC5245);
  guint n_ended = 0;

  nice_agent_add_stream (agent, 1);
  for (guint i = 0; i < ROUNDS; i++)
    {
      GCancellable *cancellable = g_cancellable_new ();
      GThread *thread = g_thread_new ("cancel", cancel, cancellable);

      if (i % 2 == 0)
        g_thread_yield ();
      nice_agent_connect_async (agent, 1, 1, cancellable, on_connected, &n_ended);
      g_thread_join (thread);
      wait_until (n_ended == i + 1);
      g_assert_finalize_object (cancellable);
    }
  g_assert_finalize_object (agent);
}

/* --- Calls that wait --- */

#define N_READERS 16

typedef struct
{
  NiceAgent *agent;
  gint n_done; /* atomic */
} Readers;

static gpointer
read_one (gpointer data)
{
  Readers *self = data;
  guint8 buffer[10];

  g_assert_cmpint (nice_agent_recv (self->agent, 1, 1, buffer, sizeof buffer, NULL, NULL),
                   ==, 4);
  g_atomic_int_inc (&self->n_done);
  return NULL;
}

static NiceAgent *
new_silent_agent (GMainContext *context)
{
  NiceAgent *agent = nice_agent_new (context, NICE_COMPATIBILITY_RFC5245);
  NiceAddress address;

  g_object_set (agent, "upnp", FALSE, "ice-tcp", FALSE, "controlling-mode", FALSE, NULL);
  nice_address_init (&address);
  nice_address_set_from_string (&address, "127.0.0.1");
  nice_agent_add_local_address (agent, &address);
  nice_agent_add_stream (agent, 1);
  return agent;
}

/* All wait before there is anything to wait for, and nobody iterates the context of the
 * agent; the one that hears of the socket first gets the first message, and the others
 * the next ones. */
static void
test_readers_hear_of_new_sockets (void)
{
  for (guint round = 0; round < 100; round++)
    {
      g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_NONE, 1);
      g_autoptr (GMainContext) context = g_main_context_new ();
      g_autoptr (NiceAgent) agent = new_silent_agent (context);
      Readers readers = { agent };
      GThread *threads[N_READERS];

      for (guint i = 0; i < N_READERS; i++)
        threads[i] = g_thread_new ("read", read_one, &readers);
      peer_gather (peer);
      nice_agent_gather_candidates (agent, 1);
      agent_tell (agent, 1, peer->agent, 1);
      agent_tell (peer->agent, 1, agent, 1);
      wait_until (peer_is_in (peer, NICE_COMPONENT_STATE_READY));
      /* One reader may overtake another that has the check which proves the source. As
       * many at once as there are readers: at each yield, all other programs that want
       * the processor have it first. */
      while (g_atomic_int_get (&readers.n_done) < N_READERS)
        {
          for (guint i = 0; i < N_READERS; i++)
            nice_agent_send (peer->agent, 1, 1, 4, "data");
          g_main_context_iteration (NULL, FALSE);
          g_thread_yield ();
        }
      for (guint i = 0; i < N_READERS; i++)
        g_thread_join (threads[i]);
    }
}

/* --- Receivers that move --- */

#define N_EARS 2

typedef struct
{
  GMainContext *context;
  GMainLoop *loop;
  GThread *thread;
  gint *n_bytes; /* of all ears; atomic for who waits, but one of them hears at a time */
} Ear;

static gpointer
run (gpointer loop)
{
  g_main_loop_run (loop);
  return NULL;
}

static void
ear_init (Ear *self, gint *n_bytes)
{
  self->context = g_main_context_new ();
  self->loop = g_main_loop_new (self->context, FALSE);
  self->thread = g_thread_new ("run", run, self->loop);
  self->n_bytes = n_bytes;
}

static void
ear_clear (Ear *self)
{
  g_main_loop_quit (self->loop);
  g_thread_join (self->thread);
  g_main_loop_unref (self->loop);
  g_main_context_unref (self->context);
}

static void
on_bytes (NiceAgent *agent, guint stream, guint component, guint len, gchar *buf,
          gpointer data)
{
  Ear *self = data;
  const gint from = g_atomic_int_get (self->n_bytes);

  g_assert_true (g_main_context_is_owner (self->context));
  for (guint i = 0; i < len; i++)
    g_assert_cmpuint ((guint8)buf[i], ==, (guint8)(from + (gint)i));
  g_assert_true (
      g_atomic_int_compare_and_exchange (self->n_bytes, from, from + (gint)len));
  g_main_context_wakeup (NULL);
}

static void
listen_with (Ear *self, Peer *peer)
{
  nice_agent_attach_recv (peer->agent, peer->stream, 1, self->context, on_bytes, self);
}

static void
set_tcp (Peer *peer)
{
  g_object_set (peer->agent, "ice-tcp", TRUE, "ice-udp", FALSE, NULL);
}

static gint
count_on (Peer *peer, gint from, guint len)
{
  guint8 bytes[1024];
  gint sent;

  g_assert_cmpuint (len, <=, sizeof bytes);
  for (guint i = 0; i < len; i++)
    bytes[i] = (guint8)(from + (gint)i);
  sent = nice_agent_send (peer->agent, peer->stream, 1, len, (gchar *)bytes);
  return MAX (sent, 0);
}

/* What one context has read when another one takes over belongs to that, and comes
 * first. */
static void
test_bytes_come_to_a_receiver_that_moves (gconstpointer tcp)
{
  g_autoptr (Pair) pair = pair_new (NICE_AGENT_OPTION_RELIABLE, 1);
  Ear ears[N_EARS];
  gint n_bytes = 0, n_sent = 0;

  if (tcp != NULL)
    {
      set_tcp (pair->left);
      set_tcp (pair->right);
    }
  pair_connect (pair);
  wait_until (peer_count (pair->left, "reliable-transport-writable") > 0);
  for (guint i = 0; i < N_EARS; i++)
    ear_init (&ears[i], &n_bytes);
  for (guint i = 0; i < ROUNDS; i++)
    {
      for (guint n = 0; n <= i % 4; n++)
        {
          n_sent += count_on (pair->left, n_sent, 1 + i % 1000);
          listen_with (&ears[n % N_EARS], pair->right);
        }
      wait_until (g_atomic_int_get (&n_bytes) == n_sent);
    }
  nice_agent_attach_recv (pair->right->agent, 1, 1, NULL, NULL, NULL);
  for (guint i = 0; i < N_EARS; i++)
    ear_clear (&ears[i]);
}

/* A program that detaches, and is told that there is no such component any more, may
 * free what its function needs. */
static void
on_removed (NiceAgent *agent, guint *streams, Peer *peer)
{
  const guint before = peer->n_messages[1];

  g_test_expect_message ("libnice", G_LOG_LEVEL_WARNING, "Could not find component*");
  g_assert_false (nice_agent_attach_recv (agent, 1, 1, NULL, NULL, NULL));
  g_test_assert_expected_messages ();
  run_pending ();
  g_assert_cmpuint (peer->n_messages[1], ==, before);
}

static void
test_nobody_is_called_for_an_unknown_stream (void)
{
  g_autoptr (Pair) pair = pair_new (NICE_AGENT_OPTION_RELIABLE, 1);

  pair_connect (pair);
  wait_until (peer_count (pair->left, "reliable-transport-writable") > 0
              && peer_count (pair->right, "reliable-transport-writable") > 0);
  run_pending ();
  g_signal_connect (pair->left->agent, "streams-removed", G_CALLBACK (on_removed),
                    pair->left);
  g_assert_cmpint (nice_agent_send (pair->right->agent, 1, 1, 4, "data"), ==, 4);
  nice_agent_remove_stream (pair->left->agent, 1);
}

static void
ignore_data (NiceAgent *agent, guint stream, guint component, guint len, gchar *buf,
             gpointer data)
{
}

/* Bytes wait for a function whose context nobody iterates before all is over. */
static void
test_a_context_that_never_runs_is_let_go (void)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  Pair *pair = pair_new (NICE_AGENT_OPTION_RELIABLE, 1);
  guint n_descriptors;

  pair_connect (pair);
  wait_until (peer_count (pair->left, "reliable-transport-writable") > 0
              && peer_count (pair->right, "reliable-transport-writable") > 0);
  nice_agent_attach_recv (pair->left->agent, 1, 1, NULL, NULL, NULL);
  g_assert_cmpint (nice_agent_send (pair->right->agent, 1, 1, 4, "data"), ==, 4);
  run_pending ();
  nice_agent_attach_recv (pair->left->agent, 1, 1, context, ignore_data, NULL);
  pair_free (pair);
  run_pending ();
  n_descriptors = process_count_descriptors ();
  g_clear_pointer (&context, g_main_context_unref);
  g_assert_cmpuint (process_count_descriptors (), <, n_descriptors);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/races/cancelled-while-it-begins", test_cancelled_while_it_begins);
  g_test_add_func ("/races/readers-hear-of-new-sockets",
                   test_readers_hear_of_new_sockets);
  g_test_add_data_func ("/races/receiver-moves/udp", NULL,
                        test_bytes_come_to_a_receiver_that_moves);
  g_test_add_data_func ("/races/receiver-moves/tcp", "tcp",
                        test_bytes_come_to_a_receiver_that_moves);
  g_test_add_func ("/races/nobody-is-called-for-an-unknown-stream",
                   test_nobody_is_called_for_an_unknown_stream);
  g_test_add_func ("/races/a-context-that-never-runs-is-let-go",
                   test_a_context_that_never_runs_is_let_go);
  return g_test_run ();
}
