/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Decides how much data waits for a receiver, and what is dropped when it is too much. */
#include "config.h"

#include "io/pending.h"

#include <string.h>

void
nice_pending_init (NicePending *self)
{
  g_mutex_init (&self->lock);
  g_queue_init (&self->items);
  self->size = 0;
  self->n_items = 0;
  self->dropped = 0;
}

void
nice_pending_clear (NicePending *self)
{
  g_queue_clear_full (&self->items, g_free);
  g_mutex_clear (&self->lock);
}

static gsize
get_item_size (guint len)
{
  return sizeof (NicePendingItem) + sizeof (GList) + len;
}

gboolean
nice_pending_push (NicePending *self, const NiceAddress *from, gint tos,
                   const guint8 *data, guint len, guint stride, gboolean is_stream)
{
  gboolean fits;

  g_mutex_lock (&self->lock);
  fits = is_stream || self->size + get_item_size (len) <= NICE_PENDING_LIMIT;
  if (fits)
    {
      NicePendingItem *item = g_malloc (sizeof *item + len);

      item->from = *from;
      item->tos = tos;
      item->len = len;
      item->stride = stride;
      memcpy (item->data, data, len);
      g_queue_push_tail (&self->items, item);
      self->size += get_item_size (len);
      g_atomic_int_inc (&self->n_items);
    }
  else
    self->dropped++;
  g_mutex_unlock (&self->lock);
  return fits;
}

gboolean
nice_pending_is_half_full (NicePending *self)
{
  gboolean result;

  if (nice_pending_is_empty (self))
    return FALSE;
  g_mutex_lock (&self->lock);
  result = self->size > NICE_PENDING_LIMIT / 2;
  g_mutex_unlock (&self->lock);
  return result;
}

NicePendingItem *
nice_pending_pop (NicePending *self)
{
  NicePendingItem *item;

  g_mutex_lock (&self->lock);
  item = g_queue_pop_head (&self->items);
  if (item != NULL)
    {
      self->size -= get_item_size (item->len);
      g_atomic_int_add (&self->n_items, -1);
    }
  g_mutex_unlock (&self->lock);
  return item;
}
