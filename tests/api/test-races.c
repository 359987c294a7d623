/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Two threads that meet in one place, again and again: what each of these cases lost, or
 * left behind, now and then is told by how it ends. */
#include "agents.h"

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

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/races/cancelled-while-it-begins", test_cancelled_while_it_begins);
  return g_test_run ();
}
