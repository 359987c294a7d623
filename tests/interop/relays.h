/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Agents that use a coturn, and what they say of it. */
#pragma once

#include "agents.h"
#include "coturn.h"

G_BEGIN_DECLS

/* Over the transport of the type; over TLS it is trusted, by whatever name. */
void peer_use_relay (Peer *self, const Coturn *coturn, NiceRelayType type);
/* Over that of the URI, in which %u stands for the port. Nothing else is used. */
void peer_use_only (Peer *self, const Coturn *coturn, const gchar *uri);
guint peer_count_relays (Peer *self);
/* What the statistics say went wrong with the n-th server, from 1, and its code if the
 * server told one; NULL when nothing did. */
gchar *peer_dup_server_error (Peer *self, guint n, guint *code);

G_END_DECLS
