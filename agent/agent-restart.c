/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ICE restart (RFC 8445 section 9) and the end of consent (RFC 7675), as programs ask for
 * them. */
#include "config.h"

#include "agent-core.h"

/**
 * nice_agent_restart:
 * @agent: an agent
 *
 * Restarts ICE on all streams: local credentials are made anew, those of the peer and its
 * candidates are forgotten, and the components gather on addresses that the host has got
 * since. Data goes on over the pairs selected before until others are.
 *
 * The program then exchanges credentials and candidates with the peer again.
 *
 * Returns: %TRUE
 */
gboolean
nice_agent_restart (NiceAgent *agent)
{
  g_autoptr (GArray) addresses = NULL;
  gint64 now;
  IceEngine *engine;

  g_return_val_if_fail (NICE_IS_AGENT (agent), FALSE);

  addresses = nice_agent_list_addresses (agent);
  engine = nice_agent_enter (agent, &now);
  for (guint i = 0; i < agent->streams.len; i++)
    {
      const NiceAgentStream *stream = ice_list_get (&agent->streams, i);

      ice_engine_restart_stream (engine, stream->id, now);
      nice_agent_gather_new_addresses (agent, engine, stream, addresses, now);
    }
  nice_agent_leave (agent);
  return TRUE;
}

/**
 * nice_agent_restart_stream:
 * @agent: an agent
 * @stream_id: a stream
 *
 * Restarts ICE on one stream, as [method@Nice.Agent.restart] does on all.
 *
 * Returns: %TRUE; %FALSE if there is no such stream
 *
 * Since: 0.1.6
 */
gboolean
nice_agent_restart_stream (NiceAgent *agent, guint stream_id)
{
  g_autoptr (GArray) addresses = NULL;
  gint64 now;
  IceEngine *engine;
  const NiceAgentStream *stream;
  gboolean done;

  nice_check_stream (agent, stream_id, FALSE);

  addresses = nice_agent_list_addresses (agent);
  engine = nice_agent_enter (agent, &now);
  stream = nice_agent_find_stream (agent, stream_id);
  done = stream != NULL && ice_engine_restart_stream (engine, stream_id, now);
  if (done)
    nice_agent_gather_new_addresses (agent, engine, stream, addresses, now);
  nice_agent_leave (agent);
  if (!done)
    g_warning ("Could not find stream %u", stream_id);
  return done;
}

/**
 * nice_agent_consent_lost:
 * @agent: an agent
 * @stream_id: a stream
 * @component_id: a component
 *
 * Revokes our consent to receive data on a component (RFC 7675 section 5.2): checks of
 * the peer are refused from now on, until the stream is restarted. Needs
 * [property@Nice.Agent:consent-freshness].
 *
 * Returns: %TRUE if revoked; %FALSE if there is no such component, or without
 *   consent-freshness
 *
 * Since: 0.1.19
 */
gboolean
nice_agent_consent_lost (NiceAgent *agent, guint stream_id, guint component_id)
{
  gint64 now;
  IceEngine *engine;
  gboolean asked_for, done = FALSE;

  nice_check_component (agent, stream_id, component_id, FALSE);

  engine = nice_agent_enter (agent, &now);
  asked_for = agent->settings.consent_freshness;
  if (asked_for)
    done = nice_agent_find_component (agent, stream_id, component_id) != NULL
           && ice_engine_revoke_consent (engine, stream_id, component_id, now);
  nice_agent_leave (agent);
  if (!asked_for)
    g_warning ("Agent %p: consent-freshness is not set, consent cannot be revoked",
               (gpointer)agent);
  return done;
}
