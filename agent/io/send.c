/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sends an application's messages on the selected path of a component, without the
 * agent's lock. Decides what a call returns; must not know how datagrams leave. */
#include "config.h"

#include <errno.h>

#include "io/driver-private.h"

#define BATCH 64

static inline void
wrap_message (const NiceSendMessage *message, const NiceAddress *to,
              NiceOutPacket *packet)
{
  const GOutputVector *buffers = message->buffers;
  const gint n_buffers = message->n_buffers;
  gsize size = 0;
  gint i;

  if (G_LIKELY (n_buffers == 1))
    {
      size = buffers[0].size;
      i = 1;
    }
  else
    for (i = 0; n_buffers < 0 ? buffers[i].buffer != NULL : i < n_buffers; i++)
      size += buffers[i].size;
  packet->vectors = buffers;
  packet->n_vectors = i;
  packet->size = MIN (size, G_MAXUINT32 / 2); /* too long for any datagram, anyway */
  packet->head_len = packet->tail_len = packet->tos = 0;
  packet->to = *to;
}

/* What cannot be sent on this path is the engine's to know: it has others. */
static void
report_failure (NiceDriver *self, const NicePath *path, gint error)
{
  IceEngine *engine;
  gint64 now;

  if (error == EMSGSIZE || error == EINVAL || error == ENOMEM || error == ENOBUFS)
    return; /* says nothing of the path */
  engine = nice_driver_enter (self, &now);
  ice_engine_handle_base_error (engine, path->base->id, &path->to,
                                nice_reason_from_errno (error), now);
  nice_driver_leave (self);
}

static gint
send_on_path (const NicePath *path, const NiceSendMessage *messages, guint n_messages,
              gsize *bytes)
{
  NiceOutPacket packets[BATCH];
  guint sent = 0;

  while (sent < n_messages)
    {
      const guint n = MIN (n_messages - sent, BATCH);
      gint result;

      for (guint i = 0; i < n; i++)
        wrap_message (&messages[sent + i], &path->to, &packets[i]);
      result = nice_base_send (path->base, packets, n, FALSE);
      if (result < 0)
        return sent > 0 ? (gint)sent : result;
      sent += result;
      for (gint i = 0; i < result; i++)
        *bytes += packets[i].size;
      if ((guint)result < n)
        break;
    }
  return sent;
}

/* The component, if it can be sent on, and a reference to its path. */
static NicePath *
dup_path (NiceDriver *self, guint stream_id, guint component_id,
          NiceComponentIo **component, GError **error)
{
  NicePath *path = NULL;

  g_mutex_lock (&self->leaf);
  *component = nice_driver_find_component (self, stream_id, component_id);
  if (*component != NULL && (*component)->path != NULL)
    path = nice_path_ref ((*component)->path);
  g_mutex_unlock (&self->leaf);

  /* The path keeps its base, and that the component. */
  if (*component == NULL)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_BROKEN_PIPE,
                         "Invalid stream/component.");
  else if (path == NULL)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK, g_strerror (EAGAIN));
  return path;
}

gint
nice_driver_send (NiceDriver *self, guint stream_id, guint component_id,
                  const NiceSendMessage *messages, guint n_messages, GError **error)
{
  NiceComponentIo *component;
  g_autoptr (NicePath) path = dup_path (self, stream_id, component_id, &component, error);
  gsize bytes = 0;
  gint sent;

  if (path == NULL)
    return -1;
  if (!g_atomic_int_get (&component->has_consent))
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
                           "Consent to send has been revoked by the peer");
      return -1;
    }

  sent = send_on_path (path, messages, n_messages, &bytes);
  if (sent > 0)
    {
      const gint64 now = g_get_monotonic_time ();

      nice_tally_add (&path->meter->sent, sent, bytes, now);
      nice_tally_add (&component->meter->sent, sent, bytes, now);
      nice_component_io_note (component, NICE_TRAFFIC_SENT);
      return sent;
    }
  if (sent == 0 || sent == -EAGAIN)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK,
                           g_strerror (EAGAIN));
      return -1;
    }
  report_failure (self, path, -sent);
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED,
                       "Error writing data to socket.");
  return -1;
}
