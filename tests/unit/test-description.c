/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The line that two people paste: what survives a paste, and what is said when it does
 * not.
 */
#include "config.h"

#include "description.h"

#include <string.h>

#define UFRAG "a+b/"
#define PASSWORD "0123456789abcdefghijkl"
#define CANDIDATE "candidate:1 1 UDP 2130706431 192.0.2.1 5000 typ host"

static char *
make_line (guint n_candidates)
{
  g_autoptr (Description) description = description_new (UFRAG, PASSWORD);

  for (guint i = 0; i < n_candidates; i++)
    description_add_candidate (description, CANDIDATE);
  return description_to_line (description);
}

static void
assert_refused (const char *line, DescriptionError code)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (description_from_line (line, &error));
  g_assert_error (error, DESCRIPTION_ERROR, (gint)code);
}

static void
assert_whole (const char *line, guint n_candidates)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Description) description = description_from_line (line, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (description->ufrag, ==, UFRAG);
  g_assert_cmpstr (description->password, ==, PASSWORD);
  g_assert_cmpuint (description->candidates->len, ==, n_candidates);
  g_assert_cmpstr (g_ptr_array_index (description->candidates, 0), ==, CANDIDATE);
}

static void
test_what_is_written_can_be_read (void)
{
  g_autofree char *line = make_line (3);

  assert_whole (line, 3);
  for (const char *c = line; *c != '\0'; c++)
    g_assert_true (g_ascii_isalnum (*c) || *c == '-' || *c == '_');
}

static void
test_terminal_wrapped_the_line (void)
{
  g_autofree char *line = make_line (2);
  g_autoptr (GString) wrapped = g_string_new (line);

  g_string_insert (wrapped, 40, "\n  ");
  g_string_insert (wrapped, 3, "\r\n");
  g_string_prepend (wrapped, "  ");
  g_string_append (wrapped, " \n");
  assert_whole (wrapped->str, 2);
}

static void
test_every_half_of_a_line_is_noticed (void)
{
  g_autofree char *line = make_line (2);

  for (gsize len = strlen ("icecold1-"); len < strlen (line); len++)
    {
      g_autofree char *half = g_strndup (line, len);

      assert_refused (half, DESCRIPTION_ERROR_DAMAGED);
    }
}

static void
test_every_changed_character_is_noticed (void)
{
  g_autofree char *line = make_line (1);

  for (gsize i = strlen ("icecold1-"); line[i] != '\0'; i++)
    {
      const char kept = line[i];
      g_autoptr (GError) error = NULL;
      g_autoptr (Description) description = NULL;

      line[i] = kept == 'A' ? 'B' : 'A';
      description = description_from_line (line, &error);
      /* The last character of base64 may hold bits that mean nothing. */
      if (description != NULL)
        g_assert_cmpstr (description->password, ==, PASSWORD);
      else
        g_assert_error (error, DESCRIPTION_ERROR, DESCRIPTION_ERROR_DAMAGED);
      line[i] = kept;
    }
}

static void
test_other_pastes_are_named (void)
{
  assert_refused ("", DESCRIPTION_ERROR_EMPTY);
  assert_refused (" \n", DESCRIPTION_ERROR_EMPTY);
  assert_refused ("v=0", DESCRIPTION_ERROR_FOREIGN);
  assert_refused ("icecold2-abcdefghijkl", DESCRIPTION_ERROR_VERSION);
  assert_refused ("icecold1-", DESCRIPTION_ERROR_DAMAGED);
}

static void
test_a_side_without_address (void)
{
  g_autofree char *line = make_line (0);

  assert_refused (line, DESCRIPTION_ERROR_INVALID);
}

static void
test_credentials_with_line_breaks (void)
{
  g_autoptr (Description) description = description_new ("ab\ncd", PASSWORD);
  g_autofree char *line = NULL;

  description_add_candidate (description, CANDIDATE);
  line = description_to_line (description);
  assert_refused (line, DESCRIPTION_ERROR_INVALID);
}

static void
test_a_megabyte_is_refused (void)
{
  g_autofree char *line = g_strnfill (1 << 20, 'A');

  memcpy (line, "icecold1-", strlen ("icecold1-"));
  assert_refused (line, DESCRIPTION_ERROR_FOREIGN);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tools/description/round-trip", test_what_is_written_can_be_read);
  g_test_add_func ("/tools/description/wrapped", test_terminal_wrapped_the_line);
  g_test_add_func ("/tools/description/half", test_every_half_of_a_line_is_noticed);
  g_test_add_func ("/tools/description/changed", test_every_changed_character_is_noticed);
  g_test_add_func ("/tools/description/other", test_other_pastes_are_named);
  g_test_add_func ("/tools/description/no-address", test_a_side_without_address);
  g_test_add_func ("/tools/description/line-break", test_credentials_with_line_breaks);
  g_test_add_func ("/tools/description/too-long", test_a_megabyte_is_refused);
  return g_test_run ();
}
