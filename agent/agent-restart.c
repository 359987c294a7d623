/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ICE restart (RFC 8445 section 9) and the end of consent (RFC 7675), as programs ask for
 * them. */
#include "config.h"

#include "agent-core.h"
#include "upnp.h"

static void
run_job (gpointer job, gpointer agent)
{
  nice_upnp_job_run (job, agent, TRUE);
}

/* One stream, or all for 0. FALSE: there is no such stream. */
static gboolean
restart (NiceAgent *self, guint stream_id)
{
  G_GNUC_UNUSED g_autoptr (GObject) alive = g_object_ref (G_OBJECT (self));
  g_autoptr (GArray) addresses = nice_agent_list_addresses (self);
  g_autoptr (GPtrArray) jobs = g_ptr_array_new ();
  gboolean done = FALSE;
  gint64 now;
  IceEngine *engine = nice_agent_enter (self, &now);

  for (guint i = 0; i < self->streams.len; i++)
    {
      NiceAgentStream *stream = ice_list_get (&self->streams, i);

      if (stream_id != 0 && stream->id != stream_id)
        continue;
      /* Gathering is over when both are: with free-candidates a restart gathers, too. */
      ice_engine_hold_gathering (engine, stream->id, TRUE, now);
      done = ice_engine_restart_stream (engine, stream->id, now);
      g_ptr_array_add (
          jobs, nice_agent_gather_new_addresses (self, engine, stream, addresses, now));
      ice_engine_hold_gathering (engine, stream->id, FALSE, now);
    }
  nice_agent_leave (self);
  g_ptr_array_foreach (jobs, run_job, self);
  return done;
}

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
  g_return_val_if_fail (NICE_IS_AGENT (agent), FALSE);

  restart (agent, 0);
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
  nice_check_stream (agent, stream_id, FALSE);

  if (restart (agent, stream_id))
    return TRUE;
  g_warning ("Could not find stream %u", stream_id);
  return FALSE;
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
