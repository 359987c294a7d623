/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A tunnel through an HTTP proxy (RFC 7231 4.3.6): CONNECT, with Basic (RFC 7617) or
 * Digest (RFC 7616) credentials. */
#pragma once

#include "socket/layer.h"

G_BEGIN_DECLS

/* What a proxy can make us keep, and for how long we wait for it; ours to choose. */
#define NICE_HTTP_MAX_REPLY 16384
#define NICE_HTTP_MAX_BODY 65536 /* of a 407 that is read past */
#define NICE_HTTP_TIMEOUT (10 * G_USEC_PER_SEC)

typedef struct
{
  NiceAddress target;               /* where the tunnel leads */
  const gchar *username, *password; /* NULL: none; copied */
  GHashTable *headers; /* string to string, sent as they are; NULL: none; a reference is
                          kept */
} NiceHttpConfig;

/* Faults: REFUSED (with the proxy's status line), UNAUTHORIZED, PROTOCOL, TIMEOUT. */
NiceLayer *nice_layer_http_new (const NiceHttpConfig *config, const NiceLayerEnv *env);

G_END_DECLS
