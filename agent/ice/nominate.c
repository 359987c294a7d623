/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Nomination and selection: RFC 8445 7.3.1.5, 8.1; aggressive nomination as in RFC 5245
 * 8.1.1.2. Decides; others send. */
#include "config.h"

#include "ice/nominate.h"

#include "ice/base.h"
#include "ice/checklist.h"
#include "ice/component.h"
#include "ice/consent.h"
#include "ice/credentials.h"
#include "ice/data-path.h"
#include "ice/fallback.h"
#include "ice/pair.h"
#include "ice/ready.h"
#include "ice/session.h"
#include "ice/trace.h"
#include "ice/valid.h"

/* --- selection --- */

/* RFC 6544 8: on completion all other connections are closed. */
static void
close_connections (IceComponent *component)
{
  IceList *bases = &component->stream->session->bases;

  for (guint i = bases->len; i > 0; i--)
    {
      IceBase *base = ice_list_get (bases, i - 1);

      if (base->component != component || base->id == component->selected->base
          || (base->kind != ICE_BASE_TCP_CONNECT && base->kind != ICE_BASE_TCP_SO))
        continue;
      if (base->pair != NULL)
        base->pair->connecting = FALSE;
      base->pair = NULL;
      ice_checklist_remove_base (base);
      ice_base_drop (base);
    }
}

/* RFC 8445 8.1.2: what the selected pair beats is not checked any further. */
static void
retire_others (IceComponent *component)
{
  gboolean final = ice_stream_nominates_once (component->stream);

  for (guint i = component->pairs.len; i > 0; i--)
    {
      IcePair *pair = ice_list_get (&component->pairs, i - 1);

      if (pair->state <= ICE_PAIR_IN_PROGRESS && !pair->retired
          && (final || pair->priority < component->selected->priority))
        ice_checklist_retire_pair (pair);
    }
  if (final)
    close_connections (component);
}

void
ice_nominate_tell_selected (const IceComponent *component)
{
  const IcePair *pair = component->selected;
  IceEvent *event =
      ice_outbox_add_event (&component->stream->session->outbox, ICE_EVENT_SELECTED_PAIR,
                            component->stream->id, component->id);

  event->selected.local = pair->local->value;
  event->selected.remote = pair->remote->value;
  event->selected.base = pair->base;
  event->selected.to = pair->remote->value.addr;
  event->selected.priority = pair->priority;
}

void
ice_nominate_select (IceComponent *component, IcePair *valid)
{
  ICE_TRACE (component->stream->session, "pair %u:%u selected", valid->local->value.id,
             valid->remote->value.id);
  if (component->selected != valid)
    ice_valid_drop_selected (component);
  component->selected = valid;
  component->selected_is_old = FALSE;
  component->selected_at = component->stream->session->now;
  component->reopen_until = 0;
  component->nominating = NULL;
  ice_data_path_forget (component);
  ice_fallback_forget (component);
  ice_nominate_tell_selected (component);
  if (component->state != ICE_COMPONENT_READY)
    ice_component_progress (component, ICE_COMPONENT_CONNECTED, "a pair is selected");
  retire_others (component);
  ice_consent_start (component);
  ice_component_unsettle (component);
}

/* The last nomination wins where there is renomination, the best pair where not
 * (draft-thatcher-ice-renomination 3). */
static gboolean
outranks (const IcePair *valid, const IcePair *selected)
{
  if (valid->nomination != selected->nomination)
    return valid->nomination > selected->nomination;
  return valid->priority > selected->priority;
}

/* Whether a nomination of a pair that is not better than the selected one counts. A peer
 * that nominates once (RFC 8445 8.1.1) and now nominates another pair has lost the first.
 * Of the many that an aggressive one nominates the best counts (RFC 5245 8.1.1.2); but
 * what it comes back to long after, and not to the selected one, is what it uses. The
 * first time that it names a pair may be late. */
static gboolean
is_followed (const IcePair *valid)
{
  const IceStream *stream = valid->component->stream;
  const IceSession *session = stream->session;
  const IcePair *selected = valid->component->selected;

  if (session->controlling || session->config.renomination)
    return FALSE;
  return stream->peer_is_regular || (valid->checked != NULL && valid->checked->moved)
         || (valid->nominated_at != 0
             && session->now - valid->nominated_at >= ICE_NOMINATION_TIME
             && session->now - selected->nomination_seen >= ICE_NOMINATION_TIME);
}

void
ice_nominate_pair (IcePair *valid, guint32 nomination)
{
  IceComponent *component = valid->component;

  valid->nominated = TRUE;
  if (component->stream->session->config.renomination)
    valid->nomination = MAX (valid->nomination, nomination);
  if (component->nominating == valid)
    component->nominating = NULL;
  if (component->selected == valid && !component->selected_is_old)
    return;
  if (!ice_component_is_concluded (component) || outranks (valid, component->selected)
      || is_followed (valid))
    ice_nominate_select (component, valid);
}

void
ice_nominate_by_peer (IcePair *valid, guint32 nomination)
{
  gint64 now = valid->component->stream->session->now;

  ice_nominate_pair (valid, nomination);
  if (valid->nominated_at == 0)
    valid->nominated_at = now;
  valid->nomination_seen = now;
}

/* A candidate that was learned by a check looks peer-reflexive until signalling names it
 * (RFC 8838 11.4), and may have won against a pair that is better than it: its priority
 * is another in the eyes of the peer, who selects by that. */
void
ice_nominate_compare_again (IceComponent *component)
{
  IcePair *best = ice_valid_find_best (component, TRUE);

  if (!ice_component_is_concluded (component)
      || ice_stream_nominates_once (component->stream))
    return;
  if (best != NULL && outranks (best, component->selected))
    ice_nominate_select (component, best);
  ice_checklist_take_up (component, component->selected->priority,
                         "better than it seemed");
}

/* A peer that nominates one pair at a time has given up on what it nominated before. */
static void
forget_older (const IcePair *newest)
{
  const IceComponent *component = newest->component;

  for (guint i = 0; i < component->pairs.len; i++)
    {
      IcePair *pair = ice_list_get (&component->pairs, i);

      if (pair != newest)
        pair->peer_nominates = FALSE;
    }
}

/* RFC 8445 7.3.1.5. Each nomination counts once: a retransmission of one that the peer
 * has given up on since may come in after its next. */
void
ice_nominate_for_peer (IcePair *pair, const IceCheck *check)
{
  guint32 nomination = check->nomination;

  if (memcmp (pair->nominated_by, check->id, sizeof check->id) == 0)
    return;
  memcpy (pair->nominated_by, check->id, sizeof check->id);
  if (pair->component->stream->peer_is_regular)
    forget_older (pair);
  if (pair->state == ICE_PAIR_SUCCEEDED && pair->made != NULL)
    {
      ice_nominate_by_peer (pair->made, nomination);
      return;
    }
  pair->peer_nominates = TRUE;
  pair->nomination = MAX (pair->nomination, nomination);
}

/* --- policies --- */

gboolean
ice_nominate_uses_candidate (const IcePair *pair)
{
  const IceStream *stream = pair->component->stream;

  if (!stream->session->controlling)
    return FALSE;
  return pair->nominating
         || ice_stream_get_nomination (stream) == ICE_NOMINATION_AGGRESSIVE;
}

guint32
ice_nominate_next_value (const IcePair *pair)
{
  IceComponent *component = pair->component;

  if (!pair->nominating || !component->stream->session->config.renomination)
    return 0;
  component->nomination = MIN (component->nomination + 1, 0xffffff);
  return component->nomination;
}

static void
nominate (IceComponent *component, IcePair *valid)
{
  ice_timer_stop (&component->patience_timer, &component->stream->session->timers);
  component->nominating = valid;
  valid->checked->nominating = TRUE;
  ice_ready_urge (valid->checked);
}

/* When the answer to a check of a direct path is due on which the peer was heard, so that
 * it is as good as valid: it takes no longer than the round trip through the relay. Two
 * NATs that map per destination show new such paths all the time, the first ones count.
 */
static gint64
get_answer_time (const IceComponent *component, const IcePair *relayed)
{
  gint64 limit = component->first_valid + ICE_RELAY_PATIENCE, due = 0;

  for (guint i = 0; i < component->pairs.len; i++)
    {
      const IcePair *pair = ice_list_get (&component->pairs, i);

      if (pair->state == ICE_PAIR_IN_PROGRESS && pair->requests_received > 0
          && pair->last_sent <= limit && !ice_pair_is_relayed (pair)
          && pair->priority > relayed->priority)
        due = MAX (due, pair->last_sent + relayed->checked->answer_time);
    }
  return due;
}

/* Of the valid pairs the best, but a peer-reflexive remote candidate may be the peer's
 * relay, which signalling has not named yet or never will: PRIORITY does not tell. A pair
 * that is known to be direct is as good as the best that it may be.
 *
 * RFC 8445 8.1.1 leaves the choice to us. */
static IcePair *
find_nominee (const IceComponent *component)
{
  IcePair *best = ice_valid_find_best (component, FALSE), *named = NULL;

  if (best == NULL || best->remote->value.type != ICE_CANDIDATE_PEER_REFLEXIVE)
    return best;
  for (guint i = 0; i < component->valid.len; i++)
    {
      IcePair *pair = ice_list_get (&component->valid, i);

      if (pair->remote->value.type != ICE_CANDIDATE_PEER_REFLEXIVE
          && !ice_pair_is_relayed (pair)
          && (named == NULL || pair->priority > named->priority))
        named = pair;
    }
  return named != NULL ? named : best;
}

/* Bytes follow a nomination at once in a reliable agent, and a connection keeps the
 * answer to a check of the peer behind them. libnice 0.1.21 looks for checks at the start
 * of what it reads from a connection only, and takes an answer further in for bytes of
 * its user. So the peer's own check, which ours triggers (RFC 8445 7.3.1.4), may come
 * first. */
static gboolean
is_heard_of (const IceComponent *component, const IcePair *valid)
{
  return !component->stream->session->config.reliable
         || valid->local->value.transport == ICE_TRANSPORT_UDP
         || valid->checked->requests_received > 0 || valid->requests_received > 0;
}

/* Which hopes are worth a wait, and until when; RFC 8445 8.1.1 leaves it to us.
 *
 * NOTES: libnice and others wait until a host pair is valid or until all is over: two
 * seconds for any peer-reflexive or relayed pair. */
static gint64
get_nomination_time (const IceComponent *component, const IcePair *best)
{
  guint64 priority = MAX (best->priority, best->checked->priority);

  if (!is_heard_of (component, best))
    return component->first_valid + ICE_PEER_PATIENCE;
  if (ice_checklist_best_open (component) <= priority)
    return component->first_valid;
  if (!ice_pair_is_relayed (best))
    return component->first_valid + ICE_DIRECT_PATIENCE;
  return MAX (component->first_valid + ICE_RELAY_PATIENCE,
              get_answer_time (component, best));
}

/* The peer has to hear of it now, not with the next keepalive. */
static void
select_and_tell (IceComponent *component, IcePair *valid)
{
  ice_nominate_select (component, valid);
  if (component->stream->session->controlling && valid->checked != NULL)
    {
      valid->checked->nominating = TRUE;
      ice_ready_urge (valid->checked);
    }
}

/* RFC 8445 8.1.1 lets nobody nominate another pair once one is selected; to the peer,
 * whose NAT has changed the mapping, this is the same one. */
void
ice_nominate_moved (IcePair *valid)
{
  valid->checked->moved = FALSE;
  if (valid != valid->component->selected)
    select_and_tell (valid->component, valid);
}

/* The selected pair is no more: what else was nominated takes over, else all starts from
 * what is valid. */
static void
replace_lost (IceComponent *component)
{
  IcePair *next = ice_valid_find_best (component, TRUE);

  component->path_lost = FALSE;
  if (next != NULL)
    select_and_tell (component, next);
  else if (component->state == ICE_COMPONENT_READY
           || component->state == ICE_COMPONENT_CONNECTED)
    {
      ice_consent_pause (component);
      ice_component_progress (component, ICE_COMPONENT_CONNECTED, "its path is lost");
      if (component->valid.len > 0 || component->open.len > 0
          || component->reopen_until > component->stream->session->now)
        ice_component_progress (component, ICE_COMPONENT_CONNECTING, "its path is lost");
      else
        ice_component_fail (component, ICE_REASON_BASE_LOST);
    }
}

/* Once for a component; again for a better pair where both ends know renomination. */
static gboolean
may_nominate (const IceComponent *component, const IcePair *best)
{
  const IceStream *stream = component->stream;

  if (!ice_component_is_concluded (component))
    return TRUE;
  return stream->session->config.renomination
         && ice_stream_get_nomination (stream) == ICE_NOMINATION_REGULAR
         && best != component->selected && best->priority > component->selected->priority;
}

void
ice_nominate_consider (IceComponent *component)
{
  IceSession *session = component->stream->session;
  IcePair *best;
  gint64 due;

  if (component->path_lost && component->selected == NULL)
    replace_lost (component);
  best = find_nominee (component);

  if (best == NULL || !session->controlling || session->config.lite
      || component->nominating != NULL || !may_nominate (component, best)
      || !ice_credentials_are_known (&component->stream->remote))
    {
      ice_timer_stop (&component->patience_timer, &session->timers);
      return;
    }
  due = get_nomination_time (component, best);
  if (due <= session->now)
    nominate (component, best);
  else
    ice_timer_start (&component->patience_timer, &session->timers, due);
}
