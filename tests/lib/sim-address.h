/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Transport addresses as scenarios write them: "192.0.2.1", "192.0.2.1:3478",
 * "2001:db8::1", "[2001:db8::1]:3478". Values on NiceAddress, apart from the library's
 * own functions on it, so that a mistake there cannot hide itself here. */
#pragma once

#include "socket/address.h"

G_BEGIN_DECLS

#define SIM_ADDRESS_TEXT 64

NiceAddress sim_address (const gchar *text); /* aborts on what is no address */
NiceAddress sim_address_with_port (const NiceAddress *address, guint16 port);
guint16 sim_address_port (const NiceAddress *address);
gint sim_address_family (const NiceAddress *address);
/* The text is kept in one of a few buffers of the caller's. */
const gchar *
sim_address_format (const NiceAddress *address, gchar text[SIM_ADDRESS_TEXT]);

/* As GEqualFunc and GHashFunc; the _ip ones ignore the port. */
gboolean sim_address_equal (gconstpointer a, gconstpointer b);
gboolean sim_address_equal_ip (gconstpointer a, gconstpointer b);
guint sim_address_hash (gconstpointer address);
guint sim_address_hash_ip (gconstpointer address);

G_END_DECLS
