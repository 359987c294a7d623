/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which seeds a test program runs: its own number of them, --seeds N of them, from
 * --first N on, or the one that --seed N names. Knows no world. */
#include "config.h"

#include "sim-scenario.h"

static guint64 only_seed, n_seeds, first_seed = 1;

static gboolean
take_option (int *argc, char **argv, int i, const gchar *name, guint64 *value)
{
  if (!g_str_equal (argv[i], name) || i + 1 >= *argc)
    return FALSE;
  *value = g_ascii_strtoull (argv[i + 1], NULL, 10);
  for (int k = i; k + 2 <= *argc; k++)
    argv[k] = argv[k + 2]; /* the NULL at the end too */
  *argc -= 2;
  return TRUE;
}

/* Before g_test_init(), which refuses what it does not know. */
void
sim_seeds_init (int *argc, char ***argv)
{
  int i = 1;

  while (i < *argc)
    if (!take_option (argc, *argv, i, "--seed", &only_seed)
        && !take_option (argc, *argv, i, "--seeds", &n_seeds)
        && !take_option (argc, *argv, i, "--first", &first_seed))
      i++;
}

guint64
sim_seeds_get_count (guint64 n_default)
{
  if (only_seed != 0)
    return 1;
  return n_seeds != 0 ? n_seeds : n_default;
}

guint64
sim_seeds_get (guint64 i)
{
  return only_seed != 0 ? only_seed : first_seed + i;
}
