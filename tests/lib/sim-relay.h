/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A relayed base as a driver makes it: the library's TURN client, carried over a
 * simulated socket. Over connections each message is one segment, after as many one-byte
 * hellos and their echoes as TCP and TLS have round trips. */
#pragma once

#include "ice/types.h"
#include "sim-host.h"

G_BEGIN_DECLS

typedef struct _SimRelay SimRelay;

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
} SimRelayOptions;

SimRelay *sim_relay_new (const SimRelayOptions *options, const SimRelayFuncs *funcs,
                         gpointer owner);
void sim_relay_free (SimRelay *self); /* ends the allocation */
/* A datagram that came to the socket via. FALSE: it is not TURN's. */
gboolean sim_relay_handle (SimRelay *self, SimSocket *socket, const SimPacket *packet);
void
sim_relay_send (SimRelay *self, const NiceAddress *to, const guint8 *data, gsize size);
void sim_relay_allow (SimRelay *self, const NiceAddress *peer);
/* As a driver does for a selected pair. */
void sim_relay_probe (SimRelay *self);
void sim_relay_bind_channel (SimRelay *self, const NiceAddress *to);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimRelay, sim_relay_free)

G_END_DECLS
