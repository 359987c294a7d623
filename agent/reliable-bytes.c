/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Bytes of programs into a reliable component and out of it, without waiting: how much is
 * taken, what is returned, and which error says why nothing was. */
#include "config.h"

#include "reliable-core.h"

#include <errno.h>
#include <string.h>

#define MAX_FRAME 63488 /* bytes of a frame on a TCP path; libnice's */

gssize
nice_reliable_take (NiceReliable *self, guint8 *data, gsize size)
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

/* On a TCP path, with the lock, which it drops. Room that came while the driver refused
 * is not missed. */
static gint
send_on_stream (NiceReliable *self, const NiceSendMessage *messages, guint n_messages,
                GError **error)
{
  const guint n_rooms = self->n_rooms;
  g_autoptr (GError) local = NULL;
  gint sent;

  g_mutex_unlock (&self->lock);
  sent = nice_driver_send (self->env.driver, self->stream_id, self->component_id,
                           messages, n_messages, &local);
  if (g_error_matches (local, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    {
      g_mutex_lock (&self->lock);
      self->full |= self->n_rooms == n_rooms;
      g_mutex_unlock (&self->lock);
    }
  if (sent < 0)
    g_propagate_error (error, g_steal_pointer (&local));
  return sent;
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
        return send_on_stream (self, messages, n_messages, error);
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
  nice_reliable_settle (self, NULL);
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
        return send_on_stream (self, &message, 1, error) == 1 ? (gssize)vector.size : -1;
      written = ptcp_connection_send (self->tcp, data, size, g_get_monotonic_time ());
      if (written < 0)
        {
          g_set_error_literal (error, G_IO_ERROR, g_io_error_from_errno ((gint)-written),
                               g_strerror ((gint)-written));
          written = -1;
        }
    }
  nice_reliable_settle (self, NULL);
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
      length = nice_reliable_take (self, data, size);
      if (length < 0 && (self->closed || ptcp_connection_is_closed_remotely (self->tcp)))
        length = 0;
      if (length < 0)
        g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK,
                             g_strerror (EAGAIN));
    }
  nice_reliable_settle (self, NULL);
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
  nice_reliable_settle (self, NULL);
}
