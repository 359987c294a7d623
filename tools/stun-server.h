/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which STUN server is meant, and by which transport: a host, or a URI of RFC 7064 with
 * the transport as turn: has it. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Of those that fit what the user says, the first is meant. */
typedef enum
{
  STUN_SERVER_UDP,
  STUN_SERVER_TCP,
  STUN_SERVER_TLS,
  STUN_SERVER_DTLS,
  STUN_SERVER_N_TRANSPORTS
} StunServerTransport;

typedef struct
{
  char *host;
  guint16 port;
  StunServerTransport transport;
  /* A URI of TLS or DTLS that holds an address says nothing of whom the certificate must
   * be for: RFC 8489 6.2.3, RFC 7350 4.1.1 reject it unless a name comes beside it. */
  gboolean needs_name;
} StunServer;

/* text: "HOST[:PORT]", "stun:HOST[:PORT][?transport=udp|tcp]" or the same with "stuns:".
 * transport: "udp", "tcp", "tls", "dtls", or NULL: what the text says. FALSE, with a
 * message for the user: it is none of them, or the two contradict each other. */
gboolean stun_server_parse (StunServer *self, const char *text, const char *transport,
                            GError **error);
void stun_server_clear (StunServer *self);
gboolean stun_server_is_secure (const StunServer *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (StunServer, stun_server_clear)

G_END_DECLS
