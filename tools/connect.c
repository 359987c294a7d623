/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* icecold connect: a netcat over ICE. Prints this side's line, takes the other's, then
 * joins standard input and output to the path. It decides who reads which line from
 * where, and when both directions are over; the bytes are the business of the link.
 *
 * Standard output carries the peer's bytes and nothing else: all talk goes to standard
 * error. The main loop never blocks in a read or a write, for the path needs its answers
 * to checks (RFC 7675) while a reader or writer is slow. */
#include "config.h"

#include "commands.h"
#include "i18n.h"
#include "link.h"
#include "options.h"
#include "session.h"
#include "table.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <gio/gio.h>
#include <gio/gunixinputstream.h>
#include <glib-unix.h>

#define INPUT_BUFFER 65536
/* How long a side that is done stays, for the other to ask again if it missed the news.
 */
#define LINGER_MS 300

typedef struct
{
  char **servers;        /* URIs, or NULL */
  char *user, *password; /* of TURN servers, or NULL */
  char *trust_file;      /* NULL: the system's authorities */
  char *read_from;       /* NULL: the terminal */
  char *write_to;        /* NULL: standard error */
  gboolean datagrams;
  gboolean loopback;
  gboolean show_pairs;
  const char *offer; /* NULL: we make the offer */
} Options;

typedef struct
{
  const Options *options;
  GMainLoop *loop;
  Link *link;
  Session *session; /* the link's */
  GDataInputStream *lines;
  gboolean interactive; /* a bad paste may be tried again */
  gboolean connected, failed;
  guint linger_source; /* both directions are over */

  guint8 input[INPUT_BUFFER];
  gsize input_at, input_len;
  gboolean input_ended;
  guint input_source;

  GQueue output; /* GBytes */
  gsize output_at;
  guint output_source;
} Connect;

static void read_line (Connect *self);

/* What fails when both directions are over is the other side leaving. */
static void
fail (Connect *self, const char *message)
{
  g_main_loop_quit (self->loop);
  if (self->linger_source != 0)
    return;
  fprintf (stderr, "icecold: %s\n", message);
  self->failed = TRUE;
}

static gboolean
is_ready (int fd, short events)
{
  struct pollfd poll_fd = { .fd = fd, .events = events };

  return poll (&poll_fd, 1, 0) > 0;
}

/* --- Standard input to the link --- */

static gboolean
on_input_ready (int fd, GIOCondition condition, gpointer user_data)
{
  Connect *self = user_data;

  self->input_source = 0;
  link_wake (self->link);
  return G_SOURCE_REMOVE;
}

static void
read_input (Connect *self)
{
  gssize n;

  if (!is_ready (STDIN_FILENO, POLLIN))
    {
      if (self->input_source == 0)
        self->input_source =
            g_unix_fd_add (STDIN_FILENO, G_IO_IN | G_IO_HUP, on_input_ready, self);
      return;
    }
  n = read (STDIN_FILENO, self->input, sizeof self->input);
  self->input_at = 0;
  self->input_len = MAX (n, 0);
  if (n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN))
    self->input_ended = TRUE;
}

static gssize
fill (guint8 *dest, gsize size, gpointer user_data)
{
  Connect *self = user_data;
  gsize len;

  if (self->input_at == self->input_len && !self->input_ended)
    read_input (self);
  if (self->input_at == self->input_len)
    return self->input_ended ? LINK_END : 0;
  len = MIN (size, self->input_len - self->input_at);
  memcpy (dest, self->input + self->input_at, len);
  self->input_at += len;
  return len;
}

/* --- The link to standard output --- */

static void write_output (Connect *self);

static gboolean
on_output_ready (int fd, GIOCondition condition, gpointer user_data)
{
  Connect *self = user_data;

  self->output_source = 0;
  write_output (self);
  return G_SOURCE_REMOVE;
}

/* FALSE when the front of the queue could not be written to its end. A piece is smaller
 * than PIPE_BUF, so that what poll() calls writable does not block. */
static gboolean
write_front (Connect *self)
{
  GBytes *front = g_queue_peek_head (&self->output);
  gsize len;
  const guint8 *data = g_bytes_get_data (front, &len);
  gssize n;

  if (!is_ready (STDOUT_FILENO, POLLOUT))
    return FALSE;
  n = write (STDOUT_FILENO, data + self->output_at, len - self->output_at);
  if (n < 0 && errno != EINTR && errno != EAGAIN)
    {
      g_autofree char *message = g_strdup_printf (
          _ ("cannot write to %s: %s"), _ ("standard output"), g_strerror (errno));

      fail (self, message);
      return FALSE;
    }
  self->output_at += MAX (n, 0);
  if (self->output_at < len)
    return FALSE;
  g_bytes_unref (g_queue_pop_head (&self->output));
  self->output_at = 0;
  return TRUE;
}

static void
write_output (Connect *self)
{
  while (!g_queue_is_empty (&self->output) && write_front (self))
    link_consume (self->link);
  if (!g_queue_is_empty (&self->output) && self->output_source == 0 && !self->failed)
    self->output_source = g_unix_fd_add (STDOUT_FILENO, G_IO_OUT, on_output_ready, self);
}

static void
on_arrived (const guint8 *data, gsize len, gpointer user_data)
{
  Connect *self = user_data;

  g_queue_push_tail (&self->output, g_bytes_new (data, len));
  write_output (self);
}

static gboolean
on_linger_over (gpointer user_data)
{
  Connect *self = user_data;

  g_main_loop_quit (self->loop);
  return G_SOURCE_CONTINUE;
}

static void
on_progress (gpointer user_data)
{
  Connect *self = user_data;

  if (link_is_sent (self->link) && link_is_received (self->link)
      && self->linger_source == 0)
    self->linger_source = g_timeout_add (LINGER_MS, on_linger_over, self);
}

static void
on_link_failed (const GError *error, gpointer user_data)
{
  fail (user_data, error->message);
}

/* --- The session --- */

static void
show_pairs (Connect *self)
{
  g_autoptr (GPtrArray) pairs = NULL;
  g_autofree char *table = NULL;

  if (!self->options->show_pairs)
    return;
  pairs = session_get_pairs (self->session);
  table = table_format (pairs, 0, FALSE);
  fputs (table, stderr);
}

static void
show_connected (Connect *self)
{
  g_autofree char *selected = session_dup_selected (self->session);

  show_pairs (self);
  fprintf (stderr, _ ("Connected: %s\n"), selected != NULL ? selected : "-");
  if (self->options->datagrams)
    fputs (_ ("The path carries datagrams: what the network loses is reported, not sent "
              "again.\n"),
           stderr);
}

static void
on_state_changed (NiceComponentState state, gpointer user_data)
{
  Connect *self = user_data;

  if (state == NICE_COMPONENT_STATE_FAILED && self->connected)
    fail (self, _ ("the path to the other side is lost"));
  else if (state == NICE_COMPONENT_STATE_FAILED)
    {
      show_pairs (self);
      fail (self, _ ("no pair of addresses works between the two sides; with "
                     "--server there may be one"));
    }
  if (state == NICE_COMPONENT_STATE_READY && !self->connected)
    {
      self->connected = TRUE;
      show_connected (self);
      link_start (self->link);
    }
}

/* In place: the file may be a pipe with a name. */
static gboolean
write_line (const char *name, const char *line)
{
  FILE *file = fopen (name, "w");
  gboolean written;

  if (file == NULL)
    return FALSE;
  written = fprintf (file, "%s\n", line) > 0;
  return fclose (file) == 0 && written;
}

static gboolean
print_line (Connect *self, const char *line, GError **error)
{
  const char *name = self->options->write_to;

  if (name != NULL)
    {
      if (write_line (name, line))
        return TRUE;
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, _ ("cannot write to %s: %s"),
                   name, g_strerror (errno));
      return FALSE;
    }
  fputs (self->options->offer != NULL
             ? _ ("Paste this answer to the other side:\n\n")
             : _ ("On the other side run “icecold connect” with this offer:\n\n"),
         stderr);
  fprintf (stderr, "%s\n\n", line);
  return TRUE;
}

static void
on_gathered (gpointer user_data)
{
  Connect *self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *line = session_dup_line (self->session, &error);
  g_auto (GStrv) failures = session_get_server_failures (self->session);

  for (char **failure = failures; *failure != NULL; failure++)
    fprintf (stderr, "icecold: %s\n", *failure);
  if (line == NULL || !print_line (self, line, &error))
    fail (self, error->message);
  else if (self->options->offer == NULL)
    read_line (self);
}

/* --- The other side's line --- */

static void
on_line (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Connect *self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *line =
      g_data_input_stream_read_line_finish (self->lines, result, NULL, &error);

  if (line == NULL)
    {
      fail (self, error != NULL ? error->message : _ ("there was no answer"));
      return;
    }
  if (session_accept_line (self->session, line, &error))
    return;
  if (!self->interactive)
    {
      fail (self, error->message);
      return;
    }
  fprintf (stderr, "%s\n", error->message);
  read_line (self);
}

/* Standard input is for data, so that "icecold connect < file" works: the answer comes
 * from the terminal itself or from a file. */
static gboolean
open_lines (Connect *self)
{
  const char *name =
      self->options->read_from != NULL ? self->options->read_from : "/dev/tty";
  const int fd = open (name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  g_autoptr (GInputStream) stream = NULL;

  if (fd < 0)
    {
      g_autofree char *message = g_strdup_printf (
          _ ("cannot read the answer from %s: %s; --read=FILE reads it elsewhere"), name,
          g_strerror (errno));

      fail (self, message);
      return FALSE;
    }
  stream = g_unix_input_stream_new (fd, TRUE);
  self->lines = g_data_input_stream_new (stream);
  self->interactive = isatty (fd);
  return TRUE;
}

static void
read_line (Connect *self)
{
  if (self->lines == NULL && !open_lines (self))
    return;
  if (self->interactive)
    fputs (_ ("Paste the answer of the other side:\n"), stderr);
  g_data_input_stream_read_line_async (self->lines, G_PRIORITY_DEFAULT, NULL, on_line,
                                       self);
}

/* --- Beginning and end --- */

static void
begin (Connect *self)
{
  g_autoptr (GError) error = NULL;

  if ((self->options->offer != NULL
       && !session_accept_line (self->session, self->options->offer, &error))
      || !session_gather (self->session, &error))
    fail (self, error->message);
}

static int
end (Connect *self)
{
  const guint64 lost = link_get_lost (self->link);

  if (self->failed)
    return 1;
  if (lost > 0)
    {
      fprintf (stderr,
               g_dngettext (GETTEXT_PACKAGE,
                            "icecold: %llu datagram was lost: there is a hole in the "
                            "data\n",
                            "icecold: %llu datagrams were lost: there are holes in the "
                            "data\n",
                            lost),
               (unsigned long long)lost);
      return 1;
    }
  return 0;
}

static gboolean
on_begin (gpointer user_data)
{
  begin (user_data);
  return G_SOURCE_REMOVE;
}

static gboolean
add_servers (Connect *self)
{
  const Options *options = self->options;
  g_autoptr (GError) error = NULL;

  for (char **uri = options->servers; uri != NULL && *uri != NULL; uri++)
    if (!session_add_server (self->session, *uri, options->user, options->password,
                             &error))
      {
        fprintf (stderr, "icecold: %s\n", error->message);
        return FALSE;
      }
  return TRUE;
}

static int
connect_run (const Options *options)
{
  static const LinkEvents events = { on_gathered, on_state_changed, fill,
                                     on_arrived,  on_progress,      on_link_failed };
  const SessionConfig config = {
    .controlling = options->offer == NULL,
    .reliable = !options->datagrams,
    .loopback = options->loopback,
    .trust_file = options->trust_file,
  };
  g_autofree Connect *self = g_new0 (Connect, 1);
  int status = EXIT_USAGE;

  /* A reader that went away is told by write(). */
  signal (SIGPIPE, SIG_IGN);
  self->options = options;
  g_queue_init (&self->output);
  self->loop = g_main_loop_new (NULL, FALSE);
  self->link = link_new (&config, &events, self);
  self->session = link_get_session (self->link);
  if (add_servers (self))
    {
      g_idle_add (on_begin, self);
      g_main_loop_run (self->loop);
      status = end (self);
    }
  g_clear_handle_id (&self->input_source, g_source_remove);
  g_clear_handle_id (&self->output_source, g_source_remove);
  g_clear_handle_id (&self->linger_source, g_source_remove);
  g_queue_clear_full (&self->output, (GDestroyNotify)g_bytes_unref);
  link_free (self->link);
  g_clear_object (&self->lines);
  g_main_loop_unref (self->loop);
  return status;
}

static void
clear_options (Options *options)
{
  g_strfreev (options->servers);
  g_free (options->user);
  g_free (options->password);
  g_free (options->trust_file);
  g_free (options->read_from);
  g_free (options->write_to);
}

int
command_connect (int argc, char **argv)
{
  Options options = { 0 };
  g_autofree char *user = NULL;
  const GOptionEntry entries[] = {
    { "server", 's', 0, G_OPTION_ARG_STRING_ARRAY, &options.servers,
      N_ ("Use this server: stun:HOST, turn:HOST, or with TLS stuns:HOST, turns:HOST"),
      N_ ("URI") },
    { "user", 'u', 0, G_OPTION_ARG_STRING, &user, N_ ("Who we are to TURN servers"),
      N_ ("USER:PASSWORD") },
    { "ca", 0, 0, G_OPTION_ARG_FILENAME, &options.trust_file,
      N_ ("Trust the authorities in this PEM file, not the system's"), N_ ("FILE") },
    { "read", 'r', 0, G_OPTION_ARG_FILENAME, &options.read_from,
      N_ ("Read the other side's line from FILE, not from the terminal"), N_ ("FILE") },
    { "write", 'w', 0, G_OPTION_ARG_FILENAME, &options.write_to,
      N_ ("Write this side's line to FILE, not to standard error"), N_ ("FILE") },
    { "datagrams", 'd', 0, G_OPTION_ARG_NONE, &options.datagrams,
      N_ ("Carry datagrams: what the network loses is reported, not sent again"), NULL },
    { "loopback", 0, 0, G_OPTION_ARG_NONE, &options.loopback,
      N_ ("Use the loopback addresses only"), NULL },
    { "pairs", 'p', 0, G_OPTION_ARG_NONE, &options.show_pairs,
      N_ ("Show the pairs of addresses when connected, or when that failed"), NULL },
    G_OPTION_ENTRY_NULL,
  };
  int status = EXIT_USAGE;

  if (options_parse (&argc, &argv, entries, "connect",
                     _ ("Without OFFER prints an offer and reads the answer; with OFFER "
                        "prints the answer.\nThen joins standard input and output to the "
                        "other side's."),
                     _ ("[OFFER]"), 1)
      && (user == NULL || options_parse_user (user, &options.user, &options.password)))
    {
      options.offer = argc > 1 ? argv[1] : NULL;
      status = connect_run (&options);
    }
  clear_options (&options);
  return status;
}
