/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sending checks: RFC 8445 7.2.2, 7.2.4, 14.3, and what no answer means (7.2.5.2.3). Must
 * not choose which pair is next. */
#include "config.h"

#include "ice/check-send.h"

#include "ice/checklist.h"
#include "ice/credentials.h"
#include "ice/message.h"
#include "ice/nominate.h"
#include "ice/priority.h"
#include "ice/request.h"
#include "ice/session.h"
#include "ice/tcp.h"

/* RFC 8445 14.3 counts the checks of the whole checklist set. */
static guint
count_active (const IceSession *session)
{
  guint n = 0;

  for (guint i = 0; i < session->streams.len; i++)
    n += ((const IceStream *)ice_list_get (&session->streams, i))->checklist.n_active;
  return n;
}

static StunTiming
get_timing (const IcePair *pair)
{
  const IceSession *session = pair->component->stream->session;
  const IceConfig *config = &session->config;

  if (pair->local->value.transport != ICE_TRANSPORT_UDP)
    return stun_timing_stream (config->reliable_timeout);
  return stun_timing_halved (stun_rto_for_checks (config->ta, 1, count_active (session)),
                             config->max_retransmissions);
}

gboolean
ice_check_send (IcePair *pair)
{
  IceSession *session = pair->component->stream->session;
  IceRequest *request;
  StunTiming timing;

  ice_checklist_untrigger (pair);
  if (pair->state == ICE_PAIR_WAITING)
    ice_checklist_set_state (pair, ICE_PAIR_IN_PROGRESS, "checked");
  if (pair->base == 0)
    return ice_tcp_open (pair);
  ice_request_cancel_all (pair);
  request = ice_request_new (session, ICE_REQUEST_CHECK);
  ice_request_attach (request, pair);
  request->controlling = session->controlling;
  request->tie_breaker = session->tie_breaker;
  request->nominating = pair->nominating;
  request->use_candidate = ice_nominate_uses_candidate (pair);
  request->nomination = ice_nominate_next_value (pair);
  request->priority = ice_priority_as_peer_reflexive (pair->local->value.priority,
                                                      pair->local->value.transport,
                                                      session->config.reliable);
  timing = get_timing (pair);
  ice_request_start (request, &timing);
  pair->last_sent = request->last_sent = session->now;
  pair->requests_sent++;
  ice_message_send_check (request);
  return TRUE;
}

/* A peer that is heard in one stream is there in all of them. */
static gboolean
is_peer_heard (const IceSession *session)
{
  for (guint i = 0; i < session->streams.len; i++)
    if (((const IceStream *)ice_list_get (&session->streams, i))->binding_seen)
      return TRUE;
  return FALSE;
}

/* Whether the peer cannot have known of us when the check began: without trickling, our
 * candidates wait for all of gathering, and its NAT lets nothing in from them before. */
static gboolean
is_premature (const IceStream *stream, gint64 began)
{
  return !stream->session->config.trickle
         && (!stream->gathering_done || began < stream->gathered_at);
}

static gboolean
is_heard (const IcePair *pair)
{
  return pair->requests_received > 0 || pair->responses_received > 0;
}

/* Other valid pairs are of no use where the peer has selected this one and nominates no
 * other (RFC 8445 7.3.1.5). */
static gboolean
is_awaited (const IcePair *pair)
{
  return pair->peer_nominates && !pair->component->stream->session->controlling;
}

/* A second nomination of a peer that makes but one at a time, or an aggressive one that
 * the peer has taken and whose answers were lost. */
static gboolean
may_replace_selected (const IcePair *pair, gboolean premature)
{
  const IceStream *stream = pair->component->stream;

  if (stream->peer_is_regular)
    return is_heard (pair) && is_awaited (pair);
  return (is_heard (pair) || premature)
         && pair->priority > pair->component->selected->priority
         && ice_stream_get_nomination (stream) == ICE_NOMINATION_AGGRESSIVE;
}

/* Whether another valid pair will be selected rather than this one. */
static gboolean
is_beaten (const IcePair *pair)
{
  const IceList *valid = &pair->component->valid;

  for (guint i = 0; i < valid->len; i++)
    {
      const IcePair *other = ice_list_get (valid, i);

      if (other != pair->made
          && MAX (other->priority, other->checked->priority) > pair->priority)
        return TRUE;
    }
  return FALSE;
}

/* RFC 8445 7.2.5.3.4: the nominated pair does not answer any more, and another is valid.
 *
 * NOTES: loss takes three transmissions now and then; a path that died between its check
 * and its nomination cost all of PAC. */
static gboolean
can_fall_back (const IcePair *pair)
{
  return pair->nominating && pair->component->valid.len > (pair->made != NULL ? 1 : 0);
}

/* RFC 8445 14.3 sends a check seven times in 39.5 s, users of NiceAgent expect three
 * times in 2 s to be all. Both is had by asking again where that may help: for as long as
 * RFC 8863 has patience on a path where the peer was heard, so that only loss can be the
 * reason, and once more on the other paths to a peer that was heard, or that was not told
 * of us yet, unless others wait for a place on the list.
 *
 * NOTES: without this, of 1,000 calls between two open hosts with up to 30 % loss about
 * ten did not connect. */
static gboolean
is_worth_another_round (const IcePair *pair, gint64 began)
{
  const IceComponent *component = pair->component;
  const IceStream *stream = component->stream;
  gboolean premature = is_premature (stream, began);
  gboolean in_time = stream->session->now < stream->pac_until;

  if (pair->retired || pair->local->value.transport != ICE_TRANSPORT_UDP
      || !ice_credentials_are_known (&stream->remote))
    return FALSE;
  if (ice_component_is_concluded (component))
    return in_time && may_replace_selected (pair, premature);
  if (can_fall_back (pair) || (is_beaten (pair) && !is_awaited (pair)))
    return FALSE;
  if (is_heard (pair))
    return in_time;
  return component->n_parked == 0
         && (premature || (is_peer_heard (stream->session) && pair->rounds == 0));
}

void
ice_check_handle_timeout (IceRequest *request)
{
  IcePair *pair = request->pair;
  gint64 began = request->transaction.started;
  /* RFC 7675 5.1: of consent only the whole silence counts. */
  gboolean cancelled = request->cancelled || request->kind == ICE_REQUEST_CONSENT;

  switch (stun_transaction_handle_timeout (&request->transaction, request->session->now))
    {
    case STUN_TRANSACTION_WAIT:
      ice_timer_start (&request->timer, &request->session->timers,
                       request->transaction.deadline);
      return;
    case STUN_TRANSACTION_RESEND:
      ice_timer_start (&request->timer, &request->session->timers,
                       request->transaction.deadline);
      pair->last_sent = request->last_sent = request->session->now;
      pair->requests_sent++;
      ice_message_send_check (request);
      ice_checklist_yield (pair);
      return;
    case STUN_TRANSACTION_FAILED:
      ice_request_free (request);
      if (!cancelled && is_worth_another_round (pair, began))
        {
          pair->rounds = 1;
          ice_checklist_unfreeze_behind (pair);
          ice_check_send (pair);
        }
      else if (!cancelled)
        ice_checklist_fail (pair, ICE_REASON_TIMEOUT, 0);
      else if (pair->retired && pair->requests == NULL)
        ice_checklist_remove_pair (pair);
      return;
    }
}
