/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Gathers with UPnP, prints the ports that the router mapped, restarts and prints again
 * when a line comes, and gives them back at the next. Decides nothing about the network
 * around it; upnp.sh does. */
#include <nice/agent.h>

#include <stdio.h>

static gboolean gathered;
static gboolean line_came;

static void
on_gathered (NiceAgent *agent, guint stream_id, gpointer data)
{
  gathered = TRUE;
}

static gboolean
on_line (GIOChannel *channel, GIOCondition condition, gpointer data)
{
  g_autofree gchar *line = NULL;

  g_io_channel_read_line (channel, &line, NULL, NULL, NULL);
  line_came = TRUE;
  return G_SOURCE_CONTINUE;
}

static void
wait_for (gboolean *condition)
{
  while (!*condition)
    g_main_context_iteration (NULL, TRUE);
  *condition = FALSE;
}

static void
print_mapped (NiceAgent *agent)
{
  GSList *candidates = nice_agent_get_local_candidates (agent, 1, 1);

  for (GSList *item = candidates; item != NULL; item = item->next)
    {
      const NiceCandidate *candidate = item->data;
      g_autofree gchar *ip = nice_address_dup_string (&candidate->addr);
      g_autofree gchar *base = nice_address_dup_string (&candidate->base_addr);

      if (candidate->type == NICE_CANDIDATE_TYPE_SERVER_REFLEXIVE)
        printf ("mapped %s %u %s %s preference %u\n", ip,
                nice_address_get_port (&candidate->addr), base,
                candidate->transport == NICE_CANDIDATE_TRANSPORT_UDP ? "udp" : "tcp",
                candidate->priority >> 24);
    }
  g_slist_free_full (candidates, (GDestroyNotify)nice_candidate_free);
  printf ("gathered\n");
  fflush (stdout);
}

gint
main (void)
{
  NiceAgent *agent = nice_agent_new (NULL, NICE_COMPATIBILITY_RFC5245);
  g_autoptr (GIOChannel) input = g_io_channel_unix_new (0);
  gint64 end;

  g_object_set (agent, "upnp", TRUE, "upnp-timeout", 20000, NULL);
  g_signal_connect (agent, "candidate-gathering-done", G_CALLBACK (on_gathered), NULL);
  nice_agent_add_stream (agent, 1);
  if (!nice_agent_gather_candidates (agent, 1))
    return 1;
  wait_for (&gathered);
  print_mapped (agent);
  g_io_add_watch (input, G_IO_IN | G_IO_HUP, on_line, NULL);
  wait_for (&line_came);
  nice_agent_restart (agent);
  wait_for (&gathered);
  print_mapped (agent);
  wait_for (&line_came);
  g_object_unref (agent);
  /* The router is told in the background; upnp.sh ends us. */
  end = g_get_monotonic_time () + 60 * G_TIME_SPAN_SECOND;
  while (g_get_monotonic_time () < end)
    g_main_context_iteration (NULL, TRUE);
  return 0;
}
