/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* PseudoTcpSocket: TCP's reliability over any way of exchanging packets. It does no I/O
 * and has no timers: its owner feeds it packets and the time. */
#pragma once

#include <glib-object.h>

#include "agent.h"

G_BEGIN_DECLS

/**
 * PseudoTcpSocket:
 *
 * One end of a reliable byte stream over packets that may be lost, doubled or reordered.
 * Not thread-safe: the owner calls it from one thread at a time. All callbacks are made
 * from within calls of its functions.
 *
 * Since: 0.0.11
 */
typedef struct _PseudoTcpSocket PseudoTcpSocket;

typedef struct _PseudoTcpSocketClass PseudoTcpSocketClass;

#define PSEUDO_TCP_SOCKET_TYPE pseudo_tcp_socket_get_type ()
#define PSEUDO_TCP_SOCKET(obj)                                                           \
  (G_TYPE_CHECK_INSTANCE_CAST ((obj), PSEUDO_TCP_SOCKET_TYPE, PseudoTcpSocket))
#define PSEUDO_TCP_SOCKET_CLASS(klass)                                                   \
  (G_TYPE_CHECK_CLASS_CAST ((klass), PSEUDO_TCP_SOCKET_TYPE, PseudoTcpSocketClass))
#define IS_PSEUDO_TCP_SOCKET(obj)                                                        \
  (G_TYPE_CHECK_INSTANCE_TYPE ((obj), PSEUDO_TCP_SOCKET_TYPE))
#define IS_PSEUDO_TCP_SOCKET_CLASS(klass)                                                \
  (G_TYPE_CHECK_CLASS_TYPE ((klass), PSEUDO_TCP_SOCKET_TYPE))
#define PSEUDOTCP_SOCKET_GET_CLASS(obj)                                                  \
  (G_TYPE_INSTANCE_GET_CLASS ((obj), PSEUDO_TCP_SOCKET_TYPE, PseudoTcpSocketClass))

/**
 * PseudoTcpDebugLevel:
 * @PSEUDO_TCP_DEBUG_NONE: nothing
 * @PSEUDO_TCP_DEBUG_NORMAL: what is out of the ordinary
 * @PSEUDO_TCP_DEBUG_VERBOSE: every segment
 *
 * How much debugging output there is.
 *
 * Since: 0.0.11
 */
typedef enum
{
  PSEUDO_TCP_DEBUG_NONE = 0,
  PSEUDO_TCP_DEBUG_NORMAL,
  PSEUDO_TCP_DEBUG_VERBOSE
} PseudoTcpDebugLevel;

/**
 * PseudoTcpState:
 * @PSEUDO_TCP_LISTEN: waits for the peer to connect, or for a call to connect
 * @PSEUDO_TCP_SYN_SENT: connecting
 * @PSEUDO_TCP_SYN_RECEIVED: the peer connects
 * @PSEUDO_TCP_ESTABLISHED: data flows both ways
 * @PSEUDO_TCP_CLOSED: closed
 * @PSEUDO_TCP_FIN_WAIT_1: closed here, not acknowledged yet
 * @PSEUDO_TCP_FIN_WAIT_2: closed here and acknowledged; the peer may still send
 * @PSEUDO_TCP_CLOSING: closed by both ends at once
 * @PSEUDO_TCP_TIME_WAIT: closed by both ends, waits for stray segments
 * @PSEUDO_TCP_CLOSE_WAIT: closed by the peer
 * @PSEUDO_TCP_LAST_ACK: closed by the peer and then here, not acknowledged yet
 *
 * State of the connection, with the names of RFC 793.
 *
 * Since: 0.0.11
 */
typedef enum
{
  PSEUDO_TCP_LISTEN = 0,
  PSEUDO_TCP_SYN_SENT,
  PSEUDO_TCP_SYN_RECEIVED,
  PSEUDO_TCP_ESTABLISHED,
  PSEUDO_TCP_CLOSED,
  PSEUDO_TCP_FIN_WAIT_1,
  PSEUDO_TCP_FIN_WAIT_2,
  PSEUDO_TCP_CLOSING,
  PSEUDO_TCP_TIME_WAIT,
  PSEUDO_TCP_CLOSE_WAIT,
  PSEUDO_TCP_LAST_ACK
} PseudoTcpState;

/**
 * PseudoTcpWriteResult:
 * @WR_SUCCESS: the packet was sent, or lost on the way out as packets may be
 * @WR_TOO_LARGE: the packet is larger than the path carries
 * @WR_FAIL: nothing can be sent any more
 *
 * What became of a packet given to the owner.
 *
 * Since: 0.0.11
 */
typedef enum
{
  WR_SUCCESS,
  WR_TOO_LARGE,
  WR_FAIL
} PseudoTcpWriteResult;

/**
 * PseudoTcpShutdown:
 * @PSEUDO_TCP_SHUTDOWN_RD: no more reading
 * @PSEUDO_TCP_SHUTDOWN_WR: no more writing
 * @PSEUDO_TCP_SHUTDOWN_RDWR: neither
 *
 * Which direction of a connection is shut down.
 *
 * Since: 0.1.8
 */
typedef enum
{
  PSEUDO_TCP_SHUTDOWN_RD,
  PSEUDO_TCP_SHUTDOWN_WR,
  PSEUDO_TCP_SHUTDOWN_RDWR
} PseudoTcpShutdown;

/**
 * PseudoTcpCallbacks:
 * @user_data: given to each callback
 * @PseudoTcpOpened: the connection is established
 * @PseudoTcpReadable: there is something to read
 * @PseudoTcpWritable: there is room to write again
 * @PseudoTcpClosed: the connection was aborted; the error is an errno, 0 for none
 * @WritePacket: sends a packet to the peer
 *
 * What a socket calls its owner for. The structure is copied when it is given to a
 * socket.
 *
 * Since: 0.0.11
 */
typedef struct
{
  gpointer user_data;
  void (*PseudoTcpOpened) (PseudoTcpSocket *tcp, gpointer data);
  void (*PseudoTcpReadable) (PseudoTcpSocket *tcp, gpointer data);
  void (*PseudoTcpWritable) (PseudoTcpSocket *tcp, gpointer data);
  void (*PseudoTcpClosed) (PseudoTcpSocket *tcp, guint32 error, gpointer data);
  PseudoTcpWriteResult (*WritePacket) (PseudoTcpSocket *tcp, const gchar *buffer,
                                       guint32 len, gpointer data);
} PseudoTcpCallbacks;

GType pseudo_tcp_socket_get_type (void);

/**
 * pseudo_tcp_set_debug_level:
 * @level: how much
 *
 * Sets how much all sockets of the process log, in the domains `libnice-pseudotcp` and
 * `libnice-pseudotcp-verbose`.
 *
 * Since: 0.0.11
 */
void pseudo_tcp_set_debug_level (PseudoTcpDebugLevel level);

/**
 * pseudo_tcp_socket_new:
 * @conversation: number of the conversation, the same at both ends
 * @callbacks: what to call; copied
 *
 * Makes one end of a connection, in state %PSEUDO_TCP_LISTEN.
 *
 * Returns: (transfer full): the socket
 *
 * Since: 0.0.11
 */
PseudoTcpSocket *
pseudo_tcp_socket_new (guint32 conversation, PseudoTcpCallbacks *callbacks);

/**
 * pseudo_tcp_socket_connect:
 * @self: a socket
 *
 * Connects to the peer. Only in state %PSEUDO_TCP_LISTEN.
 *
 * Returns: %TRUE if begun; else [method@Nice.PseudoTcpSocket.get_error] says `EINVAL`
 *
 * Since: 0.0.11
 */
gboolean pseudo_tcp_socket_connect (PseudoTcpSocket *self);

/**
 * pseudo_tcp_socket_recv:
 * @self: a socket
 * @buffer: where to put the bytes
 * @len: size of @buffer
 *
 * Takes bytes that have arrived.
 *
 * Returns: how many; 0 at the end of the peer's data; -1 if there is none, and then
 *   [method@Nice.PseudoTcpSocket.get_error] says `EWOULDBLOCK` or why there never will be
 *
 * Since: 0.0.11
 */
gint pseudo_tcp_socket_recv (PseudoTcpSocket *self, char *buffer, size_t len);

/**
 * pseudo_tcp_socket_send:
 * @self: a socket
 * @buffer: the bytes
 * @len: how many
 *
 * Gives bytes to be sent, as many as there is room for.
 *
 * Returns: how many were taken; -1 if none, and then
 *   [method@Nice.PseudoTcpSocket.get_error] says `EWOULDBLOCK`, `ENOTCONN` or `EPIPE`
 *
 * Since: 0.0.11
 */
gint pseudo_tcp_socket_send (PseudoTcpSocket *self, const char *buffer, guint32 len);

/**
 * pseudo_tcp_socket_close:
 * @self: a socket
 * @force: whether to give up what was not sent, and reset the connection
 *
 * Closes both directions.
 *
 * Since: 0.0.11
 */
void pseudo_tcp_socket_close (PseudoTcpSocket *self, gboolean force);

/**
 * pseudo_tcp_socket_shutdown:
 * @self: a socket
 * @how: which direction
 *
 * Closes one direction, or both.
 *
 * Since: 0.1.8
 */
void pseudo_tcp_socket_shutdown (PseudoTcpSocket *self, PseudoTcpShutdown how);

/**
 * pseudo_tcp_socket_get_error:
 * @self: a socket
 *
 * Gets the error of the last call that failed.
 *
 * Returns: an errno
 *
 * Since: 0.0.11
 */
int pseudo_tcp_socket_get_error (PseudoTcpSocket *self);

/**
 * pseudo_tcp_socket_get_next_clock:
 * @self: a socket
 * @timeout: a time in milliseconds of the monotonic clock, or 0; set to when the clock is
 * due if that is sooner
 *
 * Asks when [method@Nice.PseudoTcpSocket.notify_clock] has to be called.
 *
 * Returns: %FALSE if never again: the connection is closed
 *
 * Since: 0.0.11
 */
gboolean pseudo_tcp_socket_get_next_clock (PseudoTcpSocket *self, guint64 *timeout);

/**
 * pseudo_tcp_socket_notify_clock:
 * @self: a socket
 *
 * Tells that time has passed.
 *
 * Since: 0.0.11
 */
void pseudo_tcp_socket_notify_clock (PseudoTcpSocket *self);

/**
 * pseudo_tcp_socket_notify_mtu:
 * @self: a socket
 * @mtu: largest packet that the path carries, in bytes with the headers of IP and UDP
 *
 * Tells what the path carries.
 *
 * Since: 0.0.11
 */
void pseudo_tcp_socket_notify_mtu (PseudoTcpSocket *self, guint16 mtu);

/**
 * pseudo_tcp_socket_notify_packet:
 * @self: a socket
 * @buffer: the packet
 * @len: its size
 *
 * Gives a packet of the peer.
 *
 * Returns: %TRUE if it belongs to this connection
 *
 * Since: 0.0.11
 */
gboolean
pseudo_tcp_socket_notify_packet (PseudoTcpSocket *self, const gchar *buffer, guint32 len);

/**
 * pseudo_tcp_socket_notify_message:
 * @self: a socket
 * @message: the packet
 *
 * Gives a packet of the peer that lies in several buffers.
 *
 * Returns: %TRUE if it belongs to this connection
 */
gboolean
pseudo_tcp_socket_notify_message (PseudoTcpSocket *self, NiceInputMessage *message);

/**
 * pseudo_tcp_socket_is_closed:
 * @self: a socket
 *
 * Asks whether the connection is closed.
 *
 * Returns: %TRUE if it is
 *
 * Since: 0.1.8
 */
gboolean pseudo_tcp_socket_is_closed (PseudoTcpSocket *self);

/**
 * pseudo_tcp_socket_is_closed_remotely:
 * @self: a socket
 *
 * Asks whether the peer has closed its direction.
 *
 * Returns: %TRUE if it has
 *
 * Since: 0.1.8
 */
gboolean pseudo_tcp_socket_is_closed_remotely (PseudoTcpSocket *self);

/**
 * pseudo_tcp_socket_get_available_bytes:
 * @self: a socket
 *
 * Asks how much there is to receive.
 *
 * Returns: number of bytes
 */
gint pseudo_tcp_socket_get_available_bytes (PseudoTcpSocket *self);

/**
 * pseudo_tcp_socket_can_send:
 * @self: a socket
 *
 * Asks whether there is room to send.
 *
 * Returns: %TRUE if there is
 */
gboolean pseudo_tcp_socket_can_send (PseudoTcpSocket *self);

/**
 * pseudo_tcp_socket_get_available_send_space:
 * @self: a socket
 *
 * Asks how much room there is to send.
 *
 * Returns: number of bytes
 */
gsize pseudo_tcp_socket_get_available_send_space (PseudoTcpSocket *self);

/**
 * pseudo_tcp_socket_set_time:
 * @self: a socket
 * @current_time: milliseconds; 0 for the clock
 *
 * Sets the time by hand, for tests.
 */
void pseudo_tcp_socket_set_time (PseudoTcpSocket *self, guint32 current_time);

G_END_DECLS
