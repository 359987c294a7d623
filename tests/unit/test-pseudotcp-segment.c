/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The wire format, held against packets that other implementations sent. */
#include "config.h"

#include "pseudotcp/segment.h"

#include <string.h>

/* A connect segment of libnice 0.1.21, and its answer to one with a window scale of 2. */
static const guint8 libnice_connect[] = { 0x11, 0x22, 0x33, 0x44, 0,    0,    0,    0,
                                          0,    0,    0,    0,    0x00, 0x02, 0xf0, 0x00,
                                          0,    0x0f, 0x42, 0x40, 0,    0,    0,    0,
                                          0x00, 0x03, 0x01, 0x00, 0xfe, 0x01, 0x00 };

static void
test_reads_what_libnice_sends (void)
{
  PtcpSegment segment;
  PtcpOptions options;

  g_assert_true (ptcp_segment_parse (&segment, libnice_connect, sizeof libnice_connect));
  g_assert_cmphex (segment.conversation, ==, 0x11223344);
  g_assert_cmpuint (segment.flags, ==, PTCP_FLAG_CTL);
  g_assert_cmpuint (segment.window, ==, 61440);
  g_assert_cmpuint (segment.tsval, ==, 1000000);
  g_assert_cmpuint (segment.payload_len, ==, 7);
  g_assert_true (ptcp_options_parse (&options, segment.payload, segment.payload_len));
  g_assert_true (options.has_window_scale);
  g_assert_cmpuint (options.window_scale, ==, 0);
  g_assert_true (options.fin_ack);
  g_assert_false (options.sack);
}

static void
test_writes_what_libnice_sends (void)
{
  PtcpSegment segment = {
    .conversation = 0x11223344, .flags = PTCP_FLAG_CTL, .window = 61440, .tsval = 1000000
  };
  PtcpOptions options = { .has_window_scale = TRUE, .fin_ack = TRUE };
  guint8 bytes[PTCP_MAX_HEADER_SIZE];
  gsize len = ptcp_segment_write_header (&segment, bytes);

  len += ptcp_options_write (&options, bytes + len);
  g_assert_cmpmem (bytes, len, libnice_connect, sizeof libnice_connect);
}

static void
test_short_packets_are_refused (void)
{
  guint8 bytes[PTCP_HEADER_SIZE] = { 0 };
  PtcpSegment segment;

  for (gsize len = 0; len < sizeof bytes; len++)
    g_assert_false (ptcp_segment_parse (&segment, bytes, len));
  g_assert_true (ptcp_segment_parse (&segment, bytes, sizeof bytes));
}

static void
test_sacks_come_back_as_written (void)
{
  PtcpSegment segment = { .seq = 5, .flags = PTCP_FLAG_SACK, .n_sacks = PTCP_MAX_SACKS };
  guint8 bytes[PTCP_MAX_HEADER_SIZE];
  PtcpSegment parsed;
  gsize len;

  for (guint32 i = 0; i < PTCP_MAX_SACKS; i++)
    segment.sacks[i] = (PtcpRange) { i * 1000, i * 1000 + 500 };
  len = ptcp_segment_write_header (&segment, bytes);
  g_assert_cmpuint (len, ==, sizeof bytes);
  g_assert_true (ptcp_segment_parse (&parsed, bytes, len));
  g_assert_cmpuint (parsed.n_sacks, ==, PTCP_MAX_SACKS);
  g_assert_cmpuint (parsed.payload_len, ==, 0);
  g_assert_cmpmem (parsed.sacks, sizeof parsed.sacks, segment.sacks,
                   sizeof segment.sacks);

  while (--len >= PTCP_HEADER_SIZE)
    g_assert_false (ptcp_segment_parse (&parsed, bytes, len));
  bytes[PTCP_HEADER_SIZE] = PTCP_MAX_SACKS + 1;
  g_assert_false (ptcp_segment_parse (&parsed, bytes, sizeof bytes));
}

static void
check_options (const char *payload, gsize len, gboolean fin_ack)
{
  g_autofree guint8 *exact = g_memdup2 (payload, len); /* for over-reads to show */
  PtcpOptions options;

  g_assert_true (ptcp_options_parse (&options, exact, len));
  g_assert_cmpint (options.fin_ack, ==, fin_ack);
}

static void
test_odd_options_are_skipped (void)
{
  PtcpOptions options;

  check_options ("\0", 1, FALSE);
  check_options ("\0\376", 2, FALSE);
  check_options ("\0\376\1", 3, FALSE);
  check_options ("\0\3\5\1", 4, FALSE);
  check_options ("\0\125\3\1\2\3\376\1\0", 9, TRUE); /* unknown kind */
  check_options ("\0\1\1\1\376\1\0", 7, TRUE);       /* padding */
  check_options ("\0\0\376\1\0", 5, FALSE);          /* after the end */
  check_options ("\0\376\0", 3, TRUE);               /* no value at all */
  g_assert_false (ptcp_options_parse (&options, (const guint8 *)"\7", 1));
  g_assert_false (ptcp_options_parse (&options, NULL, 0));
}

static void
test_huge_window_scale_is_14 (void)
{
  PtcpOptions options;

  g_assert_true (ptcp_options_parse (&options, (const guint8 *)"\0\3\1\377", 4));
  g_assert_cmpuint (options.window_scale, ==, 14);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pseudotcp/segment/reads-libnice", test_reads_what_libnice_sends);
  g_test_add_func ("/pseudotcp/segment/writes-libnice", test_writes_what_libnice_sends);
  g_test_add_func ("/pseudotcp/segment/short", test_short_packets_are_refused);
  g_test_add_func ("/pseudotcp/segment/sacks", test_sacks_come_back_as_written);
  g_test_add_func ("/pseudotcp/segment/odd-options", test_odd_options_are_skipped);
  g_test_add_func ("/pseudotcp/segment/window-scale", test_huge_window_scale_is_14);
  return g_test_run ();
}
