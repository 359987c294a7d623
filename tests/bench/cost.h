/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the process that measures has cost so far: processor time and memory. */
#pragma once

#include <glib.h>

#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static inline gint64
cost_get_cpu_us (void)
{
  struct rusage usage;

  getrusage (RUSAGE_SELF, &usage);
  return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * G_USEC_PER_SEC
         + usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
}

static inline gint64
cost_get_resident_kb (void)
{
  g_autofree gchar *text = NULL;
  gint64 pages = 0;

  if (g_file_get_contents ("/proc/self/statm", &text, NULL, NULL))
    pages = g_ascii_strtoll (strchr (text, ' '), NULL, 10);
  return pages * sysconf (_SC_PAGESIZE) / 1024;
}
