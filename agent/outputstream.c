/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The writing half of a component's GIOStream. It decides nothing but when to wait. */
#include "config.h"

#include "iostream-core.h"

struct _NiceOutputStream
{
  GOutputStream parent_instance;
  NiceStreamTarget target;
};

static void pollable_init (gpointer iface, gpointer data);

G_DEFINE_TYPE_WITH_CODE (
    NiceOutputStream, nice_output_stream, G_TYPE_OUTPUT_STREAM,
    G_IMPLEMENT_INTERFACE (G_TYPE_POLLABLE_OUTPUT_STREAM,
                           (GInterfaceInitFunc)(GCallback)pollable_init))

static gssize
write_now (GPollableOutputStream *stream, const void *buffer, gsize size, GError **error)
{
  g_autoptr (GObject) alive = NULL;
  g_autoptr (NiceReliable) reliable = nice_stream_target_dup_reliable (
      &NICE_OUTPUT_STREAM (stream)->target, &alive, error);

  return reliable != NULL ? nice_reliable_write (reliable, buffer, size, error) : -1;
}

static gssize
write_waiting (GOutputStream *stream, const void *buffer, gsize size,
               GCancellable *cancellable, GError **error)
{
  g_autoptr (GObject) alive = NULL;
  g_autoptr (NiceReliable) reliable = nice_stream_target_dup_reliable (
      &NICE_OUTPUT_STREAM (stream)->target, &alive, error);

  return reliable != NULL
             ? nice_reliable_write_waiting (reliable, buffer, size, cancellable, error)
             : -1;
}

static gboolean
close_half (GOutputStream *stream, GCancellable *cancellable, GError **error)
{
  nice_stream_target_shutdown (&NICE_OUTPUT_STREAM (stream)->target, FALSE, TRUE);
  return TRUE;
}

static gboolean
is_writable (GPollableOutputStream *stream)
{
  return g_output_stream_is_closed (G_OUTPUT_STREAM (stream))
         || nice_stream_target_is_ready (&NICE_OUTPUT_STREAM (stream)->target, G_IO_OUT);
}

static GSource *
create_source (GPollableOutputStream *stream, GCancellable *cancellable)
{
  return nice_stream_target_create_source (&NICE_OUTPUT_STREAM (stream)->target, G_IO_OUT,
                                           G_OBJECT (stream), cancellable);
}

static void
pollable_init (gpointer iface, gpointer data)
{
  GPollableOutputStreamInterface *pollable = iface;

  pollable->is_writable = is_writable;
  pollable->create_source = create_source;
  pollable->write_nonblocking = write_now;
}

static void
finalize (GObject *object)
{
  nice_stream_target_clear (&NICE_OUTPUT_STREAM (object)->target);
  G_OBJECT_CLASS (nice_output_stream_parent_class)->finalize (object);
}

static void
set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  nice_stream_target_set (&NICE_OUTPUT_STREAM (object)->target, id, value);
}

static void
get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  nice_stream_target_get (&NICE_OUTPUT_STREAM (object)->target, id, value);
}

static void
nice_output_stream_class_init (NiceOutputStreamClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GOutputStreamClass *stream_class = G_OUTPUT_STREAM_CLASS (klass);

  object_class->finalize = finalize;
  object_class->set_property = set_property;
  object_class->get_property = get_property;
  stream_class->write_fn = write_waiting;
  stream_class->close_fn = close_half;
  nice_stream_target_install (object_class);
}

static void
nice_output_stream_init (NiceOutputStream *self)
{
  g_weak_ref_init (&self->target.agent, NULL);
}

NiceOutputStream *
nice_output_stream_new (NiceAgent *agent, guint stream_id, guint component_id)
{
  g_return_val_if_fail (NICE_IS_AGENT (agent), NULL);
  g_return_val_if_fail (stream_id >= 1, NULL);
  g_return_val_if_fail (component_id >= 1, NULL);

  return g_object_new (NICE_TYPE_OUTPUT_STREAM, "agent", agent, "stream-id", stream_id,
                       "component-id", component_id, NULL);
}
