/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* As many sessions on shared sockets as asked for, in one process and one context: how
 * fast they connect, what each costs in memory, what they cost idle, and what a thousand
 * packets a second spread over all of them cost; or what a packet costs on a shared
 * socket and on one of its own. Prints "figure value" lines.
 *
 * Both ends are in the process, so that each session needs a pair of sockets that no
 * other one has: some hundred muxes on either side make the square of that many pairs. */
#include <nice/agent.h>
#include <nice/udpmux.h>

#include <stdio.h>

#include "cost.h"

#define IDLE (5 * G_USEC_PER_SEC)
#define LOAD_PER_SECOND 1000
#define LOAD_SECONDS 5
#define WAVE 500
#define N_PACKETS 640000
#define MAX_BATCH 64
#define SIZE 1200

static gint n_pairs = 25000;
static gboolean with_consent, only_packets;
static guint n_ready, n_failed, n_received, n_loaded;
static GMainContext *context;
static NiceUdpMux **left, **right;
static guint n_muxes;
static NiceAgent **agents;

static const GOptionEntry options[] = {
  { "pairs", 'n', 0, G_OPTION_ARG_INT, &n_pairs, "Pairs of sessions", "N" },
  { "consent", 0, 0, G_OPTION_ARG_NONE, &with_consent, "With consent freshness", NULL },
  { "packets", 0, 0, G_OPTION_ARG_NONE, &only_packets, "Only the cost of a packet",
    NULL },
  { NULL },
};

static void
state_changed (NiceAgent *agent, guint stream, guint component, guint state,
               gpointer data)
{
  if (state == NICE_COMPONENT_STATE_READY)
    n_ready++;
  if (state == NICE_COMPONENT_STATE_FAILED)
    n_failed++;
}

static void
received (NiceAgent *agent, guint stream, guint component, guint len, gchar *buf,
          gpointer data)
{
  n_received++;
}

static NiceAgent *
make_agent (NiceUdpMux *mux, gboolean controlling)
{
  NiceAgent *agent =
      g_object_new (NICE_TYPE_AGENT, "main-context", context, "udp-mux", mux,
                    "consent-freshness", with_consent, "controlling-mode", controlling,
                    "ice-tcp", FALSE, "upnp", FALSE, NULL);
  NiceAddress loopback;

  nice_address_init (&loopback);
  nice_address_set_from_string (&loopback, "127.0.0.1");
  nice_agent_add_local_address (agent, &loopback);
  g_signal_connect (agent, "component-state-changed", G_CALLBACK (state_changed), NULL);
  nice_agent_add_stream (agent, 1);
  nice_agent_attach_recv (agent, 1, 1, context, received, NULL);
  nice_agent_gather_candidates (agent, 1);
  return agent;
}

static void
tell (NiceAgent *from, NiceAgent *to)
{
  GSList *candidates = nice_agent_get_local_candidates (from, 1, 1);
  g_autofree gchar *ufrag = NULL, *pwd = NULL;

  nice_agent_get_local_credentials (from, 1, &ufrag, &pwd);
  nice_agent_set_remote_credentials (to, 1, ufrag, pwd);
  nice_agent_set_remote_candidates (to, 1, 1, candidates);
  g_slist_free_full (candidates, (GDestroyNotify)nice_candidate_free);
}

static void
connect_pair (NiceAgent **pair, NiceUdpMux *one, NiceUdpMux *other)
{
  pair[0] = make_agent (one, TRUE);
  pair[1] = make_agent (other, FALSE);
  tell (pair[0], pair[1]);
  tell (pair[1], pair[0]);
}

/* --- What it costs --- */

static gboolean
quit (gpointer loop)
{
  g_main_loop_quit (loop);
  return G_SOURCE_REMOVE;
}

static gboolean
send_share (gpointer data)
{
  for (guint i = 0; i < LOAD_PER_SECOND / 100; i++, n_loaded++)
    nice_agent_send (agents[(guint64)n_loaded * 7919 % n_pairs * 2], 1, 1, 5, "hello");
  return G_SOURCE_CONTINUE;
}

static void
run_for (gint64 duration_us, GSourceFunc often)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (context, FALSE);
  g_autoptr (GSource) end = g_timeout_source_new (duration_us / 1000);
  g_autoptr (GSource) tick = g_timeout_source_new (10);

  g_source_set_callback (end, quit, loop, NULL);
  g_source_attach (end, context);
  g_source_set_callback (tick, often, NULL, NULL);
  if (often != NULL)
    g_source_attach (tick, context);
  g_main_loop_run (loop);
  g_source_destroy (tick);
}

/* --- Works --- */

static void
make_muxes (void)
{
  while (n_muxes * n_muxes < (guint)n_pairs)
    n_muxes++;
  left = g_new (NiceUdpMux *, n_muxes);
  right = g_new (NiceUdpMux *, n_muxes);
  for (guint i = 0; i < n_muxes; i++)
    {
      left[i] = nice_udp_mux_new (context, 0);
      right[i] = nice_udp_mux_new (context, 0);
    }
}

static void
connect_all (void)
{
  const gint64 start = g_get_monotonic_time (), resident = cost_get_resident_kb ();

  agents = g_new0 (NiceAgent *, 2 * n_pairs);
  for (gint i = 0; i < n_pairs; i++)
    {
      connect_pair (agents + 2 * i, left[i / n_muxes], right[i % n_muxes]);
      while (n_ready + n_failed + 2 * WAVE < 2 * (guint)i)
        g_main_context_iteration (context, TRUE);
    }
  while (n_ready + n_failed < 2 * (guint)n_pairs)
    g_main_context_iteration (context, TRUE);
  printf ("sessions %d\n", 2 * n_pairs);
  printf ("failed %u\n", n_failed);
  printf ("sockets %u\n", 2 * n_muxes);
  printf ("pairs-per-second %.0f\n", n_pairs * 1e6 / (g_get_monotonic_time () - start));
  printf ("resident-kB-per-session %.1f\n",
          (gdouble)(cost_get_resident_kb () - resident) / (2 * n_pairs));
}

static void
measure_load (void)
{
  gint64 cpu = cost_get_cpu_us ();
  gdouble idle;

  run_for (IDLE, NULL);
  idle = (cost_get_cpu_us () - cpu) * 1e6 / IDLE;
  printf ("idle-us-per-session-and-second %.2f\n", idle / (2 * n_pairs));
  n_received = 0;
  cpu = cost_get_cpu_us ();
  run_for (LOAD_SECONDS * G_USEC_PER_SEC, send_share);
  printf ("us-per-packet-of-load %.2f\n",
          ((cost_get_cpu_us () - cpu) - idle * LOAD_SECONDS) / n_loaded);
  printf ("load-sent %u\nload-received %u\n", n_loaded, n_received);
}

/* --- A packet --- */

static gdouble
send_packets (NiceAgent *agent, guint batch)
{
  static const gchar payload[SIZE] = { (gchar)0x80 };
  GOutputVector vectors[MAX_BATCH];
  NiceOutputMessage messages[MAX_BATCH];
  const gint64 cpu = cost_get_cpu_us ();
  const guint total = batch == 1 ? N_PACKETS / 8 : N_PACKETS;

  for (guint i = 0; i < batch; i++)
    {
      vectors[i] = (GOutputVector) { payload, SIZE };
      messages[i] = (NiceOutputMessage) { &vectors[i], 1 };
    }
  n_received = 0;
  for (guint sent = 0; sent < total; sent += batch)
    {
      nice_agent_send_messages_nonblocking (agent, 1, 1, messages, batch, NULL, NULL);
      while (n_received < sent + batch)
        g_main_context_iteration (context, TRUE);
    }
  return (cost_get_cpu_us () - cpu) * 1e3 / total;
}

static void
measure_packets (void)
{
  NiceUdpMux *mux = nice_udp_mux_new (context, 0);
  NiceAgent *own[2], *shared[2];
  static const guint batches[] = { 1, 16, 64 };

  connect_pair (own, NULL, NULL);
  connect_pair (shared, NULL, mux);
  while (n_ready < 4)
    g_main_context_iteration (context, TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (batches); i++)
    for (guint round = 0; round < 3; round++)
      {
        printf ("ns-per-packet-of-%u own %.0f\n", batches[i],
                send_packets (own[0], batches[i]));
        printf ("ns-per-packet-of-%u shared %.0f\n", batches[i],
                send_packets (shared[0], batches[i]));
      }
}

int
main (int argc, char **argv)
{
  g_autoptr (GOptionContext) command = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;

  g_option_context_add_main_entries (command, options, NULL);
  if (!g_option_context_parse (command, &argc, &argv, &error) || n_pairs < 1)
    {
      fprintf (stderr, "bench-mux: %s\n", error != NULL ? error->message : "no pairs");
      return 2;
    }
  context = g_main_context_new ();
  if (only_packets)
    {
      measure_packets ();
      return 0;
    }
  make_muxes ();
  connect_all ();
  measure_load ();
  return 0;
}
