/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a program sends one by one, kept for a moment and sent at once. Decides when it
 * leaves: at the latest when its time is over, at once when there is enough of it. It
 * must not know how datagrams leave. */
#include "config.h"

#include "io/bundle.h"

#include <errno.h>
#include <string.h>

/* As many leave in one call; more may wait only while another thread is sending, or the
 * socket is full. */
#define ENOUGH 64
#define ENOUGH_BYTES 60000
#define MAX_MESSAGES 256
#define MAX_BYTES (256 * 1024)

/* A socket of datagrams that was full is tried again so soon. */
#define RETRY (1 * ICE_MS)

/* Messages to one path, one behind the other. */
typedef struct
{
  NicePath *path; /* NULL: there is none */
  GByteArray *bytes;
  GArray *sizes; /* of guint */
  guint first;   /* which has not left */
  gsize offset;  /* where it begins */
} Batch;

struct _NiceBundle
{
  NiceComponentIo *component;
  NiceTimer timer;

  GMutex lock; /* nothing but a reactor's is taken inside */
  Batch waiting;
  Batch leaving;       /* only whoever has set is_sending, without the lock */
  gboolean is_sending; /* somebody is */
  gboolean is_closed;
  gint error; /* negative, of what has left: for the next call; 0: none */
};

/* --- Batches --- */

static void
batch_init (Batch *self)
{
  self->bytes = g_byte_array_new ();
  self->sizes = g_array_new (FALSE, FALSE, sizeof (guint));
}

static guint
batch_count (const Batch *self)
{
  return self->sizes->len - self->first;
}

static void
batch_empty (Batch *self)
{
  g_clear_pointer (&self->path, nice_path_unref);
  g_byte_array_set_size (self->bytes, 0);
  g_array_set_size (self->sizes, 0);
  self->first = self->offset = 0;
}

static void
batch_clear (Batch *self)
{
  batch_empty (self);
  g_byte_array_unref (self->bytes);
  g_array_unref (self->sizes);
}

static gboolean
batch_has_room (const Batch *self, gsize size)
{
  return self->sizes->len < MAX_MESSAGES && self->bytes->len + size <= MAX_BYTES;
}

static gboolean
batch_is_enough (const Batch *self)
{
  return self->sizes->len >= ENOUGH || self->bytes->len >= ENOUGH_BYTES;
}

static void
batch_add (Batch *self, const NiceSendMessage *message, guint size)
{
  const GOutputVector *v = message->buffers;

  g_array_append_val (self->sizes, size);
  for (guint left = size; left > 0; v++)
    {
      g_byte_array_append (self->bytes, v->buffer, v->size);
      left -= v->size;
    }
}

static void
batch_skip (Batch *self, guint n)
{
  while (n-- > 0)
    self->offset += g_array_index (self->sizes, guint, self->first++);
}

/* Sends what one call takes; returns how many left, or a negative error. */
static gint
batch_send (const Batch *self, gsize *bytes)
{
  NiceSendMessage messages[ENOUGH];
  GOutputVector vectors[ENOUGH];
  const guint n = MIN (batch_count (self), ENOUGH);
  const guint8 *data = self->bytes->data + self->offset;

  for (guint i = 0; i < n; i++)
    {
      const guint size = g_array_index (self->sizes, guint, self->first + i);

      vectors[i] = (GOutputVector) { data, size };
      messages[i] = (NiceSendMessage) { &vectors[i], 1 };
      data += size;
    }
  return nice_path_send (self->path, messages, n, bytes);
}

/* --- Sending --- */

static gboolean
is_full (gint result)
{
  return result == 0 || result == -EAGAIN;
}

/* What it has no room for now, it will never have. */
static gboolean
is_gone (const NicePath *path)
{
  return path->base->link != NULL && g_atomic_int_get (&path->base->is_dropped);
}

/* With is_sending set and without the lock. FALSE: the socket is full. */
static gboolean
send_leaving (NiceBundle *self, gint *error)
{
  NiceComponentIo *component = self->component;
  Batch *batch = &self->leaving;

  while (batch_count (batch) > 0)
    {
      gsize bytes = 0;
      gint result;

      if (!g_atomic_int_get (&component->has_consent))
        {
          *error = -EPERM;
          break;
        }
      result = batch_send (batch, &bytes);
      if (is_full (result) && !is_gone (batch->path))
        return FALSE;
      if (is_full (result))
        {
          *error = -EPIPE;
          break;
        }
      if (result > 0)
        nice_component_io_count_sent (component, batch->path, result, bytes);
      else
        {
          *error = result;
          nice_path_report_failure (batch->path, -result);
        }
      batch_skip (batch, result > 0 ? result : 1);
    }
  batch_empty (batch);
  return TRUE;
}

static void
swap_batches (NiceBundle *self)
{
  const Batch empty = self->leaving;

  self->leaving = self->waiting;
  self->waiting = empty;
}

static void
set_timer (NiceBundle *self, gint64 deadline)
{
  nice_timer_set (&self->timer, self->component->driver->reactor, deadline);
}

static void
drop_all (NiceBundle *self)
{
  batch_empty (&self->leaving);
  batch_empty (&self->waiting);
}

/* With the lock, which it lets go of meanwhile. Whoever comes while another thread sends
 * leaves what there is to that one, so that nothing overtakes. */
static void
flush_with_lock (NiceBundle *self)
{
  gboolean goes_on = !self->is_sending;

  while (goes_on
         && (batch_count (&self->leaving) > 0 || batch_count (&self->waiting) > 0))
    {
      gint error = 0;

      if (batch_count (&self->leaving) == 0)
        swap_batches (self);
      self->is_sending = TRUE;
      g_mutex_unlock (&self->lock);
      goes_on = send_leaving (self, &error);
      g_mutex_lock (&self->lock);
      self->is_sending = FALSE;
      if (error < 0)
        self->error = error;
      if (goes_on)
        continue;
      if (!self->is_closed)
        set_timer (self, g_get_monotonic_time () + RETRY);
      else
        drop_all (self);
    }
}

void
nice_bundle_flush (NiceBundle *self)
{
  g_mutex_lock (&self->lock);
  flush_with_lock (self);
  g_mutex_unlock (&self->lock);
}

void
nice_bundle_close (NiceBundle *self)
{
  g_mutex_lock (&self->lock);
  self->is_closed = TRUE;
  set_timer (self, ICE_NEVER);
  flush_with_lock (self); /* or whoever is sending goes on to the end */
  g_mutex_unlock (&self->lock);
}

/* --- Taking --- */

static gsize
get_size (const NiceSendMessage *message)
{
  const GOutputVector *v = message->buffers;
  gsize size = 0;

  for (gint i = 0; message->n_buffers < 0 ? v[i].buffer != NULL : i < message->n_buffers;
       i++)
    size += v[i].size;
  return size;
}

static guint
add_messages (NiceBundle *self, NicePath *path, const NiceSendMessage *messages,
              guint n_messages)
{
  guint n = 0;
  gsize size;

  if (self->waiting.path != NULL && self->waiting.path != path)
    return 0; /* another thread is still sending on the old one */
  while (n < n_messages && (size = get_size (&messages[n])) <= MAX_BYTES
         && batch_has_room (&self->waiting, size))
    batch_add (&self->waiting, &messages[n++], size);
  if (n > 0 && self->waiting.path == NULL)
    self->waiting.path = nice_path_ref (path);
  return n;
}

/* Who removed the component closed what there was by then; this may be new. */
static gboolean
is_over (const NiceBundle *self)
{
  return self->is_closed || g_atomic_int_get (&self->component->is_removed);
}

static gint
take (NiceBundle *self, NicePath *path, const NiceSendMessage *messages, guint n_messages,
      gint64 wait)
{
  gboolean is_first;
  guint n;

  if (self->waiting.path != NULL && self->waiting.path != path)
    flush_with_lock (self);
  if (is_over (self))
    return -EPIPE;
  is_first = batch_count (&self->waiting) == 0;
  n = add_messages (self, path, messages, n_messages);
  if (batch_is_enough (&self->waiting))
    flush_with_lock (self);
  else if (n > 0 && is_first)
    set_timer (self, wait > 0 ? g_get_monotonic_time () + wait : 0);
  return n > 0 ? (gint)n : -EAGAIN;
}

gint
nice_bundle_send (NiceBundle *self, NicePath *path, const NiceSendMessage *messages,
                  guint n_messages, gint64 wait)
{
  gint result;

  g_mutex_lock (&self->lock);
  result = self->error;
  self->error = 0;
  if (result == 0)
    result = take (self, path, messages, n_messages, wait);
  g_mutex_unlock (&self->lock);
  return result;
}

/* --- Life --- */

static NiceBundle *
get_bundle (NiceTimer *timer)
{
  return (NiceBundle *)((guint8 *)timer - G_STRUCT_OFFSET (NiceBundle, timer));
}

static void
ref_timer (NiceTimer *timer)
{
  nice_component_io_ref (get_bundle (timer)->component);
}

static void
unref_timer (NiceTimer *timer)
{
  nice_component_io_unref (get_bundle (timer)->component);
}

static void
due (NiceTimer *timer)
{
  nice_bundle_flush (get_bundle (timer));
}

static const NiceTimerClass timer_class = { ref_timer, unref_timer, due };

NiceBundle *
nice_bundle_new (NiceComponentIo *component)
{
  NiceBundle *self = g_new0 (NiceBundle, 1);

  self->component = component;
  self->timer.klass = &timer_class;
  g_mutex_init (&self->lock);
  batch_init (&self->waiting);
  batch_init (&self->leaving);
  return self;
}

void
nice_bundle_free (NiceBundle *self)
{
  batch_clear (&self->waiting);
  batch_clear (&self->leaving);
  g_mutex_clear (&self->lock);
  g_free (self);
}
