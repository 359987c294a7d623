/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Finds the servers in the statistics of nice_agent_get_stats() (a{sv}: an identifier,
 * and a{sv} in the words of W3C webrtc-stats) of which an error was the last that was
 * heard. */
#include "config.h"

#include "servers.h"

char **
servers_get_failures (GVariant *stats)
{
  g_autoptr (GStrvBuilder) failures = g_strv_builder_new ();
  GVariantIter iter;
  GVariant *value;

  g_variant_iter_init (&iter, stats);
  while (g_variant_iter_loop (&iter, "{sv}", NULL, &value))
    {
      const char *type, *url, *text;

      if (g_variant_is_of_type (value, G_VARIANT_TYPE_VARDICT)
          && g_variant_lookup (value, "type", "&s", &type)
          && g_str_equal (type, "ice-server")
          && g_variant_lookup (value, "url", "&s", &url)
          && g_variant_lookup (value, "errorText", "&s", &text))
        {
          g_autofree char *line = g_strdup_printf ("%s: %s", url, text);

          g_strv_builder_add (failures, line);
        }
    }
  return g_strv_builder_end (failures);
}
