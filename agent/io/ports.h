/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The objects of a mux, as ports.c, seat.c and post.c share them.
 *
 * Two locks. The mux's guards its ports and their shards; it is taken when a session
 * comes or goes. A port's guards what is needed to find a session, and nothing but a
 * reactor's lock is taken inside; readers take it for batches with STUN in them. A
 * driver's lock may be held when they are taken, never the other way round.
 *
 * Where data goes, the claims say, which are read inside the port's gate (gate.h), too:
 * they are changed with the lock and the gate closed. */
#pragma once

#include "io/driver-private.h"
#include "io/gate.h"
#include "io/mux.h"
#include "io/node-index.h"

G_BEGIN_DECLS

typedef struct _NicePort NicePort;
typedef struct _NiceShard NiceShard;
typedef struct _NiceClaim NiceClaim;

/* Counted by readers without the lock. */
typedef struct
{
  _Atomic guint64 received, dropped, unroutable;
} NicePortCounts;

static inline void
nice_count (_Atomic guint64 *count, guint n)
{
  atomic_fetch_add_explicit (count, n, memory_order_relaxed);
}

/* An address that a session has a validated path from. */
struct _NiceClaim
{
  NiceNode node;
  NiceSeat *seat;
  NiceClaim *next, *previous; /* of other sessions, to the same address */
  NiceClaim *sibling;         /* of the same session */
};

/* A request that a session has sent. */
typedef struct
{
  NiceNode node;
  NiceSeat *seat;
  GList link; /* in its seat's, by age */
  gint64 sent;
} NiceTransaction;

/* What many sessions know as one address and port. */
struct _NicePort
{
  gint ref_count; /* atomic */
  NiceMux *mux;
  guint component_id;
  NiceAddress address; /* with the port, once that is known */
  GPtrArray *shards;   /* with the mux's lock */

  NiceGate gate;        /* of claims */
  NiceNodeIndex claims; /* of NiceClaim, the first of each address */

  GMutex lock;
  NiceNodeIndex transactions; /* of NiceTransaction */
  GHashTable *ufrags;         /* of NiceSeat, by its local ufrags */
  NicePortCounts counts;
};

/* One of its sockets. */
struct _NiceShard
{
  gint ref_count; /* atomic */
  NicePort *port;
  NiceEndpoint *endpoint;
  NiceReactor *reactor;
  NiceWatch watch;
  guint n_seats;    /* with the mux's lock */
  gboolean is_kept; /* without any, too */
};

/* A session's place: what it is found by, and what is kept for it. With the port's lock,
 * where nothing else is said. */
struct _NiceSeat
{
  NiceBase *base;    /* whose part this is */
  NiceShard *shard;  /* that it sends through */
  NiceReactor *home; /* atomic: where base is read; NULL: nowhere */
  gboolean has_left;
  gint tos;                 /* atomic: traffic class of what is sent */
  gchar *ufrag, *old_ufrag; /* of now, and from before a restart (RFC 8445 9) */
  NiceClaim *claims;
  guint n_claims;
  GQueue transactions; /* of NiceTransaction, oldest first */
  NicePending inbox;   /* has a lock of its own */
  NiceTimer timer;     /* due at once: there is something in inbox */
  gint is_called;      /* atomic: timer is set */
  NiceWatch pump;      /* with the driver's lock: of the shard's socket, at home */
  NicePortCounts counts;
};

/* --- ports.c --- */

NiceShard *nice_shard_ref (NiceShard *self);
void nice_shard_unref (NiceShard *self);

/* Takes a place for a new base of component, which is to be added to the driver. Returns
 * 0 or a negative error; -EADDRINUSE: another session has that ufrag, too. */
gint nice_mux_join (NiceMux *self, NiceComponentIo *component,
                    const IceBaseRequest *request, const gchar *ufrag, NiceBase **base);
/* A seat of that shard is empty. */
void nice_mux_leave (NiceMux *self, NiceShard *shard);

/* --- seat.c --- */

NiceSeat *nice_seat_new (NiceBase *base, NiceShard *shard);
/* It is nobody's any more; may be called again. */
void nice_seat_leave (NiceSeat *self);
void nice_seat_free (NiceSeat *self);

/* Where the base is read from now on. */
void nice_seat_move (NiceSeat *self, NiceReactor *home);
/* Until it moves, the shared socket is read at home, too. */
void nice_seat_pump (NiceSeat *self);
/* FALSE: another session has it. The one before stays valid. */
gboolean nice_seat_set_ufrag (NiceSeat *self, const gchar *ufrag);
gboolean nice_seat_may_use_ufrag (NiceSeat *self, const gchar *ufrag);
/* The base has, or has no more, a validated path from there. */
void nice_seat_claim (NiceSeat *self, const NiceAddress *remote);
void nice_seat_disclaim (NiceSeat *self, const NiceAddress *remote);
/* As nice_base_send(). */
gint nice_seat_send (NiceSeat *self, const NiceOutPacket *packets, guint n_packets,
                     gboolean is_control);
gint nice_seat_send_run (NiceSeat *self, const NiceOutRun *run, gsize *bytes);
/* With the port's lock: an answer has come. */
void nice_seat_forget (NiceSeat *self, NiceTransaction *transaction);
/* What was read elsewhere. */
void nice_seat_put_off (NiceSeat *self, const NicePacket *packets, guint n_packets);
void nice_seat_get_counts (NiceSeat *self, NiceMuxCounts *counts);

/* --- post.c: from a socket to the sessions --- */

/* The shard's socket is readable, in the context of reactor. */
void nice_shard_ready (NiceShard *self, NiceReactor *reactor, gboolean has_error);
/* Reads one batch of it in a thread that is no context's; everything goes to inboxes.
 * Returns FALSE if there was none to read. */
gboolean nice_shard_read (NiceShard *self, NicePool *pool);

G_END_DECLS
