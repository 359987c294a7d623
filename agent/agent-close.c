/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* nice_agent_close_async(): the orderly end of an agent. */
#include "config.h"

#include "agent-core.h"

/* What closing still waits for: bytes of reliable streams, and answers of servers. */
static gboolean
is_closed (NiceAgent *self)
{
  return self->settings.close_forced
         || (self->leaving.len == 0 && !nice_driver_is_parting (self->driver));
}

void
nice_agent_finish_closing (NiceAgent *self)
{
  g_autoptr (GTask) closing = NULL;
  gint64 now;

  nice_agent_enter (self, &now);
  if (self->closing != NULL && is_closed (self))
    closing = g_steal_pointer (&self->closing);
  nice_agent_leave (self);
  if (closing != NULL)
    g_task_return_boolean (closing, TRUE);
}

/* NULL: an earlier call is not over. */
static GTask *
begin (NiceAgent *self, GAsyncReadyCallback callback, gpointer data, GPtrArray *streams)
{
  gint64 now;
  IceEngine *engine = nice_agent_enter (self, &now);
  GTask *task = NULL;

  if (self->closing == NULL)
    {
      task = g_task_new (self, NULL, callback, data);
      g_task_set_source_tag (task, nice_agent_close_async);
      self->closing = g_object_ref (task);
    }
  while (task != NULL && self->streams.len > 0)
    {
      NiceAgentStream *stream = ice_list_get (&self->streams, 0);

      g_ptr_array_add (streams, stream);
      nice_agent_take_stream (self, engine, stream, now);
    }
  nice_agent_leave (self);
  return task;
}

/**
 * nice_agent_close_async:
 * @agent: an agent
 * @callback: (nullable): called when everything is closed, in the thread-default main
 *   context of the caller
 * @callback_data: given to @callback
 *
 * Removes all streams, tells TURN servers that their allocations are no longer needed,
 * and waits for their answers, for two seconds at most. Bytes of a reliable agent that
 * are still on their way are delivered first, for ten seconds at most, except with
 * [property@Nice.Agent:close-forced]. The agent is kept alive until @callback was called,
 * so that the caller may drop its own reference at once. Not to be called again before.
 *
 * Since: 0.1.16
 */
void
nice_agent_close_async (NiceAgent *agent, GAsyncReadyCallback callback,
                        gpointer callback_data)
{
  g_autoptr (GTask) task = NULL;
  g_autoptr (GPtrArray) streams = g_ptr_array_new ();

  g_return_if_fail (NICE_IS_AGENT (agent));

  task = begin (agent, callback, callback_data, streams);
  g_return_if_fail (task != NULL);
  for (guint i = 0; i < streams->len; i++)
    nice_agent_release_stream (agent, g_ptr_array_index (streams, i));
  nice_agent_finish_closing (agent);
}
