/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Everything at once: threads that call whatever they like on the same agents while
 * other threads iterate their contexts, and what is left of a thousand short lives.
 * ThreadSanitizer and AddressSanitizer look on. NICE_STRESS_SECONDS makes it longer. */
#include "count-bench.h"
#include "process.h"
#include "stress.h"

#define N_CALLERS 8
#define CANCEL_MS 5 /* how long a call waits at most */
#define ROUNDS 1000
#define WARM_ROUNDS 100

static gint64
duration (void)
{
  const gchar *seconds = g_getenv ("NICE_STRESS_SECONDS");

  return (seconds != NULL ? g_ascii_strtoll (seconds, NULL, 10) : 2) * G_USEC_PER_SEC;
}

/* --- Everything at once --- */

static gpointer
call (gpointer data)
{
  Caller *self = data;

  self->rand = g_rand_new_with_seed (self->seed);
  while (g_atomic_int_get (&self->arena->is_over) == 0)
    {
      self->index = (guint)g_rand_int_range (self->rand, 0, STRESS_ENDS);
      arena_act (self,
                 g_rand_boolean (self->rand) ? stress_pick_act : stress_pick_data_act);
    }
  g_rand_free (self->rand);
  return NULL;
}

static gboolean
on_cancel_time (gpointer arena)
{
  arena_cancel (arena);
  return G_SOURCE_CONTINUE;
}

static void
wait_with (Arena *arena, gint64 until)
{
  const guint source = g_timeout_add (CANCEL_MS, on_cancel_time, arena);

  while (g_get_monotonic_time () < until || g_atomic_int_get (&arena->n_received) == 0)
    g_main_context_iteration (NULL, TRUE);
  g_atomic_int_set (&arena->is_over, 1);
  g_source_remove (source);
  arena_cancel (arena);
}

/* Streams that are gone by the time of a call are part of the game. */
static void
ignore (const gchar *domain, GLogLevelFlags level, const gchar *message, gpointer data)
{
}

static void
stress (StressKind kind)
{
  GThread *threads[N_CALLERS];
  Caller callers[N_CALLERS];
  Arena arena;

  arena_init (&arena, kind);
  for (guint i = 0; i < N_CALLERS; i++)
    {
      callers[i] = (Caller) { .arena = &arena, .seed = (guint32)g_test_rand_int () };
      threads[i] = g_thread_new ("call", call, &callers[i]);
    }
  wait_with (&arena, g_get_monotonic_time () + duration ());
  for (guint i = 0; i < N_CALLERS; i++)
    g_thread_join (threads[i]);
  g_test_message ("%d acts, %d messages", g_atomic_int_get (&arena.n_acts),
                  g_atomic_int_get (&arena.n_received));
  g_assert_cmpint (g_atomic_int_get (&arena.n_received), >, 0);
  arena_clear (&arena);
}

static void
test_everything_at_once (gconstpointer kind)
{
  const guint n_descriptors = process_count_descriptors ();
  const guint n_threads = process_count_threads ();
  const GLogLevelFlags fatal =
      g_log_set_always_fatal (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL);
  const guint handler = g_log_set_handler (
      "libnice", G_LOG_LEVEL_WARNING | G_LOG_LEVEL_DEBUG, ignore, NULL);

  stress (GPOINTER_TO_UINT (kind));
  g_log_remove_handler ("libnice", handler);
  g_log_set_always_fatal (fatal);
  while (process_count_threads () != n_threads)
    g_thread_yield (); /* the kernel is a moment behind who joins */
  g_assert_cmpuint (process_count_descriptors (), ==, n_descriptors);
}

/* --- Short lives --- */

static void
live (guint i)
{
  /* Datagrams, consent, a byte stream. */
  static const NiceAgentOption kinds[] = { NICE_AGENT_OPTION_NONE,
                                           NICE_AGENT_OPTION_CONSENT_FRESHNESS,
                                           NICE_AGENT_OPTION_RELIABLE };
  Pair *pair = pair_new (kinds[i % G_N_ELEMENTS (kinds)], 1);

  pair_connect (pair);
  nice_agent_send (pair->left->agent, 1, 1, 4, "data");
  pair_free (pair);
  run_pending ();
}

static gssize
live_bytes (void)
{
  return __atomic_load_n (&n_live_bytes, __ATOMIC_RELAXED);
}

/* What one life leaves behind, a thousand show: to the byte. What the C library says of
 * itself (mallinfo2) goes on growing for a while all the same, as it counts what lies
 * ready in its caches. */
static void
test_nothing_is_left (void)
{
  guint descriptors, threads;
  gssize memory;

  for (guint i = 0; i < WARM_ROUNDS; i++)
    live (i);
  descriptors = process_count_descriptors ();
  threads = process_count_threads ();
  memory = live_bytes ();
  for (guint i = 0; i < ROUNDS; i++)
    live (i);
  g_assert_cmpuint (process_count_descriptors (), ==, descriptors);
  g_assert_cmpuint (process_count_threads (), ==, threads);
  /* Under a sanitizer, which has its own malloc, both are 0. */
  g_assert_true (!CAN_COUNT || memory > 0);
  g_assert_cmpint (live_bytes (), ==, memory);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  /* What GLib makes once and keeps. */
  g_type_ensure (G_TYPE_TASK);
  g_main_context_default ();
  g_test_add_data_func ("/stress/everything-at-once/datagrams",
                        GUINT_TO_POINTER (STRESS_DATAGRAMS), test_everything_at_once);
  g_test_add_data_func ("/stress/everything-at-once/reliable",
                        GUINT_TO_POINTER (STRESS_RELIABLE), test_everything_at_once);
  g_test_add_data_func ("/stress/everything-at-once/mux", GUINT_TO_POINTER (STRESS_MUX),
                        test_everything_at_once);
  g_test_add_func ("/stress/nothing-is-left", test_nothing_is_left);
  return g_test_run ();
}
