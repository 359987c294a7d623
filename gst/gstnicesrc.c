/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* nicesrc: what a component receives, as buffers, by the streaming thread alone. Decides
 * when the component is read there, and how much is read before it goes downstream; must
 * not know what the data is.
 *
 * While the element plays, its thread iterates a context of its own, in which the sockets
 * are read: data goes from the kernel downstream without another thread, whatever the
 * application's main loop does. Else nobody is attached, the sockets are read in the
 * agent's context, checks of the peer are answered there, and data waits in the library.
 *
 * One wake-up brings no more than the library reads before it lets others have their
 * turn; all of it goes downstream before the next.
 *
 * NOTES: while downstream holds the thread, nobody reads; a branch that may do so for the
 * seconds that checks and consent last wants a queue in front. Reading in the agent's
 * context all the time would answer them, for a switch of threads a wake-up and media
 * that stalls with the application's main loop.
 *
 * Lists of buffers cost 0.45 us of 1.35 less a buffer, sending and the kernel included.
 * But GstBaseSrc (1.22) counts a list as one of num-buffers and releases a NULL when it
 * is stopped while it is given one; and probes that wait for buffers do not see lists. */
#include "config.h"

#include "gstnicesrc.h"

#include "gstnicetarget.h"

#include <glib/gi18n-lib.h>
#include <gst/net/gstnetcontrolmessagemeta.h>

GST_DEBUG_CATEGORY_STATIC (nicesrc_debug);
#define GST_CAT_DEFAULT nicesrc_debug

struct _GstNiceSrc
{
  GstPushSrc parent_instance;
  GstNiceTarget target;
  GMainContext *context; /* iterated by the streaming thread only */
  GQueue arrived;        /* of GstBuffer; under the lock of the object */
  gint is_unlocked;      /* atomic */
};

G_DEFINE_TYPE (GstNiceSrc, gst_nice_src, GST_TYPE_PUSH_SRC)

static GstStaticPadTemplate src_template =
    GST_STATIC_PAD_TEMPLATE ("src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);

/* --- From the agent --- */

static void
add_tos (GstBuffer *buffer, NiceMessageExtraData *extra)
{
  g_autoptr (GSocketControlMessage) tos = nice_message_extra_data_get_tos (extra);

  if (tos != NULL)
    gst_buffer_add_net_control_message_meta (buffer, tos);
}

/* The bytes are lent for the call. In the streaming thread; but a reliable agent that is
 * read elsewhere when the element attaches may call there once more. */
static void
on_message (NiceAgent *agent, guint stream_id, guint component_id, guint len, gchar *buf,
            NiceMessageExtraData *extra, gpointer data)
{
  GstNiceSrc *self = data;
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, len, NULL);

  gst_buffer_fill (buffer, 0, buf, len);
  add_tos (buffer, extra);
  GST_OBJECT_LOCK (self);
  g_queue_push_tail (&self->arrived, buffer);
  GST_OBJECT_UNLOCK (self);
  if (!g_main_context_is_owner (self->context))
    g_main_context_wakeup (self->context);
}

static void
attach (GstNiceSrc *self)
{
  const GstNiceTarget *target = &self->target;

  if (!nice_agent_attach_recv_ex (target->agent, target->stream_id, target->component_id,
                                  self->context, on_message, gst_object_ref (self),
                                  gst_object_unref))
    GST_ELEMENT_WARNING (
        self, RESOURCE, NOT_FOUND,
        (_ ("There is no component %u in stream %u: nothing will be received."),
         target->component_id, target->stream_id),
        (NULL));
}

static void
detach (GstNiceSrc *self)
{
  nice_agent_attach_recv (self->target.agent, self->target.stream_id,
                          self->target.component_id, NULL, NULL, NULL);
}

/* --- Downstream --- */

/* The base class would stamp each when its turn comes, later the slower downstream is. */
static void
stamp (GstNiceSrc *self)
{
  GstClockTime now;

  if (!gst_base_src_get_do_timestamp (GST_BASE_SRC (self)))
    return;
  now = gst_element_get_current_running_time (GST_ELEMENT (self));
  GST_OBJECT_LOCK (self);
  for (GList *l = self->arrived.head; l != NULL; l = l->next)
    {
      GstBuffer *buffer = l->data;

      GST_BUFFER_PTS (buffer) = GST_BUFFER_DTS (buffer) = now;
    }
  GST_OBJECT_UNLOCK (self);
}

static GstBuffer *
pop (GstNiceSrc *self)
{
  GstBuffer *buffer;

  GST_OBJECT_LOCK (self);
  buffer = g_queue_pop_head (&self->arrived);
  GST_OBJECT_UNLOCK (self);
  return buffer;
}

/* What arrived when the element was told to stop waits for the next call. */
static GstFlowReturn
create (GstPushSrc *src, GstBuffer **buffer)
{
  GstNiceSrc *self = GST_NICE_SRC (src);

  while (!g_atomic_int_get (&self->is_unlocked))
    {
      *buffer = pop (self);
      if (*buffer != NULL)
        return GST_FLOW_OK;
      g_main_context_iteration (self->context, TRUE);
      stamp (self);
    }
  return GST_FLOW_FLUSHING;
}

static gboolean
unlock (GstBaseSrc *src)
{
  GstNiceSrc *self = GST_NICE_SRC (src);

  g_atomic_int_set (&self->is_unlocked, TRUE);
  g_main_context_wakeup (self->context);
  return TRUE;
}

static gboolean
unlock_stop (GstBaseSrc *src)
{
  g_atomic_int_set (&GST_NICE_SRC (src)->is_unlocked, FALSE);
  return TRUE;
}

/* --- States --- */

static void
drop_arrived (GstNiceSrc *self)
{
  GST_OBJECT_LOCK (self);
  g_queue_clear_full (&self->arrived, (GDestroyNotify)gst_buffer_unref);
  GST_OBJECT_UNLOCK (self);
}

static gboolean
stop (GstBaseSrc *src)
{
  drop_arrived (GST_NICE_SRC (src));
  return TRUE;
}

static GstStateChangeReturn
change_state (GstElement *element, GstStateChange transition)
{
  GstNiceSrc *self = GST_NICE_SRC (element);
  GstStateChangeReturn result;

  if (transition == GST_STATE_CHANGE_NULL_TO_READY
      && !gst_nice_target_check (&self->target, element))
    return GST_STATE_CHANGE_FAILURE;
  if (transition == GST_STATE_CHANGE_PAUSED_TO_PLAYING)
    attach (self);
  result =
      GST_ELEMENT_CLASS (gst_nice_src_parent_class)->change_state (element, transition);
  if (transition == GST_STATE_CHANGE_PLAYING_TO_PAUSED)
    detach (self);
  return result;
}

/* --- The type --- */

static void
set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  gst_nice_target_set (&GST_NICE_SRC (object)->target, object, id, value);
}

static void
get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  gst_nice_target_get (&GST_NICE_SRC (object)->target, object, id, value);
}

static void
finalize (GObject *object)
{
  GstNiceSrc *self = GST_NICE_SRC (object);

  drop_arrived (self);
  g_main_context_unref (self->context);
  gst_nice_target_clear (&self->target);
  G_OBJECT_CLASS (gst_nice_src_parent_class)->finalize (object);
}

static void
gst_nice_src_class_init (GstNiceSrcClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  GstBaseSrcClass *base_class = GST_BASE_SRC_CLASS (klass);

  GST_DEBUG_CATEGORY_INIT (nicesrc_debug, "nicesrc", 0, "Data received over ICE");
  object_class->set_property = set_property;
  object_class->get_property = get_property;
  object_class->finalize = finalize;
  gst_nice_target_install (object_class);
  element_class->change_state = change_state;
  base_class->stop = stop;
  base_class->unlock = unlock;
  base_class->unlock_stop = unlock_stop;
  GST_PUSH_SRC_CLASS (klass)->create = create;
  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_element_class_set_static_metadata (element_class, "ICE source", "Source",
                                         "Data that a component of a NiceAgent receives",
                                         "icecold");
}

static void
gst_nice_src_init (GstNiceSrc *self)
{
  self->context = g_main_context_new ();
  g_queue_init (&self->arrived);
  gst_base_src_set_live (GST_BASE_SRC (self), TRUE);
  gst_base_src_set_format (GST_BASE_SRC (self), GST_FORMAT_TIME);
  gst_base_src_set_do_timestamp (GST_BASE_SRC (self), TRUE);
}
