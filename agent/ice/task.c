/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The table of tasks and the race of their attempts: the targets of a server are tried
 * one after the other, without waiting for one to be given up (RFC 8305 5); the first
 * that gives something ends the others. Must not know what is asked. */
#include "config.h"

#include "ice/task.h"

#include "ice/base.h"
#include "ice/request.h"
#include "ice/session.h"

/* --- queue --- */

void
ice_task_enqueue (IceTask *self)
{
  IceSession *session = self->component->stream->session;

  if (self->queued)
    return;
  self->queued = TRUE;
  self->next_queued = NULL;
  if (session->task_last != NULL)
    session->task_last->next_queued = self;
  else
    session->task_first = self;
  session->task_last = self;
}

static void
leave_queue (IceTask *self)
{
  IceSession *session = self->component->stream->session;
  IceTask **link = &session->task_first, *previous = NULL;

  if (!self->queued)
    return;
  for (; *link != self; link = &(*link)->next_queued)
    previous = *link;
  *link = self->next_queued;
  if (session->task_last == self)
    session->task_last = previous;
  self->queued = FALSE;
}

IceTask *
ice_task_dequeue (IceSession *session)
{
  IceTask *first = session->task_first;

  if (first != NULL)
    leave_queue (first);
  return first;
}

/* --- life --- */

static gboolean
is_there (const IceBase *via, const IceServerEntry *entry, gint relay_family,
          gboolean relays_tcp)
{
  const IceList *tasks = &via->component->stream->session->tasks;

  for (guint i = 0; i < tasks->len; i++)
    {
      const IceTask *task = ice_list_get (tasks, i);

      if (task->via == via->id && task->server == entry->id
          && task->relay_family == relay_family && task->relays_tcp == relays_tcp)
        return TRUE;
    }
  return FALSE;
}

IceTask *
ice_task_add (IceBase *via, const IceServerEntry *entry, gint relay_family,
              gboolean relays_tcp)
{
  IceComponent *component = via->component;
  IceSession *session = component->stream->session;
  IceTask *self;

  if (is_there (via, entry, relay_family, relays_tcp))
    return NULL;
  self = g_new0 (IceTask, 1);
  self->component = component;
  self->server = entry->id;
  self->via = via->id;
  self->relay_family = relay_family;
  self->relays_tcp = relays_tcp;
  ice_timer_init (&self->race_timer, ICE_TIMER_ATTEMPT, self);
  ice_timer_init (&self->timer, ICE_TIMER_REFRESH, self);
  ice_list_add (&session->tasks, self);
  component->stream->n_pending++;
  return self;
}

void
ice_task_finish (IceTask *self)
{
  if (self->over)
    return;
  self->over = TRUE;
  self->component->stream->n_pending--;
  ice_stream_update_gathering (self->component->stream);
}

void
ice_task_free (IceTask *self)
{
  IceSession *session = self->component->stream->session;

  leave_queue (self);
  if (!self->over)
    self->component->stream->n_pending--;
  ice_timer_stop (&self->race_timer, &session->timers);
  ice_timer_stop (&self->timer, &session->timers);
  while (self->attempts != NULL)
    ice_attempt_free (self->attempts);
  ice_list_remove_fast (&session->tasks, self);
  g_free (self);
}

/* --- attempts --- */

IceAttempt *
ice_task_try (IceTask *self, const IceTarget *target)
{
  IceSession *session = self->component->stream->session;
  IceAttempt *attempt = g_new0 (IceAttempt, 1);

  attempt->task = self;
  attempt->server = self->server;
  attempt->own_port = self->own_port;
  attempt->target = *target;
  attempt->next = self->attempts;
  self->attempts = attempt;
  ice_timer_start (&self->race_timer, &session->timers, session->now + ICE_ATTEMPT_DELAY);
  return attempt;
}

IceAttempt *
ice_task_find_again (const IceTask *self)
{
  IceAttempt *attempt = self->attempts;

  while (attempt != NULL && !attempt->again)
    attempt = attempt->next;
  return attempt;
}

/* A relay that gave a candidate is the component's from then on. */
static void
drop_base (const IceAttempt *self)
{
  IceBase *base = ice_base_find (self->task->component->stream->session, self->base);

  if (base != NULL && base->candidate == NULL)
    ice_base_drop (base);
}

void
ice_attempt_free (IceAttempt *self)
{
  IceAttempt **link = &self->task->attempts;

  while (*link != self)
    link = &(*link)->next;
  *link = self->next;
  if (self->request != NULL)
    ice_request_free (self->request);
  if (self->base != 0)
    drop_base (self);
  if (self->task->attempts == NULL)
    ice_timer_stop (&self->task->race_timer,
                    &self->task->component->stream->session->timers);
  g_free (self);
}

void
ice_attempt_fail (IceAttempt *self)
{
  IceTask *task = self->task;

  ice_attempt_free (self);
  ice_task_enqueue (task);
}

void
ice_attempt_win (IceAttempt *self)
{
  IceTask *task = self->task;
  IceAttempt *next;

  ice_timer_stop (&task->race_timer, &task->component->stream->session->timers);
  for (IceAttempt *other = task->attempts; other != NULL; other = next)
    {
      next = other->next;
      if (other != self)
        ice_attempt_free (other);
    }
  leave_queue (task);
  ice_task_finish (task);
}

IceAttempt *
ice_attempt_find (const IceBase *base)
{
  const IceList *tasks = &base->component->stream->session->tasks;

  for (guint i = 0; i < tasks->len; i++)
    {
      const IceTask *task = ice_list_get (tasks, i);

      for (IceAttempt *a = task->attempts; a != NULL; a = a->next)
        if (a->base == base->id)
          return a;
    }
  return NULL;
}
