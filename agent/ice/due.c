/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whom a timer that is due belongs to. What each kind is for, and when it is due, is told
 * in deadline.c, which cannot know these modules; this one knows nothing of time. */
#include "config.h"

#include "ice/due.h"

#include "ice/check-send.h"
#include "ice/consent.h"
#include "ice/doubt.h"
#include "ice/freeing.h"
#include "ice/gather-server.h"
#include "ice/nominate.h"
#include "ice/session.h"
#include "ice/settle.h"
#include "ice/silence.h"
#include "ice/task.h"
#include "ice/tcp.h"

void
ice_due_handle (IceTimer *timer)
{
  switch (timer->kind)
    {
    case ICE_TIMER_PACE: /* each input ends with what may be sent */
      break;
    case ICE_TIMER_REQUEST:
      ice_check_handle_timeout (timer->owner);
      break;
    case ICE_TIMER_CONNECT:
      ice_tcp_handle_timeout (timer->owner);
      break;
    case ICE_TIMER_PATIENCE:
      ice_nominate_consider (timer->owner);
      break;
    case ICE_TIMER_VERDICT:
      ice_settle_handle_verdict (timer->owner);
      break;
    case ICE_TIMER_KEEPALIVE:
      ice_consent_handle_keepalive (timer->owner);
      break;
    case ICE_TIMER_CONSENT:
      ice_consent_handle_expiry (timer->owner);
      break;
    case ICE_TIMER_SILENCE:
      ice_silence_handle_timeout (timer->owner);
      break;
    case ICE_TIMER_DOUBT:
      ice_doubt_handle_timeout (timer->owner);
      break;
    case ICE_TIMER_BINDING:
      ice_gather_server_handle_timeout (timer->owner);
      break;
    case ICE_TIMER_REFRESH:
      ice_gather_server_handle_refresh (timer->owner);
      break;
    case ICE_TIMER_ATTEMPT:
      ice_task_enqueue (timer->owner);
      break;
    case ICE_TIMER_GATHERING:
      ice_stream_stop_waiting (timer->owner);
      break;
    case ICE_TIMER_FREEING:
      ice_freeing_handle_timeout (timer->owner);
      break;
    }
}
