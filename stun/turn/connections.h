/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* TCP connections to peers through the server: the control connection's half, which ends
 * with a CONNECTION-ID for bind.h to bind. Knows time as an argument. RFC 6062 4.3. */
#pragma once

#include "turn/types.h"

G_BEGIN_DECLS

typedef enum
{
  TURN_CONNECTION_FREE,
  TURN_CONNECTION_CONNECTING,
  TURN_CONNECTION_RESTING /* after 447 the peer is left alone (RFC 6062 4.3) */
} TurnConnectionState;

typedef struct
{
  StunAddress peer;
  TurnConnectionState state;
  gint64 rests_until;
} TurnConnection;

typedef struct
{
  TurnConnection rows[TURN_MAX_CONNECTIONS];
} TurnConnections;

/* The row to ask the server for. FALSE: a Connect to that peer is under way, or failed a
 * moment ago, or there are too many. */
gboolean turn_connections_open (TurnConnections *self, const StunAddress *peer,
                                gint64 now, guint *row);
void turn_connections_handle_connected (TurnConnections *self, guint row);
void turn_connections_handle_failure (TurnConnections *self, guint row, gint64 now);

G_END_DECLS
