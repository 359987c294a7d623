/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* URIs of STUN and TURN servers: stun:, stuns: (RFC 7064), turn:, turns: (RFC 7065), with
 * transport=dtls by RFC 7350's meaning of turns over udp. Knows the grammar, not where a
 * host is. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define TURN_PORT 3478  /* RFC 8656 18 of stun, turn */
#define TURNS_PORT 5349 /* of stuns, turns */
#define TURN_URI_MAX_HOST 253

typedef enum
{
  TURN_URI_UNSPECIFIED, /* by what can be found (RFC 5928) */
  TURN_URI_UDP,
  TURN_URI_TCP,
  TURN_URI_DTLS,
  TURN_URI_UNKNOWN /* a token that is no transport of ours: parses, cannot be resolved */
} TurnUriTransport;

typedef enum
{
  TURN_URI_OK,
  TURN_URI_BAD_SCHEME,
  TURN_URI_BAD_HOST,
  TURN_URI_BAD_PORT,
  TURN_URI_BAD_QUERY
} TurnUriResult;

typedef struct
{
  gboolean is_turn, is_secure;
  gboolean is_literal; /* host is an IP address, without its brackets */
  guint16 port;        /* 0: none was given */
  TurnUriTransport transport;
  gchar host[TURN_URI_MAX_HOST + 1];
} TurnUri;

/* self is written only with TURN_URI_OK. */
TurnUriResult turn_uri_parse (TurnUri *self, const gchar *text);

static inline guint16
turn_uri_get_port (const TurnUri *self)
{
  return self->port != 0 ? self->port : self->is_secure ? TURNS_PORT : TURN_PORT;
}

G_END_DECLS
