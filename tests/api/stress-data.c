/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Messages, and all the ways to get them. Each datagram says which it is, so that it can
 * be told whether it is whole and came once; a function that is called knows whether it
 * was let go of. */
#include "stress.h"

#include <string.h>

#define MAX_SIZE 256
#define MANY 4

/* --- Messages --- */

typedef struct
{
  guint32 id;
  guint32 size;
  guint8 fill[MAX_SIZE - 8]; /* as far as size says, each the last byte of id */
} Message;

/* FALSE: there were enough. */
static gboolean
make_message (Caller *self, Message *message)
{
  const guint id = g_atomic_int_add (&self->arena->n_sent, 1);

  message->id = id;
  message->size = (guint32)g_rand_int_range (self->rand, 8, sizeof *message + 1);
  memset (message->fill, (gint)(id & 0xff), sizeof message->fill);
  return id < STRESS_MESSAGES;
}

/* As handlers and streams send other things, too, in a reliable arena nothing can be
 * said; otherwise what they send is short. */
static void
check_message (Arena *arena, const void *data, gsize size)
{
  const Message *message = data;
  Message copy;
  guint bit;

  g_atomic_int_inc (&arena->n_received);
  if (arena->kind == STRESS_RELIABLE || size < 8)
    return;
  memcpy (&copy, data, MIN (size, sizeof copy));
  message = &copy;
  g_assert_cmpuint (message->size, ==, size);
  g_assert_cmpuint (message->id, <, STRESS_MESSAGES);
  for (guint i = 0; i < size - 8; i++)
    g_assert_cmpuint (message->fill[i], ==, message->id & 0xff);
  bit = 1u << message->id % STRESS_BITS;
  g_assert_cmpuint (g_atomic_int_or (&arena->seen[message->id / STRESS_BITS], bit) & bit,
                    ==, 0);
}

static void
do_send (Caller *self)
{
  Message message;

  for (guint i = 0; i < 20 && make_message (self, &message); i++)
    nice_agent_send (self->own.agent, self->own.stream, 1, message.size,
                     (const gchar *)&message);
}

static void
do_send_many (Caller *self)
{
  g_autoptr (GCancellable) cancellable = arena_dup_cancellable (self->arena);
  g_autoptr (GError) error = NULL;
  Message items[MANY];
  GOutputVector vectors[MANY][2];
  NiceOutputMessage messages[MANY];
  guint n;
  gint sent;

  for (n = 0; n < MANY && make_message (self, &items[n]); n++)
    {
      vectors[n][0] = (GOutputVector) { &items[n], 8 };
      vectors[n][1] = (GOutputVector) { items[n].fill, items[n].size - 8 };
      messages[n] = (NiceOutputMessage) { vectors[n], 2 };
    }
  sent = nice_agent_send_messages_nonblocking (self->own.agent, self->own.stream, 1,
                                               messages, n, cancellable, &error);
  g_assert_cmpint (sent, <=, (gint)n);
  g_assert_true ((sent < 0) == (error != NULL));
}

/* --- Functions --- */

typedef struct
{
  Arena *arena;
  Ear *ear;
  gint ref_count;       /* atomic */
  gboolean is_detached; /* in the ear, and for it */
  gint is_let_go;       /* atomic */
} Listener;

static void
listener_unref (gpointer data)
{
  Listener *self = data;

  if (g_atomic_int_dec_and_test (&self->ref_count))
    g_free (self);
}

static Listener *
listener_new (Arena *arena, Ear *ear, gint n_references)
{
  Listener *self = g_new0 (Listener, 1);

  *self = (Listener) { arena, ear, n_references };
  g_atomic_int_inc (&arena->n_listeners);
  return self;
}

static void
let_go (gpointer data)
{
  Listener *self = data;

  g_assert_cmpint (g_atomic_int_exchange (&self->is_let_go, TRUE), ==, FALSE);
  g_atomic_int_add (&self->arena->n_listeners, -1);
  listener_unref (self);
}

static void
hear (Listener *self, gconstpointer data, gsize size)
{
  g_assert_true (g_main_context_is_owner (self->ear->context));
  g_assert_false (self->is_detached);
  g_assert_false (g_atomic_int_get (&self->is_let_go));
  check_message (self->arena, data, size);
}

static void
on_data (NiceAgent *agent, guint stream, guint component, guint len, gchar *buf,
         NiceMessageExtraData *extra, gpointer data)
{
  hear (data, buf, len);
}

static void
on_bytes (NiceAgent *agent, guint stream, guint component, GBytes *bytes, gpointer data)
{
  hear (data, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
}

static void
attach (const Hand *hand, Listener *listener)
{
  nice_agent_attach_recv_ex (hand->agent, hand->stream, 1, listener->ear->context,
                             on_data, listener, let_go);
}

void
arena_listen (Arena *self, const Hand *hand, GRand *rand)
{
  Ear *ear = arena_pick_ear (self, rand);
  Listener *listener = listener_new (self, ear, 1);

  if (g_rand_boolean (rand))
    attach (hand, listener);
  else
    nice_agent_attach_recv_bytes (hand->agent, hand->stream, 1, ear->context, on_bytes,
                                  listener, let_go);
}

static void
do_attach (Caller *self)
{
  arena_listen (self->arena, &self->own, self->rand);
}

static void
do_detach (Caller *self)
{
  nice_agent_attach_recv (self->own.agent, self->own.stream, 1, NULL, NULL, NULL);
}

/* --- In the ear itself --- */

typedef struct
{
  Hand hand;
  Listener *listener;
} Visit;

static void
visit_free (gpointer data)
{
  Visit *self = data;

  g_object_unref (self->hand.agent);
  listener_unref (self->listener);
  g_free (self);
}

/* Who detaches in the context of the function is not called any more. */
static gboolean
detach_there (gpointer data)
{
  Visit *self = data;

  nice_agent_attach_recv (self->hand.agent, self->hand.stream, 1, NULL, NULL, NULL);
  self->listener->is_detached = TRUE;
  return G_SOURCE_REMOVE;
}

static void
do_attach_for_a_moment (Caller *self)
{
  Ear *ear = arena_pick_ear (self->arena, self->rand);
  Visit *visit = g_new (Visit, 1);

  *visit = (Visit) { self->own, listener_new (self->arena, ear, 2) };
  g_object_ref (visit->hand.agent);
  attach (&visit->hand, visit->listener);
  g_main_context_invoke_full (ear->context, G_PRIORITY_DEFAULT, detach_there, visit,
                              visit_free);
}

/* --- Calls --- */

/* How a call on a component may fail, whatever happens to it. */
static void
check_error (const GError *error, GCancellable *cancellable)
{
  g_assert_nonnull (error);
  g_assert_true (error->domain == G_IO_ERROR);
  switch (error->code)
    {
    case G_IO_ERROR_CANCELLED:
      g_assert_true (g_cancellable_is_cancelled (cancellable));
      break;
    case G_IO_ERROR_WOULD_BLOCK:
    case G_IO_ERROR_BROKEN_PIPE: /* there is no such component any more ... */
    case G_IO_ERROR_CLOSED:      /* ... or stream, or agent */
    case G_IO_ERROR_PENDING:     /* two threads have one stream */
    case G_IO_ERROR_FAILED:
    case G_IO_ERROR_PERMISSION_DENIED: /* consent has ended */
      break;
    default:
      g_error ("%s", error->message);
    }
}

static void
do_receive (Caller *self)
{
  g_autoptr (GError) error = NULL;
  guint8 buffer[MAX_SIZE];
  const gssize n = nice_agent_recv_nonblocking (self->own.agent, self->own.stream, 1,
                                                buffer, sizeof buffer, NULL, &error);

  if (n > 0)
    check_message (self->arena, buffer, (gsize)n);
  else if (n < 0)
    check_error (error, NULL);
}

static void
do_receive_bytes (Caller *self)
{
  g_autoptr (GCancellable) cancellable = arena_dup_cancellable (self->arena);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes =
      g_rand_boolean (self->rand)
          ? nice_agent_recv_bytes (self->own.agent, self->own.stream, 1, cancellable,
                                   &error)
          : nice_agent_recv_bytes_nonblocking (self->own.agent, self->own.stream, 1,
                                               cancellable, &error);

  if (bytes == NULL)
    check_error (error, cancellable);
  else if (g_bytes_get_size (bytes) > 0)
    check_message (self->arena, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
}

static void
do_wait (Caller *self)
{
  g_autoptr (GCancellable) cancellable = arena_dup_cancellable (self->arena);
  g_autoptr (GError) error = NULL;
  guint8 buffers[MANY][MAX_SIZE];
  GInputVector vectors[MANY];
  NiceInputMessage messages[MANY];
  gint n;

  for (guint i = 0; i < MANY; i++)
    {
      vectors[i] = (GInputVector) { buffers[i], MAX_SIZE };
      messages[i] = (NiceInputMessage) { &vectors[i], 1 };
    }
  n = nice_agent_recv_messages (self->own.agent, self->own.stream, 1, messages,
                                (guint)g_rand_int_range (self->rand, 1, MANY + 1),
                                cancellable, &error);
  for (gint i = 0; i < n; i++)
    check_message (self->arena, buffers[i], messages[i].length);
  if (n < 0)
    check_error (error, cancellable);
}

/* --- Sources --- */

typedef struct
{
  Arena *arena;
  Hand hand;
  GCancellable *cancellable;
  guint n_left;
} Watcher;

static void
watcher_free (gpointer data)
{
  Watcher *self = data;

  g_object_unref (self->hand.agent);
  g_object_unref (self->cancellable);
  g_free (self);
}

static gboolean
on_readable (gpointer data)
{
  Watcher *self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = nice_agent_recv_bytes_nonblocking (
      self->hand.agent, self->hand.stream, 1, self->cancellable, &error);

  g_assert_cmpuint (self->n_left, >, 0);
  if (bytes == NULL)
    {
      check_error (error, self->cancellable);
      return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);
    }
  if (g_bytes_get_size (bytes) > 0)
    check_message (self->arena, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  return g_bytes_get_size (bytes) > 0 && --self->n_left > 0;
}

static void
do_watch (Caller *self)
{
  Ear *ear = arena_pick_ear (self->arena, self->rand);
  g_autoptr (GCancellable) cancellable = arena_dup_cancellable (self->arena);
  g_autoptr (GSource) source =
      nice_agent_create_source (self->own.agent, self->own.stream, 1, cancellable);
  Watcher *watcher;

  if (source == NULL)
    return;
  watcher = g_new (Watcher, 1);
  *watcher = (Watcher) { self->arena, self->own, g_steal_pointer (&cancellable), 10 };
  g_object_ref (watcher->hand.agent);
  g_source_set_callback (source, on_readable, watcher, watcher_free);
  g_source_attach (source, ear->context);
  if (g_rand_boolean (self->rand))
    g_source_destroy (source);
}

/* --- Streams of bytes --- */

static GIOStream *
dup_io_stream (Caller *self)
{
  return self->arena->kind == STRESS_RELIABLE
             ? nice_agent_get_io_stream (self->own.agent, self->own.stream, 1)
             : NULL;
}

static void
do_read (Caller *self)
{
  g_autoptr (GCancellable) cancellable = arena_dup_cancellable (self->arena);
  g_autoptr (GIOStream) stream = dup_io_stream (self);
  g_autoptr (GError) error = NULL;
  guint8 buffer[MAX_SIZE];

  if (stream != NULL
      && g_input_stream_read (g_io_stream_get_input_stream (stream), buffer,
                              sizeof buffer, cancellable, &error)
             < 0)
    check_error (error, cancellable);
}

static void
do_write (Caller *self)
{
  g_autoptr (GCancellable) cancellable = arena_dup_cancellable (self->arena);
  g_autoptr (GIOStream) stream = dup_io_stream (self);
  g_autoptr (GError) error = NULL;
  guint8 buffer[MAX_SIZE] = "written";

  if (stream != NULL
      && g_output_stream_write (g_io_stream_get_output_stream (stream), buffer,
                                sizeof buffer, cancellable, &error)
             < 0)
    check_error (error, cancellable);
}

static gboolean
on_pollable (GObject *input, gpointer cancellable)
{
  g_autoptr (GError) error = NULL;
  guint8 buffer[MAX_SIZE];

  if (g_pollable_input_stream_read_nonblocking (G_POLLABLE_INPUT_STREAM (input), buffer,
                                                sizeof buffer, cancellable, &error)
      < 0)
    check_error (error, cancellable);
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);
}

static void
do_poll (Caller *self)
{
  Ear *ear = arena_pick_ear (self->arena, self->rand);
  g_autoptr (GIOStream) stream = dup_io_stream (self);
  g_autoptr (GCancellable) cancellable = arena_dup_cancellable (self->arena);
  g_autoptr (GSource) source = NULL;

  if (stream == NULL)
    return;
  source = g_pollable_input_stream_create_source (
      G_POLLABLE_INPUT_STREAM (g_io_stream_get_input_stream (stream)), cancellable);
  g_source_set_callback (source, G_SOURCE_FUNC (on_pollable), g_object_ref (cancellable),
                         g_object_unref);
  g_source_attach (source, ear->context);
}

static void
do_close_stream (Caller *self)
{
  g_autoptr (GIOStream) stream = dup_io_stream (self);

  if (stream != NULL && g_rand_int_range (self->rand, 0, 20) == 0)
    g_io_stream_close (stream, NULL, NULL);
}

static void
do_cancel (Caller *self)
{
  arena_cancel (self->arena);
}

void
stress_pick_data_act (Caller *self)
{
  static const Act acts[] = {
    do_attach,  do_attach,        do_detach, do_attach_for_a_moment,
    do_receive, do_receive_bytes, do_wait,   do_watch,
    do_read,    do_write,         do_poll,   do_close_stream,
    do_cancel,  do_send_many,     do_send,   do_send
  };

  acts[g_rand_int_range (self->rand, 0, G_N_ELEMENTS (acts))](self);
}
