/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Gathering (RFC 8445 section 5.1.1) as programs start it: when, on which ports, with
 * which STUN server. What is made of them is the engine's. */
#include "config.h"

#include "agent-core.h"
#include "upnp.h"

/**
 * nice_agent_set_port_range:
 * @agent: an agent
 * @stream_id: a stream
 * @component_id: a component
 * @min_port: lowest port, 0 for any
 * @max_port: highest port, 0 for any
 *
 * Sets the ports that host candidates of a component may have. To be called before
 * [method@Nice.Agent.gather_candidates]; afterwards it is an error, and ignored.
 *
 * Since: 0.1.4
 */
void
nice_agent_set_port_range (NiceAgent *agent, guint stream_id, guint component_id,
                           guint min_port, guint max_port)
{
  gint64 now;
  IceEngine *engine;
  const NiceAgentStream *stream;
  gboolean late;

  g_return_if_fail (NICE_IS_AGENT (agent));
  g_return_if_fail (stream_id >= 1);
  g_return_if_fail (component_id >= 1);
  g_return_if_fail (min_port <= G_MAXUINT16 && max_port <= G_MAXUINT16);
  g_return_if_fail (min_port <= max_port);

  engine = nice_agent_enter (agent, &now);
  stream = nice_agent_find_stream (agent, stream_id);
  late = stream != NULL && stream->gathered;
  if (stream != NULL && !late)
    ice_engine_set_port_range (engine, stream_id, component_id, (guint16)min_port,
                               (guint16)max_port);
  nice_agent_leave (agent);
  if (late)
    g_critical ("nice_agent_gather_candidates (stream_id=%u) already called for this "
                "stream",
                stream_id);
}

/* --- gather_candidates --- */

/* What libnice's users have to do by hand, with a new agent. Addresses that are gone cost
 * nothing: their pairs fail. */
NiceUpnpJob *
nice_agent_gather_new_addresses (NiceAgent *self, IceEngine *engine,
                                 NiceAgentStream *stream, const GArray *addresses,
                                 gint64 now)
{
  g_autoptr (GArray) fresh = g_array_new (FALSE, FALSE, sizeof (NiceAddress));
  const NiceAgentSettings *settings = &self->settings;
  const gboolean frees = settings->free_candidates;
  NiceUpnpJob *upnp;

  if (!stream->gathered
      || (settings->force_relay && !frees && !settings->gather_continually))
    return NULL;
  for (guint i = 0; i < addresses->len; i++)
    {
      const NiceAddress *address = &g_array_index (addresses, NiceAddress, i);

      if (frees || !ice_engine_has_host (engine, stream->id, 1, address))
        g_array_append_val (fresh, *address);
    }
  if (fresh->len == 0)
    return NULL;
  upnp = nice_upnp_job_new (self, engine, stream, now);
  ice_engine_gather (engine, stream->id, (const NiceAddress *)fresh->data, fresh->len,
                     now);
  return upnp;
}

void
nice_agent_gather_again (NiceAgent *self)
{
  g_autoptr (GArray) addresses = NULL;
  g_autoptr (GPtrArray) jobs = NULL;
  gint64 now;
  IceEngine *engine;

  if (!self->settings.gather_continually)
    return;
  addresses = nice_agent_list_addresses (self);
  jobs = g_ptr_array_new ();
  engine = nice_agent_enter (self, &now);
  for (guint i = 0; i < self->streams.len; i++)
    {
      NiceAgentStream *stream = ice_list_get (&self->streams, i);

      g_ptr_array_add (
          jobs, nice_agent_gather_new_addresses (self, engine, stream, addresses, now));
      if (stream->gathered)
        ice_engine_ask_again (engine, stream->id, now);
    }
  nice_agent_leave (self);
  for (guint i = 0; i < jobs->len; i++)
    nice_upnp_job_run (g_ptr_array_index (jobs, i), self, TRUE);
}

static void
add_stun_server (NiceAgent *self, IceEngine *engine, NiceAgentStream *stream, gint64 now)
{
  const NiceAgentSettings *settings = &self->settings;
  IceServer server = { ICE_SERVER_STUN_UDP, settings->stun_server,
                       (guint16)settings->stun_server_port, NULL, NULL };

  if (settings->stun_server == NULL || settings->stun_server[0] == '\0'
      || !settings->full_mode || settings->force_relay || stream->stun_server_added)
    return;
  stream->stun_server_added =
      ice_engine_add_server (engine, stream->id, 0, &server, now) != 0;
}

/* The sockets were made while leaving; a handler may have removed the stream. */
static gboolean
has_begun (NiceAgent *self, guint stream_id)
{
  gint64 now;
  IceEngine *engine = nice_agent_enter (self, &now);
  NiceAgentStream *stream = nice_agent_find_stream (self, stream_id);
  const gboolean begun = stream == NULL || ice_engine_has_gathered (engine, stream_id);

  if (!begun)
    stream->gathered = FALSE;
  nice_agent_leave (self);
  return begun;
}

/**
 * nice_agent_gather_candidates:
 * @agent: an agent
 * @stream_id: a stream
 *
 * Gathers local candidates for all components of a stream. Host candidates are announced
 * by [signal@Nice.Agent::new-candidate-full] before this returns; those that servers have
 * to be asked for follow, and [signal@Nice.Agent::candidate-gathering-done] ends it, even
 * before this returns if nobody has to be asked. Gathering a stream a second time does
 * nothing.
 *
 * If this fails, nothing is announced, the stream is as before, and it may be called
 * again when the reason is gone.
 *
 * Returns: %TRUE if gathering has begun; %FALSE if there is no such stream, a component
 * has no host candidate for want of an address, or a range of ports has none left
 */
gboolean
nice_agent_gather_candidates (NiceAgent *agent, guint stream_id)
{
  g_autoptr (GArray) addresses = NULL;
  g_autoptr (GObject) alive = NULL;
  NiceUpnpJob *upnp = NULL;
  gint64 now;
  IceEngine *engine;
  NiceAgentStream *stream;
  gboolean begun = FALSE;

  nice_check_stream (agent, stream_id, FALSE);

  alive = g_object_ref (G_OBJECT (agent));
  addresses = nice_agent_list_addresses (agent);
  engine = nice_agent_enter (agent, &now);
  stream = nice_agent_find_stream (agent, stream_id);
  if (stream == NULL || stream->gathered)
    {
      begun = stream != NULL;
      nice_agent_leave (agent);
      return begun;
    }
  stream->gathered = TRUE;
  add_stun_server (agent, engine, stream, now);
  upnp = nice_upnp_job_new (agent, engine, stream, now);
  begun = ice_engine_gather (engine, stream_id, (const NiceAddress *)addresses->data,
                             addresses->len, now);
  if (!begun)
    stream->gathered = FALSE;
  nice_agent_leave (agent);
  begun = begun && has_begun (agent, stream_id);
  nice_upnp_job_run (upnp, agent, begun);
  return begun;
}

/**
 * nice_agent_peer_candidate_gathering_done:
 * @agent: an agent
 * @stream_id: a stream
 *
 * Tells that the peer has no further candidates (RFC 8838 section 14, end-of-candidates).
 * With [property@Nice.Agent:ice-trickle] a component does not fail before.
 *
 * Returns: %TRUE; %FALSE if there is no such stream
 *
 * Since: 0.1.16
 */
gboolean
nice_agent_peer_candidate_gathering_done (NiceAgent *agent, guint stream_id)
{
  gint64 now;
  IceEngine *engine;
  gboolean done;

  nice_check_stream (agent, stream_id, FALSE);

  engine = nice_agent_enter (agent, &now);
  done = nice_agent_find_stream (agent, stream_id) != NULL;
  if (done)
    ice_engine_end_of_remote_candidates (engine, stream_id, now);
  nice_agent_leave (agent);
  return done;
}
