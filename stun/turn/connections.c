/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Decides whether a peer may be connected to now: never twice at once, and not soon after
 * a failure. RFC 6062 4.3. */
#include "config.h"

#include "turn/connections.h"

#define REST (10 * TURN_SECOND) /* RFC 6062 4.3: at least 10 seconds after 447 */

gboolean
turn_connections_open (TurnConnections *self, const StunAddress *peer, gint64 now,
                       guint *row)
{
  TurnConnection *found = NULL;

  for (guint i = 0; i < TURN_MAX_CONNECTIONS; i++)
    {
      TurnConnection *connection = &self->rows[i];

      if (connection->state == TURN_CONNECTION_RESTING && connection->rests_until <= now)
        connection->state = TURN_CONNECTION_FREE;
      if (connection->state == TURN_CONNECTION_FREE)
        found = found != NULL ? found : connection;
      else if (stun_address_equal (&connection->peer, peer))
        return FALSE;
    }
  if (found == NULL)
    return FALSE;
  *found = (TurnConnection) { .peer = *peer, .state = TURN_CONNECTION_CONNECTING };
  *row = found - self->rows;
  return TRUE;
}

void
turn_connections_handle_connected (TurnConnections *self, guint row)
{
  self->rows[row].state = TURN_CONNECTION_FREE;
}

void
turn_connections_handle_failure (TurnConnections *self, guint row, gint64 now)
{
  self->rows[row].state = TURN_CONNECTION_RESTING;
  self->rows[row].rests_until = now + REST;
}
