/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A TCP connection as an endpoint, and the listening socket that brings some.
 *
 * What a connection receives is runs of bytes. What it is given to send, it takes whole:
 * the part that the socket has no room for waits in a backlog, and has_backlog says so,
 * until flush() is called when the socket is writable. Who has data that may as well be
 * refused looks at has_backlog first; control messages, and whatever else has to keep its
 * place in the stream, just queue. */
#pragma once

#include "socket/endpoint.h"

G_BEGIN_DECLS

/* Beyond this nothing more is taken: a peer that stops reading costs no more. */
#define NICE_TCP_BACKLOG_LIMIT (256 * 1024)

/* Begins to connect from local (port 0: any; else one that a listener has) to remote;
 * nice_tcp_endpoint_finish() is due when the socket is writable. Returns 0 or a negative
 * error. */
gint nice_tcp_endpoint_connect (const NiceAddress *local, const NiceAddress *remote,
                                NiceEndpoint **endpoint);
/* Returns 0 once connected, or the negative error that it ended with. */
gint nice_tcp_endpoint_finish (NiceEndpoint *self);

gint nice_tcp_listener_new (const NiceAddress *local, guint16 min_port, guint16 max_port,
                            NiceEndpoint **endpoint);
/* Takes one connection from a listener; -EAGAIN: there is none. */
gint nice_tcp_listener_accept (NiceEndpoint *self, NiceEndpoint **endpoint);

const NiceAddress *nice_tcp_endpoint_get_remote (NiceEndpoint *self);

G_END_DECLS
