/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* NAT behaviour discovery on real sockets. Blocks. */
#pragma once

#include <gio/gio.h>

#include "nat-discovery.h"

G_BEGIN_DECLS

/* Called at least once a second. @left_us: until something is tried next. */
typedef void (*NatProgressFunc) (const NatReport *report, gint64 left_us, gpointer data);

/* FALSE: there are no sockets, or nothing can be sent; report is untouched. */
gboolean
nat_run (GSocketAddress *server, gint64 lifetime_limit_us, NatProgressFunc progress,
         gpointer data, NatReport *report, GError **error);

G_END_DECLS
