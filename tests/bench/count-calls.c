/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Counts allocations and locks of the program that it is preloaded into, and tells both
 * on standard error at the end: "allocations N" and "locks N". A lock is one of GLib,
 * which is where both libraries have theirs. */
#include "config.h"

#include <dlfcn.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include <glib.h>

extern void *__libc_malloc (size_t size);
extern void *__libc_calloc (size_t n, size_t size);
extern void *__libc_realloc (void *memory, size_t size);

static atomic_ulong allocations, locks;

void *
malloc (size_t size)
{
  allocations++;
  return __libc_malloc (size);
}

void *
calloc (size_t n, size_t size)
{
  allocations++;
  return __libc_calloc (n, size);
}

void *
realloc (void *memory, size_t size)
{
  allocations++;
  return __libc_realloc (memory, size);
}

void
g_mutex_lock (GMutex *mutex)
{
  static void (*real) (GMutex *);

  locks++;
  if (real == NULL)
    *(void **)&real = dlsym (RTLD_NEXT, "g_mutex_lock");
  real (mutex);
}

void
g_rec_mutex_lock (GRecMutex *mutex)
{
  static void (*real) (GRecMutex *);

  locks++;
  if (real == NULL)
    *(void **)&real = dlsym (RTLD_NEXT, "g_rec_mutex_lock");
  real (mutex);
}

__attribute__ ((destructor)) static void
tell (void)
{
  fprintf (stderr, "allocations %lu\nlocks %lu\n", (unsigned long)allocations,
           (unsigned long)locks);
}
