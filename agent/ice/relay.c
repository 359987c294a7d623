/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What becomes of an allocation that a task asked for: a candidate, another server (RFC
 * 8489 10), another port of ours (RFC 8656 7.4), or, when it was there and is lost,
 * another allocation. Allocations are made outside; TURN is not spoken here. */
#include "config.h"

#include "ice/relay.h"

#include "ice/base.h"
#include "ice/candidate.h"
#include "ice/checklist.h"
#include "ice/server.h"
#include "ice/session.h"
#include "ice/task.h"
#include "ice/trace.h"

/* --- asking --- */

void
ice_relay_request (IceTask *task, const IceServerEntry *entry, const IceBase *via)
{
  IceBase *relay = ice_base_add (task->component, ICE_BASE_RELAY, &via->local);

  if (entry->value.kind == ICE_SERVER_TURN_UDP && !task->own_port)
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

static IceTask *
find_task (const IceBase *relay)
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

/* --- refusals --- */

/* RFC 8656 7.4: how long such a server is left alone; 0: no rule. */
static gint64
get_rest (IceReason reason)
{
  switch (reason)
    {
    case ICE_REASON_UNAUTHORIZED:
    case ICE_REASON_FORBIDDEN:
    case ICE_REASON_TRANSPORT:
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
shun (const IceTask *task, IceServerEntry *entry, const IceBaseResult *result)
{
  const gint64 now = task->component->stream->session->now;
  const gint64 rest = result->code != 0 ? get_rest (result->error) : 0;

  if (rest != 0)
    ice_server_shun (entry, &task->address, rest == ICE_NEVER ? ICE_NEVER : now + rest);
}

/* RFC 8489 10: to the server that it names, with the same credentials. */
static gboolean
follow (IceTask *task, const IceServerEntry *entry, const IceBaseResult *result)
{
  const gint family = task->address.s.addr.sa_family;
  const IceServerEntry *next;

  if (result->error != ICE_REASON_REDIRECTED
      || result->alternate.s.addr.sa_family != family)
    return FALSE;
  next = ice_server_redirect (task->component->stream->session, entry, &task->address,
                              &result->alternate, result->alternate_domain);
  if (next == NULL)
    return FALSE;
  task->server = next->id;
  task->address = result->alternate;
  return TRUE;
}

/* RFC 8656 7.4: from another port, where the server has ours in use, or where one of our
 * own allocations already has it (RFC 8656 7.1). */
static gboolean
change_port (IceTask *task, IceReason reason)
{
  if ((reason != ICE_REASON_MISMATCH && reason != ICE_REASON_ADDRESS_IN_USE)
      || ++task->n_ports >= ICE_MAX_RELAY_PORTS)
    return FALSE;
  task->own_port = TRUE;
  return TRUE;
}

static void
handle_refusal (IceTask *task, const IceBaseResult *result)
{
  IceSession *session = task->component->stream->session;
  IceServerEntry *entry = ice_server_find (session, task->server);

  task->relay = 0;
  task->component->last_error = result->error;
  if (entry != NULL)
    {
      ice_server_note (entry, result);
      task->again = follow (task, entry, result) || change_port (task, result->error);
      if (!task->again)
        shun (task, entry, result);
    }
  if (!task->again)
    {
      task->n_ports = 0;
      task->server = task->origin;
    }
  /* Once more, or the server's next address, if it has another. */
  ice_task_enqueue (task);
}

/* --- candidates --- */

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

  /* RFC 8445 5.3: the related address. Who may only be seen at a relay shows none. */
  if (session->config.force_relay)
    nice_address_init (&spec.base_addr);
  else if (!nice_address_is_valid (mapped) && via != NULL)
    spec.base_addr = via->local;
  relay->candidate = ice_end_ref (ice_candidate_add_local (component, &spec));
  ice_candidate_announce (relay->candidate, ICE_EVENT_LOCAL_CANDIDATE);
  ice_checklist_pair_local (relay->candidate);
}

static void
handle_allocated (IceTask *task, IceBase *base, const IceBaseResult *result)
{
  IceSession *session = task->component->stream->session;
  const IceBaseResult fine = { .error = ICE_REASON_NONE };

  base->open = TRUE;
  base->local = result->local;
  task->held_since = session->now;
  task->n_ports = 0;
  ice_server_note (ice_server_find (session, task->server), &fine);
  if (base->via != 0 && nice_address_is_valid (&result->mapped))
    ice_task_add_reflexive (task, &result->mapped);
  if (ice_task_is_redundant (base->component, ICE_CANDIDATE_RELAYED, &base->local))
    ice_base_drop (base);
  else
    add_relayed (task, base, &result->mapped);
  ice_task_finish (task);
}

static void
note_end (const IceTask *task, const IceBaseResult *result)
{
  IceServerEntry *entry =
      task != NULL ? ice_server_find (task->component->stream->session, task->server)
                   : NULL;

  if (entry == NULL)
    return;
  ice_server_note (entry, result);
  shun (task, entry, result);
}

gboolean
ice_relay_handle_base (IceBase *base, const IceBaseResult *result)
{
  IceTask *task = find_task (base);
  IceSession *session = base->component->stream->session;

  if (base->open)
    {
      note_end (task, result);
      return result->error == ICE_REASON_NONE;
    }
  if (result->error != ICE_REASON_NONE)
    {
      ICE_TRACE (session, "relay %u cannot be had: %u %u", base->id, result->error,
                 result->code);
      ice_base_forget (base);
      if (task != NULL)
        handle_refusal (task, result);
    }
  else if (task == NULL || ice_server_find (session, task->server) == NULL)
    ice_base_drop (base);
  else
    handle_allocated (task, base, result);
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
  task->server = task->origin;
  task->next_address = 0;
  task->n_ports = 0;
  task->own_port = TRUE;
  task->again = FALSE;
  ICE_TRACE (session, "an allocation at server %u is asked for again: %u", task->origin,
             task->n_renewals);
  if (wait == 0)
    ice_task_enqueue (task);
  else
    ice_timer_start (&task->timer, &session->timers, session->now + wait);
}

void
ice_relay_handle_loss (IceBase *base)
{
  IceTask *task = find_task (base);
  IceSession *session = base->component->stream->session;

  if (task == NULL || !base->open)
    return;
  task->relay = 0;
  if (session->now - task->held_since >= ICE_RENEWAL_PROVEN)
    task->n_renewals = 0;
  renew (task);
}

void
ice_relay_give_up (IceTask *task)
{
  IceSession *session = task->component->stream->session;

  if (task->n_renewals > 0 && ice_server_find (session, task->origin) != NULL
      && ice_base_find (session, task->via) != NULL)
    renew (task);
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
ice_relay_forget (IceComponent *component)
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
