/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Relays, as the files that make them (relay-make.c), keep them (relay.c) and connect
 * through them (relay-tcp.c) share them. */
#pragma once

#include "io/driver-private.h"
#include "socket/layer-turn.h"

G_BEGIN_DECLS

struct _NiceRelay
{
  NiceBase *base; /* whose part this is */
  NiceTimer timer;
  NiceLayer *turn; /* the chain's; NULL: it has none */
  NiceAddress server;
  guint server_id;
  IceServerKind server_kind;
  GArray *calls; /* relay-tcp.c: connections that the server is asked for; NULL: none */
  gboolean is_apart; /* its socket is not the base's that it was asked to go via */
  gboolean is_ended; /* with the driver's lock */
  gboolean
      is_open; /* with the chain's gate closed: there is no allocation to wait for ... */
  gboolean is_failed; /* ... it failed; and that was told */
};

/* --- relay.c --- */

/* turn: of the base's chain, NULL: it has none. */
NiceRelay *
nice_relay_new (NiceBase *base, NiceLayer *turn, const IceBaseRequest *request);
void nice_relay_set_timer (NiceBase *base, gint64 deadline);
/* Shares the endpoint of via, or watches its own. */
gboolean nice_relay_attach (NiceBase *base, NiceBase *via);

/* --- relay-make.c --- */

/* The data connection that the event of that allocation is about (RFC 6062 4.3), as base
 * id: 0 or a negative error. */
gint nice_relay_open_data (NiceBase *control, IceBaseId id, const TurnEvent *event);

/* --- relay-tcp.c; in an open scope --- */

/* A peer and the relay are connected. */
void nice_relay_handle_connection (NiceBase *control, const TurnEvent *event);
/* That cannot be. FALSE: nobody waits for it. */
gboolean nice_relay_handle_no_connection (NiceBase *control, const StunAddress *peer,
                                          IceReason reason);

G_END_DECLS
