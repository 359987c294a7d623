/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What servers are asked, for which candidate, and what their answers make: RFC
 * 8445 5.1.1.2, 5.1.3, RFC 6544 5.2. Each task has its own outcome: a dead server delays
 * nobody. What becomes of allocations is relay.c's. */
#include "config.h"

#include "ice/gather-server.h"

#include "ice/base.h"
#include "ice/candidate.h"
#include "ice/checklist.h"
#include "ice/message.h"
#include "ice/reflexive.h"
#include "ice/relay.h"
#include "ice/request.h"
#include "ice/server.h"
#include "ice/session.h"
#include "ice/task.h"
#include "ice/trace.h"

/* --- tasks --- */

void
ice_gather_server_cancel (IceStream *stream)
{
  IceList *tasks = &stream->session->tasks;

  for (guint i = tasks->len; i > 0; i--)
    {
      IceTask *task = ice_list_get (tasks, i - 1);

      if (task->component->stream == stream)
        ice_task_free (task);
    }
}

/* The base goes without our doing. */
static void
lose_way (IceAttempt *attempt)
{
  attempt->base = 0;
  if (attempt->task->over)
    ice_attempt_free (attempt);
  else
    ice_attempt_fail (attempt);
}

void
ice_gather_server_forget_base (const IceBase *base)
{
  IceStream *stream = base->component->stream;
  IceAttempt *attempt = ice_attempt_find (base);
  IceList *tasks = &stream->session->tasks;

  if (attempt != NULL && base->kind == ICE_BASE_SERVER)
    lose_way (attempt);
  for (guint i = tasks->len; i > 0; i--)
    {
      IceTask *task = ice_list_get (tasks, i - 1);

      if (task->via == base->id)
        ice_task_free (task);
    }
  ice_stream_update_gathering (stream);
}

/* What can be had over which base: mappings of its own port. Relays go from UDP ones, and
 * from the others where there are none. */
static gboolean
can_reach (const IceBase *base, IceServerKind kind)
{
  if (base->kind == ICE_BASE_TCP_LISTEN)
    return ice_server_kind_is_stream (kind)
           && (!ice_server_kind_is_turn (kind)
               || !base->component->stream->session->config.ice_udp);
  return ice_server_kind_is_turn (kind) || !ice_server_kind_is_stream (kind);
}

/* A stun URI means UDP for candidates of UDP, and TCP for those of TCP. */
static gboolean
may_serve (const IceServer *server, const IceBase *base)
{
  if (server->uri != NULL && !ice_server_is_turn (server))
    return TRUE;
  return can_reach (base, server->kind);
}

/* NOTES: one allocation of both families (RFC 8656 ADDITIONAL-ADDRESS-FAMILY) was the
 * other way. It saves a port of ours and an entry of the server's; but the two addresses
 * are lost, renewed and refused together, and a server that has but one of them, or a
 * permission that one of them is refused, is the same trouble for both. */
static void
ask_for (IceBase *base, IceServerEntry *entry, gint relay_family, gboolean relays_tcp)
{
  IceTask *task = ice_task_add (base, entry, relay_family, relays_tcp);

  if (task == NULL)
    return;
  /* RFC 8656 3.1: an allocation for each 5-tuple */
  task->own_port = relay_family != 0 && relay_family != base->local.s.addr.sa_family;
  if (ice_server_resolve (base->component->stream->session, entry))
    ice_task_enqueue (task);
}

/* RFC 6062 4.1: over a connection only. */
static gboolean
may_relay_tcp (const IceConfig *config, const IceServer *server)
{
  return config->relay_tcp && config->ice_tcp
         && (server->uri != NULL || ice_server_kind_is_stream (server->kind));
}

static void
ask_for_relays (IceBase *base, IceServerEntry *entry, gint relay_family)
{
  const IceConfig *config = &base->component->stream->session->config;

  if (base->kind == ICE_BASE_UDP)
    ask_for (base, entry, relay_family, FALSE);
  if (may_relay_tcp (config, &entry->value))
    ask_for (base, entry, relay_family, TRUE);
}

static void
ask (IceBase *base, IceServerEntry *entry)
{
  const IceConfig *config = &base->component->stream->session->config;
  const gboolean is_turn = ice_server_is_turn (&entry->value);
  const gint family = base->local.s.addr.sa_family;

  if (config->lite || entry->origin != 0 || nice_address_is_linklocal (&base->local)
      || !may_serve (&entry->value, base) || (config->force_relay && !is_turn))
    return;
  if (!is_turn)
    {
      ask_for (base, entry, 0, FALSE);
      return;
    }
  ask_for_relays (base, entry, family);
  if (config->relay_dual_stack)
    ask_for_relays (base, entry, family == AF_INET ? AF_INET6 : AF_INET);
}

void
ice_gather_server_ask_from (IceBase *base)
{
  const IceList *servers = &base->component->stream->session->servers;

  for (guint i = 0; i < servers->len; i++)
    {
      IceServerEntry *entry = ice_list_get (servers, i);

      if (ice_server_serves (entry, base->component))
        ask (base, entry);
    }
}

void
ice_gather_server_ask_new (IceSession *session, IceServerEntry *entry)
{
  for (guint i = 0; i < session->bases.len; i++)
    {
      IceBase *base = ice_list_get (&session->bases, i);

      if ((base->kind != ICE_BASE_UDP && base->kind != ICE_BASE_TCP_LISTEN) || !base->open
          || !ice_server_serves (entry, base->component))
        continue;
      ask (base, entry);
      /* it is said again, even where nothing comes of it */
      if (base->component->stream->gathering_done)
        ice_stream_start_waiting (base->component->stream);
    }
  for (guint i = 0; i < session->streams.len; i++)
    ice_stream_update_gathering (ice_list_get (&session->streams, i));
}

/* A relay that was redundant is none. */
static gboolean
is_vain (const IceSession *session, const IceTask *task)
{
  const IceAttempt *attempt = task->attempts;

  return task->over
         && (attempt == NULL
             || (attempt->base != 0 && ice_base_find (session, attempt->base) == NULL));
}

static void
forget_vain (const IceBase *via)
{
  IceList *tasks = &via->component->stream->session->tasks;

  for (guint i = tasks->len; i > 0; i--)
    {
      IceTask *task = ice_list_get (tasks, i - 1);

      if (task->via == via->id && is_vain (via->component->stream->session, task))
        ice_task_free (task);
    }
}

void
ice_gather_server_ask_again (IceStream *stream)
{
  IceList *bases = &stream->session->bases;
  const guint n_pending = stream->n_pending;

  for (guint i = 0; i < bases->len; i++)
    {
      IceBase *base = ice_list_get (bases, i);

      if (base->component->stream != stream || !base->open || base->is_cut_off
          || (base->kind != ICE_BASE_UDP && base->kind != ICE_BASE_TCP_LISTEN))
        continue;
      forget_vain (base);
      ice_gather_server_ask_from (base);
    }
  if (stream->n_pending > n_pending)
    ice_stream_start_waiting (stream);
}

/* Those that ran out of targets, or have waited long enough for the last one. */
static void
wake (IceTask *task, const IceServerEntry *entry)
{
  if (entry->targets->len == 0)
    task->component->last_error = entry->last_error;
  if (task->attempts == NULL || !ice_timer_is_running (&task->race_timer))
    ice_task_enqueue (task);
}

void
ice_gather_server_handle_addresses (IceSession *session, guint server,
                                    const IceTarget *targets, guint n, gboolean is_last)
{
  IceServerEntry *entry = ice_server_find (session, server);
  IceBaseResult result = { .error = ICE_REASON_NONE };

  if (entry == NULL)
    return;
  ice_server_add_targets (entry, targets, n, is_last);
  if (is_last && entry->targets->len == 0)
    result.error = ICE_REASON_NAME_NOT_FOUND;
  ice_server_note (entry, &result);
  for (guint i = 0; i < session->tasks.len; i++)
    {
      IceTask *task = ice_list_get (&session->tasks, i);

      if (task->server == server && !task->over)
        wake (task, entry);
    }
}

/* --- asking --- */

/* The next target of the server that the task's base can reach. */
static gboolean
take_target (IceTask *task, const IceServerEntry *entry, const IceBase *via,
             IceTarget *target)
{
  const IceSession *session = via->component->stream->session;

  while (task->next_target < entry->targets->len)
    {
      *target = g_array_index (entry->targets, IceTarget, task->next_target++);
      if (target->address.s.addr.sa_family == via->local.s.addr.sa_family
          && can_reach (via, target->kind)
          && (!task->relays_tcp || ice_server_kind_is_stream (target->kind))
          && !ice_server_is_shunned (entry, &target->address, session->now))
        return TRUE;
    }
  return FALSE;
}

static void
send_binding (IceAttempt *attempt)
{
  IceSession *session = attempt->task->component->stream->session;
  const IceConfig *config = &session->config;
  const StunTiming timing =
      ice_server_kind_is_stream (attempt->target.kind)
          ? stun_timing_stream (config->reliable_timeout)
          : stun_timing_halved (config->initial_timeout, config->max_retransmissions);
  IceRequest *request = ice_request_new (session, ICE_REQUEST_BINDING);

  request->attempt = attempt;
  request->base = attempt->base != 0 ? attempt->base : attempt->task->via;
  request->timer.kind = ICE_TIMER_BINDING;
  attempt->request = request;
  ice_request_start (request, &timing);
  ice_message_send_binding (session, request, &attempt->target.address);
}

/* RFC 6544 B: a connection from the port of the listener; over DTLS the base itself. */
static void
request_way (IceAttempt *attempt, const IceBase *via)
{
  IceBase *base = ice_base_add (attempt->task->component, ICE_BASE_SERVER, &via->local);

  base->via = via->id;
  base->remote = attempt->target.address;
  base->server = attempt->server;
  base->server_kind = attempt->target.kind;
  base->address_index = via->address_index;
  attempt->base = base->id;
  ice_base_request (base);
}

static void
start_attempt (IceAttempt *attempt, const IceBase *via)
{
  attempt->again = FALSE;
  if (ice_server_kind_is_turn (attempt->target.kind))
    ice_relay_request (attempt, via);
  else if (attempt->target.kind == ICE_SERVER_STUN_UDP)
    send_binding (attempt);
  else
    request_way (attempt, via);
}

/* Nothing is left to try, or nothing for now. */
static void
stop (IceTask *task, const IceServerEntry *entry)
{
  if (task->attempts != NULL || (entry != NULL && !entry->resolved))
    return;
  ice_relay_give_up (task);
  ice_task_finish (task);
}

static gboolean
start (IceTask *task)
{
  IceSession *session = task->component->stream->session;
  const IceServerEntry *entry = ice_server_find (session, task->server);
  const IceBase *via = ice_base_find (session, task->via);
  IceAttempt *attempt = ice_task_find_again (task);
  IceTarget target;

  if (entry == NULL || via == NULL
      || (attempt == NULL && !take_target (task, entry, via, &target)))
    {
      stop (task, via != NULL ? entry : NULL);
      return FALSE;
    }
  start_attempt (attempt != NULL ? attempt : ice_task_try (task, &target), via);
  return TRUE;
}

gboolean
ice_gather_server_start_next (IceSession *session)
{
  IceTask *task;

  while ((task = ice_task_dequeue (session)) != NULL)
    if (start (task))
      return TRUE;
  return FALSE;
}

/* --- answers --- */

static void
note (const IceAttempt *attempt, const IceBaseResult *result)
{
  IceServerEntry *entry =
      ice_server_find (attempt->task->component->stream->session, attempt->server);

  if (entry != NULL)
    ice_server_note (entry, result);
}

void
ice_gather_server_handle_response (IceRequest *request, const IceBase *base,
                                   const NiceAddress *from, const StunView *view)
{
  IceAttempt *attempt = request->attempt;
  IceTask *task = attempt->task;
  IceSession *session = request->session;
  NiceAddress mapped;

  if (request->base != base->id || !nice_address_equal (from, &attempt->target.address))
    return;
  ice_request_free (request);
  attempt->request = NULL;
  /* RFC 8445 5.1.1.2: ALTERNATE-SERVER is not followed here; errors are an end. */
  if (view->klass != STUN_CLASS_SUCCESS || ice_message_has_unknown (view)
      || !ice_message_read_mapped (view, &mapped))
    {
      ice_attempt_fail (attempt);
      return;
    }
  ice_reflexive_add (attempt, &mapped);
  ice_timer_start (&task->timer, &session->timers, session->now + ICE_KEEPALIVE_INTERVAL);
  ice_attempt_win (attempt);
}

static void
fail_request (IceAttempt *attempt, IceReason reason)
{
  IceSession *session = attempt->task->component->stream->session;
  const IceBaseResult result = { .error = reason };

  note (attempt, &result);
  ice_request_free (attempt->request);
  attempt->request = NULL;
  if (!attempt->task->over)
    ice_attempt_fail (attempt);
  else /* the mapping was kept all the same */
    ice_timer_start (&attempt->task->timer, &session->timers,
                     session->now + ICE_KEEPALIVE_INTERVAL);
}

void
ice_gather_server_handle_timeout (IceRequest *request)
{
  IceAttempt *attempt = request->attempt;
  IceSession *session = request->session;

  switch (stun_transaction_handle_timeout (&request->transaction, session->now))
    {
    case STUN_TRANSACTION_RESEND:
      ice_message_send_binding (session, request, &attempt->target.address);
      ice_timer_start (&request->timer, &session->timers, request->transaction.deadline);
      return;
    case STUN_TRANSACTION_WAIT:
      ice_timer_start (&request->timer, &session->timers, request->transaction.deadline);
      return;
    case STUN_TRANSACTION_FAILED:
      fail_request (attempt, ICE_REASON_TIMEOUT);
      return;
    }
}

void
ice_gather_server_handle_error (const IceBase *base, const NiceAddress *to,
                                IceReason reason)
{
  const IceList *tasks = &base->component->stream->session->tasks;

  for (guint i = 0; i < tasks->len; i++)
    {
      const IceTask *task = ice_list_get (tasks, i);
      IceAttempt *next;

      if (task->via != base->id)
        continue;
      for (IceAttempt *attempt = task->attempts; attempt != NULL; attempt = next)
        {
          next = attempt->next;
          if (attempt->request != NULL && attempt->target.kind == ICE_SERVER_STUN_UDP
              && nice_address_equal (&attempt->target.address, to))
            fail_request (attempt, reason);
        }
    }
}

void
ice_gather_server_handle_refresh (IceTask *task)
{
  IceAttempt *attempt = task->attempts;

  if (task->relay_family != 0)
    {
      ice_task_enqueue (task);
      return;
    }
  if (attempt == NULL || attempt->request != NULL)
    return;
  if (task->component->selected == NULL && task->component->state != ICE_COMPONENT_FAILED)
    send_binding (attempt);
  else
    ice_attempt_free (attempt); /* RFC 6544 11.2: connections are closed */
}

void
ice_gather_server_handle_server (IceBase *base, const IceBaseResult *result)
{
  IceAttempt *attempt = ice_attempt_find (base);

  if (attempt == NULL)
    {
      ice_base_drop (base);
      return;
    }
  if (result->error != ICE_REASON_NONE)
    {
      ICE_TRACE (base->component->stream->session, "no way to server %u: %u",
                 base->server, result->error);
      base->component->last_error = result->error;
      note (attempt, result);
      ice_base_forget (base);
      attempt->base = 0;
      ice_attempt_fail (attempt);
      return;
    }
  base->open = TRUE;
  send_binding (attempt);
}
