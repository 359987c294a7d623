/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The facade of a pseudo-TCP connection: a value that is told things and polled for
 * things. It does no I/O, reads no clock, takes no lock and calls nobody back.
 *
 *     input (any function that takes now)
 *     while (ptcp_connection_poll_transmit (...)) send
 *     while (ptcp_connection_poll_event (...))    act
 *     ptcp_connection_get_deadline ()             when to call handle_timeout
 *
 * Times are microseconds of one monotonic clock. The states are those of RFC 793 3.2. */
#pragma once

#include "pseudotcp/types.h"

G_BEGIN_DECLS

void ptcp_config_init (PtcpConfig *config, guint32 conversation);

PtcpConnection *ptcp_connection_new (const PtcpConfig *config);
void ptcp_connection_free (PtcpConnection *self);

/* --- The application --- */

/* Errors are negative errno values. */
gint ptcp_connection_connect (PtcpConnection *self, gint64 now);
gssize
ptcp_connection_send (PtcpConnection *self, const guint8 *data, gsize len, gint64 now);
/* 0: a send() of len bytes will take all of them, else its error, and PTCP_EVENT_WRITABLE
 * comes when it is worth asking again. */
gssize ptcp_connection_reserve (PtcpConnection *self, gsize len);
gssize ptcp_connection_recv (PtcpConnection *self, guint8 *dest, gsize len, gint64 now);

/* RFC 1122 4.2.2.13: unread data turns it into an abort. */
void ptcp_connection_close (PtcpConnection *self, gint64 now);
void ptcp_connection_shutdown_read (PtcpConnection *self);
void ptcp_connection_shutdown_write (PtcpConnection *self, gint64 now);
void ptcp_connection_abort (PtcpConnection *self, gint64 now);
/* Nobody is there any more: what was sent is delivered, if that works out in a few
 * seconds, and then there is a reset. */
void ptcp_connection_leave (PtcpConnection *self, gint64 now);

/* --- The path --- */

/* FALSE: the packet is none of this connection. */
gboolean ptcp_connection_handle_packet (PtcpConnection *self, const guint8 *data,
                                        gsize len, gint64 now);
void ptcp_connection_handle_timeout (PtcpConnection *self, gint64 now);
gint64 ptcp_connection_get_deadline (const PtcpConnection *self);
gboolean
ptcp_connection_poll_transmit (PtcpConnection *self, PtcpTransmit *transmit, gint64 now);
gboolean ptcp_connection_poll_event (PtcpConnection *self, PtcpEvent *event);

/* The path carries packets of mtu bytes, IP header and what lies between included. */
void ptcp_connection_set_mtu (PtcpConnection *self, guint mtu);

/* A packet of size bytes was refused as too large: goes on with smaller ones (RFC 1191).
 * FALSE: they cannot get any smaller. */
gboolean ptcp_connection_handle_too_large (PtcpConnection *self, gsize size);

/* --- What it is like --- */

PtcpState ptcp_connection_get_state (const PtcpConnection *self);
gboolean ptcp_connection_is_closed_remotely (const PtcpConnection *self);
gsize ptcp_connection_get_available_bytes (const PtcpConnection *self);
gsize ptcp_connection_get_send_space (const PtcpConnection *self);

/* Change at any time; sizes given by hand do not grow any more. */
void ptcp_connection_set_no_delay (PtcpConnection *self, gboolean no_delay);
void ptcp_connection_set_ack_delay (PtcpConnection *self, gint64 ack_delay);
void ptcp_connection_set_receive_buffer (PtcpConnection *self, guint32 size);
void ptcp_connection_set_send_buffer (PtcpConnection *self, guint32 size);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtcpConnection, ptcp_connection_free)

G_END_DECLS
