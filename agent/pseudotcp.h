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

void pseudo_tcp_set_debug_level (PseudoTcpDebugLevel level);

PseudoTcpSocket *
pseudo_tcp_socket_new (guint32 conversation, PseudoTcpCallbacks *callbacks);
gboolean pseudo_tcp_socket_connect (PseudoTcpSocket *self);
gint pseudo_tcp_socket_recv (PseudoTcpSocket *self, char *buffer, size_t len);
gint pseudo_tcp_socket_send (PseudoTcpSocket *self, const char *buffer, guint32 len);
void pseudo_tcp_socket_close (PseudoTcpSocket *self, gboolean force);
void pseudo_tcp_socket_shutdown (PseudoTcpSocket *self, PseudoTcpShutdown how);
int pseudo_tcp_socket_get_error (PseudoTcpSocket *self);
gboolean pseudo_tcp_socket_get_next_clock (PseudoTcpSocket *self, guint64 *timeout);
void pseudo_tcp_socket_notify_clock (PseudoTcpSocket *self);
void pseudo_tcp_socket_notify_mtu (PseudoTcpSocket *self, guint16 mtu);
gboolean
pseudo_tcp_socket_notify_packet (PseudoTcpSocket *self, const gchar *buffer, guint32 len);
gboolean
pseudo_tcp_socket_notify_message (PseudoTcpSocket *self, NiceInputMessage *message);
gboolean pseudo_tcp_socket_is_closed (PseudoTcpSocket *self);
gboolean pseudo_tcp_socket_is_closed_remotely (PseudoTcpSocket *self);
gint pseudo_tcp_socket_get_available_bytes (PseudoTcpSocket *self);
gboolean pseudo_tcp_socket_can_send (PseudoTcpSocket *self);
gsize pseudo_tcp_socket_get_available_send_space (PseudoTcpSocket *self);
void pseudo_tcp_socket_set_time (PseudoTcpSocket *self, guint32 current_time);

G_END_DECLS
