/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A GSource that is ready when a reliable component can be read from or written to. Asks
 * the component, and must not know why that is so. */
#include "config.h"

#include "reliable.h"

typedef struct
{
  GSource source;
  NiceReliable *reliable;
  GIOCondition condition;
  GObject *object;
} ReliableSource;

static gboolean
source_check (GSource *source)
{
  ReliableSource *self = (ReliableSource *)source;

  return (nice_reliable_get_condition (self->reliable) & self->condition) != 0;
}

static gboolean
source_prepare (GSource *source, gint *timeout)
{
  *timeout = -1;
  return source_check (source);
}

static gboolean
source_dispatch (GSource *source, GSourceFunc callback, gpointer data)
{
  ReliableSource *self = (ReliableSource *)source;

  return ((GPollableSourceFunc)(GCallback)callback) (self->object, data);
}

static void
source_finalize (GSource *source)
{
  ReliableSource *self = (ReliableSource *)source;

  nice_reliable_unwatch (self->reliable, source);
  nice_reliable_unref (self->reliable);
  g_object_unref (self->object);
}

static GSourceFuncs source_funcs = { source_prepare,  source_check, source_dispatch,
                                     source_finalize, NULL,         NULL };

static gboolean
on_source_cancelled (GCancellable *cancellable, gpointer data)
{
  return G_SOURCE_REMOVE;
}

GSource *
nice_reliable_create_source (NiceReliable *self, GIOCondition condition, GObject *object,
                             GCancellable *cancellable)
{
  GSource *source = g_source_new (&source_funcs, sizeof (ReliableSource));
  ReliableSource *mine = (ReliableSource *)source;

  mine->reliable = nice_reliable_ref (self);
  mine->condition = condition;
  mine->object = g_object_ref (object);
  if (cancellable != NULL)
    {
      g_autoptr (GSource) child = g_cancellable_source_new (cancellable);

      g_source_set_callback (child, G_SOURCE_FUNC (on_source_cancelled), NULL, NULL);
      g_source_add_child_source (source, child);
    }
  nice_reliable_watch (self, source);
  return source;
}
