/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The STUN and TURN servers that an application named. */
#pragma once

#include "ice/model.h"

#include "ice/events.h"

G_BEGIN_DECLS

#define ICE_MAX_TURN_SERVERS                                                             \
  8 /* of a component; the priority formula has no room for more */
/* Servers that servers send us to; ours to choose. */
#define ICE_MAX_ALTERNATES 32 /* of a session */
#define ICE_MAX_REDIRECTS 3   /* one after the other */

#define ICE_MAX_TARGETS 32 /* of a server: a zone may have no end */

/* 0: too many. */
guint ice_server_add (IceSession *session, guint stream_id, guint component_id,
                      const IceServer *server);
IceServerEntry *ice_server_find (const IceSession *session, guint id);
/* Where it is: known from a literal, or asked for by NEED_ADDRESSES. FALSE: nothing is
 * known yet. */
gboolean ice_server_resolve (IceSession *session, IceServerEntry *entry);
void ice_server_add_targets (IceServerEntry *entry, const IceTarget *targets, guint n,
                             gboolean is_last);
void ice_server_remove (IceSession *session, IceServerEntry *entry);
void ice_server_clear (IceSession *session);
/* The server that self sends us to (RFC 8489 10), NULL: we were there already, or there
 * are too many. domain NULL: its certificate has the name of self. */
IceServerEntry *
ice_server_redirect (IceSession *session, const IceServerEntry *self,
                     const IceTarget *from, const NiceAddress *to, const gchar *domain);
/* That address of it is not to be asked for a while; ICE_NEVER: not at all. */
void ice_server_shun (IceServerEntry *entry, const NiceAddress *address, gint64 until);
gboolean ice_server_is_shunned (const IceServerEntry *entry, const NiceAddress *address,
                                gint64 now);
/* What went wrong there last. */
void ice_server_note (IceServerEntry *entry, const IceBaseResult *result);
gboolean ice_server_kind_is_turn (IceServerKind kind);
/* Whether it is spoken to over a connection. */
gboolean ice_server_kind_is_stream (IceServerKind kind);
gboolean ice_server_is_turn (const IceServer *server);
gboolean ice_server_serves (const IceServerEntry *entry, const IceComponent *component);

G_END_DECLS
