/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Freeing candidates (RFC 8445 8.3): which sockets, connections and allocations no
 * selected pair uses, and when they go, if the application wants that, or if their
 * address is gone and there are many of them. Must not know when a component is ready. */
#include "config.h"

#include "ice/freeing.h"

#include "ice/base.h"
#include "ice/candidate.h"
#include "ice/checklist.h"
#include "ice/gather-server.h"
#include "ice/session.h"
#include "ice/task.h"
#include "ice/trace.h"

/* --- when --- */

/* With renomination the others are what the path may move to. */
static gboolean
is_completed (const IceStream *stream)
{
  const IceConfig *config = &stream->session->config;

  if (!config->free_candidates || config->renomination)
    return FALSE;
  for (guint i = 0; i < stream->n_components; i++)
    if (stream->components[i].state != ICE_COMPONENT_READY)
      return FALSE;
  return TRUE;
}

void
ice_freeing_consider (IceComponent *component)
{
  IceStream *stream = component->stream;
  IceSession *session = stream->session;
  gboolean completed = is_completed (stream);

  if (!completed)
    ice_timer_stop (&stream->freeing_timer, &session->timers);
  else if (!stream->completed || component->selected_at == session->now)
    ice_timer_start (&stream->freeing_timer, &session->timers,
                     session->now + ICE_FREEING_DELAY);
  stream->completed = completed;
}

/* --- what stays --- */

static gboolean
is_end_of_selected (const IceEnd *local)
{
  const IcePair *selected = local->component->selected;

  return selected != NULL
         && (local == selected->local
             || (selected->checked != NULL && local == selected->checked->local));
}

/* A base, what it goes through, and where it was asked for, to be asked for again. */
static void
mark (const IceSession *session, IceBaseId id)
{
  IceBase *base = ice_base_find (session, id);
  const IceAttempt *attempt;

  if (base == NULL || base->in_use)
    return;
  base->in_use = TRUE;
  mark (session, base->via);
  attempt = ice_attempt_find (base);
  if (attempt != NULL)
    mark (session, attempt->task->via);
}

static void
mark_used (const IceComponent *component)
{
  const IceSession *session = component->stream->session;
  const IcePair *selected = component->selected;

  for (guint i = 0; i < session->bases.len; i++)
    {
      IceBase *base = ice_list_get (&session->bases, i);

      if (base->component == component)
        base->in_use = FALSE;
    }
  if (selected == NULL)
    return;
  mark (session, selected->base);
  mark (session, selected->local->relay);
  /* The listener of a connection is for the next one (RFC 6544 11.1). */
  for (guint i = 0; i < session->bases.len; i++)
    {
      const IceBase *base = ice_list_get (&session->bases, i);

      if (base->component == component && base->candidate != NULL
          && is_end_of_selected (base->candidate))
        mark (session, base->id);
    }
}

/* --- what goes --- */

static gboolean
is_used (const IceSession *session, IceBaseId id)
{
  const IceBase *base = ice_base_find (session, id);

  return base != NULL && base->in_use;
}

static void
free_base (IceBase *base)
{
  base->pair = NULL;
  ice_checklist_remove_base (base);
  ice_base_drop (base);
}

/* All but the one that made the selected relay. */
static void
free_tasks (IceComponent *component)
{
  IceSession *session = component->stream->session;

  for (guint i = session->tasks.len; i > 0; i--)
    {
      IceTask *task = ice_list_get (&session->tasks, i - 1);

      if (task->component == component
          && (task->attempts == NULL || !is_used (session, task->attempts->base)))
        ice_task_free (task);
    }
  ice_stream_update_gathering (component->stream);
}

static void
free_bases (IceComponent *component)
{
  IceList *bases = &component->stream->session->bases;

  for (guint i = bases->len; i > 0; i--)
    {
      IceBase *base = i <= bases->len ? ice_list_get (bases, i - 1) : NULL;

      /* One that is not open is being gathered. */
      if (base == NULL || base->component != component || base->in_use || !base->open)
        continue;
      free_base (base);
    }
}

/* Active candidates at an address, NULL: at all; each of their connections is a base of
 * its own. */
static void
free_baseless (IceComponent *component, const NiceAddress *address)
{
  IceList *locals = &component->locals, *pairs = &component->pairs;

  for (guint i = locals->len; i > 0; i--)
    {
      IceEnd *end = ice_list_get (locals, i - 1);

      if (end->value.base != 0 || end->relay != 0 || is_end_of_selected (end)
          || (address != NULL && !nice_address_equal_no_port (&end->own_addr, address)))
        continue;
      for (guint j = pairs->len; j > 0; j--)
        if (((const IcePair *)ice_list_get (pairs, j - 1))->local == end)
          ice_checklist_remove_pair (ice_list_get (pairs, j - 1));
      ice_list_remove_index (locals, i - 1);
      ice_end_unref (end);
    }
}

void
ice_freeing_handle_timeout (IceStream *stream)
{
  ICE_TRACE (stream->session, "stream %u frees what it does not use", stream->id);
  for (guint i = 0; i < stream->n_components; i++)
    {
      IceComponent *component = &stream->components[i];

      mark_used (component);
      free_tasks (component);
      free_bases (component);
      free_baseless (component, NULL);
    }
}

/* --- addresses that are gone --- */

/* With what was made from there, which came later. */
static void
free_host (IceBase *host)
{
  IceList *bases = &host->component->stream->session->bases;

  ice_gather_server_forget_base (host);
  free_baseless (host->component, &host->local);
  for (guint i = bases->len; i > 0; i--)
    {
      IceBase *base = i <= bases->len ? ice_list_get (bases, i - 1) : NULL;

      if (base != NULL && (base->via == host->id || base->host == host->id))
        free_base (base);
    }
  free_base (host);
}

static gboolean
is_cut_off_host (const IceComponent *component, const IceBase *base)
{
  return base->component == component && base->is_cut_off && base->open && !base->in_use
         && (base->kind == ICE_BASE_UDP || base->kind == ICE_BASE_TCP_LISTEN);
}

void
ice_freeing_limit_cut_off (IceStream *stream)
{
  const IceList *bases = &stream->session->bases;

  for (guint c = 0; c < stream->n_components; c++)
    {
      IceComponent *component = &stream->components[c];
      guint n = 0;

      mark_used (component);
      for (guint i = bases->len; i > 0; i--)
        {
          IceBase *base = i <= bases->len ? ice_list_get (bases, i - 1) : NULL;

          if (base != NULL && is_cut_off_host (component, base) && ++n > ICE_MAX_CUT_OFF)
            free_host (base);
        }
    }
}

/* --- restart --- */

/* Gathering is said to be done once more in any case, so that signalling can wait for it:
 * what comes after the end of candidates the peer ignores (RFC 8838 14). */
void
ice_freeing_regain (IceStream *stream)
{
  const IceList *bases = &stream->session->bases;

  if (!stream->session->config.free_candidates || !stream->gather_started)
    return;
  for (guint i = 0; i < bases->len; i++)
    {
      IceBase *base = ice_list_get (bases, i);

      if (base->component->stream == stream && base->open
          && (base->kind == ICE_BASE_UDP || base->kind == ICE_BASE_TCP_LISTEN))
        ice_gather_server_ask_from (base);
    }
  ice_stream_start_waiting (stream);
  ice_stream_update_gathering (stream);
}
