/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Messages that a program sends one by one, gathered so that they leave in few sends.
 *
 * What one thread sends on a component leaves in its order, also what it sends in a batch
 * of its own. Whether a message can be sent is known only after it was taken: a failure
 * is the next call's. */
#pragma once

#include "io/driver-private.h"

G_BEGIN_DECLS

/* Part of its component, to which it keeps no reference. */
NiceBundle *nice_bundle_new (NiceComponentIo *component);
void nice_bundle_free (NiceBundle *self);

/* Takes messages, which leave after wait microseconds, 0: at the end of this turn of the
 * agent's context, or as soon as there are enough. Returns how many were taken (at least
 * 1), or a negative error: -EAGAIN, there is no room; or what became of earlier ones. */
gint nice_bundle_send (NiceBundle *self, NicePath *path, const NiceSendMessage *messages,
                       guint n_messages, gint64 wait);
void nice_bundle_flush (NiceBundle *self);
/* Sends what waits and takes nothing more. */
void nice_bundle_close (NiceBundle *self);

G_END_DECLS
