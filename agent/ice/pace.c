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

/* How late a slot may be used: no later than the next one begins. */
#define SLOT_LENGTH (5 * ICE_MS)

/* RFC 8445 14.2: all agents of a process together start one transaction each 5 ms. */
static gboolean
may_start (IceSession *session)
{
  if (!session->config.process_pacing || session->env.take_slot == NULL)
    return TRUE;
  if (session->slot == 0 || session->now - session->slot >= SLOT_LENGTH)
    session->slot = session->env.take_slot (session->env.data, session->now);
  return session->slot <= session->now;
}

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

static gboolean
has_ordinary (const IceSession *session)
{
  return session->ready_first != NULL || session->task_first != NULL;
}

static void
start_timer (IceSession *session)
{
  gint64 due = ICE_NEVER;

  if (session->urgent_first != NULL)
    due = session->slot;
  else if (has_ordinary (session))
    due = MAX (session->pace_next, session->slot);
  if (due == ICE_NEVER)
    ice_timer_stop (&session->pace_timer, &session->timers);
  else if (!ice_timer_is_running (&session->pace_timer) || session->pace_timer.due > due)
    ice_timer_start (&session->pace_timer, &session->timers, due);
}

void
ice_pace_run (IceSession *session)
{
  IcePair *urgent;

  if (session->n_held > 0)
    ice_tcp_open_held (session);
  while (session->urgent_first != NULL && may_start (session))
    {
      urgent = ice_ready_take_urgent (session);
      if (ice_stream_may_check (urgent->component->stream) && ice_check_send (urgent))
        session->slot = 0;
    }
  while (session->now >= session->pace_next && has_ordinary (session)
         && may_start (session) && send_one (session))
    {
      session->pace_next = session->now + session->config.ta;
      session->slot = 0;
    }
  start_timer (session);
}
