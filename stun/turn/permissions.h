/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which peers the server lets through, by IP address, and when to ask it again. Knows
 * time as an argument; the messages are the client's. RFC 8656 9, 10. */
#pragma once

#include "turn/types.h"

G_BEGIN_DECLS

typedef enum
{
  TURN_PERMISSION_FREE,
  TURN_PERMISSION_ASKED,
  TURN_PERMISSION_GRANTED,
  TURN_PERMISSION_REFUSED /* remembered, so that each check does not ask anew */
} TurnPermissionState;

typedef struct
{
  StunAddress peer; /* the port is of no account */
  TurnPermissionState state;
  gint64 expires;    /* GRANTED, REFUSED */
  gint64 refresh_at; /* GRANTED: TURN_NEVER while a refresh is under way */
  gint is_used;      /* atomic: since it was granted or refreshed last */
} TurnPermission;

typedef struct
{
  gint64 lifetime; /* of what the server grants */
  TurnPermission rows[TURN_MAX_PERMISSIONS];
  guint n_rows; /* rows in use lie below */
  guint last;   /* the row found last: packets come in flights */
} TurnPermissions;

/* What a sender may do with a datagram to a peer. */
typedef enum
{
  TURN_PERMISSION_GO,
  TURN_PERMISSION_ASK, /* ask the server for row *row, and keep the datagram */
  TURN_PERMISSION_KEEP,
  TURN_PERMISSION_DROP /* refused, or there are too many */
} TurnPermissionAnswer;

TurnPermissionAnswer turn_permissions_use (TurnPermissions *self, const StunAddress *peer,
                                           gint64 now, guint *row);
/* Whether data from the peer is believed; notes that it is in use. */
gboolean
turn_permissions_is_active (TurnPermissions *self, const StunAddress *peer, gint64 now);
/* Whether there is one, with nothing to change but the note that it is in use: that is
 * atomic, so several threads may call this as long as nobody calls anything else. */
gboolean
turn_permissions_note_use (TurnPermissions *self, const StunAddress *peer, gint64 now);
/* The server granted it, with CreatePermission or ChannelBind (RFC 8656 12). */
void turn_permissions_grant (TurnPermissions *self, const StunAddress *peer, gint64 now);
/* It did not; a granted one lives on until it expires. refused: it said so. */
void turn_permissions_fail (TurnPermissions *self, const StunAddress *peer,
                            gboolean refused, gint64 now);
/* One that is in use and due for refreshing, or FALSE. Those not in use expire. */
gboolean turn_permissions_take_due (TurnPermissions *self, gint64 now, guint *row);
gint64 turn_permissions_get_deadline (const TurnPermissions *self);

G_END_DECLS
