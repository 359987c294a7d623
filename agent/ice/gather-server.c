/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What servers are asked, for which candidate, and what their answers make: RFC
 * 8445 5.1.1.2, 5.1.3. Each task has its own outcome: a dead server delays nobody.
 * Allocations are made outside; here they are bases. */
#include "config.h"

#include "ice/gather-server.h"

#include "ice/base.h"
#include "ice/candidate.h"
#include "ice/checklist.h"
#include "ice/message.h"
#include "ice/request.h"
#include "ice/server.h"
#include "ice/session.h"
#include "ice/trace.h"

/* --- tasks --- */

static void
enqueue (IceTask *task)
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

static void
dequeue (IceTask *task)
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
static void
finish (IceTask *task)
{
  if (task->over)
    return;
  task->over = TRUE;
  task->component->stream->n_pending--;
  ice_stream_update_gathering (task->component->stream);
}

static void
free_task (IceTask *task)
{
  IceSession *session = task->component->stream->session;

  dequeue (task);
  if (!task->over)
    task->component->stream->n_pending--;
  ice_timer_stop (&task->timer, &session->timers);
  if (task->request != NULL)
    ice_request_free (task->request);
  g_ptr_array_remove_fast (session->tasks, task);
  g_free (task);
}

void
ice_gather_server_cancel (IceStream *stream)
{
  GPtrArray *tasks = stream->session->tasks;

  for (guint i = tasks != NULL ? tasks->len : 0; i > 0; i--)
    {
      IceTask *task = g_ptr_array_index (tasks, i - 1);

      if (task->component->stream == stream)
        free_task (task);
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
        free_task (task);
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

      if (task->via == base->id && task->server == entry->id
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
  task->server = entry->id;
  task->via = base->id;
  task->relay_family = relay_family;
  ice_timer_init (&task->timer, ICE_TIMER_REFRESH, task);
  if (session->tasks == NULL)
    session->tasks = g_ptr_array_new ();
  g_ptr_array_add (session->tasks, task);
  component->stream->n_pending++;
  if (ice_server_resolve (session, entry))
    enqueue (task);
}

static void
ask (IceBase *base, IceServerEntry *entry)
{
  const IceConfig *config = &base->component->stream->session->config;
  gint family = base->local.s.addr.sa_family;

  if (config->lite || nice_address_is_linklocal (&base->local))
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
                                    const NiceAddress *addresses, guint n)
{
  IceServerEntry *entry = ice_server_find (session, server);

  if (entry == NULL)
    return;
  ice_server_set_addresses (entry, addresses, n);
  for (guint i = 0; session->tasks != NULL && i < session->tasks->len; i++)
    {
      IceTask *task = g_ptr_array_index (session->tasks, i);

      if (task->server == server && !task->over)
        enqueue (task);
    }
}

/* --- asking --- */

/* The next address of the server that the task's base can reach. */
static gboolean
take_address (IceTask *task, const IceServerEntry *entry, const IceBase *via)
{
  while (task->next_address < entry->addresses->len)
    {
      NiceAddress *address =
          &g_array_index (entry->addresses, NiceAddress, task->next_address++);

      if (address->s.addr.sa_family == via->local.s.addr.sa_family)
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

static void
request_relay (IceTask *task, const IceServerEntry *entry, const IceBase *via)
{
  IceBase *relay = ice_base_add (task->component, ICE_BASE_RELAY, &via->local);

  if (entry->value.kind == ICE_SERVER_TURN_UDP)
    relay->via = via->id;
  else
    nice_address_set_port (&relay->local, 0);
  relay->remote = task->address;
  relay->server = entry->id;
  relay->relay_family = task->relay_family;
  relay->address_index = via->address_index;
  task->relay = relay->id;
  ice_base_request (relay);
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
      finish (task);
      return FALSE;
    }
  if (ice_server_is_turn (&entry->value))
    request_relay (task, entry, via);
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
      dequeue (task);
      if (start (task))
        return TRUE;
    }
  return FALSE;
}

/* --- answers --- */

/* What users of libnice see: one server-reflexive candidate for each mapped address, one
 * relayed one for each address of a relay, whatever their ports. */
static gboolean
is_redundant (const IceComponent *component, IceCandidateType type,
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

static void
add_reflexive (IceTask *task, const NiceAddress *mapped)
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
      || is_redundant (component, spec.type, mapped))
    return;
  spec.base_addr = via->local;
  spec.address_index = via->address_index;
  spec.server_index = ice_server_is_turn (&entry->value) ? 0 : entry->index;
  ice_candidate_announce (ice_candidate_add_local (component, &spec),
                          ICE_EVENT_LOCAL_CANDIDATE);
}

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
      add_reflexive (task, &mapped);
      ice_timer_start (&task->timer, &session->timers,
                       session->now + ICE_KEEPALIVE_INTERVAL);
    }
  finish (task);
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
      ice_request_free (request);
      task->request = NULL;
      enqueue (task); /* the server's next address, if it has another */
      return;
    }
}

void
ice_gather_server_handle_refresh (IceTask *task)
{
  if (task->component->selected == NULL && task->request == NULL
      && task->component->state != ICE_COMPONENT_FAILED)
    send_binding (task);
}

static IceTask *
find_relay_task (const IceBase *relay)
{
  const GPtrArray *tasks = relay->component->stream->session->tasks;

  for (guint i = 0; tasks != NULL && i < tasks->len; i++)
    {
      IceTask *task = g_ptr_array_index (tasks, i);

      if (task->relay == relay->id)
        return task;
    }
  return NULL;
}

static void
add_relayed (IceTask *task, IceBase *relay, const NiceAddress *mapped)
{
  IceComponent *component = task->component;
  IceSession *session = component->stream->session;
  const IceServerEntry *entry = ice_server_find (session, task->server);
  const IceBase *via = ice_base_find (session, task->via);
  IceLocalSpec spec = { .type = ICE_CANDIDATE_RELAYED,
                        .transport = ICE_TRANSPORT_UDP,
                        .addr = relay->local,
                        .base_addr = *mapped,
                        .server_addr = task->address,
                        .base = relay->id,
                        .address_index = relay->address_index,
                        .server_index = entry->index,
                        .server = task->server,
                        .over_tcp = entry->value.kind != ICE_SERVER_TURN_UDP };

  /* RFC 8445 5.3: the related address; a private one is not written around a relay. */
  if (!nice_address_is_valid (mapped) && via != NULL && !session->config.force_relay)
    spec.base_addr = via->local;
  relay->candidate = ice_end_ref (ice_candidate_add_local (component, &spec));
  ice_candidate_announce (relay->candidate, ICE_EVENT_LOCAL_CANDIDATE);
  ice_checklist_pair_local (relay->candidate);
}

void
ice_gather_server_handle_relay (IceBase *base, const IceBaseResult *result)
{
  IceTask *task = find_relay_task (base);
  IceSession *session = base->component->stream->session;
  const IceServerEntry *entry =
      task != NULL ? ice_server_find (session, task->server) : NULL;

  if (result->error != ICE_REASON_NONE)
    {
      ICE_TRACE (session, "relay %u cannot be had: %u", base->id, result->error);
      base->component->last_error = result->error;
      ice_base_forget (base);
      if (task != NULL)
        {
          task->relay = 0;
          enqueue (task); /* the server's next address, if it has another */
        }
      return;
    }
  if (entry == NULL)
    {
      ice_base_drop (base);
      return;
    }
  base->open = TRUE;
  base->local = result->local;
  if (entry->value.kind == ICE_SERVER_TURN_UDP && nice_address_is_valid (&result->mapped))
    add_reflexive (task, &result->mapped);
  if (is_redundant (base->component, ICE_CANDIDATE_RELAYED, &base->local))
    ice_base_drop (base);
  else
    add_relayed (task, base, &result->mapped);
  finish (task);
}

/* --- forgetting --- */

static void
forget_servers (IceComponent *component)
{
  IceSession *session = component->stream->session;

  for (guint i = session->servers != NULL ? session->servers->len : 0; i > 0; i--)
    {
      IceServerEntry *entry = g_ptr_array_index (session->servers, i - 1);

      if (ice_server_is_turn (&entry->value) && entry->stream_id == component->stream->id
          && entry->component_id == component->id)
        ice_server_remove (session, entry);
    }
}

void
ice_gather_server_forget_relays (IceComponent *component)
{
  IceSession *session = component->stream->session;
  const IcePair *selected = component->selected;

  forget_servers (component);
  for (guint i = session->bases->len; i > 0; i--)
    {
      IceBase *base = g_ptr_array_index (session->bases, i - 1);

      if (base->component != component || base->kind != ICE_BASE_RELAY)
        continue;
      if (base->candidate != NULL && selected != NULL && selected->base == base->id)
        {
          base->candidate->hidden = TRUE;
          continue;
        }
      ice_checklist_remove_base (base);
      ice_base_drop (base);
    }
}
