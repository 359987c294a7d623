/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Decides which number a peer gets, and keeps it from meaning another too soon. RFC
 * 8656 12. */
#include "config.h"

#include "turn/channels.h"

G_STATIC_ASSERT (TURN_MAX_CHANNELS <= TURN_CHANNEL_MAX - TURN_CHANNEL_MIN + 1);

static void
expire (TurnChannel *row, gint64 now)
{
  if (row->state == TURN_CHANNEL_BOUND && row->expires <= now)
    {
      row->state = TURN_CHANNEL_RESTING;
      row->expires += TURN_CHANNEL_QUARANTINE;
    }
  if (row->state == TURN_CHANNEL_RESTING && row->expires <= now)
    row->state = TURN_CHANNEL_FREE;
}

/* The index of its row; n_rows: it has none. */
static guint
find_row (const TurnChannels *self, const StunAddress *peer)
{
  guint i = 0;

  while (i < self->n_rows
         && (self->rows[i].state == TURN_CHANNEL_FREE
             || !stun_address_equal (&self->rows[i].peer, peer)))
    i++;
  return i;
}

gboolean
turn_channels_bind (TurnChannels *self, const StunAddress *peer, gint64 now, guint *row)
{
  TurnChannel *found = NULL;
  guint known;

  for (guint i = 0; i < self->n_rows; i++)
    expire (&self->rows[i], now);
  known = find_row (self, peer);
  if (known < self->n_rows)
    found = &self->rows[known];
  if (found != NULL && found->state != TURN_CHANNEL_RESTING)
    return FALSE;
  for (guint i = 0; i < self->n_rows && found == NULL; i++)
    if (self->rows[i].state == TURN_CHANNEL_FREE)
      found = &self->rows[i];
  if (found == NULL && self->n_rows < TURN_MAX_CHANNELS)
    found = &self->rows[self->n_rows++];
  if (found == NULL)
    return FALSE;
  *found = (TurnChannel) { .peer = *peer,
                           .state = TURN_CHANNEL_BINDING,
                           .refresh_at = TURN_NEVER };
  *row = found - self->rows;
  return TRUE;
}

void
turn_channels_handle_bound (TurnChannels *self, guint row, gint64 now)
{
  TurnChannel *channel = &self->rows[row];

  channel->state = TURN_CHANNEL_BOUND;
  channel->expires = now + self->lifetime;
  channel->refresh_at = turn_get_refresh (now, self->lifetime);
}

void
turn_channels_handle_failure (TurnChannels *self, guint row, gint64 now)
{
  TurnChannel *channel = &self->rows[row];

  if (channel->state == TURN_CHANNEL_BOUND)
    return; /* a refresh failed: what was bound lasts until it expires */
  channel->state = TURN_CHANNEL_RESTING;
  channel->expires = now + self->lifetime + TURN_CHANNEL_QUARANTINE;
}

guint16
turn_channels_get_number (const TurnChannels *self, const StunAddress *peer, gint64 now)
{
  const guint i = find_row (self, peer);

  if (i == self->n_rows || self->rows[i].state != TURN_CHANNEL_BOUND
      || self->rows[i].expires <= now)
    return 0;
  return TURN_CHANNEL_MIN + i;
}

const StunAddress *
turn_channels_get_peer (const TurnChannels *self, guint16 number, gint64 now)
{
  const guint row = number - TURN_CHANNEL_MIN;
  const TurnChannel *channel = &self->rows[MIN (row, TURN_MAX_CHANNELS - 1)];

  if (number < TURN_CHANNEL_MIN || row >= self->n_rows)
    return NULL;
  if (channel->state == TURN_CHANNEL_BINDING
      || (channel->state == TURN_CHANNEL_BOUND && now < channel->expires))
    return &channel->peer;
  return NULL;
}

gboolean
turn_channels_take_due (TurnChannels *self, gint64 now, guint *row)
{
  for (guint i = 0; i < self->n_rows; i++)
    {
      TurnChannel *channel = &self->rows[i];

      expire (channel, now);
      if (channel->state == TURN_CHANNEL_BOUND && channel->refresh_at <= now)
        {
          channel->refresh_at = TURN_NEVER;
          *row = i;
          return TRUE;
        }
    }
  return FALSE;
}

gint64
turn_channels_get_deadline (const TurnChannels *self)
{
  gint64 deadline = TURN_NEVER;

  for (guint i = 0; i < self->n_rows; i++)
    if (self->rows[i].state == TURN_CHANNEL_BOUND)
      deadline = MIN (deadline, self->rows[i].refresh_at);
  return deadline;
}
