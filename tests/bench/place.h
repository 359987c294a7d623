/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where the two processes of a packet benchmark are: both on loopback, or each in a
 * network namespace that the caller made, with
 * PLACES="NAMESPACE=ADDRESS,NAMESPACE=ADDRESS" in the environment; and on which
 * processors. */
#pragma once

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Moves the process to place 0 or 1; returns the address to use there. */
static inline const char *
place_enter (int which)
{
  static char names[2][64], addresses[2][64];
  const char *places = getenv ("PLACES");
  char path[128];
  int fd;

  if (places == NULL)
    return "127.0.0.1";
  if (sscanf (places, "%63[^=]=%63[^,],%63[^=]=%63s", names[0], addresses[0], names[1],
              addresses[1])
      != 4)
    abort ();
  snprintf (path, sizeof path, "/run/netns/%s", names[which]);
  fd = open (path, O_RDONLY | O_CLOEXEC);
  if (fd < 0 || setns (fd, CLONE_NEWNET) != 0)
    abort ();
  close (fd);
  return addresses[which];
}

/* The processes of a round trip each have a processor. It takes a fourth of the time
 * where both are on one, and the scheduler has moods. */
static inline void
place_pin (int which)
{
  cpu_set_t allowed, chosen;

  if (sched_getaffinity (0, sizeof allowed, &allowed) != 0 || CPU_COUNT (&allowed) < 2)
    return;
  CPU_ZERO (&chosen);
  for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
    if (CPU_ISSET (cpu, &allowed) && which-- == 0)
      CPU_SET (cpu, &chosen);
  sched_setaffinity (0, sizeof chosen, &chosen);
}
