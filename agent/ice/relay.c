/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What becomes of an allocation that a task asked for: a candidate, another server (RFC
 * 8489 10), another port of ours (RFC 8656 7.4), or, when it was there and is lost,
 * another allocation. Allocations are made outside; TURN is not spoken here. */
#include "config.h"

#include "ice/relay.h"

#include "ice/base.h"
#include "ice/candidate.h"
#include "ice/checklist.h"
#include "ice/priority.h"
#include "ice/reflexive.h"
#include "ice/server.h"
#include "ice/session.h"
#include "ice/task.h"
#include "ice/tcp.h"
#include "ice/trace.h"

/* --- asking --- */

void
ice_relay_request (IceAttempt *attempt, const IceBase *via)
{
  const IceTask *task = attempt->task;
  IceBase *relay = ice_base_add (task->component, ICE_BASE_RELAY, &via->local);

  relay->host = via->id;
  if (!ice_server_kind_is_stream (attempt->target.kind) && !attempt->own_port)
    relay->via = via->id;
  else
    nice_address_set_port (&relay->local, 0);
  relay->remote = attempt->target.address;
  relay->server = attempt->server;
  relay->server_kind = attempt->target.kind;
  relay->relay_family = task->relay_family;
  relay->relays_tcp = task->relays_tcp;
  relay->address_index = via->address_index;
  attempt->base = relay->id;
  ice_base_request (relay);
}

/* --- refusals --- */

/* RFC 8656 7.4: how long such a server is left alone; 0: no rule. One that does not relay
 * UDP may relay TCP, and the other way round. */
static gint64
get_rest (const IceConfig *config, IceReason reason)
{
  switch (reason)
    {
    case ICE_REASON_TRANSPORT:
      return config->relay_tcp ? 0 : ICE_NEVER;
    case ICE_REASON_UNAUTHORIZED:
    case ICE_REASON_FORBIDDEN:
      return ICE_NEVER;
    case ICE_REASON_MISMATCH:
      return 120 * ICE_SECOND;
    case ICE_REASON_QUOTA:
    case ICE_REASON_CAPACITY:
      return 60 * ICE_SECOND;
    default:
      return 0;
    }
}

/* Only what the server itself said holds for the server. */
static void
shun (const IceAttempt *attempt, IceServerEntry *entry, const IceBaseResult *result)
{
  const IceSession *session = attempt->task->component->stream->session;
  const gint64 rest = result->code != 0 ? get_rest (&session->config, result->error) : 0;

  if (rest != 0)
    ice_server_shun (entry, &attempt->target.address,
                     rest == ICE_NEVER ? ICE_NEVER : session->now + rest);
}

/* RFC 8489 10: to the server that it names, with the same credentials. */
static gboolean
follow (IceAttempt *attempt, const IceServerEntry *entry, const IceBaseResult *result)
{
  const gint family = attempt->target.address.s.addr.sa_family;
  const IceServerEntry *next;

  if (result->error != ICE_REASON_REDIRECTED
      || result->alternate.s.addr.sa_family != family)
    return FALSE;
  next = ice_server_redirect (attempt->task->component->stream->session, entry,
                              &attempt->target, &result->alternate,
                              result->alternate_domain);
  if (next == NULL)
    return FALSE;
  attempt->server = next->id;
  attempt->target.address = result->alternate;
  return TRUE;
}

/* RFC 8656 7.4: from another port, where the server has ours in use, or where one of our
 * own allocations already has it (RFC 8656 7.1). */
static gboolean
change_port (IceAttempt *attempt, IceReason reason)
{
  if ((reason != ICE_REASON_MISMATCH && reason != ICE_REASON_ADDRESS_IN_USE)
      || ++attempt->n_ports >= ICE_MAX_RELAY_PORTS)
    return FALSE;
  attempt->own_port = TRUE;
  return TRUE;
}

/* RFC 8445 5.1.1.2: a server that has nothing to give can still say how it sees us. */
static gboolean
ask_for_mapping (IceAttempt *attempt, const IceServerEntry *entry, IceReason reason)
{
  const IceTask *task = attempt->task;

  if ((reason != ICE_REASON_QUOTA && reason != ICE_REASON_CAPACITY)
      || attempt->target.kind != ICE_SERVER_TURN_UDP
      || task->next_target < entry->targets->len
      || task->component->stream->session->config.force_relay)
    return FALSE;
  attempt->target.kind = ICE_SERVER_STUN_UDP;
  return TRUE;
}

/* Once more, or the server's next target, if it has another. */
static void
handle_refusal (IceAttempt *attempt, const IceBaseResult *result)
{
  IceTask *task = attempt->task;
  IceServerEntry *entry =
      ice_server_find (task->component->stream->session, attempt->server);

  attempt->base = 0;
  task->component->last_error = result->error;
  if (entry != NULL)
    {
      ice_server_note (entry, result);
      attempt->again =
          follow (attempt, entry, result) || change_port (attempt, result->error);
      if (!attempt->again)
        {
          shun (attempt, entry, result);
          attempt->again = ask_for_mapping (attempt, entry, result->error);
        }
    }
  if (attempt->again)
    ice_task_enqueue (task);
  else
    ice_attempt_fail (attempt);
}

/* --- candidates --- */

static void
add_relayed (const IceAttempt *attempt, IceBase *relay, const NiceAddress *mapped)
{
  const IceTask *task = attempt->task;
  IceSession *session = task->component->stream->session;
  const IceServerEntry *entry = ice_server_find (session, attempt->server);
  const IceBase *via = ice_base_find (session, task->via);
  IceLocalSpec spec = { .type = ICE_CANDIDATE_RELAYED,
                        .transport = ICE_TRANSPORT_UDP,
                        .addr = relay->local,
                        .base_addr = *mapped,
                        .server_addr = attempt->target.address,
                        .base = relay->id,
                        .address_index = relay->address_index,
                        .server_index = entry->index,
                        .server = attempt->server,
                        .over_tcp = attempt->target.kind != ICE_SERVER_TURN_UDP };

  if (session->config.relay_dual_stack && task->relay_family == AF_INET6)
    spec.address_index |= ICE_RANK_OF_IPV6;
  /* RFC 8445 5.3: the related address. Who may only be seen at a relay shows none. */
  if (session->config.force_relay)
    nice_address_init (&spec.base_addr);
  else if (!nice_address_is_valid (mapped) && via != NULL)
    spec.base_addr = via->local;
  if (relay->relays_tcp)
    {
      ice_tcp_add_relayed (relay, &spec);
      return;
    }
  relay->candidate = ice_end_ref (ice_candidate_add_local (task->component, &spec));
  ice_candidate_announce (relay->candidate, ICE_EVENT_LOCAL_CANDIDATE);
  ice_checklist_pair_local (relay->candidate);
}

static void
handle_allocated (IceAttempt *attempt, IceBase *base, const IceBaseResult *result)
{
  IceSession *session = attempt->task->component->stream->session;
  const IceBaseResult fine = { .error = ICE_REASON_NONE };

  base->open = TRUE;
  base->local = result->local;
  attempt->task->held_since = session->now;
  ice_server_note (ice_server_find (session, attempt->server), &fine);
  if (base->via != 0 && nice_address_is_valid (&result->mapped))
    ice_reflexive_add (attempt, &result->mapped);
  if (ice_reflexive_is_redundant (
          base->component, ICE_CANDIDATE_RELAYED,
          base->relays_tcp ? ICE_TRANSPORT_TCP_PASSIVE : ICE_TRANSPORT_UDP, &base->local))
    ice_base_drop (base);
  else
    add_relayed (attempt, base, &result->mapped);
  ice_attempt_win (attempt);
}

static void
note_end (const IceAttempt *attempt, const IceBaseResult *result)
{
  IceServerEntry *entry =
      attempt != NULL
          ? ice_server_find (attempt->task->component->stream->session, attempt->server)
          : NULL;

  if (entry == NULL)
    return;
  ice_server_note (entry, result);
  shun (attempt, entry, result);
}

gboolean
ice_relay_handle_base (IceBase *base, const IceBaseResult *result)
{
  IceAttempt *attempt = ice_attempt_find (base);
  IceSession *session = base->component->stream->session;

  if (base->open)
    {
      note_end (attempt, result);
      return result->error == ICE_REASON_NONE;
    }
  if (result->error != ICE_REASON_NONE)
    {
      ICE_TRACE (session, "relay %u cannot be had: %u %u", base->id, result->error,
                 result->code);
      ice_base_forget (base);
      if (attempt != NULL)
        handle_refusal (attempt, result);
    }
  else if (attempt == NULL || ice_server_find (session, attempt->server) == NULL)
    ice_base_drop (base);
  else
    handle_allocated (attempt, base, result);
  return TRUE;
}

/* --- renewal --- */

/* NOTES: waiting for the application to restart ICE was the other way; a server that was
 * restarted would cost the call, though a check from the new relay is all that the peer
 * needs to find it. */
static void
renew (IceTask *task)
{
  IceSession *session = task->component->stream->session;
  gint64 wait = 0;

  if (task->n_renewals >= ICE_MAX_RENEWALS)
    return;
  if (task->n_renewals > 0)
    wait = ICE_RENEWAL_WAIT << (task->n_renewals - 1);
  task->n_renewals++;
  task->next_target = 0;
  task->own_port = TRUE;
  ICE_TRACE (session, "an allocation at server %u is asked for again: %u", task->server,
             task->n_renewals);
  if (wait == 0)
    ice_task_enqueue (task);
  else
    ice_timer_start (&task->timer, &session->timers, session->now + wait);
}

void
ice_relay_handle_loss (IceBase *base)
{
  IceAttempt *attempt = ice_attempt_find (base);
  IceSession *session = base->component->stream->session;
  IceTask *task;

  if (attempt == NULL)
    return;
  task = attempt->task;
  attempt->base = 0;
  if (!base->open)
    {
      ice_attempt_fail (attempt);
      return;
    }
  ice_attempt_free (attempt);
  if (session->now - task->held_since >= ICE_RENEWAL_PROVEN)
    task->n_renewals = 0;
  renew (task);
}

void
ice_relay_give_up (IceTask *task)
{
  IceSession *session = task->component->stream->session;

  if (task->n_renewals > 0 && ice_server_find (session, task->server) != NULL
      && ice_base_find (session, task->via) != NULL)
    renew (task);
}

/* --- forgetting --- */

static void
forget_servers (IceComponent *component)
{
  IceSession *session = component->stream->session;

  for (guint i = session->servers.len; i > 0; i--)
    {
      IceServerEntry *entry = ice_list_get (&session->servers, i - 1);

      if (ice_server_is_turn (&entry->value) && entry->stream_id == component->stream->id
          && entry->component_id == component->id)
        ice_server_remove (session, entry);
    }
}

/* What is still asked of the servers of this component alone. */
static void
cancel_tasks (IceComponent *component)
{
  IceSession *session = component->stream->session;

  for (guint i = session->tasks.len; i > 0; i--)
    {
      IceTask *task = ice_list_get (&session->tasks, i - 1);

      if (task->component == component && task->relay_family != 0)
        ice_task_free (task);
    }
  ice_stream_update_gathering (component->stream);
}

static void
hide (const IceBase *base)
{
  const IceList *locals = &base->component->locals;

  for (guint i = 0; i < locals->len; i++)
    {
      IceEnd *end = ice_list_get (locals, i);

      end->hidden |= end->value.base == base->id || end->relay == base->id;
    }
}

void
ice_relay_forget (IceComponent *component)
{
  IceSession *session = component->stream->session;
  const IcePair *selected = component->selected;

  cancel_tasks (component);
  forget_servers (component);
  for (guint i = session->bases.len; i > 0; i--)
    {
      IceBase *base = ice_list_get (&session->bases, i - 1);

      if (base->component != component || base->kind != ICE_BASE_RELAY)
        continue;
      if (base->candidate != NULL && selected != NULL
          && (selected->base == base->id || selected->local->relay == base->id))
        {
          hide (base);
          continue;
        }
      ice_tcp_drop_through (base);
      ice_checklist_remove_base (base);
      ice_base_drop (base);
    }
}
