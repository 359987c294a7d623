/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Receiving as programs do it: callbacks of three shapes and calls that wait, over the
 * driver's data path. It must not know what a socket is. */
#include "config.h"

#include "agent-core.h"

#include <string.h>

G_STATIC_ASSERT (sizeof (NiceInputMessage) == sizeof (NiceReceiveMessage));
G_STATIC_ASSERT (G_STRUCT_OFFSET (NiceInputMessage, buffers)
                 == G_STRUCT_OFFSET (NiceReceiveMessage, buffers));
G_STATIC_ASSERT (G_STRUCT_OFFSET (NiceInputMessage, n_buffers)
                 == G_STRUCT_OFFSET (NiceReceiveMessage, n_buffers));
G_STATIC_ASSERT (G_STRUCT_OFFSET (NiceInputMessage, from)
                 == G_STRUCT_OFFSET (NiceReceiveMessage, from));
G_STATIC_ASSERT (G_STRUCT_OFFSET (NiceInputMessage, length)
                 == G_STRUCT_OFFSET (NiceReceiveMessage, length));

/* The largest datagram or frame (RFC 768, RFC 4571). */
#define MAX_MESSAGE 65535

struct _NiceMessageExtraData
{
  gint tos; /* -1: not known */
};

typedef struct
{
  guint stream_id, component_id;
  GMainContext *context;
} Target;

/* What the program gave to one of the attach functions. */
typedef struct
{
  GCallback func;
  gpointer data;
  GDestroyNotify notify;
} Receiver;

static void
receiver_free (gpointer data)
{
  Receiver *receiver = data;

  if (receiver->notify != NULL)
    receiver->notify (receiver->data);
  g_free (receiver);
}

static void
receive_plain (GObject *owner, const NiceReceived *received, gpointer data)
{
  const Receiver *receiver = data;

  ((NiceAgentRecvFunc)receiver->func) ((NiceAgent *)owner, received->stream_id,
                                       received->component_id, received->len,
                                       (gchar *)received->data, receiver->data);
}

static void
receive_ex (GObject *owner, const NiceReceived *received, gpointer data)
{
  const Receiver *receiver = data;
  NiceMessageExtraData extra = { received->tos };
  gboolean wanted = NICE_AGENT (owner)->settings.recv_tos;

  ((NiceAgentRecvFuncEx)receiver->func) (
      NICE_AGENT (owner), received->stream_id, received->component_id, received->len,
      (gchar *)received->data, wanted ? &extra : NULL, receiver->data);
}

static void
receive_bytes (GObject *owner, const NiceReceived *received, gpointer data)
{
  const Receiver *receiver = data;
  g_autoptr (GBytes) bytes = g_bytes_new (received->data, received->len);

  ((NiceAgentRecvBytesFunc)receiver->func) (NICE_AGENT (owner), received->stream_id,
                                            received->component_id, bytes,
                                            receiver->data);
}

static gboolean
attach_to (NiceAgent *self, const Target *target, NiceReceiveFunc receive, gpointer data,
           GDestroyNotify notify)
{
  if (self->settings.reliable)
    {
      g_autoptr (NiceReliable) reliable =
          nice_agent_dup_reliable (self, target->stream_id, target->component_id);

      if (reliable != NULL)
        nice_reliable_attach (reliable, target->context, receive, data, notify);
      else if (notify != NULL)
        notify (data);
      return reliable != NULL;
    }
  return nice_driver_attach (self->driver, target->stream_id, target->component_id,
                             target->context, receive, data, notify);
}

static gboolean
attach (NiceAgent *self, const Target *target, NiceReceiveFunc receive,
        const Receiver *receiver)
{
  /* The notify of what was attached before may drop the caller's reference. */
  G_GNUC_UNUSED g_autoptr (GObject) kept = g_object_ref (G_OBJECT (self));
  gboolean done;

  if (receiver->func == NULL)
    {
      done = attach_to (self, target, NULL, NULL, NULL);
      if (receiver->notify != NULL)
        receiver->notify (receiver->data);
    }
  else
    done = attach_to (self, target, receive, g_memdup2 (receiver, sizeof *receiver),
                      receiver_free);
  if (!done)
    g_warning ("Could not find component %u in stream %u", target->component_id,
               target->stream_id);
  return done;
}

/**
 * nice_agent_attach_recv:
 * @agent: an agent
 * @stream_id: a stream
 * @component_id: a component
 * @ctx: main context in which @func is called; %NULL for the default one
 * @func: called for each message received, %NULL for nothing
 * @data: given to @func
 *
 * Sets who gets the data of a component. From now on its sockets are read in @ctx, which
 * has to run.
 *
 * With %NULL as @func nobody gets it: checks of the peer are still answered, in the
 * agent's main context, and messages wait in a queue of limited size for the next call.
 *
 * Returns: %TRUE; %FALSE if there is no such component
 */
gboolean
nice_agent_attach_recv (NiceAgent *agent, guint stream_id, guint component_id,
                        GMainContext *ctx, NiceAgentRecvFunc func, gpointer data)
{
  Receiver receiver = { G_CALLBACK (func), data, NULL };

  nice_check_component (agent, stream_id, component_id, FALSE);

  return attach (agent, &(const Target) { stream_id, component_id, ctx }, receive_plain,
                 &receiver);
}

/**
 * nice_agent_attach_recv_ex:
 * @agent: an agent
 * @stream_id: a stream
 * @component_id: a component
 * @ctx: main context in which @func is called; %NULL for the default one
 * @func: (scope notified): called for each message received, %NULL for nothing
 * @data: given to @func
 * @notify: called with @data when @func is no longer needed: when another one is set, the
 *   stream is removed or the agent ends; at once if this fails
 *
 * As [method@Nice.Agent.attach_recv], with more known about each message.
 *
 * Returns: %TRUE; %FALSE if there is no such component
 *
 * Since: 0.1.24
 */
gboolean
nice_agent_attach_recv_ex (NiceAgent *agent, guint stream_id, guint component_id,
                           GMainContext *ctx, NiceAgentRecvFuncEx func, gpointer data,
                           GDestroyNotify notify)
{
  Receiver receiver = { G_CALLBACK (func), data, notify };

  nice_check_component (agent, stream_id, component_id, FALSE);

  return attach (agent, &(const Target) { stream_id, component_id, ctx }, receive_ex,
                 &receiver);
}

/**
 * nice_agent_attach_recv_bytes:
 * @agent: an agent
 * @stream_id: a stream
 * @component_id: a component
 * @ctx: (nullable): main context in which @func is called; %NULL for the default one
 * @func: (nullable) (scope notified) (closure data) (destroy notify): called for each
 *   message received, %NULL for nothing
 * @data: given to @func
 * @notify: called with @data when @func is no longer needed, as for
 *   [method@Nice.Agent.attach_recv_ex]
 *
 * As [method@Nice.Agent.attach_recv], for bindings: messages come as
 * [struct@GLib.Bytes], which may be kept.
 *
 * Returns: %TRUE; %FALSE if there is no such component
 *
 * Since: icecold 1.0
 */
gboolean
nice_agent_attach_recv_bytes (NiceAgent *agent, guint stream_id, guint component_id,
                              GMainContext *ctx, NiceAgentRecvBytesFunc func,
                              gpointer data, GDestroyNotify notify)
{
  Receiver receiver = { G_CALLBACK (func), data, notify };

  nice_check_component (agent, stream_id, component_id, FALSE);

  return attach (agent, &(const Target) { stream_id, component_id, ctx }, receive_bytes,
                 &receiver);
}

/**
 * nice_message_extra_data_get_tos:
 * @exdata: what is known about a message
 *
 * Gets the type of service with which a message arrived. Known only in an agent with
 * [property@Nice.Agent:recv-tos], which needs GLib 2.88.
 *
 * Returns: (transfer full): the type of service, or %NULL if it is not known
 *
 * Since: 0.1.24
 */
GSocketControlMessage *
nice_message_extra_data_get_tos (NiceMessageExtraData *exdata)
{
  if (exdata == NULL || exdata->tos < 0)
    return NULL;
#if GLIB_CHECK_VERSION(2, 88, 0)
  return g_ip_tos_message_new ((guint8)exdata->tos >> 2,
                               (GEcnCodePoint)(exdata->tos & 3));
#else
  return NULL;
#endif
}

/* --- Calls that wait --- */

typedef struct
{
  guint stream_id, component_id;
  gboolean blocking;
  gboolean whole; /* in a reliable agent: until all buffers are full */
} Wait;

/* Fills the buffers of one message; 0: there was nothing, or nothing more will come. */
static gssize
fill_message (NiceReliable *reliable, const Wait *wait, NiceInputMessage *message,
              GCancellable *cancellable, GError **error)
{
  gsize buffer = 0, at = 0;

  message->length = 0;
  while (message->n_buffers < 0 ? message->buffers[buffer].buffer != NULL
                                : buffer < (gsize)message->n_buffers)
    {
      GInputVector *vector = &message->buffers[buffer];
      guint8 *dest = (guint8 *)vector->buffer + at;
      const gsize room = vector->size - at;
      const gssize n = wait->blocking ? nice_reliable_read_waiting (reliable, dest, room,
                                                                    cancellable, error)
                                      : nice_reliable_read (reliable, dest, room, error);

      if (n <= 0)
        return n;
      message->length += (gsize)n;
      at += (gsize)n;
      if (at == vector->size)
        {
          buffer++;
          at = 0;
        }
      if (!wait->whole)
        break;
    }
  return (gssize)message->length;
}

static gint
receive_reliably (NiceAgent *self, const Wait *wait, NiceInputMessage *messages,
                  guint n_messages, GCancellable *cancellable, GError **error)
{
  g_autoptr (NiceReliable) reliable =
      nice_agent_dup_reliable (self, wait->stream_id, wait->component_id);
  g_autoptr (GError) local = NULL;
  guint filled = 0;
  gssize n = 1;

  if (reliable == NULL)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_BROKEN_PIPE,
                           "Invalid stream/component.");
      return -1;
    }
  nice_reliable_detach (reliable);
  while (filled < n_messages && n > 0)
    {
      n = fill_message (reliable, wait, &messages[filled], cancellable, &local);
      filled += messages[filled].length > 0;
    }
  if (n >= 0 || filled > 0)
    return (gint)filled;
  g_propagate_error (error, g_steal_pointer (&local));
  return -1;
}

static gint
receive (NiceAgent *self, const Wait *wait, NiceInputMessage *messages, guint n_messages,
         GCancellable *cancellable, GError **error)
{
  if (n_messages > G_MAXINT)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                           "The number of messages can’t exceed G_MAXINT");
      return -1;
    }
  if (n_messages == 0)
    return 0;
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return -1;
  if (self->settings.reliable)
    return receive_reliably (self, wait, messages, n_messages, cancellable, error);
  if (wait->blocking)
    return nice_driver_receive (self->driver, wait->stream_id, wait->component_id,
                                (NiceReceiveMessage *)messages, n_messages, cancellable,
                                error);
  return nice_driver_receive_nonblocking (
      self->driver, wait->stream_id, wait->component_id, (NiceReceiveMessage *)messages,
      n_messages, error);
}

static gssize
receive_one (NiceAgent *self, const Wait *wait, guint8 *buf, gsize buf_len,
             GCancellable *cancellable, GError **error)
{
  GInputVector vector = { buf, buf_len };
  NiceInputMessage message = { &vector, 1, NULL, 0 };
  gint n;

  if (buf_len > G_MAXSSIZE)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                           "The buffer length can’t exceed G_MAXSSIZE");
      return -1;
    }
  if (buf_len == 0)
    return 0;
  n = receive (self, wait, &message, 1, cancellable, error);
  return n > 0 ? (gssize)message.length : n;
}

static GBytes *
receive_bytes_of (NiceAgent *self, const Wait *wait, GCancellable *cancellable,
                  GError **error)
{
  g_autofree guint8 *buffer = g_malloc (MAX_MESSAGE);
  gssize length = receive_one (self, wait, buffer, MAX_MESSAGE, cancellable, error);

  return length >= 0 ? g_bytes_new (buffer, (gsize)length) : NULL;
}

/**
 * nice_agent_recv:
 * @agent: an agent
 * @stream_id: a stream
 * @component_id: a component
 * @buf: (array length=buf_len) (out caller-allocates): where to put the message
 * @buf_len: (in): size of @buf; what does not fit is lost, in a reliable agent it is kept
 * @cancellable: (nullable): to end the wait
 * @error: where to put an error
 *
 * Waits for a message, from any thread and without another main loop, also in a handler
 * of a signal and in a receive function. Replaces a function set by
 * [method@Nice.Agent.attach_recv]. Checks of the peer are answered meanwhile.
 *
 * Errors are those of [method@Nice.Agent.recv_messages].
 *
 * Returns: size of the message; 0 at the end of a reliable component's data; -1 on error
 *
 * Since: 0.1.5
 */
gssize
nice_agent_recv (NiceAgent *agent, guint stream_id, guint component_id, guint8 *buf,
                 gsize buf_len, GCancellable *cancellable, GError **error)
{
  nice_check_component (agent, stream_id, component_id, -1);
  nice_check_call (buf, buf_len, cancellable, error, -1);

  return receive_one (agent, &(const Wait) { stream_id, component_id, TRUE, TRUE }, buf,
                      buf_len, cancellable, error);
}

/**
 * nice_agent_recv_nonblocking:
 * @agent: an agent
 * @stream_id: a stream
 * @component_id: a component
 * @buf: (array length=buf_len) (out caller-allocates): where to put the message
 * @buf_len: (in): size of @buf
 * @cancellable: (nullable): looked at when the call begins
 * @error: where to put an error
 *
 * As [method@Nice.Agent.recv], but fails with %G_IO_ERROR_WOULD_BLOCK where that would
 * wait.
 *
 * Returns: size of the message; 0 at the end of a reliable component's data; -1 on error
 *
 * Since: 0.1.5
 */
gssize
nice_agent_recv_nonblocking (NiceAgent *agent, guint stream_id, guint component_id,
                             guint8 *buf, gsize buf_len, GCancellable *cancellable,
                             GError **error)
{
  nice_check_component (agent, stream_id, component_id, -1);
  nice_check_call (buf, buf_len, cancellable, error, -1);

  return receive_one (agent, &(const Wait) { stream_id, component_id, FALSE, TRUE }, buf,
                      buf_len, cancellable, error);
}

/**
 * nice_agent_recv_messages:
 * @agent: an agent
 * @stream_id: a stream
 * @component_id: a component
 * @messages: (array length=n_messages) (out caller-allocates): where to put the messages
 * @n_messages: number of @messages
 * @cancellable: (nullable): to end the wait
 * @error: where to put an error
 *
 * Waits for @n_messages messages, one for each element of @messages; in a reliable agent,
 * until all their buffers are full.
 *
 * Errors are of the domain %G_IO_ERROR:
 *
 * - %G_IO_ERROR_BROKEN_PIPE: there is no such component, or it was removed meanwhile
 * - %G_IO_ERROR_CANCELLED: @cancellable was cancelled
 * - %G_IO_ERROR_INVALID_ARGUMENT: @n_messages is over %G_MAXINT
 *
 * Returns: number of messages received; less than @n_messages, down to 0, at the end of a
 *   reliable component's data; -1 on error
 *
 * Since: 0.1.5
 */
gint
nice_agent_recv_messages (NiceAgent *agent, guint stream_id, guint component_id,
                          NiceInputMessage *messages, guint n_messages,
                          GCancellable *cancellable, GError **error)
{
  nice_check_component (agent, stream_id, component_id, -1);
  nice_check_call (messages, n_messages, cancellable, error, -1);

  return receive (agent, &(const Wait) { stream_id, component_id, TRUE, TRUE }, messages,
                  n_messages, cancellable, error);
}

/**
 * nice_agent_recv_messages_nonblocking:
 * @agent: an agent
 * @stream_id: a stream
 * @component_id: a component
 * @messages: (array length=n_messages) (out caller-allocates): where to put the messages
 * @n_messages: number of @messages
 * @cancellable: (nullable): looked at when the call begins
 * @error: where to put an error
 *
 * As [method@Nice.Agent.recv_messages], but returns what is there already, and fails with
 * %G_IO_ERROR_WOULD_BLOCK if nothing is.
 *
 * Returns: number of messages received; 0 at the end of a reliable component's data; -1
 * on error
 *
 * Since: 0.1.5
 */
gint
nice_agent_recv_messages_nonblocking (NiceAgent *agent, guint stream_id,
                                      guint component_id, NiceInputMessage *messages,
                                      guint n_messages, GCancellable *cancellable,
                                      GError **error)
{
  nice_check_component (agent, stream_id, component_id, -1);
  nice_check_call (messages, n_messages, cancellable, error, -1);

  return receive (agent, &(const Wait) { stream_id, component_id, FALSE, TRUE }, messages,
                  n_messages, cancellable, error);
}

/**
 * nice_agent_recv_bytes:
 * @agent: an agent
 * @stream_id: a stream
 * @component_id: a component
 * @cancellable: (nullable): to end the wait
 * @error: where to put an error
 *
 * As [method@Nice.Agent.recv], for bindings, which cannot call that.
 *
 * Returns: (transfer full): the message; empty at the end of a reliable component's data;
 *   %NULL on error
 *
 * Since: icecold 1.0
 */
GBytes *
nice_agent_recv_bytes (NiceAgent *agent, guint stream_id, guint component_id,
                       GCancellable *cancellable, GError **error)
{
  nice_check_component (agent, stream_id, component_id, NULL);
  nice_check_call (NULL, 0, cancellable, error, NULL);

  return receive_bytes_of (agent, &(const Wait) { stream_id, component_id, TRUE },
                           cancellable, error);
}

/**
 * nice_agent_recv_bytes_nonblocking:
 * @agent: an agent
 * @stream_id: a stream
 * @component_id: a component
 * @cancellable: (nullable): looked at when the call begins
 * @error: where to put an error
 *
 * As [method@Nice.Agent.recv_bytes], but fails with %G_IO_ERROR_WOULD_BLOCK where that
 * would wait.
 *
 * Returns: (transfer full): the message; empty at the end of a reliable component's data;
 *   %NULL on error
 *
 * Since: icecold 1.0
 */
GBytes *
nice_agent_recv_bytes_nonblocking (NiceAgent *agent, guint stream_id, guint component_id,
                                   GCancellable *cancellable, GError **error)
{
  nice_check_component (agent, stream_id, component_id, NULL);
  nice_check_call (NULL, 0, cancellable, error, NULL);

  return receive_bytes_of (agent, &(const Wait) { stream_id, component_id, FALSE },
                           cancellable, error);
}
