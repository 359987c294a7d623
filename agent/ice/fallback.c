/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Decides when a selected pair that owes answers is given up for another one that gives
 * them, long before consent runs out: a relay or router on its way is gone, and told
 * nobody. Selects nothing. RFC 7675 5.1 (failure of consent is for one pair), RFC 8445
 * 8.1.1 (a pair that is lost may be replaced within the session, as where its base ends).
 *
 * NOTES: waiting for the end of consent loses the call: by then the other pairs are not
 * proven any more either. Asking all of them all the time is what RFC 8445 11 leaves out
 * on purpose. */
#include "config.h"

#include "ice/fallback.h"

#include "ice/checklist.h"
#include "ice/consent-check.h"
#include "ice/request.h"
#include "ice/session.h"
#include "ice/trace.h"
#include "ice/valid.h"

/* Checks in a row that a selected pair may owe when media has stopped too: with a fifth
 * of all datagrams lost one of 21 such rows is no more than bad luck, and needs another
 * pair without it. */
#define MAX_OWED 3

/* Before consent ends at least one keepalive is due in this time. */
#define LAST_CALL (6500 * ICE_MS)

/* Valid pairs that are asked at a time; they are not paced. */
#define MAX_ASKED 8

static gboolean
answers (const IcePair *valid)
{
  return valid->checked != NULL
         && valid->checked->answered_at > valid->component->doubted_at;
}

static void
ask_others (IceComponent *component)
{
  guint n = MIN (component->valid.len, MAX_ASKED);

  for (guint i = 0; i < n; i++)
    {
      IcePair *valid = ice_list_get (&component->valid, i);

      if (valid != component->selected)
        ice_consent_check_send (valid, FALSE);
    }
}

void
ice_fallback_begin (IceComponent *component)
{
  IceSession *session = component->stream->session;

  if (component->doubted_at != 0)
    return;
  ICE_TRACE (session, "the selected pair owes %u answers", component->n_owed);
  component->doubted_at = session->now;
}

static void
doubt (IceComponent *component)
{
  ice_fallback_begin (component);
  ask_others (component);
}

static gboolean
ends_soon (const IceComponent *component)
{
  return component->consent_until != 0
         && component->consent_until - component->stream->session->now < LAST_CALL;
}

void
ice_fallback_note_asked (IceComponent *component)
{
  component->n_owed++;
  if (!component->selected_is_old
      && (component->doubted_at != 0 || ends_soon (component)))
    doubt (component);
}

/* Pairs that the selected one ended the checks of, or came before, are worse than it, but
 * may work. */
void
ice_fallback_widen (IceComponent *component)
{
  ice_checklist_take_up (component, 0, "the selected pair is doubtful");
}

void
ice_fallback_note_silence (IceComponent *component)
{
  if (component->selected_is_old || component->n_owed < MAX_OWED)
    return;
  if (component->doubted_at == 0)
    doubt (component);
  ice_fallback_widen (component);
}

/* The peer asks too where media stops. What comes here is no relay that is gone. */
void
ice_fallback_note_heard (IcePair *pair)
{
  IceComponent *component = pair->component;
  const IcePair *selected = component->selected;

  if (selected != NULL && selected->base == pair->base
      && selected->remote == pair->remote)
    component->n_owed = 0;
}

void
ice_fallback_forget (IceComponent *component)
{
  component->n_owed = 0;
  component->doubted_at = 0;
}

static gboolean
has_another (const IceComponent *component)
{
  for (guint i = 0; i < component->valid.len; i++)
    {
      const IcePair *valid = ice_list_get (&component->valid, i);

      if (valid != component->selected && answers (valid))
        return TRUE;
    }
  return FALSE;
}

static void
give_up (IcePair *valid)
{
  ice_request_free_all (valid);
  if (valid->checked != NULL)
    ice_checklist_fail (valid->checked, ICE_REASON_TIMEOUT, 0);
  else
    ice_valid_remove (valid);
}

gboolean
ice_fallback_moves (IceComponent *component)
{
  if (component->selected == NULL || component->selected_is_old
      || component->doubted_at == 0 || !has_another (component))
    return FALSE;
  for (guint i = component->valid.len; i > 0; i--)
    if (!answers (ice_list_get (&component->valid, i - 1)))
      give_up (ice_list_get (&component->valid, i - 1));
  ice_fallback_forget (component);
  return TRUE;
}

/* The controlled side waits for the other one to nominate what it moves to. */
gboolean
ice_fallback_moves_early (IceComponent *component)
{
  return component->stream->session->controlling && component->n_owed >= MAX_OWED
         && ice_fallback_moves (component);
}
