/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ICE over TCP: connections as bases (RFC 6544). */
#pragma once

#include "ice/candidate.h"

G_BEGIN_DECLS

/* Of which transport the candidate is that sends to us over that base. */
IceTransport ice_tcp_get_peer_transport (const IceBase *base);
/* The pair's check is due and it has no connection: asks for one. FALSE: not now. */
gboolean ice_tcp_open (IcePair *pair);
/* Asks for those that had to wait, as far as RFC 6544 12 lets it. */
void ice_tcp_open_held (IceSession *session);
void ice_tcp_handle_base (IceBase *base, const IceBaseResult *result);
/* It is not there in time. */
void ice_tcp_handle_timeout (IceBase *base);
IceBaseId ice_tcp_handle_accept (IceBase *listener, const NiceAddress *from);

/* The base is about to be forgotten: whom it connected to, if that was selected and is to
 * be connected to again, else NULL. */
IceEnd *ice_tcp_get_lost_peer (const IceBase *base);
/* Once it is forgotten: connects to that peer, or waits for it to connect. */
void ice_tcp_reopen (IceComponent *component, IceEnd *peer);

/* The candidates of an allocation that relays TCP; spec: what they have in common. */
void ice_tcp_add_relayed (IceBase *relay, const IceLocalSpec *spec);
/* The relay goes: so do its connections. */
void ice_tcp_drop_through (const IceBase *relay);

G_END_DECLS
