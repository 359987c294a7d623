/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the changes of one input amount to: nomination, readiness, and the verdict that a
 * component has failed (RFC 8445 6.1.2.1, 8.1.2, RFC 8863). Runs last in every input, so
 * that an input has one outcome whatever order its parts came in. */
#include "config.h"

#include "ice/settle.h"

#include "ice/checklist.h"
#include "ice/component.h"
#include "ice/data-path.h"
#include "ice/doubt.h"
#include "ice/freeing.h"
#include "ice/names.h"
#include "ice/nominate.h"
#include "ice/session.h"

/* --- verdict --- */

static gboolean
is_over (const IceComponent *self)
{
  /* What waits outside of a full list still counts, unless nothing will make room. */
  return self->open.len == 0 && self->nominating == NULL
         && (self->n_parked == 0 || self->stream->checklist.n_open == 0);
}

static gboolean
both_are_done (const IceComponent *self)
{
  const IceStream *stream = self->stream;

  if (!stream->gathering_done)
    return FALSE;
  return stream->remote_ended
         || (!stream->session->config.trickle && self->n_signalled > 0);
}

static gint64
get_verdict_time (const IceComponent *self)
{
  const IceStream *stream = self->stream;
  gint64 idle = self->last_sign + stream->session->config.idle_timeout;

  if (self->state == ICE_COMPONENT_FAILED || ice_component_is_concluded (self)
      || stream->pac_until == 0 || !is_over (self))
    return ICE_NEVER;
  if (self->reopen_until != 0 && self->valid.len == 0)
    return self->reopen_until;
  if (ice_names_count_waiting (stream) > 0)
    idle = MAX (idle, stream->name_asked_at + ICE_LOOK_UP_LIMIT);
  /* With a valid pair it is the controlling side that has still to speak. */
  if (both_are_done (self) && self->valid.len == 0)
    return idle;
  return MAX (idle, stream->pac_until);
}

static void
start_verdict (IceComponent *self)
{
  IceHeap *timers = &self->stream->session->timers;
  gint64 due = get_verdict_time (self);

  if (due == ICE_NEVER)
    ice_timer_stop (&self->verdict_timer, timers);
  else
    ice_timer_start (&self->verdict_timer, timers, due);
}

static IceReason
get_failure_reason (const IceComponent *self)
{
  if (self->reopen_until != 0)
    return ICE_REASON_BASE_LOST;
  if (self->locals.len == 0)
    return ICE_REASON_NO_LOCAL_CANDIDATES;
  if (self->remotes.len == 0)
    return ICE_REASON_NO_REMOTE_CANDIDATES;
  if (self->pairs.len == 0)
    return ICE_REASON_NO_PAIRS;
  return self->valid.len > 0 ? ICE_REASON_TIMEOUT : ICE_REASON_CHECKS_FAILED;
}

void
ice_settle_handle_verdict (IceComponent *self)
{
  if (get_verdict_time (self) <= self->stream->session->now)
    {
      ice_component_fail (self, get_failure_reason (self));
      ice_data_path_consider (self);
    }
  else
    start_verdict (self);
}

/* --- all of it --- */

static void
settle (IceComponent *self)
{
  ice_doubt_consider (self);
  ice_nominate_consider (self);

  if (self->state == ICE_COMPONENT_FAILED && self->open.len > 0 && !self->consent_lost)
    ice_component_progress (self, ICE_COMPONENT_CONNECTING, "a check is due again");
  if (ice_component_is_concluded (self) && self->state != ICE_COMPONENT_FAILED)
    {
      /* A better pair may still win where nomination is not for once (RFC 8445 8.1.1). */
      if (ice_stream_nominates_once (self->stream)
          || ice_checklist_best_open (self) <= self->selected->priority)
        ice_component_progress (self, ICE_COMPONENT_READY, "no better pair is left");
      else if (self->state == ICE_COMPONENT_READY)
        ice_component_progress (self, ICE_COMPONENT_CONNECTED,
                                "a better pair is checked");
    }
  ice_data_path_consider (self);
  ice_settle_handle_verdict (self);
  ice_freeing_consider (self);
}

void
ice_settle (IceSession *session)
{
  IceComponent *component;

  while ((component = session->unsettled) != NULL)
    {
      session->unsettled = component->next_unsettled;
      component->unsettled = FALSE;
      settle (component);
    }
}
