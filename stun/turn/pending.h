/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Datagrams that wait until the server lets their peer through. Bounded: the oldest fall
 * out. RFC 8656 10.3 (data goes only after the permission is confirmed). */
#pragma once

#include "turn/types.h"

G_BEGIN_DECLS

typedef struct
{
  GQueue items; /* oldest first */
  gsize n_bytes;
  guint64 n_dropped;
} TurnPending;

void turn_pending_clear (TurnPending *self);
void turn_pending_add (TurnPending *self, const StunAddress *peer, const void *data,
                       gsize size);
/* The next datagram (transfer full) for peer's host, any port; its address replaces peer.
 * NULL: none. */
GBytes *turn_pending_take (TurnPending *self, StunAddress *peer);

G_END_DECLS
