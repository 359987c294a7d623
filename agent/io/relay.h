/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Relays: bases that are allocations on TURN servers; and what is made like them, with a
 * hand-shake before it is there: ways to STUN servers, connections through proxies.
 *
 * A relay is a chain of layers (socket/recipes.h) over an endpoint. To a server over UDP
 * that is the endpoint of the base it goes via, where packets from the server's address
 * are the relay's; otherwise it has a connection of its own. */
#pragma once

#include "io/driver-private.h"
#include "socket/layer-turn.h"

G_BEGIN_DECLS

/* How long a connection to a server may take; ours to choose. */
#define NICE_RELAY_CONNECT_TIMEOUT (5 * G_USEC_PER_SEC)

/* Whether a request is for one of these. */
gboolean nice_relay_is_needed (const NiceRoads *roads, const IceBaseRequest *request);
/* Whether a base is a connection that we make, to a server or to the peer. */
gboolean nice_relay_is_stream (const NiceDriver *driver, const IceBaseRequest *request);
/* Answers it, in an open scope: 0, the engine is told when it is there, or a negative
 * error. */
gint nice_relay_open (NiceComponentIo *component, const NiceRoads *roads,
                      const IceBaseRequest *request);

/* RFC 6062, with the driver's lock: asks the server to connect. 0 or a negative error. */
gint nice_relay_call (NiceDriver *driver, const IceBaseRequest *request);
/* The same: that is not wanted any more. */
void nice_relay_hang_up (NiceDriver *driver, IceBaseId id);

/* The connection to the server is there. */
void nice_relay_start (NiceBase *base);
/* What a packet from the server brings: packets of peers, in io. Then settle. */
void nice_relay_receive (NiceBase *base, NicePacket *packets, guint n, NiceChainIo *io);
/* After the chain was called, without any lock: tells the engine what happened. */
void nice_relay_settle (NiceBase *base);
/* After the chain was called, with its gate closed: when to call it again. */
void nice_relay_rearm (NiceBase *base);
/* The connection is over. */
void nice_relay_handle_end (NiceBase *base);
/* There is no way to the server. */
void nice_relay_end (NiceBase *base, IceReason reason);

/* With the driver's lock: data will go to that peer from now on. */
void nice_relay_select (NiceBase *base, const NiceAddress *peer);
/* The server is asked whether the allocation is there still. */
void nice_relay_probe (NiceBase *base);
/* Data from the peer's host is let in (RFC 8656 9). */
void nice_relay_allow (NiceBase *base, const NiceAddress *peer);
/* With the driver's lock: takes it from the base that it goes via. */
void nice_relay_detach (NiceBase *base);
/* Without: tells the server that the allocation is not needed any more, and does not
 * wait. */
void nice_relay_say_goodbye (NiceBase *base);
/* The same, to be heard: until the relay is over, give it what comes and its timeouts.
 * FALSE: there is nothing to wait for. */
gboolean nice_relay_release (NiceBase *base);
gboolean nice_relay_is_over (NiceBase *base);
gint64 nice_relay_get_deadline (NiceBase *base);
void nice_relay_handle_timeout (NiceBase *base);
void nice_relay_free (NiceRelay *self);

/* It carries datagrams, over whatever; else it is one connection, of a peer or server. */
gboolean nice_relay_is_allocation (const NiceBase *base);
gboolean nice_relay_is_server (NiceBase *base, const NiceAddress *address);
/* The relay over base whose server that is, or NULL. relays: of base, or NULL. */
NiceBase *nice_relays_find (GPtrArray *relays, const NiceAddress *server);

G_END_DECLS
