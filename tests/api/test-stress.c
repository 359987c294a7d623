/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Everything at once: threads that call whatever they like on the same agents while
 * other threads iterate their contexts, and what is left of a thousand short lives.
 * ThreadSanitizer and AddressSanitizer look on. NICE_STRESS_SECONDS makes it longer. */
#include "agents.h"
#include "count-bench.h"
#include "process.h"

#include <string.h>

#define N_AGENTS 4
#define N_CALLERS 8
#define N_LOOPS 2
#define ROUNDS 1000
#define WARM_ROUNDS 100

typedef struct
{
  NiceAgent *agent;
  guint stream; /* atomic; the latest */
} End;

typedef struct
{
  GMainContext *context;
  gint n_received; /* atomic */
} Ear;

typedef struct
{
  End ends[N_AGENTS]; /* 0 talks to 1 over UDP, 2 to 3 over TCP */
  Ear ears[N_LOOPS];
  gint is_over; /* atomic */
} Arena;

typedef struct
{
  Arena *arena;
  guint32 seed;
} Caller;

static void
on_data (NiceAgent *agent, guint stream, guint component, guint len, gchar *buf,
         gpointer data)
{
  Ear *ear = data;

  g_assert_true (g_main_context_is_owner (ear->context));
  g_atomic_int_inc (&ear->n_received);
}

static guint
stream_of (End *end)
{
  return (guint)g_atomic_int_get ((gint *)&end->stream);
}

/* --- What a caller may do --- */

typedef void (*Act) (Arena *arena, End *end, End *peer, GRand *rand);

static void
do_attach (Arena *arena, End *end, End *peer, GRand *rand)
{
  Ear *ear = &arena->ears[g_rand_int_range (rand, 0, N_LOOPS)];

  nice_agent_attach_recv (end->agent, stream_of (end), 1, ear->context, on_data, ear);
}

static void
do_detach (Arena *arena, End *end, End *peer, GRand *rand)
{
  nice_agent_attach_recv (end->agent, stream_of (end), 1, NULL, NULL, NULL);
}

static void
do_send (Arena *arena, End *end, End *peer, GRand *rand)
{
  for (guint i = 0; i < 20; i++)
    nice_agent_send (end->agent, stream_of (end), 1, 4, "data");
}

static void
do_receive (Arena *arena, End *end, End *peer, GRand *rand)
{
  guint8 buffer[100];

  nice_agent_recv_nonblocking (end->agent, stream_of (end), 1, buffer, sizeof buffer,
                               NULL, NULL);
}

static void
do_restart (Arena *arena, End *end, End *peer, GRand *rand)
{
  if (g_rand_boolean (rand))
    nice_agent_restart (end->agent);
  else
    nice_agent_restart_stream (end->agent, stream_of (end));
}

static void
do_introduce (Arena *arena, End *end, End *peer, GRand *rand)
{
  agent_tell (end->agent, stream_of (end), peer->agent, stream_of (peer));
  agent_tell (peer->agent, stream_of (peer), end->agent, stream_of (end));
}

static void
do_replace (Arena *arena, End *end, End *peer, GRand *rand)
{
  const guint old = stream_of (end);
  const guint stream = nice_agent_add_stream (end->agent, 1);

  nice_agent_gather_candidates (end->agent, stream);
  g_atomic_int_set ((gint *)&end->stream, (gint)stream);
  do_attach (arena, end, peer, rand);
  do_introduce (arena, end, peer, rand);
  nice_agent_remove_stream (end->agent, old);
}

static void
do_look (Arena *arena, End *end, End *peer, GRand *rand)
{
  G_GNUC_UNUSED g_autofree gchar *sdp = nice_agent_generate_local_sdp (end->agent);
  GPtrArray *sockets = nice_agent_get_sockets (end->agent, stream_of (end), 1);
  GSocket *selected = nice_agent_get_selected_socket (end->agent, stream_of (end), 1);
  gboolean control;

  nice_agent_get_component_state (end->agent, stream_of (end), 1);
  g_object_get (end->agent, "controlling-mode", &control, NULL);
  g_object_set (end->agent, "idle-timeout", 1000 + control, NULL);
  g_clear_pointer (&sockets, g_ptr_array_unref);
  g_clear_object (&selected);
}

static void
do_adjust (Arena *arena, End *end, End *peer, GRand *rand)
{
  nice_agent_set_stream_tos (end->agent, stream_of (end), 8);
  nice_agent_forget_relays (end->agent, stream_of (end), 1);
  nice_agent_set_software (end->agent, g_rand_boolean (rand) ? "one" : NULL);
  nice_agent_peer_candidate_gathering_done (end->agent, stream_of (end));
}

static const Act acts[] = { do_attach,  do_detach,    do_send, do_send,
                            do_receive, do_introduce, do_look, do_adjust };
/* Now and then, so that something is there to be torn down. */
static const Act hard_acts[] = { do_restart, do_replace };

static gpointer
call (gpointer data)
{
  Caller *caller = data;
  Arena *arena = caller->arena;
  GRand *rand = g_rand_new_with_seed (caller->seed);

  while (g_atomic_int_get (&arena->is_over) == 0)
    {
      const guint i = (guint)g_rand_int_range (rand, 0, N_AGENTS);
      const Act act =
          g_rand_int_range (rand, 0, 50) == 0
              ? hard_acts[g_rand_int_range (rand, 0, G_N_ELEMENTS (hard_acts))]
              : acts[g_rand_int_range (rand, 0, G_N_ELEMENTS (acts))];

      act (arena, &arena->ends[i], &arena->ends[i ^ 1], rand);
    }
  g_rand_free (rand);
  return NULL;
}

/* --- The others --- */

static gpointer
iterate (gpointer loop)
{
  g_main_loop_run (loop);
  return NULL;
}

static void
start_end (Arena *arena, guint i, NiceAgentOption options)
{
  End *end = &arena->ends[i];
  NiceAddress address;

  end->agent = nice_agent_new_full (arena->ears[i % N_LOOPS].context,
                                    NICE_COMPATIBILITY_RFC5245, options);
  g_object_set (end->agent, "upnp", FALSE, "ice-tcp", i >= 2, "ice-udp", i < 2,
                "controlling-mode", i % 2 == 0, NULL);
  nice_address_init (&address);
  nice_address_set_from_string (&address, "127.0.0.1");
  nice_agent_add_local_address (end->agent, &address);
  end->stream = nice_agent_add_stream (end->agent, 1);
  nice_agent_gather_candidates (end->agent, end->stream);
}

static gint64
duration (void)
{
  const gchar *seconds = g_getenv ("NICE_STRESS_SECONDS");

  return (seconds != NULL ? g_ascii_strtoll (seconds, NULL, 10) : 2) * G_USEC_PER_SEC;
}

static gboolean
end_it (gpointer loop)
{
  g_main_loop_quit (loop);
  return G_SOURCE_REMOVE;
}

static void
wait_for (gint64 time)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);

  g_timeout_add ((guint)(time / 1000), end_it, loop);
  g_main_loop_run (loop);
}

/* Streams that are gone by the time of a call are part of the game. */
static void
ignore (const gchar *domain, GLogLevelFlags level, const gchar *message, gpointer data)
{
}

static void
stress (NiceAgentOption options)
{
  Arena arena = { .is_over = 0 };
  gint n_received = 0;
  GMainLoop *loops[N_LOOPS];
  GThread *iterators[N_LOOPS], *threads[N_CALLERS];
  Caller callers[N_CALLERS];

  for (guint i = 0; i < N_LOOPS; i++)
    {
      arena.ears[i].context = g_main_context_new ();
      loops[i] = g_main_loop_new (arena.ears[i].context, FALSE);
      iterators[i] = g_thread_new ("iterate", iterate, loops[i]);
    }
  for (guint i = 0; i < N_AGENTS; i++)
    start_end (&arena, i, options);
  for (guint i = 0; i < N_CALLERS; i++)
    {
      callers[i] = (Caller) { &arena, (guint32)g_test_rand_int () };
      threads[i] = g_thread_new ("call", call, &callers[i]);
    }
  wait_for (duration ());
  g_atomic_int_set (&arena.is_over, 1);
  for (guint i = 0; i < N_CALLERS; i++)
    g_thread_join (threads[i]);
  /* While the others still iterate. */
  for (guint i = 0; i < N_AGENTS; i++)
    g_object_unref (arena.ends[i].agent);
  for (guint i = 0; i < N_LOOPS; i++)
    {
      g_main_loop_quit (loops[i]);
      g_thread_join (iterators[i]);
      g_main_loop_unref (loops[i]);
      g_main_context_unref (arena.ears[i].context);
      n_received += arena.ears[i].n_received;
    }
  g_test_message ("%d messages", n_received);
  g_assert_cmpint (n_received, >, 0);
}

static void
test_everything_at_once (gconstpointer options)
{
  const GLogLevelFlags fatal =
      g_log_set_always_fatal (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL);
  const guint handler = g_log_set_handler ("libnice", G_LOG_LEVEL_WARNING, ignore, NULL);

  stress (GPOINTER_TO_UINT (options));
  g_log_remove_handler ("libnice", handler);
  g_log_set_always_fatal (fatal);
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
  g_test_add_data_func ("/stress/everything-at-once/datagrams",
                        GUINT_TO_POINTER (NICE_AGENT_OPTION_NONE),
                        test_everything_at_once);
  g_test_add_data_func ("/stress/everything-at-once/reliable",
                        GUINT_TO_POINTER (NICE_AGENT_OPTION_RELIABLE),
                        test_everything_at_once);
  g_test_add_func ("/stress/nothing-is-left", test_nothing_is_left);
  return g_test_run ();
}
