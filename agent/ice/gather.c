/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Host candidates, one after the other, and when gathering is done: RFC 8445 5.1.1.1,
 * RFC 6544 5.1. Must not know of servers beyond that they are waited for. */
#include "config.h"

#include "ice/gather.h"

#include "ice/base.h"
#include "ice/candidate.h"
#include "ice/checklist.h"
#include "ice/component.h"
#include "ice/gather-server.h"
#include "ice/mapping.h"
#include "ice/priority.h"
#include "ice/session.h"
#include "ice/trace.h"

/* What is made of one address, in this order: ids and foundations count up so. */
typedef enum
{
  STEP_UDP,
  STEP_TCP_ACTIVE,
  STEP_TCP_PASSIVE,
  STEP_TCP_SO,
  N_STEPS
} Step;

/* The walk over components, addresses and steps; waits for one base at a time. */
struct _IceGathering
{
  guint n, address, component;
  Step step;
  guint *ranks; /* n of them, behind the addresses */
  NiceAddress addresses[];
};

void
ice_gather_cancel (IceStream *stream)
{
  g_clear_pointer (&stream->gathering, g_free);
}

/* What the candidate shows is not always where its base is. */
static NiceAddress
get_shown (const IceSession *session, const NiceAddress *addr)
{
  NiceAddress mapped;

  return session->config.hides_mapped && ice_mapping_find (session, addr, &mapped)
             ? mapped
             : *addr;
}

static void
add_host (IceComponent *component, IceTransport transport, const NiceAddress *addr,
          IceBase *base, guint rank)
{
  IceSession *session = component->stream->session;
  const NiceAddress shown = get_shown (session, addr);
  IceLocalSpec spec = { .type = ICE_CANDIDATE_HOST,
                        .transport = transport,
                        .addr = shown,
                        .base_addr = shown,
                        /* Each pair of the others has a connection of its own. */
                        .base = base != NULL && !base->is_so ? base->id : 0,
                        .address_index = rank };
  NiceAddress mapped;
  IceEnd *end;

  nice_address_init (&spec.server_addr);
  end = ice_candidate_add_local (component, &spec);
  end->own_addr = *addr;
  end->hidden = session->config.force_relay;
  if (base != NULL)
    base->candidate = ice_end_ref (end);
  if (!end->hidden)
    {
      ice_candidate_announce (end, ICE_EVENT_LOCAL_CANDIDATE);
      ice_checklist_pair_local (end);
      if (!session->config.hides_mapped && ice_mapping_find (session, addr, &mapped))
        ice_mapping_add (end, &mapped, FALSE);
    }
  if (base != NULL)
    ice_gather_server_ask_from (base);
}

static gboolean
is_wanted (const IceConfig *config, Step step)
{
  if (step == STEP_UDP)
    return config->ice_udp;
  if (step == STEP_TCP_SO && !config->tcp_so)
    return FALSE;
  return config->ice_tcp && !config->force_relay;
}

/* Returns whether a base was asked for, so that the walk has to wait. */
static gboolean
take_step (IceStream *stream, const IceGathering *walk)
{
  static const IceTransport transports[] = { ICE_TRANSPORT_UDP, ICE_TRANSPORT_TCP_ACTIVE,
                                             ICE_TRANSPORT_TCP_PASSIVE,
                                             ICE_TRANSPORT_TCP_SO };
  IceComponent *component = ice_stream_get_component (stream, walk->component);
  NiceAddress addr = walk->addresses[walk->address];
  IceBase *base;

  nice_address_set_port (&addr, 0);
  if (!is_wanted (&stream->session->config, walk->step)
      || ice_mapping_has_host (component, transports[walk->step], &addr))
    return FALSE;
  if (walk->step == STEP_TCP_ACTIVE)
    {
      add_host (component, ICE_TRANSPORT_TCP_ACTIVE, &addr, NULL,
                walk->ranks[walk->address]);
      return FALSE;
    }
  base = ice_base_add (
      component, walk->step == STEP_UDP ? ICE_BASE_UDP : ICE_BASE_TCP_LISTEN, &addr);
  base->is_so = walk->step == STEP_TCP_SO;
  base->address_index = walk->ranks[walk->address];
  ice_base_request (base);
  return TRUE;
}

static void
advance (IceGathering *walk)
{
  if (++walk->step < N_STEPS)
    return;
  walk->step = STEP_UDP;
  if (++walk->address < walk->n)
    return;
  walk->address = 0;
  walk->component++;
}

static void
walk_on (IceStream *stream)
{
  IceGathering *walk = stream->gathering;

  while (walk->n > 0 && walk->component <= stream->n_components)
    {
      gboolean waits = take_step (stream, walk);

      advance (walk);
      if (waits)
        return;
    }
  ice_gather_cancel (stream);
  ice_stream_update_gathering (stream);
}

gboolean
ice_gather_start (IceStream *stream, const NiceAddress *addresses, guint n)
{
  IceGathering *walk;

  if (stream->gathering != NULL)
    return FALSE;
  walk = g_malloc0 (sizeof *walk + n * (sizeof *addresses + sizeof *walk->ranks));
  if (n > 0)
    memcpy (walk->addresses, addresses, n * sizeof *addresses);
  walk->ranks = (guint *)(walk->addresses + n);
  walk->n = n;
  walk->component = 1;
  ice_priority_rank_addresses (addresses, n, walk->ranks);
  for (guint i = 0; i < n; i++)
    walk->ranks[i] += stream->n_ranked;
  stream->n_ranked += n;
  stream->gathering = walk;
  stream->gather_started = TRUE;
  ice_stream_start_waiting (stream);
  for (guint i = 0; i < stream->n_components; i++)
    {
      IceComponent *component = &stream->components[i];

      if (component->state == ICE_COMPONENT_DISCONNECTED
          || component->state == ICE_COMPONENT_FAILED)
        ice_component_progress (component, ICE_COMPONENT_GATHERING, "gathering");
    }
  ice_stream_start_patience (stream);
  walk_on (stream);
  return TRUE;
}

void
ice_gather_handle_base (IceBase *base, const IceBaseResult *result)
{
  IceComponent *component = base->component;
  IceStream *stream = component->stream;

  if (result->error != ICE_REASON_NONE)
    {
      ICE_TRACE (stream->session, "base %u cannot be had: %u", base->id, result->error);
      component->last_error = result->error;
      ice_base_forget (base);
    }
  else
    {
      base->open = TRUE;
      base->local = result->local;
      add_host (component, ice_base_get_transport (base), &result->local, base,
                base->address_index);
    }
  if (stream->gathering != NULL)
    walk_on (stream);
}
