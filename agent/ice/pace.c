/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Ta and the round robin over checklists (RFC 8445 6.1.4.2, 14.2). Knows which stream is
 * next, not which of its pairs. */
#include "config.h"

#include "ice/pace.h"

#include "ice/check-send.h"
#include "ice/checklist.h"
#include "ice/gather-server.h"
#include "ice/ready.h"
#include "ice/session.h"
#include "ice/tcp.h"

/* One check, or one request to a server; FALSE: there was nothing to send. */
static gboolean
send_one (IceSession *session)
{
  IceStream *stream;

  if (ice_gather_server_start_next (session))
    return TRUE;
  while ((stream = ice_ready_take (session)) != NULL)
    {
      IcePair *pair = NULL;
      gboolean sent;

      /* A restart may have come in between. */
      if (ice_stream_may_check (stream))
        pair = ice_checklist_take_next (stream);
      sent = pair != NULL && ice_check_send (pair);

      ice_ready_wake (stream);
      if (sent)
        return TRUE;
    }
  return FALSE;
}

void
ice_pace_run (IceSession *session)
{
  IcePair *urgent;

  if (session->n_held > 0)
    ice_tcp_open_held (session);
  while ((urgent = ice_ready_take_urgent (session)) != NULL)
    if (ice_stream_may_check (urgent->component->stream))
      ice_check_send (urgent);
  while (session->now >= session->pace_next && send_one (session))
    session->pace_next = session->now + session->config.ta;

  if (session->ready_first == NULL && session->task_first == NULL)
    ice_timer_stop (&session->pace_timer, &session->timers);
  else if (!ice_timer_is_running (&session->pace_timer))
    ice_timer_start (&session->pace_timer, &session->timers, session->pace_next);
}
