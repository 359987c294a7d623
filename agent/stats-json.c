/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Writes values as JSON (RFC 8259). It knows the types that statistics are made of, not
 * what they mean. */
#include "config.h"

#include "stats-json.h"

#include <math.h>

/* RFC 8259 7: quotation mark, reverse solidus and control characters. */
static void
append_string (GString *json, const gchar *text)
{
  g_string_append_c (json, '"');
  for (; *text != '\0'; text++)
    if (*text == '"' || *text == '\\')
      g_string_append_printf (json, "\\%c", *text);
    else if ((guchar)*text < 0x20)
      g_string_append_printf (json, "\\u%04x", (guint)*text);
    else
      g_string_append_c (json, *text);
  g_string_append_c (json, '"');
}

/* RFC 8259 6 has no word for what is not finite, and no decimal commas. */
static void
append_double (GString *json, gdouble number)
{
  gchar text[G_ASCII_DTOSTR_BUF_SIZE];

  g_string_append (json, isfinite (number)
                             ? g_ascii_formatd (text, sizeof text, "%.15g", number)
                             : "null");
}

static void
append_object (GString *json, GVariant *dictionary)
{
  const gchar *separator = "";
  const gchar *key;
  GVariant *value;
  GVariantIter iter;

  g_string_append_c (json, '{');
  g_variant_iter_init (&iter, dictionary);
  while (g_variant_iter_next (&iter, "{&sv}", &key, &value))
    {
      g_string_append (json, separator);
      separator = ",";
      append_string (json, key);
      g_string_append_c (json, ':');
      nice_json_append (json, value);
      g_variant_unref (value);
    }
  g_string_append_c (json, '}');
}

void
nice_json_append (GString *json, GVariant *value)
{
  switch (g_variant_classify (value))
    {
    case G_VARIANT_CLASS_BOOLEAN:
      g_string_append (json, g_variant_get_boolean (value) ? "true" : "false");
      return;
    case G_VARIANT_CLASS_UINT32:
      g_string_append_printf (json, "%u", g_variant_get_uint32 (value));
      return;
    case G_VARIANT_CLASS_UINT64:
      g_string_append_printf (json, "%" G_GUINT64_FORMAT, g_variant_get_uint64 (value));
      return;
    case G_VARIANT_CLASS_DOUBLE:
      append_double (json, g_variant_get_double (value));
      return;
    case G_VARIANT_CLASS_STRING:
      append_string (json, g_variant_get_string (value, NULL));
      return;
    case G_VARIANT_CLASS_ARRAY:
      append_object (json, value);
      return;
    default: /* of the types there are, statistics have no other */
      g_assert_not_reached ();
    }
}
