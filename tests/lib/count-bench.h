/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Counts allocations, what of them is not freed, and how often a lock of interest is
 * taken, in the program that includes this: GLib's, which are the library's, and what
 * GLib itself takes of the C library, as for a weak reference. */
#pragma once

#include <dlfcn.h>
#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <stdlib.h>

#include <glib.h>

/* Not every program looks at all of them. */
static gint n_allocations G_GNUC_UNUSED, n_locks G_GNUC_UNUSED; /* atomic */
static gint n_watched_locks G_GNUC_UNUSED;                      /* atomic */
static gssize n_live_bytes G_GNUC_UNUSED;                       /* atomic */
static GMutex *watched_locks[2] G_GNUC_UNUSED;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define CAN_COUNT FALSE /* the sanitizer has its own */
#else
#define CAN_COUNT TRUE

extern void *__libc_malloc (size_t size);
extern void *__libc_calloc (size_t n, size_t size);
extern void *__libc_realloc (void *old, size_t size);
extern void *__libc_memalign (size_t alignment, size_t size);
extern void __libc_free (void *block);

static inline void
count_live (void *block, gssize sign)
{
  __atomic_add_fetch (&n_live_bytes, sign * (gssize)malloc_usable_size (block),
                      __ATOMIC_RELAXED);
}

static inline void *
count_allocation (void *block)
{
  __atomic_add_fetch (&n_allocations, 1, __ATOMIC_RELAXED);
  count_live (block, 1);
  return block;
}

void *
malloc (size_t size)
{
  return count_allocation (__libc_malloc (size));
}

void *
calloc (size_t n, size_t size)
{
  return count_allocation (__libc_calloc (n, size));
}

void *
realloc (void *old, size_t size)
{
  count_live (old, -1);
  return count_allocation (__libc_realloc (old, size));
}

/* GLib's slices come in blocks of these. */
int
posix_memalign (void **block, size_t alignment, size_t size)
{
  *block = count_allocation (__libc_memalign (alignment, size));
  return *block != NULL ? 0 : ENOMEM;
}

void *
aligned_alloc (size_t alignment, size_t size)
{
  return count_allocation (__libc_memalign (alignment, size));
}

void
free (void *block)
{
  count_live (block, -1);
  __libc_free (block);
}

void
g_mutex_lock (GMutex *mutex)
{
  static void (*real) (GMutex *);

  __atomic_add_fetch (&n_locks, 1, __ATOMIC_RELAXED);
  if (mutex == watched_locks[0] || mutex == watched_locks[1])
    __atomic_add_fetch (&n_watched_locks, 1, __ATOMIC_RELAXED);
  if (real == NULL)
    real = (void (*) (GMutex *))dlsym (RTLD_NEXT, "g_mutex_lock");
  real (mutex);
}

int
pthread_rwlock_rdlock (pthread_rwlock_t *lock)
{
  static int (*real) (pthread_rwlock_t *);

  __atomic_add_fetch (&n_locks, 1, __ATOMIC_RELAXED);
  if (real == NULL)
    real = (int (*) (pthread_rwlock_t *))dlsym (RTLD_NEXT, "pthread_rwlock_rdlock");
  return real (lock);
}

int
pthread_mutex_lock (pthread_mutex_t *lock)
{
  static int (*real) (pthread_mutex_t *);

  __atomic_add_fetch (&n_locks, 1, __ATOMIC_RELAXED);
  if (real == NULL)
    real = (int (*) (pthread_mutex_t *))dlsym (RTLD_NEXT, "pthread_mutex_lock");
  return real (lock);
}
#endif
