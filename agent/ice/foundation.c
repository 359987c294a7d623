/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The groups of pairs by foundation, over all checklists (RFC 8445 6.1.2.6). Keeps count;
 * which pair is unfrozen when is the checklist's business. */
#include "config.h"

#include "ice/foundation.h"

static guint
hash_group (gconstpointer key)
{
  const IceGroup *group = key;

  return g_str_hash (group->local) * 33 ^ g_str_hash (group->remote);
}

static gboolean
equal_group (gconstpointer a, gconstpointer b)
{
  const IceGroup *x = a, *y = b;

  return strcmp (x->remote, y->remote) == 0 && strcmp (x->local, y->local) == 0;
}

gint
ice_group_compare (gconstpointer a, gconstpointer b)
{
  const IcePair *x = a, *y = b;
  guint stream_x = x->component->stream->id, stream_y = y->component->stream->id;

  if (stream_x != stream_y)
    return stream_x < stream_y ? -1 : 1;
  if (x->component->id != y->component->id)
    return x->component->id < y->component->id ? -1 : 1;
  return (x->priority < y->priority) - (x->priority > y->priority);
}

const IceHeapOrder ice_group_order = { ice_group_compare,
                                       G_STRUCT_OFFSET (IcePair, queue_place) };

IceGroup *
ice_group_get (const IcePair *pair)
{
  IceSession *session = pair->component->stream->session;
  IceGroup key, *self;

  if (session->groups == NULL)
    session->groups = g_hash_table_new (hash_group, equal_group);
  g_strlcpy (key.local, pair->local->value.foundation, ICE_FOUNDATION_SIZE);
  g_strlcpy (key.remote, pair->remote->value.foundation, ICE_FOUNDATION_SIZE);
  self = g_hash_table_lookup (session->groups, &key);
  if (self == NULL)
    {
      self = g_new0 (IceGroup, 1);
      memcpy (self->local, key.local, sizeof key.local);
      memcpy (self->remote, key.remote, sizeof key.remote);
      g_hash_table_add (session->groups, self);
    }
  return self;
}

gboolean
ice_group_enter (IceGroup *self, IcePair *pair)
{
  pair->group = self;
  self->n_pairs++;
  if (self->top != NULL && ice_group_compare (self->top, pair) < 0)
    return FALSE;
  self->top = pair;
  return TRUE;
}

void
ice_group_leave (IcePair *pair)
{
  IceGroup *self = pair->group;

  pair->group = NULL;
  self->n_pairs--;
  if (self->top == pair)
    self->top = NULL;
}

void
ice_group_release (IceSession *session, IceGroup *self)
{
  if (self->n_pairs > 0 || self->ripe)
    return;
  g_hash_table_remove (session->groups, self);
  ice_heap_clear (&self->frozen);
  g_free (self);
}
