/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* nicesink: buffers, to the peer of a component. Decides what is sent by one call, and
 * what becomes of what cannot be sent; must not know what the data is.
 *
 * A buffer is a datagram, and a list of buffers one call, so that it leaves as a run
 * (docs/send-path.md). What there is no room for is dropped: a datagram that waits is
 * late. To a reliable agent buffers are bytes, and the thread waits until there is room
 * for them. */
#include "config.h"

#include "gstnicesink.h"

#include "gstnicetarget.h"

#include <glib/gi18n-lib.h>

GST_DEBUG_CATEGORY_STATIC (nicesink_debug);
#define GST_CAT_DEFAULT nicesink_debug

/* A message is taken by a reliable agent whole or not at all, so it has to fit what that
 * holds at most, and a frame of RFC 4571. */
#define MAX_PIECE (16 * 1024)

struct _GstNiceSink
{
  GstBaseSink parent_instance;
  GstNiceTarget target;
  gboolean is_reliable;

  /* What one call sends; the streaming thread's. */
  GArray *maps;     /* of GstMapInfo */
  GArray *vectors;  /* of GOutputVector */
  GArray *messages; /* of NiceOutputMessage */
  guint64 n_dropped;
  gboolean has_warned;

  /* Under the lock of the object. */
  GCond changed;
  gboolean has_room; /* there may be, since it was last seen that there is none */
  gboolean is_unlocked;
  gulong handlers[3];
};

G_DEFINE_TYPE (GstNiceSink, gst_nice_sink, GST_TYPE_BASE_SINK)

static GstStaticPadTemplate sink_template =
    GST_STATIC_PAD_TEMPLATE ("sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);

/* --- What one call sends --- */

static void
add_message (GstNiceSink *self, gint n_buffers)
{
  const NiceOutputMessage message = { NULL, n_buffers };

  g_array_append_val (self->messages, message);
}

static void
add_pieces (GstNiceSink *self, const GstMapInfo *map)
{
  for (gsize at = 0; at < map->size; at += MAX_PIECE)
    {
      const GOutputVector piece = { map->data + at, MIN (MAX_PIECE, map->size - at) };

      g_array_append_val (self->vectors, piece);
      add_message (self, 1);
    }
}

/* FALSE: the memory cannot be read. */
static gboolean
add_buffer (GstNiceSink *self, GstBuffer *buffer)
{
  const guint n_memories = gst_buffer_n_memory (buffer);

  for (guint i = 0; i < n_memories; i++)
    {
      GstMapInfo map;

      if (!gst_memory_map (gst_buffer_peek_memory (buffer, i), &map, GST_MAP_READ))
        return FALSE;
      g_array_append_val (self->maps, map);
      if (self->is_reliable)
        add_pieces (self, &map);
      else
        g_array_append_vals (self->vectors, &(GOutputVector) { map.data, map.size }, 1);
    }
  if (!self->is_reliable)
    add_message (self, (gint)n_memories);
  return TRUE;
}

/* The vectors stay where they are from here on. */
static void
point_messages (GstNiceSink *self)
{
  GOutputVector *vector = (GOutputVector *)self->vectors->data;

  for (guint i = 0; i < self->messages->len; i++)
    {
      NiceOutputMessage *message = &g_array_index (self->messages, NiceOutputMessage, i);

      message->buffers = vector;
      vector += message->n_buffers;
    }
}

static void
clear_batch (GstNiceSink *self)
{
  for (guint i = 0; i < self->maps->len; i++)
    {
      GstMapInfo *map = &g_array_index (self->maps, GstMapInfo, i);

      gst_memory_unmap (map->memory, map);
    }
  g_array_set_size (self->maps, 0);
  g_array_set_size (self->vectors, 0);
  g_array_set_size (self->messages, 0);
}

/* --- Room --- */

static void
forget_room (GstNiceSink *self)
{
  GST_OBJECT_LOCK (self);
  self->has_room = FALSE;
  GST_OBJECT_UNLOCK (self);
}

static void
wake (GstNiceSink *self, gboolean *flag)
{
  GST_OBJECT_LOCK (self);
  *flag = TRUE;
  g_cond_broadcast (&self->changed);
  GST_OBJECT_UNLOCK (self);
}

/* Of any component of the agent, or that it failed, or a stream is gone: in any thread.
 */
static void
on_news (GstNiceSink *self)
{
  wake (self, &self->has_room);
}

static GstFlowReturn
wait_for_room (GstNiceSink *self)
{
  gboolean is_unlocked;

  GST_OBJECT_LOCK (self);
  while (!self->has_room && !self->is_unlocked)
    g_cond_wait (&self->changed, GST_OBJECT_GET_LOCK (self));
  is_unlocked = self->is_unlocked;
  GST_OBJECT_UNLOCK (self);
  return is_unlocked ? gst_base_sink_wait_preroll (GST_BASE_SINK (self)) : GST_FLOW_OK;
}

/* --- Sending --- */

static GstFlowReturn
fail (GstNiceSink *self, const GError *error)
{
  GST_ELEMENT_ERROR (self, RESOURCE, WRITE,
                     (_ ("Component %u of stream %u cannot be sent to: %s"),
                      self->target.component_id, self->target.stream_id, error->message),
                     (NULL));
  return GST_FLOW_ERROR;
}

/* Some of n datagrams. Returns how many are given up. */
static guint
drop (GstNiceSink *self, guint n, const GError *error)
{
  const gboolean is_full = g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);

  n = is_full ? n : 1; /* what is wrong with one may be right with the next */
  self->n_dropped += n;
  GST_DEBUG_OBJECT (self, "dropped %u, %" G_GUINT64_FORMAT " by now: %s", n,
                    self->n_dropped, error->message);
  if (!is_full && !self->has_warned)
    {
      self->has_warned = TRUE;
      GST_ELEMENT_WARNING (self, RESOURCE, WRITE,
                           (_ ("Component %u of stream %u cannot be sent to: %s"),
                            self->target.component_id, self->target.stream_id,
                            error->message),
                           (NULL));
    }
  return n;
}

static GstFlowReturn
send_batch (GstNiceSink *self)
{
  const NiceOutputMessage *next = (const NiceOutputMessage *)self->messages->data;
  guint left = self->messages->len;
  GstFlowReturn result = GST_FLOW_OK;

  while (left > 0 && result == GST_FLOW_OK)
    {
      g_autoptr (GError) error = NULL;
      gint done;

      forget_room (self);
      done = nice_agent_send_messages_nonblocking (
          self->target.agent, self->target.stream_id, self->target.component_id, next,
          left, NULL, &error);
      if (done < 0 && self->is_reliable)
        {
          done = 0;
          result = g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK)
                       ? wait_for_room (self)
                       : fail (self, error);
        }
      else if (done < 0)
        done = (gint)drop (self, left, error);
      next += done;
      left -= (guint)done;
    }
  return result;
}

/* is_mapped: all of it could be added. */
static GstFlowReturn
finish_batch (GstNiceSink *self, gboolean is_mapped)
{
  GstFlowReturn result = GST_FLOW_ERROR;

  if (is_mapped)
    {
      point_messages (self);
      result = send_batch (self);
    }
  else
    GST_ELEMENT_ERROR (self, RESOURCE, READ, (NULL), ("a buffer cannot be mapped"));
  clear_batch (self);
  return result;
}

static GstFlowReturn
render (GstBaseSink *sink, GstBuffer *buffer)
{
  GstNiceSink *self = GST_NICE_SINK (sink);

  return finish_batch (self, add_buffer (self, buffer));
}

static GstFlowReturn
render_list (GstBaseSink *sink, GstBufferList *list)
{
  GstNiceSink *self = GST_NICE_SINK (sink);
  const guint n = gst_buffer_list_length (list);
  guint i = 0;

  while (i < n && add_buffer (self, gst_buffer_list_get (list, i)))
    i++;
  return finish_batch (self, i == n);
}

/* --- States --- */

static gboolean
unlock (GstBaseSink *sink)
{
  GstNiceSink *self = GST_NICE_SINK (sink);

  wake (self, &self->is_unlocked);
  return TRUE;
}

static gboolean
unlock_stop (GstBaseSink *sink)
{
  GstNiceSink *self = GST_NICE_SINK (sink);

  GST_OBJECT_LOCK (self);
  self->is_unlocked = FALSE;
  GST_OBJECT_UNLOCK (self);
  return TRUE;
}

/* What may end a wait. */
static const gchar *const news[] = { "reliable-transport-writable",
                                     "component-state-changed", "streams-removed" };

G_STATIC_ASSERT (G_N_ELEMENTS (news) == G_N_ELEMENTS (((GstNiceSink *)NULL)->handlers));

static gboolean
start (GstBaseSink *sink)
{
  GstNiceSink *self = GST_NICE_SINK (sink);

  self->n_dropped = 0;
  self->has_warned = FALSE;
  g_object_get (self->target.agent, "reliable", &self->is_reliable, NULL);
  for (guint i = 0; self->is_reliable && i < G_N_ELEMENTS (news); i++)
    self->handlers[i] = g_signal_connect_data (
        self->target.agent, news[i], G_CALLBACK (on_news), gst_object_ref (self),
        (GClosureNotify)(GCallback)gst_object_unref, G_CONNECT_SWAPPED);
  return TRUE;
}

static gboolean
stop (GstBaseSink *sink)
{
  GstNiceSink *self = GST_NICE_SINK (sink);

  for (guint i = 0; i < G_N_ELEMENTS (news); i++)
    g_clear_signal_handler (&self->handlers[i], self->target.agent);
  if (self->n_dropped > 0)
    GST_INFO_OBJECT (self, "dropped %" G_GUINT64_FORMAT " buffers", self->n_dropped);
  return TRUE;
}

static GstStateChangeReturn
change_state (GstElement *element, GstStateChange transition)
{
  if (transition == GST_STATE_CHANGE_NULL_TO_READY
      && !gst_nice_target_check (&GST_NICE_SINK (element)->target, element))
    return GST_STATE_CHANGE_FAILURE;
  return GST_ELEMENT_CLASS (gst_nice_sink_parent_class)
      ->change_state (element, transition);
}

/* --- The type --- */

static void
set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  gst_nice_target_set (&GST_NICE_SINK (object)->target, object, id, value);
}

static void
get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  gst_nice_target_get (&GST_NICE_SINK (object)->target, object, id, value);
}

static void
finalize (GObject *object)
{
  GstNiceSink *self = GST_NICE_SINK (object);

  g_array_unref (self->maps);
  g_array_unref (self->vectors);
  g_array_unref (self->messages);
  g_cond_clear (&self->changed);
  gst_nice_target_clear (&self->target);
  G_OBJECT_CLASS (gst_nice_sink_parent_class)->finalize (object);
}

static void
gst_nice_sink_class_init (GstNiceSinkClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  GstBaseSinkClass *base_class = GST_BASE_SINK_CLASS (klass);

  GST_DEBUG_CATEGORY_INIT (nicesink_debug, "nicesink", 0, "Data sent over ICE");
  object_class->set_property = set_property;
  object_class->get_property = get_property;
  object_class->finalize = finalize;
  gst_nice_target_install (object_class);
  element_class->change_state = change_state;
  base_class->start = start;
  base_class->stop = stop;
  base_class->render = render;
  base_class->render_list = render_list;
  base_class->unlock = unlock;
  base_class->unlock_stop = unlock_stop;
  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_set_static_metadata (element_class, "ICE sink", "Sink",
                                         "Data to the peer of a component of a NiceAgent",
                                         "icecold");
}

static void
gst_nice_sink_init (GstNiceSink *self)
{
  self->maps = g_array_new (FALSE, FALSE, sizeof (GstMapInfo));
  self->vectors = g_array_new (FALSE, FALSE, sizeof (GOutputVector));
  self->messages = g_array_new (FALSE, FALSE, sizeof (NiceOutputMessage));
  g_cond_init (&self->changed);
  gst_base_sink_set_drop_out_of_segment (GST_BASE_SINK (self), FALSE);
}
