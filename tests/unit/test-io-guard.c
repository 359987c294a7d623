/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is replaced under the eyes of readers lives until none of them can be about to
 * take a reference to it, and no longer. */
#include "config.h"

#include "io/guard.h"

#define N_READERS 3
#define N_REPLACED 20000

typedef struct
{
  gint ref_count; /* atomic */
  guint value, twice;
} Thing;

static gint n_things; /* atomic */

static Thing *
thing_new (guint value)
{
  Thing *self = g_new (Thing, 1);

  *self = (Thing) { 1, value, 2 * value };
  g_atomic_int_inc (&n_things);
  return self;
}

static void
thing_unref (gpointer data)
{
  Thing *self = data;

  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;
  self->twice = 1; /* which twice of no value is */
  g_free (self);
  g_atomic_int_add (&n_things, -1);
}

static void
test_at_once (void)
{
  NiceGuard guard = { 0 };

  nice_guard_retire (&guard, thing_new (1), thing_unref);
  g_assert_cmpint (n_things, ==, 0);
  nice_guard_enter (&guard);
  nice_guard_leave (&guard);
  nice_guard_retire (&guard, thing_new (1), thing_unref);
  g_assert_cmpint (n_things, ==, 0);
  nice_guard_retire (&guard, NULL, thing_unref);
  nice_guard_clear (&guard);
}

static void
test_not_while_somebody_looks (void)
{
  NiceGuard guard = { 0 };

  nice_guard_enter (&guard);
  nice_guard_retire (&guard, thing_new (1), thing_unref);
  nice_guard_enter (&guard);
  nice_guard_leave (&guard);
  nice_guard_retire (&guard, thing_new (2), thing_unref);
  g_assert_cmpint (n_things, ==, 2);
  nice_guard_leave (&guard);
  g_assert_cmpint (n_things, ==, 0);
  nice_guard_clear (&guard);
}

static void
retire_another (gpointer guard)
{
  nice_guard_enter (guard);
  nice_guard_retire (guard, thing_new (3), thing_unref);
  g_assert_cmpint (n_things, ==, 1);
  nice_guard_leave (guard);
  g_assert_cmpint (n_things, ==, 0);
}

static void
test_who_lets_go_may_look (void)
{
  NiceGuard guard = { 0 };

  nice_guard_enter (&guard);
  nice_guard_retire (&guard, &guard, retire_another);
  nice_guard_leave (&guard);
  nice_guard_clear (&guard);
}

/* --- Threads --- */

typedef struct
{
  NiceGuard guard;
  Thing *thing;  /* atomic */
  gint is_ended; /* atomic */
} Shared;

static gpointer
look (gpointer data)
{
  Shared *shared = data;

  for (guint i = 0; !g_atomic_int_get (&shared->is_ended); i++)
    {
      Thing *thing;

      nice_guard_enter (&shared->guard);
      thing = g_atomic_pointer_get (&shared->thing);
      if (i % 4 == 0)
        g_thread_yield (); /* the worst moment */
      g_atomic_int_inc (&thing->ref_count);
      nice_guard_leave (&shared->guard);
      g_assert_cmpuint (thing->twice, ==, 2 * thing->value);
      thing_unref (thing);
    }
  return NULL;
}

/* A reader who takes a reference to what is gone reads what was freed, which the
 * sanitizers see, or a thing that is not twice its value. */
static void
test_threads (void)
{
  Shared shared = { .thing = thing_new (0) };
  GThread *threads[N_READERS];

  for (guint i = 0; i < N_READERS; i++)
    threads[i] = g_thread_new ("reader", look, &shared);
  for (guint i = 1; i <= N_REPLACED; i++)
    {
      Thing *old = shared.thing;

      g_atomic_pointer_set (&shared.thing, thing_new (i));
      nice_guard_retire (&shared.guard, old, thing_unref);
    }
  g_atomic_int_set (&shared.is_ended, TRUE);
  for (guint i = 0; i < N_READERS; i++)
    g_thread_join (threads[i]);

  g_assert_cmpint (g_atomic_int_get (&n_things), ==, 1);
  thing_unref (shared.thing);
  nice_guard_clear (&shared.guard);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/guard/at-once", test_at_once);
  g_test_add_func ("/guard/not-while-somebody-looks", test_not_while_somebody_looks);
  g_test_add_func ("/guard/who-lets-go-may-look", test_who_lets_go_may_look);
  g_test_add_func ("/guard/threads", test_threads);
  return g_test_run ();
}
