/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One end of a reliable connection on whatever libnice.so.10 the loader finds: tells the
 * other end of itself, connects, and does what its arguments say, one after the other.
 * What happened goes to standard output, a line each. It must not know who is the peer.
 *
 * Usage: reliable-end offer|answer udp|tcp streams|calls|callback ACTION…
 *   send:N   N bytes, and how many there were so far with their sum
 *   read:N   the same of N bytes that came
 *   end      all that comes until there is an end or an error
 *   failed   waits for the component to fail
 *   shut     closes the writing half of the GIOStream; close: both halves
 *   remove   removes the stream; drop: lets go of the agent
 *   meet     waits for the other end to be here too */
#include <nice/agent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK 5000

typedef enum
{
  BY_STREAMS,
  BY_CALLS,
  BY_CALLBACK
} Manner;

typedef struct
{
  Manner manner;
  NiceAgent *agent;
  guint stream;
  GIOStream *io;
  GMainLoop *loop; /* of the agent's context, in a thread of its own */
  GChecksum *sent, *heard;
  guint64 n_sent, n_heard;
  GMutex lock; /* of what signals tell */
  GCond changed;
  gboolean gathered, is_removed;
  guint n_writable;
  guint state;
  GByteArray *arrived;
  gchar *ending; /* why the reader has stopped */
  GThread *reader;
  GCancellable *enough;
} End;

/* --- What signals tell --- */

static void
on_gathered (NiceAgent *agent, guint stream, End *self)
{
  g_mutex_lock (&self->lock);
  self->gathered = TRUE;
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
}

static void
on_writable (NiceAgent *agent, guint stream, guint component, End *self)
{
  g_mutex_lock (&self->lock);
  self->n_writable++;
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
}

static void
on_state (NiceAgent *agent, guint stream, guint component, guint state, End *self)
{
  g_mutex_lock (&self->lock);
  self->state = state;
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
}

static void
on_data (NiceAgent *agent, guint stream, guint component, guint len, gchar *data,
         gpointer user_data)
{
  End *self = user_data;

  g_mutex_lock (&self->lock);
  g_byte_array_append (self->arrived, (const guint8 *)data, len);
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
}

#define wait_for(self, condition)                                                        \
  G_STMT_START                                                                           \
  {                                                                                      \
    g_mutex_lock (&(self)->lock);                                                        \
    while (!(condition))                                                                 \
      g_cond_wait (&(self)->changed, &(self)->lock);                                     \
    g_mutex_unlock (&(self)->lock);                                                      \
  }                                                                                      \
  G_STMT_END

/* --- Bytes --- */

static void
say_sum (const gchar *what, guint64 n, GChecksum *sum, const gchar *end)
{
  g_autoptr (GChecksum) copy = g_checksum_copy (sum);

  printf ("%s %" G_GUINT64_FORMAT " %s %s\n", what, n, g_checksum_get_string (copy), end);
}

static gsize
write_some (End *self, const guint8 *data, gsize size)
{
  g_autoptr (GError) error = NULL;
  guint n_writable;
  gssize n;

  if (self->manner == BY_STREAMS)
    {
      n = g_output_stream_write (g_io_stream_get_output_stream (self->io), data, size,
                                 NULL, &error);
      if (error != NULL)
        printf ("cannot write: %s\n", error->message);
      return n > 0 ? (gsize)n : 0;
    }
  for (;;)
    {
      g_mutex_lock (&self->lock);
      n_writable = self->n_writable;
      g_mutex_unlock (&self->lock);
      n = nice_agent_send (self->agent, self->stream, 1, (guint)size,
                           (const gchar *)data);
      if (n > 0)
        return (gsize)n;
      wait_for (self, self->n_writable != n_writable);
    }
}

static void
send_bytes (End *self, guint64 n)
{
  guint8 data[CHUNK];

  for (guint64 left = n; left > 0;)
    {
      gsize size = MIN (left, sizeof data), done;

      for (gsize i = 0; i < size; i++)
        data[i] = (guint8)((self->n_sent + i) * 2654435761u >> 13);
      done = write_some (self, data, size);
      if (done == 0)
        break;
      g_checksum_update (self->sent, data, (gssize)done);
      self->n_sent += done;
      left -= done;
    }
  say_sum ("sent", self->n_sent, self->sent, "");
}

/* A thread that reads all the time: libnice looks at its sockets in nothing but a call
 * that reads. A call of the agent fills its buffer before it returns, so amounts are
 * multiples of CHUNK. */
static gpointer
run_reader (gpointer data)
{
  End *self = data;
  guint8 chunk[CHUNK];
  gssize n = 1;

  while (n > 0)
    {
      g_autoptr (GError) error = NULL;

      n = self->manner == BY_STREAMS
              ? g_input_stream_read (g_io_stream_get_input_stream (self->io), chunk,
                                     sizeof chunk, self->enough, &error)
              : nice_agent_recv (self->agent, self->stream, 1, chunk, sizeof chunk,
                                 self->enough, &error);
      g_mutex_lock (&self->lock);
      if (n > 0)
        g_byte_array_append (self->arrived, chunk, (guint)n);
      else
        self->ending = g_strdup (n == 0 ? "end" : error->message);
      g_cond_broadcast (&self->changed);
      g_mutex_unlock (&self->lock);
    }
  return NULL;
}

static void
stop_reading (End *self)
{
  g_cancellable_cancel (self->enough);
  if (self->reader != NULL)
    g_thread_join (g_steal_pointer (&self->reader));
}

static void
read_bytes (End *self, guint limit)
{
  guint n;

  wait_for (self, self->arrived->len >= limit || self->ending != NULL);
  g_mutex_lock (&self->lock);
  n = MIN (limit, self->arrived->len);
  g_checksum_update (self->heard, self->arrived->data, (gssize)n);
  g_byte_array_remove_range (self->arrived, 0, n);
  self->n_heard += n;
  say_sum ("heard", self->n_heard, self->heard,
           n < limit && self->ending != NULL ? self->ending : "");
  g_mutex_unlock (&self->lock);
}

/* --- Actions --- */

static void
meet (void)
{
  gchar line[8];

  puts ("meet");
  if (fgets (line, sizeof line, stdin) == NULL)
    exit (1);
}

static void
close_io (End *self)
{
  g_autoptr (GError) error = NULL;

  stop_reading (self);
  if (!g_io_stream_close (self->io, NULL, &error))
    printf ("cannot close: %s\n", error->message);
}

static void
shut (End *self)
{
  g_autoptr (GError) error = NULL;

  if (!g_output_stream_close (g_io_stream_get_output_stream (self->io), NULL, &error))
    printf ("cannot shut: %s\n", error->message);
}

/* In the agent's context; a loop that does not run yet does not notice that it is to
 * stop.
 */
static void
invoke (End *self, GSourceFunc func)
{
  g_autoptr (GSource) source = g_idle_source_new ();

  g_source_set_callback (source, func, self, NULL);
  g_source_attach (source, g_main_loop_get_context (self->loop));
}

static gboolean
on_quit (gpointer data)
{
  g_main_loop_quit (((End *)data)->loop);
  return G_SOURCE_REMOVE;
}

static gboolean
on_remove (gpointer data)
{
  End *self = data;

  nice_agent_remove_stream (self->agent, self->stream);
  g_mutex_lock (&self->lock);
  self->is_removed = TRUE;
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
  return G_SOURCE_REMOVE;
}

/* Where its sockets are read: libnice 0.1.21 crashes in one of ten runs when a stream
 * goes while another thread reads for it. */
static void
remove_stream (End *self)
{
  if (self->manner == BY_CALLBACK)
    {
      invoke (self, on_remove);
      wait_for (self, self->is_removed);
    }
  else
    on_remove (self);
  stop_reading (self);
}

static void
act (End *self, const gchar *action)
{
  if (g_str_has_prefix (action, "send:"))
    send_bytes (self, g_ascii_strtoull (action + 5, NULL, 10));
  else if (g_str_has_prefix (action, "read:"))
    read_bytes (self, (guint)g_ascii_strtoull (action + 5, NULL, 10));
  else if (strcmp (action, "end") == 0)
    read_bytes (self, G_MAXUINT);
  else if (strcmp (action, "failed") == 0)
    wait_for (self, self->state == NICE_COMPONENT_STATE_FAILED);
  else if (strcmp (action, "shut") == 0)
    shut (self);
  else if (strcmp (action, "close") == 0)
    close_io (self);
  else if (strcmp (action, "remove") == 0)
    remove_stream (self);
  else if (strcmp (action, "drop") == 0)
    {
      stop_reading (self);
      g_clear_object (&self->agent);
    }
  else if (strcmp (action, "meet") == 0)
    meet ();
  else
    g_error ("no action %s", action);
}

/* --- Connecting --- */

static gpointer
run_loop (gpointer loop)
{
  GMainContext *context = g_main_loop_get_context (loop);

  g_main_context_push_thread_default (context);
  g_main_loop_run (loop);
  g_main_context_pop_thread_default (context);
  return NULL;
}

static void
tell (End *self)
{
  g_autofree gchar *sdp = nice_agent_generate_local_sdp (self->agent);

  printf ("%s.\n", sdp);
}

static void
learn (End *self)
{
  g_autoptr (GString) sdp = g_string_new (NULL);
  gchar line[1000];

  while (fgets (line, sizeof line, stdin) != NULL && strcmp (line, ".\n") != 0)
    g_string_append (sdp, line);
  if (nice_agent_parse_remote_sdp (self->agent, sdp->str) <= 0)
    g_error ("no candidates in %s", sdp->str);
}

static void
make_agent (End *self, gboolean offers, gboolean tcp)
{
  GMainContext *context = g_main_loop_get_context (self->loop);
  NiceAddress address;

  self->agent = nice_agent_new_reliable (context, NICE_COMPATIBILITY_RFC5245);
  g_object_set (self->agent, "upnp", FALSE, "ice-udp", !tcp, "ice-tcp", tcp,
                "controlling-mode", offers, NULL);
  nice_address_init (&address);
  nice_address_set_from_string (&address, "127.0.0.1");
  nice_agent_add_local_address (self->agent, &address);
  self->stream = nice_agent_add_stream (self->agent, 1);
  nice_agent_set_stream_name (self->agent, self->stream, "application");
  g_signal_connect (self->agent, "candidate-gathering-done", G_CALLBACK (on_gathered),
                    self);
  g_signal_connect (self->agent, "reliable-transport-writable", G_CALLBACK (on_writable),
                    self);
  g_signal_connect (self->agent, "component-state-changed", G_CALLBACK (on_state), self);
  if (self->manner == BY_CALLBACK)
    nice_agent_attach_recv (self->agent, self->stream, 1, context, on_data, self);
  else if (self->manner == BY_STREAMS)
    self->io = nice_agent_get_io_stream (self->agent, self->stream, 1);
}

int
main (int argc, char **argv)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  End end = { .loop = g_main_loop_new (context, FALSE),
              .sent = g_checksum_new (G_CHECKSUM_SHA1),
              .heard = g_checksum_new (G_CHECKSUM_SHA1),
              .arrived = g_byte_array_new (),
              .enough = g_cancellable_new () };
  const gboolean offers = argc > 3 && strcmp (argv[1], "offer") == 0;
  GThread *thread;

  if (argc < 4)
    return 2;
  setvbuf (stdout, NULL, _IOLBF, 0);
  end.manner = strcmp (argv[3], "streams") == 0 ? BY_STREAMS
               : strcmp (argv[3], "calls") == 0 ? BY_CALLS
                                                : BY_CALLBACK;
  make_agent (&end, offers, strcmp (argv[2], "tcp") == 0);
  thread = g_thread_new ("agent", run_loop, end.loop);
  nice_agent_gather_candidates (end.agent, end.stream);
  wait_for (&end, end.gathered);
  if (offers)
    tell (&end);
  learn (&end);
  if (!offers)
    tell (&end);
  if (end.manner != BY_CALLBACK)
    end.reader = g_thread_new ("reader", run_reader, &end);
  for (int i = 4; i < argc; i++)
    act (&end, argv[i]);
  puts ("over");
  stop_reading (&end);

  invoke (&end, on_quit);
  g_thread_join (thread);
  g_clear_object (&end.io);
  g_clear_object (&end.agent);
  g_object_unref (end.enough);
  g_free (end.ending);
  g_main_loop_unref (end.loop);
  g_checksum_free (end.sent);
  g_checksum_free (end.heard);
  g_byte_array_unref (end.arrived);
  return 0;
}
