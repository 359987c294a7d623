/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The checklist of a stream: forming pairs, the limit, the states' queues. Every change
 * of a pair's state goes through here, so that no list has ever to be searched; sends
 * nothing. RFC 8445 6.1.2, 7.2.5.3.3, RFC 8838 10 to 12.
 *
 * NOTES: one list sorted by priority, walked at each tick, costs 18.5 M instructions with
 * 50 dead candidates in libnice. Here a pair stands in the heap of its state, and each
 * step costs O(log n). */
#include "config.h"

#include "ice/checklist.h"

#include "ice/base.h"
#include "ice/candidate.h"
#include "ice/component.h"
#include "ice/foundation.h"
#include "ice/pair.h"
#include "ice/ready.h"
#include "ice/request.h"
#include "ice/session.h"
#include "ice/valid.h"

static gint
compare_best (gconstpointer a, gconstpointer b)
{
  const IcePair *x = a, *y = b;

  if (x->priority != y->priority)
    return x->priority > y->priority ? -1 : 1;
  return (x->component->id > y->component->id) - (x->component->id < y->component->id);
}

static gint
compare_worst (gconstpointer a, gconstpointer b)
{
  return compare_best (b, a);
}

static const IceHeapOrder queue_order = { compare_best,
                                          G_STRUCT_OFFSET (IcePair, queue_place) };
static const IceHeapOrder open_order = { compare_best,
                                         G_STRUCT_OFFSET (IcePair, open_place) };
static const IceHeapOrder evict_order = { compare_worst,
                                          G_STRUCT_OFFSET (IcePair, evict_place) };

static gboolean
is_open (const IcePair *pair)
{
  return pair->listed && !pair->retired && pair->state <= ICE_PAIR_IN_PROGRESS;
}

static gboolean
is_active (const IcePair *pair)
{
  return pair->listed && !pair->retired
         && (pair->state == ICE_PAIR_WAITING || pair->state == ICE_PAIR_IN_PROGRESS);
}

/* --- the queues of the states --- */

static void
make_ripe (IceGroup *group)
{
  const IcePair *first = ice_heap_peek (&group->frozen);
  IceChecklist *list;

  if (first == NULL || group->n_active > 0 || group->ripe)
    return;
  list = &first->component->stream->checklist;
  group->ripe = TRUE;
  group->next_ripe = NULL;
  if (list->ripe_last != NULL)
    list->ripe_last->next_ripe = group;
  else
    list->ripe_first = group;
  list->ripe_last = group;
  ice_ready_wake (first->component->stream);
}

/* RFC 8445 6.1.2.5. Who was asked and did not answer makes room for another: the list is
 * full of a hundred dead candidates for 8 s otherwise, of which each has an RTO of 2 s
 * (14.3). Ta and that RTO, which grows with the list, go on to bound what is sent. */
static gboolean
takes_room (const IcePair *pair)
{
  return pair->state != ICE_PAIR_FAILED && !pair->yielding;
}

static void
leave_queues (IcePair *pair)
{
  IceChecklist *list = &pair->component->stream->checklist;
  IceGroup *group = pair->group;

  if (is_open (pair))
    {
      list->n_open--;
      ice_heap_remove (&pair->component->open, &open_order, pair);
    }
  if (is_active (pair))
    {
      list->n_active--;
      group->n_active--;
    }
  if (takes_room (pair))
    list->n_listed--;
  if (pair->state == ICE_PAIR_SUCCEEDED)
    group->n_succeeded--;
  if (pair->queue_place != 0)
    {
      if (pair->state == ICE_PAIR_FROZEN)
        ice_heap_remove (&group->frozen, &ice_group_order, pair);
      else
        ice_heap_remove (&list->waiting, &queue_order, pair);
    }
  if (pair->evict_place != 0)
    ice_heap_remove (&list->evictable, &evict_order, pair);
}

static void
enter_queues (IcePair *pair)
{
  IceChecklist *list = &pair->component->stream->checklist;
  IceGroup *group = pair->group;

  if (is_open (pair))
    {
      list->n_open++;
      ice_heap_insert (&pair->component->open, &open_order, pair);
    }
  if (is_active (pair))
    {
      list->n_active++;
      group->n_active++;
    }
  if (takes_room (pair))
    list->n_listed++;
  if (pair->state == ICE_PAIR_SUCCEEDED)
    group->n_succeeded++;
  if (pair->state <= ICE_PAIR_WAITING && !pair->retired)
    {
      if (pair->state == ICE_PAIR_FROZEN)
        ice_heap_insert (&group->frozen, &ice_group_order, pair);
      else
        ice_heap_insert (&list->waiting, &queue_order, pair);
      ice_heap_insert (&list->evictable, &evict_order, pair);
    }
}

/* RFC 8445 7.2.5.3.3: the foundation works; all its other pairs may be tried. */
static void
unfreeze_all (IceGroup *group)
{
  IcePair *pair;

  while ((pair = ice_heap_peek (&group->frozen)) != NULL)
    ice_checklist_set_state (pair, ICE_PAIR_WAITING, "its foundation works");
}

/* RFC 8445 6.1.4.2 lets the others of a foundation go once its pair has failed. One that
 * begins anew instead must not hold them back for as long again: the peer's checks of
 * them end in the meantime. */
void
ice_checklist_unfreeze_behind (IcePair *pair)
{
  if (pair->listed)
    unfreeze_all (pair->group);
}

/* A peer-reflexive remote candidate that works is one that signalling did not know: the
 * peer's NAT maps per destination, and the signalled address of that foundation will not
 * answer. Other components, frozen behind it, would wait for it to fail, two seconds
 * after which the peer has given up on what their first check should have let in. */
static void
thaw (IceSession *session)
{
  IceLink *link = NULL;

  session->thawed = TRUE;
  while ((link = ice_index_walk (&session->groups, link)) != NULL)
    unfreeze_all (ICE_LINK_TO (link, IceGroup, link));
}

void
ice_checklist_set_state (IcePair *pair, IcePairState state, const gchar *reason)
{
  IceStream *stream = pair->component->stream;
  IceGroup *group = pair->group;

  if (pair->state == state)
    return;
  ice_component_unsettle (pair->component);
  if (!pair->listed)
    {
      ice_pair_set_state (pair, state, reason);
      return;
    }

  leave_queues (pair);
  pair->yielding = FALSE;
  ice_pair_set_state (pair, state, reason);
  if (state == ICE_PAIR_SUCCEEDED)
    pair->retired = FALSE; /* it works after all, and the peer may nominate it */
  enter_queues (pair);
  if (state == ICE_PAIR_SUCCEEDED)
    unfreeze_all (group);
  if (state == ICE_PAIR_SUCCEEDED
      && pair->remote->value.type == ICE_CANDIDATE_PEER_REFLEXIVE)
    thaw (stream->session);
  make_ripe (group);
  if (state == ICE_PAIR_FAILED)
    ice_checklist_refill (stream);
  if (state == ICE_PAIR_WAITING)
    ice_ready_wake (stream);
}

/* --- on and off the list --- */

static void
need_permission (IceComponent *component, IceBaseId relay, const IceEnd *remote)
{
  IceEvent *event = ice_outbox_add_event (&component->stream->session->outbox,
                                          ICE_EVENT_NEED_PERMISSION,
                                          component->stream->id, component->id);

  event->path.base = relay;
  event->path.remote = remote->value.addr;
}

/* RFC 8656 9: the trip to the server that a permission takes need not wait for the pair's
 * turn; and the peer's checks, which may come before, are let in.
 *
 * NOTES: asked for by the first check, calls that need a relay took 30 to 110 ms longer
 * than the round trips do; now they take no longer. */
static void
ask_permission (IcePair *pair)
{
  if (pair->local->value.type != ICE_CANDIDATE_RELAYED || pair->base == 0
      || pair->allowed)
    return;
  pair->allowed = TRUE;
  need_permission (pair->component, pair->base, pair->remote);
}

/* RFC 6062 4.4: the server turns connections away of whom it does not know. */
static void
let_in (const IceEnd *local, const IceEnd *remote)
{
  if (local->relay != 0 && ice_pair_is_possible (local, remote))
    need_permission (local->component, local->relay, remote);
}

static void
list_pair (IcePair *pair)
{
  IceGroup *group = ice_group_get (pair);
  IcePair *top = group->top;
  gboolean first = ice_group_enter (group, pair);

  ask_permission (pair);
  pair->listed = TRUE;
  enter_queues (pair);
  if (pair->state == ICE_PAIR_SUCCEEDED)
    unfreeze_all (group);
  if (pair->state != ICE_PAIR_FROZEN)
    return;
  /* RFC 8838 12, rules 1 to 3; where nothing was sent yet the outcome equals that of
   * RFC 8445 6.1.2.6, one Waiting pair a foundation. */
  if (group->n_succeeded > 0 || pair->component->stream->session->thawed)
    ice_checklist_set_state (pair, ICE_PAIR_WAITING, "its foundation works");
  else if (first)
    {
      if (top != NULL && top->state == ICE_PAIR_WAITING && !top->triggered)
        ice_checklist_set_state (top, ICE_PAIR_FROZEN, "a new first of its foundation");
      ice_checklist_set_state (pair, ICE_PAIR_WAITING, "first of its foundation");
    }
  else
    make_ripe (group);
}

static void
unlist_pair (IcePair *pair)
{
  IceGroup *group = pair->group;

  leave_queues (pair);
  pair->yielding = FALSE;
  pair->listed = FALSE;
  ice_group_leave (pair);
  make_ripe (group);
  ice_group_release (pair->component->stream->session, group);
}

static void
park_pair (IcePair *pair)
{
  IceStream *stream = pair->component->stream;

  pair->parked = TRUE;
  pair->component->n_parked++;
  ice_heap_insert (&stream->checklist.parked, &queue_order, pair);
}

static void
unpark_pair (IcePair *pair)
{
  pair->parked = FALSE;
  pair->component->n_parked--;
  ice_heap_remove (&pair->component->stream->checklist.parked, &queue_order, pair);
}

static gboolean
is_full (const IceStream *stream)
{
  guint limit = stream->session->config.max_pairs;

  return limit > 0 && stream->checklist.n_listed >= limit;
}

void
ice_checklist_refill (IceStream *stream)
{
  IceChecklist *list = &stream->checklist;
  IcePair *pair;

  while ((pair = ice_heap_peek (&list->parked)) != NULL && !is_full (stream))
    {
      unpark_pair (pair);
      list_pair (pair);
    }
}

void
ice_checklist_yield (IcePair *pair)
{
  if (!pair->listed || pair->yielding || pair->state != ICE_PAIR_IN_PROGRESS)
    return;
  pair->yielding = TRUE;
  pair->component->stream->checklist.n_listed--;
  ice_checklist_refill (pair->component->stream);
}

/* RFC 8445 6.1.2.5, RFC 8838 10: a full list takes a better pair for its worst untried
 * one. What has no room is not lost but waits: a hundred dead candidates must not be the
 * end of the only good one. */
static void
admit_pair (IcePair *pair)
{
  IceStream *stream = pair->component->stream;
  IcePair *worst = ice_heap_peek (&stream->checklist.evictable);

  if (!is_full (stream))
    list_pair (pair);
  else if (worst != NULL && worst->priority < pair->priority && !worst->triggered)
    {
      unlist_pair (worst);
      if (worst->state == ICE_PAIR_WAITING)
        ice_pair_set_state (worst, ICE_PAIR_FROZEN, "the list is full");
      park_pair (worst);
      list_pair (pair);
    }
  else
    park_pair (pair);
}

void
ice_checklist_unlist (IcePair *pair)
{
  ice_checklist_untrigger (pair);
  if (pair->listed)
    unlist_pair (pair);
  if (pair->parked)
    unpark_pair (pair);
}

void
ice_checklist_untrigger (IcePair *pair)
{
  IceChecklist *list = &pair->component->stream->checklist;
  IcePair **link = &list->triggered_first;
  IcePair *previous = NULL;

  if (!pair->triggered)
    return;
  for (; *link != pair; link = &(*link)->next_triggered)
    previous = *link;
  *link = pair->next_triggered;
  if (list->triggered_last == pair)
    list->triggered_last = previous;
  pair->next_triggered = NULL;
  pair->triggered = FALSE;
}

void
ice_checklist_remove_pair (IcePair *pair)
{
  ice_component_unsettle (pair->component);
  ice_checklist_unlist (pair);
  ice_valid_forget_pair (pair);
  ice_ready_calm (pair);
  ice_base_release_pair (pair);
  ice_pair_free (pair);
}

void
ice_checklist_retire_pair (IcePair *pair)
{
  if (pair->requests == NULL)
    {
      ice_checklist_remove_pair (pair);
      return;
    }
  /* To be sent anew, but the answer to its former check may still come. */
  ice_checklist_untrigger (pair);
  ice_ready_calm (pair);
  if (pair->state == ICE_PAIR_WAITING)
    ice_checklist_set_state (pair, ICE_PAIR_IN_PROGRESS, "retired");
  leave_queues (pair);
  pair->retired = TRUE;
  enter_queues (pair);
  make_ripe (pair->group);
  ice_request_cancel_all (pair);
  ice_component_unsettle (pair->component);
}

void
ice_checklist_fail (IcePair *pair, IceReason error, guint code)
{
  pair->last_error = error;
  pair->last_error_code = code;
  pair->component->last_error = error;
  pair->nominating = FALSE;
  if (pair->made != NULL)
    ice_valid_remove (pair->made); /* RFC 8445 7.2.5.3.4 */
  ice_checklist_untrigger (pair);
  if (pair->retired)
    ice_checklist_remove_pair (pair);
  else if (ice_pair_state_may_change (pair->state, ICE_PAIR_FAILED))
    ice_checklist_set_state (pair, ICE_PAIR_FAILED, "its check failed");
}

static gboolean
needs_base (const IcePair *pair, IceBaseId base)
{
  return pair->base == base || pair->local->relay == base;
}

void
ice_checklist_remove_base (IceBase *base)
{
  IceComponent *component = base->component;
  IceList *pairs = &component->pairs, *locals = &component->locals;

  for (guint i = pairs->len; i > 0; i--)
    if (i <= pairs->len && needs_base (ice_list_get (pairs, i - 1), base->id))
      ice_checklist_remove_pair (ice_list_get (pairs, i - 1));
  /* The selected pair of before a restart is on no list. */
  if (component->selected != NULL && component->selected->base == base->id)
    {
      ice_valid_drop_selected (component);
      component->path_lost = TRUE;
      ice_component_unsettle (component);
    }
  /* Candidates of a socket or relay go with it; a connection's candidate lives on. */
  for (guint i = locals->len; i > 0; i--)
    {
      IceEnd *end = ice_list_get (locals, i - 1);

      if (end->value.base != base->id && end->relay != base->id)
        continue;
      ice_list_remove_index (locals, i - 1);
      ice_end_unref (end);
    }
}

/* --- forming pairs --- */

/* RFC 8445 6.1.2.4: a reflexive local candidate would be replaced by its base and pruned
 * for the base's own pair, so only host and relayed ones start pairs. */
static gboolean
starts_pairs (const IceEnd *local)
{
  return !local->hidden
         && (local->value.type == ICE_CANDIDATE_HOST
             || local->value.type == ICE_CANDIDATE_RELAYED);
}

/* RFC 8445 8.1.2: the selected pair has ended the checks of what it beats, also of a
 * candidate that is found only now. The peer would follow an aggressive check of it: to
 * the peer it comes from a peer-reflexive candidate, which looks better than it is. */
static gboolean
is_too_late (const IcePair *pair)
{
  const IceComponent *component = pair->component;

  return ice_component_is_concluded (component) && component->doubted_at == 0
         && pair->priority < component->selected->priority;
}

static void
form_pair (IceEnd *local, IceEnd *remote)
{
  IceStream *stream = local->component->stream;
  IcePair *pair;

  /* RFC 6544 6.2: the active side opens; ours only waits. */
  if (local->value.transport == ICE_TRANSPORT_TCP_PASSIVE)
    let_in (local, remote);
  if (local->value.transport == ICE_TRANSPORT_TCP_PASSIVE || stream->session->config.lite)
    return;
  if (!starts_pairs (local) || !ice_pair_is_possible (local, remote)
      || ice_pair_is_left_to_peer (local, remote) || ice_pair_find (local, remote) != NULL
      || ice_base_is_cut_off (stream->session, local->value.base)
      || stream->checklist.parked.len >= ICE_MAX_WAITING_PAIRS)
    return;
  pair = ice_pair_new (local, remote, local->value.base);
  if (is_too_late (pair))
    {
      ice_pair_free (pair);
      return;
    }
  admit_pair (pair);
  ice_component_pair_added (local->component, pair);
}

void
ice_checklist_pair_local (IceEnd *local)
{
  IceList *remotes = &local->component->remotes;

  for (guint i = 0; i < remotes->len; i++)
    form_pair (local, ice_list_get (remotes, i));
}

void
ice_checklist_pair_remote (IceEnd *remote)
{
  IceList *locals = &remote->component->locals;

  for (guint i = 0; i < locals->len; i++)
    form_pair (ice_list_get (locals, i), remote);
}

IcePair *
ice_checklist_get_pair (IceEnd *local, IceEnd *remote, IceBaseId base)
{
  IcePair *pair = ice_pair_find (local, remote);

  if (pair == NULL)
    {
      pair = ice_pair_new (local, remote, base);
      list_pair (pair); /* its peer is alive: no limit drops it */
      ice_component_pair_added (local->component, pair);
    }
  else if (pair->parked)
    {
      unpark_pair (pair);
      list_pair (pair);
    }
  if (pair->base == 0)
    pair->base = base; /* of two that connect to each other the peer was first */
  return pair;
}

/* --- what is next --- */

void
ice_checklist_take_up (IceComponent *component, guint64 priority, const gchar *reason)
{
  const IceSession *session = component->stream->session;

  for (guint i = 0; i < component->pairs.len; i++)
    {
      IcePair *pair = ice_list_get (&component->pairs, i);

      if (pair->retired && pair->priority > priority
          && !ice_base_is_cut_off (session, pair->base))
        ice_checklist_trigger (pair, reason);
    }
  for (guint i = 0; i < component->remotes.len; i++)
    ice_checklist_pair_remote (ice_list_get (&component->remotes, i));
}

void
ice_checklist_trigger (IcePair *pair, const gchar *reason)
{
  IceChecklist *list = &pair->component->stream->checklist;

  if (pair->retired)
    {
      leave_queues (pair);
      pair->retired = FALSE;
      enter_queues (pair);
    }
  ice_checklist_set_state (pair, ICE_PAIR_WAITING, reason);
  if (pair->triggered)
    return;
  pair->triggered = TRUE;
  if (list->triggered_last != NULL)
    list->triggered_last->next_triggered = pair;
  else
    list->triggered_first = pair;
  list->triggered_last = pair;
  ice_ready_wake (pair->component->stream);
}

/* RFC 8445 6.1.4.2, step 2 */
static void
unfreeze_ripe (IceSession *session, IceChecklist *list)
{
  IceGroup *group;

  while ((group = list->ripe_first) != NULL)
    {
      IcePair *first = ice_heap_peek (&group->frozen);

      list->ripe_first = group->next_ripe;
      if (list->ripe_first == NULL)
        list->ripe_last = NULL;
      group->ripe = FALSE;
      if (first != NULL && group->n_active == 0)
        ice_checklist_set_state (first, ICE_PAIR_WAITING, "its foundation is not tried");
      ice_group_release (session, group);
    }
}

IcePair *
ice_checklist_take_next (IceStream *stream)
{
  IceChecklist *list = &stream->checklist;
  IcePair *pair = list->triggered_first;

  if (pair != NULL)
    {
      ice_checklist_untrigger (pair);
      return pair;
    }
  if (list->waiting.len == 0)
    unfreeze_ripe (stream->session, list);
  return ice_heap_peek (&list->waiting);
}

/* --- order --- */

void
ice_checklist_refresh_pair (IcePair *pair)
{
  IceStream *stream = pair->component->stream;
  gboolean listed = pair->listed;

  if (listed)
    unlist_pair (pair);
  if (pair->parked)
    ice_heap_remove (&stream->checklist.parked, &queue_order, pair);
  ice_pair_update_priority (pair);
  if (pair->parked)
    ice_heap_insert (&stream->checklist.parked, &queue_order, pair);
  if (listed)
    list_pair (pair);
  ice_component_unsettle (pair->component);
}

static void
resort_stream (IceStream *stream)
{
  for (guint i = 0; i < stream->n_components; i++)
    {
      IceComponent *component = &stream->components[i];

      for (guint j = 0; j < component->pairs.len; j++)
        ice_pair_update_priority (ice_list_get (&component->pairs, j));
      ice_heap_rebuild (&component->open, &open_order);
      ice_component_unsettle (component);
    }
  ice_heap_rebuild (&stream->checklist.waiting, &queue_order);
  ice_heap_rebuild (&stream->checklist.parked, &queue_order);
  ice_heap_rebuild (&stream->checklist.evictable, &evict_order);
}

void
ice_checklist_resort (IceSession *session)
{
  IceLink *link = NULL;

  for (guint i = 0; i < session->streams.len; i++)
    resort_stream (ice_list_get (&session->streams, i));
  while ((link = ice_index_walk (&session->groups, link)) != NULL)
    ice_heap_rebuild (&ICE_LINK_TO (link, IceGroup, link)->frozen, &ice_group_order);
}

guint64
ice_checklist_best_open (const IceComponent *component)
{
  const IcePair *best = ice_heap_peek (&component->open);

  return best != NULL ? best->priority : 0;
}

void
ice_checklist_clear (IceStream *stream)
{
  IceChecklist *self = &stream->checklist;

  for (guint i = 0; i < stream->n_components; i++)
    while (stream->components[i].pairs.len > 0)
      ice_checklist_remove_pair (ice_list_get (&stream->components[i].pairs, 0));
  /* What is left may thaw groups whose other pairs are in other streams. */
  while (self->ripe_first != NULL)
    {
      IceGroup *group = self->ripe_first;

      self->ripe_first = group->next_ripe;
      group->ripe = FALSE;
      make_ripe (group);
      ice_group_release (stream->session, group);
    }
  self->ripe_last = NULL;
  ice_list_clear (&self->waiting);
  ice_list_clear (&self->parked);
  ice_list_clear (&self->evictable);
}
