/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* TLS towards a server (RFC 8489 6.2.3): version 1.2 at least, the certificate checked
 * against a trust store and the server's name, ALPN (RFC 7443). layer-dtls.h is its twin
 * for datagrams. */
#pragma once

#include "socket/layer-tls-config.h"

G_BEGIN_DECLS

/* Faults: CERTIFICATE (which check failed), PROTOCOL (what the library says), TIMEOUT,
 * ENDED, NO_RESOURCES (the trust file cannot be read). */
NiceLayer *nice_layer_tls_new (const NiceTlsConfig *config);

G_END_DECLS
