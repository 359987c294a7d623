/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Many connected pairs in one process and one context: how fast they connect, what each
 * costs in memory and descriptors, what they cost idle, and what a packet costs among
 * them; or one pair with many components, or with many dead candidates. Through nothing
 * but the public interface: the same binary measures any libnice.so.10 that
 * LD_LIBRARY_PATH names. Prints "figure value" lines. */
#include <nice/agent.h>

#include <arpa/inet.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cost.h"

#define N_PACKETS 20000
#define IDLE (4 * G_USEC_PER_SEC)
/* Above any host candidate's. */
#define PRIORITY_OF_THE_DEAD 0x7effffff

static gint n_pairs = 300, n_streams = 1, n_components = 1, n_dead;
static gboolean with_consent, only_gather, only_connect, default_transports;
static guint n_connected, n_ready, n_received;
static GMainContext *context;

static const GOptionEntry options[] = {
  { "pairs", 'n', 0, G_OPTION_ARG_INT, &n_pairs, "Pairs of agents", "N" },
  { "streams", 's', 0, G_OPTION_ARG_INT, &n_streams, "Streams of each", "N" },
  { "components", 'c', 0, G_OPTION_ARG_INT, &n_components, "Components of each", "N" },
  { "dead", 'd', 0, G_OPTION_ARG_INT, &n_dead, "Dead candidates told to each", "N" },
  { "consent", 0, 0, G_OPTION_ARG_NONE, &with_consent, "With consent freshness", NULL },
  { "tcp", 0, 0, G_OPTION_ARG_NONE, &default_transports, "With ICE-TCP", NULL },
  { "gather", 0, 0, G_OPTION_ARG_NONE, &only_gather, "Only gather", NULL },
  { "connect", 0, 0, G_OPTION_ARG_NONE, &only_connect, "Only connect", NULL },
  { NULL },
};

static void
state_changed (NiceAgent *agent, guint stream, guint component, guint state,
               gpointer data)
{
  if (state == NICE_COMPONENT_STATE_CONNECTED)
    n_connected++;
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

  g_object_set (agent, "controlling-mode", controlling, "ice-tcp", default_transports,
                "upnp", FALSE, NULL);
  nice_address_init (&loopback);
  nice_address_set_from_string (&loopback, "127.0.0.1");
  nice_agent_add_local_address (agent, &loopback);
  g_signal_connect (agent, "component-state-changed", G_CALLBACK (state_changed), NULL);
  for (gint i = 0; i < n_streams; i++)
    {
      const guint stream = nice_agent_add_stream (agent, n_components);

      for (gint c = 1; c <= n_components; c++)
        nice_agent_attach_recv (agent, stream, c, context, received, NULL);
      nice_agent_gather_candidates (agent, stream);
    }
  return agent;
}

/* --- Signalling --- */

/* Of a socket that never reads. */
static NiceCandidate *
make_dead (guint component)
{
  NiceCandidate *dead = nice_candidate_new (NICE_CANDIDATE_TYPE_HOST);
  const gint fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  struct sockaddr_in address = { .sin_family = AF_INET };
  socklen_t len = sizeof address;

  address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  if (bind (fd, (struct sockaddr *)&address, len) != 0
      || getsockname (fd, (struct sockaddr *)&address, &len) != 0)
    abort ();
  nice_address_set_from_sockaddr (&dead->addr, (struct sockaddr *)&address);
  dead->base_addr = dead->addr;
  dead->transport = NICE_CANDIDATE_TRANSPORT_UDP;
  dead->priority = PRIORITY_OF_THE_DEAD - component;
  dead->component_id = component;
  g_snprintf (dead->foundation, sizeof dead->foundation, "%d", fd);
  return dead;
}

static void
tell_component (NiceAgent *from, NiceAgent *to, guint stream, guint component)
{
  GSList *candidates = nice_agent_get_local_candidates (from, stream, component);

  for (gint i = 0; i < n_dead; i++)
    candidates = g_slist_prepend (candidates, make_dead (component));
  nice_agent_set_remote_candidates (to, stream, component, candidates);
  g_slist_free_full (candidates, (GDestroyNotify)nice_candidate_free);
}

static void
tell (NiceAgent *from, NiceAgent *to)
{
  for (gint stream = 1; stream <= n_streams; stream++)
    {
      g_autofree gchar *ufrag = NULL, *pwd = NULL;

      nice_agent_get_local_credentials (from, stream, &ufrag, &pwd);
      nice_agent_set_remote_credentials (to, stream, ufrag, pwd);
      for (gint component = 1; component <= n_components; component++)
        tell_component (from, to, stream, component);
    }
}

/* --- What it costs --- */

static gint
count_descriptors (void)
{
  DIR *folder = opendir ("/proc/self/fd");
  gint n = -1; /* the folder's own */

  while (readdir (folder) != NULL)
    n++;
  closedir (folder);
  return n;
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
  const gint64 cpu = cost_get_cpu_us ();

  n_received = 0;
  for (guint i = 0; i < N_PACKETS; i++)
    {
      nice_agent_send (agents[i % n * 2], 1, 1, 5, "hello");
      while (n_received <= i)
        g_main_context_iteration (context, TRUE);
    }
  return (gdouble)(cost_get_cpu_us () - cpu) / N_PACKETS;
}

/* --- Works --- */

static void
connect_all (NiceAgent **agents)
{
  const guint all = 2 * n_pairs * n_streams * n_components;
  const gint64 start = g_get_monotonic_time (), cpu = cost_get_cpu_us ();
  gint64 connected = 0;

  for (gint i = 0; i < 2 * n_pairs; i++)
    if (agents[i] == NULL)
      agents[i] = make_agent (i % 2 == 0);
  if (only_gather)
    return;
  for (gint i = 0; i < 2 * n_pairs; i += 2)
    {
      tell (agents[i], agents[i + 1]);
      tell (agents[i + 1], agents[i]);
    }
  while (n_ready < all)
    {
      g_main_context_iteration (context, TRUE);
      if (connected == 0 && n_connected >= all)
        connected = g_get_monotonic_time ();
    }
  printf ("pairs-per-second %.0f\n", n_pairs * 1e6 / (g_get_monotonic_time () - start));
  printf ("ms-to-connected %.2f\n", (connected - start) / 1e3);
  printf ("ms-to-ready %.2f\n", (g_get_monotonic_time () - start) / 1e3);
  printf ("cpu-ms %.2f\n", (cost_get_cpu_us () - cpu) / 1e3);
}

static void
measure_idle (NiceAgent **agents)
{
  const gint64 cpu = cost_get_cpu_us ();

  idle_for (IDLE);
  printf ("idle-us-per-agent-and-second %.2f\n",
          (cost_get_cpu_us () - cpu) * 1e6 / IDLE / (2 * n_pairs));
  printf ("us-per-packet-of-one-pair %.2f\n", send_over (agents, 1));
  printf ("us-per-packet-of-all %.2f\n", send_over (agents, n_pairs));
}

int
main (int argc, char **argv)
{
  const struct rlimit many = { 20000, 20000 };
  g_autoptr (GOptionContext) command = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;
  NiceAgent **agents;
  gint64 resident;
  gint descriptors;

  g_option_context_add_main_entries (command, options, NULL);
  if (!g_option_context_parse (command, &argc, &argv, &error) || n_pairs < 1)
    {
      fprintf (stderr, "bench-many: %s\n", error != NULL ? error->message : "no pairs");
      return 2;
    }
  setrlimit (RLIMIT_NOFILE, &many);
  context = g_main_context_new ();
  agents = g_new0 (NiceAgent *, 2 * n_pairs);
  agents[0] = make_agent (TRUE); /* what the first one costs is the library's */
  resident = cost_get_resident_kb ();
  descriptors = count_descriptors ();
  connect_all (agents);
  printf ("resident-kB-per-agent %.1f\n",
          (gdouble)(cost_get_resident_kb () - resident) / (2 * n_pairs - 1));
  printf ("descriptors-per-agent %.2f\n",
          (gdouble)(count_descriptors () - descriptors) / (2 * n_pairs - 1));
  if (!only_gather && !only_connect)
    measure_idle (agents);
  return 0;
}
