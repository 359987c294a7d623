/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Stands in for libFuzzer in the test suite: feeds a target with every file of its corpus
 * and with all beginnings of the short ones. Each input is an allocation of exactly its
 * size, so that a sanitizer sees the first byte read too many. */
#include "config.h"

#include "fuzz.h"

#include <stdio.h>
#include <string.h>

#include <glib.h>

/* Beginnings of what is longer would cost more than they find. */
#define CUT_UP_TO 2048

static void
feed (const char *data, gsize size)
{
  uint8_t *copy = g_malloc (size > 0 ? size : 1);

  memcpy (copy, data, size);
  LLVMFuzzerTestOneInput (copy, size);
  g_free (copy);
}

static void
replay (const char *path)
{
  g_autofree char *data = NULL;
  gsize size;

  if (!g_file_get_contents (path, &data, &size, NULL))
    g_error ("cannot read %s", path);
  feed (data, size);
  for (gsize cut = 0; size <= CUT_UP_TO && cut < size; cut++)
    feed (data, cut);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  GDir *folder;
  const char *name;
  guint n = 0;

  g_assert_cmpint (argc, ==, 2);
  folder = g_dir_open (argv[1], 0, &error);
  g_assert_no_error (error);
  while ((name = g_dir_read_name (folder)) != NULL)
    {
      g_autofree char *path = g_build_filename (argv[1], name, NULL);

      replay (path);
      n++;
    }
  g_dir_close (folder);
  printf ("replayed %u files\n", n);
  return n > 0 ? 0 : 1;
}
