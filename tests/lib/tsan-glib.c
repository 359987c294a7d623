/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Tells ThreadSanitizer about the locks of GLib. The system's GLib is not instrumented
 * and makes GMutex and GCond out of futexes, so the sanitizer sees neither and calls
 * every guarded access a race. Preloaded into the tests of the ThreadSanitizer build,
 * this stands before GLib's functions, announces what they do, and calls them.
 *
 * Calls inside GLib do not come through here. What hands work to another thread there,
 * waking a main context, goes through an eventfd, which the sanitizer sees. */
#include "config.h"

#include <dlfcn.h>
#include <stdatomic.h>

#include <malloc.h>
#include <stdlib.h>

#include <glib-object.h>
#include <glib.h>
#include <sanitizer/tsan_interface.h>

/* What the compiler calls where a block is written. */
void __tsan_write_range (void *start, unsigned long size);

#define FLAGS __tsan_mutex_linker_init

/* Looked up at the first call, which may come before any constructor of ours. dlsym()
 * gives functions as data pointers; POSIX says that the two convert. */
#define REAL(name)                                                                       \
  ({                                                                                     \
    static __typeof__ (&name) real;                                                      \
    if (real == NULL)                                                                    \
      *(void **)&real = dlsym (RTLD_NEXT, #name);                                        \
    real;                                                                                \
  })

/* --- Sources --- */

/* They are handed from thread to thread inside GLib, under the lock of their context:
 * what GLib calls of a source sees all that was done to it before. */
typedef struct
{
  GSourceFuncs told; /* what GLib calls; first */
  GSourceFuncs *real;
} Funcs;

static GSourceFuncs *
enter_source (GSource *source)
{
  __tsan_acquire (source);
  return ((Funcs *)source->source_funcs)->real;
}

static gboolean
prepare (GSource *source, gint *timeout)
{
  const gboolean result = enter_source (source)->prepare (source, timeout);

  __tsan_release (source);
  return result;
}

static gboolean
check (GSource *source)
{
  const gboolean result = enter_source (source)->check (source);

  __tsan_release (source);
  return result;
}

static gboolean
dispatch (GSource *source, GSourceFunc callback, gpointer data)
{
  const gboolean result = enter_source (source)->dispatch (source, callback, data);

  __tsan_release (source);
  return result;
}

static void
finalize (GSource *source)
{
  enter_source (source)->finalize (source);
}

GSource *
g_source_new (GSourceFuncs *given, guint size)
{
  Funcs *funcs = calloc (1, sizeof *funcs); /* for ever: GLib may ask late */

  funcs->told = *given;
  funcs->real = given;
  if (given->prepare != NULL)
    funcs->told.prepare = prepare;
  if (given->check != NULL)
    funcs->told.check = check;
  if (given->dispatch != NULL)
    funcs->told.dispatch = dispatch;
  if (given->finalize != NULL)
    funcs->told.finalize = finalize;
  return REAL (g_source_new) (&funcs->told, size);
}

guint
g_source_attach (GSource *source, GMainContext *context)
{
  __tsan_release (source);
  return REAL (g_source_attach) (source, context);
}

/* What the callback was given goes now, or when it has returned. */
void
g_source_destroy (GSource *source)
{
  __tsan_acquire (source);
  __tsan_release (source);
  REAL (g_source_destroy) (source);
}

void
g_source_unref (GSource *source)
{
  __tsan_acquire (source);
  __tsan_release (source);
  REAL (g_source_unref) (source);
}

typedef struct
{
  GSourceFunc func;
  gpointer data;
  GDestroyNotify notify;
} Invocation;

static gboolean
invoke (gpointer data)
{
  Invocation *self = data;
  gboolean result;

  __tsan_acquire (self);
  result = self->func (self->data);
  __tsan_release (self);
  return result;
}

static void
end_invocation (gpointer data)
{
  Invocation *self = data;

  __tsan_acquire (self);
  if (self->notify != NULL)
    self->notify (self->data);
  free (self);
}

static Invocation *
invocation_new (GSourceFunc func, gpointer data, GDestroyNotify notify)
{
  Invocation *self = malloc (sizeof *self);

  *self = (Invocation) { func, data, notify };
  __tsan_release (self);
  return self;
}

void
g_main_context_invoke_full (GMainContext *context, gint priority, GSourceFunc func,
                            gpointer data, GDestroyNotify notify)
{
  REAL (g_main_context_invoke_full)
  (context, priority, invoke, invocation_new (func, data, notify), end_invocation);
}

/* Of sources that GLib made, where what it calls is not known here. */
void
g_source_set_callback (GSource *source, GSourceFunc func, gpointer data,
                       GDestroyNotify notify)
{
  const gboolean is_plain =
      source->source_funcs == &g_idle_funcs || source->source_funcs == &g_timeout_funcs;

  if (func == NULL || !is_plain)
    REAL (g_source_set_callback) (source, func, data, notify);
  else
    REAL (g_source_set_callback)
  (source, invoke, invocation_new (func, data, notify), end_invocation);
}

/* --- Locks --- */

void
g_mutex_lock (GMutex *mutex)
{
  __tsan_mutex_pre_lock (mutex, FLAGS);
  REAL (g_mutex_lock) (mutex);
  __tsan_mutex_post_lock (mutex, FLAGS, 0);
}

gboolean
g_mutex_trylock (GMutex *mutex)
{
  gboolean locked;

  __tsan_mutex_pre_lock (mutex, FLAGS | __tsan_mutex_try_lock);
  locked = REAL (g_mutex_trylock) (mutex);
  __tsan_mutex_post_lock (
      mutex, FLAGS | __tsan_mutex_try_lock | (locked ? 0 : __tsan_mutex_try_lock_failed),
      0);
  return locked;
}

void
g_mutex_unlock (GMutex *mutex)
{
  __tsan_mutex_pre_unlock (mutex, FLAGS);
  REAL (g_mutex_unlock) (mutex);
  __tsan_mutex_post_unlock (mutex, FLAGS);
}

/* Waiting gives the mutex away and takes it again. */
static void
announce_wait (GMutex *mutex)
{
  __tsan_mutex_pre_unlock (mutex, FLAGS);
  __tsan_mutex_post_unlock (mutex, FLAGS);
}

static void
announce_wake (GMutex *mutex)
{
  __tsan_mutex_pre_lock (mutex, FLAGS);
  __tsan_mutex_post_lock (mutex, FLAGS, 0);
}

void
g_cond_wait (GCond *cond, GMutex *mutex)
{
  announce_wait (mutex);
  REAL (g_cond_wait) (cond, mutex);
  announce_wake (mutex);
}

gboolean
g_cond_wait_until (GCond *cond, GMutex *mutex, gint64 end_time)
{
  gboolean signalled;

  announce_wait (mutex);
  signalled = REAL (g_cond_wait_until) (cond, mutex, end_time);
  announce_wake (mutex);
  return signalled;
}

/* Whoever drops the last reference sees what all others did before they dropped theirs:
 * those are dropped here, so that it is known which one is the last. */
void
g_object_unref (gpointer object)
{
  guint *count = (guint *)&((GObject *)object)->ref_count;
  guint n;

  __tsan_release (object);
  while ((n = g_atomic_int_get (count)) > 1)
    if (g_atomic_int_compare_and_exchange (count, n, n - 1))
      return;
  __tsan_acquire (object);
  REAL (g_object_unref) (object);
}

/* What is freed inside GLib is not looked at (ignore_noninstrumented_modules), as the
 * locks of GLib's own are not known. What we free is. */
void
g_free (gpointer block)
{
  if (block != NULL)
    __tsan_write_range (block, malloc_usable_size (block));
  REAL (g_free) (block);
}

gboolean
g_atomic_ref_count_dec (gatomicrefcount *count)
{
  gboolean is_last;

  __tsan_release ((void *)count);
  is_last = REAL (g_atomic_ref_count_dec) (count);
  __tsan_acquire ((void *)count);
  return is_last;
}

static _Thread_local GDestroyNotify box_clear;

static void
clear_box (gpointer block)
{
  const GDestroyNotify clear = box_clear;

  __tsan_acquire (block); /* what was done with the references that went before */
  clear (block);
}

void
g_atomic_rc_box_release_full (gpointer block, GDestroyNotify clear)
{
  __tsan_release (block);
  box_clear = clear;
  REAL (g_atomic_rc_box_release_full) (block, clear_box);
}

/* References to arrays beside the first are counted here: of two threads that drop theirs
 * the one that frees has to be the one that is told of what the other did. */
static GHashTable *array_references;
static atomic_flag array_lock = ATOMIC_FLAG_INIT; /* which the sanitizer does not see */

static gint
add_array_references (GPtrArray *array, gint n)
{
  gint before;

  while (atomic_flag_test_and_set (&array_lock))
    ;
  if (array_references == NULL)
    array_references = g_hash_table_new (NULL, NULL);
  before = GPOINTER_TO_INT (g_hash_table_lookup (array_references, array));
  if (before + n > 0)
    g_hash_table_insert (array_references, array, GINT_TO_POINTER (before + n));
  else
    g_hash_table_remove (array_references, array);
  atomic_flag_clear (&array_lock);
  return before;
}

GPtrArray *
g_ptr_array_ref (GPtrArray *array)
{
  add_array_references (array, 1);
  return array;
}

void
g_ptr_array_unref (GPtrArray *array)
{
  __tsan_release (array);
  if (add_array_references (array, -1) > 0)
    return;
  __tsan_acquire (array);
  REAL (g_ptr_array_unref) (array);
}

void
g_bytes_unref (GBytes *bytes)
{
  if (bytes != NULL)
    {
      __tsan_acquire (bytes);
      __tsan_release (bytes);
    }
  REAL (g_bytes_unref) (bytes);
}

void
g_async_queue_push (GAsyncQueue *queue, gpointer data)
{
  __tsan_release (queue);
  REAL (g_async_queue_push) (queue, data);
}

gpointer
g_async_queue_pop (GAsyncQueue *queue)
{
  gpointer data = REAL (g_async_queue_pop) (queue);

  __tsan_acquire (queue);
  return data;
}

gpointer
g_async_queue_try_pop (GAsyncQueue *queue)
{
  gpointer data = REAL (g_async_queue_try_pop) (queue);

  __tsan_acquire (queue);
  return data;
}

/* The other side is g_once_init_enter(), a macro with an atomic read in our own code. */
void (g_once_init_leave) (volatile void *location, gsize result)
{
  __tsan_release ((void *)location);
  REAL (g_once_init_leave) (location, result);
}
