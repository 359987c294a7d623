/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The selected pair of a component: asking for it, choosing it by hand instead of by
 * checks, and the sockets behind it. */
#include "config.h"

#include "agent-core.h"

/* nice_agent_get_selected_pair() gives away pointers that the caller does not own. They
 * stay valid until this many different candidates were given away since. */
#define MAX_HANDED_OUT 64

static NiceCandidate *
hand_out (NiceAgentComponent *component, const IceCandidate *value)
{
  g_autoptr (NiceCandidate) candidate = nice_candidate_from_ice (value);
  GPtrArray *given;

  if (component->handed_out == NULL)
    component->handed_out =
        g_ptr_array_new_with_free_func ((GDestroyNotify)nice_candidate_free);
  given = component->handed_out;
  /* What is given away again is the youngest again. */
  for (guint i = 0; i < given->len; i++)
    if (nice_candidate_same (g_ptr_array_index (given, i), candidate))
      {
        g_ptr_array_add (given, g_ptr_array_steal_index (given, i));
        return g_ptr_array_index (given, given->len - 1);
      }
  if (given->len >= MAX_HANDED_OUT)
    g_ptr_array_remove_index (given, 0);
  g_ptr_array_add (given, g_steal_pointer (&candidate));
  return g_ptr_array_index (given, given->len - 1);
}

/**
 * nice_agent_get_selected_pair:
 * @agent: an agent
 * @stream_id: a stream
 * @component_id: a component
 * @local: set to the local candidate, which belongs to the agent
 * @remote: set to the remote candidate, which belongs to the agent
 *
 * Gets the pair over which data of the component is sent. The candidates are not to be
 * released or changed; they stay valid well beyond the next change of the selected pair,
 * but not beyond the life of the stream.
 *
 * Returns: %TRUE if there is a selected pair; else nothing is set
 */
gboolean
nice_agent_get_selected_pair (NiceAgent *agent, guint stream_id, guint component_id,
                              NiceCandidate **local, NiceCandidate **remote)
{
  gint64 now;
  IceEngine *engine;
  NiceAgentComponent *component;
  IceCandidate from, to;
  gboolean found = FALSE;

  nice_check_component (agent, stream_id, component_id, FALSE);
  g_return_val_if_fail (local != NULL, FALSE);
  g_return_val_if_fail (remote != NULL, FALSE);

  engine = nice_agent_enter (agent, &now);
  component = nice_agent_find_component (agent, stream_id, component_id);
  if (component != NULL
      && ice_engine_get_selected_pair (engine, stream_id, component_id, &from, &to))
    {
      *local = hand_out (component, &from);
      *remote = hand_out (component, &to);
      found = TRUE;
    }
  nice_agent_leave (agent);
  return found;
}

/**
 * nice_agent_dup_selected_pair:
 * @agent: an agent
 * @stream_id: a stream
 * @component_id: a component
 * @local: (out) (transfer full): set to a copy of the local candidate
 * @remote: (out) (transfer full): set to a copy of the remote candidate
 *
 * As [method@Nice.Agent.get_selected_pair], with copies that belong to the caller; for
 * bindings, which cannot call that.
 *
 * Returns: %TRUE if there is a selected pair; else nothing is set
 *
 * Since: icecold 1.0
 */
gboolean
nice_agent_dup_selected_pair (NiceAgent *agent, guint stream_id, guint component_id,
                              NiceCandidate **local, NiceCandidate **remote)
{
  gint64 now;
  IceEngine *engine;
  IceCandidate from, to;
  gboolean found;

  nice_check_component (agent, stream_id, component_id, FALSE);
  g_return_val_if_fail (local != NULL && remote != NULL, FALSE);

  engine = nice_agent_enter (agent, &now);
  found = nice_agent_find_component (agent, stream_id, component_id) != NULL
          && ice_engine_get_selected_pair (engine, stream_id, component_id, &from, &to);
  if (found)
    {
      *local = nice_candidate_from_ice (&from);
      *remote = nice_candidate_from_ice (&to);
    }
  nice_agent_leave (agent);
  return found;
}

/**
 * nice_agent_set_selected_pair:
 * @agent: an agent
 * @stream_id: a stream
 * @component_id: a component
 * @lfoundation: foundation of a local candidate
 * @rfoundation: foundation of a remote candidate
 *
 * Selects a pair by hand. All checks of the stream end, and the peer's consent is taken
 * for granted.
 *
 * Returns: %TRUE if selected; %FALSE if there is no such pair
 */
gboolean
nice_agent_set_selected_pair (NiceAgent *agent, guint stream_id, guint component_id,
                              const gchar *lfoundation, const gchar *rfoundation)
{
  gint64 now;
  IceEngine *engine;
  gboolean done;

  nice_check_component (agent, stream_id, component_id, FALSE);
  g_return_val_if_fail (lfoundation != NULL, FALSE);
  g_return_val_if_fail (rfoundation != NULL, FALSE);

  engine = nice_agent_enter (agent, &now);
  done = nice_agent_find_component (agent, stream_id, component_id) != NULL
         && ice_engine_select_pair (engine, stream_id, component_id, lfoundation,
                                    rfoundation, now);
  nice_agent_leave (agent);
  return done;
}

/**
 * nice_agent_set_selected_remote_candidate:
 * @agent: an agent
 * @stream_id: a stream
 * @component_id: a component
 * @candidate: where to send, which need not be known yet
 *
 * Selects a destination by hand, for peers without ICE: data is sent to @candidate from
 * the best host candidate of its family and transport, and data from any source is
 * delivered. All checks of the stream end, and the peer's consent is taken for granted.
 *
 * Returns: %TRUE if selected; %FALSE if there is no such component or no fitting local
 *   candidate
 */
gboolean
nice_agent_set_selected_remote_candidate (NiceAgent *agent, guint stream_id,
                                          guint component_id, NiceCandidate *candidate)
{
  gint64 now;
  IceEngine *engine;
  IceCandidate remote;
  gboolean done;

  nice_check_component (agent, stream_id, component_id, FALSE);
  g_return_val_if_fail (candidate != NULL, FALSE);
  g_return_val_if_fail (candidate->type <= NICE_CANDIDATE_TYPE_RELAYED, FALSE);

  remote = nice_candidate_to_ice (candidate);
  engine = nice_agent_enter (agent, &now);
  done = nice_agent_find_component (agent, stream_id, component_id) != NULL
         && ice_engine_select_remote (engine, stream_id, component_id, &remote, now);
  if (done)
    nice_driver_hear_all (agent->driver, stream_id, component_id);
  nice_agent_leave (agent);
  return done;
}

/**
 * nice_agent_get_selected_socket:
 * @agent: an agent
 * @stream_id: a stream
 * @component_id: a component
 *
 * Gets the UDP socket of the selected pair, to set options on or to send from. Reading it
 * takes packets away from the agent.
 *
 * Returns: (transfer full) (nullable): the socket; %NULL if there is no selected pair, if
 *   it is not plain UDP, or if the agent is reliable
 *
 * Since: 0.1.5
 */
GSocket *
nice_agent_get_selected_socket (NiceAgent *agent, guint stream_id, guint component_id)
{
  nice_check_component (agent, stream_id, component_id, NULL);

  if (agent->settings.reliable) /* construct-only, so readable without the lock */
    return NULL;
  return nice_driver_get_selected_socket (agent->driver, stream_id, component_id);
}

/**
 * nice_agent_get_sockets:
 * @agent: an agent
 * @stream_id: a stream
 * @component_id: a component
 *
 * Gets the sockets of a component, to set options on, such as the sizes of their buffers.
 * Reading them takes packets away from the agent, and on Linux shows several datagrams
 * joined into one (UDP_GRO), unless `NICE_UDP_OFFLOAD=0` is in the environment.
 *
 * Returns: (element-type GSocket) (transfer full): the sockets, each once; %NULL if there
 *   is no such component
 *
 * Since: 0.1.17
 */
GPtrArray *
nice_agent_get_sockets (NiceAgent *agent, guint stream_id, guint component_id)
{
  gint64 now;
  gboolean known;

  nice_check_component (agent, stream_id, component_id, NULL);

  nice_agent_enter (agent, &now);
  known = nice_agent_find_component (agent, stream_id, component_id) != NULL;
  nice_agent_leave (agent);
  return known ? nice_driver_get_sockets (agent->driver, stream_id, component_id) : NULL;
}
