/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Tells drivers which addresses the host has lost or got, and of other ways out.
 *
 * One watch for all drivers of a GMainContext: an agent adds a pointer to it, and nothing
 * that wakes by itself. */
#pragma once

#include "io/driver-private.h"

G_BEGIN_DECLS

/* The driver hears of changes from now on, in its own context. With its lock; more than
 * once is once. Where the kernel tells nothing, nobody hears anything. */
void nice_network_join (NiceDriver *driver);
/* With the driver's lock, before the driver goes. */
void nice_network_leave (NiceDriver *driver);

G_END_DECLS
