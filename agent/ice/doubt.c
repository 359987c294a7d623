/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What makes a selected pair doubtful before it was silent for long, so that it is asked
 * in quick rounds and left for a pair that answers: the host loses the address that it
 * sends from, or what it sends takes another way; or the peer, who may have met with
 * that, checks another pair. Selects nothing. RFC 8445 8.1.1, RFC 7675 5.1.
 *
 * A base whose address is gone stays, with its candidate and its pairs: an address often
 * comes back, and nobody has to be told then.
 *
 * NOTES: by silence alone a laptop whose cable is pulled hears nothing for 3.2 s where it
 * controls. Where it does not, and its system goes on sending with the old address, the
 * peer misses nothing and never moves. */
#include "config.h"

#include "ice/doubt.h"

#include "ice/base.h"
#include "ice/checklist.h"
#include "ice/component.h"
#include "ice/consent-check.h"
#include "ice/consent.h"
#include "ice/fallback.h"
#include "ice/trace.h"

/* Questions, each of them twice as long after the last as that was. */
#define MAX_ROUNDS 7

/* Answers that the controlling side moves for: some may be lost. That media has stopped
 * besides says more. */
#define MIN_OWED 3
#define MIN_OWED_IN_SILENCE 2

static gboolean
may_be_doubted (const IceComponent *component)
{
  return component->selected != NULL && !component->selected_is_old
         && !component->stream->session->config.lite;
}

/* --- Questions --- */

static void
ask (IceComponent *component)
{
  IceSession *session = component->stream->session;
  const gint64 wait = MAX (ICE_DOUBT, 2 * component->selected->rtt);

  ice_consent_ask (component);
  ice_timer_start (&component->doubt_timer, &session->timers,
                   session->now + (wait << component->n_rounds));
  component->n_rounds++;
}

static void
begin (IceComponent *component)
{
  component->doubt_began = component->stream->session->now;
  component->n_rounds = 0;
  ask (component);
}

/* Media that still comes proves nothing: it may come by a way that has no way back. */
static guint
get_min_owed (const IceComponent *component)
{
  const gint64 last = component->last_received;
  const gboolean has_stopped = component->doubt_began - last < ICE_SILENCE
                               && component->stream->session->now - last >= ICE_DOUBT;

  return has_stopped ? MIN_OWED_IN_SILENCE : MIN_OWED;
}

/* The controlled side waits for the other one to nominate what it moves to. */
static gboolean
moves (IceComponent *component, gboolean is_cut_off)
{
  return component->stream->session->controlling
         && (is_cut_off || component->n_owed >= get_min_owed (component))
         && ice_fallback_moves (component);
}

void
ice_doubt_handle_timeout (IceComponent *component)
{
  gboolean is_cut_off;

  if (!may_be_doubted (component))
    return;
  is_cut_off =
      ice_base_is_cut_off (component->stream->session, component->selected->base);
  if ((component->n_owed == 0 && !is_cut_off) || moves (component, is_cut_off)
      || component->n_rounds >= MAX_ROUNDS)
    return;
  ice_fallback_begin (component);
  ask (component);
}

/* A better pair may answer a moment later than the first one does. */
static gboolean
waits_for_better (const IceComponent *component)
{
  const IcePair *best = NULL;

  for (guint i = 0; i < component->valid.len; i++)
    {
      const IcePair *valid = ice_list_get (&component->valid, i);

      if (valid != component->selected
          && (best == NULL || valid->priority > best->priority))
        best = valid;
    }
  return best == NULL || ice_checklist_best_open (component) > best->priority;
}

void
ice_doubt_consider (IceComponent *component)
{
  if (ice_timer_is_running (&component->doubt_timer) && may_be_doubted (component)
      && ice_base_is_cut_off (component->stream->session, component->selected->base)
      && !waits_for_better (component))
    moves (component, TRUE);
}

/* --- Signs --- */

/* An address often comes a moment before the route that it is of use with, or goes a
 * moment before the route that is of no use without; and while there were two ways out,
 * all may have gone by one of them: what was sent is lost, and what failed may work. */
static gboolean
may_work_now (const IcePair *pair, gboolean is_cut_off)
{
  if (!pair->listed || pair->retired || pair->local->value.transport != ICE_TRANSPORT_UDP
      || ice_base_is_cut_off (pair->component->stream->session, pair->base))
    return FALSE;
  return pair->state == ICE_PAIR_IN_PROGRESS
         || (pair->state == ICE_PAIR_FAILED
             && (is_cut_off || pair->last_error == ICE_REASON_UNREACHABLE));
}

/* What failed waits for its turn, as it may be much. */
static void
check_others (const IceComponent *component)
{
  const IcePair *selected = component->selected;
  const gboolean is_cut_off =
      selected != NULL
      && ice_base_is_cut_off (component->stream->session, selected->base);

  for (guint i = 0; i < component->pairs.len; i++)
    {
      IcePair *pair = ice_list_get (&component->pairs, i);

      if (!may_work_now (pair, is_cut_off))
        continue;
      if (pair->state == ICE_PAIR_FAILED)
        ice_checklist_set_state (pair, ICE_PAIR_WAITING, "it may work now");
      else
        ice_checklist_trigger (pair, "it may be lost");
    }
}

/* What failed for want of the address need not fail now; and the peer, who may have given
 * up on what is valid here, hears that it works again. */
static void
check_again (IceBase *base)
{
  const IceComponent *component = base->component;

  for (guint i = 0; i < component->pairs.len; i++)
    {
      IcePair *pair = ice_list_get (&component->pairs, i);

      if (pair->base != base->id || pair == component->selected)
        continue;
      if (pair->state == ICE_PAIR_FAILED && pair->listed)
        ice_checklist_trigger (pair, "its address is there again");
      else if (pair->valid)
        ice_consent_check_send (pair, FALSE);
    }
  if (base->candidate != NULL)
    ice_checklist_pair_local (base->candidate);
}

static void
doubt_selected (IceBase *base, gboolean is_there)
{
  IceComponent *component = base->component;

  if (!may_be_doubted (component) || component->selected->base != base->id)
    return;
  if (!is_there)
    {
      ice_fallback_begin (component);
      ice_fallback_widen (component);
      check_others (component);
    }
  begin (component);
}

static gboolean
is_at (const IceSession *session, const IceBase *base, const NiceAddress *address)
{
  const IceBase *origin = ice_base_get_origin (session, base);

  return origin != NULL && nice_address_equal_no_port (&origin->local, address);
}

void
ice_doubt_address (IceSession *session, const NiceAddress *address, gboolean is_there)
{
  const IceList *bases = &session->bases;

  for (guint i = 0; i < bases->len; i++)
    if (is_at (session, ice_list_get (bases, i), address))
      ((IceBase *)ice_list_get (bases, i))->is_cut_off = !is_there;
  for (guint i = 0; i < bases->len; i++)
    {
      IceBase *base = ice_list_get (bases, i);

      if (!is_at (session, base, address))
        continue;
      ICE_TRACE (session, "base %u: its address is %s", base->id,
                 is_there ? "there" : "gone");
      doubt_selected (base, is_there);
      if (is_there && !session->config.lite)
        check_again (base);
    }
}

static void
doubt_way (IceComponent *component)
{
  if (may_be_doubted (component)
      && !ice_base_is_cut_off (component->stream->session, component->selected->base))
    begin (component);
}

void
ice_doubt_all (IceSession *session)
{
  for (guint i = 0; i < session->streams.len; i++)
    {
      IceStream *stream = ice_list_get (&session->streams, i);

      for (guint j = 0; j < stream->n_components; j++)
        {
          doubt_way (&stream->components[j]);
          check_others (&stream->components[j]);
        }
    }
}

/* Long after its first checks, those too of a candidate of ours that came late, the peer
 * has a reason to check another pair. Some check all of theirs from time to time: their
 * selected pair answers. */
void
ice_doubt_note_heard (const IcePair *pair)
{
  IceComponent *component = pair->component;
  const IcePair *selected = component->selected;
  const gint64 now = component->stream->session->now;

  if (!may_be_doubted (component) || !component->stream->session->controlling
      || (selected->base == pair->base && selected->remote == pair->remote)
      || now - component->selected_at < ICE_NOMINATION_TIME
      || now - component->stream->binding_seen_at < ICE_NOMINATION_TIME
      || now - pair->local->since < ICE_NOMINATION_TIME
      || (component->doubt_began != 0 && now - component->doubt_began < ICE_SILENCE))
    return;
  begin (component);
}
