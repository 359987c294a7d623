/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ChannelData and indications on runs of datagrams and on streams. */
#include "config.h"

#include "turn/frame.h"

#include <arpa/inet.h>

static void
assert_run (const TurnRun *run, const gchar *data, guint size, guint stride, guint skip)
{
  g_assert_cmpmem (run->data, MIN (4, run->size), data, MIN (4, run->size));
  g_assert_cmpuint (run->size, ==, size);
  g_assert_cmpuint (run->stride, ==, stride);
  g_assert_cmpuint (run->skip, ==, skip);
}

/* covers TURN-8656-12.4-a */
static void
test_whole_run_stays_whole (void)
{
  gchar data[] = "\x40\1\0\4aaaa\x40\1\0\4bbbb\x40\1\0\2cc";
  TurnRun run = { (guint8 *)data, 22, 8, 0 }, taken;
  guint16 channel;

  g_assert_true (turn_frame_take_channel (&run, &taken, &channel));
  g_assert_cmphex (channel, ==, 0x4001);
  assert_run (&taken, data, 22, 8, 4);
  g_assert_cmpuint (run.size, ==, 0);
  g_assert_false (turn_frame_take_one (&run, &taken));
}

static void
test_run_of_two_channels_is_cut (void)
{
  gchar data[] = "\x40\1\0\4aaaa\x40\2\0\4bbbb";
  TurnRun run = { (guint8 *)data, 16, 8, 0 }, taken;
  guint16 channel;

  g_assert_true (turn_frame_take_channel (&run, &taken, &channel));
  assert_run (&taken, data, 8, 8, 4);
  g_assert_true (turn_frame_take_channel (&run, &taken, &channel));
  g_assert_cmphex (channel, ==, 0x4002);
  assert_run (&taken, data + 8, 8, 8, 4);
}

/* covers TURN-8656-12.5-a: padding over UDP is tolerated */
static void
test_padding_is_cut_off (void)
{
  gchar data[] = "\x40\1\0\1a\0\0\0\x40\1\0\4bbbb";
  TurnRun run = { (guint8 *)data, 16, 8, 0 }, taken;
  guint16 channel;

  g_assert_true (turn_frame_take_channel (&run, &taken, &channel));
  assert_run (&taken, data, 5, 5, 4);
  g_assert_true (turn_frame_take_channel (&run, &taken, &channel));
  assert_run (&taken, data + 8, 8, 8, 4);
}

/* covers TURN-8656-12.6-a */
static void
test_longer_than_the_datagram (void)
{
  gchar data[] = "\x40\1\0\5aaaa\x40\1\0\4bbbb";
  TurnRun run = { (guint8 *)data, 16, 8, 0 }, taken;
  guint16 channel;

  g_assert_false (turn_frame_take_channel (&run, &taken, &channel));
  g_assert_true (turn_frame_take_one (&run, &taken));
  assert_run (&taken, data, 8, 8, 0);
  g_assert_true (turn_frame_take_channel (&run, &taken, &channel));
}

/* covers TURN-8656-12.4-a: length 0 is valid */
static void
test_empty_datagram (void)
{
  gchar data[] = "\x4F\xFF\0\0";
  TurnRun run = { (guint8 *)data, 4, 4, 0 }, taken;
  guint16 channel;

  g_assert_true (turn_frame_take_channel (&run, &taken, &channel));
  assert_run (&taken, data, 4, 4, 4);
}

/* covers TURN-8656-12.5-a, STUN-8489-6.2.2-f */
static void
test_measure_channel_data (void)
{
  for (guint length = 0; length <= 5; length++)
    {
      guint8 data[12] = { 0x40, 0x00, 0x00, length };
      const gsize whole = (4 + length + 3) / 4 * 4;

      for (gsize len = 0; len <= sizeof data; len++)
        {
          gsize size, padded;
          const StunRule rule = turn_frame_measure (data, len, &size, &padded);

          g_assert_cmpint (rule, ==, len < whole ? STUN_RULE_TRUNCATED : STUN_RULE_KEPT);
          if (len >= 4)
            {
              g_assert_cmpuint (size, ==, 4 + length);
              g_assert_cmpuint (padded, ==, whole);
            }
        }
    }
}

/* covers STUN-8489-6.2.2-g */
static void
test_measure_garbage (void)
{
  gsize size, padded;

  for (guint first = 0; first < 256; first++)
    {
      const guint8 data[] = { first, 0, 0, 0 };
      const StunRule rule = turn_frame_measure (data, 4, &size, &padded);
      const gboolean is_stun = first < 4, is_channel = first >= 0x40 && first <= 0x4F;

      if (is_stun || is_channel)
        g_assert_cmpint (rule, ==, is_stun ? STUN_RULE_TRUNCATED : STUN_RULE_KEPT);
      else
        g_assert_cmpint (rule, ==, STUN_RULE_FIRST_BITS);
    }
}

/* covers TURN-8656-11.1-a */
static void
test_send_indication (void)
{
  guint8 message[TURN_INDICATION_MAX_HEADER + 8] = { 0 };
  static const guint8 id[STUN_TRANSACTION_ID_SIZE] = { 9 };
  TurnSend send = { .id = id, .dont_fragment = TRUE };
  StunAddress peer;
  StunView view;
  StunBytes data;
  guint head_len;

  send.peer.s.ip6.sin6_family = AF_INET6;
  send.peer.s.ip6.sin6_port = htons (5000);
  g_assert_cmpint (inet_pton (AF_INET6, "2001:db8::7", &send.peer.s.ip6.sin6_addr), ==,
                   1);
  for (guint size = 0; size <= 5; size++)
    {
      head_len = turn_frame_write_send (message, &send, size);
      g_assert_cmpuint (head_len, ==, TURN_INDICATION_MAX_HEADER);
      g_assert_cmpint (stun_view_parse (&view, message, head_len + stun_padded (size), 0),
                       ==, STUN_RULE_KEPT);
      g_assert_true (stun_view_is (&view, STUN_CLASS_INDICATION, STUN_METHOD_SEND));
      g_assert_cmpint (stun_attr_read_bytes (&view, STUN_ATTR_DATA, &data), ==,
                       STUN_RULE_KEPT);
      g_assert_cmpuint (data.len, ==, size);
      g_assert_cmpint (stun_attr_read_flag (&view, STUN_ATTR_DONT_FRAGMENT), ==,
                       STUN_RULE_KEPT);
      stun_attr_read_xor_address (&view, STUN_ATTR_XOR_PEER_ADDRESS, &peer);
      g_assert_true (stun_address_equal (&peer, &send.peer));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/turn-frame/whole-run-stays-whole", test_whole_run_stays_whole);
  g_test_add_func ("/turn-frame/run-of-two-channels-is-cut",
                   test_run_of_two_channels_is_cut);
  g_test_add_func ("/turn-frame/padding-is-cut-off", test_padding_is_cut_off);
  g_test_add_func ("/turn-frame/longer-than-the-datagram", test_longer_than_the_datagram);
  g_test_add_func ("/turn-frame/empty-datagram", test_empty_datagram);
  g_test_add_func ("/turn-frame/measure-channel-data", test_measure_channel_data);
  g_test_add_func ("/turn-frame/measure-garbage", test_measure_garbage);
  g_test_add_func ("/turn-frame/send-indication", test_send_indication);
  return g_test_run ();
}
