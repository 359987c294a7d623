/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A call between two network namespaces, in the middle of which a command changes the
 * network of the left one. Both say a word each 10 ms; prints how many words in a row did
 * not get to the other end after the change, and the pair that the left one ends with,
 * and fails where more were lost than allowed.
 *
 * Usage: roam LEFT RIGHT WORDS LIMIT COMMAND
 *   WORDS, with commas between: controlled (the left one), stun, turn, relay
 * (the left one shows nothing else), stays (the pair does), or names of properties to be
 * set; a lone comma is none.
 *
 * NOTES: silence in milliseconds was that of a busy machine too: it did not run one end
 * for 2 s, which lost nothing. */
#include "config.h"

#include <fcntl.h>
#include <glib-unix.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <nice/agent.h>

#define SERVER "192.0.2.1"

/* So many words after the change each way, and the call is as it was. */
#define ENOUGH 50

/* A peer that checks another pair before this may still be about its first checks. */
#define SETTLED (4100 * G_TIME_SPAN_MILLISECOND)

#define MAX_ADDRESS (INET6_ADDRSTRLEN + 16)

enum
{
  LEFT,
  RIGHT,
  N_ENDS
};

/* Of one end; both processes see it. All atomic. */
typedef struct
{
  guint n_said, n_said_before; /* the change */
  guint n_heard_since, n_lost; /* words of the other end: after it; of these in a row */
} Tally;

typedef struct
{
  gint is_changed; /* atomic */
  Tally tallies[N_ENDS];
} Shared;

typedef struct
{
  NiceAgent *agent;
  guint stream;
  gint peer; /* SOCK_SEQPACKET: what signalling is elsewhere */
  gboolean is_left, controls, stays, is_done, is_ready, is_changing;
  guint heard, n_heard; /* the number of the last word; of words */
  gint64 ready_at;
  Shared *shared;
  Tally *own, *other;
  const gchar *command;
  gchar first[MAX_ADDRESS]; /* local address of the first selected pair */
} End;

/* --- Signalling --- */

static void
tell (const End *self, const gchar *text)
{
  g_assert_cmpint (send (self->peer, text, strlen (text), 0), >, 0);
}

static void
on_candidate (NiceAgent *agent, NiceCandidate *candidate, End *self)
{
  g_autofree gchar *text = nice_agent_generate_local_candidate_sdp (agent, candidate);

  tell (self, text);
}

static gboolean
on_told (gint fd, GIOCondition condition, gpointer data)
{
  End *self = data;
  gchar text[8192];
  const gssize size = recv (fd, text, sizeof text - 1, 0);
  NiceCandidate *candidate;
  GSList *list;

  if (size <= 0)
    {
      self->is_done = TRUE;
      return G_SOURCE_REMOVE;
    }
  text[size] = '\0';
  if (!g_str_has_prefix (text, "a=candidate"))
    {
      g_assert_cmpint (nice_agent_parse_remote_sdp (self->agent, text), >=, 0);
      return G_SOURCE_CONTINUE;
    }
  candidate = nice_agent_parse_remote_candidate_sdp (self->agent, self->stream, text);
  g_assert_nonnull (candidate);
  list = g_slist_prepend (NULL, candidate);
  nice_agent_set_remote_candidates (self->agent, self->stream, 1, list);
  g_slist_free_full (list, (GDestroyNotify)nice_candidate_free);
  return G_SOURCE_CONTINUE;
}

static void
on_gathered (NiceAgent *agent, guint stream, End *self)
{
  g_autofree gchar *sdp = nice_agent_generate_local_sdp (agent);

  tell (self, sdp);
  g_signal_connect (agent, "new-candidate-full", G_CALLBACK (on_candidate), self);
}

/* --- The call --- */

/* Prints the selected pair and keeps its local address. */
static void
note_pair (const End *self, const gchar *when, gchar *local_text)
{
  NiceCandidate *local, *remote;
  gchar local_address[INET6_ADDRSTRLEN], remote_address[INET6_ADDRSTRLEN];

  g_assert_true (
      nice_agent_get_selected_pair (self->agent, self->stream, 1, &local, &remote));
  nice_address_to_string (&local->addr, local_address);
  nice_address_to_string (&remote->addr, remote_address);
  g_snprintf (local_text, MAX_ADDRESS, "%s port %u", local_address,
              nice_address_get_port (&local->addr));
  printf ("%s: %s %s - %s\n", self->is_left ? "left" : "right", when, local_text,
          remote_address);
}

static void
on_state (NiceAgent *agent, guint stream, guint component, guint state, End *self)
{
  if (state != NICE_COMPONENT_STATE_READY || self->is_ready)
    return;
  self->is_ready = TRUE;
  self->ready_at = g_get_monotonic_time ();
  note_pair (self, "begins with", self->first);
}

static void
note_word (End *self, guint number)
{
  const guint before = g_atomic_int_get (&self->other->n_said_before);

  if (number > before && g_atomic_int_get (&self->shared->is_changed))
    {
      const guint n_lost = number - 1 - MAX (before, self->heard);

      g_atomic_int_set (&self->own->n_lost, MAX (self->own->n_lost, n_lost));
      g_atomic_int_inc (&self->own->n_heard_since);
    }
  self->heard = number;
  self->n_heard++;
}

static void
on_data (NiceAgent *agent, guint stream, guint component, guint size, gchar *data,
         gpointer user_data)
{
  End *self = user_data;
  guint number;

  g_assert_cmpuint (size, ==, sizeof number);
  memcpy (&number, data, sizeof number);
  if (number > self->heard)
    note_word (self, number);
}

/* What was said while the command ran, may be lost. */
static void
on_changed (GPid process, gint status, gpointer data)
{
  End *self = data;

  g_assert_true (g_spawn_check_wait_status (status, NULL));
  for (guint i = 0; i < N_ENDS; i++)
    {
      Tally *tally = &self->shared->tallies[i];

      g_atomic_int_set (&tally->n_said_before, g_atomic_int_get (&tally->n_said));
    }
  g_atomic_int_set (&self->shared->is_changed, TRUE);
}

/* The call goes on meanwhile: the kernel may take its time. */
static void
change (End *self)
{
  const gchar *arguments[] = { "sh", "-c", self->command, NULL };
  GPid process;

  self->is_changing = TRUE;
  g_assert_true (g_spawn_async (NULL, (gchar **)arguments, NULL,
                                G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD, NULL,
                                NULL, &process, NULL));
  g_child_watch_add (process, on_changed, self);
}

static gboolean
talk (gpointer data)
{
  End *self = data;
  const guint number = (guint)g_atomic_int_add (&self->own->n_said, 1) + 1;

  nice_agent_send (self->agent, self->stream, 1, sizeof number, (const gchar *)&number);
  if (!self->is_left)
    return G_SOURCE_CONTINUE;
  if (!self->is_changing && self->n_heard >= ENOUGH && self->is_ready
      && (self->controls || g_get_monotonic_time () - self->ready_at >= SETTLED))
    change (self);
  self->is_done = g_atomic_int_get (&self->own->n_heard_since) >= ENOUGH
                  && g_atomic_int_get (&self->other->n_heard_since) >= ENOUGH;
  return G_SOURCE_CONTINUE;
}

static void
apply_word (End *self, const gchar *word)
{
  if (strcmp (word, "controlled") == 0)
    {
      self->controls = !self->is_left;
      g_object_set (self->agent, "controlling-mode", self->controls, NULL);
    }
  else if (strcmp (word, "stays") == 0)
    self->stays = TRUE;
  else if (strcmp (word, "stun") == 0)
    g_object_set (self->agent, "stun-server", SERVER, "stun-server-port", 3478, NULL);
  else if (strcmp (word, "turn") == 0)
    nice_agent_set_relay_info (self->agent, self->stream, 1, SERVER, 3478, "ann",
                               "secret", NICE_RELAY_TYPE_TURN_UDP);
  else if (strcmp (word, "relay") == 0)
    {
      if (self->is_left)
        g_object_set (self->agent, "force-relay", TRUE, NULL);
    }
  else if (*word != '\0')
    g_object_set (self->agent, word, TRUE, NULL);
}

static void
start (End *self, const gchar *space, const gchar *words)
{
  g_autofree gchar *path = g_strdup_printf ("/run/netns/%s", space);
  g_auto (GStrv) list = g_strsplit (words, ",", -1);
  const gint fd = open (path, O_RDONLY | O_CLOEXEC);

  g_assert_cmpint (setns (fd, CLONE_NEWNET), ==, 0);
  self->agent = nice_agent_new_full (NULL, NICE_COMPATIBILITY_RFC5245,
                                     NICE_AGENT_OPTION_REGULAR_NOMINATION
                                         | NICE_AGENT_OPTION_ICE_TRICKLE);
  self->controls = self->is_left;
  g_object_set (self->agent, "upnp", FALSE, "ice-tcp", FALSE, "controlling-mode",
                self->controls, NULL);
  self->stream = nice_agent_add_stream (self->agent, 1);
  nice_agent_set_stream_name (self->agent, self->stream, "audio");
  for (guint i = 0; list[i] != NULL; i++)
    apply_word (self, list[i]);
  g_signal_connect (self->agent, "component-state-changed", G_CALLBACK (on_state), self);
  g_signal_connect (self->agent, "candidate-gathering-done", G_CALLBACK (on_gathered),
                    self);
  nice_agent_attach_recv (self->agent, self->stream, 1, NULL, on_data, self);
  g_unix_fd_add (self->peer, G_IO_IN, on_told, self);
  g_timeout_add (10, talk, self);
  g_assert_true (nice_agent_gather_candidates (self->agent, self->stream));
}

int
main (int argc, char **argv)
{
  End self = { .shared = mmap (NULL, sizeof (Shared), PROT_READ | PROT_WRITE,
                               MAP_SHARED | MAP_ANONYMOUS, -1, 0) };
  gchar last[MAX_ADDRESS];
  gint sockets[2];

  g_assert_cmpint (argc, ==, 6);
  g_assert_true (self.shared != MAP_FAILED);
  g_assert_cmpint (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets), ==,
                   0);
  self.is_left = fork () != 0;
  if (!self.is_left)
    prctl (PR_SET_PDEATHSIG, SIGTERM);
  self.peer = sockets[self.is_left ? 0 : 1];
  close (sockets[self.is_left ? 1 : 0]);
  self.own = &self.shared->tallies[self.is_left ? LEFT : RIGHT];
  self.other = &self.shared->tallies[self.is_left ? RIGHT : LEFT];
  self.command = argv[5];
  start (&self, argv[self.is_left ? 1 : 2], argv[3]);
  while (!self.is_done)
    g_main_context_iteration (NULL, TRUE);
  if (self.is_left)
    {
      note_pair (&self, "ends with", last);
      /* Or the change was none to the call. */
      g_assert_cmpint (strcmp (last, self.first) == 0, ==, self.stays);
      printf ("words lost in a row: to the left %u, to the right %u\n", self.own->n_lost,
              self.other->n_lost);
      g_assert_cmpuint (MAX (self.own->n_lost, self.other->n_lost), <=,
                        (guint)atoi (argv[4]));
    }
  g_object_unref (self.agent);
  return 0;
}
