/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The schedule of requests, to the microsecond, and the table of those in flight. */
#include "config.h"

#include <glib.h>

#include "stun/transaction-table.h"
#include "stun/transaction.h"

#define MS G_GINT64_CONSTANT (1000)

/* Runs a transaction from 0 and notes when it sends; returns when it fails. */
static gint64
run (const StunTiming *timing, GArray *sends)
{
  StunTransaction transaction;
  gint64 now = 0;

  stun_transaction_start (&transaction, timing, now);
  g_array_append_val (sends, now);
  for (;;)
    {
      g_assert_cmpint (
          stun_transaction_handle_timeout (
              &transaction, stun_transaction_get_deadline (&transaction) - 1),
          ==, STUN_TRANSACTION_WAIT);
      now = stun_transaction_get_deadline (&transaction);
      if (stun_transaction_handle_timeout (&transaction, now) == STUN_TRANSACTION_FAILED)
        break;
      g_array_append_val (sends, now);
    }
  g_assert_cmpint (stun_transaction_get_deadline (&transaction), ==, STUN_NEVER);
  return now;
}

static void
assert_schedule (const StunTiming *timing, const gint64 *expected_ms, guint n,
                 gint64 failed_ms)
{
  g_autoptr (GArray) sends = g_array_new (FALSE, FALSE, sizeof (gint64));
  gint64 failed = run (timing, sends);

  g_assert_cmpint (sends->len, ==, n);
  for (guint i = 0; i < n; i++)
    g_assert_cmpint (g_array_index (sends, gint64, i), ==, expected_ms[i] * MS);
  g_assert_cmpint (failed, ==, failed_ms * MS);
}

/* covers STUN-8489-6.2.1-a */
static void
test_seven_sends_then_39500_ms (void)
{
  const gint64 expected[] = { 0, 500, 1500, 3500, 7500, 15500, 31500 };
  StunTiming timing = stun_timing_rfc8489 (STUN_RTO_US);

  assert_schedule (&timing, expected, G_N_ELEMENTS (expected), 39500);
}

/* covers STUN-8489-6.2.1-a */
static void
test_libnice_users_see_three_sends_in_2000_ms (void)
{
  const gint64 three[] = { 0, 500, 1500 };
  const gint64 seven[] = { 0, 500, 1500, 3500, 7500, 15500, 31500 };
  StunTiming timing = stun_timing_halved (STUN_RTO_US, 3);

  assert_schedule (&timing, three, G_N_ELEMENTS (three), 2000);
  timing = stun_timing_halved (STUN_RTO_US, 7);
  assert_schedule (&timing, seven, G_N_ELEMENTS (seven), 39500);
}

/* covers STUN-8489-6.2.2-a */
static void
test_stream_never_resends (void)
{
  const gint64 once[] = { 0 };
  StunTiming timing = stun_timing_stream (STUN_TI_US);

  assert_schedule (&timing, once, 1, 39500);
}

static void
test_waking_late_sends_once_not_in_a_burst (void)
{
  StunTiming timing = stun_timing_rfc8489 (STUN_RTO_US);
  StunTransaction transaction;

  stun_transaction_start (&transaction, &timing, 0);
  g_assert_cmpint (stun_transaction_handle_timeout (&transaction, 10000 * MS), ==,
                   STUN_TRANSACTION_RESEND);
  g_assert_cmpint (stun_transaction_handle_timeout (&transaction, 10000 * MS), ==,
                   STUN_TRANSACTION_WAIT);
  g_assert_cmpint (stun_transaction_get_deadline (&transaction), ==, 11000 * MS);
}

static void
test_small_delays_do_not_move_the_schedule (void)
{
  StunTiming timing = stun_timing_rfc8489 (STUN_RTO_US);
  StunTransaction transaction;

  stun_transaction_start (&transaction, &timing, 0);
  g_assert_cmpint (stun_transaction_handle_timeout (&transaction, 507 * MS), ==,
                   STUN_TRANSACTION_RESEND);
  g_assert_cmpint (stun_transaction_get_deadline (&transaction), ==, 1500 * MS);
}

/* covers ICE-8445-7.3.1.4-c */
static void
test_cancelled_request_still_waits_for_its_answer (void)
{
  StunTiming timing = stun_timing_rfc8489 (STUN_RTO_US);
  StunTransaction transaction;

  stun_transaction_start (&transaction, &timing, 0);
  stun_transaction_handle_timeout (&transaction, 500 * MS);
  stun_transaction_cancel (&transaction);
  g_assert_cmpint (stun_transaction_get_deadline (&transaction), ==, 39500 * MS);
  g_assert_cmpint (stun_transaction_handle_timeout (&transaction, 39500 * MS), ==,
                   STUN_TRANSACTION_FAILED);
}

/* covers STUN-8489-6.2.1-c */
static void
test_round_trip_of_a_resent_request_is_not_learned (void)
{
  StunTiming timing = stun_timing_rfc8489 (STUN_RTO_US);
  StunTransaction transaction;

  stun_transaction_start (&transaction, &timing, 100 * MS);
  g_assert_cmpint (stun_transaction_get_round_trip (&transaction, 140 * MS), ==, 40 * MS);
  stun_transaction_handle_timeout (&transaction, 600 * MS);
  g_assert_cmpint (stun_transaction_get_round_trip (&transaction, 640 * MS), ==, -1);
}

/* covers ICE-8445-14.3-a ICE-8445-14.3-b OLD-5245-16.1-a */
static void
test_rto_grows_with_the_number_of_checks (void)
{
  g_assert_cmpint (stun_rto_for_checks (50 * MS, 1, 3), ==, 500 * MS);
  g_assert_cmpint (stun_rto_for_checks (20 * MS, 1, 3), ==, 500 * MS);
  g_assert_cmpint (stun_rto_for_checks (50 * MS, 1, 40), ==, 2000 * MS);
  g_assert_cmpint (stun_rto_for_gathering (50 * MS, 11), ==, 550 * MS);
}

static void
make_id (guint8 *id, guint32 home, guint32 n)
{
  memset (id, 0, STUN_TRANSACTION_ID_SIZE);
  stun_store32 (id, home);
  stun_store32 (id + 8, n);
}

/* Ids of one home collide: the worst case for removal.
 * covers STUN-8489-6.3-a */
static void
test_table_finds_what_collides (void)
{
  g_auto (StunTransactionTable) table = { 0 };
  guint8 id[STUN_TRANSACTION_ID_SIZE];
  const guint n = 500;

  make_id (id, 7, 0);
  g_assert_cmpuint (stun_transaction_table_take (&table, id), ==, STUN_TABLE_NONE);
  for (guint i = 0; i < n; i++)
    {
      make_id (id, i % 3, i);
      g_assert_true (stun_transaction_table_add (&table, id, i));
      g_assert_false (stun_transaction_table_add (&table, id, i));
    }
  for (guint i = 0; i < n; i += 2)
    {
      make_id (id, i % 3, i);
      g_assert_cmpuint (stun_transaction_table_take (&table, id), ==, i);
      g_assert_cmpuint (stun_transaction_table_take (&table, id), ==, STUN_TABLE_NONE);
    }
  for (guint i = 0; i < n; i++)
    {
      make_id (id, i % 3, i);
      g_assert_cmpuint (stun_transaction_table_find (&table, id), ==,
                        i % 2 == 0 ? STUN_TABLE_NONE : i);
    }
  g_assert_cmpuint (table.n_used, ==, n / 2);
}

/* A table against a GHashTable over a long life of adding and removing. */
static void
test_table_agrees_with_a_plain_map (void)
{
  g_auto (StunTransactionTable) table = { 0 };
  g_autoptr (GHashTable) map = g_hash_table_new (NULL, NULL);
  g_autoptr (GRand) rand = g_rand_new_with_seed (8489);
  guint8 id[STUN_TRANSACTION_ID_SIZE];

  for (guint step = 0; step < 20000; step++)
    {
      guint key = g_rand_int_range (rand, 1, 60);
      gboolean known = g_hash_table_contains (map, GUINT_TO_POINTER (key));

      make_id (id, key / 7, key);
      g_assert_cmpuint (stun_transaction_table_find (&table, id), ==,
                        known ? key : STUN_TABLE_NONE);
      if (known)
        g_assert_cmpuint (stun_transaction_table_take (&table, id), ==, key);
      else
        g_assert_true (stun_transaction_table_add (&table, id, key));
      if (known)
        g_hash_table_remove (map, GUINT_TO_POINTER (key));
      else
        g_hash_table_add (map, GUINT_TO_POINTER (key));
      g_assert_cmpuint (table.n_used, ==, g_hash_table_size (map));
    }
  g_assert_cmpuint (table.n_slots, <=, 128);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/stun/transaction/seven-sends-then-39500-ms",
                   test_seven_sends_then_39500_ms);
  g_test_add_func ("/stun/transaction/libnice-users-see-three-sends-in-2000-ms",
                   test_libnice_users_see_three_sends_in_2000_ms);
  g_test_add_func ("/stun/transaction/stream-never-resends", test_stream_never_resends);
  g_test_add_func ("/stun/transaction/waking-late-sends-once-not-in-a-burst",
                   test_waking_late_sends_once_not_in_a_burst);
  g_test_add_func ("/stun/transaction/small-delays-do-not-move-the-schedule",
                   test_small_delays_do_not_move_the_schedule);
  g_test_add_func ("/stun/transaction/cancelled-request-still-waits-for-its-answer",
                   test_cancelled_request_still_waits_for_its_answer);
  g_test_add_func ("/stun/transaction/round-trip-of-a-resent-request-is-not-learned",
                   test_round_trip_of_a_resent_request_is_not_learned);
  g_test_add_func ("/stun/transaction/rto-grows-with-the-number-of-checks",
                   test_rto_grows_with_the_number_of_checks);
  g_test_add_func ("/stun/transaction/table-finds-what-collides",
                   test_table_finds_what_collides);
  g_test_add_func ("/stun/transaction/table-agrees-with-a-plain-map",
                   test_table_agrees_with_a_plain_map);
  return g_test_run ();
}
