/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What servers are asked, for which candidate, and what their answers make: RFC
 * 8445 5.1.1.2, 5.1.3. Each task has its own outcome: a dead server delays nobody. What
 * becomes of allocations is relay.c's. */
#include "config.h"

#include "ice/gather-server.h"

#include "ice/base.h"
#include "ice/candidate.h"
#include "ice/checklist.h"
#include "ice/message.h"
#include "ice/relay.h"
#include "ice/request.h"
#include "ice/server.h"
#include "ice/session.h"
#include "ice/task.h"
#include "ice/trace.h"

void
ice_gather_server_cancel (IceStream *stream)
{
  GPtrArray *tasks = stream->session->tasks;

  for (guint i = tasks != NULL ? tasks->len : 0; i > 0; i--)
    {
      IceTask *task = g_ptr_array_index (tasks, i - 1);

      if (task->component->stream == stream)
        ice_task_free (task);
    }
}

void
ice_gather_server_forget_base (const IceBase *base)
{
  IceStream *stream = base->component->stream;
  GPtrArray *tasks = stream->session->tasks;

  for (guint i = tasks != NULL ? tasks->len : 0; i > 0; i--)
    {
      IceTask *task = g_ptr_array_index (tasks, i - 1);

      if (task->via == base->id)
        ice_task_free (task);
    }
  ice_stream_update_gathering (stream);
}

static gboolean
is_asked (const IceBase *base, const IceServerEntry *entry, gint family)
{
  const GPtrArray *tasks = base->component->stream->session->tasks;

  for (guint i = 0; tasks != NULL && i < tasks->len; i++)
    {
      const IceTask *task = g_ptr_array_index (tasks, i);

      if (task->via == base->id && task->origin == entry->id
          && task->relay_family == family)
        return TRUE;
    }
  return FALSE;
}

static void
add_task (IceBase *base, IceServerEntry *entry, gint relay_family)
{
  IceComponent *component = base->component;
  IceSession *session = component->stream->session;
  IceTask *task;

  if (is_asked (base, entry, relay_family))
    return;
  task = g_new0 (IceTask, 1);
  task->component = component;
  task->server = task->origin = entry->id;
  task->via = base->id;
  task->relay_family = relay_family;
  ice_timer_init (&task->timer, ICE_TIMER_REFRESH, task);
  if (session->tasks == NULL)
    session->tasks = g_ptr_array_new ();
  g_ptr_array_add (session->tasks, task);
  component->stream->n_pending++;
  if (ice_server_resolve (session, entry))
    ice_task_enqueue (task);
}

static void
ask (IceBase *base, IceServerEntry *entry)
{
  const IceConfig *config = &base->component->stream->session->config;
  gint family = base->local.s.addr.sa_family;

  if (config->lite || entry->origin != 0 || nice_address_is_linklocal (&base->local))
    return;
  if (ice_server_is_turn (&entry->value))
    add_task (base, entry, family);
  else if (entry->value.kind == ICE_SERVER_STUN_UDP && !config->force_relay)
    add_task (base, entry, 0);
}

void
ice_gather_server_ask_from (IceBase *base)
{
  const GPtrArray *servers = base->component->stream->session->servers;

  for (guint i = 0; servers != NULL && i < servers->len; i++)
    {
      IceServerEntry *entry = g_ptr_array_index (servers, i);

      if (ice_server_serves (entry, base->component))
        ask (base, entry);
    }
}

void
ice_gather_server_ask_new (IceSession *session, IceServerEntry *entry)
{
  for (guint i = 0; i < session->bases->len; i++)
    {
      IceBase *base = g_ptr_array_index (session->bases, i);
      IceStream *stream = base->component->stream;

      if (base->kind != ICE_BASE_UDP || !base->open
          || !ice_server_serves (entry, base->component))
        continue;
      ask (base, entry);
      stream->gathering_done =
          FALSE; /* it is said again, even where nothing comes of it */
    }
  for (guint i = 0; i < session->streams->len; i++)
    ice_stream_update_gathering (g_ptr_array_index (session->streams, i));
}

void
ice_gather_server_handle_addresses (IceSession *session, guint server,
                                    const NiceAddress *addresses, guint n,
                                    IceReason reason)
{
  const IceBaseResult result = { .error = reason };
  IceServerEntry *entry = ice_server_find (session, server);

  if (entry == NULL)
    return;
  ice_server_note (entry, &result);
  ice_server_set_addresses (entry, addresses, n);
  for (guint i = 0; session->tasks != NULL && i < session->tasks->len; i++)
    {
      IceTask *task = g_ptr_array_index (session->tasks, i);

      if (task->server == server && !task->over)
        ice_task_enqueue (task);
    }
}

/* --- asking --- */

/* The next address of the server that the task's base can reach. */
static gboolean
take_address (IceTask *task, const IceServerEntry *entry, const IceBase *via)
{
  const IceSession *session = via->component->stream->session;

  if (task->again)
    {
      task->again = FALSE;
      return TRUE;
    }
  while (task->next_address < entry->addresses->len)
    {
      NiceAddress *address =
          &g_array_index (entry->addresses, NiceAddress, task->next_address++);

      if (address->s.addr.sa_family == via->local.s.addr.sa_family
          && !ice_server_is_shunned (entry, address, session->now))
        {
          task->address = *address;
          return TRUE;
        }
    }
  return FALSE;
}

static void
send_binding (IceTask *task)
{
  IceSession *session = task->component->stream->session;
  StunTiming timing = stun_timing_halved (session->config.initial_timeout,
                                          session->config.max_retransmissions);
  IceRequest *request = ice_request_new (session, ICE_REQUEST_BINDING);

  request->task = task;
  request->base = task->via;
  request->timer.kind = ICE_TIMER_BINDING;
  task->request = request;
  ice_request_start (request, &timing);
  ice_message_send_binding (session, request, &task->address);
}

static gboolean
start (IceTask *task)
{
  IceSession *session = task->component->stream->session;
  IceServerEntry *entry = ice_server_find (session, task->server);
  IceBase *via = ice_base_find (session, task->via);

  if (entry == NULL || via == NULL || entry->addresses == NULL
      || !take_address (task, entry, via))
    {
      ice_relay_give_up (task);
      ice_task_finish (task);
      return FALSE;
    }
  if (ice_server_is_turn (&entry->value))
    ice_relay_request (task, entry, via);
  else
    send_binding (task);
  return TRUE;
}

gboolean
ice_gather_server_start_next (IceSession *session)
{
  IceTask *task;

  while ((task = session->task_first) != NULL)
    {
      ice_task_dequeue (task);
      if (start (task))
        return TRUE;
    }
  return FALSE;
}

/* --- answers --- */

void
ice_gather_server_handle_response (IceRequest *request, const IceBase *base,
                                   const NiceAddress *from, const StunView *view)
{
  IceTask *task = request->task;
  IceSession *session = request->session;
  NiceAddress mapped;

  if (request->base != base->id || !nice_address_equal (from, &task->address))
    return;
  ice_request_free (request);
  task->request = NULL;
  /* RFC 8445 5.1.1.2: ALTERNATE-SERVER is not followed here; errors are an end. */
  if (view->klass == STUN_CLASS_SUCCESS && !ice_message_has_unknown (view)
      && ice_message_read_mapped (view, &mapped))
    {
      ice_task_add_reflexive (task, &mapped);
      ice_timer_start (&task->timer, &session->timers,
                       session->now + ICE_KEEPALIVE_INTERVAL);
    }
  ice_task_finish (task);
}

static void
note_silence (const IceTask *task)
{
  const IceBaseResult result = { .error = ICE_REASON_TIMEOUT };
  IceServerEntry *entry =
      ice_server_find (task->component->stream->session, task->server);

  if (entry != NULL)
    ice_server_note (entry, &result);
}

void
ice_gather_server_handle_timeout (IceRequest *request)
{
  IceTask *task = request->task;
  IceHeap *timers = &request->session->timers;

  switch (stun_transaction_handle_timeout (&request->transaction, request->session->now))
    {
    case STUN_TRANSACTION_RESEND:
      ice_message_send_binding (request->session, request, &task->address);
      ice_timer_start (&request->timer, timers, request->transaction.deadline);
      return;
    case STUN_TRANSACTION_WAIT:
      ice_timer_start (&request->timer, timers, request->transaction.deadline);
      return;
    case STUN_TRANSACTION_FAILED:
      note_silence (task);
      ice_request_free (request);
      task->request = NULL;
      ice_task_enqueue (task); /* the server's next address, if it has another */
      return;
    }
}

void
ice_gather_server_handle_refresh (IceTask *task)
{
  if (task->relay_family != 0)
    ice_task_enqueue (task);
  else if (task->component->selected == NULL && task->request == NULL
           && task->component->state != ICE_COMPONENT_FAILED)
    send_binding (task);
}
