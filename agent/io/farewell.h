/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Relays that nobody needs any more, until their servers have heard of it (RFC 8656 8).
 */
#pragma once

#include "io/driver-private.h"

G_BEGIN_DECLS

/* How long a server may take to answer; ours to choose: three transmissions. */
#define NICE_FAREWELL_WAIT (2 * G_USEC_PER_SEC)

/* Takes references on dropped relays; without any lock. Those whose server is still to be
 * heard are in driver->partings afterwards. */
void nice_farewells_begin (NiceDriver *driver, GPtrArray *relays);
/* All that are left, at once; without any lock. */
void nice_farewells_cut_short (NiceDriver *driver);

G_END_DECLS
