/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Names under .local for the addresses of this host, which Avahi answers for
 * (draft-ietf-mmusic-mdns-ice-candidates 3.1). */
#pragma once

#include <gio/gio.h>

#include "socket/address.h"

G_BEGIN_DECLS

typedef struct _NiceMdns NiceMdns;

/* context: where Avahi is spoken to; NULL: the default one. */
NiceMdns *nice_mdns_new (GMainContext *context);
/* Nobody is told of its names any more. */
void nice_mdns_free (NiceMdns *self);
/* (transfer none): the name of that address, whatever its port; the same as long as self
 * is. It is published when the context is iterated. In any thread. */
const gchar *nice_mdns_get_name (NiceMdns *self, const NiceAddress *address);

G_END_DECLS
