/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Names of servers to addresses, without blocking. */
#pragma once

#include <gio/gio.h>

#include "ice/types.h"

G_BEGIN_DECLS

/* The addresses, with port 0; n 0: reason says why. In the context of the look-up. */
typedef void (*NiceResolvedFunc) (gpointer data, const NiceAddress *addresses, guint n,
                                  IceReason reason);

/* Looks host up in context; func is called once, even after cancelling. */
void
nice_resolver_look_up (GMainContext *context, const gchar *host,
                       GCancellable *cancellable, NiceResolvedFunc func, gpointer data);

G_END_DECLS
