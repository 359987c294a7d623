/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Gathering and connecting as asynchronous operations, so that programs in Python and
 * JavaScript can await them. It watches the signals of the agent like any program and
 * decides nothing. */
#include "config.h"

#include "agent-core.h"
#include "reason.h"

#include <glib/gi18n-lib.h>

/* What a task waits for, until one of the handlers finds it. */
typedef struct
{
  guint stream_id, component_id; /* component 0: all of the stream */
  gint finished;                 /* atomic: threads may find the end at the same time */
} Watch;

/* Handlers are told by the task, not by their ids: one may run, and find the end, in
 * another thread before its id is known here. */
static void
stop_watching (GTask *task)
{
  GCancellable *cancellable = g_task_get_cancellable (task);

  g_signal_handlers_disconnect_by_data (g_task_get_source_object (task), task);
  if (cancellable != NULL)
    g_signal_handlers_disconnect_by_data (cancellable, task);
}

static gboolean
take_end (GTask *task)
{
  Watch *watch = g_task_get_task_data (task);

  if (!g_atomic_int_compare_and_exchange (&watch->finished, 0, 1))
    return FALSE;
  stop_watching (task);
  return TRUE;
}

static void
end_well (GTask *task)
{
  g_object_ref (task);
  if (take_end (task))
    g_task_return_boolean (task, TRUE);
  g_object_unref (task);
}

static void
end_badly (GTask *task, gint code, const gchar *message)
{
  g_object_ref (task);
  if (take_end (task))
    g_task_return_new_error (task, G_IO_ERROR, code, "%s", message);
  g_object_unref (task);
}

/* Which component it is about, and what is the matter with it. */
static void
end_for_reason (GTask *task, guint component_id, IceReason reason)
{
  const Watch *watch = g_task_get_task_data (task);
  const NiceReason *row = nice_reason_get (reason);
  g_autofree gchar *message =
      g_strdup_printf (_ ("Stream %u, component %u: %s"), watch->stream_id, component_id,
                       _ (row->message));

  end_badly (task, row->code, message);
}

static void
end_of_unknown (GTask *task)
{
  const Watch *watch = g_task_get_task_data (task);
  g_autofree gchar *message =
      watch->component_id == 0
          ? g_strdup_printf (_ ("There is no stream %u"), watch->stream_id)
          : g_strdup_printf (_ ("There is no component %u in stream %u"),
                             watch->component_id, watch->stream_id);

  end_badly (task, G_IO_ERROR_NOT_FOUND, message);
}

/* --- Handlers --- */

static void
on_removed (NiceAgent *agent, const guint *stream_ids, GTask *task)
{
  const Watch *watch = g_task_get_task_data (task);

  for (guint i = 0; stream_ids[i] != 0; i++)
    if (stream_ids[i] == watch->stream_id)
      {
        g_autofree gchar *message =
            g_strdup_printf (_ ("Stream %u was removed"), watch->stream_id);

        end_badly (task, G_IO_ERROR_CLOSED, message);
        return;
      }
}

static void
on_done (NiceAgent *agent, guint stream_id, GTask *task)
{
  const Watch *watch = g_task_get_task_data (task);

  if (stream_id == watch->stream_id)
    end_well (task);
}

static void
on_cancelled (GCancellable *cancellable, GTask *task)
{
  end_badly (task, G_IO_ERROR_CANCELLED, _ ("Operation was cancelled"));
}

typedef struct
{
  gboolean known, connected, gathered;
  guint failed; /* a component, or 0 */
  IceReason reason;
} Standing;

static Standing
look (NiceAgent *self, const Watch *watch)
{
  gint64 now;
  IceEngine *engine = nice_agent_enter (self, &now);
  const NiceAgentStream *stream = nice_agent_find_stream (self, watch->stream_id);
  Standing standing = { 0 };

  if (stream != NULL && watch->component_id <= stream->n_components)
    {
      standing.known = standing.connected = TRUE;
      standing.gathered = stream->gathering_done;
    }
  for (guint i = 1; stream != NULL && i <= stream->n_components; i++)
    {
      IceComponentState state =
          ice_engine_get_component_state (engine, watch->stream_id, i);

      if (watch->component_id != 0 && watch->component_id != i)
        continue;
      standing.connected &=
          state == ICE_COMPONENT_CONNECTED || state == ICE_COMPONENT_READY;
      if (state == ICE_COMPONENT_FAILED && standing.failed == 0)
        {
          standing.failed = i;
          standing.reason = stream->components[i - 1].reason;
        }
    }
  nice_agent_leave (self);
  return standing;
}

static void
judge (NiceAgent *self, GTask *task)
{
  Standing standing = look (self, g_task_get_task_data (task));

  if (standing.connected)
    end_well (task);
  else if (standing.failed != 0)
    end_for_reason (task, standing.failed, standing.reason);
}

/* Gathering could not begin: which component has a reason. */
static void
end_without_host (NiceAgent *self, GTask *task)
{
  const guint stream_id = ((const Watch *)g_task_get_task_data (task))->stream_id;
  IceReason reason = ICE_REASON_NONE;
  gint64 now;
  IceEngine *engine = nice_agent_enter (self, &now);
  const NiceAgentStream *stream = nice_agent_find_stream (self, stream_id);
  const gboolean is_known = stream != NULL;
  guint component = is_known ? stream->n_components + 1 : 0;

  while (component > 1 && reason == ICE_REASON_NONE)
    reason = ice_engine_get_last_error (engine, stream_id, --component);
  nice_agent_leave (self);
  if (!is_known)
    end_of_unknown (task);
  else
    end_for_reason (task, component,
                    reason != ICE_REASON_NONE ? reason : ICE_REASON_NO_LOCAL_CANDIDATES);
}

static void
on_state (NiceAgent *agent, guint stream_id, guint component_id, guint state, GTask *task)
{
  const Watch *watch = g_task_get_task_data (task);

  /* What is not known any more was removed, as on_removed() tells. */
  if (stream_id == watch->stream_id)
    judge (agent, task);
}

/* --- Starting --- */

static GTask *
task_new (NiceAgent *self, guint stream_id, guint component_id, GCancellable *cancellable,
          GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  Watch *watch = g_new0 (Watch, 1);

  watch->stream_id = stream_id;
  watch->component_id = component_id;
  g_task_set_task_data (task, watch, g_free);
  g_task_set_check_cancellable (task, FALSE);
  return task;
}

static void
watch_signal (GTask *task, gpointer instance, const gchar *signal, GCallback handler)
{
  const Watch *watch = g_task_get_task_data (task);

  g_signal_connect_data (instance, signal, handler, g_object_ref (task),
                         (GClosureNotify)(GCallback)g_object_unref, 0);
  if (g_atomic_int_get (&watch->finished))
    stop_watching (task);
}

static void
watch_ends (GTask *task)
{
  GCancellable *cancellable = g_task_get_cancellable (task);

  watch_signal (task, g_task_get_source_object (task), "streams-removed",
                G_CALLBACK (on_removed));
  if (cancellable != NULL)
    {
      watch_signal (task, cancellable, "cancelled", G_CALLBACK (on_cancelled));
      if (g_cancellable_is_cancelled (cancellable))
        on_cancelled (cancellable, task);
    }
}

/**
 * nice_agent_gather_candidates_async:
 * @agent: an agent
 * @stream_id: a stream
 * @cancellable: (nullable): to end the wait; gathering itself goes on
 * @callback: (nullable): called when all local candidates of the stream are known, in
 *   the thread-default main context of the caller
 * @user_data: given to @callback
 *
 * As [method@Nice.Agent.gather_candidates], until
 * [signal@Nice.Agent::candidate-gathering-done]. The main context of the agent has to
 * run. [method@Nice.Agent.gather_candidates_finish] tells how it went.
 *
 * Since: icecold 1.0
 */
void
nice_agent_gather_candidates_async (NiceAgent *agent, guint stream_id,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = NULL;

  g_return_if_fail (NICE_IS_AGENT (agent));
  g_return_if_fail (stream_id >= 1);

  task = task_new (agent, stream_id, 0, cancellable, callback, user_data);
  g_task_set_source_tag (task, nice_agent_gather_candidates_async);
  watch_ends (task);
  if (!nice_agent_gather_candidates (agent, stream_id))
    {
      end_without_host (agent, task);
      return;
    }
  /* What was gathered in vain was done, too: so not earlier. */
  watch_signal (task, agent, "candidate-gathering-done", G_CALLBACK (on_done));
  if (look (agent, g_task_get_task_data (task)).gathered)
    end_well (task);
}

/**
 * nice_agent_gather_candidates_finish:
 * @agent: an agent
 * @result: what the callback got
 * @error: where to put an error
 *
 * Ends [method@Nice.Agent.gather_candidates_async].
 *
 * Errors are of the domain %G_IO_ERROR:
 *
 * - %G_IO_ERROR_NOT_FOUND: there is no such stream
 * - %G_IO_ERROR_ADDRESS_IN_USE: a component has no free port in its range
 * - %G_IO_ERROR_NETWORK_UNREACHABLE: a component has no address
 * - others: why the sockets of a component could not be had; all these as when
 *   [method@Nice.Agent.gather_candidates] fails, with stream and component in the message
 * - %G_IO_ERROR_CLOSED: the stream was removed
 * - %G_IO_ERROR_CANCELLED: the operation was cancelled
 *
 * Returns: %TRUE if all local candidates are known
 *
 * Since: icecold 1.0
 */
gboolean
nice_agent_gather_candidates_finish (NiceAgent *agent, GAsyncResult *result,
                                     GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, agent), FALSE);
  g_return_val_if_fail (
      g_async_result_is_tagged (result, nice_agent_gather_candidates_async), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * nice_agent_connect_async:
 * @agent: an agent
 * @stream_id: a stream
 * @component_id: a component, or 0 for all of the stream
 * @cancellable: (nullable): to end the wait; the checks themselves go on
 * @callback: (nullable): called when data can be sent, or when it is known that it
 *   cannot, in the thread-default main context of the caller
 * @user_data: given to @callback
 *
 * Waits until a component is connected. The program gathers and exchanges credentials and
 * candidates as always, before or meanwhile. The main context of the agent has to run.
 * [method@Nice.Agent.connect_finish] tells how it went.
 *
 * Since: icecold 1.0
 */
void
nice_agent_connect_async (NiceAgent *agent, guint stream_id, guint component_id,
                          GCancellable *cancellable, GAsyncReadyCallback callback,
                          gpointer user_data)
{
  g_autoptr (GTask) task = NULL;

  g_return_if_fail (NICE_IS_AGENT (agent));
  g_return_if_fail (stream_id >= 1);

  task = task_new (agent, stream_id, component_id, cancellable, callback, user_data);
  g_task_set_source_tag (task, nice_agent_connect_async);
  watch_signal (task, agent, "component-state-changed", G_CALLBACK (on_state));
  watch_ends (task);
  if (look (agent, g_task_get_task_data (task)).known)
    judge (agent, task);
  else
    end_of_unknown (task);
}

/**
 * nice_agent_connect_finish:
 * @agent: an agent
 * @result: what the callback got
 * @error: where to put an error
 *
 * Ends [method@Nice.Agent.connect_async].
 *
 * Errors are of the domain %G_IO_ERROR:
 *
 * - %G_IO_ERROR_NOT_FOUND: there is no such stream or component
 * - %G_IO_ERROR_HOST_UNREACHABLE: no pair of candidates works, or none can be formed
 * - %G_IO_ERROR_TIMED_OUT, %G_IO_ERROR_PERMISSION_DENIED: the peer's consent ended
 * - %G_IO_ERROR_CLOSED: the stream was removed
 * - %G_IO_ERROR_CANCELLED: the operation was cancelled
 * - others: why the socket, the connection or the relay that was needed is not there
 *
 * Returns: %TRUE if connected
 *
 * Since: icecold 1.0
 */
gboolean
nice_agent_connect_finish (NiceAgent *agent, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, agent), FALSE);
  g_return_val_if_fail (g_async_result_is_tagged (result, nice_agent_connect_async),
                        FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
