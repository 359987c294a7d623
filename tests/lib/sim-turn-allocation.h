/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One allocation of a simulated TURN server: its relayed address, permissions and
 * channels (RFC 8656 7, 9, 12). */
#pragma once

#include "sim-turn-server.h"

G_BEGIN_DECLS

/* The rules are the server's; it must outlive its allocations. */
typedef struct
{
  SimWorld *world;
  SimHost *host;
  const SimTurnServerConfig *config;
  SimTurnStats *stats;
} SimTurnShared;

typedef struct
{
  SimTurnShared *shared;
  SimSocket *control; /* where the client reaches the server */
  SimSocket *relayed;
  NiceAddress client;
  guint8 id[12]; /* of the request that made it */
  gint64 expires;
  GHashTable *permissions; /* IP -> gint64 *, when it expires */
  GHashTable *channels;    /* number -> SimTurnChannel */
} SimTurnAllocation;

typedef struct
{
  guint number;
  NiceAddress peer;
  gint64 expires;
} SimTurnChannel;

/* NULL: the host has no such address. */
SimTurnAllocation *sim_turn_allocation_new (SimTurnShared *shared, SimSocket *control,
                                            const NiceAddress *client, gint family);
void sim_turn_allocation_free (gpointer self);

void sim_turn_allocation_permit (SimTurnAllocation *self, const NiceAddress *peer);
gboolean
sim_turn_allocation_is_permitted (SimTurnAllocation *self, const NiceAddress *peer);
/* FALSE: the number is another peer's, or the peer another number's. */
gboolean
sim_turn_allocation_bind (SimTurnAllocation *self, guint number, const NiceAddress *peer);
/* NULL: unbound or expired. */
SimTurnChannel *sim_turn_allocation_get_channel (SimTurnAllocation *self, guint number);
/* From the client to a peer, if that is permitted. */
void sim_turn_allocation_relay (SimTurnAllocation *self, const NiceAddress *peer,
                                const guint8 *data, gsize size);

G_END_DECLS
