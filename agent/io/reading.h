/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Turns at reading a connection: one thread has it at a time, lest frames change order.
 * Whoever has it may read anew in a function that it calls with what it has read. */
#pragma once

#include "io/driver-private.h"

G_BEGIN_DECLS

/* FALSE: it is another thread's turn, or may_hold and nobody has room for more; then the
 * watch is stopped until that is over. Always TRUE for datagrams, which need no turns. */
gboolean nice_reading_begin (NiceBase *base, gboolean may_hold);
void nice_reading_end (NiceBase *base);
/* Whether this thread reads it, and has called whoever asks. */
gboolean nice_reading_is_ours (NiceBase *base);

/* In a turn, for what is read of a connection: each reading inside another one has its
 * own, as what the outer one has read is still looked at. */
NiceChainIo *nice_reading_take_io (NiceBase *base);
void nice_reading_give_io (NiceBase *base, NiceChainIo *io);

G_END_DECLS
