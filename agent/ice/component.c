/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A component and the state of it that an application sees: the steps that may follow one
 * another. When to take which is not decided here. */
#include "config.h"

#include "ice/component.h"

#include "ice/candidate.h"
#include "ice/session.h"
#include "ice/trace.h"
#include "ice/valid.h"

#define TO(state) (1u << ICE_COMPONENT_##state)

/* From each state, the states that may follow; Gathering again and Failed from anywhere.
 */
static const guint8 edges[] = {
  [ICE_COMPONENT_DISCONNECTED] = TO (GATHERING) | TO (CONNECTING) | TO (FAILED),
  [ICE_COMPONENT_GATHERING] = TO (CONNECTING) | TO (FAILED),
  [ICE_COMPONENT_CONNECTING] = TO (CONNECTED) | TO (GATHERING) | TO (FAILED),
  [ICE_COMPONENT_CONNECTED] = TO (READY) | TO (CONNECTING) | TO (GATHERING) | TO (FAILED),
  [ICE_COMPONENT_READY] = TO (CONNECTED) | TO (GATHERING) | TO (FAILED),
  [ICE_COMPONENT_FAILED] = TO (CONNECTING) | TO (GATHERING),
};

static const gchar *const names[] = { "disconnected", "gathering", "connecting",
                                      "connected",    "ready",     "failed" };

void
ice_component_init (IceComponent *self, IceStream *stream, guint id)
{
  self->stream = stream;
  self->id = id;
  ice_timer_init (&self->patience_timer, ICE_TIMER_PATIENCE, self);
  ice_timer_init (&self->verdict_timer, ICE_TIMER_VERDICT, self);
  ice_timer_init (&self->keepalive_timer, ICE_TIMER_KEEPALIVE, self);
  ice_timer_init (&self->consent_timer, ICE_TIMER_CONSENT, self);
  ice_timer_init (&self->silence_timer, ICE_TIMER_SILENCE, self);
  ice_timer_init (&self->doubt_timer, ICE_TIMER_DOUBT, self);
}

void
ice_component_set_port_range (IceComponent *self, guint16 min, guint16 max)
{
  self->min_port = min;
  self->max_port = max;
}

static void
leave_unsettled (IceComponent *self)
{
  IceComponent **link = &self->stream->session->unsettled;

  if (!self->unsettled)
    return;
  while (*link != self)
    link = &(*link)->next_unsettled;
  *link = self->next_unsettled;
  self->unsettled = FALSE;
}

void
ice_component_clear (IceComponent *self)
{
  IceHeap *timers = &self->stream->session->timers;

  ice_valid_drop_selected (self);
  ice_timer_stop (&self->patience_timer, timers);
  ice_timer_stop (&self->verdict_timer, timers);
  ice_timer_stop (&self->keepalive_timer, timers);
  ice_timer_stop (&self->consent_timer, timers);
  ice_timer_stop (&self->silence_timer, timers);
  ice_timer_stop (&self->doubt_timer, timers);
  leave_unsettled (self);
  while (self->remotes.len > 0)
    ice_candidate_remove_remote (ice_list_get (&self->remotes, 0));
  for (guint i = 0; i < self->locals.len; i++)
    ice_end_unref (ice_list_get (&self->locals, i));
  ice_list_clear (&self->locals);
  ice_list_clear (&self->remotes);
  ice_list_clear (&self->pairs);
  ice_list_clear (&self->valid);
  ice_list_clear (&self->open);
  g_clear_pointer (&self->early, g_array_unref);
}

/* --- state --- */

gboolean
ice_component_state_may_change (IceComponentState from, IceComponentState to)
{
  return (edges[from] & 1u << to) != 0;
}

static void
set_state (IceComponent *self, IceComponentState state, const gchar *reason)
{
  IceSession *session = self->stream->session;
  IceEvent *event;

  g_assert (ice_component_state_may_change (self->state, state));

  ICE_TRACE (session, "component %u.%u %s -> %s (%s)", self->stream->id, self->id,
             names[self->state], names[state], reason);
  self->state = state;
  event = ice_outbox_add_event (&session->outbox, ICE_EVENT_COMPONENT_STATE,
                                self->stream->id, self->id);
  event->state.state = state;
  event->state.reason = state == ICE_COMPONENT_FAILED ? self->reason : ICE_REASON_NONE;
}

/* What lies between a state and one further on: users count the steps. */
static IceComponentState
next_step (IceComponentState from, IceComponentState to)
{
  if (ice_component_state_may_change (from, to))
    return to;
  if (from == ICE_COMPONENT_READY)
    return ICE_COMPONENT_CONNECTED;
  return from == ICE_COMPONENT_CONNECTING ? ICE_COMPONENT_CONNECTED
                                          : ICE_COMPONENT_CONNECTING;
}

void
ice_component_progress (IceComponent *self, IceComponentState state, const gchar *reason)
{
  while (self->state != state)
    set_state (self, next_step (self->state, state), reason);
}

void
ice_component_fail (IceComponent *self, IceReason reason)
{
  if (self->state == ICE_COMPONENT_FAILED)
    return;
  self->reason = reason;
  self->reopen_until = 0;
  set_state (self, ICE_COMPONENT_FAILED, "no hope is left");
}

void
ice_component_pair_added (IceComponent *self, IcePair *pair)
{
  if (pair->local->value.transport != ICE_TRANSPORT_UDP)
    self->stream->has_tcp = TRUE;
  ice_component_unsettle (self);
  if (self->state != ICE_COMPONENT_CONNECTED && self->state != ICE_COMPONENT_READY
      && !self->consent_lost)
    ice_component_progress (self, ICE_COMPONENT_CONNECTING, "a pair was formed");
}
