/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Bases: what messages are sent from and arrive at, made outside on request. */
#pragma once

#include "ice/model.h"

G_BEGIN_DECLS

IceBase *
ice_base_add (IceComponent *component, IceBaseKind kind, const NiceAddress *local);
/* Emits NEED_BASE. */
void ice_base_request (IceBase *self);
/* Emits DROP_BASE where the base exists or was asked for, and forgets it. */
void ice_base_drop (IceBase *self);
/* Forgets it: whoever made it says that it is gone. */
void ice_base_forget (IceBase *self);
/* The pair goes: so do the connections that were made for it (RFC 6544 8). */
void ice_base_release_pair (IcePair *pair);
IceBase *ice_base_find (const IceSession *session, IceBaseId id);
/* Where its own datagrams leave from: the host's base under a relay; NULL: it is gone. */
const IceBase *ice_base_get_origin (const IceSession *session, const IceBase *base);
/* Nothing that is sent from there arrives, for want of an address. */
gboolean ice_base_is_cut_off (const IceSession *session, IceBaseId id);
IceTransport ice_base_get_transport (const IceBase *self);
gboolean ice_base_is_stream (const IceBase *self);

G_END_DECLS
