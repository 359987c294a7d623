/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The groups of pairs by foundation, over all checklists (RFC 8445 6.1.2.6). Keeps count;
 * which pair is unfrozen when is the checklist's business. */
#include "config.h"

#include "ice/foundation.h"

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
  const gchar *local = pair->local->value.foundation;
  const gchar *remote = pair->remote->value.foundation;
  const guint hash = g_str_hash (local) * 33 ^ g_str_hash (remote);
  IceGroup *self;

  for (IceLink *link = ice_index_find (&session->groups, hash); link != NULL;
       link = ice_index_find_next (link))
    {
      self = ICE_LINK_TO (link, IceGroup, link);
      if (strcmp (self->remote, remote) == 0 && strcmp (self->local, local) == 0)
        return self;
    }
  self = g_new0 (IceGroup, 1);
  g_strlcpy (self->local, local, ICE_FOUNDATION_SIZE);
  g_strlcpy (self->remote, remote, ICE_FOUNDATION_SIZE);
  ice_index_add (&session->groups, &self->link, hash);
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
  ice_index_remove (&session->groups, &self->link);
  ice_list_clear (&self->frozen);
  g_free (self);
}
