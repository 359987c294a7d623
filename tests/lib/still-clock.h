/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lets time stand still in the program that includes this, for the library, which takes
 * the clock from GLib: nothing becomes due meanwhile. A program that links libnice itself
 * has to export its symbols. */
#pragma once

#include <glib.h>
#include <time.h>

static gint64 stopped_at; /* 0: it goes */

gint64
g_get_monotonic_time (void)
{
  struct timespec now;

  if (stopped_at != 0)
    return stopped_at;
  clock_gettime (CLOCK_MONOTONIC, &now);
  return now.tv_sec * G_USEC_PER_SEC + now.tv_nsec / 1000;
}
