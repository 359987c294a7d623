/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A check of a pair that was proven before: what is in it, and how long an answer holds.
 * Who is asked when is not known here. RFC 7675 5.1. */
#include "config.h"

#include "ice/consent-check.h"

#include "ice/message.h"
#include "ice/priority.h"
#include "ice/request.h"
#include "ice/session.h"

gint64
ice_consent_get_expiry (const IceConfig *config)
{
  return config->consent ? ICE_CONSENT_EXPIRY : ICE_KEEPALIVE_CHECK_EXPIRY;
}

/* RFC 7675 5.1: a new transaction each time, sent once. On the selected pair it carries
 * USE-CANDIDATE where we control: large ICE-lite services drop who leaves it out. */
void
ice_consent_check_send (IcePair *pair, gboolean use_candidate)
{
  IceSession *session = pair->component->stream->session;
  IceRequest *request = ice_request_new (session, ICE_REQUEST_CONSENT);
  StunTiming timing = stun_timing_stream (ice_consent_get_expiry (&session->config));

  ice_request_attach (request, pair);
  request->is_old = pair->component->selected_is_old;
  request->controlling = session->controlling;
  request->use_candidate = use_candidate;
  request->tie_breaker = session->tie_breaker;
  request->priority = ice_priority_as_peer_reflexive (pair->local->value.priority,
                                                      pair->local->value.transport,
                                                      session->config.reliable);
  ice_request_start (request, &timing);
  request->last_sent = session->now;
  pair->requests_sent++;
  pair->consent_requests_sent++;
  ice_message_send_check (request);
}
