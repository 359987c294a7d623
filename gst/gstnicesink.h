/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* nicesink: buffers, to the peer of a component. */
#pragma once

#include <gst/base/gstbasesink.h>

G_BEGIN_DECLS

#define GST_TYPE_NICE_SINK gst_nice_sink_get_type ()
G_DECLARE_FINAL_TYPE (GstNiceSink, gst_nice_sink, GST, NICE_SINK, GstBaseSink)

G_END_DECLS
