/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Prints a generated page, or tells whether the file that holds it is current. It must
 * not know what is on the page. */
#include "config.h"

#include "page.h"

#include <string.h>

static int
check (const char *program, const char *file, const gchar *page)
{
  g_autofree gchar *there = NULL;
  g_autoptr (GError) error = NULL;

  if (!g_file_get_contents (file, &there, NULL, &error))
    {
      g_printerr ("%s\n", error->message);
      return 1;
    }
  if (strcmp (page, there) == 0)
    return 0;
  g_printerr ("%s is not what the code says: run %s >%s\n", file, program, file);
  return 1;
}

int
page_main (int argc, char **argv, gchar *page)
{
  g_autofree gchar *owned = page;

  if (argc == 3 && strcmp (argv[1], "--check") == 0)
    return check (argv[0], argv[2], owned);
  g_print ("%s", owned);
  return 0;
}
