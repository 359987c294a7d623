/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A STUN and TURN server of an agent that is a bare socket and the public STUN functions:
 * it gives the addresses that a test wants it to give, and relays nothing. It must not
 * know anything of the library's inside. RFC 8489 12; RFC 8656 7. */
#pragma once

#include <nice/agent.h>
#include <stun/stunagent.h>

G_BEGIN_DECLS

#define SERVER_USER "ann"
#define SERVER_PASSWORD "secret"

typedef struct
{
  GSocket *socket;
  GSource *source;
  StunAgent stun;
  guint port; /* on 127.0.0.1 */
  const gchar *mapped, *relayed;
  gboolean is_silent;
  GHashTable *transactions;                 /* GBytes, of all that was heard */
  guint n_heard, n_bindings, n_allocations; /* transactions, however often one is sent */
} Server;

/* mapped, relayed: the addresses that it gives, with the port that asks. */
Server *server_new (const gchar *mapped, const gchar *relayed);
void server_free (Server *self);
void server_serve_stun (const Server *self, NiceAgent *agent);
void
server_serve_relay (const Server *self, NiceAgent *agent, guint stream, guint component);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Server, server_free)

G_END_DECLS
