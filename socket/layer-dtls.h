/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* DTLS 1.2 towards a server (RFC 7350 4.6), with the checks of layer-tls-config.h. */
#pragma once

#include "socket/layer-tls-config.h"

G_BEGIN_DECLS

NiceLayer *nice_layer_dtls_new (const NiceTlsConfig *config);

G_END_DECLS
