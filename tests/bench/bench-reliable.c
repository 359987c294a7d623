/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reliable agents in two processes: bytes a second, and what a megabyte costs both in
 * processor time. Public interface only, so that it runs on any libnice.so.10; "kernel"
 * does the same over a TCP of the kernel's. It must not know what is between the two.
 *
 * Usage: bench-reliable agents|tcp|kernel [MEGABYTES [SECONDS]]
 *   agents: over UDP; tcp: over ICE-TCP. Ends when so many bytes arrived or so much time
 *   has gone by. Prints MB/s, then "cpu" and milliseconds a MB. */
#include <nice/agent.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "cost.h"
#include "place.h"

#define CHUNK 65536
#define MB 1e6

/* What the receiving process tells the other at the end. */
typedef struct
{
  guint64 bytes;
  gint64 took; /* us from the first byte to the last */
  gint64 cpu;  /* us */
} Result;

typedef struct
{
  int from_other, to_other;
  NiceAgent *agent;
  gboolean gathered, writable, ready;
  guint64 limit;
  guint seconds;
  Result result;
  gint64 began;
  gboolean is_over;
} Side;

/* --- Counting --- */

static gboolean
on_late (gpointer data)
{
  ((Side *)data)->is_over = TRUE;
  return G_SOURCE_REMOVE;
}

static void
count (Side *self, gsize len)
{
  if (self->began == 0)
    {
      self->began = g_get_monotonic_time ();
      self->result.cpu = cost_get_cpu_us ();
      g_timeout_add_seconds (self->seconds, on_late, self);
    }
  self->result.bytes += len;
  self->result.took = g_get_monotonic_time () - self->began;
  if (self->result.bytes >= self->limit
      || self->result.took > (gint64)self->seconds * G_USEC_PER_SEC)
    self->is_over = TRUE;
}

static void
tell_result (Side *self)
{
  self->result.cpu = cost_get_cpu_us () - self->result.cpu;
  if (write (self->to_other, &self->result, sizeof self->result) < 0)
    exit (1);
}

static void
print_result (Side *self, gint64 cpu_before)
{
  Result result;

  if (read (self->from_other, &result, sizeof result) != sizeof result)
    exit (1);
  result.cpu += cost_get_cpu_us () - cpu_before;
  printf ("%.3f\ncpu %.3f\n", (gdouble)result.bytes / (gdouble)MAX (result.took, 1),
          (gdouble)result.cpu / 1e3 / ((gdouble)result.bytes / MB));
}

/* --- Agents --- */

static void
on_data (NiceAgent *agent, guint stream, guint component, guint len, gchar *data,
         gpointer side)
{
  count (side, len);
}

static void
on_gathered (NiceAgent *agent, guint stream, Side *self)
{
  self->gathered = TRUE;
}

static void
on_writable (NiceAgent *agent, guint stream, guint component, Side *self)
{
  self->writable = TRUE;
}

static void
exchange_descriptions (Side *self)
{
  g_autofree gchar *ours = nice_agent_generate_local_sdp (self->agent);
  gchar theirs[8192] = "";
  const gsize len = strlen (ours) + 1;

  if (write (self->to_other, ours, len) != (gssize)len)
    exit (1);
  for (gsize i = 0; i < sizeof theirs - 1; i++)
    if (read (self->from_other, theirs + i, 1) != 1 || theirs[i] == '\0')
      break;
  nice_agent_parse_remote_sdp (self->agent, theirs);
}

static void
make_agent (Side *self, const char *address, gboolean sends, gboolean tcp)
{
  NiceAddress local;

  self->agent = nice_agent_new_reliable (NULL, NICE_COMPATIBILITY_RFC5245);
  g_object_set (self->agent, "upnp", FALSE, "ice-udp", !tcp, "ice-tcp", tcp,
                "controlling-mode", sends, NULL);
  nice_address_init (&local);
  nice_address_set_from_string (&local, address);
  nice_agent_add_local_address (self->agent, &local);
  nice_agent_add_stream (self->agent, 1);
  nice_agent_set_stream_name (self->agent, 1, "application");
  g_signal_connect (self->agent, "candidate-gathering-done", G_CALLBACK (on_gathered),
                    self);
  g_signal_connect (self->agent, "reliable-transport-writable", G_CALLBACK (on_writable),
                    self);
  nice_agent_attach_recv (self->agent, 1, 1, NULL, on_data, self);
  nice_agent_gather_candidates (self->agent, 1);
  while (!self->gathered)
    g_main_context_iteration (NULL, TRUE);
  exchange_descriptions (self);
}

static gboolean
on_result (GIOChannel *channel, GIOCondition condition, gpointer data)
{
  ((Side *)data)->is_over = TRUE;
  return G_SOURCE_REMOVE;
}

static void
send_bytes (Side *self)
{
  static gchar chunk[CHUNK];
  GIOChannel *channel = g_io_channel_unix_new (self->from_other);
  gint64 before;

  while (!self->writable)
    g_main_context_iteration (NULL, TRUE);
  g_io_add_watch (channel, G_IO_IN | G_IO_HUP, on_result, self);
  before = cost_get_cpu_us ();
  while (!self->is_over)
    {
      self->writable = FALSE;
      while (nice_agent_send (self->agent, 1, 1, CHUNK, chunk) > 0 && !self->is_over)
        g_main_context_iteration (NULL, FALSE);
      while (!self->writable && !self->is_over)
        g_main_context_iteration (NULL, TRUE);
    }
  print_result (self, before);
  g_io_channel_unref (channel);
}

static void
run_agents (Side *self, gboolean sends, gboolean tcp)
{
  make_agent (self, place_enter (sends ? 0 : 1), sends, tcp);
  if (sends)
    {
      send_bytes (self);
      return;
    }
  while (!self->is_over)
    g_main_context_iteration (NULL, TRUE);
  tell_result (self);
}

/* --- The kernel's --- */

static void
run_kernel (Side *self, gboolean sends)
{
  static gchar chunk[CHUNK];
  struct sockaddr_in address = { .sin_family = AF_INET };
  socklen_t len = sizeof address;
  gint64 before;
  gssize n;
  int fd;

  inet_pton (AF_INET, place_enter (sends ? 0 : 1), &address.sin_addr);
  fd = socket (AF_INET, SOCK_STREAM, 0); /* of that place */
  if (!sends)
    {
      int peer;

      if (bind (fd, (struct sockaddr *)&address, len) != 0 || listen (fd, 1) != 0
          || getsockname (fd, (struct sockaddr *)&address, &len) != 0
          || write (self->to_other, &address, sizeof address) != sizeof address)
        exit (1);
      peer = accept (fd, NULL, NULL);
      while (!self->is_over && (n = recv (peer, chunk, CHUNK, 0)) > 0)
        count (self, (gsize)n);
      tell_result (self);
      exit (0);
    }
  if (read (self->from_other, &address, sizeof address) != sizeof address
      || connect (fd, (struct sockaddr *)&address, sizeof address) != 0)
    exit (1);
  before = cost_get_cpu_us ();
  while (send (fd, chunk, CHUNK, MSG_NOSIGNAL) > 0)
    ;
  print_result (self, before);
}

int
main (int argc, char **argv)
{
  const char *what = argc > 1 ? argv[1] : "agents";
  Side side = { .limit = (guint64)(MB * (argc > 2 ? atof (argv[2]) : 100)),
                .seconds = argc > 3 ? (guint)atoi (argv[3]) : 10 };
  int there[2], back[2];
  gboolean sends;

  if (pipe (there) != 0 || pipe (back) != 0)
    return 1;
  sends = fork () != 0;
  side.from_other = sends ? back[0] : there[0];
  side.to_other = sends ? there[1] : back[1];
  close (sends ? there[0] : back[0]);
  close (sends ? back[1] : there[1]);
  if (strcmp (what, "kernel") == 0)
    run_kernel (&side, sends);
  else
    run_agents (&side, sends, strcmp (what, "tcp") == 0);
  fflush (stdout);
  if (sends)
    {
      close (side.to_other);
      wait (NULL);
    }
  _exit (0);
}
