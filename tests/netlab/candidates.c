/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Gathers with one server and prints what came of it: each candidate as its type,
 * transport and address, and what the statistics say of the server.
 * Usage: candidates LOCAL-ADDRESS URI TRUST-FILE */
#include "config.h"

#include <nice/agent.h>
#include <stdio.h>

static void
print_candidate (const NiceCandidate *candidate)
{
  gchar address[INET6_ADDRSTRLEN];

  nice_address_to_string (&candidate->addr, address);
  printf ("%s %s %s\n", nice_candidate_type_to_string (candidate->type),
          nice_candidate_transport_to_string (candidate->transport), address);
}

static void
print_error (NiceAgent *agent)
{
  g_autoptr (GVariant) stats = nice_agent_get_stats (agent);
  g_autoptr (GVariant) server =
      g_variant_lookup_value (stats, "S1", G_VARIANT_TYPE_VARDICT);
  const gchar *text;

  if (server != NULL && g_variant_lookup (server, "errorText", "&s", &text))
    printf ("error %s\n", text);
}

static void
on_gathered (NiceAgent *agent, guint stream_id, gpointer data)
{
  *(gboolean *)data = TRUE;
}

int
main (int argc, char **argv)
{
  NiceAgent *agent = nice_agent_new (NULL, NICE_COMPATIBILITY_RFC5245);
  g_autoptr (GError) error = NULL;
  gboolean is_gathered = FALSE;
  NiceAddress local;
  GSList *candidates;

  g_assert_cmpint (argc, ==, 4);
  nice_address_init (&local);
  g_assert_true (nice_address_set_from_string (&local, argv[1]));
  nice_agent_add_local_address (agent, &local);
  g_object_set (agent, "tls-trust-file", argv[3], NULL);
  g_signal_connect (agent, "candidate-gathering-done", G_CALLBACK (on_gathered),
                    &is_gathered);
  nice_agent_add_stream (agent, 1);
  nice_agent_add_server (agent, 1, 1, argv[2], "ann", "secret", &error);
  g_assert_no_error (error);
  g_assert_true (nice_agent_gather_candidates (agent, 1));
  while (!is_gathered)
    g_main_context_iteration (NULL, TRUE);
  candidates = nice_agent_get_local_candidates (agent, 1, 1);
  for (GSList *link = candidates; link != NULL; link = link->next)
    print_candidate (link->data);
  print_error (agent);
  g_slist_free_full (candidates, (GDestroyNotify)nice_candidate_free);
  g_object_unref (agent);
  return 0;
}
