/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The network interfaces of this host and their addresses. */
#pragma once

#include <glib.h>

#include "address.h"

G_BEGIN_DECLS

GList *nice_interfaces_get_local_interfaces (void);
GList *nice_interfaces_get_local_ips (gboolean include_loopback);
gchar *nice_interfaces_get_ip_for_interface (gchar *interface_name);
guint nice_interfaces_get_if_index_by_addr (NiceAddress *addr);

G_END_DECLS
