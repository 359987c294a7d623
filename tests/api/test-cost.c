/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How much memory is asked for, how often, until two agents have found each other. A
 * program with thousands of agents pays for each. */
#include <nice/agent.h>

#include "count-bench.h"

/* Of one agent with one component, from its making to the end of gathering; and of two,
 * until both are ready. They include what the signals' handlers, the copies of candidates
 * and credentials, and GObject itself take. */
#define MAX_TO_GATHER 40
#define MAX_TO_CONNECT 120

#define N_PAIRS 8

static guint n_ready;

static void
state_changed (NiceAgent *agent, guint stream, guint component, guint state,
               gpointer data)
{
  n_ready += state == NICE_COMPONENT_STATE_READY;
}

static void
received (NiceAgent *agent, guint stream, guint component, guint len, gchar *data,
          gpointer user_data)
{
}

static NiceAgent *
make_agent (gboolean controlling)
{
  NiceAgent *agent = nice_agent_new (NULL, NICE_COMPATIBILITY_RFC5245);
  NiceAddress loopback;

  g_object_set (agent, "controlling-mode", controlling, "ice-tcp", FALSE, "upnp", FALSE,
                NULL);
  nice_address_init (&loopback);
  g_assert_true (nice_address_set_from_string (&loopback, "127.0.0.1"));
  nice_agent_add_local_address (agent, &loopback);
  g_signal_connect (agent, "component-state-changed", G_CALLBACK (state_changed), NULL);
  nice_agent_add_stream (agent, 1);
  nice_agent_attach_recv (agent, 1, 1, NULL, received, NULL);
  g_assert_true (nice_agent_gather_candidates (agent, 1));
  return agent;
}

static void
tell (NiceAgent *to, NiceAgent *about)
{
  g_autofree gchar *ufrag = NULL, *pwd = NULL;
  GSList *candidates = nice_agent_get_local_candidates (about, 1, 1);

  g_assert_true (nice_agent_get_local_credentials (about, 1, &ufrag, &pwd));
  nice_agent_set_remote_credentials (to, 1, ufrag, pwd);
  g_assert_cmpint (nice_agent_set_remote_candidates (to, 1, 1, candidates), ==, 1);
  g_slist_free_full (candidates, (GDestroyNotify)nice_candidate_free);
}

static void
connect_pairs (NiceAgent *agents[], guint n_pairs)
{
  n_ready = 0;
  for (guint i = 0; i < 2 * n_pairs; i += 2)
    {
      tell (agents[i], agents[i + 1]);
      tell (agents[i + 1], agents[i]);
    }
  while (n_ready < 2 * n_pairs)
    g_main_context_iteration (NULL, TRUE);
}

static gint
count (void)
{
  return __atomic_load_n (&n_allocations, __ATOMIC_RELAXED);
}

static void
test_a_connection_asks_for_little_memory (void)
{
  NiceAgent *agents[2 * N_PAIRS + 2];
  gint start, gathered, connected;

  if (!CAN_COUNT)
    {
      g_test_skip ("a sanitizer has its own malloc");
      return;
    }
  /* What is made once, for the process and for the context, is none of theirs. */
  for (guint i = 0; i < 2; i++)
    agents[2 * N_PAIRS + i] = make_agent (i);
  connect_pairs (&agents[2 * N_PAIRS], 1);

  start = count ();
  g_assert_cmpint (start, >, 0); /* it counts */
  for (guint i = 0; i < 2 * N_PAIRS; i++)
    agents[i] = make_agent (i % 2);
  gathered = count ();
  connect_pairs (agents, N_PAIRS);
  connected = count ();

  g_test_message ("to gather: %.1f, to connect: %.1f",
                  (gdouble)(gathered - start) / (2 * N_PAIRS),
                  (gdouble)(connected - start) / N_PAIRS);
  g_assert_cmpint (gathered - start, <=, MAX_TO_GATHER * 2 * N_PAIRS);
  g_assert_cmpint (connected - start, <=, MAX_TO_CONNECT * N_PAIRS);
  for (guint i = 0; i < G_N_ELEMENTS (agents); i++)
    g_object_unref (agents[i]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cost/connect", test_a_connection_asks_for_little_memory);
  return g_test_run ();
}
