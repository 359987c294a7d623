/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Statistics as JSON: what a parser of RFC 8259 would stumble over. */
#include "config.h"

#include "agent/stats-json.h"

#include <math.h>

static void
expect (const gchar *variant, const gchar *json)
{
  g_autoptr (GVariant) value = g_variant_ref_sink (g_variant_new_parsed (variant));
  g_autoptr (GString) text = g_string_new (NULL);

  nice_json_append (text, value);
  g_assert_cmpstr (text->str, ==, json);
}

static void
test_an_object_of_objects (void)
{
  expect ("@a{sv} {}", "{}");
  expect ("{'a': <{'b': <true>, 'c': <'x'>}>, 'd': <@a{sv} {}>}",
          "{\"a\":{\"b\":true,\"c\":\"x\"},\"d\":{}}");
}

static void
test_numbers_are_written_in_full (void)
{
  expect ("{'n': <uint64 18446744073709551615>}", "{\"n\":18446744073709551615}");
  expect ("{'n': <uint32 4294967295>}", "{\"n\":4294967295}");
  expect ("{'n': <0.00125>}", "{\"n\":0.00125}");
  expect ("{'n': <1700000000000.125>}", "{\"n\":1700000000000.12}");
}

static void
test_quotes_and_control_characters (void)
{
  expect ("{'n': <'\"\\\\'>}", "{\"n\":\"\\\"\\\\\"}");
  expect ("{'n': <'a\\nb\\u0001'>}", "{\"n\":\"a\\u000ab\\u0001\"}");
  expect ("{'n': <'ü'>}", "{\"n\":\"ü\"}");
}

static void
test_what_is_no_number_is_null (void)
{
  g_autoptr (GVariant) value = g_variant_ref_sink (g_variant_new_double (NAN));
  g_autoptr (GString) text = g_string_new (NULL);

  nice_json_append (text, value);
  g_assert_cmpstr (text->str, ==, "null");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/stats-json/objects", test_an_object_of_objects);
  g_test_add_func ("/stats-json/numbers", test_numbers_are_written_in_full);
  g_test_add_func ("/stats-json/strings", test_quotes_and_control_characters);
  g_test_add_func ("/stats-json/no-number", test_what_is_no_number_is_null);
  return g_test_run ();
}
