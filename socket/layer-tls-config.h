/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whom a TLS or DTLS layer speaks to, and what it takes for proof. RFC 8489 6.2.3, RFC
 * 7443. */
#pragma once

#include "socket/layer.h"

G_BEGIN_DECLS

#define NICE_ALPN_TURN "stun.turn"
#define NICE_ALPN_STUN "stun.nat-discovery"
/* From the first byte to the last of the hand-shake; ours to choose. */
#define NICE_TLS_HANDSHAKE_TIMEOUT (10 * G_USEC_PER_SEC)

/* Strings are copied. */
typedef struct
{
  const gchar *host;       /* the name, or literal, that the certificate must be for */
  const gchar *trust_file; /* PEM file of authorities; NULL: the system's */
  GTlsCertificateFlags validate; /* what is checked: G_TLS_CERTIFICATE_VALIDATE_ALL */
  const gchar *alpn;             /* NICE_ALPN_...; a server that ignores it is accepted */
  NiceAddress server;            /* DTLS: who is spoken to */
} NiceTlsConfig;

/* Of an open TLS or DTLS layer: "TLSv1.3". */
const gchar *nice_layer_tls_get_version (const NiceLayer *layer);

G_END_DECLS
