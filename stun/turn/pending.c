/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Decides what waits and what falls out when there is too much. Knows no messages. */
#include "config.h"

#include "turn/pending.h"

#include <string.h>

typedef struct
{
  StunAddress peer;
  GBytes *data;
} Item;

static void
free_item (gpointer data)
{
  Item *item = data;

  g_clear_pointer (&item->data, g_bytes_unref);
  g_free (item);
}

void
turn_pending_clear (TurnPending *self)
{
  g_queue_clear_full (&self->items, free_item);
  self->n_bytes = 0;
}

static void
drop_oldest (TurnPending *self)
{
  Item *item = g_queue_pop_head (&self->items);

  self->n_bytes -= g_bytes_get_size (item->data);
  self->n_dropped++;
  free_item (item);
}

void
turn_pending_add (TurnPending *self, const StunAddress *peer, const void *data,
                  gsize size)
{
  Item *item = g_new0 (Item, 1);

  item->peer = *peer;
  item->data = g_bytes_new (data, size);
  g_queue_push_tail (&self->items, item);
  self->n_bytes += size;
  while (g_queue_get_length (&self->items) > TURN_MAX_PENDING
         || self->n_bytes > TURN_MAX_PENDING_BYTES)
    drop_oldest (self);
}

static gboolean
is_for (const Item *item, const StunAddress *peer)
{
  StunAddress host = item->peer;

  if (host.s.addr.sa_family != peer->s.addr.sa_family)
    return FALSE;
  if (host.s.addr.sa_family == AF_INET6)
    host.s.ip6.sin6_port = peer->s.ip6.sin6_port;
  else
    host.s.ip4.sin_port = peer->s.ip4.sin_port;
  return stun_address_equal (&host, peer);
}

GBytes *
turn_pending_take (TurnPending *self, StunAddress *peer)
{
  for (GList *link = self->items.head; link != NULL; link = link->next)
    {
      Item *item = link->data;
      GBytes *data;

      if (!is_for (item, peer))
        continue;
      *peer = item->peer;
      data = g_steal_pointer (&item->data);
      self->n_bytes -= g_bytes_get_size (data);
      g_queue_delete_link (&self->items, link);
      g_free (item);
      return data;
    }
  return NULL;
}
