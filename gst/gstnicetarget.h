/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The component that an element sends to or receives from. */
#pragma once

#include <gst/gst.h>
#include <nice/agent.h>

G_BEGIN_DECLS

/* Properties are under the lock of the element's object. Nothing changes any more once
 * the element has left NULL. */
typedef struct
{
  NiceAgent *agent;
  guint stream_id, component_id; /* 0: not set */
} GstNiceTarget;

void gst_nice_target_install (GObjectClass *klass);
void gst_nice_target_set (GstNiceTarget *self, GObject *element, guint id,
                          const GValue *value);
void gst_nice_target_get (const GstNiceTarget *self, GObject *element, guint id,
                          GValue *value);
void gst_nice_target_clear (GstNiceTarget *self);

/* FALSE: not everything is set, and the bus was told. */
gboolean gst_nice_target_check (const GstNiceTarget *self, GstElement *element);

G_END_DECLS
