/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The slots in which the agents of a process start transactions (RFC 8445 14.2). */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* When the caller may start one: now or later, five milliseconds after the last that was
 * given to anybody. From any thread; data is ignored. */
gint64 nice_process_pace_take (gpointer data, gint64 now);

G_END_DECLS
