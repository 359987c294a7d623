/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Streams and components as programs count them: making, removing, naming, and asking how
 * far they have come (RFC 8445 section 4, "data stream" and "component"). It must not
 * know what gathering or checking is. */
#include "config.h"

#include "agent-core.h"

#include <string.h>

static void
component_clear (NiceAgentComponent *component)
{
  if (component->reliable != NULL)
    nice_reliable_close (component->reliable);
  g_clear_pointer (&component->reliable, nice_reliable_unref);
  g_clear_object (&component->io_stream);
  g_clear_pointer (&component->handed_out, g_ptr_array_unref);
}

/* --- The bytes of reliable components --- */

static void
on_writable (GObject *owner, guint stream_id, guint component_id)
{
  NiceAgent *self = NICE_AGENT (owner);

  nice_agent_queue_writable (self, stream_id, component_id);
  nice_agent_emit (self);
}

/* libnice's components fail when their connection is over. */
static void
on_ended (GObject *owner, guint stream_id, guint component_id)
{
  NiceAgent *self = NICE_AGENT (owner);
  IceEngine *engine;
  gint64 now;

  if (nice_agent_component_left (self, stream_id))
    return;
  engine = nice_agent_enter (self, &now);
  ice_engine_fail_component (engine, stream_id, component_id, ICE_REASON_BASE_LOST, now);
  nice_agent_leave (self);
}

/* A handler that waits keeps what is queued behind its signal from being told. */
static void
on_catch_up (GObject *owner)
{
  nice_agent_emit (NICE_AGENT (owner));
}

static void
make_reliable (NiceAgent *self, NiceAgentStream *stream)
{
  const NiceReliableEnv env = {
    self->driver, G_OBJECT (self), self->settings.main_context,
    on_writable,  on_ended,        on_catch_up
  };

  for (guint i = 0; i < stream->n_components; i++)
    stream->components[i].reliable = nice_reliable_new (&env, stream->id, i + 1);
}

static void
start_reliable (NiceAgent *self, guint stream_id, guint n_components)
{
  for (guint i = 1; i <= n_components; i++)
    {
      g_autoptr (NiceReliable) reliable = nice_agent_dup_reliable (self, stream_id, i);

      if (reliable != NULL)
        nice_reliable_start (reliable);
    }
}

NiceReliable *
nice_agent_dup_reliable (NiceAgent *self, guint stream_id, guint component_id)
{
  gint64 now;
  const NiceAgentComponent *component;
  NiceReliable *reliable = NULL;

  nice_agent_enter (self, &now);
  component = nice_agent_find_component (self, stream_id, component_id);
  if (component != NULL && component->reliable != NULL)
    reliable = nice_reliable_ref (component->reliable);
  nice_agent_leave (self);
  return reliable;
}

void
nice_agent_reliable_selected (NiceAgent *self, guint stream_id, guint component_id,
                              gboolean stream)
{
  g_autoptr (NiceReliable) reliable =
      nice_agent_dup_reliable (self, stream_id, component_id);

  if (reliable != NULL)
    nice_reliable_path_selected (reliable, stream);
}

void
nice_agent_reliable_cut (NiceAgent *self, guint stream_id, guint component_id)
{
  g_autoptr (NiceReliable) reliable =
      nice_agent_dup_reliable (self, stream_id, component_id);

  if (reliable != NULL)
    nice_reliable_handle_cut (reliable);
}

/* --- Streams --- */

void
nice_agent_stream_free (NiceAgentStream *stream)
{
  for (guint i = 0; i < stream->n_components; i++)
    component_clear (&stream->components[i]);
#ifdef HAVE_GUPNP_IGD
  if (stream->upnp != NULL)
    nice_upnp_forget (stream->upnp, stream->id);
#endif
  g_free (stream->name);
  g_free (stream);
}

NiceAgentStream *
nice_agent_find_stream (NiceAgent *self, guint stream_id)
{
  for (guint i = 0; i < self->streams.len; i++)
    {
      NiceAgentStream *stream = ice_list_get (&self->streams, i);

      if (stream->id == stream_id)
        return stream;
    }
  return NULL;
}

NiceAgentComponent *
nice_agent_find_component (NiceAgent *self, guint stream_id, guint component_id)
{
  NiceAgentStream *stream = nice_agent_find_stream (self, stream_id);

  if (stream == NULL || component_id < 1 || component_id > stream->n_components)
    return NULL;
  return &stream->components[component_id - 1];
}

/**
 * nice_agent_add_stream:
 * @agent: an agent
 * @n_components: number of components, 1 to 256 (RFC 8839 section 5.1)
 *
 * Adds a stream with components 1 to @n_components. Its local credentials are made at
 * once, from the system's random numbers.
 *
 * Returns: the id of the stream, from 1 upwards and never used again by this agent; 0 if
 *   @n_components is out of range
 */
guint
nice_agent_add_stream (NiceAgent *agent, guint n_components)
{
  NiceAgentStream *stream;
  gint64 now;
  IceEngine *engine;
  guint stream_id;

  g_return_val_if_fail (NICE_IS_AGENT (agent), 0);
  g_return_val_if_fail (n_components >= 1 && n_components <= ICE_MAX_COMPONENTS, 0);

  stream = g_malloc0 (sizeof *stream + n_components * sizeof stream->components[0]);
  stream->n_components = n_components;
  engine = nice_agent_enter (agent, &now);
  stream_id = stream->id = ice_engine_add_stream (engine, n_components, now);
  ice_list_add (&agent->streams, stream);
  nice_driver_add_stream (agent->driver, stream_id, n_components);
  if (agent->settings.reliable)
    make_reliable (agent, stream);
  nice_agent_leave (agent);
  if (agent->settings.reliable)
    start_reliable (agent, stream_id, n_components);
  return stream_id;
}

/**
 * nice_agent_remove_stream:
 * @agent: an agent
 * @stream_id: a stream
 *
 * Removes a stream: nothing knows it any more when this returns, and
 * [signal@Nice.Agent::streams-removed] has been emitted. TURN servers are told in the
 * background, for which the main context has to run. So it has to when bytes of a
 * reliable agent are still on their way to the peer: they arrive, if the agent lives on
 * and the peer takes them within ten seconds. An unknown stream is no error.
 */
void
nice_agent_remove_stream (NiceAgent *agent, guint stream_id)
{
  gint64 now;
  IceEngine *engine;
  NiceAgentStream *stream;

  g_return_if_fail (NICE_IS_AGENT (agent));
  g_return_if_fail (stream_id >= 1);

  engine = nice_agent_enter (agent, &now);
  stream = nice_agent_find_stream (agent, stream_id);
  if (stream != NULL)
    {
      nice_agent_take_stream (agent, engine, stream, now);
      nice_agent_queue_streams_removed (agent, &stream_id, 1);
    }
  g_object_ref (agent); /* a handler may drop the caller's */
  nice_agent_leave (agent);
  if (stream != NULL)
    {
      nice_agent_emit (agent);
      nice_agent_release_stream (agent, stream);
    }
  g_object_unref (agent);
}

/* --- Names --- */

/* RFC 8866 section 5.14 and the registry of media types that SDP uses. */
static gboolean
is_registered_media (const gchar *name)
{
  static const gchar *const names[] = { "audio",   "video", "text", "application",
                                        "message", "image", NULL };

  return g_strv_contains (names, name);
}

static gboolean
is_name_free (NiceAgent *self, const gchar *name, guint except)
{
  for (guint i = 0; i < self->streams.len; i++)
    {
      const NiceAgentStream *stream = ice_list_get (&self->streams, i);

      if (stream->id != except && g_strcmp0 (stream->name, name) == 0)
        return FALSE;
    }
  return TRUE;
}

/**
 * nice_agent_set_stream_name:
 * @agent: an agent
 * @stream_id: a stream
 * @name: the medium in the `m=` line of SDP (RFC 8866 section 5.14): `audio`, `video`,
 *   `text`, `application`, `message` or `image`
 *
 * Names a stream for [method@Nice.Agent.generate_local_sdp]. Other names are set too,
 * with a warning.
 *
 * Returns: %TRUE if set; %FALSE if there is no such stream or another one has the name
 *
 * Since: 0.1.4
 */
gboolean
nice_agent_set_stream_name (NiceAgent *agent, guint stream_id, const gchar *name)
{
  gint64 now;
  NiceAgentStream *stream;
  gboolean done;

  nice_check_stream (agent, stream_id, FALSE);
  g_return_val_if_fail (name != NULL, FALSE);

  if (!is_registered_media (name))
    g_critical ("Stream name %s will produce invalid SDP, only \"audio\", \"video\", "
                "\"text\", \"application\", \"image\" and \"message\" are valid",
                name);
  nice_agent_enter (agent, &now);
  stream = nice_agent_find_stream (agent, stream_id);
  done = stream != NULL && is_name_free (agent, name, stream_id);
  if (done)
    {
      g_free (stream->name);
      stream->name = g_strdup (name);
    }
  nice_agent_leave (agent);
  return done;
}

/**
 * nice_agent_get_stream_name:
 * @agent: an agent
 * @stream_id: a stream
 *
 * Gets the name that [method@Nice.Agent.set_stream_name] set.
 *
 * Returns: (transfer none): the name of the stream, valid until it is set
 *   again or the stream is removed; %NULL if it has none or there is no such stream
 *
 * Since: 0.1.4
 */
const gchar *
nice_agent_get_stream_name (NiceAgent *agent, guint stream_id)
{
  gint64 now;
  const NiceAgentStream *stream;
  const gchar *name;

  nice_check_stream (agent, stream_id, NULL);

  nice_agent_enter (agent, &now);
  stream = nice_agent_find_stream (agent, stream_id);
  name = stream != NULL ? stream->name : NULL;
  nice_agent_leave (agent);
  return name;
}

/**
 * nice_agent_set_stream_tos:
 * @agent: an agent
 * @stream_id: a stream
 * @tos: type of service byte of IPv4, or traffic class of IPv6 (RFC 2474, RFC 3168)
 *
 * Sets the type of service of what the stream sends, on all sockets that it has and will
 * have. Where the system does not allow it, nothing happens.
 *
 * Since: 0.0.9
 */
void
nice_agent_set_stream_tos (NiceAgent *agent, guint stream_id, gint tos)
{
  gint64 now;

  g_return_if_fail (NICE_IS_AGENT (agent));
  g_return_if_fail (stream_id >= 1);

  nice_agent_enter (agent, &now);
  if (nice_agent_find_stream (agent, stream_id) != NULL)
    nice_driver_set_tos (agent->driver, stream_id, (guint8)tos);
  nice_agent_leave (agent);
}

/**
 * nice_agent_get_component_state:
 * @agent: an agent
 * @stream_id: a stream
 * @component_id: a component
 *
 * Asks how far a component has come.
 *
 * Returns: the state of the component; %NICE_COMPONENT_STATE_FAILED if there is no such
 *   component
 *
 * Since: 0.1.8
 */
NiceComponentState
nice_agent_get_component_state (NiceAgent *agent, guint stream_id, guint component_id)
{
  gint64 now;
  IceEngine *engine;
  NiceComponentState state = NICE_COMPONENT_STATE_FAILED;

  g_return_val_if_fail (NICE_IS_AGENT (agent), NICE_COMPONENT_STATE_FAILED);

  engine = nice_agent_enter (agent, &now);
  if (nice_agent_find_component (agent, stream_id, component_id) != NULL)
    state = (NiceComponentState)ice_engine_get_component_state (engine, stream_id,
                                                                component_id);
  nice_agent_leave (agent);
  return state;
}
