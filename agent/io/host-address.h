/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which addresses of this host become host candidates (RFC 8445 5.1.1.1). */
#pragma once

#include "io/interfaces.h"

G_BEGIN_DECLS

/* all: those of nice_interface_addresses_new (), with address among them. */
gboolean nice_host_address_is_usable (const GArray *all, const NiceAddress *address);

G_END_DECLS
