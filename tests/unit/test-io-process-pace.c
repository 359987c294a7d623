/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Slots of the process: whoever asks, from whatever thread, gets one of its own. */
#include "config.h"

#include "io/process-pace.h"

#define N_THREADS 4
#define N_SLOTS 500

static gpointer
take_many (gpointer data)
{
  gint64 *slots = data;

  for (guint i = 0; i < N_SLOTS; i++)
    slots[i] = nice_process_pace_take (NULL, 1000000);
  return NULL;
}

static gint
compare (gconstpointer a, gconstpointer b)
{
  const gint64 *x = a, *y = b;

  return (*x > *y) - (*x < *y);
}

/* covers ICE-8445-14.2-b */
static void
test_no_slot_is_given_twice (void)
{
  g_autofree gint64 *slots = g_new (gint64, N_THREADS * N_SLOTS);
  GThread *threads[N_THREADS];

  for (guint i = 0; i < N_THREADS; i++)
    threads[i] = g_thread_new ("taker", take_many, slots + i * N_SLOTS);
  for (guint i = 0; i < N_THREADS; i++)
    g_thread_join (threads[i]);
  qsort (slots, N_THREADS * N_SLOTS, sizeof *slots, compare);
  for (guint i = 0; i < N_THREADS * N_SLOTS; i++)
    g_assert_cmpint (slots[i], ==, 1000000 + i * 5000);
}

static void
test_slots_of_the_past_are_not_saved_up (void)
{
  gint64 later = nice_process_pace_take (NULL, 0) + 1000000;

  g_assert_cmpint (nice_process_pace_take (NULL, later), ==, later);
  g_assert_cmpint (nice_process_pace_take (NULL, later), ==, later + 5000);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/io/process-pace/each-its-own", test_no_slot_is_given_twice);
  g_test_add_func ("/io/process-pace/past", test_slots_of_the_past_are_not_saved_up);
  return g_test_run ();
}
