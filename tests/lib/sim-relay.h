/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Relays as an engine's driver sees them: a server that gives relayed addresses, keeps
 * permissions and forwards, and the client side of it, with the round trips of TURN
 * (challenge, allocation) but not its wire format, which sim-turn-server has. */
#pragma once

#include "ice/types.h"
#include "sim-host.h"

G_BEGIN_DECLS

typedef struct
{
  gboolean is_silent;
  gint64 thinking;  /* time between a request and its answer */
  IceReason refuse; /* NONE: allocations are given */
} SimRelayServerConfig;

typedef struct _SimRelayServer SimRelayServer;
typedef struct _SimRelay SimRelay;

/* address with port; its host is made, on the internet. config NULL: well behaved. */
SimRelayServer *
sim_relay_server_new (SimWorld *world, const gchar *address, const SimLinkConfig *link,
                      const SimRelayServerConfig *config);
void
sim_relay_server_set_config (SimRelayServer *self, const SimRelayServerConfig *config);
/* One more address of the host, to relay at and to be reached at. */
void sim_relay_server_add_address (SimRelayServer *self, const gchar *address,
                                   const SimLinkConfig *link);
/* Every allocation is forgotten, and nobody is told. */
void sim_relay_server_restart (SimRelayServer *self);
SimHost *sim_relay_server_get_host (SimRelayServer *self);
guint sim_relay_server_get_n_allocations (const SimRelayServer *self);

typedef struct
{
  void (*ready) (gpointer owner, SimRelay *relay, IceReason error,
                 const NiceAddress *relayed, const NiceAddress *mapped);
  void (*receive) (gpointer owner, SimRelay *relay, const NiceAddress *from,
                   const guint8 *data, gsize size);
  void (*lost) (gpointer owner, SimRelay *relay);
} SimRelayFuncs;

typedef struct
{
  SimHost *host;
  SimSocket *via;    /* UDP: a socket of another's; NULL: a connection of our own ... */
  NiceAddress local; /* ... from here */
  guint handshakes;  /* round trips before the first request: TCP 1, TLS 2 */
  NiceAddress server;
  gint family; /* of the relayed address */
  guint32 tag; /* unique on the host */
} SimRelayOptions;

SimRelay *sim_relay_new (const SimRelayOptions *options, const SimRelayFuncs *funcs,
                         gpointer owner);
void sim_relay_free (SimRelay *self); /* ends the allocation */
/* A datagram that came to the socket via. FALSE: not this relay's. */
gboolean sim_relay_handle (SimRelay *self, SimSocket *socket, const SimPacket *packet);
void
sim_relay_send (SimRelay *self, const NiceAddress *to, const guint8 *data, gsize size);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimRelay, sim_relay_free)

G_END_DECLS
