/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where data may go while no pair is selected: on the best valid one (RFC 8445 12.1), for
 * as long as its check is consent to that (RFC 7675 5.1). Must not know which will be
 * nominated, and changes nobody's state. */
#include "config.h"

#include "ice/data-path.h"

#include "ice/consent.h"
#include "ice/session.h"
#include "ice/trace.h"
#include "ice/valid.h"

/* A lite agent has no valid pair before it is nominated (RFC 8445 12.1.1). */
static gboolean
is_allowed (const IceComponent *component)
{
  const IceConfig *config = &component->stream->session->config;

  return config->data_before_nomination && !config->lite
         && component->state != ICE_COMPONENT_FAILED;
}

static void
tell (IceComponent *component, const IcePair *pair)
{
  IceSession *session = component->stream->session;
  IceEvent *event = ice_outbox_add_event (&session->outbox, ICE_EVENT_DATA_PATH,
                                          component->stream->id, component->id);

  component->has_data_path = event->path.valid = pair != NULL;
  if (pair == NULL)
    return;
  event->path.base = pair->base;
  event->path.remote = pair->remote->value.addr;
  ICE_TRACE (session, "pair %u:%u carries data meanwhile", pair->local->value.id,
             pair->remote->value.id);
}

void
ice_data_path_consider (IceComponent *component)
{
  IcePair *best = NULL;

  if (component->selected != NULL)
    return;
  if (is_allowed (component))
    best = ice_valid_find_best (component, FALSE);
  if (best != NULL && !ice_consent_covers (best))
    best = NULL;
  if (best == component->data_pair && (best != NULL || !component->has_data_path))
    return;
  component->data_pair = best;
  tell (component, best);
  if (best != NULL)
    ice_consent_lend (best);
  else
    ice_consent_stop (component);
}

void
ice_data_path_forget (IceComponent *component)
{
  component->data_pair = NULL;
  component->has_data_path = FALSE;
}
