/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The STUN and TURN servers that an application named. */
#pragma once

#include "ice/model.h"

#include "ice/events.h"

G_BEGIN_DECLS

#define ICE_MAX_TURN_SERVERS                                                             \
  8 /* of a component; the priority formula has no room for more */

/* 0: too many. */
guint ice_server_add (IceSession *session, guint stream_id, guint component_id,
                      const IceServer *server);
IceServerEntry *ice_server_find (const IceSession *session, guint id);
/* Where it is: known from a literal, or asked for by NEED_ADDRESSES. FALSE: not known
 * yet. */
gboolean ice_server_resolve (IceSession *session, IceServerEntry *entry);
void
ice_server_set_addresses (IceServerEntry *entry, const NiceAddress *addresses, guint n);
void ice_server_remove (IceSession *session, IceServerEntry *entry);
void ice_server_clear (IceSession *session);
gboolean ice_server_is_turn (const IceServer *server);
gboolean ice_server_serves (const IceServerEntry *entry, const IceComponent *component);

G_END_DECLS
