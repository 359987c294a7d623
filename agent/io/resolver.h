/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where a server is: its name, or its URI, to addresses, without blocking. */
#pragma once

#include <gio/gio.h>

#include "ice/events.h"

G_BEGIN_DECLS

/* Some targets more, in order of preference among those of one family; is_last comes
 * once, even after cancelling. In the context of the search. */
typedef void (*NiceFoundFunc) (gpointer data, const IceTarget *targets, guint n,
                               gboolean is_last);

typedef struct _NiceSearch NiceSearch;

/* What GResolver found, with that port. FALSE: it is of no family that there is here. */
gboolean
nice_resolver_read_address (GInetAddress *from, guint16 port, NiceAddress *address);

/* Copies what it needs of server. */
NiceSearch *nice_search_new (const IceServer *server, NiceFoundFunc func, gpointer data);
/* Takes the search. */
void
nice_search_start (NiceSearch *self, GMainContext *context, GCancellable *cancellable);

G_END_DECLS
