/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* UDP sockets that the sessions of many agents share: one an address and component.
 *
 * What came in finds its session by what it says of itself, and else by where it is from:
 * a STUN request by the local user name fragment in its USERNAME, an answer by the id of
 * the transaction that a session has begun, everything else by its source, once exactly
 * one session has validated a path from there. What fits nobody is counted and dropped.
 * So nothing that a stranger sends can make anything grow: fragments, transactions and
 * sources are entered by the sessions alone, and each has a limit.
 *
 * Two sessions with the same peer address can be connected, but their data cannot be told
 * apart: it is dropped, and counted for both, until one of them lets go of the address.
 *
 * Each session is served in the context of its component, as if the socket were its own.
 * What another thread has read for it waits in its inbox.
 *
 * NOTES: an allocation on a TURN server belongs to the 5-tuple (RFC 8656 3.1), of which
 * all sessions of a mux share the half that is ours: a second one would be refused with
 * 437. Relays of these sessions therefore have sockets of their own. */
#pragma once

#include <gio/gio.h>

#include "socket/address.h"

G_BEGIN_DECLS

/* Addresses that a session may have validated paths from; a session of RFC 8445 has no
 * more than its checklist has pairs (6.1.2.5), and data comes on very few of them. */
#define NICE_SEAT_MAX_CLAIMS 64

/* Requests without an answer that are known of a session, and for how long: RFC 8489
 * 6.2.1, 39.5 s with the RTO of RFC 8445. */
#define NICE_SEAT_MAX_TRANSACTIONS 128
#define NICE_SEAT_TRANSACTION_LIFE (40 * G_USEC_PER_SEC)

typedef struct _NiceMux NiceMux;

typedef struct
{
  guint64 received;   /* datagrams that found their session */
  guint64 dropped;    /* that it could not take: its inbox was full, or its peer's address
                         was another session's too */
  guint64 unroutable; /* that were nobody's */
  guint n_sessions, n_sockets;
} NiceMuxCounts;

/* port: of the sockets of first components, the others follow; 0: any. context: where the
 * sockets are read. is_sharded: instead there is a socket in the context of each session
 * that joins, among which the kernel spreads the flows. */
NiceMux *nice_mux_new (GMainContext *context, guint16 port, gboolean is_sharded);
NiceMux *nice_mux_ref (NiceMux *self);
void nice_mux_unref (NiceMux *self);

/* Opens the socket at local, whose port is ignored, now instead of with the first session
 * there, and keeps it. Sets local's port. */
gboolean nice_mux_open (NiceMux *self, NiceAddress *local, GError **error);
void nice_mux_get_counts (NiceMux *self, NiceMuxCounts *counts);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (NiceMux, nice_mux_unref)

G_END_DECLS
