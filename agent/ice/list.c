/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Decides when a list leaves its owner for the heap; it does not come back. Knows nothing
 * of what is in it. */
#include "config.h"

#include "ice/list.h"

#include <string.h>

static void
make_room (IceList *self)
{
  gpointer *many;

  if (self->len < MAX (ICE_LIST_FEW, self->size))
    return;
  many = g_renew (gpointer, self->size > 0 ? self->many : NULL, 2 * self->len);
  if (self->size == 0)
    memcpy (many, self->few, sizeof self->few);
  self->many = many;
  self->size = 2 * self->len;
}

void
ice_list_add (IceList *self, gpointer item)
{
  ice_list_insert (self, self->len, item);
}

void
ice_list_insert (IceList *self, guint index, gpointer item)
{
  gpointer *items;

  g_assert (index <= self->len);

  make_room (self);
  items = ice_list_items (self);
  memmove (items + index + 1, items + index, (self->len - index) * sizeof *items);
  items[index] = item;
  self->len++;
}

void
ice_list_remove_index (IceList *self, guint index)
{
  gpointer *items = ice_list_items (self);

  g_assert (index < self->len);

  self->len--;
  memmove (items + index, items + index + 1, (self->len - index) * sizeof *items);
}

void
ice_list_remove_index_fast (IceList *self, guint index)
{
  gpointer *items = ice_list_items (self);

  g_assert (index < self->len);

  items[index] = items[--self->len];
}

static gboolean
find (const IceList *self, gconstpointer item, guint *index)
{
  for (guint i = 0; i < self->len; i++)
    if (ice_list_get (self, i) == item)
      {
        *index = i;
        return TRUE;
      }
  return FALSE;
}

gboolean
ice_list_remove (IceList *self, gconstpointer item)
{
  guint index;

  if (!find (self, item, &index))
    return FALSE;
  ice_list_remove_index (self, index);
  return TRUE;
}

gboolean
ice_list_remove_fast (IceList *self, gconstpointer item)
{
  guint index;

  if (!find (self, item, &index))
    return FALSE;
  ice_list_remove_index_fast (self, index);
  return TRUE;
}

void
ice_list_clear (IceList *self)
{
  if (self->size != 0)
    g_free (self->many);
  *self = (IceList) { 0 };
}
