/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a packet costs from one agent to another over loopback, through nothing but the
 * public interface: the same binary measures any libnice.so.10 that LD_LIBRARY_PATH
 * names. One work a run; prints one figure.
 *
 *   bench-packets one BATCH          packets a second, both agents in one thread, and
 * what of the processor each costs bench-packets threads BATCH      the same, two such
 * threads bench-packets two BATCH          a process each, the sender waits for room
 *   bench-packets flood BATCH        percentage lost when the sender does not wait
 *   bench-packets trip               microseconds of a round trip between two processes
 *
 * BATCH is what one nice_agent_send_messages_nonblocking() gets, and "7x" seven calls of
 * nice_agent_send(). With PACKETS in the environment works of one process end after so
 * many, for what counts instructions and calls. With RELAY, the port of a TURN server on
 * the loopback (user ann, password secret), the sender's packets go through it over UDP.
 * PLACES names network namespaces for the two processes (see place.h), COALESCE is
 * send-coalescing-time. */
#include <nice/agent.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cost.h"
#include "place.h"

#define SIZE 1200
#define MAX_BATCH 64
#define DURATION (G_USEC_PER_SEC / 2)
/* Not acknowledged at a time: less than the default buffer of a socket holds. */
#define WINDOW 128

typedef struct
{
  GMainContext *context;
  const gchar *address;
  NiceAgent *agent;
  guint stream, batch, singles; /* messages a call, or calls of a message */
  guint64 n_received;
  gboolean echoes;
  gint control; /* to the other process */
} Side;

static gchar payload[SIZE];

static void
received (NiceAgent *agent, guint stream, guint component, guint len, gchar *buf,
          gpointer data)
{
  Side *side = data;

  side->n_received++;
  if (side->echoes)
    nice_agent_send (agent, stream, component, len, buf);
}

/* Until there is the allocation, which is all that is told to the other side. */
static void
use_relay (Side *side, const gchar *port)
{
  GSList *candidates = NULL;

  g_object_set (side->agent, "force-relay", TRUE, NULL);
  nice_agent_set_relay_info (side->agent, side->stream, 1, side->address, atoi (port),
                             "ann", "secret", NICE_RELAY_TYPE_TURN_UDP);
  nice_agent_gather_candidates (side->agent, side->stream);
  while ((candidates = nice_agent_get_local_candidates (side->agent, side->stream, 1))
         == NULL)
    g_main_context_iteration (side->context, TRUE);
  g_slist_free_full (candidates, (GDestroyNotify)nice_candidate_free);
}

/* "64": a call with 64 messages; "64x": 64 calls. */
static void
side_init (Side *side, GMainContext *context, const gchar *address, const gchar *batch,
           gboolean controlling)
{
  const guint n = CLAMP (atoi (batch), 1, MAX_BATCH);
  NiceAddress local;

  *side = (Side) { .context = context, .address = address, .control = -1 };
  if (g_str_has_suffix (batch, "x"))
    side->singles = n;
  else
    side->batch = n;
  side->agent = nice_agent_new (context, NICE_COMPATIBILITY_RFC5245);
  g_object_set (side->agent, "controlling-mode", controlling, "ice-tcp", FALSE, "upnp",
                FALSE, NULL);
  if (g_getenv ("COALESCE") != NULL)
    g_object_set (side->agent, "send-coalescing-time", atoi (g_getenv ("COALESCE")),
                  NULL);
  nice_address_init (&local);
  nice_address_set_from_string (&local, address);
  nice_agent_add_local_address (side->agent, &local);
  side->stream = nice_agent_add_stream (side->agent, 1);
  nice_agent_attach_recv (side->agent, side->stream, 1, context, received, side);
  if (controlling && g_getenv ("RELAY") != NULL)
    use_relay (side, g_getenv ("RELAY"));
  else
    nice_agent_gather_candidates (side->agent, side->stream);
}

static gboolean
is_ready (Side *side)
{
  return nice_agent_get_component_state (side->agent, side->stream, 1)
         == NICE_COMPONENT_STATE_READY;
}

/* --- Signalling --- */

static gchar *
describe (Side *side)
{
  gchar *ufrag, *pwd, *line, *text;
  GSList *candidates = nice_agent_get_local_candidates (side->agent, side->stream, 1);

  nice_agent_get_local_credentials (side->agent, side->stream, &ufrag, &pwd);
  line = nice_agent_generate_local_candidate_sdp (side->agent, candidates->data);
  text = g_strdup_printf ("%s\n%s\n%s\n", ufrag, pwd, line);
  g_slist_free_full (candidates, (GDestroyNotify)nice_candidate_free);
  g_free (ufrag);
  g_free (pwd);
  g_free (line);
  return text;
}

static void
learn (Side *side, const gchar *text)
{
  gchar **lines = g_strsplit (text, "\n", -1);
  NiceCandidate *candidate;
  GSList *list;

  nice_agent_set_remote_credentials (side->agent, side->stream, lines[0], lines[1]);
  candidate = nice_agent_parse_remote_candidate_sdp (side->agent, side->stream, lines[2]);
  list = g_slist_append (NULL, candidate);
  nice_agent_set_remote_candidates (side->agent, side->stream, 1, list);
  g_slist_free_full (list, (GDestroyNotify)nice_candidate_free);
  g_strfreev (lines);
}

static void
exchange (Side *side)
{
  gchar *mine = describe (side);
  gchar theirs[4096] = "";
  gsize len = 0;

  if (write (side->control, mine, strlen (mine) + 1) < 0)
    abort ();
  while (len == 0 || theirs[len - 1] != '\0')
    {
      const gssize n = read (side->control, theirs + len, sizeof theirs - len);

      if (n <= 0)
        abort ();
      len += n;
    }
  learn (side, theirs);
  g_free (mine);
}

/* --- Sending --- */

static guint
send_singly (Side *side)
{
  guint sent = 0;

  for (guint i = 0; i < side->singles; i++)
    sent += nice_agent_send (side->agent, side->stream, 1, SIZE, payload) == SIZE;
  return sent;
}

/* Returns how many were sent. */
static guint
send_batch (Side *side)
{
  GOutputVector vectors[MAX_BATCH];
  NiceOutputMessage messages[MAX_BATCH];
  gint sent;

  if (side->batch == 0)
    return send_singly (side);

  for (guint i = 0; i < side->batch; i++)
    {
      vectors[i] = (GOutputVector) { payload, SIZE };
      messages[i] = (NiceOutputMessage) { &vectors[i], 1 };
    }
  sent = nice_agent_send_messages_nonblocking (side->agent, side->stream, 1, messages,
                                               side->batch, NULL, NULL);
  return MAX (sent, 0);
}

/* --- One thread --- */

/* Returns packets a second. */
static gdouble
run_one_thread (const gchar *batch)
{
  const gchar *packets = g_getenv ("PACKETS");
  const guint64 enough = packets != NULL ? strtoul (packets, NULL, 10) : G_MAXUINT64;
  g_autoptr (GMainContext) context = g_main_context_new ();
  Side a, b;
  gchar *text;
  guint64 sent = 0;
  gint64 start, end, cpu;

  side_init (&a, context, "127.0.0.1", batch, TRUE);
  side_init (&b, context, "127.0.0.1", batch, FALSE);
  text = describe (&a);
  learn (&b, text);
  g_free (text);
  text = describe (&b);
  learn (&a, text);
  g_free (text);
  while (!is_ready (&a) || !is_ready (&b))
    g_main_context_iteration (context, TRUE);

  cpu = cost_get_cpu_us ();
  start = g_get_monotonic_time ();
  do
    {
      sent += send_batch (&a);
      while (b.n_received < sent)
        g_main_context_iteration (context, TRUE);
      end = g_get_monotonic_time ();
    }
  while (packets != NULL ? sent < enough : end - start < DURATION);
  printf ("cpu-us-per-packet %.3f\n", (gdouble)(cost_get_cpu_us () - cpu) / b.n_received);
  return b.n_received * 1e6 / (end - start);
}

static gpointer
run_thread (gpointer batch)
{
  gdouble *rate = g_new (gdouble, 1);

  *rate = run_one_thread (batch);
  return rate;
}

static gdouble
run_two_threads (const gchar *batch)
{
  GThread *thread = g_thread_new ("second", run_thread, (gpointer)batch);
  const gdouble mine = run_one_thread (batch);
  g_autofree gdouble *other = g_thread_join (thread);

  return mine + *other;
}

/* --- Two processes --- */

/* Nothing is measured before both are ready: what one of them cannot answer yet is lost.
 */
static void
tell_ready (const Side *side)
{
  gchar byte = 0;

  if (write (side->control, &byte, 1) != 1)
    abort ();
  while (recv (side->control, &byte, 1, MSG_DONTWAIT) != 1)
    g_main_context_iteration (side->context, FALSE);
}

static void
become_ready (Side *side, const gchar *batch, gboolean controlling, gint control)
{
  const gchar *address = place_enter (controlling ? 0 : 1);

  side_init (side, g_main_context_new (), address, batch, controlling);
  side->control = control;
  exchange (side);
  while (!is_ready (side))
    g_main_context_iteration (side->context, TRUE);
}

/* Tells how many it has, whenever it is asked, and when it got more. */
static void
run_receiver (gint control, gboolean echoes)
{
  Side side;
  guint64 told = 0;

  become_ready (&side, "1x", FALSE, control);
  side.echoes = echoes;
  if (echoes)
    place_pin (0);
  tell_ready (&side);
  for (;;)
    {
      g_main_context_iteration (side.context, TRUE);
      if (!echoes && side.n_received > told)
        {
          told = side.n_received;
          if (write (control, &told, sizeof told) < 0)
            return;
        }
    }
}

static guint64
hear_count (gint control, gboolean waits, guint64 last)
{
  guint64 counts[512];
  const gssize n = recv (control, counts, sizeof counts, waits ? 0 : MSG_DONTWAIT);

  return n >= (gssize)sizeof counts[0] ? counts[n / sizeof counts[0] - 1] : last;
}

/* What is under way arrives, or is lost. */
static gboolean
hears_more (gint control)
{
  GPollFD fd = { control, G_IO_IN, 0 };

  return g_poll (&fd, 1, 200) > 0;
}

static void
run_sender (gint control, const gchar *batch, gboolean floods)
{
  Side side;
  guint64 sent = 0, arrived = 0;
  gint64 start, end;

  become_ready (&side, batch, TRUE, control);
  tell_ready (&side);
  start = g_get_monotonic_time ();
  do
    {
      sent += send_batch (&side);
      arrived = hear_count (control, FALSE, arrived);
      while (!floods && sent - arrived > WINDOW)
        arrived = hear_count (control, TRUE, arrived);
      end = g_get_monotonic_time ();
    }
  while (end - start < DURATION);
  if (floods)
    {
      while (hears_more (control))
        arrived = hear_count (control, FALSE, arrived);
      printf ("%.2f\n", 100.0 * (sent - arrived) / sent);
    }
  else
    printf ("%.0f\n", arrived * 1e6 / (end - start));
}

static void
run_round_trips (gint control)
{
  Side side;
  guint64 n = 0;
  gint64 start, end;

  become_ready (&side, "1x", TRUE, control);
  place_pin (1);
  tell_ready (&side);
  start = g_get_monotonic_time ();
  do
    {
      n += send_batch (&side);
      while (side.n_received < n)
        g_main_context_iteration (side.context, TRUE);
      end = g_get_monotonic_time ();
    }
  while (end - start < DURATION);
  printf ("%.2f\n", (gdouble)(end - start) / n);
}

static void
run_two_processes (const gchar *work, const gchar *batch)
{
  gint sockets[2];
  pid_t child;

  if (socketpair (AF_UNIX, SOCK_STREAM, 0, sockets) != 0)
    abort ();
  child = fork ();
  if (child == 0)
    {
      close (sockets[0]);
      run_receiver (sockets[1], g_str_equal (work, "trip"));
      _exit (0);
    }
  close (sockets[1]);
  if (g_str_equal (work, "trip"))
    run_round_trips (sockets[0]);
  else
    run_sender (sockets[0], batch, g_str_equal (work, "flood"));
  kill (child, SIGTERM);
  waitpid (child, NULL, 0);
}

int
main (int argc, char **argv)
{
  const gchar *work = argc > 1 ? argv[1] : "one";
  const gchar *batch = argc > 2 ? argv[2] : "64";

  memset (payload, 0x80, sizeof payload);
  if (g_str_equal (work, "one"))
    printf ("%.0f\n", run_one_thread (batch));
  else if (g_str_equal (work, "threads"))
    printf ("%.0f\n", run_two_threads (batch));
  else
    run_two_processes (work, batch);
  return 0;
}
