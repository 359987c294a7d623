/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Many connected pairs in one process and one context: how fast they connect, what each
 * costs in memory and descriptors, what they cost idle, and what a packet costs among
 * them. Prints "figure value" lines.
 *
 *   bench-many PAIRS [consent] */
#include <nice/agent.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define IDLE (3 * G_USEC_PER_SEC)
#define N_PACKETS 50000

static GMainContext *context;
static guint n_ready, n_received;
static gboolean with_consent;

static void
state_changed (NiceAgent *agent, guint stream, guint component, guint state,
               gpointer data)
{
  if (state == NICE_COMPONENT_STATE_READY)
    n_ready++;
}

static void
received (NiceAgent *agent, guint stream, guint component, guint len, gchar *buf,
          gpointer data)
{
  n_received++;
}

static NiceAgent *
make_agent (gboolean controlling)
{
  NiceAgent *agent = nice_agent_new_full (
      context, NICE_COMPATIBILITY_RFC5245,
      with_consent ? NICE_AGENT_OPTION_CONSENT_FRESHNESS : NICE_AGENT_OPTION_NONE);
  NiceAddress loopback;

  g_object_set (agent, "controlling-mode", controlling, "ice-tcp", FALSE, "upnp", FALSE,
                NULL);
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
  gchar *ufrag, *pwd;

  nice_agent_get_local_credentials (from, 1, &ufrag, &pwd);
  nice_agent_set_remote_credentials (to, 1, ufrag, pwd);
  nice_agent_set_remote_candidates (to, 1, 1, candidates);
  g_slist_free_full (candidates, (GDestroyNotify)nice_candidate_free);
  g_free (ufrag);
  g_free (pwd);
}

static gint64
get_cpu_us (void)
{
  struct rusage usage;

  getrusage (RUSAGE_SELF, &usage);
  return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * G_USEC_PER_SEC
         + usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
}

static gint64
get_resident_kb (void)
{
  gchar *text = NULL;
  gint64 pages = 0;

  if (g_file_get_contents ("/proc/self/statm", &text, NULL, NULL))
    pages = g_ascii_strtoll (strchr (text, ' '), NULL, 10);
  g_free (text);
  return pages * sysconf (_SC_PAGESIZE) / 1024;
}

static gboolean
end_of_idling (gpointer loop)
{
  g_main_loop_quit (loop);
  return G_SOURCE_REMOVE;
}

static void
idle_for (gint64 duration_us)
{
  GMainLoop *loop = g_main_loop_new (context, FALSE);
  GSource *source = g_timeout_source_new (duration_us / 1000);

  g_source_set_callback (source, end_of_idling, loop, NULL);
  g_source_attach (source, context);
  g_main_loop_run (loop);
  g_source_unref (source);
  g_main_loop_unref (loop);
}

/* Packets one by one over the first n pairs in turn; returns microseconds of each. */
static gdouble
send_over (NiceAgent **agents, guint n)
{
  const gint64 cpu = get_cpu_us ();

  n_received = 0;
  for (guint i = 0; i < N_PACKETS; i++)
    {
      nice_agent_send (agents[i % n * 2], 1, 1, 5, "hello");
      while (n_received <= i)
        g_main_context_iteration (context, TRUE);
    }
  return (gdouble)(get_cpu_us () - cpu) / N_PACKETS;
}

int
main (int argc, char **argv)
{
  const guint n = argc > 1 ? atoi (argv[1]) : 300;
  NiceAgent **agents = g_new0 (NiceAgent *, 2 * n);
  const struct rlimit many = { 20000, 20000 };
  gint64 start, cpu, resident;

  with_consent = argc > 2;
  setrlimit (RLIMIT_NOFILE, &many);
  context = g_main_context_new ();
  agents[0] = make_agent (TRUE);
  resident = get_resident_kb ();

  start = g_get_monotonic_time ();
  for (guint i = 0; i < 2 * n; i++)
    if (agents[i] == NULL)
      agents[i] = make_agent (i % 2 == 0);
  for (guint i = 0; i < 2 * n; i += 2)
    {
      tell (agents[i], agents[i + 1]);
      tell (agents[i + 1], agents[i]);
    }
  while (n_ready < 2 * n)
    g_main_context_iteration (context, TRUE);
  printf ("pairs-per-second %.0f\n", n * 1e6 / (g_get_monotonic_time () - start));
  printf ("resident-kB-per-agent %.1f\n",
          (gdouble)(get_resident_kb () - resident) / (2 * n));

  cpu = get_cpu_us ();
  idle_for (IDLE);
  printf ("idle-us-per-agent-and-second %.2f\n",
          (get_cpu_us () - cpu) * 1e6 / IDLE / (2 * n));

  printf ("us-per-packet-of-one-pair %.2f\n", send_over (agents, 1));
  printf ("us-per-packet-of-all %.2f\n", send_over (agents, n));
  return 0;
}
