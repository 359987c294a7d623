/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the process that tests has, for tests that look whether something stays. */
#pragma once

#include <glib.h>

static inline guint
process_count_entries (const gchar *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  guint n = 0;

  while (dir != NULL && g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

/* The one that it takes to count them is among them. */
static inline guint
process_count_descriptors (void)
{
  return process_count_entries ("/proc/self/fd");
}

static inline guint
process_count_threads (void)
{
  return process_count_entries ("/proc/self/task");
}
