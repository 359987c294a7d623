/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The byte stream of a component of a reliable agent: which packets go into the
 * connection and out of it, when its clock runs, and who gets the bytes. It must not
 * know candidates or states; the protocol is in agent/pseudotcp.
 *
 * Sockets are read in the context of whoever is attached, else in the agent's. While
 * calls wait, they are read in a context of their own, which one of the waiting threads
 * iterates for all: so a call waits just as well with and without a running main loop. */
#include "config.h"

#include "reliable-core.h"

#include "pseudotcp/batch.h"

#include <errno.h>
#include <string.h>

#define CONVERSATION 0  /* libnice's; both ends must have the same */
#define MAX_READ 65536  /* bytes given to a receive function at once */
#define MAX_FRAME 63488 /* bytes of a frame on a TCP path; libnice's */
#define HOLD_FROM 65536 /* bytes kept, from which on a peer on a TCP path has to wait */
#define MAX_EARLY (16 * HOLD_FROM) /* bytes kept until a pair is selected here too */

static void
receiver_clear (gpointer data)
{
  Receiver *receiver = data;

  if (receiver->notify != NULL)
    receiver->notify (receiver->data);
}

static void
receiver_unref (Receiver *receiver)
{
  if (receiver != NULL)
    g_atomic_rc_box_release_full (receiver, receiver_clear);
}

/* --- Inside the lock --- */

static void
note_events (NiceReliable *self)
{
  PtcpEvent event;

  while (ptcp_connection_poll_event (self->tcp, &event))
    switch (event.kind)
      {
      case PTCP_EVENT_OPENED:
        self->open = self->writable = TRUE;
        break;
      case PTCP_EVENT_WRITABLE:
        self->writable = TRUE;
        break;
      case PTCP_EVENT_READABLE: /* nice_reliable_look() looks for itself */
      case PTCP_EVENT_CLOSED:
        break;
      }
  self->closed = ptcp_connection_get_state (self->tcp) == PTCP_CLOSED;
}

GIOCondition
nice_reliable_look (NiceReliable *self)
{
  GIOCondition condition = 0;

  if (self->gone || self->closed)
    return G_IO_IN | G_IO_OUT;
  if (self->stream)
    return G_IO_OUT | (g_queue_is_empty (&self->frames) ? 0 : G_IO_IN);
  if (ptcp_connection_get_available_bytes (self->tcp) > 0
      || ptcp_connection_is_closed_remotely (self->tcp))
    condition |= G_IO_IN;
  if (self->open && ptcp_connection_get_send_space (self->tcp) > 0)
    condition |= G_IO_OUT;
  return condition;
}

/* --- The clock --- */

static gboolean on_clock (gpointer data);

static gboolean
dispatch_clock (GSource *source, GSourceFunc callback, gpointer data)
{
  return callback (data);
}

static GSourceFuncs clock_funcs = { .dispatch = dispatch_clock };

static void
stop_clock (NiceReliable *self)
{
  if (self->clock != NULL)
    g_source_destroy (self->clock);
  g_clear_pointer (&self->clock, g_source_unref);
}

static void
set_clock (NiceReliable *self)
{
  const gint64 deadline = ptcp_connection_get_deadline (self->tcp);

  if ((self->gone && !self->leaving) || self->stream || !self->selected)
    {
      stop_clock (self);
      return;
    }
  if (self->clock == NULL)
    {
      self->clock = g_source_new (&clock_funcs, sizeof (GSource));
      g_source_set_callback (self->clock, on_clock, nice_reliable_ref (self),
                             (GDestroyNotify)nice_reliable_unref);
      g_source_attach (self->clock, self->context);
    }
  g_source_set_ready_time (self->clock, deadline == PTCP_NEVER ? -1 : deadline);
}

/* --- Outside the lock: packets, and who is told --- */

/* What cannot be sent is a lost packet to TCP. */
static void
send_out (NiceReliable *self)
{
  NiceSendMessage messages[PTCP_BATCH];
  PtcpBatch batch;
  gboolean is_all;

  do
    {
      g_mutex_lock (&self->lock);
      is_all = !self->selected || self->stream
               || ptcp_batch_collect (&batch, self->tcp, g_get_monotonic_time ());
      if (!self->selected || self->stream)
        batch.n = 0;
      set_clock (self);
      g_mutex_unlock (&self->lock);
      for (guint i = 0; i < batch.n; i++)
        messages[i] = (NiceSendMessage) { &batch.vectors[i], 1 };
      if (batch.n > 0)
        nice_driver_send (self->env.driver, self->stream_id, self->component_id, messages,
                          batch.n, NULL);
    }
  while (!is_all);
}

static void
wake_with_lock (NiceReliable *self)
{
  g_cond_broadcast (&self->changed);
  if (self->n_waiting > 0)
    g_main_context_wakeup (self->context);
  if (nice_reliable_look (self) != 0)
    nice_wakers_wake (nice_wakers_ref (self->wakers));
}

static gssize
take_bytes (NiceReliable *self, guint8 *data, gsize size)
{
  gssize length;

  if (self->stream)
    {
      g_autoptr (GBytes) frame = g_queue_pop_head (&self->frames);
      gsize held;
      const guint8 *bytes;

      if (frame == NULL)
        return self->closed ? 0 : -1;
      bytes = g_bytes_get_data (frame, &held);
      memcpy (data, bytes, MIN (size, held));
      self->n_kept -= MIN (size, held);
      if (held > size)
        g_queue_push_head (&self->frames,
                           g_bytes_new_from_bytes (frame, size, held - size));
      return (gssize)MIN (size, held);
    }
  length = ptcp_connection_recv (self->tcp, data, size, g_get_monotonic_time ());
  return length >= 0 ? length : -1;
}

static void
call (NiceReliable *self, GObject *owner, const Receiver *receiver, guint8 *data,
      gssize length)
{
  NiceReceived received = { self->stream_id, self->component_id, data, (guint)length,
                            -1 };

  receiver->func (owner, &received, receiver->data);
}

/* Only one thread delivers at a time, so that bytes stay in order; it looks again before
 * it stops. */
static void
deliver (NiceReliable *self, GObject *owner)
{
  g_autofree guint8 *data = NULL;

  g_mutex_lock (&self->lock);
  if (self->delivering)
    {
      g_mutex_unlock (&self->lock);
      return;
    }
  self->delivering = TRUE;
  while (self->receiver != NULL && !self->gone)
    {
      Receiver *receiver = g_atomic_rc_box_acquire (self->receiver);
      gssize length;

      if (data == NULL)
        data = g_malloc (MAX_READ);
      length = take_bytes (self, data, MAX_READ);
      g_mutex_unlock (&self->lock);
      send_out (self);
      if (length > 0)
        call (self, owner, receiver, data, length);
      receiver_unref (receiver);
      g_mutex_lock (&self->lock);
      if (length <= 0)
        break;
    }
  self->delivering = FALSE;
  g_mutex_unlock (&self->lock);
}

/* Tells the driver whether a peer on a TCP path has to wait; one thread at a time, so
 * that the last word is the right one. */
static void
update_hold (NiceReliable *self)
{
  gboolean hold;

  g_mutex_lock (&self->hold_lock);
  g_mutex_lock (&self->lock);
  hold = self->n_kept > HOLD_FROM;
  g_mutex_unlock (&self->lock);
  if (hold != self->is_held)
    nice_driver_hold (self->env.driver, self->stream_id, self->component_id, hold);
  self->is_held = hold;
  g_mutex_unlock (&self->hold_lock);
}

/* After anything was done to the connection. Takes the lock over and drops it. */
static void
settle_and_unlock (NiceReliable *self, gboolean may_deliver)
{
  g_autoptr (GObject) owner = g_weak_ref_get (&self->owner);
  const gboolean may_be_held = self->stream || !self->selected;
  gboolean writable, ended;

  note_events (self);
  writable = self->writable && !self->gone;
  ended = self->closed && !self->ended && (!self->gone || self->leaving);
  self->writable = FALSE;
  self->leaving &= !self->closed;
  self->ended |= ended;
  wake_with_lock (self);
  g_mutex_unlock (&self->lock);
  if (owner == NULL)
    return;
  send_out (self);
  if (writable)
    self->env.writable (owner, self->stream_id, self->component_id);
  if (may_deliver)
    deliver (self, owner);
  if (may_be_held)
    update_hold (self);
  if (ended)
    self->env.ended (owner, self->stream_id, self->component_id);
}

static gboolean
on_clock (gpointer data)
{
  NiceReliable *self = data;

  g_mutex_lock (&self->lock);
  if (!self->gone || self->leaving)
    ptcp_connection_handle_timeout (self->tcp, g_get_monotonic_time ());
  settle_and_unlock (self, TRUE);
  return G_SOURCE_CONTINUE; /* send_out() has set the next time */
}

/* --- Packets --- */

/* Until a pair is selected nobody knows what these came over. A connection is left unread
 * long before the limit, so that it is datagrams that are dropped. */
static void
keep_packet (NiceReliable *self, const guint8 *data, gsize len)
{
  if (!self->selected && self->n_kept + len > MAX_EARLY)
    return;
  g_queue_push_tail (&self->frames, g_bytes_new (data, len));
  self->n_kept += len;
}

static void
handle_packet (NiceReliable *self, const guint8 *data, gsize len)
{
  if (!self->selected || self->stream)
    keep_packet (self, data, len);
  else
    ptcp_connection_handle_packet (self->tcp, data, len, g_get_monotonic_time ());
}

/* What came early was for the connection, as it turns out. */
static void
handle_early (NiceReliable *self)
{
  GBytes *packet;

  while ((packet = g_queue_pop_head (&self->frames)) != NULL)
    {
      self->n_kept -= g_bytes_get_size (packet);
      handle_packet (self, g_bytes_get_data (packet, NULL), g_bytes_get_size (packet));
      g_bytes_unref (packet);
    }
}

/* With the lock, which it drops for the call: what came over TCP for somebody who waits
 * for it is not kept first. FALSE: it has to be. */
static gboolean
pass_on (NiceReliable *self, GObject *owner, const NiceReceived *received)
{
  Receiver *receiver = self->receiver;

  if (!self->stream || receiver == NULL || self->gone || self->delivering
      || !g_queue_is_empty (&self->frames))
    return FALSE;
  g_atomic_rc_box_acquire (receiver);
  self->delivering = TRUE;
  g_mutex_unlock (&self->lock);
  call (self, owner, receiver, received->data, received->len);
  receiver_unref (receiver);
  g_mutex_lock (&self->lock);
  self->delivering = FALSE;
  return TRUE;
}

static void
on_packet (GObject *owner, const NiceReceived *received, gpointer data)
{
  NiceReliable *self = data;

  g_mutex_lock (&self->lock);
  if (received->data != NULL)
    {
      if (received->len > 0 && !pass_on (self, owner, received))
        handle_packet (self, received->data, received->len);
      g_mutex_unlock (&self->lock);
    }
  else
    settle_and_unlock (self, TRUE);
}

void
nice_reliable_path_selected (NiceReliable *self, gboolean stream)
{
  g_mutex_lock (&self->lock);
  self->stream = stream;
  if (!self->selected)
    {
      self->selected = TRUE;
      if (stream)
        self->open = self->writable = TRUE;
      else
        {
          ptcp_connection_connect (self->tcp, g_get_monotonic_time ());
          handle_early (self);
        }
    }
  settle_and_unlock (self, FALSE);
  update_hold (self);
}

/* --- Where sockets are read --- */

void
nice_reliable_read_in (NiceReliable *self, GMainContext *context)
{
  g_mutex_lock (&self->lock);
  stop_clock (self);
  g_clear_pointer (&self->context, g_main_context_unref);
  self->context =
      g_main_context_ref (context != NULL ? context : g_main_context_default ());
  set_clock (self);
  g_mutex_unlock (&self->lock);
  nice_driver_attach (self->env.driver, self->stream_id, self->component_id, context,
                      on_packet, nice_reliable_ref (self),
                      (GDestroyNotify)nice_reliable_unref);
}

static gboolean
on_attached (gpointer data)
{
  NiceReliable *self = data;
  g_autoptr (GObject) owner = g_weak_ref_get (&self->owner);

  if (owner != NULL)
    {
      deliver (self, owner);
      update_hold (self);
    }
  return G_SOURCE_REMOVE;
}

void
nice_reliable_attach (NiceReliable *self, GMainContext *context, NiceReceiveFunc func,
                      gpointer data, GDestroyNotify notify)
{
  Receiver *receiver = NULL, *old;

  if (func != NULL)
    {
      receiver = g_atomic_rc_box_new0 (Receiver);
      *receiver = (Receiver) { func, data, notify };
    }
  g_mutex_lock (&self->lock);
  old = self->receiver;
  self->receiver = receiver;
  g_mutex_unlock (&self->lock);
  receiver_unref (old);
  nice_reliable_read_in (self,
                         func != NULL || context != NULL ? context : self->env.context);
  if (func != NULL)
    {
      g_autoptr (GSource) source = g_idle_source_new ();

      g_source_set_priority (source, G_PRIORITY_DEFAULT);
      g_source_set_callback (source, on_attached, nice_reliable_ref (self),
                             (GDestroyNotify)nice_reliable_unref);
      g_source_attach (source, context);
    }
}

/* --- Bytes in and out --- */

static gboolean
can_write_with_lock (NiceReliable *self, GError **error)
{
  if (self->gone)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_BROKEN_PIPE,
                         "Invalid stream/component.");
  else if (self->closed)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED,
                         "Pseudo-TCP socket not connected.");
  else if (!self->open)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK, g_strerror (EAGAIN));
  else
    return TRUE;
  return FALSE;
}

static guint
count_buffers (const NiceSendMessage *message, gsize *size)
{
  guint n = 0;

  for (*size = 0; message->n_buffers < 0 ? message->buffers[n].buffer != NULL
                                         : n < (guint)message->n_buffers;
       n++)
    *size += message->buffers[n].size;
  return n;
}

/* FALSE: there is no room for all of it. */
static gboolean
send_whole (NiceReliable *self, const NiceSendMessage *message)
{
  const gint64 now = g_get_monotonic_time ();
  gsize size;
  const guint n = count_buffers (message, &size);

  if (ptcp_connection_reserve (self->tcp, size) < 0)
    return FALSE;
  for (guint i = 0; i < n; i++)
    ptcp_connection_send (self->tcp, message->buffers[i].buffer, message->buffers[i].size,
                          now);
  return TRUE;
}

gint
nice_reliable_send (NiceReliable *self, const NiceSendMessage *messages, guint n_messages,
                    GError **error)
{
  gint sent = -1;

  g_mutex_lock (&self->lock);
  if (can_write_with_lock (self, error))
    {
      if (self->stream)
        {
          g_mutex_unlock (&self->lock);
          return nice_driver_send (self->env.driver, self->stream_id, self->component_id,
                                   messages, n_messages, error);
        }
      for (sent = 0; sent < (gint)n_messages && send_whole (self, &messages[sent]);
           sent++)
        ;
      if (sent == 0)
        {
          g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK,
                               g_strerror (EAGAIN));
          sent = -1;
        }
    }
  settle_and_unlock (self, FALSE);
  return sent;
}

gssize
nice_reliable_write (NiceReliable *self, const void *data, gsize size, GError **error)
{
  GOutputVector vector = { data, MIN (size, MAX_FRAME) };
  NiceSendMessage message = { &vector, 1 };
  gssize written = -1;

  g_mutex_lock (&self->lock);
  if (can_write_with_lock (self, error))
    {
      if (self->stream)
        {
          g_mutex_unlock (&self->lock);
          return nice_driver_send (self->env.driver, self->stream_id, self->component_id,
                                   &message, 1, error)
                         == 1
                     ? (gssize)vector.size
                     : -1;
        }
      written = ptcp_connection_send (self->tcp, data, size, g_get_monotonic_time ());
      if (written < 0)
        {
          g_set_error_literal (error, G_IO_ERROR, g_io_error_from_errno ((gint)-written),
                               g_strerror ((gint)-written));
          written = -1;
        }
    }
  settle_and_unlock (self, FALSE);
  return written;
}

gssize
nice_reliable_read (NiceReliable *self, void *data, gsize size, GError **error)
{
  gssize length = -1;

  g_mutex_lock (&self->lock);
  if (self->gone)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_BROKEN_PIPE,
                         "Invalid stream/component.");
  else
    {
      length = take_bytes (self, data, size);
      if (length < 0 && (self->closed || ptcp_connection_is_closed_remotely (self->tcp)))
        length = 0;
      if (length < 0)
        g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK,
                             g_strerror (EAGAIN));
    }
  settle_and_unlock (self, FALSE);
  return length;
}

void
nice_reliable_shutdown (NiceReliable *self, gboolean read, gboolean write)
{
  g_mutex_lock (&self->lock);
  if (!self->gone && !self->stream && self->open)
    {
      if (read && write)
        ptcp_connection_close (self->tcp, g_get_monotonic_time ());
      else if (read)
        ptcp_connection_shutdown_read (self->tcp);
      else if (write)
        ptcp_connection_shutdown_write (self->tcp, g_get_monotonic_time ());
    }
  settle_and_unlock (self, FALSE);
}

/* --- Life --- */

NiceReliable *
nice_reliable_new (const NiceReliableEnv *env, guint stream_id, guint component_id)
{
  NiceReliable *self = g_new0 (NiceReliable, 1);
  PtcpConfig config;

  g_atomic_ref_count_init (&self->refs);
  self->env = *env;
  if (env->context != NULL)
    g_main_context_ref (env->context);
  g_weak_ref_init (&self->owner, env->owner);
  self->stream_id = stream_id;
  self->component_id = component_id;
  g_mutex_init (&self->lock);
  g_mutex_init (&self->hold_lock);
  g_cond_init (&self->changed);
  self->context = g_main_context_ref (env->context != NULL ? env->context
                                                           : g_main_context_default ());
  ptcp_config_init (&config, CONVERSATION);
  self->tcp = ptcp_connection_new (&config);
  return self;
}

NiceReliable *
nice_reliable_ref (NiceReliable *self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

void
nice_reliable_unref (NiceReliable *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  receiver_unref (self->receiver);
  stop_clock (self);
  ptcp_connection_free (self->tcp);
  g_queue_clear_full (&self->frames, (GDestroyNotify)g_bytes_unref);
  g_clear_pointer (&self->context, g_main_context_unref);
  g_clear_pointer (&self->env.context, g_main_context_unref);
  g_weak_ref_clear (&self->owner);
  g_cond_clear (&self->changed);
  g_mutex_clear (&self->lock);
  g_mutex_clear (&self->hold_lock);
  g_free (self);
}

void
nice_reliable_start (NiceReliable *self)
{
  nice_reliable_read_in (self, self->env.context);
}

void
nice_reliable_detach (NiceReliable *self)
{
  Receiver *receiver;

  g_mutex_lock (&self->lock);
  receiver = g_steal_pointer (&self->receiver);
  g_mutex_unlock (&self->lock);
  receiver_unref (receiver);
}

gboolean
nice_reliable_leave (NiceReliable *self)
{
  gboolean is_over;

  g_mutex_lock (&self->lock);
  if (!self->stream && self->selected)
    ptcp_connection_leave (self->tcp, g_get_monotonic_time ());
  is_over = self->stream || !self->selected
            || ptcp_connection_get_state (self->tcp) == PTCP_CLOSED;
  self->gone = TRUE;
  self->leaving = !is_over;
  self->ended |= is_over;
  settle_and_unlock (self, FALSE);
  nice_reliable_detach (self);
  if (!is_over)
    nice_reliable_read_in (self, self->env.context);
  return is_over;
}

void
nice_reliable_close (NiceReliable *self)
{
  g_mutex_lock (&self->lock);
  self->gone = TRUE;
  self->leaving = FALSE;
  stop_clock (self);
  wake_with_lock (self);
  g_mutex_unlock (&self->lock);
  nice_reliable_detach (self);
}
