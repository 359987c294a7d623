/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Streams between their removal and their end: no program knows them any more, and what a
 * reliable one was given to send still goes to the peer. It must not know how bytes
 * travel. */
#include "config.h"

#include "agent-core.h"

static void
forget (NiceAgent *self, IceEngine *engine, const NiceAgentStream *stream, gint64 now)
{
  nice_driver_remove_stream (self->driver, stream->id);
  ice_engine_remove_stream (engine, stream->id, now);
}

void
nice_agent_take_stream (NiceAgent *self, IceEngine *engine, NiceAgentStream *stream,
                        gint64 now)
{
  ice_list_remove (&self->streams, stream);
  if (!self->settings.reliable)
    {
      forget (self, engine, stream, now);
      return;
    }
  for (guint i = 0; i < stream->n_components; i++)
    nice_reliable_mute (stream->components[i].reliable);
  stream->n_leaving = stream->n_components + 1; /* the last is the caller */
  ice_list_add (&self->leaving, stream);
}

void
nice_agent_release_stream (NiceAgent *self, NiceAgentStream *stream)
{
  const guint stream_id = stream->id, n_components = stream->n_components;

  if (!self->settings.reliable)
    {
      nice_agent_stream_free (stream);
      return;
    }
  for (guint i = 0; i < n_components; i++)
    if (nice_reliable_leave (stream->components[i].reliable))
      nice_agent_component_left (self, stream_id);
  nice_agent_component_left (self, stream_id);
}

static NiceAgentStream *
find_leaving (NiceAgent *self, guint stream_id)
{
  for (guint i = 0; i < self->leaving.len; i++)
    {
      NiceAgentStream *stream = ice_list_get (&self->leaving, i);

      if (stream->id == stream_id)
        return stream;
    }
  return NULL;
}

gboolean
nice_agent_component_left (NiceAgent *self, guint stream_id)
{
  NiceAgentStream *stream, *over = NULL;
  IceEngine *engine;
  gint64 now;

  engine = nice_agent_enter (self, &now);
  stream = find_leaving (self, stream_id);
  if (stream != NULL && --stream->n_leaving == 0)
    {
      over = stream;
      ice_list_remove (&self->leaving, stream);
      forget (self, engine, stream, now);
    }
  nice_agent_leave (self);
  g_clear_pointer (&over, nice_agent_stream_free);
  nice_agent_finish_closing (self);
  return stream != NULL;
}
