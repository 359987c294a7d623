/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What an answer to a check means: RFC 8445 7.2.5. Sends nothing itself. */
#include "config.h"

#include "ice/check-response.h"

#include "ice/candidate.h"
#include "ice/checklist.h"
#include "ice/consent.h"
#include "ice/dialect.h"
#include "ice/gather-server.h"
#include "ice/message.h"
#include "ice/nominate.h"
#include "ice/ready.h"
#include "ice/request.h"
#include "ice/role.h"
#include "ice/trace.h"
#include "ice/valid.h"

/* Two peers that both insist end here, not in an endless exchange of 487. */
#define MAX_ROLE_CONFLICTS 5

/* RFC 8445 7.2.5.3.1: where the peer saw us; one of our candidates, or a new one. */
static IceEnd *
get_mapped_local (IcePair *pair, const NiceAddress *mapped, guint32 priority)
{
  IceComponent *component = pair->component;
  const IceCandidate *from = &pair->local->value;
  IceLocalSpec spec = { .type = ICE_CANDIDATE_PEER_REFLEXIVE,
                        .transport = from->transport,
                        .addr = *mapped,
                        .base_addr = from->addr,
                        .base = from->base,
                        .address_index = pair->local->address_index };
  IceEnd *found;

  if (nice_address_equal (mapped, &from->addr))
    return pair->local;
  /* RFC 6062 5.2: a relayed candidate connects from the relayed address. */
  if (pair->local->relay != 0 && nice_address_equal_no_port (mapped, &from->addr))
    return pair->local;
  found = ice_candidate_find_local (component, from->transport, mapped, from->base);
  if (found != NULL)
    return found;
  if (component->n_learned_local >= ICE_MAX_LEARNED)
    return pair->local;
  component->n_learned_local++;
  nice_address_init (&spec.server_addr);
  found = ice_candidate_add_local (component, &spec);
  found->value.priority = priority;
  return found;
}

static void
handle_success (IceRequest *request, const StunView *view)
{
  IcePair *pair = request->pair, *valid;
  gboolean controlling = request->session->controlling;
  gboolean nominated = request->use_candidate && request->controlling && controlling;
  guint32 priority = request->priority, nomination = request->nomination;
  NiceAddress mapped;

  if (ice_message_has_unknown (view) || !ice_message_read_mapped (view, &mapped))
    {
      ice_request_free (request);
      ice_checklist_fail (pair, ICE_REASON_PROTOCOL, 0);
      return;
    }
  pair->nominating = pair->nominating && !request->nominating;
  pair->role_conflicts = 0;
  pair->answered_at = request->session->now;
  ice_request_free (request);
  if (pair->made != NULL && !nominated)
    return; /* a second answer; the nominating check goes on */
  ice_request_cancel_all (pair);
  ice_checklist_untrigger (pair);
  ice_checklist_set_state (pair, ICE_PAIR_SUCCEEDED, "answered");
  valid = ice_valid_add (pair, get_mapped_local (pair, &mapped, priority));
  ice_valid_tell_path (pair, TRUE);
  if (nominated)
    ice_nominate_pair (valid, nomination);
  else if (pair->peer_nominates && !controlling)
    ice_nominate_by_peer (valid, pair->nomination);
  if (pair->moved && controlling)
    ice_nominate_moved (valid);
}

static void
handle_error (IceRequest *request, const StunView *view)
{
  IcePair *pair = request->pair;
  gboolean announced = request->controlling, nominating = request->nominating;
  IceSession *session = request->session;
  StunErrorValue error = { .code = 0 };

  stun_attr_read_error (view, &error);
  ice_request_free (request);
  if (error.code == 487 && pair->role_conflicts < MAX_ROLE_CONFLICTS)
    {
      pair->role_conflicts++;
      ice_role_handle_conflict (session, announced);
      if (nominating || pair->state == ICE_PAIR_SUCCEEDED)
        pair->nominating = FALSE;
      else
        {
          ice_checklist_trigger (pair, "role conflict");
          ice_ready_urge (pair);
        }
      return;
    }
  ice_checklist_fail (pair,
                      error.code == 401 ? ICE_REASON_UNAUTHORIZED : ICE_REASON_PROTOCOL,
                      error.code);
}

/* RFC 8445 7.2.5.2.1. An error is heeded wherever it comes from, since it only ends or
 * repeats the check: two peers that both control, with a NAT that maps per destination
 * between them, would else not learn it. */
static gboolean
is_astray (const IceRequest *request, const IceBase *base, const NiceAddress *from,
           const StunView *view)
{
  return view->klass == STUN_CLASS_SUCCESS
         && (request->base != base->id
             || !nice_address_equal (from, &request->pair->remote->value.addr));
}

/* RFC 8445 7.2.5.2.1; of a pair that has worked an answer that takes another way is none
 * (RFC 7675 5.1), as the way may have changed for good or for a moment. */
static void
handle_astray (IceRequest *request)
{
  IcePair *pair = request->pair;
  gboolean was_question = request->kind == ICE_REQUEST_CONSENT;

  ICE_TRACE (request->session, "answer to another address than asked");
  ice_request_free (request);
  if (was_question)
    return;
  pair->astray = MIN (pair->astray + 1u, ICE_MAX_ASTRAY);
  ice_checklist_fail (pair, ICE_REASON_PROTOCOL, 0);
}

/* RFC 8445 7.2.5.2.4, 19.2: what is not authenticated changes nothing. */
static gboolean
is_authentic (const IceRequest *request, const StunView *view)
{
  const IceStream *stream = request->pair->component->stream;
  const IceQuirks *quirks = ice_dialect_of (stream->session);
  const IceCredentials *remote = request->is_old ? &stream->old_remote : &stream->remote;

  return !quirks->has_integrity
         || stun_integrity_verify (view, quirks->replies_as_check ? &stream->local.key
                                                                  : &remote->key)
                == STUN_RULE_KEPT;
}

void
ice_check_handle_response (IceBase *base, const NiceAddress *from, const StunView *view)
{
  IceSession *session = base->component->stream->session;
  IceRequest *request = ice_request_find (session, stun_view_get_id (view));
  IcePair *pair;
  gint64 rtt;

  if (request == NULL)
    return;
  if (request->kind == ICE_REQUEST_BINDING)
    {
      ice_gather_server_handle_response (request, base, from, view);
      return;
    }
  pair = request->pair;
  if (!is_authentic (request, view))
    {
      ICE_TRACE (session, "answer without right integrity ignored");
      return;
    }
  pair->responses_received++;
  pair->answer_time = session->now - request->last_sent;
  rtt = stun_transaction_get_round_trip (&request->transaction, session->now);
  if (rtt >= 0)
    {
      pair->rtt = rtt;
      pair->total_rtt += rtt;
    }
  if (is_astray (request, base, from, view))
    handle_astray (request);
  else if (request->kind == ICE_REQUEST_CONSENT)
    ice_consent_handle_response (request, view);
  else if (view->klass == STUN_CLASS_SUCCESS)
    handle_success (request, view);
  else
    handle_error (request, view);
}
