/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Decides whether data for a peer goes, waits or falls, and which permissions are renewed
 * ahead of time. RFC 8656 9, 10. */
#include "config.h"

#include "turn/permissions.h"

#include <string.h>

/* A peer that the server refuses is not asked for again meanwhile. Ours to choose: longer
 * than a check repeats itself, shorter than a session. */
#define REFUSAL_LIFETIME (60 * TURN_SECOND)

static gboolean
is_same_host (const StunAddress *a, const StunAddress *b)
{
  if (a->s.addr.sa_family != b->s.addr.sa_family)
    return FALSE;
  if (a->s.addr.sa_family == AF_INET)
    return a->s.ip4.sin_addr.s_addr == b->s.ip4.sin_addr.s_addr;
  return memcmp (&a->s.ip6.sin6_addr, &b->s.ip6.sin6_addr, 16) == 0;
}

static void
expire (TurnPermission *row, gint64 now)
{
  if (row->state != TURN_PERMISSION_FREE && row->state != TURN_PERMISSION_ASKED
      && row->expires <= now)
    row->state = TURN_PERMISSION_FREE;
}

/* The index of its row; n_rows: it has none. */
static guint
look_up (const TurnPermissions *self, const StunAddress *peer)
{
  guint i = 0;

  if (self->last < self->n_rows && is_same_host (&self->rows[self->last].peer, peer))
    return self->last;
  while (i < self->n_rows && !is_same_host (&self->rows[i].peer, peer))
    i++;
  return i;
}

static TurnPermission *
find_row (TurnPermissions *self, const StunAddress *peer)
{
  const guint i = look_up (self, peer);

  if (i == self->n_rows)
    return NULL;
  self->last = i;
  return &self->rows[i];
}

/* A new row, or one that nobody needs. NULL: all are needed. */
static TurnPermission *
make_row (TurnPermissions *self, const StunAddress *peer, gint64 now)
{
  TurnPermission *row = NULL;

  for (guint i = 0; i < self->n_rows && row == NULL; i++)
    {
      expire (&self->rows[i], now);
      if (self->rows[i].state == TURN_PERMISSION_FREE)
        row = &self->rows[i];
    }
  if (row == NULL && self->n_rows < TURN_MAX_PERMISSIONS)
    row = &self->rows[self->n_rows++];
  if (row != NULL)
    *row = (TurnPermission) { .peer = *peer, .refresh_at = TURN_NEVER };
  return row;
}

TurnPermissionAnswer
turn_permissions_use (TurnPermissions *self, const StunAddress *peer, gint64 now,
                      guint *row)
{
  TurnPermission *found = find_row (self, peer);

  if (found == NULL)
    found = make_row (self, peer, now);
  if (found == NULL)
    return TURN_PERMISSION_DROP;
  expire (found, now);
  found->is_used = TRUE;
  switch (found->state)
    {
    case TURN_PERMISSION_GRANTED:
      return TURN_PERMISSION_GO;
    case TURN_PERMISSION_ASKED:
      return TURN_PERMISSION_KEEP;
    case TURN_PERMISSION_REFUSED:
      return TURN_PERMISSION_DROP;
    case TURN_PERMISSION_FREE:
      break;
    }
  found->state = TURN_PERMISSION_ASKED;
  *row = found - self->rows;
  return TURN_PERMISSION_ASK;
}

gboolean
turn_permissions_is_active (TurnPermissions *self, const StunAddress *peer, gint64 now)
{
  TurnPermission *found = find_row (self, peer);

  if (found == NULL)
    return FALSE;
  expire (found, now);
  found->is_used = TRUE;
  /* While asked, the server's answer may be overtaken by the data that it lets through.
   */
  return found->state == TURN_PERMISSION_GRANTED || found->state == TURN_PERMISSION_ASKED;
}

gboolean
turn_permissions_note_use (TurnPermissions *self, const StunAddress *peer, gint64 now)
{
  const guint i = look_up (self, peer);
  TurnPermission *row = &self->rows[i];

  if (i == self->n_rows || row->state != TURN_PERMISSION_GRANTED || row->expires <= now)
    return FALSE;
  if (!g_atomic_int_get (&row->is_used))
    g_atomic_int_set (&row->is_used, TRUE);
  return TRUE;
}

void
turn_permissions_grant (TurnPermissions *self, const StunAddress *peer, gint64 now)
{
  TurnPermission *found = find_row (self, peer);

  if (found == NULL)
    found = make_row (self, peer, now);
  if (found == NULL)
    return;
  found->state = TURN_PERMISSION_GRANTED;
  found->expires = now + self->lifetime;
  found->refresh_at = turn_get_refresh (now, self->lifetime);
  found->is_used = FALSE;
}

void
turn_permissions_fail (TurnPermissions *self, const StunAddress *peer, gboolean refused,
                       gint64 now)
{
  TurnPermission *found = find_row (self, peer);

  if (found == NULL)
    return;
  if (refused)
    {
      found->state = TURN_PERMISSION_REFUSED;
      found->expires = now + REFUSAL_LIFETIME;
    }
  else if (found->state == TURN_PERMISSION_ASKED)
    found->state = TURN_PERMISSION_FREE;
  found->refresh_at = TURN_NEVER;
}

gboolean
turn_permissions_take_due (TurnPermissions *self, gint64 now, guint *row)
{
  for (guint i = 0; i < self->n_rows; i++)
    {
      TurnPermission *candidate = &self->rows[i];

      expire (candidate, now);
      if (candidate->state != TURN_PERMISSION_GRANTED || candidate->refresh_at > now)
        continue;
      candidate->refresh_at = TURN_NEVER;
      if (candidate->is_used)
        {
          *row = i;
          return TRUE;
        }
    }
  return FALSE;
}

gint64
turn_permissions_get_deadline (const TurnPermissions *self)
{
  gint64 deadline = TURN_NEVER;

  for (guint i = 0; i < self->n_rows; i++)
    if (self->rows[i].state == TURN_PERMISSION_GRANTED)
      deadline = MIN (deadline, self->rows[i].refresh_at);
  return deadline;
}
