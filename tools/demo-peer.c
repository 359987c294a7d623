/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The second process of the demo: answers the description it reads, counts the bytes it
 * gets, and says how many. It ends when its standard input does. */
#include "config.h"

#include "demo-peer.h"

#include "link.h"
#include "session.h"

#include <stdio.h>

#include <gio/gio.h>
#include <gio/gunixinputstream.h>
#include <unistd.h>

typedef struct
{
  GMainLoop *loop;
  GDataInputStream *input;
  Link *link;
  Session *session; /* the link's */
  guint64 bytes;
  gboolean told;
} Peer;

static void
tell (const char *line)
{
  printf ("%s\n", line);
  fflush (stdout);
}

static void
complain (const GError *error)
{
  fprintf (stderr, "icecold: %s\n", error->message);
}

static gssize
fill (guint8 *dest, gsize size, gpointer user_data)
{
  return LINK_END;
}

static void
on_arrived (const guint8 *data, gsize len, gpointer user_data)
{
  Peer *self = user_data;

  self->bytes += len;
  link_consume (self->link);
}

static void
on_progress (gpointer user_data)
{
  Peer *self = user_data;
  g_autofree char *line = NULL;

  if (!link_is_received (self->link) || self->told)
    return;
  self->told = TRUE;
  line = g_strdup_printf ("%" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT, self->bytes,
                          link_get_lost (self->link));
  tell (line);
}

static void
on_failed (const GError *error, gpointer user_data)
{
  Peer *self = user_data;

  complain (error);
  g_main_loop_quit (self->loop);
}

static void
on_gathered (gpointer user_data)
{
  Peer *self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *line = session_dup_line (self->session, &error);

  if (line != NULL)
    tell (line);
  else
    on_failed (error, self);
}

static void
on_state_changed (NiceComponentState state, gpointer user_data)
{
  Peer *self = user_data;

  if (state == NICE_COMPONENT_STATE_CONNECTED || state == NICE_COMPONENT_STATE_READY)
    link_start (self->link);
}

static void
on_line (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Peer *self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *line =
      g_data_input_stream_read_line_finish (self->input, result, NULL, &error);

  if (line == NULL)
    {
      g_main_loop_quit (self->loop);
      return;
    }
  if (session_gather (self->session, &error)
      && session_accept_line (self->session, line, &error))
    g_data_input_stream_read_line_async (self->input, G_PRIORITY_DEFAULT, NULL, on_line,
                                         self);
  else
    on_failed (error, self);
}

int
demo_peer_run (void)
{
  static const SessionConfig config = { .controlling = FALSE };
  static const LinkEvents events = { on_gathered, on_state_changed, fill,
                                     on_arrived,  on_progress,      on_failed };
  g_autoptr (GInputStream) stdin_stream = g_unix_input_stream_new (STDIN_FILENO, FALSE);
  Peer self = { NULL };

  self.loop = g_main_loop_new (NULL, FALSE);
  self.input = g_data_input_stream_new (stdin_stream);
  self.link = link_new (&config, &events, &self);
  self.session = link_get_session (self.link);
  g_data_input_stream_read_line_async (self.input, G_PRIORITY_DEFAULT, NULL, on_line,
                                       &self);
  tell ("ready");
  g_main_loop_run (self.loop);

  link_free (self.link);
  g_object_unref (self.input);
  g_main_loop_unref (self.loop);
  return self.told ? 0 : 1;
}
