/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A TURN server on a simulated host (RFC 8656), over UDP and over connections: well
 * behaved, or in each of the ways in which servers are not. It also answers Binding. */
#pragma once

#include "sim-host.h"

G_BEGIN_DECLS

#define SIM_TURN_USER "user"
#define SIM_TURN_PASSWORD "password"

/* Zeros are a good server. */
typedef struct
{
  gboolean is_silent;
  gint64 thinking;      /* time between a request and its answer */
  guint allocate_error; /* what every authenticated Allocate gets, as 437, 442, 486, 508;
                           300 comes with alternate */
  NiceAddress alternate;
  gboolean forbids_peers;     /* 403 to every permission and channel */
  gint64 nonce_lifetime;      /* 0: for ever; else 438 from time to time */
  guint32 lifetime;           /* of allocations, in seconds; 0: 600 */
  gint64 permission_lifetime; /* 0: 300 s */
  gint64 channel_lifetime;    /* 0: 600 s */
} SimTurnServerConfig;

typedef struct _SimTurnServer SimTurnServer;

/* address with port; its host is made, on the internet. config NULL: a good server. */
SimTurnServer *
sim_turn_server_new (SimWorld *world, const gchar *address, const SimLinkConfig *link,
                     const SimTurnServerConfig *config);
void sim_turn_server_set_config (SimTurnServer *self, const SimTurnServerConfig *config);
/* One more address of the host, to be reached at and to relay at. */
void sim_turn_server_add_address (SimTurnServer *self, const gchar *address,
                                  const SimLinkConfig *link);
/* Every allocation and nonce is forgotten, and nobody is told. */
void sim_turn_server_restart (SimTurnServer *self);
SimHost *sim_turn_server_get_host (SimTurnServer *self);

typedef struct
{
  guint n_allocations; /* now */
  guint n_permission_requests, n_channel_requests, n_refreshes;
  guint n_stale; /* 438s given */
  /* Datagrams that were relayed in each form. */
  guint n_indications, n_channel_data;
  guint n_unpermitted; /* datagrams that fell, either way */
} SimTurnStats;

const SimTurnStats *sim_turn_server_get_stats (SimTurnServer *self);

G_END_DECLS
