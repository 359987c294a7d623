/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sources that are ready when a component can be read from, or a reliable one written to.
 * They ask the component and decide nothing but when to ask.
 *
 * NOTES: a g_cancellable_source_new() as child leaks, up to GLib 2.74 at least, when it
 * goes while another thread cancels. */
#include "config.h"

#include "agent-core.h"
#include "component-source.h"

typedef struct
{
  GSource source;
  NiceWaker *waker;
  NiceReliable *reliable;   /* NULL: datagrams ... */
  NiceReadiness *readiness; /* ... which this tells about */
  GIOCondition condition;
  GObject *object; /* the agent or a stream, kept alive */
  GCancellable *cancellable;
  gulong cancel_handler; /* of it; 0: none */
  GMainContext *context; /* where it has the sockets read; NULL: nowhere yet */
} ComponentSource;

static gboolean
is_ready (ComponentSource *self)
{
  nice_waker_rest (self->waker);
  if (g_cancellable_is_cancelled (self->cancellable))
    return TRUE;
  if (self->reliable == NULL)
    return nice_readiness_check (self->readiness);
  return (nice_reliable_get_condition (self->reliable) & self->condition) != 0;
}

static gboolean
source_check (GSource *source)
{
  return is_ready ((ComponentSource *)source);
}

static gboolean
source_prepare (GSource *source, gint *timeout)
{
  *timeout = -1;
  return is_ready ((ComponentSource *)source);
}

static void
source_finalize (GSource *source)
{
  ComponentSource *self = (ComponentSource *)source;

  if (self->reliable != NULL)
    nice_reliable_unwatch (self->reliable, self->waker);
  if (self->reliable != NULL && self->context != NULL)
    nice_reliable_stop_reading (self->reliable, self->context);
  g_clear_pointer (&self->reliable, nice_reliable_unref);
  g_clear_pointer (&self->context, g_main_context_unref);
  g_clear_pointer (&self->readiness, nice_readiness_free);
  nice_waker_unref (self->waker);
  if (self->cancel_handler != 0)
    g_signal_handler_disconnect (self->cancellable, self->cancel_handler);
  g_clear_object (&self->cancellable);
  g_object_unref (self->object);
}

/* --- Of streams: tells the stream, and reads nothing --- */

static gboolean
dispatch_pollable (GSource *source, GSourceFunc callback, gpointer data)
{
  ComponentSource *self = (ComponentSource *)source;

  return ((GPollableSourceFunc)(GCallback)callback) (self->object, data);
}

static GSourceFuncs pollable_funcs = { source_prepare,  source_check, dispatch_pollable,
                                       source_finalize, NULL,         NULL };

/* --- Of programs --- */

/* The first time in its context: signals may be emitted in here, so not before. */
static void
start_reading (ComponentSource *self)
{
  self->context = g_main_context_ref (g_source_get_context (&self->source));
  g_source_set_ready_time (&self->source, -1);
  if (self->reliable != NULL)
    nice_reliable_attach (self->reliable, self->context, NULL, NULL, NULL);
  else
    nice_readiness_read_in (self->readiness, self->context);
}

static gboolean
dispatch_plain (GSource *source, GSourceFunc callback, gpointer data)
{
  ComponentSource *self = (ComponentSource *)source;

  if (self->context == NULL)
    start_reading (self);
  if (!is_ready (self))
    return G_SOURCE_CONTINUE;
  if (callback == NULL)
    {
      g_warning ("A source of nice_agent_create_source() has no callback");
      return G_SOURCE_REMOVE;
    }
  return callback (data);
}

static GSourceFuncs plain_funcs = { source_prepare,  source_check, dispatch_plain,
                                    source_finalize, NULL,         NULL };

/* --- Making --- */

static void
on_cancelled (GCancellable *cancellable, NiceWaker *waker)
{
  nice_waker_wake (waker);
}

/* It may still be called in another thread when the source is gone. */
static void
watch_cancellable (ComponentSource *self, GCancellable *cancellable)
{
  self->cancellable = g_object_ref (cancellable);
  self->cancel_handler = g_signal_connect_data (
      cancellable, "cancelled", G_CALLBACK (on_cancelled), nice_waker_ref (self->waker),
      (GClosureNotify)(GCallback)nice_waker_unref, 0);
}

static ComponentSource *
source_new (GSourceFuncs *funcs, GObject *object, GCancellable *cancellable)
{
  NiceWaker *waker = nice_waker_new ();
  ComponentSource *self;

  if (waker == NULL)
    return NULL;
  self = (ComponentSource *)g_source_new (funcs, sizeof *self);
  self->waker = waker;
  self->object = g_object_ref (object);
  g_source_add_unix_fd (&self->source, waker->fd, G_IO_IN);
  if (cancellable != NULL)
    watch_cancellable (self, cancellable);
  return self;
}

static void
watch_reliable (ComponentSource *self, NiceReliable *reliable, GIOCondition condition)
{
  self->reliable = nice_reliable_ref (reliable);
  self->condition = condition;
  nice_reliable_watch (reliable, self->waker);
}

GSource *
nice_component_source_new (NiceReliable *reliable, GIOCondition condition,
                           GObject *object, GCancellable *cancellable)
{
  ComponentSource *self = source_new (&pollable_funcs, object, cancellable);

  if (self == NULL)
    return NULL;
  g_source_set_static_name (&self->source, "NicePollableSource");
  watch_reliable (self, reliable, condition);
  return &self->source;
}

static gboolean
find_component (ComponentSource *self, guint stream_id, guint component_id)
{
  NiceAgent *agent = NICE_AGENT (self->object);

  if (agent->settings.reliable)
    {
      g_autoptr (NiceReliable) reliable =
          nice_agent_dup_reliable (agent, stream_id, component_id);

      if (reliable != NULL)
        {
          watch_reliable (self, reliable, G_IO_IN);
          nice_reliable_attach (reliable, NULL, NULL, NULL, NULL);
        }
      return reliable != NULL;
    }
  self->readiness =
      nice_readiness_new (agent->driver, stream_id, component_id, self->waker);
  if (self->readiness != NULL)
    nice_driver_attach (agent->driver, stream_id, component_id, NULL, NULL, NULL, NULL);
  return self->readiness != NULL;
}

/**
 * nice_agent_create_source:
 * @agent: an agent
 * @stream_id: a stream
 * @component_id: a component
 * @cancellable: (nullable): makes the source ready when it is cancelled
 *
 * Makes a source for a main loop that is ready while a component has something to
 * receive. Its callback is a plain [callback@GLib.SourceFunc], as every binding can set,
 * and takes what there is with a call that does not wait:
 * [method@Nice.Agent.recv_bytes_nonblocking],
 * [method@Nice.Agent.recv_messages_nonblocking] or
 * [method@Nice.Agent.recv_nonblocking]. It goes on to be called until nothing is left, so
 * it may take one message at a time or all; when another thread was faster, that call
 * fails with %G_IO_ERROR_WOULD_BLOCK.
 *
 * The source is ready too when the component was removed and when @cancellable is
 * cancelled; the call that it makes then says so, and the callback returns
 * %G_SOURCE_REMOVE. At the end of a reliable component's data the call returns 0, or no
 * bytes.
 *
 * Making it replaces a function set by [method@Nice.Agent.attach_recv], and such a
 * function takes the data from it: one of them at a time. From its first iteration in the
 * context that it was attached to until it is destroyed, the sockets of the component are
 * read in that context, where checks of the peer are answered too; before and afterwards
 * in the agent's. Between reading and receiving, 208 kB of datagrams are kept; what
 * arrives beyond is lost, as in a socket. The source keeps the agent alive.
 *
 * ```c
 * static gboolean
 * on_readable (gpointer user_data)
 * {
 *   g_autoptr (GError) error = NULL;
 *   g_autoptr (GBytes) bytes =
 *       nice_agent_recv_bytes_nonblocking (user_data, stream, 1, NULL, &error);
 *
 *   if (bytes != NULL)
 *     handle (bytes);
 *   return bytes != NULL || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);
 * }
 * ```
 *
 * Returns: (transfer full) (nullable): the source, not yet attached; %NULL if there is no
 *   such component, or the system is out of descriptors
 *
 * Since: icecold 1.0
 */
GSource *
nice_agent_create_source (NiceAgent *agent, guint stream_id, guint component_id,
                          GCancellable *cancellable)
{
  ComponentSource *self;

  nice_check_component (agent, stream_id, component_id, NULL);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), NULL);

  self = source_new (&plain_funcs, G_OBJECT (agent), cancellable);
  if (self == NULL)
    return NULL;
  g_source_set_static_name (&self->source, "NiceAgentSource");
  g_source_set_ready_time (&self->source, 0); /* for start_reading() */
  if (!find_component (self, stream_id, component_id))
    {
      g_source_unref (&self->source);
      return NULL;
    }
  return &self->source;
}
