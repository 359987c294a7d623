/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Roles and their conflicts (RFC 8445 6.1.1, 7.2.5.1, 7.3.1.1). Decides for the whole
 * agent; sends nothing. */
#include "config.h"

#include "ice/role.h"

#include "ice/checklist.h"
#include "ice/session.h"
#include "ice/trace.h"

IceRoleVerdict
ice_role_judge (const IceSession *session, gboolean peer_controls,
                guint64 peer_tie_breaker)
{
  gboolean larger = session->tie_breaker >= peer_tie_breaker;

  /* RFC 8445 6.1.1: who checks is full and has to control a lite one, whatever both were
   * told at the start. */
  if (session->config.lite && !peer_controls)
    return ICE_ROLE_REFUSE;
  if (peer_controls != session->controlling)
    return ICE_ROLE_FINE;
  if (session->config.lite)
    return ICE_ROLE_SWITCH;
  /* Both control: the larger stays. Both are controlled: the larger takes over. */
  return larger == session->controlling ? ICE_ROLE_REFUSE : ICE_ROLE_SWITCH;
}

static void
forget_nominations (IceStream *stream)
{
  for (guint i = 0; i < stream->n_components; i++)
    {
      IceComponent *component = &stream->components[i];

      if (component->nominating != NULL && component->nominating->checked != NULL)
        component->nominating->checked->nominating = FALSE;
      component->nominating = NULL;
    }
}

void
ice_role_set (IceSession *session, gboolean controlling, const gchar *reason)
{
  controlling = controlling != FALSE;
  if (session->controlling == controlling)
    return;
  ICE_TRACE (session, "%s -> %s (%s)",
             session->controlling ? "controlling" : "controlled",
             controlling ? "controlling" : "controlled", reason);
  session->controlling = controlling;
  for (guint i = 0; i < session->streams.len; i++)
    forget_nominations (ice_list_get (&session->streams, i));
  ice_checklist_resort (session);
}

void
ice_role_handle_conflict (IceSession *session, gboolean announced)
{
  /* RFC 8445 7.2.5.1: not back again where we switched since that check left. */
  if (session->controlling == (announced != FALSE))
    {
      ice_role_set (session, !announced, "487");
      ice_session_random (session, &session->tie_breaker, sizeof session->tie_breaker);
    }
}

void
ice_role_take_wish (IceSession *session, gboolean restarting)
{
  for (guint i = 0; i < session->streams.len && !restarting; i++)
    {
      const IceStream *stream = ice_list_get (&session->streams, i);

      for (guint j = 0; j < stream->n_components; j++)
        if (stream->components[j].state != ICE_COMPONENT_DISCONNECTED)
          return;
    }
  ice_role_set (session, session->config.controlling, "as configured");
}
