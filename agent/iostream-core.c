/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The GIOStream of a reliable component: two halves, and when they are closed. */
#include "config.h"

#include "iostream-core.h"

#include "agent-core.h"
#include "component-source.h"

#include <glib/gi18n-lib.h>

/* --- What all three are made of --- */

enum
{
  PROP_AGENT = 1,
  PROP_STREAM_ID,
  PROP_COMPONENT_ID
};

void
nice_stream_target_install (GObjectClass *klass)
{
  const GParamFlags flags =
      G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS;

  g_object_class_install_property (
      klass, PROP_AGENT,
      g_param_spec_object ("agent", NULL, "The agent", NICE_TYPE_AGENT, flags));
  g_object_class_install_property (
      klass, PROP_STREAM_ID,
      g_param_spec_uint ("stream-id", NULL, "The stream", 0, G_MAXUINT, 0, flags));
  g_object_class_install_property (
      klass, PROP_COMPONENT_ID,
      g_param_spec_uint ("component-id", NULL, "The component", 0, G_MAXUINT, 0, flags));
}

void
nice_stream_target_set (NiceStreamTarget *self, guint property, const GValue *value)
{
  if (property == PROP_AGENT)
    g_weak_ref_set (&self->agent, g_value_get_object (value));
  else if (property == PROP_STREAM_ID)
    self->stream_id = g_value_get_uint (value);
  else
    self->component_id = g_value_get_uint (value);
}

void
nice_stream_target_get (NiceStreamTarget *self, guint property, GValue *value)
{
  if (property == PROP_AGENT)
    g_value_take_object (value, g_weak_ref_get (&self->agent));
  else if (property == PROP_STREAM_ID)
    g_value_set_uint (value, self->stream_id);
  else
    g_value_set_uint (value, self->component_id);
}

void
nice_stream_target_clear (NiceStreamTarget *self)
{
  g_weak_ref_clear (&self->agent);
}

NiceReliable *
nice_stream_target_dup_reliable (NiceStreamTarget *self, GObject **alive, GError **error)
{
  g_autoptr (GObject) agent = g_weak_ref_get (&self->agent);
  NiceReliable *reliable = NULL;

  if (agent == NULL)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CLOSED,
                           _ ("Stream is closed: the agent is gone."));
      return NULL;
    }
  reliable =
      nice_agent_dup_reliable (NICE_AGENT (agent), self->stream_id, self->component_id);
  if (reliable == NULL)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CLOSED,
                         _ ("Stream is closed: the component is gone."));
  else
    *alive = g_steal_pointer (&agent);
  return reliable;
}

gboolean
nice_stream_target_is_ready (NiceStreamTarget *self, GIOCondition condition)
{
  g_autoptr (GObject) alive = NULL;
  g_autoptr (NiceReliable) reliable =
      nice_stream_target_dup_reliable (self, &alive, NULL);

  /* What fails at once does not block. */
  return reliable == NULL || (nice_reliable_get_condition (reliable) & condition) != 0;
}

GSource *
nice_stream_target_create_source (NiceStreamTarget *self, GIOCondition condition,
                                  GObject *stream, GCancellable *cancellable)
{
  g_autoptr (GObject) alive = NULL;
  g_autoptr (NiceReliable) reliable =
      nice_stream_target_dup_reliable (self, &alive, NULL);
  GSource *source, *always;

  source = reliable != NULL
               ? nice_component_source_new (reliable, condition, stream, cancellable)
               : NULL;
  if (source != NULL)
    return source;
  always = g_pollable_source_new_full (stream, NULL, cancellable);
  g_source_set_ready_time (always, 0);
  return always;
}

void
nice_stream_target_shutdown (NiceStreamTarget *self, gboolean read, gboolean write)
{
  g_autoptr (GObject) alive = NULL;
  g_autoptr (NiceReliable) reliable =
      nice_stream_target_dup_reliable (self, &alive, NULL);

  if (reliable != NULL)
    nice_reliable_shutdown (reliable, read, write);
}

/* --- NiceIOStream --- */

struct _NiceIOStream
{
  GIOStream parent_instance;
  NiceStreamTarget target;
  GInputStream *input;
  GOutputStream *output;
};

G_DEFINE_TYPE (NiceIOStream, nice_io_stream, G_TYPE_IO_STREAM)

static void
on_streams_removed (NiceAgent *agent, const guint *ids, NiceIOStream *self)
{
  for (guint i = 0; ids[i] != 0; i++)
    if (ids[i] == self->target.stream_id)
      g_io_stream_close (G_IO_STREAM (self), NULL, NULL);
}

static GInputStream *
get_input_stream (GIOStream *stream)
{
  return NICE_IO_STREAM (stream)->input;
}

static GOutputStream *
get_output_stream (GIOStream *stream)
{
  return NICE_IO_STREAM (stream)->output;
}

static void
constructed (GObject *object)
{
  NiceIOStream *self = NICE_IO_STREAM (object);
  g_autoptr (GObject) agent = g_weak_ref_get (&self->target.agent);

  G_OBJECT_CLASS (nice_io_stream_parent_class)->constructed (object);
  self->input = G_INPUT_STREAM (g_object_new (
      NICE_TYPE_INPUT_STREAM, "agent", agent, "stream-id", self->target.stream_id,
      "component-id", self->target.component_id, NULL));
  self->output = G_OUTPUT_STREAM (g_object_new (
      NICE_TYPE_OUTPUT_STREAM, "agent", agent, "stream-id", self->target.stream_id,
      "component-id", self->target.component_id, NULL));
  if (agent != NULL)
    g_signal_connect_object (agent, "streams-removed", G_CALLBACK (on_streams_removed),
                             self, 0);
}

static void
io_stream_finalize (GObject *object)
{
  NiceIOStream *self = NICE_IO_STREAM (object);

  g_clear_object (&self->input);
  g_clear_object (&self->output);
  nice_stream_target_clear (&self->target);
  G_OBJECT_CLASS (nice_io_stream_parent_class)->finalize (object);
}

static void
io_stream_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  nice_stream_target_set (&NICE_IO_STREAM (object)->target, id, value);
}

static void
io_stream_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  nice_stream_target_get (&NICE_IO_STREAM (object)->target, id, value);
}

static void
nice_io_stream_class_init (NiceIOStreamClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GIOStreamClass *stream_class = G_IO_STREAM_CLASS (klass);

  object_class->constructed = constructed;
  object_class->finalize = io_stream_finalize;
  object_class->set_property = io_stream_set_property;
  object_class->get_property = io_stream_get_property;
  stream_class->get_input_stream = get_input_stream;
  stream_class->get_output_stream = get_output_stream;
  nice_stream_target_install (object_class);
}

static void
nice_io_stream_init (NiceIOStream *self)
{
  g_weak_ref_init (&self->target.agent, NULL);
}

GIOStream *
nice_io_stream_new (NiceAgent *agent, guint stream_id, guint component_id)
{
  g_return_val_if_fail (NICE_IS_AGENT (agent), NULL);
  g_return_val_if_fail (stream_id >= 1, NULL);
  g_return_val_if_fail (component_id >= 1, NULL);

  return g_object_new (NICE_TYPE_IO_STREAM, "agent", agent, "stream-id", stream_id,
                       "component-id", component_id, NULL);
}

/**
 * nice_agent_get_io_stream:
 * @agent: a reliable agent
 * @stream_id: a stream
 * @component_id: a component
 *
 * Gets the byte stream of a component. It may be asked for before anything is gathered;
 * reading and writing then wait until the component is connected. Closing it ends the
 * component's data, as the peer sees; removing the stream closes it. Not to be used
 * together with [method@Nice.Agent.attach_recv].
 *
 * Returns: (transfer full): the stream, the same one each time; %NULL if the agent is not
 *   reliable or there is no such component
 *
 * Since: 0.1.5
 */
GIOStream *
nice_agent_get_io_stream (NiceAgent *agent, guint stream_id, guint component_id)
{
  GIOStream *stream = NULL;
  NiceAgentComponent *component;
  gint64 now;

  nice_check_component (agent, stream_id, component_id, NULL);
  g_return_val_if_fail (agent->settings.reliable, NULL);

  nice_agent_enter (agent, &now);
  component = nice_agent_find_component (agent, stream_id, component_id);
  if (component != NULL)
    {
      /* With the lock, though objects are made in here: one too many would close the
       * component when it goes. */
      if (component->io_stream == NULL)
        component->io_stream = nice_io_stream_new (agent, stream_id, component_id);
      stream = g_object_ref (component->io_stream);
    }
  nice_agent_leave (agent);
  return stream;
}
