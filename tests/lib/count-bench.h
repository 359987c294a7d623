/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Counts allocations, what of them is not freed, and locks, in the program that includes
 * this. A lock is one of the types of GLib, which are all that the library has, or of the
 * C library, which GLib has for some of its own, as that of all weak references. What
 * GLib takes of its own mutexes inside itself is not seen: the one of a GMainContext,
 * several times an iteration, whoever has sources there. */
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

static inline void
count_lock (gconstpointer lock)
{
  __atomic_add_fetch (&n_locks, 1, __ATOMIC_RELAXED);
  if (lock == watched_locks[0] || lock == watched_locks[1])
    __atomic_add_fetch (&n_watched_locks, 1, __ATOMIC_RELAXED);
}

#define COUNT_CALLS(Return, name, Lock)                                                  \
  Return name (Lock *lock)                                                               \
  {                                                                                      \
    static Return (*real) (Lock *);                                                      \
                                                                                         \
    count_lock (lock);                                                                   \
    if (real == NULL)                                                                    \
      real = (Return (*) (Lock *))dlsym (RTLD_NEXT, #name);                              \
    return real (lock);                                                                  \
  }

COUNT_CALLS (void, g_mutex_lock, GMutex)
COUNT_CALLS (gboolean, g_mutex_trylock, GMutex)
COUNT_CALLS (void, g_rec_mutex_lock, GRecMutex)
COUNT_CALLS (void, g_rw_lock_reader_lock, GRWLock)
COUNT_CALLS (void, g_rw_lock_writer_lock, GRWLock)
COUNT_CALLS (int, pthread_mutex_lock, pthread_mutex_t)
COUNT_CALLS (int, pthread_rwlock_rdlock, pthread_rwlock_t)
COUNT_CALLS (int, pthread_rwlock_wrlock, pthread_rwlock_t)
#endif
