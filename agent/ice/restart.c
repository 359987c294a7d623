/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ICE restart: what goes, what stays (RFC 8445 9, 12.1). Local candidates, bases and
 * allocations stay; the selected pair carries media until another is selected. */
#include "config.h"

#include "ice/restart.h"

#include "ice/candidate.h"
#include "ice/checklist.h"
#include "ice/component.h"
#include "ice/credentials.h"
#include "ice/freeing.h"
#include "ice/names.h"
#include "ice/pair.h"
#include "ice/request.h"
#include "ice/role.h"
#include "ice/session.h"
#include "ice/valid.h"

/* Takes the selected pair out of everything that goes. */
static IcePair *
rescue_selected (IceComponent *component)
{
  IcePair *pair = component->selected;

  if (pair == NULL || pair->index == G_MAXUINT)
    return pair;
  component->selected = NULL; /* or its removal from the valid list is a loss */
  ice_request_free_all (pair);
  ice_valid_remove (pair);
  if (pair->made != NULL)
    ice_valid_remove (pair->made);
  ice_checklist_unlist (pair);
  ice_pair_detach (pair);
  component->selected = pair; /* its path stays valid while the others go */
  return pair;
}

static void
restart_component (IceComponent *component, IcePair *selected)
{
  if (selected != NULL)
    {
      component->old_base = selected->base;
      component->old_remote = selected->remote->value.addr;
    }
  component->selected = selected;
  component->selected_is_old = selected != NULL;
  component->nominating = NULL;
  component->nomination = 0;
  component->reopen_until = 0;
  component->first_valid = 0;
  component->n_learned = component->n_signalled = 0;
  component->consent_revoked_by_us = FALSE;
  while (component->remotes.len > 0)
    ice_candidate_remove_remote (ice_list_get (&component->remotes, 0));
  g_clear_pointer (&component->early, g_array_unref);
  if (component->state != ICE_COMPONENT_GATHERING)
    ice_component_progress (component, ICE_COMPONENT_GATHERING, "restart");
  ice_component_unsettle (component);
}

static gboolean
all_are_restarted (const IceSession *session)
{
  for (guint i = 0; i < session->streams.len; i++)
    {
      const IceStream *stream = ice_list_get (&session->streams, i);

      if (ice_credentials_are_known (&stream->remote))
        return FALSE;
    }
  return TRUE;
}

/* RFC 7675 5.1: who goes on sending on the pair of before goes on asking for consent, of
 * the peer as it was then. The local ones are a copy: where they are those of candidates,
 * which a restart keeps, they stay. */
static void
retire_credentials (IceStream *stream, gboolean carries_old)
{
  if (carries_old)
    {
      ice_credentials_clear (&stream->remote);
      return;
    }
  ice_credentials_clear (&stream->old_local);
  ice_credentials_clear (&stream->old_remote);
  ice_credentials_set (&stream->old_local, stream->session, stream->local.ufrag,
                       stream->local.pwd);
  stream->old_remote = stream->remote;
  memset (&stream->remote, 0, sizeof stream->remote);
}

void
ice_restart_stream (IceStream *stream)
{
  g_autofree IcePair **selected = g_new (IcePair *, stream->n_components);
  gboolean carries_old = FALSE;

  for (guint i = 0; i < stream->n_components; i++)
    {
      carries_old |= stream->components[i].selected_is_old;
      selected[i] = rescue_selected (&stream->components[i]);
    }
  ice_checklist_clear (stream);
  retire_credentials (stream, carries_old);
  ice_credentials_generate (&stream->local, stream->session);
  ice_names_clear (stream);
  stream->remote_ended = stream->binding_seen = stream->peer_is_regular = FALSE;
  stream->has_tcp = FALSE;
  stream->pac_until = 0;
  for (guint i = 0; i < stream->n_components; i++)
    restart_component (&stream->components[i], selected[i]);
  ice_freeing_regain (stream);
  if (all_are_restarted (stream->session))
    ice_role_take_wish (stream->session, TRUE);
}
