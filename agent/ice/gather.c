/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Host candidates, base after base, and when gathering is done: RFC 8445 5.1.1.1,
 * RFC 6544 5.1. A stream's first gathering succeeds as a whole or leaves nothing. Must
 * not know of servers beyond that they are waited for. */
#include "config.h"

#include "ice/gather.h"

#include "ice/base.h"
#include "ice/candidate.h"
#include "ice/checklist.h"
#include "ice/component.h"
#include "ice/freeing.h"
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

static const IceTransport transports[] = { ICE_TRANSPORT_UDP, ICE_TRANSPORT_TCP_ACTIVE,
                                           ICE_TRANSPORT_TCP_PASSIVE,
                                           ICE_TRANSPORT_TCP_SO };

/* What shall become a candidate. */
typedef struct
{
  guint component, address;
  Step step;
  IceBaseId base; /* 0: STEP_TCP_ACTIVE */
} Find;

/* The walk over components, addresses and steps; waits for one base at a time. */
struct _IceGathering
{
  guint n, address, component;
  Step step;
  guint exhausted; /* the first component whose range of ports has none left */
  GArray *finds;   /* of Find */
  guint *ranks;    /* n of them, behind the addresses */
  NiceAddress addresses[];
};

void
ice_gather_cancel (IceStream *stream)
{
  if (stream->gathering == NULL)
    return;
  g_array_unref (stream->gathering->finds);
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

static gboolean
is_repeated (const IceGathering *walk)
{
  for (guint i = 0; i < walk->address; i++)
    if (nice_address_equal_no_port (&walk->addresses[i], &walk->addresses[walk->address]))
      return TRUE;
  return FALSE;
}

/* Returns whether a base was asked for, so that the walk has to wait. */
static gboolean
take_step (IceStream *stream, IceGathering *walk)
{
  IceComponent *component = ice_stream_get_component (stream, walk->component);
  Find find = { walk->component, walk->address, walk->step, 0 };
  NiceAddress addr = walk->addresses[walk->address];
  IceBase *base;

  nice_address_set_port (&addr, 0);
  if (!is_wanted (&stream->session->config, walk->step) || is_repeated (walk)
      || ice_mapping_has_host (component, transports[walk->step], &addr))
    return FALSE;
  if (walk->step != STEP_TCP_ACTIVE)
    {
      base = ice_base_add (
          component, walk->step == STEP_UDP ? ICE_BASE_UDP : ICE_BASE_TCP_LISTEN, &addr);
      base->is_so = walk->step == STEP_TCP_SO;
      base->address_index = walk->ranks[walk->address];
      ice_base_request (base);
      find.base = base->id;
    }
  g_array_append_val (walk->finds, find);
  return find.base != 0;
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

/* --- The end of the walk --- */

static gboolean
has_find (const IceStream *stream, guint component)
{
  const GArray *finds = stream->gathering->finds;

  for (guint i = 0; i < finds->len; i++)
    {
      const Find *find = &g_array_index (finds, Find, i);

      if (find->component == component
          && (find->base == 0 || ice_base_find (stream->session, find->base) != NULL))
        return TRUE;
    }
  return FALSE;
}

/* The component that stands in the way of a stream's first gathering, or 0. */
static guint
find_fault (const IceStream *stream)
{
  guint fault = stream->gathering->exhausted;

  for (guint i = 1; i <= stream->n_components && fault == 0; i++)
    if (!stream->gather_started && !has_find (stream, i))
      fault = i;
  return fault;
}

/* What the others lacked is not why. */
static void
clear_errors (IceStream *stream, guint fault)
{
  for (guint i = 1; i <= stream->n_components; i++)
    if (i != fault)
      ice_stream_get_component (stream, i)->last_error = ICE_REASON_NONE;
    else if (stream->gathering->exhausted == fault)
      ice_stream_get_component (stream, i)->last_error = ICE_REASON_ADDRESS_IN_USE;
}

static void
take_back (IceStream *stream)
{
  const GArray *finds = stream->gathering->finds;

  for (guint i = 0; i < finds->len; i++)
    {
      IceBase *base =
          ice_base_find (stream->session, g_array_index (finds, Find, i).base);

      if (base != NULL)
        ice_base_drop (base);
    }
  ice_gather_cancel (stream);
}

static void
enter_gathering (IceStream *stream)
{
  for (guint i = 0; i < stream->n_components; i++)
    {
      IceComponent *component = &stream->components[i];

      if (component->state == ICE_COMPONENT_DISCONNECTED
          || component->state == ICE_COMPONENT_FAILED)
        ice_component_progress (component, ICE_COMPONENT_GATHERING, "gathering");
    }
}

static void
show (IceStream *stream, const Find *find)
{
  const IceGathering *walk = stream->gathering;
  IceComponent *component = ice_stream_get_component (stream, find->component);
  IceBase *base = ice_base_find (stream->session, find->base);
  NiceAddress addr = walk->addresses[find->address];

  if (find->base != 0 && base == NULL)
    return; /* lost meanwhile */
  if (base != NULL)
    base->open = TRUE;
  else
    nice_address_set_port (&addr, 0);
  add_host (component, transports[find->step], base != NULL ? &base->local : &addr, base,
            walk->ranks[find->address]);
}

static void
finish (IceStream *stream)
{
  const guint fault = find_fault (stream);

  if (fault != 0)
    {
      clear_errors (stream, fault);
      take_back (stream);
      return;
    }
  stream->gather_started = TRUE;
  stream->n_ranked += stream->gathering->n;
  ice_stream_start_waiting (stream);
  enter_gathering (stream);
  ice_stream_start_patience (stream);
  for (guint i = 0; i < stream->gathering->finds->len; i++)
    show (stream, &g_array_index (stream->gathering->finds, Find, i));
  ice_gather_cancel (stream);
  ice_stream_update_gathering (stream);
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
  finish (stream);
}

gboolean
ice_gather_start (IceStream *stream, const NiceAddress *addresses, guint n)
{
  IceGathering *walk;

  if (stream->gathering != NULL)
    return FALSE;
  ice_freeing_limit_cut_off (stream);
  walk = g_malloc0 (sizeof *walk + n * (sizeof *addresses + sizeof *walk->ranks));
  if (n > 0)
    memcpy (walk->addresses, addresses, n * sizeof *addresses);
  walk->ranks = (guint *)(walk->addresses + n);
  walk->n = n;
  walk->component = 1;
  ice_priority_rank_addresses (addresses, n, walk->ranks);
  for (guint i = 0; i < n; i++)
    walk->ranks[i] += stream->n_ranked;
  walk->finds = g_array_new (FALSE, FALSE, sizeof (Find));
  stream->gathering = walk;
  walk_on (stream);
  return TRUE;
}

static void
note_error (IceComponent *component, IceReason error)
{
  const IceStream *stream = component->stream;

  component->last_error = error;
  /* Later ones gather what can be had. */
  if (!stream->gather_started && stream->gathering != NULL
      && stream->gathering->exhausted == 0 && component->max_port != 0
      && error == ICE_REASON_ADDRESS_IN_USE)
    stream->gathering->exhausted = component->id;
}

void
ice_gather_handle_base (IceBase *base, const IceBaseResult *result)
{
  IceComponent *component = base->component;
  IceStream *stream = component->stream;

  if (result->error == ICE_REASON_NONE)
    base->local = result->local;
  else
    {
      ICE_TRACE (stream->session, "base %u cannot be had: %u", base->id, result->error);
      note_error (component, result->error);
      ice_base_forget (base);
    }
  if (stream->gathering != NULL)
    walk_on (stream);
}
