/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Ports for programs of a test that are told theirs. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A port of loopback that is free for UDP and TCP, and that nobody else is given. */
guint16 find_port (void);
/* The first of n such ports in a row. */
guint16 find_ports (guint n);

G_END_DECLS
