/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whether the selected pair may still be sent to, and what keeps its NAT bindings alive:
 * RFC 7675 5, RFC 8445 11. What carries data before it has what its check proved. */
#include "config.h"

#include "ice/consent.h"

#include "ice/base.h"
#include "ice/dialect.h"
#include "ice/component.h"
#include "ice/consent-check.h"
#include "ice/credentials.h"
#include "ice/fallback.h"
#include "ice/request.h"
#include "ice/role.h"
#include "ice/session.h"

static gboolean
sends_checks (const IceConfig *config)
{
  return config->consent || config->keepalive_check
         || ice_dialect_get (config->dialect)->checks_keep_alive;
}

static void
start_keepalive (IceComponent *component)
{
  IceSession *session = component->stream->session;
  gint64 interval = ICE_KEEPALIVE_INTERVAL;

  if (sends_checks (&session->config))
    interval = ice_deadline_get_consent_interval (ice_session_random32 (session));
  ice_timer_start (&component->keepalive_timer, &session->timers,
                   session->now + interval);
}

static void
tell_consent (IceComponent *component, gboolean consent)
{
  if (component->consent_lost == !consent)
    return;
  component->consent_lost = !consent;
  ice_outbox_add_event (&component->stream->session->outbox, ICE_EVENT_CONSENT,
                        component->stream->id, component->id)
      ->consent = consent;
}

static void
renew (IceComponent *component, gint64 since)
{
  IceSession *session = component->stream->session;

  component->consent_until = since + ice_consent_get_expiry (&session->config);
  ice_timer_start (&component->consent_timer, &session->timers, component->consent_until);
}

/* RFC 7675 5.1: consent begins with the answer that made the pair valid, not with its
 * selection. What was proven longer ago than it lasts is asked first. By hand anything
 * may be selected. */
static gint64
get_proof_time (const IcePair *valid)
{
  const IcePair *checked = valid->checked;

  return checked != NULL && checked->answered_at != 0
             ? checked->answered_at
             : valid->component->stream->session->now;
}

void
ice_consent_stop (IceComponent *component)
{
  IceHeap *timers = &component->stream->session->timers;

  component->consent_until = 0;
  ice_timer_stop (&component->keepalive_timer, timers);
  ice_timer_stop (&component->consent_timer, timers);
}

void
ice_consent_start (IceComponent *component)
{
  const IceSession *session = component->stream->session;
  gint64 proof = get_proof_time (component->selected);
  gboolean is_old = session->now - proof >= ice_consent_get_expiry (&session->config);

  ice_consent_stop (component); /* what was lent */
  tell_consent (component, !(is_old && session->config.consent));
  start_keepalive (component);
  if (!sends_checks (&session->config))
    return;
  renew (component, is_old ? session->now : proof);
  if (is_old)
    ice_consent_check_send (component->selected, session->controlling);
}

gboolean
ice_consent_covers (const IcePair *valid)
{
  const IceSession *session = valid->component->stream->session;

  return !session->config.consent
         || session->now - get_proof_time (valid) < ICE_CONSENT_EXPIRY;
}

void
ice_consent_lend (IcePair *valid)
{
  tell_consent (valid->component, TRUE);
  if (valid->component->stream->session->config.consent)
    renew (valid->component, get_proof_time (valid));
}

static void
lose (IceComponent *component, IceReason reason)
{
  IcePair *selected = component->selected;

  ice_consent_stop (component);
  /* RFC 7675 5.1: answers that are still under way restore nothing. */
  if (selected != NULL)
    ice_request_free_all (selected);
  tell_consent (component, FALSE);
  ice_component_fail (component, reason);
}

/* RFC 7675 5.1: while another path is looked for, the lost one may be sent to for as long
 * as its consent lasts. */
void
ice_consent_pause (IceComponent *component)
{
  ice_timer_stop (&component->keepalive_timer, &component->stream->session->timers);
}

/* A later check of the pair may have proven it once more; if not, nothing was lost that
 * was selected. */
static void
end_loan (IceComponent *component)
{
  if (component->data_pair != NULL && ice_consent_covers (component->data_pair))
    ice_consent_lend (component->data_pair);
  else
    ice_component_unsettle (component);
}

void
ice_consent_handle_expiry (IceComponent *component)
{
  if (component->selected == NULL)
    {
      component->consent_until = 0;
      if (component->has_data_path)
        end_loan (component);
      else
        tell_consent (component, FALSE);
      return;
    }
  if (!ice_fallback_moves (component))
    lose (component, ICE_REASON_CONSENT_LOST);
  else if (component->stream->session->config.consent)
    tell_consent (component, FALSE); /* until the next one is selected */
}

void
ice_consent_note_sent (IceComponent *component)
{
  component->last_traffic = component->stream->session->now;
}

/* RFC 8445 11: media keeps the binding itself. */
static gboolean
is_kept_by_traffic (const IceComponent *component)
{
  return component->last_traffic > 0
         && component->stream->session->now - component->last_traffic < ICE_TRAFFIC_KEEPS;
}

void
ice_consent_ask (IceComponent *component)
{
  const IceStream *stream = component->stream;
  const IceConfig *config = &stream->session->config;
  const IceCredentials *remote = &stream->remote;

  if (component->selected_is_old)
    {
      if (config->dialect != ICE_DIALECT_RFC5245)
        return;
      remote = &stream->old_remote;
    }
  if (config->lite || !ice_credentials_are_known (remote))
    return;
  /* By another interface the question may arrive, but not its answer: the peer would
   * believe that we are still there. */
  if (!ice_base_is_cut_off (stream->session, component->selected->base))
    ice_consent_check_send (component->selected, stream->session->controlling);
  ice_fallback_note_asked (component);
}

void
ice_consent_handle_keepalive (IceComponent *component)
{
  const IceStream *stream = component->stream;
  IcePair *pair = component->selected;

  if (pair == NULL)
    return;
  if (!sends_checks (&stream->session->config))
    {
      if (pair->local->value.transport == ICE_TRANSPORT_UDP
          && !is_kept_by_traffic (component))
        ice_message_send_indication (pair);
    }
  else
    ice_consent_ask (component);
  start_keepalive (component);
}

void
ice_consent_handle_response (IceRequest *request, const StunView *view)
{
  IceSession *session = request->session;
  IcePair *pair = request->pair;
  IceComponent *component = pair->component;
  gboolean announced = request->controlling;
  StunErrorValue error;

  ice_request_free (request);
  if (view->klass == STUN_CLASS_SUCCESS && pair->checked != NULL)
    pair->checked->answered_at = session->now;
  if (pair != component->selected)
    {
      ice_component_unsettle (component);
      return;
    }
  if (view->klass == STUN_CLASS_SUCCESS)
    {
      ice_fallback_forget (component);
      tell_consent (component, TRUE);
      if (sends_checks (&session->config))
        renew (component, session->now);
    }
  else if (stun_attr_read_error (view, &error) != STUN_RULE_KEPT)
    return;
  else if (error.code == 487)
    ice_role_handle_conflict (session, announced);
  else if (error.code == 403 && session->config.consent)
    lose (component, ICE_REASON_CONSENT_REVOKED);
}

gboolean
ice_consent_revoke (IceComponent *component)
{
  if (!component->stream->session->config.consent)
    return FALSE;
  component->consent_revoked_by_us = TRUE;
  return TRUE;
}
