/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a NAT that forgets in the middle of a call does to media, and how both ends notice
 * before consent runs out: the end behind it hears nothing any more and asks, its check
 * shows the peer the new mapping. Selects nothing. RFC 8445 8, 11, RFC 7675 5.1.
 *
 * NOTES: with consent checks alone media is back after 6 s where the controlling side
 * moved, and not before a restart where the other one did. */
#include "config.h"

#include "ice/silence.h"

#include "ice/base.h"
#include "ice/consent.h"
#include "ice/fallback.h"

/* Silences that only pauses of the speaker cause are not asked about again and again. */
#define MAX_QUESTIONS 3

void
ice_silence_note_received (IceComponent *component)
{
  const IceSession *session = component->stream->session;

  component->last_received = session->now;
  component->n_questions = 0;
  if (!ice_timer_is_running (&component->silence_timer) && component->selected != NULL)
    ice_timer_start (&component->silence_timer, &component->stream->session->timers,
                     session->now + ICE_SILENCE);
}

/* RFC 8656 5: a server that has lost our allocation says so when it is asked, and only
 * then: data for it falls without a word.
 *
 * NOTES: without the question a restarted server is noticed when a permission is due, up
 * to 240 s later; with consent the component has failed long before. */
static void
doubt_relay (const IceComponent *component)
{
  const IcePair *selected = component->selected;
  const IceBaseId relay =
      selected->local->relay != 0 ? selected->local->relay : selected->base;

  if (selected->local->value.type == ICE_CANDIDATE_RELAYED)
    ice_outbox_add_event (&component->stream->session->outbox, ICE_EVENT_DOUBT,
                          component->stream->id, component->id)
        ->base = relay;
}

void
ice_silence_handle_timeout (IceComponent *component)
{
  IceSession *session = component->stream->session;

  if (component->selected == NULL || ice_fallback_moves_early (component)
      || component->n_questions >= MAX_QUESTIONS)
    return;
  if (session->now - component->last_received >= ICE_SILENCE)
    {
      component->n_questions++;
      ice_consent_ask (component);
      ice_fallback_note_silence (component);
      doubt_relay (component);
    }
  ice_timer_start (&component->silence_timer, &session->timers,
                   session->now + ICE_SILENCE);
}

/* What the peer sends to: connections of one listener are one place (RFC 6544 11.1). */
static IceBaseId
get_place (const IceSession *session, IceBaseId id)
{
  const IceBase *base = ice_base_find (session, id);

  if (base == NULL || base->kind != ICE_BASE_TCP_CONNECT
      || base->candidate->value.transport == ICE_TRANSPORT_TCP_ACTIVE)
    return id;
  return base->via;
}

/* The same base hears the peer from a new address, long after all first checks: its NAT
 * has forgotten the old one. From another IP address it may be another way of the peer's,
 * unless the old one has fallen silent. */
void
ice_silence_notice_move (IcePair *pair)
{
  const IceComponent *component = pair->component;
  const IcePair *selected = component->selected;
  const IceSession *session = component->stream->session;
  gint64 now = session->now;

  if (selected == NULL || component->selected_is_old || pair->remote == selected->remote
      || pair->state == ICE_PAIR_SUCCEEDED
      || pair->remote->value.type != ICE_CANDIDATE_PEER_REFLEXIVE
      || pair->formed_at - component->selected_at < ICE_NOMINATION_TIME
      || get_place (session, pair->base) != get_place (session, selected->base))
    return;
  if (nice_address_equal_no_port (&pair->remote->value.addr,
                                  &selected->remote->value.addr)
      || (component->last_received != 0
          && now - component->last_received >= ICE_SILENCE / 4))
    pair->moved = TRUE;
}
