/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* nicesrc: what a component receives, as buffers. */
#pragma once

#include <gst/base/gstpushsrc.h>

G_BEGIN_DECLS

#define GST_TYPE_NICE_SRC gst_nice_src_get_type ()
G_DECLARE_FINAL_TYPE (GstNiceSrc, gst_nice_src, GST, NICE_SRC, GstPushSrc)

G_END_DECLS
