/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sending as programs do it: arguments and return values of libnice over the driver's
 * data path. It must not know what a path is. */
#include "config.h"

#include "agent-core.h"

G_STATIC_ASSERT (sizeof (NiceOutputMessage) == sizeof (NiceSendMessage));
G_STATIC_ASSERT (G_STRUCT_OFFSET (NiceOutputMessage, buffers)
                 == G_STRUCT_OFFSET (NiceSendMessage, buffers));
G_STATIC_ASSERT (G_STRUCT_OFFSET (NiceOutputMessage, n_buffers)
                 == G_STRUCT_OFFSET (NiceSendMessage, n_buffers));

/* The properties read here are construct-only, so the lock is not needed for them. */

static NiceReliable *
dup_reliable (NiceAgent *self, guint stream_id, guint component_id, GError **error)
{
  NiceReliable *reliable = nice_agent_dup_reliable (self, stream_id, component_id);

  if (reliable == NULL)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_BROKEN_PIPE,
                         "Invalid stream/component.");
  return reliable;
}

static gint
send_reliably (NiceAgent *self, guint stream_id, guint component_id,
               const GOutputVector *bytes)
{
  g_autoptr (NiceReliable) reliable = dup_reliable (self, stream_id, component_id, NULL);
  gssize sent;

  if (reliable == NULL)
    return -1;
  sent = nice_reliable_write (reliable, bytes->buffer, MIN (bytes->size, G_MAXINT), NULL);
  return sent > 0 ? (gint)sent : -1;
}

/**
 * nice_agent_send:
 * @agent: an agent
 * @stream_id: a stream
 * @component_id: a component
 * @len: number of bytes in @buf
 * @buf: the bytes
 *
 * Sends one datagram; in a reliable agent, as much as there is room for. Does not block.
 *
 * Returns: number of bytes sent; -1 if nothing was, because nothing can be sent at the
 *   moment or for good. [method@Nice.Agent.send_messages_nonblocking] tells which
 */
gint
nice_agent_send (NiceAgent *agent, guint stream_id, guint component_id, guint len,
                 const gchar *buf)
{
  GOutputVector vector = { buf, len };
  NiceSendMessage message = { &vector, 1 };

  nice_check_component (agent, stream_id, component_id, -1);
  g_return_val_if_fail (buf != NULL, -1);

  if (agent->settings.reliable)
    return send_reliably (agent, stream_id, component_id, &vector);
  if (nice_driver_send (agent->driver, stream_id, component_id, &message, 1, NULL) != 1)
    return -1;
  /* An empty datagram is sent, but 0 has always meant that nothing could be. */
  return len > 0 && len <= G_MAXINT ? (gint)len : -1;
}

/**
 * nice_agent_send_bytes:
 * @agent: an agent
 * @stream_id: a stream
 * @component_id: a component
 * @bytes: the bytes
 *
 * As [method@Nice.Agent.send], for bindings, which cannot pass other than text to that.
 *
 * Returns: number of bytes sent; -1 if nothing was
 *
 * Since: icecold 1.0
 */
gint
nice_agent_send_bytes (NiceAgent *agent, guint stream_id, guint component_id,
                       GBytes *bytes)
{
  gsize size;
  const gchar *data;

  nice_check_component (agent, stream_id, component_id, -1);
  g_return_val_if_fail (bytes != NULL, -1);

  data = g_bytes_get_data (bytes, &size);
  if (size > G_MAXINT)
    return -1;
  return nice_agent_send (agent, stream_id, component_id, (guint)size,
                          data != NULL ? data : "");
}

/**
 * nice_agent_send_messages_nonblocking:
 * @agent: an agent
 * @stream_id: a stream
 * @component_id: a component
 * @messages: (array length=n_messages): messages, each of one or more buffers
 * @n_messages: number of @messages
 * @cancellable: (nullable): looked at when the call begins
 * @error: where to put an error
 *
 * Sends messages, without blocking and without copying them first. Each is a datagram; in
 * a reliable agent, a part of the byte stream that is sent whole or not at all.
 *
 * Errors are of the domain %G_IO_ERROR:
 *
 * - %G_IO_ERROR_WOULD_BLOCK: no pair is selected yet, or there is no room for even the
 *   first message now; [signal@Nice.Agent::reliable-transport-writable] tells when to try
 *   again
 * - %G_IO_ERROR_BROKEN_PIPE: there is no such component
 * - %G_IO_ERROR_PERMISSION_DENIED: the peer no longer consents (RFC 7675)
 * - %G_IO_ERROR_CANCELLED: @cancellable was cancelled
 * - %G_IO_ERROR_FAILED: the socket or the connection failed
 *
 * Returns: number of messages sent, 1 to @n_messages; -1 on error
 *
 * Since: 0.1.5
 */
gint
nice_agent_send_messages_nonblocking (NiceAgent *agent, guint stream_id,
                                      guint component_id,
                                      const NiceOutputMessage *messages, guint n_messages,
                                      GCancellable *cancellable, GError **error)
{
  nice_check_component (agent, stream_id, component_id, -1);
  nice_check_call (messages, n_messages, cancellable, error, -1);

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return -1;
  if (agent->settings.reliable)
    {
      g_autoptr (NiceReliable) reliable =
          dup_reliable (agent, stream_id, component_id, error);

      return reliable != NULL ? nice_reliable_send (
                 reliable, (const NiceSendMessage *)messages, n_messages, error)
                              : -1;
    }
  return nice_driver_send (agent->driver, stream_id, component_id,
                           (const NiceSendMessage *)messages, n_messages, error);
}
