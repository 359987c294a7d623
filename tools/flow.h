/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Bytes in order over datagrams, without retransmission: what is lost is counted and
 * told, never invented. A value with the shape of everything here: input, output,
 * deadline, timeout; no descriptor and no clock.
 *
 * It keeps at most a window of datagrams under way that the receiver has not consumed, so
 * that neither a slow reader nor a small socket buffer loses any. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define FLOW_HEADER 8
#define FLOW_DATAGRAM                                                                    \
  1200 /* fits every path that RFC 8200 allows, with room for a relay */
#define FLOW_PAYLOAD (FLOW_DATAGRAM - FLOW_HEADER)
#define FLOW_CONTROL 16
/* Linux charges 2,304 bytes of its default 212,992 for a datagram of this size. */
#define FLOW_WINDOW 64
/* Where nothing is lost below, only memory and the round trip count: 2.4 MB. */
#define FLOW_WINDOW_RELIABLE 2048
#define FLOW_NEVER G_MAXINT64

typedef struct
{
  guint window; /* the same on both sides */
  /* sending */
  guint32 next;      /* sequence number of the next datagram */
  guint32 confirmed; /* the peer needs nothing before this one */
  gboolean ended, end_confirmed;
  gint64 ask_at; /* when to ask the peer how far it is */
  guint asked;   /* questions since its last answer */
  gboolean must_ask;
  /* receiving */
  guint32 expected;
  guint32 consumed; /* what the reader is done with, lost ones included */
  guint32 reported; /* the last consumed that the peer was told */
  guint64 lost;
  gboolean peer_ended;
  guint reports_due;
} Flow;

void flow_init (Flow *self, guint window);

/* --- Sending --- */

/* How many datagrams may be wrapped now. */
guint flow_get_room (const Flow *self);
/* Writes the header for the next datagram of payload. */
void flow_wrap (Flow *self, guint8 header[FLOW_HEADER], gint64 now);
/* Nothing more will be wrapped. */
void flow_end (Flow *self);
/* The peer has everything up to our end, or knows what it lacks. */
gboolean flow_is_sent (const Flow *self);

/* --- Receiving --- */

/* One datagram from the peer. Returns the payload inside @data, or NULL when there is
 * none to deliver. */
const guint8 *flow_handle_datagram (Flow *self, const guint8 *data, gsize len, gint64 now,
                                    gsize *payload_len);
/* The reader is done with one more datagram of payload. */
void flow_consume (Flow *self);
gboolean flow_is_received (const Flow *self);

/* --- Output and time --- */

/* A control datagram that is due; its length, or 0. */
gsize flow_poll_control (Flow *self, guint8 control[FLOW_CONTROL], gint64 now);
gint64 flow_get_deadline (const Flow *self);
void flow_handle_timeout (Flow *self, gint64 now);
/* Questions that stayed without an answer. */
guint flow_get_unanswered (const Flow *self);

G_END_DECLS
