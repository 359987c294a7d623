/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* nice_agent_close_async(): the orderly end of an agent. */
#include "config.h"

#include "agent-core.h"

static void
remove_all_streams (NiceAgent *self, IceEngine *engine, gint64 now)
{
  while (self->streams->len > 0)
    nice_agent_remove_stream_inside (self, engine, g_ptr_array_index (self->streams, 0),
                                     now);
}

/**
 * nice_agent_close_async:
 * @agent: an agent
 * @callback: (nullable): called when everything is closed, in the thread-default main
 *   context of the caller
 * @callback_data: given to @callback
 *
 * Removes all streams and tells TURN servers that their allocations are no longer needed.
 * The agent is kept alive until @callback was called, so that the caller may drop its own
 * reference at once. Not to be called again before.
 *
 * Since: 0.1.16
 */
void
nice_agent_close_async (NiceAgent *agent, GAsyncReadyCallback callback,
                        gpointer callback_data)
{
  g_autoptr (GTask) task = NULL;
  gint64 now;
  IceEngine *engine;

  g_return_if_fail (NICE_IS_AGENT (agent));

  task = g_task_new (agent, NULL, callback, callback_data);
  g_task_set_source_tag (task, nice_agent_close_async);
  engine = nice_agent_enter (agent, &now);
  remove_all_streams (agent, engine, now);
  nice_agent_leave (agent);
  g_task_return_boolean (task, TRUE);
}
