/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One end of a call that tells of itself in lines of SDP: says a word on each component
 * and hears it again, or says again what it hears. Knows nothing of what the other end is
 * made of.
 *
 * Usage: sdp-end offer|answer controlling|controlled COMPONENTS [URI-OF-A-SERVER|hidden]
 *   hidden: it tells names for its addresses */
#include <nice/agent.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define N_WORDS 50

typedef struct
{
  NiceAgent *agent;
  guint n_components;
  gboolean offers;
  gboolean gathered;
  guint n_ready;
  guint n_heard;
} End;

static void
on_gathered (NiceAgent *agent, guint stream, End *self)
{
  self->gathered = TRUE;
}

static void
on_state (NiceAgent *agent, guint stream, guint component, guint state, End *self)
{
  if (state == NICE_COMPONENT_STATE_FAILED)
    exit (1);
  self->n_ready += state == NICE_COMPONENT_STATE_READY;
}

static void
say (End *self, guint component, guint n)
{
  g_autofree gchar *word = g_strdup_printf ("word %u", n);
  const gint len = (gint)strlen (word);

  if (nice_agent_send (self->agent, 1, component, (guint)len, word) != len)
    g_error ("cannot send on component %u", component);
}

static void
on_data (NiceAgent *agent, guint stream, guint component, guint len, gchar *data,
         gpointer user_data)
{
  End *self = user_data;

  self->n_heard++;
  if (!self->offers)
    nice_agent_send (agent, 1, component, len, data);
}

static void
make_agent (End *self, gboolean controls, const gchar *uri)
{
  const gboolean is_hidden = g_strcmp0 (uri, "hidden") == 0;
  g_autoptr (GError) error = NULL;

  self->agent = nice_agent_new (NULL, NICE_COMPATIBILITY_RFC5245);
  g_object_set (self->agent, "upnp", FALSE, "controlling-mode", controls,
                "hide-host-addresses", is_hidden, NULL);
  nice_agent_add_stream (self->agent, self->n_components);
  nice_agent_set_stream_name (self->agent, 1, "application");
  g_signal_connect (self->agent, "candidate-gathering-done", G_CALLBACK (on_gathered),
                    self);
  g_signal_connect (self->agent, "component-state-changed", G_CALLBACK (on_state), self);
  for (guint i = 1; i <= self->n_components; i++)
    nice_agent_attach_recv (self->agent, 1, i, NULL, on_data, self);
  if (uri != NULL && !is_hidden
      && !nice_agent_add_server (self->agent, 1, 1, uri, NULL, NULL, &error))
    g_error ("%s", error->message);
  nice_agent_gather_candidates (self->agent, 1);
  while (!self->gathered)
    g_main_context_iteration (NULL, TRUE);
}

static void
tell (End *self)
{
  g_autofree gchar *ufrag = NULL;
  g_autofree gchar *pwd = NULL;

  nice_agent_get_local_credentials (self->agent, 1, &ufrag, &pwd);
  printf ("%s %s\n", ufrag, pwd);
  for (guint i = 1; i <= self->n_components; i++)
    {
      GSList *candidates = nice_agent_get_local_candidates (self->agent, 1, i);

      for (GSList *link = candidates; link != NULL; link = link->next)
        {
          g_autofree gchar *line =
              nice_agent_generate_local_candidate_sdp (self->agent, link->data);

          puts (line);
        }
      g_slist_free_full (candidates, (GDestroyNotify)nice_candidate_free);
    }
  puts (".");
}

static void
learn (End *self)
{
  gchar line[1000], ufrag[300], pwd[300];

  if (fgets (line, sizeof line, stdin) == NULL
      || sscanf (line, "%299s %299s", ufrag, pwd) != 2)
    exit (1);
  nice_agent_set_remote_credentials (self->agent, 1, ufrag, pwd);
  while (fgets (line, sizeof line, stdin) != NULL && strcmp (line, ".\n") != 0)
    {
      g_autoptr (GError) error = NULL;

      if (!nice_agent_add_remote_candidate_sdp (self->agent, 1, line, &error))
        g_error ("%s", error->message);
    }
  nice_agent_peer_candidate_gathering_done (self->agent, 1);
}

static void
print_pair (End *self)
{
  NiceCandidate *local, *remote;

  nice_agent_get_selected_pair (self->agent, 1, 1, &local, &remote);
  fprintf (stderr, "pair %s %s\n", nice_candidate_type_to_string (local->type),
           nice_candidate_type_to_string (remote->type));
}

int
main (int argc, char **argv)
{
  End end = { 0 };

  if (argc < 4)
    return 2;
  setvbuf (stdout, NULL, _IOLBF, 0);
  end.offers = strcmp (argv[1], "offer") == 0;
  end.n_components = (guint)atoi (argv[3]);
  make_agent (&end, strcmp (argv[2], "controlling") == 0, argv[4]);
  tell (&end);
  learn (&end);
  while (end.n_ready < end.n_components)
    g_main_context_iteration (NULL, TRUE);
  print_pair (&end);
  for (guint n = 0; n < N_WORDS; n++)
    for (guint i = 1; i <= end.n_components; i++)
      {
        const guint heard = n * end.n_components + i;

        if (end.offers)
          say (&end, i, n);
        while (end.n_heard < heard)
          g_main_context_iteration (NULL, TRUE);
      }
  g_object_unref (end.agent);
  return 0;
}
