/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Removes files; knows nothing of who uses them. */
#include "config.h"

#include "folder.h"

#include <glib/gstdio.h>

void
folder_remove (const gchar *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const gchar *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree gchar *file = g_build_filename (folder, name, NULL);

      g_unlink (file);
    }
  g_rmdir (folder);
}
