/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which channel number means which peer, and when to bind it again. Knows time as an
 * argument; the messages are the client's. RFC 8656 12. */
#pragma once

#include "turn/frame.h"
#include "turn/types.h"

G_BEGIN_DECLS

typedef enum
{
  TURN_CHANNEL_FREE,
  TURN_CHANNEL_BINDING, /* asked for: received from, not sent to (RFC 8656 12) */
  TURN_CHANNEL_BOUND,
  TURN_CHANNEL_RESTING /* over; the number means nobody else before expires */
} TurnChannelState;

typedef struct
{
  StunAddress peer;
  TurnChannelState state;
  gint64 expires;
  gint64 refresh_at; /* BOUND: TURN_NEVER while a refresh is under way */
} TurnChannel;

/* Row i is number TURN_CHANNEL_MIN + i. */
typedef struct
{
  gint64 lifetime; /* of what the server grants */
  TurnChannel rows[TURN_MAX_CHANNELS];
  guint n_rows;
} TurnChannels;

/* The row to ask the server for. FALSE: the peer has a channel already, or none is left.
 */
gboolean
turn_channels_bind (TurnChannels *self, const StunAddress *peer, gint64 now, guint *row);
void turn_channels_handle_bound (TurnChannels *self, guint row, gint64 now);
/* The server refused, or did not answer. */
void turn_channels_handle_failure (TurnChannels *self, guint row, gint64 now);

/* The number to send to peer with, 0: none yet. */
guint16
turn_channels_get_number (const TurnChannels *self, const StunAddress *peer, gint64 now);
/* Whom a number means, NULL: nobody. */
const StunAddress *
turn_channels_get_peer (const TurnChannels *self, guint16 number, gint64 now);

gboolean turn_channels_take_due (TurnChannels *self, gint64 now, guint *row);
gint64 turn_channels_get_deadline (const TurnChannels *self);

G_END_DECLS
