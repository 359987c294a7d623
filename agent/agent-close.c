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
 * Bytes of a reliable agent that are still on their way are delivered first, for ten
 * seconds at most, except with [property@Nice.Agent:close-forced].
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
  g_autoptr (GPtrArray) streams = g_ptr_array_new ();
  gint64 now;
  IceEngine *engine;
  gboolean waits;

  g_return_if_fail (NICE_IS_AGENT (agent));

  task = g_task_new (agent, NULL, callback, callback_data);
  g_task_set_source_tag (task, nice_agent_close_async);
  engine = nice_agent_enter (agent, &now);
  while (agent->streams->len > 0)
    {
      g_ptr_array_add (streams, g_ptr_array_index (agent->streams, 0));
      nice_agent_take_stream (agent, engine, 0, now);
    }
  waits = agent->leaving->len > 0 && !agent->settings.close_forced;
  if (waits)
    agent->closing = g_object_ref (task);
  nice_agent_leave (agent);
  for (guint i = 0; i < streams->len; i++)
    nice_agent_release_stream (agent, g_ptr_array_index (streams, i));
  if (!waits)
    g_task_return_boolean (task, TRUE);
}
