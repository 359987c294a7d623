/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a check of the peer sets off: the answer, and after it a candidate, a triggered
 * check, a nomination. RFC 8445 7.3. */
#include "config.h"

#include "ice/check-request.h"

#include "ice/candidate.h"
#include "ice/base.h"
#include "ice/checklist.h"
#include "ice/credentials.h"
#include "ice/dialect.h"
#include "ice/doubt.h"
#include "ice/early.h"
#include "ice/fallback.h"
#include "ice/nominate.h"
#include "ice/priority.h"
#include "ice/ready.h"
#include "ice/role.h"
#include "ice/session.h"
#include "ice/silence.h"
#include "ice/tcp.h"
#include "ice/trace.h"
#include "ice/valid.h"

/* RFC 8489 9.1.3, RFC 8445 7.3. Sets the reply's key once the request has proven
 * itself. */
static guint
authenticate (IceBase *base, const StunView *view, IceReply *reply)
{
  const IceStream *stream = base->component->stream;
  const IceQuirks *quirks = ice_dialect_of (stream->session);

  if ((quirks->has_integrity && view->integrity == 0)
      || !stun_view_has (view, STUN_ATTR_USERNAME))
    return 400;
  if (!ice_message_is_for (view, base->component)
      || (quirks->has_integrity
          && stun_integrity_verify (view, &stream->local.key) != STUN_RULE_KEPT))
    return 401;
  if (!quirks->replies_as_check && quirks->has_integrity)
    reply->key = &stream->local.key;
  else if (quirks->replies_as_check && ice_credentials_are_known (&stream->remote))
    reply->key = &stream->remote.key;
  return 0;
}

/* RFC 8489 6.3.1, RFC 8445 7.3.1.1, RFC 7675 5.2: 0: the check is accepted. */
static guint
judge (IceBase *base, const StunView *view, IceReply *reply, IceCheck *check)
{
  IceSession *session = base->component->stream->session;
  const guint code = authenticate (base, view, reply);

  if (code != 0)
    return code;
  if (ice_message_has_unknown (view))
    return 420;
  if (base->component->consent_revoked_by_us)
    return 403;

  ice_message_read_check (view, session, check);
  if (!check->has_role)
    return 0;
  switch (ice_role_judge (session, check->peer_controls, check->tie_breaker))
    {
    case ICE_ROLE_FINE:
      return 0;
    case ICE_ROLE_REFUSE:
      return 487;
    case ICE_ROLE_SWITCH:
      ice_role_set (session, !session->controlling, "the peer's tie-breaker is larger");
      return 0;
    }
  g_assert_not_reached ();
}

static IceEnd *
get_remote (IceBase *base, const NiceAddress *from, const IceCheck *check)
{
  IceComponent *component = base->component;
  IceTransport transport = ice_tcp_get_peer_transport (base);
  IceEnd *remote = ice_candidate_find_remote (component, transport, from);
  guint32 priority = check->priority;

  if (remote != NULL)
    return remote;
  if (priority == 0)
    priority = ice_priority_as_peer_reflexive (base->candidate->value.priority, transport,
                                               FALSE);
  return ice_candidate_learn_remote (component, transport, from, priority);
}

/* Whether a component that the peer has told candidates for still lacks a valid pair. */
static gboolean
lacks_valid_pair (const IceStream *stream)
{
  for (guint i = 0; i < stream->n_components; i++)
    if (stream->components[i].n_signalled > 0 && stream->components[i].valid.len == 0)
      return TRUE;
  return FALSE;
}

/* What was nominated before all components had a pair. */
static void
nominate_held (IceComponent *component)
{
  for (guint i = 0; i < component->pairs.len; i++)
    {
      IcePair *pair = ice_list_get (&component->pairs, i);

      if (pair->peer_nominates && pair->valid && !pair->nominated)
        ice_nominate_pair (pair, pair->nomination);
    }
}

/* RFC 8445 7.3.2: a lite agent believes what it receives. It sends no data before each
 * component has a valid pair (12.1.1): until then nothing is selected. */
static void
process_lite (IcePair *pair, const IceCheck *check)
{
  IceStream *stream = pair->component->stream;

  if (pair->state != ICE_PAIR_SUCCEEDED)
    ice_checklist_set_state (pair, ICE_PAIR_SUCCEEDED, "a check came");
  ice_valid_add (pair, pair->local);
  if (check->use_candidate)
    {
      pair->peer_nominates = TRUE;
      pair->nomination = MAX (pair->nomination, check->nomination);
    }
  if (lacks_valid_pair (stream))
    return;
  for (guint i = 0; i < stream->n_components; i++)
    nominate_held (&stream->components[i]);
  if (check->use_candidate)
    ice_nominate_pair (pair, check->nomination);
}

static void
process (IceBase *base, const NiceAddress *from, const IceCheck *check)
{
  IceStream *stream = base->component->stream;
  IceSession *session = stream->session;
  IceEnd *remote;
  IcePair *pair;

  if (base->candidate == NULL) /* it went since the check came early */
    return;
  remote = get_remote (base, from, check);
  if (remote == NULL)
    return;
  pair = ice_checklist_get_pair (base->candidate, remote, base->id);
  if (pair->requests_received++ == 0)
    ice_component_unsettle (pair->component); /* nomination may have waited for it */
  pair->responses_sent++;
  ice_valid_tell_path (pair, TRUE);
  if (!session->controlling && !check->use_candidate)
    stream->peer_is_regular = TRUE;
  if (session->config.lite)
    {
      process_lite (pair, check);
      return;
    }
  ice_fallback_note_heard (pair);
  ice_silence_notice_move (pair);
  ice_doubt_note_heard (pair);
  if (check->use_candidate && !session->controlling)
    ice_nominate_for_peer (pair, check);
  /* Two NATs that map per destination answer each check from another address: checks that
   * trigger one another there would not end (RFC 8445 7.2.5.2.1, 7.3.1.4). */
  if (pair->state != ICE_PAIR_SUCCEEDED && pair->astray < ICE_MAX_ASTRAY)
    {
      ice_checklist_trigger (pair, "the peer checks it");
      /* Just sent to: its answer may be on the way, Ta will do. */
      if (pair->requests_sent == 0
          || session->now - pair->last_sent >= session->config.ta)
        ice_ready_urge (pair);
    }
}

/* Behind two NATs that map per destination each check comes from a new port and is
 * answered from another; every answer would show the peer a new path to check, and so on
 * for ever. RFC 8445 7.2.5.2.1 lets none of these paths work. */
static gboolean
is_hopeless (const IceBase *base, const NiceAddress *from)
{
  const IceList *pairs = &base->component->pairs;
  guint n = 0;

  for (guint i = 0; i < pairs->len; i++)
    {
      const IcePair *pair = ice_list_get (pairs, i);

      if (pair->astray > 0 && pair->base == base->id
          && nice_address_equal_no_port (&pair->remote->value.addr, from))
        n++;
    }
  return n >= ICE_MAX_ASTRAY_PATHS;
}

/* A success tells the peer that its pair works, and lets it nominate that. Where what
 * has to follow could not, because something is full, there is no answer, or the peer
 * would select a pair that is none here. */
static gboolean
can_follow (const IceBase *base, const NiceAddress *from)
{
  const IceComponent *component = base->component;
  const IceSession *session = component->stream->session;

  if (base->candidate == NULL || base->candidate->hidden)
    return FALSE;
  if (!ice_credentials_are_known (&component->stream->remote))
    {
      if (ice_dialect_of (session)->replies_as_check)
        return FALSE; /* in whose words? */
      if (!session->config.lite)
        return ice_early_has_room (base, from);
    }
  if (ice_candidate_find_remote (component, ice_tcp_get_peer_transport (base), from)
      != NULL)
    return TRUE;
  return component->n_learned < ICE_MAX_LEARNED && !is_hopeless (base, from);
}

static gboolean
names_old_generation (const StunView *view, const gchar *ufrag)
{
  const gsize len = strlen (ufrag);
  StunAttr attr;

  return stun_view_find (view, STUN_ATTR_USERNAME, &attr) && attr.len > len
         && memcmp (attr.value, ufrag, len) == 0 && attr.value[len] == ':';
}

/* RFC 7675 5.1: while the pair of before a restart carries data, the peer asks for
 * consent on it with the credentials of then, also where we have selected another one
 * already: it may hear later of our answer. The reply is all that it gets. */
static gboolean
asks_for_old_consent (const IceBase *base, const NiceAddress *from, const StunView *view)
{
  const IceComponent *component = base->component;
  const IceCredentials *local = &component->stream->old_local;

  return component->old_base == base->id && local->ufrag != NULL
         && nice_address_equal (&component->old_remote, from) && view->integrity != 0
         && names_old_generation (view, local->ufrag)
         && stun_integrity_verify (view, &local->key) == STUN_RULE_KEPT
         && !ice_message_has_unknown (view) && !component->consent_revoked_by_us;
}

void
ice_check_handle_request (IceBase *base, const NiceAddress *from, const StunView *view)
{
  IceStream *stream = base->component->stream;
  IceReply reply = { .session = stream->session,
                     .component = base->component,
                     .request = view,
                     .base = base->id,
                     .to = from };
  IceCheck check;
  guint code;

  if (asks_for_old_consent (base, from, view))
    {
      reply.key = &stream->old_local.key;
      ice_message_send_success (&reply);
      return;
    }
  code = judge (base, view, &reply, &check);
  if (code != 0)
    {
      ICE_TRACE (stream->session, "check on base %u refused: %u", base->id, code);
      ice_message_send_error (&reply, code);
      return;
    }
  if (!can_follow (base, from))
    {
      ICE_TRACE (stream->session, "check on base %u not answered: no room", base->id);
      return;
    }
  base->is_proven = TRUE;
  ice_message_send_success (&reply);
  if (!stream->binding_seen)
    {
      stream->binding_seen = TRUE;
      stream->binding_seen_at = stream->session->now;
      ice_outbox_add_event (&stream->session->outbox, ICE_EVENT_INITIAL_BINDING,
                            stream->id, base->component->id);
    }
  if (ice_credentials_are_known (&stream->remote) || stream->session->config.lite)
    process (base, from, &check);
  else
    ice_early_add (base, from, &check);
}

void
ice_check_replay (IceComponent *component)
{
  g_autoptr (GArray) early = g_steal_pointer (&component->early);

  for (guint i = 0; early != NULL && i < early->len; i++)
    {
      const IceEarlyCheck *entry = &g_array_index (early, IceEarlyCheck, i);
      IceBase *base = ice_base_find (component->stream->session, entry->base);

      if (base != NULL)
        process (base, &entry->from, &entry->check);
    }
}
