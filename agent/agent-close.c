/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* nice_agent_close_async(): the orderly end of an agent. */
#include "config.h"

#include "agent-core.h"

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
  g_autoptr (GPtrArray) streams =
      g_ptr_array_new_with_free_func ((GDestroyNotify)nice_agent_stream_free);
  gint64 now;
  IceEngine *engine;

  g_return_if_fail (NICE_IS_AGENT (agent));

  task = g_task_new (agent, NULL, callback, callback_data);
  g_task_set_source_tag (task, nice_agent_close_async);
  engine = nice_agent_enter (agent, &now);
  while (agent->streams->len > 0)
    g_ptr_array_add (streams, nice_agent_take_stream (agent, engine, 0, now));
  nice_agent_leave (agent);
  g_task_return_boolean (task, TRUE);
}
