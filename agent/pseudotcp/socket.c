/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* PseudoTcpSocket: the public GObject around a PtcpConnection. Here are the clock,
 * libnice's conventions for results and errors, and the calls back into the owner; how
 * the protocol works is not known here. */
#include "config.h"

#include "pseudotcp.h"

#include "pseudotcp/connection.h"

#include <errno.h>
#include <string.h>

/* An idle socket still names a time to look at it again: no time means it is closed. */
#define IDLE_CLOCK_MS 4000

struct _PseudoTcpSocket
{
  GObject parent;
  PtcpConnection *connection;
  PtcpConfig config;
  PseudoTcpCallbacks callbacks;
  guint32 time; /* milliseconds as set by hand, 0: the clock's */
  int error;
  PtcpState logged_state;
  guint8 *packet; /* where packets are put together for WritePacket */
  gsize packet_size;
};

struct _PseudoTcpSocketClass
{
  GObjectClass parent_class;
};

G_DEFINE_TYPE (PseudoTcpSocket, pseudo_tcp_socket, G_TYPE_OBJECT)

enum
{
  PROP_CONVERSATION = 1,
  PROP_CALLBACKS,
  PROP_STATE,
  PROP_ACK_DELAY,
  PROP_NO_DELAY,
  PROP_RCV_BUF,
  PROP_SND_BUF,
  PROP_SUPPORT_FIN_ACK,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];
static gint debug_level = PSEUDO_TCP_DEBUG_NONE;

G_STATIC_ASSERT ((gint)PTCP_LISTEN == (gint)PSEUDO_TCP_LISTEN);
G_STATIC_ASSERT ((gint)PTCP_CLOSED == (gint)PSEUDO_TCP_CLOSED);
G_STATIC_ASSERT ((gint)PTCP_LAST_ACK == (gint)PSEUDO_TCP_LAST_ACK);

void
pseudo_tcp_set_debug_level (PseudoTcpDebugLevel level)
{
  g_atomic_int_set (&debug_level, (gint)level);
}

static gint64
get_now (PseudoTcpSocket *self)
{
  return self->time != 0 ? self->time * (gint64)1000 : g_get_monotonic_time ();
}

/* --- To the owner --- */

static void
log_packet (PseudoTcpSocket *self, const char *direction, gsize len)
{
  if (g_atomic_int_get (&debug_level) >= PSEUDO_TCP_DEBUG_VERBOSE)
    g_log ("libnice-pseudotcp-verbose", G_LOG_LEVEL_DEBUG,
           "PseudoTcpSocket %p: %s %" G_GSIZE_FORMAT " bytes", self, direction, len);
}

static void
log_state (PseudoTcpSocket *self)
{
  PtcpState state = ptcp_connection_get_state (self->connection);

  if (state != self->logged_state
      && g_atomic_int_get (&debug_level) >= PSEUDO_TCP_DEBUG_NORMAL)
    g_log ("libnice-pseudotcp", G_LOG_LEVEL_DEBUG, "PseudoTcpSocket %p: state %d -> %d",
           self, self->logged_state, state);
  self->logged_state = state;
}

static const guint8 *
put_together (PseudoTcpSocket *self, const PtcpTransmit *transmit)
{
  gsize at = transmit->header_len;

  if (self->packet_size < transmit->size)
    {
      g_free (self->packet);
      self->packet = g_malloc (transmit->size);
      self->packet_size = transmit->size;
    }
  memcpy (self->packet, transmit->header, at);
  for (guint i = 0; i < transmit->n_vectors; i++)
    {
      memcpy (self->packet + at, transmit->vectors[i].buffer, transmit->vectors[i].size);
      at += transmit->vectors[i].size;
    }
  return self->packet;
}

static void
write_packets (PseudoTcpSocket *self)
{
  PtcpTransmit transmit;

  while (ptcp_connection_poll_transmit (self->connection, &transmit, get_now (self)))
    {
      const guint8 *packet = put_together (self, &transmit);
      PseudoTcpWriteResult result = WR_FAIL;

      log_packet (self, "sends", transmit.size);
      if (self->callbacks.WritePacket != NULL)
        result = self->callbacks.WritePacket (self, (const gchar *)packet,
                                              (guint32)transmit.size,
                                              self->callbacks.user_data);
      /* Any other failure is a lost packet, as far as a protocol can tell. */
      if (result == WR_TOO_LARGE)
        ptcp_connection_handle_too_large (self->connection, transmit.size);
    }
}

static void
call_back (PseudoTcpSocket *self, const PtcpEvent *event)
{
  const PseudoTcpCallbacks *callbacks = &self->callbacks;

  switch (event->kind)
    {
    case PTCP_EVENT_OPENED:
      if (callbacks->PseudoTcpOpened != NULL)
        callbacks->PseudoTcpOpened (self, callbacks->user_data);
      break;
    case PTCP_EVENT_READABLE:
      if (callbacks->PseudoTcpReadable != NULL)
        callbacks->PseudoTcpReadable (self, callbacks->user_data);
      break;
    case PTCP_EVENT_WRITABLE:
      if (callbacks->PseudoTcpWritable != NULL)
        callbacks->PseudoTcpWritable (self, callbacks->user_data);
      break;
    case PTCP_EVENT_CLOSED:
      if (callbacks->PseudoTcpClosed != NULL)
        callbacks->PseudoTcpClosed (self, (guint32)event->error, callbacks->user_data);
      break;
    }
}

/* After every input. Callbacks may call anything, and drop the last other reference. */
static void
drain (PseudoTcpSocket *self)
{
  PtcpEvent event;

  g_object_ref (self);
  write_packets (self);
  log_state (self);
  while (ptcp_connection_poll_event (self->connection, &event))
    call_back (self, &event);
  g_object_unref (self);
}

/* Results of the core as libnice gives them: -1, and the reason aside. */
static gint
to_result (PseudoTcpSocket *self, gssize n)
{
  if (n >= 0)
    return (gint)n;
  self->error = (int)-n;
  return -1;
}

/* --- From the owner --- */

PseudoTcpSocket *
pseudo_tcp_socket_new (guint32 conversation, PseudoTcpCallbacks *callbacks)
{
  return g_object_new (PSEUDO_TCP_SOCKET_TYPE, "conversation", conversation, "callbacks",
                       callbacks, NULL);
}

gboolean
pseudo_tcp_socket_connect (PseudoTcpSocket *self)
{
  g_return_val_if_fail (IS_PSEUDO_TCP_SOCKET (self), FALSE);

  if (to_result (self, ptcp_connection_connect (self->connection, get_now (self))) < 0)
    return FALSE;
  drain (self);
  return TRUE;
}

gint
pseudo_tcp_socket_recv (PseudoTcpSocket *self, char *buffer, size_t len)
{
  gint n;

  g_return_val_if_fail (IS_PSEUDO_TCP_SOCKET (self), -1);
  g_return_val_if_fail (buffer != NULL || len == 0, -1);

  n = to_result (self, ptcp_connection_recv (self->connection, (guint8 *)buffer, len,
                                             get_now (self)));
  drain (self);
  return n;
}

gint
pseudo_tcp_socket_send (PseudoTcpSocket *self, const char *buffer, guint32 len)
{
  gint n;

  g_return_val_if_fail (IS_PSEUDO_TCP_SOCKET (self), -1);
  g_return_val_if_fail (buffer != NULL || len == 0, -1);

  n = to_result (self, ptcp_connection_send (self->connection, (const guint8 *)buffer,
                                             len, get_now (self)));
  drain (self);
  return n;
}

void
pseudo_tcp_socket_close (PseudoTcpSocket *self, gboolean force)
{
  g_return_if_fail (IS_PSEUDO_TCP_SOCKET (self));

  if (force)
    ptcp_connection_abort (self->connection, get_now (self));
  else
    ptcp_connection_close (self->connection, get_now (self));
  drain (self);
}

void
pseudo_tcp_socket_shutdown (PseudoTcpSocket *self, PseudoTcpShutdown how)
{
  g_return_if_fail (IS_PSEUDO_TCP_SOCKET (self));

  switch (how)
    {
    case PSEUDO_TCP_SHUTDOWN_RD:
      ptcp_connection_shutdown_read (self->connection);
      break;
    case PSEUDO_TCP_SHUTDOWN_WR:
      ptcp_connection_shutdown_write (self->connection, get_now (self));
      break;
    case PSEUDO_TCP_SHUTDOWN_RDWR:
      ptcp_connection_close (self->connection, get_now (self));
      break;
    }
  drain (self);
}

int
pseudo_tcp_socket_get_error (PseudoTcpSocket *self)
{
  g_return_val_if_fail (IS_PSEUDO_TCP_SOCKET (self), 0);

  return self->error;
}

/* An owner of many sockets goes through them with one variable: a sooner time that is in
 * it already stays. */
gboolean
pseudo_tcp_socket_get_next_clock (PseudoTcpSocket *self, guint64 *timeout)
{
  gint64 deadline;
  guint64 ms;

  g_return_val_if_fail (IS_PSEUDO_TCP_SOCKET (self), FALSE);
  g_return_val_if_fail (timeout != NULL, FALSE);

  if (ptcp_connection_get_state (self->connection) == PTCP_CLOSED)
    return FALSE;

  deadline = ptcp_connection_get_deadline (self->connection);
  if (deadline == PTCP_NEVER)
    ms = (guint64)get_now (self) / 1000 + IDLE_CLOCK_MS;
  else
    ms = ((guint64)deadline + 999) / 1000;
  if (*timeout == 0 || ms < *timeout)
    *timeout = ms;
  return TRUE;
}

void
pseudo_tcp_socket_notify_clock (PseudoTcpSocket *self)
{
  g_return_if_fail (IS_PSEUDO_TCP_SOCKET (self));

  ptcp_connection_handle_timeout (self->connection, get_now (self));
  drain (self);
}

void
pseudo_tcp_socket_notify_mtu (PseudoTcpSocket *self, guint16 mtu)
{
  g_return_if_fail (IS_PSEUDO_TCP_SOCKET (self));

  ptcp_connection_set_mtu (self->connection, mtu);
}

gboolean
pseudo_tcp_socket_notify_packet (PseudoTcpSocket *self, const gchar *buffer, guint32 len)
{
  gboolean is_ours;

  g_return_val_if_fail (IS_PSEUDO_TCP_SOCKET (self), FALSE);
  g_return_val_if_fail (buffer != NULL || len == 0, FALSE);

  log_packet (self, "gets", len);
  is_ours = ptcp_connection_handle_packet (self->connection, (const guint8 *)buffer, len,
                                           get_now (self));
  drain (self);
  return is_ours;
}

gboolean
pseudo_tcp_socket_notify_message (PseudoTcpSocket *self, NiceInputMessage *message)
{
  g_autofree gchar *packet = NULL;
  gsize at = 0;

  g_return_val_if_fail (IS_PSEUDO_TCP_SOCKET (self), FALSE);
  g_return_val_if_fail (message != NULL && message->length <= G_MAXUINT32, FALSE);

  if (message->n_buffers != 0 && message->buffers[0].size >= message->length)
    return pseudo_tcp_socket_notify_packet (self, message->buffers[0].buffer,
                                            (guint32)message->length);

  packet = g_malloc (message->length);
  for (gint i = 0; at < message->length
                   && (message->n_buffers < 0 ? message->buffers[i].buffer != NULL
                                              : i < message->n_buffers);
       i++)
    {
      gsize len = MIN (message->buffers[i].size, message->length - at);

      memcpy (packet + at, message->buffers[i].buffer, len);
      at += len;
    }
  return pseudo_tcp_socket_notify_packet (self, packet, (guint32)at);
}

gboolean
pseudo_tcp_socket_is_closed (PseudoTcpSocket *self)
{
  g_return_val_if_fail (IS_PSEUDO_TCP_SOCKET (self), TRUE);

  return ptcp_connection_get_state (self->connection) == PTCP_CLOSED;
}

gboolean
pseudo_tcp_socket_is_closed_remotely (PseudoTcpSocket *self)
{
  g_return_val_if_fail (IS_PSEUDO_TCP_SOCKET (self), TRUE);

  return ptcp_connection_is_closed_remotely (self->connection);
}

gint
pseudo_tcp_socket_get_available_bytes (PseudoTcpSocket *self)
{
  g_return_val_if_fail (IS_PSEUDO_TCP_SOCKET (self), 0);

  return (gint)ptcp_connection_get_available_bytes (self->connection);
}

gboolean
pseudo_tcp_socket_can_send (PseudoTcpSocket *self)
{
  return pseudo_tcp_socket_get_available_send_space (self) > 0;
}

gsize
pseudo_tcp_socket_get_available_send_space (PseudoTcpSocket *self)
{
  g_return_val_if_fail (IS_PSEUDO_TCP_SOCKET (self), 0);

  return ptcp_connection_get_send_space (self->connection);
}

void
pseudo_tcp_socket_set_time (PseudoTcpSocket *self, guint32 current_time)
{
  g_return_if_fail (IS_PSEUDO_TCP_SOCKET (self));

  self->time = current_time;
}

/* --- GObject --- */

static void
pseudo_tcp_socket_get_property (GObject *object, guint id, GValue *value,
                                GParamSpec *pspec)
{
  PseudoTcpSocket *self = PSEUDO_TCP_SOCKET (object);

  switch (id)
    {
    case PROP_CONVERSATION:
      g_value_set_uint (value, self->config.conversation);
      break;
    case PROP_CALLBACKS:
      g_value_set_pointer (value, &self->callbacks);
      break;
    case PROP_STATE:
      g_value_set_uint (value, ptcp_connection_get_state (self->connection));
      break;
    case PROP_ACK_DELAY:
      g_value_set_uint (value, (guint)(self->config.ack_delay / 1000));
      break;
    case PROP_NO_DELAY:
      g_value_set_boolean (value, self->config.no_delay);
      break;
    case PROP_RCV_BUF:
      g_value_set_uint (value, self->config.receive_buffer);
      break;
    case PROP_SND_BUF:
      g_value_set_uint (value, self->config.send_buffer);
      break;
    case PROP_SUPPORT_FIN_ACK:
      g_value_set_boolean (value, self->config.fin_ack);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

/* Until the connection is made, at the end of construction, only its settings change. */
static void
set_setting (PseudoTcpSocket *self, guint id, const GValue *value)
{
  PtcpConfig *config = &self->config;

  switch (id)
    {
    case PROP_ACK_DELAY:
      config->ack_delay = g_value_get_uint (value) * (gint64)1000;
      if (self->connection != NULL)
        ptcp_connection_set_ack_delay (self->connection, config->ack_delay);
      break;
    case PROP_NO_DELAY:
      config->no_delay = g_value_get_boolean (value);
      if (self->connection != NULL)
        ptcp_connection_set_no_delay (self->connection, config->no_delay);
      break;
    case PROP_RCV_BUF:
      config->receive_buffer = g_value_get_uint (value);
      config->receive_grows = FALSE;
      if (self->connection != NULL)
        ptcp_connection_set_receive_buffer (self->connection, config->receive_buffer);
      break;
    case PROP_SND_BUF:
      config->send_buffer = g_value_get_uint (value);
      config->send_grows = FALSE;
      if (self->connection != NULL)
        ptcp_connection_set_send_buffer (self->connection, config->send_buffer);
      break;
    default:
      g_assert_not_reached ();
    }
}

static void
pseudo_tcp_socket_set_property (GObject *object, guint id, const GValue *value,
                                GParamSpec *pspec)
{
  PseudoTcpSocket *self = PSEUDO_TCP_SOCKET (object);
  const PseudoTcpCallbacks *callbacks;

  switch (id)
    {
    case PROP_CONVERSATION:
      self->config.conversation = g_value_get_uint (value);
      break;
    case PROP_CALLBACKS:
      callbacks = g_value_get_pointer (value);
      if (callbacks != NULL)
        self->callbacks = *callbacks;
      break;
    case PROP_SUPPORT_FIN_ACK:
      self->config.fin_ack = g_value_get_boolean (value);
      break;
    case PROP_ACK_DELAY:
    case PROP_NO_DELAY:
    case PROP_RCV_BUF:
    case PROP_SND_BUF:
      set_setting (self, id, value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
pseudo_tcp_socket_init (PseudoTcpSocket *self)
{
  ptcp_config_init (&self->config, 0);
}

static void
pseudo_tcp_socket_constructed (GObject *object)
{
  PseudoTcpSocket *self = PSEUDO_TCP_SOCKET (object);

  G_OBJECT_CLASS (pseudo_tcp_socket_parent_class)->constructed (object);
  self->connection = ptcp_connection_new (&self->config);
}

static void
pseudo_tcp_socket_finalize (GObject *object)
{
  PseudoTcpSocket *self = PSEUDO_TCP_SOCKET (object);

  ptcp_connection_free (self->connection);
  g_free (self->packet);
  G_OBJECT_CLASS (pseudo_tcp_socket_parent_class)->finalize (object);
}

static void
pseudo_tcp_socket_class_init (PseudoTcpSocketClass *klass)
{
  const GParamFlags fixed =
      G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS;
  const GParamFlags open = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = pseudo_tcp_socket_get_property;
  object_class->set_property = pseudo_tcp_socket_set_property;
  object_class->constructed = pseudo_tcp_socket_constructed;
  object_class->finalize = pseudo_tcp_socket_finalize;

  /**
   * PseudoTcpSocket:conversation:
   *
   * What both ends of a connection have in common, and no other between the same
   * addresses has.
   */
  properties[PROP_CONVERSATION] =
      g_param_spec_uint ("conversation", NULL, NULL, 0, G_MAXUINT32, 0, fixed);
  /**
   * PseudoTcpSocket:callbacks:
   *
   * A pointer to [struct@Nice.PseudoTcpCallbacks], whose contents are copied.
   */
  properties[PROP_CALLBACKS] = g_param_spec_pointer ("callbacks", NULL, NULL, open);
  /**
   * PseudoTcpSocket:state:
   *
   * A [enum@Nice.PseudoTcpState].
   */
  properties[PROP_STATE] =
      g_param_spec_uint ("state", NULL, NULL, PSEUDO_TCP_LISTEN, PSEUDO_TCP_CLOSED,
                         PSEUDO_TCP_LISTEN, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  /**
   * PseudoTcpSocket:ack-delay:
   *
   * How long an acknowledgement may wait for data to go with, in milliseconds; 0 for not
   * at all, 100 unless it is set.
   */
  properties[PROP_ACK_DELAY] = g_param_spec_uint ("ack-delay", NULL, NULL, 0, G_MAXUINT,
                                                  PTCP_DEFAULT_ACK_DELAY / 1000, open);
  /**
   * PseudoTcpSocket:no-delay:
   *
   * Whether small writes are sent at once, as they are unless this is set. %FALSE: they
   * are gathered while anything is in flight (Nagle's algorithm, RFC 9293 section 3.7.4).
   */
  properties[PROP_NO_DELAY] = g_param_spec_boolean ("no-delay", NULL, NULL, TRUE, open);
  /**
   * PseudoTcpSocket:rcv-buf:
   *
   * Bytes that may wait to be read: 61,440 at first, and more as the path asks for it,
   * unless it is set.
   */
  properties[PROP_RCV_BUF] = g_param_spec_uint ("rcv-buf", NULL, NULL, 1, G_MAXUINT,
                                                PTCP_DEFAULT_RECEIVE_BUFFER, open);
  /**
   * PseudoTcpSocket:snd-buf:
   *
   * Bytes that may wait to be sent or acknowledged: 92,160 at first, and more as the path
   * asks for it, unless it is set.
   */
  properties[PROP_SND_BUF] = g_param_spec_uint ("snd-buf", NULL, NULL, 1, G_MAXUINT,
                                                PTCP_DEFAULT_SEND_BUFFER, open);
  /**
   * PseudoTcpSocket:support-fin-ack:
   *
   * Whether one direction can be closed, as it can unless this is set. %FALSE: peers are
   * spoken to as if that were not known.
   *
   * Since: 0.1.8
   */
  properties[PROP_SUPPORT_FIN_ACK] =
      g_param_spec_boolean ("support-fin-ack", NULL, NULL, TRUE, fixed);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}
