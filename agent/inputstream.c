/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The reading half of a component's GIOStream. It decides nothing but when to wait. */
#include "config.h"

#include "iostream-core.h"

struct _NiceInputStream
{
  GInputStream parent_instance;
  NiceStreamTarget target;
};

static void pollable_init (gpointer iface, gpointer data);

G_DEFINE_TYPE_WITH_CODE (
    NiceInputStream, nice_input_stream, G_TYPE_INPUT_STREAM,
    G_IMPLEMENT_INTERFACE (G_TYPE_POLLABLE_INPUT_STREAM,
                           (GInterfaceInitFunc)(GCallback)pollable_init))

static gssize
read_now (GPollableInputStream *stream, void *buffer, gsize size, GError **error)
{
  g_autoptr (GObject) alive = NULL;
  g_autoptr (NiceReliable) reliable = nice_stream_target_dup_reliable (
      &NICE_INPUT_STREAM (stream)->target, &alive, error);

  return reliable != NULL ? nice_reliable_read (reliable, buffer, size, error) : -1;
}

static gssize
read_waiting (GInputStream *stream, void *buffer, gsize size, GCancellable *cancellable,
              GError **error)
{
  g_autoptr (GObject) alive = NULL;
  g_autoptr (NiceReliable) reliable = nice_stream_target_dup_reliable (
      &NICE_INPUT_STREAM (stream)->target, &alive, error);

  return reliable != NULL
             ? nice_reliable_read_waiting (reliable, buffer, size, cancellable, error)
             : -1;
}

static gboolean
close_half (GInputStream *stream, GCancellable *cancellable, GError **error)
{
  nice_stream_target_shutdown (&NICE_INPUT_STREAM (stream)->target, TRUE, FALSE);
  return TRUE;
}

static gboolean
is_readable (GPollableInputStream *stream)
{
  return g_input_stream_is_closed (G_INPUT_STREAM (stream))
         || nice_stream_target_is_ready (&NICE_INPUT_STREAM (stream)->target, G_IO_IN);
}

static GSource *
create_source (GPollableInputStream *stream, GCancellable *cancellable)
{
  return nice_stream_target_create_source (&NICE_INPUT_STREAM (stream)->target, G_IO_IN,
                                           G_OBJECT (stream), cancellable);
}

static void
pollable_init (gpointer iface, gpointer data)
{
  GPollableInputStreamInterface *pollable = iface;

  pollable->is_readable = is_readable;
  pollable->create_source = create_source;
  pollable->read_nonblocking = read_now;
}

static void
finalize (GObject *object)
{
  nice_stream_target_clear (&NICE_INPUT_STREAM (object)->target);
  G_OBJECT_CLASS (nice_input_stream_parent_class)->finalize (object);
}

static void
set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  nice_stream_target_set (&NICE_INPUT_STREAM (object)->target, id, value);
}

static void
get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  nice_stream_target_get (&NICE_INPUT_STREAM (object)->target, id, value);
}

static void
nice_input_stream_class_init (NiceInputStreamClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GInputStreamClass *stream_class = G_INPUT_STREAM_CLASS (klass);

  object_class->finalize = finalize;
  object_class->set_property = set_property;
  object_class->get_property = get_property;
  stream_class->read_fn = read_waiting;
  stream_class->close_fn = close_half;
  nice_stream_target_install (object_class);
}

static void
nice_input_stream_init (NiceInputStream *self)
{
  g_weak_ref_init (&self->target.agent, NULL);
}

NiceInputStream *
nice_input_stream_new (NiceAgent *agent, guint stream_id, guint component_id)
{
  g_return_val_if_fail (NICE_IS_AGENT (agent), NULL);
  g_return_val_if_fail (stream_id >= 1, NULL);
  g_return_val_if_fail (component_id >= 1, NULL);

  return g_object_new (NICE_TYPE_INPUT_STREAM, "agent", agent, "stream-id", stream_id,
                       "component-id", component_id, NULL);
}
