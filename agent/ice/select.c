/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Selection by hand: the application knows better, checks of the whole stream end. What
 * users observe: states come first, the selected pair after them. */
#include "config.h"

#include "ice/select.h"

#include "ice/candidate.h"
#include "ice/checklist.h"
#include "ice/component.h"
#include "ice/nominate.h"
#include "ice/pair.h"
#include "ice/valid.h"

static void
stop_checks (IceStream *stream)
{
  for (guint i = 0; i < stream->n_components; i++)
    {
      IceList *pairs = &stream->components[i].pairs;

      for (guint j = pairs->len; j > 0; j--)
        {
          IcePair *pair = ice_list_get (pairs, j - 1);

          if (pair->state <= ICE_PAIR_IN_PROGRESS && !pair->retired)
            ice_checklist_retire_pair (pair);
        }
    }
}

static void
select_by_hand (IceEnd *local, IceEnd *remote)
{
  IceComponent *component = local->component;
  IcePair *pair = ice_pair_find (local, remote);

  if (pair == NULL)
    pair = ice_pair_new (local, remote, local->value.base);
  if (pair->state != ICE_PAIR_SUCCEEDED)
    {
      ice_checklist_untrigger (pair);
      ice_checklist_set_state (pair, ICE_PAIR_SUCCEEDED, "selected by hand");
    }
  ice_valid_add (pair, local);
  pair->nominated = TRUE;
  stop_checks (component->stream);
  ice_valid_tell_path (pair, TRUE);
  ice_component_progress (component, ICE_COMPONENT_READY, "selected by hand");
  ice_nominate_select (component, pair);
}

/* An active candidate's pair has something to send from once it is connected. */
static gboolean
has_base (const IceEnd *local, const IceEnd *remote)
{
  const IcePair *pair = ice_pair_find (local, remote);

  return (pair != NULL ? pair->base : local->value.base) != 0;
}

static IceEnd *
find_by_foundation (const IceList *ends, const gchar *foundation, const IceEnd *fitting)
{
  for (guint i = 0; i < ends->len; i++)
    {
      IceEnd *end = ice_list_get (ends, i);

      if (strcmp (end->value.foundation, foundation) == 0
          && (fitting == NULL || ice_pair_is_possible (fitting, end)))
        return end;
    }
  return NULL;
}

gboolean
ice_select_pair (IceComponent *component, const gchar *local_foundation,
                 const gchar *remote_foundation)
{
  IceEnd *local = find_by_foundation (&component->locals, local_foundation, NULL);
  IceEnd *remote = NULL;

  if (local != NULL)
    remote = find_by_foundation (&component->remotes, remote_foundation, local);
  if (remote == NULL || !has_base (local, remote))
    return FALSE;
  select_by_hand (local, remote);
  return TRUE;
}

static IceEnd *
find_best_host (const IceComponent *component, const IceEnd *remote)
{
  IceEnd *best = NULL;

  for (guint i = 0; i < component->locals.len; i++)
    {
      IceEnd *end = ice_list_get (&component->locals, i);

      if (end->value.type == ICE_CANDIDATE_HOST && end->value.base != 0
          && end->value.transport == remote->value.transport
          && ice_pair_is_possible (end, remote)
          && (best == NULL || end->value.priority > best->value.priority))
        best = end;
    }
  return best;
}

gboolean
ice_select_remote (IceComponent *component, const IceCandidate *remote)
{
  IceEnd probe = { .value = *remote };
  IceEnd *local = find_best_host (component, &probe), *known;

  if (local == NULL)
    return FALSE;
  known = ice_candidate_find_remote (component, remote->transport, &remote->addr);
  if (known == NULL)
    {
      known = ice_candidate_add_remote (component, remote);
      ice_candidate_announce (known, ICE_EVENT_REMOTE_CANDIDATE);
    }
  select_by_hand (local, known);
  return TRUE;
}
