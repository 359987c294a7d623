/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Opening, closing, windows and bad packets: two connections on a virtual link of 10 ms.
 */
#include "config.h"

#include "pseudotcp-end.h"

#include <errno.h>
#include <string.h>

#define MS 1000
#define S G_USEC_PER_SEC

typedef struct
{
  PtcpLink link;
  PtcpOurEnd ends[2];
} Pair;

static const PtcpPath ten_ms = { .delay = 10 * MS };

static void
pair_init (Pair *pair, const PtcpConfig *a, const PtcpConfig *b)
{
  ptcp_link_init (&pair->link, &ten_ms, 1);
  ptcp_our_end_init (&pair->ends[0], a, &pair->link, 0);
  ptcp_our_end_init (&pair->ends[1], b, &pair->link, 1);
}

static void
pair_open (Pair *pair)
{
  PtcpConfig config;

  ptcp_config_init (&config, 7);
  pair_init (pair, &config, &config);
  ptcp_connection_connect (pair->ends[0].connection, pair->link.now);
  ptcp_link_run (&pair->link, S);
}

static void
pair_clear (Pair *pair)
{
  ptcp_our_end_clear (&pair->ends[0]);
  ptcp_our_end_clear (&pair->ends[1]);
  ptcp_link_clear (&pair->link);
}

static PtcpConnection *
end_of (Pair *pair, guint side)
{
  return pair->ends[side].connection;
}

static gssize
say (Pair *pair, guint side, const char *text)
{
  return ptcp_connection_send (end_of (pair, side), (const guint8 *)text, strlen (text),
                               pair->link.now);
}

static gssize
hear (Pair *pair, guint side)
{
  guint8 bytes[100000];

  return ptcp_connection_recv (end_of (pair, side), bytes, sizeof bytes, pair->link.now);
}

static void
assert_states (Pair *pair, PtcpState a, PtcpState b)
{
  g_assert_cmpint (ptcp_connection_get_state (end_of (pair, 0)), ==, a);
  g_assert_cmpint (ptcp_connection_get_state (end_of (pair, 1)), ==, b);
}

/* --- Opening --- */

static void
test_opens_in_one_round_trip (void)
{
  Pair pair;
  PtcpConfig config;
  gint64 start;

  ptcp_config_init (&config, 7);
  pair_init (&pair, &config, &config);
  start = pair.link.now;
  g_assert_cmpint (ptcp_connection_connect (end_of (&pair, 0), start), ==, 0);
  g_assert_cmpint (ptcp_connection_connect (end_of (&pair, 0), start), ==, -EINVAL);
  g_assert_cmpint (say (&pair, 0, "x"), ==, -ENOTCONN);
  g_assert_cmpint (hear (&pair, 0), ==, -EWOULDBLOCK);
  while (pair.ends[0].n_opened == 0)
    g_assert_true (ptcp_link_step (&pair.link, start + S));
  g_assert_cmpint (pair.link.now - start, ==, 20 * MS);
  while (pair.ends[1].n_opened == 0)
    g_assert_true (ptcp_link_step (&pair.link, start + S));
  g_assert_cmpint (pair.link.now - start, ==, 30 * MS);
  pair_clear (&pair);
}

static void
test_opens_from_both_ends_at_once (void)
{
  Pair pair;
  PtcpConfig config;

  ptcp_config_init (&config, 7);
  pair_init (&pair, &config, &config);
  ptcp_connection_connect (end_of (&pair, 0), pair.link.now);
  ptcp_connection_connect (end_of (&pair, 1), pair.link.now);
  ptcp_link_run (&pair.link, S);
  assert_states (&pair, PTCP_ESTABLISHED, PTCP_ESTABLISHED);
  g_assert_cmpuint (pair.ends[0].n_opened, ==, 1);
  g_assert_cmpuint (pair.ends[1].n_opened, ==, 1);
  g_assert_cmpint (say (&pair, 0, "hello"), ==, 5);
  ptcp_link_run (&pair.link, S);
  g_assert_cmpint (hear (&pair, 1), ==, 5);
  pair_clear (&pair);
}

static void
test_connecting_gives_up_after_thirty_seconds (void)
{
  Pair pair;
  PtcpConfig config;

  ptcp_config_init (&config, 7);
  pair_init (&pair, &config, &config);
  pair.link.paths[0].loss = 1;
  ptcp_connection_connect (end_of (&pair, 0), pair.link.now);
  ptcp_link_run (&pair.link, 29 * S);
  g_assert_cmpuint (pair.link.n_sent[0], ==, 29);
  ptcp_link_run (&pair.link, 2 * S);
  assert_states (&pair, PTCP_CLOSED, PTCP_LISTEN);
  g_assert_cmpint (pair.ends[0].error, ==, ETIMEDOUT);
  g_assert_cmpint (ptcp_connection_get_deadline (end_of (&pair, 0)), ==, PTCP_NEVER);
  pair_clear (&pair);
}

/* The third packet of the handshake is lost, and the side that listened speaks first. */
static gboolean
drop_third (PtcpLink *link, guint side, const guint8 *data, gsize len)
{
  return !(side == 0 && link->n_sent[0] == 2);
}

static void
test_opens_though_an_acknowledgement_is_lost (void)
{
  Pair pair;
  PtcpConfig config;

  ptcp_config_init (&config, 7);
  pair_init (&pair, &config, &config);
  pair.link.filter = drop_third;
  ptcp_connection_connect (end_of (&pair, 0), pair.link.now);
  ptcp_link_run (&pair.link, 3 * S);
  assert_states (&pair, PTCP_ESTABLISHED, PTCP_ESTABLISHED);
  g_assert_cmpint (say (&pair, 1, "hello"), ==, 5);
  ptcp_link_run (&pair.link, S);
  g_assert_cmpint (hear (&pair, 0), ==, 5);
  pair_clear (&pair);
}

/* --- Closing --- */

typedef enum
{
  STOP_CLOSE,
  STOP_WRITE,
  STOP_ABORT,
  N_STOPS
} Stop;

static void
stop (Pair *pair, guint side, Stop how)
{
  gint64 now = pair->link.now;

  if (how == STOP_CLOSE)
    ptcp_connection_close (end_of (pair, side), now);
  else if (how == STOP_WRITE)
    ptcp_connection_shutdown_write (end_of (pair, side), now);
  else
    ptcp_connection_abort (end_of (pair, side), now);
}

/* Every way to end on both sides, at once, a moment apart and one after the other, with
 * nothing lost and with every third packet lost: it always ends, and with an error only
 * where one side aborted. */
static void
test_all_orders_of_closing_end (void)
{
  const gint64 gaps[] = { 0, 5 * MS, 15 * MS, S };

  for (guint i = 0; i < N_STOPS * N_STOPS * G_N_ELEMENTS (gaps) * 2; i++)
    {
      Stop first = i % N_STOPS, second = i / N_STOPS % N_STOPS;
      gint64 gap = gaps[i / (N_STOPS * N_STOPS) % G_N_ELEMENTS (gaps)];
      gboolean lossy = i >= N_STOPS * N_STOPS * G_N_ELEMENTS (gaps);
      Pair pair;

      pair_open (&pair);
      pair.link.paths[0].loss = pair.link.paths[1].loss = lossy ? 0.33 : 0;
      stop (&pair, 0, first);
      ptcp_link_run (&pair.link, gap);
      stop (&pair, 1, second);
      ptcp_link_run (&pair.link, 1000 * S);
      if (lossy && (first == STOP_ABORT) != (second == STOP_ABORT))
        stop (&pair, first == STOP_ABORT, STOP_ABORT); /* the reset itself was lost */
      assert_states (&pair, PTCP_CLOSED, PTCP_CLOSED);
      if (first != STOP_ABORT && second != STOP_ABORT)
        g_assert_cmpuint (pair.ends[0].n_closed + pair.ends[1].n_closed, ==, 0);
      g_assert_cmpint (hear (&pair, 0), ==, 0);
      g_assert_cmpint (say (&pair, 1, "x"), ==, -EPIPE);
      pair_clear (&pair);
    }
}

static void
test_what_was_written_before_close_arrives (void)
{
  Pair pair;
  guint8 bytes[50000] = { 0 };
  gssize got = 0, n;

  pair_open (&pair);
  g_assert_cmpint (
      ptcp_connection_send (end_of (&pair, 0), bytes, sizeof bytes, pair.link.now), ==,
      sizeof bytes);
  stop (&pair, 0, STOP_CLOSE);
  assert_states (&pair, PTCP_FIN_WAIT_1, PTCP_ESTABLISHED);
  ptcp_link_run (&pair.link, 3 * S);
  assert_states (&pair, PTCP_FIN_WAIT_2, PTCP_CLOSE_WAIT);
  while ((n = hear (&pair, 1)) > 0)
    got += n;
  g_assert_cmpint (got, ==, sizeof bytes);
  g_assert_cmpint (n, ==, 0);
  pair_clear (&pair);
}

static void
test_half_closed_connections_still_carry_data_back (void)
{
  Pair pair;

  pair_open (&pair);
  stop (&pair, 0, STOP_WRITE);
  ptcp_link_run (&pair.link, S);
  assert_states (&pair, PTCP_FIN_WAIT_2, PTCP_CLOSE_WAIT);
  g_assert_true (ptcp_connection_is_closed_remotely (end_of (&pair, 1)));
  g_assert_false (ptcp_connection_is_closed_remotely (end_of (&pair, 0)));
  g_assert_cmpint (say (&pair, 0, "x"), ==, -EPIPE);
  g_assert_cmpint (say (&pair, 1, "late"), ==, 4);
  ptcp_link_run (&pair.link, 100 * S);
  g_assert_cmpint (hear (&pair, 0), ==, 4);
  stop (&pair, 1, STOP_CLOSE);
  ptcp_link_run (&pair.link, S);
  assert_states (&pair, PTCP_CLOSED, PTCP_CLOSED);
  pair_clear (&pair);
}

/* RFC 1122 4.2.2.13 */
static void
test_closing_with_unread_data_resets (void)
{
  Pair pair;

  pair_open (&pair);
  say (&pair, 1, "unread");
  ptcp_link_run (&pair.link, S);
  stop (&pair, 0, STOP_CLOSE);
  ptcp_link_run (&pair.link, S);
  assert_states (&pair, PTCP_CLOSED, PTCP_CLOSED);
  g_assert_cmpint (pair.ends[0].error, ==, ECONNABORTED);
  g_assert_cmpint (pair.ends[1].error, ==, ECONNRESET);
  pair_clear (&pair);
}

static void
test_reading_shut_down_does_not_stall_the_peer (void)
{
  Pair pair;
  guint8 bytes[16384] = { 0 };
  gsize sent = 0;

  pair_open (&pair);
  ptcp_connection_shutdown_read (end_of (&pair, 1));
  g_assert_cmpint (hear (&pair, 1), ==, 0);
  for (guint i = 0; i < 200; i++)
    {
      gssize n =
          ptcp_connection_send (end_of (&pair, 0), bytes, sizeof bytes, pair.link.now);

      sent += (gsize)MAX (n, 0);
      ptcp_link_run (&pair.link, 50 * MS);
    }
  g_assert_cmpuint (sent, >, 20 * PTCP_DEFAULT_SEND_BUFFER);
  pair_clear (&pair);
}

/* Peers without FIN see the end too, and get everything before it. */
static void
test_peers_without_fin_get_the_rest_and_then_a_reset (void)
{
  Pair pair;
  PtcpConfig modern, old;
  guint8 bytes[50000] = { 0 };
  gssize got = 0, n;

  ptcp_config_init (&modern, 7);
  old = modern;
  old.fin_ack = FALSE;
  pair_init (&pair, &modern, &old);
  ptcp_connection_connect (end_of (&pair, 0), pair.link.now);
  ptcp_link_run (&pair.link, S);
  ptcp_connection_send (end_of (&pair, 0), bytes, sizeof bytes, pair.link.now);
  stop (&pair, 0, STOP_CLOSE);
  ptcp_link_run (&pair.link, S);
  assert_states (&pair, PTCP_CLOSED, PTCP_ESTABLISHED);
  while ((n = hear (&pair, 1)) > 0)
    got += n;
  g_assert_cmpint (got, ==, sizeof bytes);
  g_assert_cmpint (say (&pair, 1, "more?"), ==, 5);
  ptcp_link_run (&pair.link, S);
  assert_states (&pair, PTCP_CLOSED, PTCP_CLOSED);
  g_assert_cmpuint (pair.ends[0].n_closed, ==, 0);
  g_assert_cmpint (pair.ends[1].error, ==, ECONNRESET);
  pair_clear (&pair);
}

static void
test_a_silent_peer_ends_the_connection (void)
{
  Pair pair;

  pair_open (&pair);
  pair.link.paths[0].loss = pair.link.paths[1].loss = 1;
  say (&pair, 0, "anyone there?");
  ptcp_link_run (&pair.link, 900 * S);
  g_assert_cmpint (ptcp_connection_get_state (end_of (&pair, 0)), ==, PTCP_CLOSED);
  g_assert_cmpint (pair.ends[0].error, ==, ETIMEDOUT);
  pair_clear (&pair);
}

/* --- Windows --- */

static void
test_a_closed_window_is_asked_about_and_opens_again (void)
{
  Pair pair;
  guint8 bytes[80000] = { 0 };
  guint before;
  gsize got;

  pair_open (&pair);
  ptcp_connection_send (end_of (&pair, 0), bytes, sizeof bytes, pair.link.now);
  ptcp_link_run (&pair.link, S);
  got = ptcp_connection_get_available_bytes (end_of (&pair, 1));
  g_assert_cmpuint (got, >, PTCP_DEFAULT_RECEIVE_BUFFER - 1308);
  g_assert_cmpuint (got, <=, PTCP_DEFAULT_RECEIVE_BUFFER);

  before = pair.link.n_sent[0];
  ptcp_link_run (&pair.link, 600 * S);
  g_assert_cmpuint (pair.link.n_sent[0] - before, >=, 12); /* it does not give up */
  g_assert_cmpuint (pair.link.n_sent[0] - before, <=, 30);
  assert_states (&pair, PTCP_ESTABLISHED, PTCP_ESTABLISHED);

  g_assert_cmpint (hear (&pair, 1), ==, (gssize)got);
  ptcp_link_run (&pair.link, 100 * MS);
  g_assert_cmpint (hear (&pair, 1), ==, (gssize)(sizeof bytes - got));
  pair_clear (&pair);
}

static void
test_a_full_buffer_calls_back_once (void)
{
  Pair pair;
  guint8 bytes[100000] = { 0 };

  pair_open (&pair);
  g_assert_cmpint (
      ptcp_connection_send (end_of (&pair, 0), bytes, sizeof bytes, pair.link.now), ==,
      PTCP_DEFAULT_SEND_BUFFER);
  g_assert_cmpint (say (&pair, 0, "x"), ==, -EWOULDBLOCK);
  ptcp_link_run (&pair.link, S);
  g_assert_cmpuint (pair.ends[0].n_writable, ==, 1);
  g_assert_cmpint (say (&pair, 0, "x"), ==, 1);
  pair_clear (&pair);
}

static gboolean
drop_long (PtcpLink *link, guint side, const guint8 *data, gsize len)
{
  return len <= 1000;
}

static void
test_a_narrower_path_gets_shorter_segments (void)
{
  Pair pair;
  guint8 bytes[20000] = { 0 };

  pair_open (&pair);
  pair.link.filter = drop_long;
  ptcp_connection_send (end_of (&pair, 0), bytes, sizeof bytes, pair.link.now);
  ptcp_link_run (&pair.link, 10 * MS);
  g_assert_true (ptcp_connection_handle_too_large (end_of (&pair, 0), 1308));
  g_assert_true (ptcp_connection_handle_too_large (end_of (&pair, 0), 1212));
  ptcp_link_run (&pair.link, 5 * S);
  g_assert_cmpint (hear (&pair, 1), ==, sizeof bytes);
  pair_clear (&pair);
}

/* --- Bad packets --- */

typedef struct
{
  guint32 seq, ack;
  guint8 flags;
} Forged;

static gboolean
inject (Pair *pair, guint side, const Forged *forged, const char *payload, gsize len)
{
  PtcpSegment segment = { .conversation = 7,
                          .seq = forged->seq,
                          .ack = forged->ack,
                          .flags = forged->flags,
                          .window = 1000,
                          .tsval = (guint32)(pair->link.now / 1000) };
  guint8 packet[2000];
  gsize at = ptcp_segment_write_header (&segment, packet);

  memcpy (packet + at, payload, len);
  return ptcp_connection_handle_packet (end_of (pair, side), packet, at + len,
                                        pair->link.now);
}

/* Both ends sent ten bytes to connect. */
static void
test_resets_out_of_the_window_are_ignored (void)
{
  const Forged outside[] = { { 9, 10, PTCP_FLAG_RST },
                             { 10 + PTCP_DEFAULT_RECEIVE_BUFFER + 1, 10, PTCP_FLAG_RST },
                             { 0x80000000, 10, PTCP_FLAG_RST } };
  const Forged inside = { 10, 10, PTCP_FLAG_RST };
  Pair pair;

  pair_open (&pair);
  for (guint i = 0; i < G_N_ELEMENTS (outside); i++)
    {
      inject (&pair, 0, &outside[i], "", 0);
      g_assert_cmpint (ptcp_connection_get_state (end_of (&pair, 0)), ==,
                       PTCP_ESTABLISHED);
    }
  inject (&pair, 0, &inside, "", 0);
  g_assert_cmpint (ptcp_connection_get_state (end_of (&pair, 0)), ==, PTCP_CLOSED);
  pair_clear (&pair);
}

/* libnice that goes sends all that it has and a reset behind it, once. */
static void
test_a_reset_waits_for_what_it_overtook (void)
{
  for (guint comes = 0; comes < 2; comes++)
    {
      Pair pair;

      pair_open (&pair);
      inject (&pair, 0, &(const Forged) { 14, 10, PTCP_FLAG_RST }, "", 0);
      inject (&pair, 0, &(const Forged) { 12, 10, 0 }, "cd", 2);
      g_assert_cmpint (ptcp_connection_get_state (end_of (&pair, 0)), ==,
                       PTCP_ESTABLISHED);
      if (comes)
        inject (&pair, 0, &(const Forged) { 10, 10, 0 }, "ab", 2);
      else
        ptcp_link_run (&pair.link, pair.link.now + S);
      g_assert_cmpint (ptcp_connection_get_state (end_of (&pair, 0)), ==, PTCP_CLOSED);
      g_assert_cmpuint (ptcp_connection_get_available_bytes (end_of (&pair, 0)), ==,
                        comes ? 4 : 0);
      pair_clear (&pair);
    }
}

/* What a peer sends that does not ask for room is kept as far as libnice goes, which does
 * so when it closes, and no further. */
static void
test_a_burst_beyond_the_window_is_kept (void)
{
  const char payload[1000] = { 0 };

  for (guint sack = 0; sack < 2; sack++)
    {
      const gsize limit =
          PTCP_DEFAULT_RECEIVE_BUFFER + (sack ? 0 : PTCP_DEFAULT_SEND_BUFFER);
      const guint32 first = sack ? 10 : 7; /* bytes to connect */
      PtcpConfig config;
      Pair pair;

      ptcp_config_init (&config, 7);
      config.sack = sack;
      pair_init (&pair, &config, &config);
      ptcp_connection_connect (end_of (&pair, 0), pair.link.now);
      ptcp_link_run (&pair.link, S);
      for (guint32 at = 0; at < 400000; at += sizeof payload)
        inject (&pair, 0, &(const Forged) { first + at, first, 0 }, payload,
                sizeof payload);
      g_assert_cmpuint (ptcp_connection_get_available_bytes (end_of (&pair, 0)), ==,
                        limit);
      pair_clear (&pair);
    }
}

static void
test_acknowledgements_of_the_future_are_ignored (void)
{
  const Forged future = { 10, 5000, 0 };
  Pair pair;

  pair_open (&pair);
  g_assert_true (inject (&pair, 0, &future, "data", 4));
  g_assert_cmpuint (ptcp_connection_get_available_bytes (end_of (&pair, 0)), ==, 0);
  g_assert_cmpint (say (&pair, 0, "still here"), ==, 10);
  ptcp_link_run (&pair.link, S);
  g_assert_cmpint (hear (&pair, 1), ==, 10);
  pair_clear (&pair);
}

static void
test_a_listening_end_only_takes_connects (void)
{
  const Forged data = { 0, 0, 0 }, fin = { 0, 0, PTCP_FLAG_FIN },
               reset = { 0, 0, PTCP_FLAG_RST }, connect = { 0, 0, PTCP_FLAG_CTL };
  PtcpConfig config;
  Pair pair;

  ptcp_config_init (&config, 7);
  pair_init (&pair, &config, &config);
  g_assert_false (inject (&pair, 1, &data, "abc", 3));
  g_assert_false (inject (&pair, 1, &fin, "", 0));
  g_assert_false (inject (&pair, 1, &reset, "", 0));
  g_assert_false (inject (&pair, 1, &connect, "", 0));
  g_assert_false (inject (&pair, 1, &connect, "\7", 1));
  assert_states (&pair, PTCP_LISTEN, PTCP_LISTEN);
  g_assert_true (inject (&pair, 1, &connect, "\0", 1));
  assert_states (&pair, PTCP_LISTEN, PTCP_SYN_RECEIVED);
  pair_clear (&pair);
}

static void
test_other_conversations_are_refused (void)
{
  guint8 packet[PTCP_HEADER_SIZE] = { 0, 0, 0, 8 };
  Pair pair;

  pair_open (&pair);
  g_assert_false (ptcp_connection_handle_packet (end_of (&pair, 0), packet, sizeof packet,
                                                 pair.link.now));
  g_assert_false (
      ptcp_connection_handle_packet (end_of (&pair, 0), packet, 5, pair.link.now));
  pair_clear (&pair);
}

/* --- Loss --- */

/* Drops the first two transmissions of one segment in the middle of a stream. */
static gboolean
drop_one_twice (PtcpLink *link, guint side, const guint8 *data, gsize len)
{
  guint *left = link->filter_data;
  guint32 seq = (guint32)(data[4] << 24 | data[5] << 16 | data[6] << 8 | data[7]);

  if (side != 0 || len < 1000 || *left == 0 || seq < 100000 || seq > 100000 + 1307)
    return TRUE;
  (*left)--;
  return FALSE;
}

static void
check_lost_twice (gboolean sack, gint64 limit)
{
  PtcpConfig config;
  Pair pair;
  guint left = 2;
  gint64 took[2];

  ptcp_config_init (&config, 7);
  config.sack = sack;
  for (guint round = 0; round < 2; round++)
    {
      pair_init (&pair, &config, &config);
      pair.link.filter = drop_one_twice;
      pair.link.filter_data = &left;
      left = round == 0 ? 0 : 2;
      ptcp_connection_connect (end_of (&pair, 0), pair.link.now);
      took[round] = ptcp_link_transfer (&pair.link, 0, 1000000, 60 * S);
      g_assert_cmpuint (left, ==, 0);
      pair_clear (&pair);
    }
  g_assert_cmpint (took[1] - took[0], <, limit);
}

/* libnice waits for its timer of a second. */
static void
test_a_lost_retransmission_does_not_wait_for_the_timer (void)
{
  check_lost_twice (TRUE, 100 * MS);
  check_lost_twice (FALSE, 200 * MS);
}

static void
test_a_lost_last_segment_is_probed_for (void)
{
  Pair pair;
  gint64 start;

  pair_open (&pair);
  pair.link.paths[0].loss = 1;
  say (&pair, 0, "last words");
  start = pair.link.now;
  ptcp_link_run (&pair.link, 5 * MS);
  pair.link.paths[0].loss = 0;
  while (pair.ends[1].n_readable == 0)
    g_assert_true (ptcp_link_step (&pair.link, start + 10 * S));
  g_assert_cmpint (pair.link.now - start, <=, 160 * MS);
  pair_clear (&pair);
}

static gboolean
lose_first_answer (PtcpLink *link, guint side, const guint8 *data, gsize len)
{
  return side == 0 || link->n_sent[1] > 1;
}

/* The end that answered had no round-trip time from what it had sent twice, and as a
 * reader never got another: its window stayed at 256 kB. */
static void
test_a_lost_answer_costs_a_second_and_no_more (void)
{
  gint64 took[2];

  for (guint lost = 0; lost < 2; lost++)
    {
      Pair pair;
      PtcpConfig config;

      ptcp_config_init (&config, 7);
      pair_init (&pair, &config, &config);
      pair.link.filter = lost ? lose_first_answer : NULL;
      ptcp_connection_connect (end_of (&pair, 0), pair.link.now);
      took[lost] = ptcp_link_transfer (&pair.link, 0, 50 * 1000 * 1000, 60 * S);
      g_assert_cmpint (took[lost], >, 0);
      pair_clear (&pair);
    }
  g_assert_cmpint (took[1] - took[0], <=, S + 100 * MS);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define CASE(path, function) g_test_add_func ("/pseudotcp/" path, test_##function)
  CASE ("open/round-trip", opens_in_one_round_trip);
  CASE ("open/both", opens_from_both_ends_at_once);
  CASE ("open/timeout", connecting_gives_up_after_thirty_seconds);
  CASE ("open/lost-ack", opens_though_an_acknowledgement_is_lost);
  CASE ("open/lost-answer", a_lost_answer_costs_a_second_and_no_more);
  CASE ("close/orders", all_orders_of_closing_end);
  CASE ("close/data-first", what_was_written_before_close_arrives);
  CASE ("close/half", half_closed_connections_still_carry_data_back);
  CASE ("close/unread", closing_with_unread_data_resets);
  CASE ("close/shut-reader", reading_shut_down_does_not_stall_the_peer);
  CASE ("close/without-fin", peers_without_fin_get_the_rest_and_then_a_reset);
  CASE ("close/silent-peer", a_silent_peer_ends_the_connection);
  CASE ("window/closed", a_closed_window_is_asked_about_and_opens_again);
  CASE ("window/full", a_full_buffer_calls_back_once);
  CASE ("path/narrower", a_narrower_path_gets_shorter_segments);
  CASE ("bad/resets", resets_out_of_the_window_are_ignored);
  CASE ("close/reset-overtakes", a_reset_waits_for_what_it_overtook);
  CASE ("bad/burst", a_burst_beyond_the_window_is_kept);
  CASE ("bad/future", acknowledgements_of_the_future_are_ignored);
  CASE ("bad/listening", a_listening_end_only_takes_connects);
  CASE ("bad/conversation", other_conversations_are_refused);
  CASE ("loss/retransmission", a_lost_retransmission_does_not_wait_for_the_timer);
  CASE ("loss/tail", a_lost_last_segment_is_probed_for);
  return g_test_run ();
}
