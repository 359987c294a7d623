/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The NAT matrix as people see it: eighty columns, readable without colours. */
#include "config.h"

#include "nat-picture.h"

#include <string.h>

static void
fill (SimMatrix *matrix)
{
  for (guint left = 0; left < SIM_N_NAT_KINDS; left++)
    for (guint right = 0; right < SIM_N_NAT_KINDS; right++)
      matrix->cells[left][right] =
          (SimMatrixCell) { .reached = SIM_PATH_HOST, .connected_at = 100 * SIM_MS };
  matrix->cells[SIM_SYMMETRIC][SIM_SYMMETRIC].reached = SIM_PATH_NONE;
  matrix->cells[SIM_SYMMETRIC][SIM_OPEN] =
      (SimMatrixCell) { .reached = SIM_PATH_RELAYED, .connected_at = 1234 * SIM_MS };
}

static void
test_fits_a_terminal (void)
{
  SimMatrix matrix;
  g_autofree char *picture = NULL;
  g_auto (GStrv) lines = NULL;

  fill (&matrix);
  picture = nat_picture_format (&matrix, FALSE);
  lines = g_strsplit (picture, "\n", -1);
  g_assert_cmpuint (g_strv_length (lines), ==, 3 + 1 + SIM_N_NAT_KINDS + 1);
  for (guint i = 0; lines[i] != NULL; i++)
    g_assert_cmpint (g_utf8_strlen (lines[i], -1), <=, 80);
  g_assert_cmpstr (lines[10], ==,
                   "7 symmetric               *1234    100    100    100    100    100"
                   "      -");
}

static void
test_colour_only_when_asked (void)
{
  SimMatrix matrix;
  g_autofree char *plain = NULL, *coloured = NULL;

  fill (&matrix);
  plain = nat_picture_format (&matrix, FALSE);
  coloured = nat_picture_format (&matrix, TRUE);
  g_assert_null (strchr (plain, '\033'));
  g_assert_nonnull (strstr (coloured, "\033[31m      -\033[0m"));
  g_assert_nonnull (strstr (coloured, "\033[33m  *1234\033[0m"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tools/nat-picture/fits", test_fits_a_terminal);
  g_test_add_func ("/tools/nat-picture/colour", test_colour_only_when_asked);
  return g_test_run ();
}
