/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Data of peers through a TURN client in virtual time: permissions, channels, Send and
 * Data indications, connections. */
#include "config.h"

#include "turn-bench.h"

static TurnSendVerdict
send_to (Bench *bench, const gchar *host, TurnWrap *wrap)
{
  const StunAddress peer = bench_address (host, 5000);
  const TurnSendVerdict verdict =
      turn_client_wrap (bench->client, &peer, 5, bench->now, wrap);

  if (verdict == TURN_SEND_KEEP)
    turn_client_keep (bench->client, &peer, "hello", 5);
  return verdict;
}

static void
allow (Bench *bench, const gchar *host)
{
  const StunAddress peer = bench_address (host, 1);

  turn_client_allow (bench->client, &peer, bench->now);
  bench_expect (bench, STUN_METHOD_CREATE_PERMISSION);
  bench_accept (bench);
}

static void
bind_channel (Bench *bench, const gchar *host)
{
  const StunAddress peer = bench_address (host, 5000);

  turn_client_bind_channel (bench->client, &peer, bench->now);
  bench_expect (bench, STUN_METHOD_CHANNEL_BIND);
}

static TurnInput
receive_indication (Bench *bench, const gchar *host)
{
  const StunAddress peer = bench_address (host, 5000);
  guint8 message[200];
  StunWriter writer;
  static const guint8 id[12] = { 1 };

  stun_writer_init (&writer, message, sizeof message, STUN_CLASS_INDICATION,
                    STUN_METHOD_DATA, id);
  stun_attr_write_xor_address (&writer, STUN_ATTR_XOR_PEER_ADDRESS, &peer);
  stun_writer_append_bytes (&writer, STUN_ATTR_DATA, "world", 5);
  return bench_receive (bench, message, stun_writer_end (&writer));
}

/* covers TURN-8656-10.1-a, TURN-8656-10.3-a, TURN-8656-11.1-a, ICE-8445-7.2.1-a */
static void
test_data_waits_for_permission (void)
{
  g_auto (Bench) bench = { 0 };
  StunAddress peer;
  StunBytes data;
  TurnWrap wrap;

  bench_allocate (&bench, 3600);
  g_assert_cmpint (send_to (&bench, "198.51.100.7", &wrap), ==, TURN_SEND_KEEP);
  bench_expect (&bench, STUN_METHOD_CREATE_PERMISSION);
  bench_expect_silence (&bench);
  g_assert_cmpint (
      stun_attr_read_xor_address (&bench.view, STUN_ATTR_XOR_PEER_ADDRESS, &peer), ==,
      STUN_RULE_KEPT);
  bench_accept (&bench);
  bench_expect (&bench, STUN_METHOD_SEND);
  g_assert_cmpint (bench.view.klass, ==, STUN_CLASS_INDICATION);
  g_assert_cmpuint (bench.view.integrity, ==, 0);
  stun_attr_read_xor_address (&bench.view, STUN_ATTR_XOR_PEER_ADDRESS, &peer);
  g_assert_cmpuint (stun_address_get_port (&peer), ==, 5000);
  stun_attr_read_bytes (&bench.view, STUN_ATTR_DATA, &data);
  g_assert_cmpmem (data.data, data.len, "hello", 5);
  g_assert_cmpint (send_to (&bench, "198.51.100.7", &wrap), ==, TURN_SEND_GO);
  g_assert_cmpuint (wrap.head_len, ==, 36);
  g_assert_cmpuint (wrap.tail_len, ==, 3);
}

/* covers TURN-8656-10.3-a */
static void
test_waiting_data_is_bounded (void)
{
  g_auto (Bench) bench = { 0 };
  TurnWrap wrap;
  guint n = 0;

  bench_allocate (&bench, 3600);
  for (guint i = 0; i < 10 * TURN_MAX_PENDING; i++)
    send_to (&bench, "198.51.100.7", &wrap);
  bench_expect (&bench, STUN_METHOD_CREATE_PERMISSION);
  bench_expect_silence (&bench);
  bench_accept (&bench);
  while (bench_poll (&bench))
    n++;
  g_assert_cmpuint (n, ==, TURN_MAX_PENDING);
}

/* covers TURN-8656-9-a */
static void
test_permission_is_renewed_without_a_pause (void)
{
  g_auto (Bench) bench = { 0 };
  const gint64 start = BENCH_SECOND;
  TurnWrap wrap;

  bench_allocate (&bench, 3600);
  allow (&bench, "198.51.100.7");
  for (guint round = 1; round <= 5; round++)
    {
      g_assert_cmpint (send_to (&bench, "198.51.100.7", &wrap), ==, TURN_SEND_GO);
      bench_wait (&bench);
      g_assert_cmpint (bench.now - start, ==, round * 240 * BENCH_SECOND);
      bench_expect (&bench, STUN_METHOD_CREATE_PERMISSION);
      g_assert_cmpint (send_to (&bench, "198.51.100.7", &wrap), ==, TURN_SEND_GO);
      bench_challenge (&bench, 438, "another");
      bench_expect (&bench, STUN_METHOD_CREATE_PERMISSION);
      bench_accept (&bench);
    }
}

/* covers TURN-8656-9-a */
static void
test_unused_permission_expires (void)
{
  g_auto (Bench) bench = { 0 };
  TurnWrap wrap;

  bench_allocate (&bench, 3600);
  allow (&bench, "198.51.100.7");
  bench_sleep (&bench, 299 * BENCH_SECOND);
  bench_expect_silence (&bench);
  g_assert_cmpint (receive_indication (&bench, "198.51.100.7"), ==, TURN_INPUT_DATA);
  bench_sleep (&bench, 1 * BENCH_SECOND);
  g_assert_cmpint (receive_indication (&bench, "198.51.100.7"), ==, TURN_INPUT_TAKEN);
  g_assert_cmpint (send_to (&bench, "198.51.100.7", &wrap), ==, TURN_SEND_KEEP);
  bench_expect (&bench, STUN_METHOD_CREATE_PERMISSION);
}

/* covers TURN-8656-10-a */
static void
test_forbidden_peer (void)
{
  g_auto (Bench) bench = { 0 };
  TurnEvent event;
  TurnWrap wrap;

  bench_allocate (&bench, 3600);
  send_to (&bench, "10.0.0.1", &wrap);
  bench_expect (&bench, STUN_METHOD_CREATE_PERMISSION);
  bench_refuse (&bench, 403);
  bench_expect_event (&bench, TURN_EVENT_PEER_ERROR, &event);
  g_assert_cmpuint (event.peer.code, ==, 403);
  bench_expect_silence (&bench);
  g_assert_cmpint (send_to (&bench, "10.0.0.1", &wrap), ==, TURN_SEND_DROP);
  bench_expect_silence (&bench);
  allow (&bench, "198.51.100.7");
  g_assert_cmpint (send_to (&bench, "198.51.100.7", &wrap), ==, TURN_SEND_GO);
}

/* One peer, two ways to write it. */
static void
test_mapped_address_is_the_same_peer (void)
{
  g_auto (Bench) bench = { 0 };
  TurnWrap wrap;

  bench_allocate (&bench, 3600);
  allow (&bench, "198.51.100.7");
  g_assert_cmpint (send_to (&bench, "::ffff:198.51.100.7", &wrap), ==, TURN_SEND_GO);
  g_assert_cmpuint (wrap.head_len, ==, 36);
}

static void
test_ten_thousand_peers (void)
{
  g_auto (Bench) bench = { 0 };
  TurnWrap wrap;
  guint n_asked = 0;

  bench_allocate (&bench, 3600);
  for (guint i = 0; i < 10000; i++)
    {
      g_autofree gchar *host = g_strdup_printf ("198.51.%u.%u", i / 200, i % 200);

      send_to (&bench, host, &wrap);
      n_asked += bench_poll (&bench);
    }
  g_assert_cmpuint (n_asked, ==, TURN_MAX_PERMISSIONS);
}

/* covers TURN-8656-11.4-a, TURN-8656-21.1.4-a */
static void
test_data_of_strangers_is_dropped (void)
{
  g_auto (Bench) bench = { 0 };

  bench_allocate (&bench, 3600);
  g_assert_cmpint (receive_indication (&bench, "203.0.113.5"), ==, TURN_INPUT_TAKEN);
  allow (&bench, "203.0.113.5");
  g_assert_cmpint (receive_indication (&bench, "203.0.113.5"), ==, TURN_INPUT_DATA);
  g_assert_cmpmem (bench.delivered, bench.delivered_size, "world", 5);
}

/* covers TURN-8656-11.6-a, TURN-8656-18.13-a */
static void
test_icmp (void)
{
  g_auto (Bench) bench = { 0 };
  const StunAddress peer = bench_address ("203.0.113.5", 5000);
  const StunIcmpValue icmp = { .type = 3, .code = 4, .data = 1400 };
  guint8 message[100];
  StunWriter writer;
  TurnEvent event;
  static const guint8 id[12] = { 1 };

  stun_writer_init (&writer, message, sizeof message, STUN_CLASS_INDICATION,
                    STUN_METHOD_DATA, id);
  stun_attr_write_xor_address (&writer, STUN_ATTR_XOR_PEER_ADDRESS, &peer);
  stun_attr_write_icmp (&writer, &icmp);
  bench_allocate (&bench, 3600);
  bench_receive (&bench, message, stun_writer_end (&writer));
  g_assert_false (turn_client_poll_event (bench.client, &event));
  allow (&bench, "203.0.113.5");
  bench_receive (&bench, message, stun_writer_end (&writer));
  bench_expect_event (&bench, TURN_EVENT_PEER_ERROR, &event);
  g_assert_true (event.peer.is_icmp);
  g_assert_cmpuint (event.peer.mtu, ==, 1400);
}

/* --- channels --- */

/* covers TURN-8656-12-a, TURN-8656-12-e, OLD-5766-11-a */
static void
test_channel (void)
{
  g_auto (Bench) bench = { 0 };
  guint8 data[] = { 0x40, 0x00, 0, 2, 'h', 'i', 0, 0 };
  guint16 number;
  TurnWrap wrap;

  bench_allocate (&bench, 3600);
  allow (&bench, "198.51.100.7");
  g_assert_cmpint (bench_receive (&bench, data, 6), ==, TURN_INPUT_TAKEN);
  bind_channel (&bench, "198.51.100.7");
  stun_attr_read_u16 (&bench.view, STUN_ATTR_CHANNEL_NUMBER, &number);
  g_assert_cmphex (number, ==, 0x4000);
  send_to (&bench, "198.51.100.7", &wrap);
  g_assert_cmpuint (wrap.head_len, ==, 36);
  g_assert_cmpint (bench_receive (&bench, data, 6), ==, TURN_INPUT_DATA);
  bench_accept (&bench);
  send_to (&bench, "198.51.100.7", &wrap);
  g_assert_cmpmem (wrap.head, wrap.head_len, "\x40\x00\x00\x05", 4);
  g_assert_cmpint (bench_receive (&bench, data, 8), ==, TURN_INPUT_DATA);
  g_assert_cmpmem (bench.delivered, bench.delivered_size, "hi", 2);
  g_assert_cmpuint (stun_address_get_port (&bench.peer), ==, 5000);
}

/* covers TURN-8656-12.6-a */
static void
test_channel_data_that_falls (void)
{
  g_auto (Bench) bench = { 0 };
  guint8 unbound[] = { 0x40, 0x01, 0, 1, 'x' };
  guint8 reserved[] = { 0x50, 0x00, 0, 1, 'x' };
  guint8 longer[] = { 0x40, 0x00, 0, 2, 'x' };

  bench_allocate (&bench, 3600);
  bind_channel (&bench, "198.51.100.7");
  bench_accept (&bench);
  g_assert_cmpint (bench_receive (&bench, unbound, 5), ==, TURN_INPUT_TAKEN);
  g_assert_cmpint (bench_receive (&bench, reserved, 5), ==, TURN_INPUT_TAKEN);
  g_assert_cmpint (bench_receive (&bench, longer, 5), ==, TURN_INPUT_TAKEN);
  g_assert_cmpint (bench_receive (&bench, longer, 3), ==, TURN_INPUT_TAKEN);
}

/* covers TURN-8656-12-b */
static void
test_channel_is_bound_again_ahead (void)
{
  g_auto (Bench) bench = { 0 };
  TurnWrap wrap;
  guint n_bound = 0;
  const gint64 end = BENCH_SECOND + 3000 * BENCH_SECOND;

  bench_allocate (&bench, 3600);
  bind_channel (&bench, "198.51.100.7");
  bench_accept (&bench);
  while (bench.now < end)
    {
      g_assert_cmpint (send_to (&bench, "198.51.100.7", &wrap), ==, TURN_SEND_GO);
      g_assert_cmpuint (wrap.head_len, ==, 4);
      bench_wait (&bench);
      while (bench_poll (&bench))
        {
          stun_view_parse (&bench.view, bench.request, bench.request_size, 0);
          n_bound += bench.view.method == STUN_METHOD_CHANNEL_BIND;
          bench_accept (&bench);
        }
    }
  g_assert_cmpuint (n_bound, ==, 5);
}

/* covers TURN-8656-12.3-a */
static void
test_out_of_step (void)
{
  g_auto (Bench) bench = { 0 };

  bench_allocate (&bench, 3600);
  bind_channel (&bench, "198.51.100.7");
  bench_refuse (&bench, 400);
  bench_expect_failure (&bench, TURN_FAULT_LOST);
  bench_expect (&bench, STUN_METHOD_REFRESH);
}

static void
test_no_channel_then_indications (void)
{
  g_auto (Bench) bench = { 0 };
  TurnEvent event;
  TurnWrap wrap;

  bench_allocate (&bench, 3600);
  allow (&bench, "198.51.100.7");
  bind_channel (&bench, "198.51.100.7");
  bench_refuse (&bench, 508);
  g_assert_false (turn_client_poll_event (bench.client, &event));
  g_assert_cmpint (send_to (&bench, "198.51.100.7", &wrap), ==, TURN_SEND_GO);
  g_assert_cmpuint (wrap.head_len, ==, 36);
}

/* covers TURN-8656-12-c: of numbers whose binding may live on, none means another */
static void
test_quarantine (void)
{
  g_auto (Bench) bench = { 0 };
  guint16 number;

  bench_allocate (&bench, 36000);
  bind_channel (&bench, "198.51.100.7");
  bench_refuse (&bench, 508);
  bind_channel (&bench, "198.51.100.8");
  stun_attr_read_u16 (&bench.view, STUN_ATTR_CHANNEL_NUMBER, &number);
  g_assert_cmphex (number, ==, 0x4001);
  bench_refuse (&bench, 508);
  bench_sleep (&bench, 901 * BENCH_SECOND);
  bind_channel (&bench, "198.51.100.9");
  stun_attr_read_u16 (&bench.view, STUN_ATTR_CHANNEL_NUMBER, &number);
  g_assert_cmphex (number, ==, 0x4000);
}

/* An answer to Binding from a server that is both is not the client's. */
static void
test_binding_response_is_passed_on (void)
{
  g_auto (Bench) bench = { 0 };
  guint8 message[100];
  StunWriter writer;
  static const guint8 id[12] = { 1 };

  bench_allocate (&bench, 3600);
  stun_writer_init (&writer, message, sizeof message, STUN_CLASS_SUCCESS,
                    STUN_METHOD_BINDING, id);
  g_assert_cmpint (bench_receive (&bench, message, stun_writer_end (&writer)), ==,
                   TURN_INPUT_OTHER);
}

/* --- RFC 6062 --- */

/* covers TTCP-6062-4.1-a, TTCP-6062-4.3-a, TTCP-6062-4.4-a */
static void
test_connections (void)
{
  g_auto (Bench) bench = { 0 };
  TurnConfig config = { .connections = TRUE, .reliable = TRUE, .dont_fragment = TRUE };
  const StunAddress peer = bench_address ("198.51.100.7", 5000);
  guint8 transport;
  TurnEvent event;

  bench_authenticate (&bench, &config);
  stun_attr_read_u8 (&bench.view, STUN_ATTR_REQUESTED_TRANSPORT, &transport);
  g_assert_cmpuint (transport, ==, STUN_PROTOCOL_TCP);
  g_assert_false (stun_view_has (&bench.view, STUN_ATTR_DONT_FRAGMENT));
  bench_grant (&bench, 600);
  bench_expect_event (&bench, TURN_EVENT_ALLOCATED, &event);
  g_assert_true (turn_client_connect (bench.client, &peer, bench.now));
  g_assert_false (turn_client_connect (bench.client, &peer, bench.now));
  bench_expect (&bench, STUN_METHOD_CONNECT);
  bench_refuse (&bench, 447);
  bench_expect_event (&bench, TURN_EVENT_PEER_ERROR, &event);
  g_assert_cmpuint (event.peer.code, ==, 447);
  g_assert_false (turn_client_connect (bench.client, &peer, bench.now));
  bench_sleep (&bench, 10 * BENCH_SECOND);
  g_assert_true (turn_client_connect (bench.client, &peer, bench.now));
  bench_expect (&bench, STUN_METHOD_CONNECT);
  bench_reply (&bench, STUN_CLASS_SUCCESS);
  stun_attr_write_u32 (&bench.writer, STUN_ATTR_CONNECTION_ID, 77);
  bench_finish (&bench);
  bench_expect_event (&bench, TURN_EVENT_CONNECTION, &event);
  g_assert_cmpuint (event.connection.id, ==, 77);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/turn-data/data-waits-for-permission",
                   test_data_waits_for_permission);
  g_test_add_func ("/turn-data/waiting-data-is-bounded", test_waiting_data_is_bounded);
  g_test_add_func ("/turn-data/permission-is-renewed-without-a-pause",
                   test_permission_is_renewed_without_a_pause);
  g_test_add_func ("/turn-data/unused-permission-expires",
                   test_unused_permission_expires);
  g_test_add_func ("/turn-data/forbidden-peer", test_forbidden_peer);
  g_test_add_func ("/turn-data/mapped-address-is-the-same-peer",
                   test_mapped_address_is_the_same_peer);
  g_test_add_func ("/turn-data/ten-thousand-peers", test_ten_thousand_peers);
  g_test_add_func ("/turn-data/data-of-strangers-is-dropped",
                   test_data_of_strangers_is_dropped);
  g_test_add_func ("/turn-data/icmp", test_icmp);
  g_test_add_func ("/turn-data/channel", test_channel);
  g_test_add_func ("/turn-data/channel-data-that-falls", test_channel_data_that_falls);
  g_test_add_func ("/turn-data/channel-is-bound-again-ahead",
                   test_channel_is_bound_again_ahead);
  g_test_add_func ("/turn-data/out-of-step", test_out_of_step);
  g_test_add_func ("/turn-data/no-channel-then-indications",
                   test_no_channel_then_indications);
  g_test_add_func ("/turn-data/quarantine", test_quarantine);
  g_test_add_func ("/turn-data/binding-response-is-passed-on",
                   test_binding_response_is_passed_on);
  g_test_add_func ("/turn-data/connections", test_connections);
  return g_test_run ();
}
