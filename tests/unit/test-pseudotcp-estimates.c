/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Round-trip time, delivery rate, and the records both are taken from. */
#include "config.h"

#include "pseudotcp/rate.h"
#include "pseudotcp/rtt.h"
#include "pseudotcp/scoreboard.h"

#define MS 1000

/* RFC 6298 2.1 to 2.4 */
static void
test_rto_follows_the_rfc (void)
{
  PtcpRtt rtt;

  ptcp_rtt_init (&rtt, 0);
  g_assert_cmpint (ptcp_rtt_get_rto (&rtt), ==, 1000 * MS);
  ptcp_rtt_add (&rtt, 100 * MS, 0);
  g_assert_cmpint (rtt.srtt, ==, 100 * MS);
  g_assert_cmpint (rtt.rttvar, ==, 50 * MS);
  g_assert_cmpint (ptcp_rtt_get_rto (&rtt), ==, 300 * MS);
  ptcp_rtt_add (&rtt, 180 * MS, 0);
  g_assert_cmpint (rtt.srtt, ==, 110 * MS);
  g_assert_cmpint (rtt.rttvar, ==, 57500);
  g_assert_cmpint (ptcp_rtt_get_rto (&rtt), ==, 340 * MS);
}

static void
test_rto_doubles_up_to_a_minute (void)
{
  PtcpRtt rtt;

  ptcp_rtt_init (&rtt, 1000 * MS);
  ptcp_rtt_add (&rtt, 1 * MS, 0);
  g_assert_cmpint (ptcp_rtt_get_rto (&rtt), ==, 1000 * MS);
  rtt.backoff = 3;
  g_assert_cmpint (ptcp_rtt_get_rto (&rtt), ==, 8000 * MS);
  rtt.backoff = 1000;
  g_assert_cmpint (ptcp_rtt_get_rto (&rtt), ==, 60000 * MS);
  ptcp_rtt_add (&rtt, 1 * MS, 0);
  g_assert_cmpint (ptcp_rtt_get_rto (&rtt), ==, 1000 * MS);
}

static void
test_least_rtt_is_forgotten_after_ten_seconds (void)
{
  PtcpRtt rtt;

  ptcp_rtt_init (&rtt, 0);
  ptcp_rtt_add (&rtt, 20 * MS, 0);
  ptcp_rtt_add (&rtt, 50 * MS, 9999 * MS);
  g_assert_cmpint (rtt.min, ==, 20 * MS);
  ptcp_rtt_add (&rtt, 50 * MS, 10001 * MS);
  g_assert_cmpint (rtt.min, ==, 50 * MS);
}

/* Acknowledgements that come in one bunch do not make the path faster than it was fed. */
static void
test_bunched_acknowledgements_do_not_inflate_the_rate (void)
{
  PtcpRate rate = { 0 };
  PtcpRateStamp stamps[10];
  PtcpRateSample sample = { 0 };

  for (guint i = 0; i < 10; i++)
    ptcp_rate_stamp (&rate, &stamps[i], i == 0, i * 10 * MS);
  for (guint i = 0; i < 10; i++)
    ptcp_rate_add (&rate, &sample, &stamps[i], i * 10 * MS, 1000, 140 * MS);
  ptcp_rate_finish (&rate, &sample, 50 * MS);
  g_assert_cmpuint (sample.bytes_per_s, ==, 10000 * 1000 / 140);
}

static void
test_too_short_an_interval_is_no_measurement (void)
{
  PtcpRate rate = { 0 };
  PtcpRateStamp stamp;
  PtcpRateSample sample = { 0 };

  ptcp_rate_stamp (&rate, &stamp, TRUE, 0);
  ptcp_rate_add (&rate, &sample, &stamp, 0, 1000, 10 * MS);
  ptcp_rate_finish (&rate, &sample, 50 * MS);
  g_assert_cmpuint (sample.bytes_per_s, ==, 0);
}

/* --- Scoreboard --- */

static void
fill (PtcpScoreboard *board, guint n)
{
  ptcp_scoreboard_init (board);
  for (guint i = 0; i < n; i++)
    ptcp_scoreboard_append (board, PTCP_RECORD_DATA, 0xfffff000 + i * 100, 100);
}

static void
test_lists_count_their_bytes (void)
{
  PtcpScoreboard board;

  fill (&board, 100);
  g_assert_cmpuint (board.in_flight.bytes, ==, 10000);
  for (guint i = 0; i < 100; i += 3)
    ptcp_scoreboard_set_state (&board,
                               ptcp_scoreboard_find (&board, 0xfffff000 + i * 100),
                               i % 2 ? PTCP_RECORD_LOST : PTCP_RECORD_DELIVERED);
  g_assert_cmpuint (board.lost.bytes, ==, 1700);
  g_assert_cmpuint (board.in_flight.bytes, ==, 10000 - 3400);
  g_assert_cmpuint (ptcp_scoreboard_oldest_lost (&board)->seq, ==, 0xfffff000 + 300);
  g_assert_cmpuint (ptcp_scoreboard_oldest_in_flight (&board)->seq, ==, 0xfffff000 + 100);

  for (guint i = 0; i < 50; i++)
    ptcp_scoreboard_pop (&board);
  ptcp_scoreboard_trim (&board, ptcp_scoreboard_first (&board)->seq + 40);
  g_assert_cmpuint (ptcp_scoreboard_first (&board)->len, ==, 60);
  g_assert_cmpuint (board.lost.bytes + board.in_flight.bytes, ==, (50 - 8) * 100 - 40);
  ptcp_scoreboard_clear (&board);
}

/* A segment that was lost, sent again and lost with everything else must not queue behind
 * what was sent after it: the peer waits for it. */
static void
test_a_timeout_restores_the_order (void)
{
  PtcpScoreboard board;

  fill (&board, 4);
  ptcp_scoreboard_set_state (&board, ptcp_scoreboard_last (&board), PTCP_RECORD_LOST);
  ptcp_scoreboard_lose_all (&board);
  for (guint i = 0; i < 4; i++)
    {
      PtcpRecord *record = ptcp_scoreboard_oldest_lost (&board);

      g_assert_cmpuint (record->seq, ==, 0xfffff000 + i * 100);
      ptcp_scoreboard_set_state (&board, record, PTCP_RECORD_IN_FLIGHT);
    }
  ptcp_scoreboard_clear (&board);
}

static void
test_split_keeps_bytes_and_states (void)
{
  PtcpScoreboard board;
  PtcpRecord *record;
  guint32 seq = 0xfffff000;
  guint n = 0;

  fill (&board, 3);
  ptcp_scoreboard_set_state (&board, ptcp_scoreboard_find (&board, 0xfffff000 + 100),
                             PTCP_RECORD_LOST);
  ptcp_scoreboard_split (&board, 30);
  for (record = ptcp_scoreboard_first (&board); record != NULL;
       record = ptcp_scoreboard_after (&board, record))
    {
      g_assert_cmpuint (record->seq, ==, seq);
      g_assert_cmpuint (record->len, <=, 30);
      seq += record->len;
      n++;
    }
  g_assert_cmpuint (n, ==, 12);
  g_assert_cmpuint (board.lost.bytes, ==, 100);
  g_assert_cmpuint (board.in_flight.bytes, ==, 200);
  ptcp_scoreboard_clear (&board);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pseudotcp/rtt/rto", test_rto_follows_the_rfc);
  g_test_add_func ("/pseudotcp/rtt/backoff", test_rto_doubles_up_to_a_minute);
  g_test_add_func ("/pseudotcp/rtt/least", test_least_rtt_is_forgotten_after_ten_seconds);
  g_test_add_func ("/pseudotcp/rate/bunched",
                   test_bunched_acknowledgements_do_not_inflate_the_rate);
  g_test_add_func ("/pseudotcp/rate/short", test_too_short_an_interval_is_no_measurement);
  g_test_add_func ("/pseudotcp/scoreboard/lists", test_lists_count_their_bytes);
  g_test_add_func ("/pseudotcp/scoreboard/timeout", test_a_timeout_restores_the_order);
  g_test_add_func ("/pseudotcp/scoreboard/split", test_split_keeps_bytes_and_states);
  return g_test_run ();
}
