/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How long two processes on one machine take from gathering to READY, and what that
 * costs, through nothing but the public interface: the same binary measures any
 * libnice.so.10 that LD_LIBRARY_PATH names. Prints a line for each nomination mode: its
 * name, and the median of the controlling side's times in microseconds.
 *
 *   bench-connect [ROUNDS]
 */
#include <nice/agent.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROUNDS 41
#define LINE 4096

typedef struct
{
  NiceAgent *agent;
  GMainLoop *loop;
  FILE *in, *out; /* signalling */
  guint stream;
  gint64 started, ready;
} Side;

static void
fail (const gchar *what)
{
  fprintf (stderr, "bench-connect: %s\n", what);
  exit (1);
}

static void
data_received (NiceAgent *agent, guint stream, guint component, guint len, gchar *buf,
               gpointer data)
{
}

static void
state_changed (NiceAgent *agent, guint stream, guint component, guint state, Side *self)
{
  if (state == NICE_COMPONENT_STATE_FAILED)
    fail ("no connection");
  if (state != NICE_COMPONENT_STATE_READY || self->ready != 0)
    return;
  self->ready = g_get_monotonic_time ();
  g_main_loop_quit (self->loop);
}

static void
send_description (Side *self)
{
  g_autofree gchar *ufrag = NULL, *pwd = NULL;
  GSList *candidates = nice_agent_get_local_candidates (self->agent, self->stream, 1);

  if (!nice_agent_get_local_credentials (self->agent, self->stream, &ufrag, &pwd))
    fail ("no credentials");
  fprintf (self->out, "%s %s\n", ufrag, pwd);
  for (GSList *i = candidates; i != NULL; i = i->next)
    {
      g_autofree gchar *line =
          nice_agent_generate_local_candidate_sdp (self->agent, i->data);

      fprintf (self->out, "%s\n", line);
    }
  fprintf (self->out, "\n");
  fflush (self->out);
  g_slist_free_full (candidates, (GDestroyNotify)nice_candidate_free);
}

static const gchar *
read_line (Side *self, gchar *line)
{
  if (fgets (line, LINE, self->in) == NULL)
    fail ("the other process has gone");
  return g_strchomp (line);
}

static void
read_description (Side *self)
{
  gchar line[LINE], *pwd;
  GSList *candidates = NULL;

  read_line (self, line);
  pwd = strchr (line, ' ');
  if (pwd == NULL)
    fail ("no credentials came");
  *pwd++ = '\0';
  nice_agent_set_remote_credentials (self->agent, self->stream, line, pwd);
  while (*read_line (self, line) != '\0')
    candidates = g_slist_append (candidates, nice_agent_parse_remote_candidate_sdp (
                                                 self->agent, self->stream, line));
  nice_agent_set_remote_candidates (self->agent, self->stream, 1, candidates);
  g_slist_free_full (candidates, (GDestroyNotify)nice_candidate_free);
}

/* One connection, from gathering to READY. Returns microseconds. */
static gint64
connect_once (Side *self, gboolean controlling, NiceAgentOption options)
{
  NiceAddress loopback;
  gchar line[LINE];

  self->agent = nice_agent_new_full (NULL, NICE_COMPATIBILITY_RFC5245, options);
  self->ready = 0;
  g_object_set (self->agent, "controlling-mode", controlling, "upnp", FALSE, "ice-tcp",
                FALSE, NULL);
  nice_address_init (&loopback);
  nice_address_set_ipv4 (&loopback, INADDR_LOOPBACK);
  nice_agent_add_local_address (self->agent, &loopback);
  g_signal_connect (self->agent, "component-state-changed", G_CALLBACK (state_changed),
                    self);
  self->stream = nice_agent_add_stream (self->agent, 1);
  nice_agent_attach_recv (self->agent, self->stream, 1, NULL, data_received, NULL);

  self->started = g_get_monotonic_time ();
  nice_agent_gather_candidates (self->agent, self->stream);
  send_description (self);
  read_description (self);
  if (self->ready == 0)
    g_main_loop_run (self->loop);
  /* Neither leaves before both are there. */
  fprintf (self->out, "ready\n");
  fflush (self->out);
  read_line (self, line);
  g_clear_object (&self->agent);
  return self->ready - self->started;
}

static gint
compare_times (gconstpointer a, gconstpointer b)
{
  const gint64 x = *(const gint64 *)a, y = *(const gint64 *)b;

  return (x > y) - (x < y);
}

static void
run_mode (Side *self, gboolean controlling, const gchar *name, NiceAgentOption options,
          guint rounds)
{
  g_autofree gint64 *times = g_new (gint64, rounds);

  for (guint i = 0; i < rounds; i++)
    times[i] = connect_once (self, controlling, options);
  qsort (times, rounds, sizeof *times, compare_times);
  if (controlling)
    printf ("%s %.0f\n", name, (gdouble)times[rounds / 2]);
}

/* Both modes over the same two files: what one has read ahead belongs to the other. */
static void
run (gint fd, gboolean controlling, guint rounds)
{
  Side self = { .loop = g_main_loop_new (NULL, FALSE),
                .in = fdopen (dup (fd), "r"),
                .out = fdopen (fd, "w") };

  run_mode (&self, controlling, "aggressive", NICE_AGENT_OPTION_NONE, rounds);
  run_mode (&self, controlling, "regular", NICE_AGENT_OPTION_REGULAR_NOMINATION, rounds);
  fclose (self.in);
  fclose (self.out);
  g_main_loop_unref (self.loop);
}

int
main (int argc, char **argv)
{
  const guint rounds = argc > 1 ? strtoul (argv[1], NULL, 10) : ROUNDS;
  gint ends[2], status;
  pid_t child;

  if (rounds == 0 || socketpair (AF_UNIX, SOCK_STREAM, 0, ends) != 0)
    fail ("usage: bench-connect [ROUNDS]");
  child = fork ();
  run (ends[child == 0], child != 0, rounds);
  if (child == 0)
    return 0;
  return waitpid (child, &status, 0) == child && status == 0 ? 0 : 1;
}
