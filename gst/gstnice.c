/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The plugin, by the names that libnice's has. It must not know what its elements do. */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <gst/gst.h>

#include "gstnicesink.h"
#include "gstnicesrc.h"

#define PACKAGE "icecold" /* for the macro */

static gboolean
plugin_init (GstPlugin *plugin)
{
  bindtextdomain (GETTEXT_PACKAGE, LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  return gst_element_register (plugin, "nicesrc", GST_RANK_NONE, GST_TYPE_NICE_SRC)
         && gst_element_register (plugin, "nicesink", GST_RANK_NONE, GST_TYPE_NICE_SINK);
}

GST_PLUGIN_DEFINE (GST_VERSION_MAJOR, GST_VERSION_MINOR, nice,
                   "Data over ICE: nicesrc and nicesink", plugin_init, PACKAGE_VERSION,
                   "LGPL", "icecold", "Unknown package origin")
