/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A tunnel through a SOCKS5 proxy (RFC 1928), without or with name and password (RFC
 * 1929). */
#pragma once

#include "socket/layer.h"

G_BEGIN_DECLS

#define NICE_SOCKS5_TIMEOUT (10 * G_USEC_PER_SEC) /* for each reply; ours to choose */

typedef struct
{
  NiceAddress target;               /* where the tunnel leads */
  const gchar *username, *password; /* NULL: none; copied, 255 bytes at most */
} NiceSocks5Config;

/* Faults: REFUSED (with the RFC's word for the reply), UNAUTHORIZED, PROTOCOL, TIMEOUT.
 */
NiceLayer *nice_layer_socks5_new (const NiceSocks5Config *config);

G_END_DECLS
