/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Candidates in and out of the agent: lists of copies, and which one is the default
 * (RFC 8445 section 5.1.4). */
#include "config.h"

#include "agent-core.h"

#include <string.h>

/**
 * nice_agent_set_remote_candidates:
 * @agent: an agent
 * @stream_id: a stream
 * @component_id: a component
 * @candidates: (element-type NiceCandidate) (transfer none): candidates of the peer,
 *   which are copied
 *
 * Adds candidates of the peer, or updates those known already by address and transport.
 * May be called any number of times, before and after local candidates and credentials
 * are known. The ids inside the candidates are ignored.
 *
 * Not taken are candidates without an address, of type
 * %NICE_CANDIDATE_TYPE_PEER_REFLEXIVE or none of the enumeration, of priority 0, of a
 * transport that the agent does not use, and what goes beyond 1,024 of a component
 * (RFC 8445 section 19.5.1).
 *
 * Returns: how many were taken; -1 if there is no such component
 */
int
nice_agent_set_remote_candidates (NiceAgent *agent, guint stream_id, guint component_id,
                                  const GSList *candidates)
{
  g_autoptr (GArray) values = g_array_new (FALSE, FALSE, sizeof (IceCandidate));
  gint64 now;
  IceEngine *engine;
  int taken = -1;

  nice_check_component (agent, stream_id, component_id, 0);

  for (const GSList *item = candidates; item != NULL; item = item->next)
    {
      const NiceCandidate *candidate = item->data;
      IceCandidate value;

      g_return_val_if_fail (candidate != NULL, 0);
      value = nice_candidate_to_ice (candidate);
      g_array_append_val (values, value);
    }
  engine = nice_agent_enter (agent, &now);
  if (nice_agent_find_component (agent, stream_id, component_id) != NULL)
    taken = (int)ice_engine_add_remote_candidates (engine, stream_id, component_id,
                                                   (const IceCandidate *)values->data,
                                                   values->len, now);
  nice_agent_leave (agent);
  if (taken < 0)
    g_warning ("Could not find component %u in stream %u", component_id, stream_id);
  return taken;
}

typedef gboolean (*GetCandidates) (const IceEngine *engine, guint stream_id,
                                   guint component_id, GArray *candidates);

static GSList *
copy_list (NiceAgent *self, guint stream_id, guint component_id, GetCandidates get)
{
  g_autoptr (GArray) candidates = g_array_new (FALSE, FALSE, sizeof (IceCandidate));
  const IceEngine *engine;
  gint64 now;
  GSList *list;

  engine = nice_agent_enter (self, &now);
  if (nice_agent_find_component (self, stream_id, component_id) != NULL)
    get (engine, stream_id, component_id, candidates);
  list = nice_candidate_list_from_ice (candidates);
  nice_agent_leave (self);
  return list;
}

/**
 * nice_agent_get_remote_candidates:
 * @agent: an agent
 * @stream_id: a stream
 * @component_id: a component
 *
 * Lists the candidates of the peer of a component.
 *
 * Returns: (element-type NiceCandidate) (transfer full): copies of the candidates of the
 *   peer, those learned from its checks too, in the order in which they became known; to
 *   be released with [method@Nice.Candidate.free] each. %NULL if there are none
 */
GSList *
nice_agent_get_remote_candidates (NiceAgent *agent, guint stream_id, guint component_id)
{
  nice_check_component (agent, stream_id, component_id, NULL);

  return copy_list (agent, stream_id, component_id, ice_engine_get_remote_candidates);
}

/**
 * nice_agent_get_local_candidates:
 * @agent: an agent
 * @stream_id: a stream
 * @component_id: a component
 *
 * Lists the local candidates of a component.
 *
 * Returns: (element-type NiceCandidate) (transfer full): copies of the local candidates
 *   found so far, in the order in which they were found; to be released with
 *   [method@Nice.Candidate.free] each. With [property@Nice.Agent:force-relay], relayed
 * ones only. %NULL if there are none
 */
GSList *
nice_agent_get_local_candidates (NiceAgent *agent, guint stream_id, guint component_id)
{
  nice_check_component (agent, stream_id, component_id, NULL);

  return copy_list (agent, stream_id, component_id, ice_engine_get_local_candidates);
}

/* --- The default candidate --- */

static const IceCandidate *
lowest_priority (const GArray *candidates, gint ip_version)
{
  const IceCandidate *lowest = NULL;

  for (guint i = 0; i < candidates->len; i++)
    {
      const IceCandidate *candidate = &g_array_index (candidates, IceCandidate, i);

      if (nice_address_ip_version (&candidate->addr) == ip_version
          && (lowest == NULL || candidate->priority < lowest->priority))
        lowest = candidate;
    }
  return lowest;
}

static const IceCandidate *
first_of_foundation (const GArray *candidates, gint ip_version, const gchar *foundation)
{
  for (guint i = 0; i < candidates->len; i++)
    {
      const IceCandidate *candidate = &g_array_index (candidates, IceCandidate, i);

      if (nice_address_ip_version (&candidate->addr) == ip_version
          && strcmp (candidate->foundation, foundation) == 0)
        return candidate;
    }
  return NULL;
}

/* RFC 5245 4.1.4 wants what is most likely to work, which a relay is: the lowest priority
 * of component 1. The others follow it by foundation, so that they go the same way. */
NiceCandidate *
nice_agent_find_default (const IceEngine *engine, guint stream_id, guint component_id,
                         gint ip_version)
{
  g_autoptr (GArray) candidates = g_array_new (FALSE, FALSE, sizeof (IceCandidate));
  const IceCandidate *found;
  gchar foundation[ICE_FOUNDATION_SIZE];

  ice_engine_get_local_candidates (engine, stream_id, 1, candidates);
  found = lowest_priority (candidates, ip_version);
  if (found != NULL && component_id != 1)
    {
      g_strlcpy (foundation, found->foundation, sizeof foundation);
      g_array_set_size (candidates, 0);
      ice_engine_get_local_candidates (engine, stream_id, component_id, candidates);
      found = first_of_foundation (candidates, ip_version, foundation);
    }
  return found != NULL ? nice_candidate_from_ice (found) : NULL;
}

/**
 * nice_agent_get_default_local_candidate:
 * @agent: an agent
 * @stream_id: a stream
 * @component_id: a component
 *
 * Gets the candidate to offer to peers that do not know ICE: of component 1 the IPv4
 * candidate of lowest priority, of others the one with the same foundation.
 *
 * Returns: (transfer full): a copy, to be released with [method@Nice.Candidate.free];
 * %NULL if there is none
 */
NiceCandidate *
nice_agent_get_default_local_candidate (NiceAgent *agent, guint stream_id,
                                        guint component_id)
{
  gint64 now;
  IceEngine *engine;
  NiceCandidate *candidate = NULL;

  nice_check_component (agent, stream_id, component_id, NULL);

  engine = nice_agent_enter (agent, &now);
  if (nice_agent_find_component (agent, stream_id, component_id) != NULL)
    candidate = nice_agent_find_default (engine, stream_id, component_id, 4);
  nice_agent_leave (agent);
  return candidate;
}
