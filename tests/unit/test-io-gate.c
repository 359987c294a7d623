/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Readers see what is behind a gate as it was before a change or as it is after, and
 * nobody who comes while it is closed stays outside. */
#include "config.h"

#include "io/gate.h"

#define N_READERS 3
#define N_CHANGES 1000
#define N_MEETINGS 20 /* few, as whoever else wants the processor has it first */

typedef struct
{
  NiceGate gate;
  guint *value, *twice; /* replaced with the gate closed */
  gint is_ended;        /* atomic, as all that follow */
  gint n_looks;
  gint n_to_enter, n_to_change;              /* who are at the gate */
  gint n_reader_meetings, n_writer_meetings; /* to come */
} Shared;

/* The worst moment, half-way: somebody who is to wait is at the gate. */
static void
meet (Shared *shared, gint *n_meetings, const gint *n_others)
{
  if (g_atomic_int_get (n_meetings) <= 0)
    return;
  g_atomic_int_add (n_meetings, -1);
  while (g_atomic_int_get (n_others) == 0 && !g_atomic_int_get (&shared->is_ended))
    g_thread_yield ();
  g_thread_yield (); /* and has time to go on */
}

static gpointer
look_once (gpointer data)
{
  Shared *shared = data;
  gboolean is_free;
  guint value;

  g_atomic_int_inc (&shared->n_to_enter);
  is_free = nice_gate_enter (&shared->gate);
  g_atomic_int_add (&shared->n_to_enter, -1);
  value = *shared->value;
  meet (shared, &shared->n_reader_meetings, &shared->n_to_change);
  g_assert_cmpuint (*shared->twice, ==, 2 * value);
  nice_gate_leave (&shared->gate, is_free);
  g_atomic_int_inc (&shared->n_looks);
  return GINT_TO_POINTER (is_free);
}

static void
change (Shared *shared, guint value)
{
  g_atomic_int_inc (&shared->n_to_change);
  nice_gate_close (&shared->gate);
  g_atomic_int_add (&shared->n_to_change, -1);
  g_free (shared->value);
  g_free (shared->twice);
  shared->value = g_memdup2 (&value, sizeof value);
  meet (shared, &shared->n_writer_meetings, &shared->n_to_enter);
  value *= 2;
  shared->twice = g_memdup2 (&value, sizeof value);
  nice_gate_open (&shared->gate);
}

static void
init_shared (Shared *shared)
{
  *shared = (Shared) { .value = g_new0 (guint, 1), .twice = g_new0 (guint, 1) };
  nice_gate_init (&shared->gate);
}

static void
clear_shared (Shared *shared)
{
  nice_gate_clear (&shared->gate);
  g_free (shared->value);
  g_free (shared->twice);
}

static void
test_open (void)
{
  Shared shared;

  init_shared (&shared);
  g_assert_true (GPOINTER_TO_INT (look_once (&shared)));
  change (&shared, 5);
  g_assert_true (GPOINTER_TO_INT (look_once (&shared)));
  clear_shared (&shared);
}

/* It cannot look before the gate is open again, and does then. */
static void
test_closed (void)
{
  GThread *reader;
  Shared shared;

  init_shared (&shared);
  nice_gate_close (&shared.gate);
  *shared.value = 1;
  reader = g_thread_new ("reader", look_once, &shared);
  g_assert_cmpint (g_atomic_int_get (&shared.n_looks), ==, 0);
  *shared.twice = 2;
  nice_gate_open (&shared.gate);
  g_thread_join (reader);
  g_assert_cmpint (g_atomic_int_get (&shared.n_looks), ==, 1);
  clear_shared (&shared);
}

static void
test_readers_do_not_wait_for_each_other (void)
{
  GThread *reader;
  Shared shared;

  init_shared (&shared);
  g_assert_true (nice_gate_enter (&shared.gate));
  reader = g_thread_new ("reader", look_once, &shared);
  g_assert_true (GPOINTER_TO_INT (g_thread_join (reader)));
  nice_gate_leave (&shared.gate, TRUE);
  clear_shared (&shared);
}

static gpointer
look (gpointer data)
{
  Shared *shared = data;

  while (!g_atomic_int_get (&shared->is_ended))
    {
      look_once (shared);
      g_thread_yield (); /* else it is inside whenever its time is over */
    }
  return NULL;
}

static gpointer
change_often (gpointer data)
{
  for (guint i = 1; i <= N_CHANGES; i++)
    change (data, i);
  return NULL;
}

/* A reader inside while something changes reads what was freed, which the sanitizers see,
 * or a pair that does not fit; one that nobody wakes hangs. */
static void
test_threads (void)
{
  GThread *readers[N_READERS], *writer;
  Shared shared;

  init_shared (&shared);
  shared.n_reader_meetings = shared.n_writer_meetings = N_MEETINGS;
  for (guint i = 0; i < N_READERS; i++)
    readers[i] = g_thread_new ("reader", look, &shared);
  writer = g_thread_new ("writer", change_often, &shared);
  change_often (&shared);
  g_thread_join (writer);
  g_atomic_int_set (&shared.is_ended, TRUE);
  for (guint i = 0; i < N_READERS; i++)
    g_thread_join (readers[i]);
  clear_shared (&shared);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/gate/open", test_open);
  g_test_add_func ("/gate/closed", test_closed);
  g_test_add_func ("/gate/readers-do-not-wait-for-each-other",
                   test_readers_do_not_wait_for_each_other);
  g_test_add_func ("/gate/threads", test_threads);
  return g_test_run ();
}
