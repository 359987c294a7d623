/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the engine has to say and to send, until it is polled.
 *
 * NOTES: an array of events and one of messages with their bytes were three allocations
 * that grew, and an event takes 392 bytes because some tell of two candidates. In one
 * buffer each takes what it needs. */
#pragma once

#include "ice/events.h"

G_BEGIN_DECLS

/* All zeroes: empty. */
typedef struct
{
  guint8 *bytes; /* records of both kinds, in order */
  gsize end, size;
  gsize next_event, next_transmit; /* what is before was polled */
} IceOutbox;

/* Returns a zeroed event of that type to fill, before anything else is added: its header,
 * and the member of the union that belongs to it. */
IceEvent *ice_outbox_add_event (IceOutbox *self, IceEventType type, guint stream_id,
                                guint component_id);
gboolean ice_outbox_poll_event (IceOutbox *self, IceEvent *event);

/* Copies the message; size 0: there is none. */
void ice_outbox_add_transmit (IceOutbox *self, const guint8 *data, gsize size,
                              IceBaseId base, const NiceAddress *to);
gboolean ice_outbox_poll_transmit (IceOutbox *self, IceTransmit *transmit);

void ice_outbox_clear (IceOutbox *self);

G_END_DECLS
