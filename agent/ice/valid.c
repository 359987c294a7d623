/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The valid list of a component (RFC 8445 7.2.5.3.2): which pairs are proven, by whose
 * check. Says when the selected pair is not proven any more; what then is not decided
 * here. */
#include "config.h"

#include "ice/valid.h"

#include "ice/pair.h"
#include "ice/session.h"

/* Several pairs may share a path: the old and the new one of a restart, or a checked pair
 * and the valid pair that it made. */
static gboolean
is_same_path (const IcePair *a, const IcePair *b)
{
  return a != b && a->path_told && a->base == b->base
         && nice_address_equal (&a->remote->value.addr, &b->remote->value.addr);
}

static gboolean
is_told_by_another (const IcePair *pair)
{
  const IceComponent *component = pair->component;

  if (component->selected != NULL && is_same_path (component->selected, pair))
    return TRUE;
  for (guint i = 0; i < component->pairs.len; i++)
    if (is_same_path (ice_list_get (&component->pairs, i), pair))
      return TRUE;
  return FALSE;
}

void
ice_valid_tell_path (IcePair *pair, gboolean valid)
{
  IceComponent *component = pair->component;
  IceEvent *event;

  if (pair->path_told == valid)
    return;
  pair->path_told = valid;
  if (!valid && is_told_by_another (pair))
    return;
  event = ice_outbox_add_event (&component->stream->session->outbox, ICE_EVENT_VALID_PATH,
                                component->stream->id, component->id);
  event->path.base = pair->base;
  event->path.remote = pair->remote->value.addr;
  event->path.valid = valid;
}

static IcePair *
find_worst (IceComponent *component)
{
  IcePair *worst = NULL;

  for (guint i = 0; i < component->valid.len; i++)
    {
      IcePair *pair = ice_list_get (&component->valid, i);

      if (pair != component->selected
          && (worst == NULL || pair->priority < worst->priority))
        worst = pair;
    }
  return worst;
}

IcePair *
ice_valid_add (IcePair *checked, IceEnd *local)
{
  IceComponent *component = checked->component;
  IcePair *valid = checked;

  if (local != checked->local)
    {
      valid = ice_pair_find (local, checked->remote);
      if (valid == NULL)
        valid = ice_pair_new (local, checked->remote, checked->base);
      if (valid->state != ICE_PAIR_SUCCEEDED)
        ice_pair_set_state (valid, ICE_PAIR_SUCCEEDED, "another pair's check proved it");
    }
  if (checked->made != NULL && checked->made != valid)
    ice_valid_remove (checked->made); /* the NAT's mapping changed */
  checked->made = valid;
  if (valid->checked != NULL && valid->checked != checked)
    valid->checked->made = NULL; /* both go when their base does, in any order */
  valid->checked = checked;
  if (!valid->valid)
    {
      valid->valid = TRUE;
      ice_list_add (&component->valid, valid);
      if (component->valid.len > ICE_MAX_VALID)
        ice_valid_remove (find_worst (component));
    }
  if (component->first_valid == 0)
    component->first_valid = component->stream->session->now;
  ice_component_unsettle (component);
  return valid;
}

IcePair *
ice_valid_find_best (const IceComponent *component, gboolean nominated)
{
  IcePair *best = NULL;

  for (guint i = 0; i < component->valid.len; i++)
    {
      IcePair *pair = ice_list_get (&component->valid, i);

      if ((!nominated || pair->nominated)
          && (best == NULL || pair->priority > best->priority))
        best = pair;
    }
  return best;
}

void
ice_valid_drop_selected (IceComponent *component)
{
  IcePair *old = component->selected;

  component->selected = NULL;
  component->selected_is_old = FALSE;
  if (old != NULL && old->index == G_MAXUINT)
    {
      ice_valid_tell_path (old, FALSE);
      ice_pair_free (old);
    }
}

void
ice_valid_remove (IcePair *valid)
{
  IceComponent *component = valid->component;

  if (!valid->valid)
    return;
  valid->valid = valid->nominated = FALSE;
  ice_list_remove_fast (&component->valid, valid);
  if (valid->checked != NULL)
    valid->checked->made = NULL;
  valid->checked = NULL;
  if (!valid->listed && valid->state == ICE_PAIR_SUCCEEDED)
    ice_pair_set_state (valid, ICE_PAIR_FAILED, "what proved it failed");
  if (component->nominating == valid)
    component->nominating = NULL;
  if (component->data_pair == valid)
    component->data_pair = NULL;
  if (component->selected == valid)
    {
      component->selected = NULL;
      component->path_lost = TRUE;
    }
  ice_component_unsettle (component);
}

void
ice_valid_forget_pair (IcePair *pair)
{
  ice_valid_remove (pair);
  if (pair->made != NULL)
    ice_valid_remove (pair->made);
  ice_valid_tell_path (pair, FALSE);
}
