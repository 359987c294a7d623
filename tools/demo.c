/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* icecold demo: shows on one machine, in a second, what the library does. This process
 * and a second one have an agent each; a pipe between them is their signalling. The first
 * shows the pairs as they live, sends 10 MB, and says what it took.
 *
 * Signalling, one line each: the second says "ready"; the first its description; the
 * second its own, and at the end the bytes it got and the datagrams it missed. It ends
 * when the pipe does. */
#include "config.h"

#include "commands.h"
#include "demo-peer.h"
#include "i18n.h"
#include "link.h"
#include "options.h"
#include "screen.h"
#include "session.h"
#include "table.h"

#include <stdio.h>
#include <string.h>

#include <gio/gio.h>

#define DEMO_BYTES (10 * 1000 * 1000)
#define FRAME_MS 50
#define PATIENCE_S 30

typedef enum
{
  AWAIT_READY,
  AWAIT_DESCRIPTION,
  AWAIT_COUNT,
  AWAIT_NOTHING
} Await;

typedef struct
{
  Screen screen;
  GMainLoop *loop;
  GSubprocess *peer;
  GDataInputStream *from_peer;
  GOutputStream *to_peer;
  Link *link;
  Session *session; /* the link's */
  Await await;
  gint64 gathering_at, connected_at, ready_at, ended_at;
  gsize sent;
  guint64 received, lost;
  gboolean failed;
} Demo;

static void
fail (Demo *self, const char *message)
{
  fprintf (stderr, "icecold: %s\n", message);
  self->failed = TRUE;
  g_main_loop_quit (self->loop);
}

static void say (Demo *self, const char *format, ...) G_GNUC_PRINTF (2, 3);

static void
say (Demo *self, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  screen_print (&self->screen, text);
}

static char *
format_pairs (Demo *self)
{
  g_autoptr (GPtrArray) pairs = session_get_pairs (self->session);

  if (pairs->len == 0)
    return NULL;
  return table_format (pairs, screen_get_rows (&self->screen), self->screen.colour);
}

static gboolean
on_frame (gpointer user_data)
{
  Demo *self = user_data;
  g_autofree char *table = format_pairs (self);

  if (table != NULL)
    screen_draw (&self->screen, table);
  return G_SOURCE_CONTINUE;
}

static gboolean
on_patience_over (gpointer user_data)
{
  fail (user_data, _ ("the two agents did not finish in time"));
  return G_SOURCE_CONTINUE;
}

/* --- The 10 MB --- */

static gssize
fill (guint8 *dest, gsize size, gpointer user_data)
{
  Demo *self = user_data;
  const gsize len = MIN (size, DEMO_BYTES - self->sent);

  if (len == 0)
    return LINK_END;
  memset (dest, 'i', len);
  self->sent += len;
  return len;
}

static void
on_arrived (const guint8 *data, gsize len, gpointer user_data)
{
  Demo *self = user_data;

  link_consume (self->link);
}

static void
on_progress (gpointer user_data)
{
  Demo *self = user_data;

  if (link_is_sent (self->link) && self->ended_at == 0)
    self->ended_at = g_get_monotonic_time ();
  if (self->ended_at != 0 && self->await == AWAIT_NOTHING)
    g_main_loop_quit (self->loop);
}

static void
on_link_failed (const GError *error, gpointer user_data)
{
  fail (user_data, error->message);
}

/* --- The connection --- */

static void
on_state_changed (NiceComponentState state, gpointer user_data)
{
  Demo *self = user_data;
  const gint64 now = g_get_monotonic_time ();

  if (!self->screen.terminal)
    say (self, "%9.3f ms  %s\n", (now - self->gathering_at) / 1000.0,
         nice_component_state_to_string (state));
  if (state == NICE_COMPONENT_STATE_FAILED)
    fail (self, _ ("no pair of addresses works between the two agents"));
  if (state == NICE_COMPONENT_STATE_CONNECTED && self->connected_at == 0)
    self->connected_at = now;
  if (state == NICE_COMPONENT_STATE_READY && self->ready_at == 0)
    {
      self->ready_at = now;
      link_start (self->link);
    }
}

static void
on_gathered (gpointer user_data)
{
  Demo *self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *line = session_dup_line (self->session, &error);
  g_autofree char *text = g_strconcat (line != NULL ? line : "", "\n", NULL);

  if (line == NULL
      || !g_output_stream_write_all (self->to_peer, text, strlen (text), NULL, NULL,
                                     &error))
    fail (self, error->message);
}

static void
handle_count (Demo *self, const char *line)
{
  char *end = NULL;

  self->received = g_ascii_strtoull (line, &end, 10);
  self->lost = g_ascii_strtoull (end, NULL, 10);
  self->await = AWAIT_NOTHING;
  on_progress (self);
}

static void
handle_line (Demo *self, const char *line)
{
  g_autoptr (GError) error = NULL;

  switch (self->await)
    {
    case AWAIT_READY:
      self->await = AWAIT_DESCRIPTION;
      self->gathering_at = g_get_monotonic_time ();
      if (!session_gather (self->session, &error))
        fail (self, error->message);
      break;
    case AWAIT_DESCRIPTION:
      self->await = AWAIT_COUNT;
      if (!session_accept_line (self->session, line, &error))
        fail (self, error->message);
      break;
    case AWAIT_COUNT:
      handle_count (self, line);
      break;
    case AWAIT_NOTHING:
      break;
    }
}

static void
on_line (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Demo *self = user_data;
  g_autofree char *line =
      g_data_input_stream_read_line_finish (self->from_peer, result, NULL, NULL);

  if (line == NULL)
    {
      fail (self, _ ("the second process ended too early"));
      return;
    }
  handle_line (self, line);
  if (self->await != AWAIT_NOTHING)
    g_data_input_stream_read_line_async (self->from_peer, G_PRIORITY_DEFAULT, NULL,
                                         on_line, self);
}

/* --- Beginning and end --- */

static gboolean
spawn_peer (Demo *self, GError **error)
{
  g_autofree char *program = g_file_read_link ("/proc/self/exe", NULL);

  self->peer = g_subprocess_new (
      G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE, error,
      program != NULL ? program : "icecold", "demo", "--peer", NULL);
  if (self->peer == NULL)
    return FALSE;
  self->to_peer = g_subprocess_get_stdin_pipe (self->peer);
  self->from_peer = g_data_input_stream_new (g_subprocess_get_stdout_pipe (self->peer));
  g_data_input_stream_read_line_async (self->from_peer, G_PRIORITY_DEFAULT, NULL, on_line,
                                       self);
  return TRUE;
}

static void
print_outcome (Demo *self)
{
  g_autofree char *table = format_pairs (self);
  g_autofree char *selected = session_dup_selected (self->session);
  const double seconds = (self->ended_at - self->ready_at) / 1e6;

  if (table != NULL && self->screen.terminal)
    screen_draw (&self->screen, table);
  else if (table != NULL)
    say (self, "\n%s", table);
  say (self, "\n");
  say (self, _ ("selected   %s\n"), selected != NULL ? selected : "-");
  say (self, _ ("connected  %.1f ms after gathering began, ready after %.1f ms\n"),
       (self->connected_at - self->gathering_at) / 1000.0,
       (self->ready_at - self->gathering_at) / 1000.0);
  say (self, _ ("moved      %.1f MB in %.1f ms: %.0f MB/s; %llu datagrams lost\n"),
       self->received / 1e6, seconds * 1e3, self->received / 1e6 / seconds,
       (unsigned long long)self->lost);
}

static void
run (Demo *self)
{
  g_autoptr (GError) error = NULL;
  guint frame_source;
  guint patience_source;

  if (!spawn_peer (self, &error))
    {
      fail (self, error->message);
      return;
    }
  frame_source = g_timeout_add (FRAME_MS, on_frame, self);
  patience_source = g_timeout_add_seconds (PATIENCE_S, on_patience_over, self);
  g_main_loop_run (self->loop);
  g_source_remove (frame_source);
  g_source_remove (patience_source);
  if (!self->failed)
    print_outcome (self);
  /* The pipe's end is the second process's end. */
  g_output_stream_close (self->to_peer, NULL, NULL);
  g_subprocess_wait (self->peer, NULL, NULL);
}

static int
demo_run (void)
{
  static const SessionConfig config = { .controlling = TRUE };
  static const LinkEvents events = { on_gathered, on_state_changed, fill,
                                     on_arrived,  on_progress,      on_link_failed };
  Demo self = { 0 };

  screen_init (&self.screen, stdout);
  self.loop = g_main_loop_new (NULL, FALSE);
  self.link = link_new (&config, &events, &self);
  self.session = link_get_session (self.link);
  run (&self);

  link_free (self.link);
  g_clear_object (&self.from_peer);
  g_clear_object (&self.peer);
  g_main_loop_unref (self.loop);
  return self.failed ? 1 : 0;
}

int
command_demo (int argc, char **argv)
{
  gboolean peer = FALSE;
  const GOptionEntry entries[] = {
    { "peer", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_NONE, &peer, NULL, NULL },
    G_OPTION_ENTRY_NULL,
  };

  if (!options_parse (&argc, &argv, entries, "demo",
                      _ ("Two processes with an agent each find each other on this "
                         "machine and move 10 MB."),
                      NULL, 0))
    return EXIT_USAGE;
  return peer ? demo_peer_run () : demo_run ();
}
