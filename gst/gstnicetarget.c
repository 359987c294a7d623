/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The component that an element sends to or receives from, as three properties: what may
 * be set, and what has to be before the element leaves NULL. It must not know which way
 * data goes. */
#include "config.h"

#include "gstnicetarget.h"

#include <glib/gi18n-lib.h>

enum
{
  PROP_AGENT = 1,
  PROP_STREAM,
  PROP_COMPONENT
};

void
gst_nice_target_install (GObjectClass *klass)
{
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;

  g_object_class_install_property (
      klass, PROP_AGENT,
      g_param_spec_object ("agent", "Agent", "Agent whose data it is; can be set once",
                           NICE_TYPE_AGENT, flags));
  g_object_class_install_property (klass, PROP_STREAM,
                                   g_param_spec_uint ("stream", "Stream ID",
                                                      "Stream of the agent; 0: not set",
                                                      0, G_MAXUINT, 0, flags));
  g_object_class_install_property (
      klass, PROP_COMPONENT,
      g_param_spec_uint ("component", "Component ID",
                         "Component of the stream; 0: not set", 0, G_MAXUINT, 0, flags));
}

void
gst_nice_target_set (GstNiceTarget *self, GObject *element, guint id, const GValue *value)
{
  GST_OBJECT_LOCK (element);
  switch (id)
    {
    case PROP_AGENT:
      if (self->agent == NULL)
        self->agent = g_value_dup_object (value);
      else
        GST_WARNING_OBJECT (element, "an agent is set already; it stays");
      break;
    case PROP_STREAM:
      self->stream_id = g_value_get_uint (value);
      break;
    case PROP_COMPONENT:
      self->component_id = g_value_get_uint (value);
      break;
    }
  GST_OBJECT_UNLOCK (element);
}

void
gst_nice_target_get (const GstNiceTarget *self, GObject *element, guint id, GValue *value)
{
  GST_OBJECT_LOCK (element);
  switch (id)
    {
    case PROP_AGENT:
      g_value_set_object (value, self->agent);
      break;
    case PROP_STREAM:
      g_value_set_uint (value, self->stream_id);
      break;
    case PROP_COMPONENT:
      g_value_set_uint (value, self->component_id);
      break;
    }
  GST_OBJECT_UNLOCK (element);
}

void
gst_nice_target_clear (GstNiceTarget *self)
{
  g_clear_object (&self->agent);
}

gboolean
gst_nice_target_check (const GstNiceTarget *self, GstElement *element)
{
  const gchar *missing = NULL;

  GST_OBJECT_LOCK (element);
  if (self->agent == NULL)
    missing = "agent";
  else if (self->stream_id == 0)
    missing = "stream";
  else if (self->component_id == 0)
    missing = "component";
  GST_OBJECT_UNLOCK (element);
  if (missing != NULL)
    GST_ELEMENT_ERROR (
        element, RESOURCE, SETTINGS,
        (_ ("The property “%s” is not set: it says whose data it is."), missing), (NULL));
  return missing == NULL;
}
