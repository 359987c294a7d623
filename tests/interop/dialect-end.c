/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One end of a call in a dialect of ICE, on whichever libnice.so.10 the loader finds:
 * tells the other end of itself, connects both components, and hears a word on each.
 *
 * Usage: dialect-end offer|answer DIALECT, a number of NiceCompatibility */
#include <nice/agent.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define N_COMPONENTS 2

typedef struct
{
  NiceAgent *agent;
  gboolean gathered;
  guint state[N_COMPONENTS + 1];
  gboolean heard[N_COMPONENTS + 1];
} End;

static void
on_gathered (NiceAgent *agent, guint stream, End *self)
{
  self->gathered = TRUE;
}

static void
on_state (NiceAgent *agent, guint stream, guint component, guint state, End *self)
{
  self->state[component] = state;
}

static void
on_data (NiceAgent *agent, guint stream, guint component, guint len, gchar *data,
         gpointer user_data)
{
  End *self = user_data;

  self->heard[component] |= len == 5 && memcmp (data, "hello", 5) == 0;
}

static void
tell (End *self)
{
  g_autofree gchar *ufrag = NULL;
  g_autofree gchar *pwd = NULL;

  nice_agent_get_local_credentials (self->agent, 1, &ufrag, &pwd);
  printf ("%s %s\n", ufrag, *pwd != '\0' ? pwd : "-");
  for (guint i = 1; i <= N_COMPONENTS; i++)
    {
      GSList *candidates = nice_agent_get_local_candidates (self->agent, 1, i);

      for (GSList *item = candidates; item != NULL; item = item->next)
        {
          const NiceCandidate *candidate = item->data;

          printf ("%u %u %s %u %s %s\n", i, nice_address_get_port (&candidate->addr),
                  candidate->foundation, candidate->priority,
                  candidate->username != NULL ? candidate->username : "-",
                  candidate->password != NULL ? candidate->password : "-");
        }
      g_slist_free_full (candidates, (GDestroyNotify)nice_candidate_free);
    }
  puts (".");
}

static gchar *
dup_word (const gchar *word)
{
  return strcmp (word, "-") != 0 ? g_strdup (word) : NULL;
}

static void
learn_candidate (End *self, const gchar *line)
{
  g_auto (GStrv) words = g_strsplit (g_strchomp ((gchar *)line), " ", -1);
  NiceCandidate *candidate = nice_candidate_new (NICE_CANDIDATE_TYPE_HOST);
  GSList *list = g_slist_append (NULL, candidate);

  g_assert_cmpuint (g_strv_length (words), ==, 6);
  nice_address_set_from_string (&candidate->addr, "127.0.0.1");
  nice_address_set_port (&candidate->addr, (guint)atoi (words[1]));
  candidate->base_addr = candidate->addr;
  candidate->transport = NICE_CANDIDATE_TRANSPORT_UDP;
  g_strlcpy (candidate->foundation, words[2], sizeof candidate->foundation);
  candidate->priority = (guint32)strtoul (words[3], NULL, 10);
  candidate->username = dup_word (words[4]);
  candidate->password = dup_word (words[5]);
  g_assert_cmpint (
      nice_agent_set_remote_candidates (self->agent, 1, (guint)atoi (words[0]), list), ==,
      1);
  g_slist_free_full (list, (GDestroyNotify)nice_candidate_free);
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
    learn_candidate (self, line);
}

static gboolean
are_all (const End *self, gboolean heard)
{
  for (guint i = 1; i <= N_COMPONENTS; i++)
    if (heard ? !self->heard[i] : self->state[i] != NICE_COMPONENT_STATE_READY)
      return FALSE;
  return TRUE;
}

static void
make_agent (End *self, guint dialect, gboolean controls)
{
  NiceAddress address;

  self->agent = nice_agent_new (NULL, dialect);
  g_object_set (self->agent, "upnp", FALSE, "ice-tcp", FALSE, "controlling-mode",
                controls, NULL);
  nice_address_init (&address);
  nice_address_set_from_string (&address, "127.0.0.1");
  nice_agent_add_local_address (self->agent, &address);
  nice_agent_add_stream (self->agent, N_COMPONENTS);
  g_signal_connect (self->agent, "candidate-gathering-done", G_CALLBACK (on_gathered),
                    self);
  g_signal_connect (self->agent, "component-state-changed", G_CALLBACK (on_state), self);
  for (guint i = 1; i <= N_COMPONENTS; i++)
    nice_agent_attach_recv (self->agent, 1, i, NULL, on_data, self);
  nice_agent_gather_candidates (self->agent, 1);
  while (!self->gathered)
    g_main_context_iteration (NULL, TRUE);
}

static gboolean
on_line (GIOChannel *channel, GIOCondition condition, gpointer data)
{
  *(gboolean *)data = TRUE;
  return G_SOURCE_REMOVE;
}

int
main (int argc, char **argv)
{
  End end = { 0 };
  g_autoptr (GIOChannel) input = g_io_channel_unix_new (0);
  gboolean is_met = FALSE;
  gboolean offers;

  if (argc != 3)
    return 2;
  setvbuf (stdout, NULL, _IOLBF, 0);
  setvbuf (stdin, NULL, _IONBF, 0);
  offers = strcmp (argv[1], "offer") == 0;
  make_agent (&end, (guint)atoi (argv[2]), offers);
  tell (&end);
  learn (&end);
  while (!are_all (&end, FALSE))
    g_main_context_iteration (NULL, TRUE);
  puts ("meet"); /* what is sent to an end that is not ready may be dropped */
  g_io_add_watch (input, G_IO_IN, on_line, &is_met);
  while (!is_met)
    g_main_context_iteration (NULL, TRUE);
  for (guint i = 1; i <= N_COMPONENTS; i++)
    if (nice_agent_send (end.agent, 1, i, 5, "hello") != 5)
      puts ("cannot send");
  while (!are_all (&end, TRUE))
    g_main_context_iteration (NULL, TRUE);
  puts ("over");
  g_object_unref (end.agent);
  return 0;
}
