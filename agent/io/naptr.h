/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* NAPTR records, which GResolver does not know (RFC 3403 4.1), from the system's
 * resolver. */
#pragma once

#include <gio/gio.h>

#include "turn/resolve.h"

G_BEGIN_DECLS

/* Reads the answer of a DNS server. Returns how many records there are, at most
 * TURN_MAX_RECORDS; none where it is broken. */
guint nice_naptr_parse (const guint8 *answer, gsize size, TurnNaptrRecord *records);

/* n 0: there are none, or it was cancelled. Called once, in context. */
typedef void (*NiceNaptrFunc) (gpointer data, const TurnNaptrRecord *records, guint n);

void nice_naptr_look_up (GMainContext *context, const gchar *name,
                         GCancellable *cancellable, NiceNaptrFunc func, gpointer data);

G_END_DECLS
