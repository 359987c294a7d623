/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The hand-shake that old relays of Google's dialect want to see on a TCP connection, so
 * that firewalls take it for SSL. Nothing is encrypted and nobody is authenticated. */
#pragma once

#include "socket/layer.h"

G_BEGIN_DECLS

#define NICE_PSEUDOSSL_TIMEOUT (10 * G_USEC_PER_SEC)

NiceLayer *nice_layer_pseudossl_new (void);

G_END_DECLS
