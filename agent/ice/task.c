/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Questions to servers: their queue, in the pace of Ta (RFC 8445 B.1), how they end, and
 * which of the candidates that they bring are new (RFC 8445 5.1.3). Knows neither STUN
 * nor TURN. */
#include "config.h"

#include "ice/task.h"

#include "ice/base.h"
#include "ice/candidate.h"
#include "ice/request.h"
#include "ice/server.h"
#include "ice/session.h"

void
ice_task_enqueue (IceTask *task)
{
  IceSession *session = task->component->stream->session;

  if (task->queued)
    return;
  task->queued = TRUE;
  task->next_queued = NULL;
  if (session->task_last != NULL)
    session->task_last->next_queued = task;
  else
    session->task_first = task;
  session->task_last = task;
}

void
ice_task_dequeue (IceTask *task)
{
  IceSession *session = task->component->stream->session;
  IceTask **link = &session->task_first, *previous = NULL;

  if (!task->queued)
    return;
  for (; *link != task; link = &(*link)->next_queued)
    previous = *link;
  *link = task->next_queued;
  if (session->task_last == task)
    session->task_last = previous;
  task->queued = FALSE;
}

/* Gathering does not wait for it any more. */
void
ice_task_finish (IceTask *task)
{
  if (task->over)
    return;
  task->over = TRUE;
  task->component->stream->n_pending--;
  ice_stream_update_gathering (task->component->stream);
}

void
ice_task_free (IceTask *task)
{
  IceSession *session = task->component->stream->session;

  ice_task_dequeue (task);
  if (!task->over)
    task->component->stream->n_pending--;
  ice_timer_stop (&task->timer, &session->timers);
  if (task->request != NULL)
    ice_request_free (task->request);
  g_ptr_array_remove_fast (session->tasks, task);
  g_free (task);
}

/* What users of libnice see: one server-reflexive candidate for each mapped address, one
 * relayed one for each address of a relay, whatever their ports. */
gboolean
ice_task_is_redundant (const IceComponent *component, IceCandidateType type,
                       const NiceAddress *addr)
{
  for (guint i = 0; i < component->locals->len; i++)
    {
      const IceEnd *end = g_ptr_array_index (component->locals, i);

      if (end->value.transport != ICE_TRANSPORT_UDP)
        continue;
      if (end->value.type == type && nice_address_equal_no_port (&end->value.addr, addr))
        return TRUE;
      if (end->value.type == ICE_CANDIDATE_HOST
          && nice_address_equal (&end->value.addr, addr))
        return TRUE;
    }
  return FALSE;
}

void
ice_task_add_reflexive (IceTask *task, const NiceAddress *mapped)
{
  IceComponent *component = task->component;
  IceSession *session = component->stream->session;
  const IceServerEntry *entry = ice_server_find (session, task->server);
  const IceBase *via = ice_base_find (session, task->via);
  IceLocalSpec spec = { .type = ICE_CANDIDATE_SERVER_REFLEXIVE,
                        .transport = ICE_TRANSPORT_UDP,
                        .addr = *mapped,
                        .server_addr = task->address,
                        .base = task->via,
                        .server = task->server };

  if (entry == NULL || via == NULL || session->config.force_relay
      || ice_task_is_redundant (component, spec.type, mapped))
    return;
  spec.base_addr = via->local;
  spec.address_index = via->address_index;
  spec.server_index = ice_server_is_turn (&entry->value) ? 0 : entry->index;
  ice_candidate_announce (ice_candidate_add_local (component, &spec),
                          ICE_EVENT_LOCAL_CANDIDATE);
}
