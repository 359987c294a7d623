/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the engine has to say and to send, until it is polled. */
#pragma once

#include "ice/events.h"

G_BEGIN_DECLS

/* All zeroes: empty. Nothing stays allocated behind a burst. */
typedef struct
{
  IceEvent *events;
  guint first_event, n_events, size_events;
  struct
  {
    IceBaseId base;
    guint32 offset, size;
    NiceAddress to;
  } * transmits;
  guint first_transmit, n_transmits, size_transmits;
  guint8 *bytes;
  gsize n_bytes, size_bytes;
} IceOutbox;

/* Returns a zeroed event to fill, of that type. */
IceEvent *ice_outbox_add_event (IceOutbox *self, IceEventType type, guint stream_id,
                                guint component_id);
gboolean ice_outbox_poll_event (IceOutbox *self, IceEvent *event);

/* Copies the message; size 0: there is none. */
void ice_outbox_add_transmit (IceOutbox *self, const guint8 *data, gsize size,
                              IceBaseId base, const NiceAddress *to);
gboolean ice_outbox_poll_transmit (IceOutbox *self, IceTransmit *transmit);

/* At each input: what was polled before it may be forgotten. */
void ice_outbox_begin (IceOutbox *self);
void ice_outbox_clear (IceOutbox *self);

G_END_DECLS
