/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Decides when a data connection is the peer's: one request and its answer. RFC 6062 4.3,
 * 4.4. */
#include "config.h"

#include "turn/bind.h"

#include "stun/attributes.h"

struct _TurnBind
{
  TurnEnv env; /* it outlives the control connection */
  TurnRequests *requests;
  guint32 id;
  TurnBindState state;
  TurnFault fault;
};

static void
write_attributes (gpointer data, const TurnTopic *topic, StunWriter *writer)
{
  TurnBind *self = data;

  stun_attr_write_u32 (writer, STUN_ATTR_CONNECTION_ID, self->id);
}

TurnBind *
turn_bind_new (const TurnRequests *control, const TurnEnv *env, guint32 id)
{
  TurnBind *self = g_new0 (TurnBind, 1);

  self->env = *env;
  self->id = id;
  self->requests = turn_requests_new_like (control, &self->env, write_attributes, self);
  return self;
}

void
turn_bind_free (TurnBind *self)
{
  if (self == NULL)
    return;
  turn_requests_free (self->requests);
  g_free (self);
}

void
turn_bind_start (TurnBind *self, gint64 now)
{
  const TurnTopic topic = { STUN_METHOD_CONNECTION_BIND, 0 };

  turn_requests_start (self->requests, &topic, NULL, now);
}

static void
handle_outcome (TurnBind *self, const TurnOutcome *outcome)
{
  self->state = outcome->fault == TURN_FAULT_NONE ? TURN_BIND_BOUND : TURN_BIND_FAILED;
  self->fault = outcome->fault;
}

void
turn_bind_handle_input (TurnBind *self, const guint8 *data, gsize size, gint64 now)
{
  TurnOutcome outcome;
  StunView view;

  if (stun_view_parse (&view, data, size, STUN_WIRE_NORMAL) == STUN_RULE_KEPT
      && turn_requests_handle_response (self->requests, &view, now, &outcome))
    handle_outcome (self, &outcome);
}

void
turn_bind_handle_timeout (TurnBind *self, gint64 now)
{
  TurnOutcome outcome;

  if (turn_requests_handle_timeout (self->requests, now, &outcome))
    handle_outcome (self, &outcome);
}

gint64
turn_bind_get_deadline (const TurnBind *self)
{
  return turn_requests_get_deadline (self->requests);
}

GBytes *
turn_bind_take_output (TurnBind *self)
{
  return turn_requests_take_output (self->requests);
}

TurnBindState
turn_bind_get_state (const TurnBind *self, TurnFault *fault)
{
  *fault = self->fault;
  return self->state;
}
