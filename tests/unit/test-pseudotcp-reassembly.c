/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Bytes that arrive in any order, twice, and beyond what there is room for. */
#include "config.h"

#include "pseudotcp/reassembly.h"

#include <string.h>

#define LIMIT 60000

static void
fill (guint8 *bytes, gsize len)
{
  for (gsize i = 0; i < len; i++)
    bytes[i] = (guint8)(i * 7 + (i >> 8));
}

static void
test_every_order_of_four_segments (void)
{
  guint8 bytes[400], out[400];

  fill (bytes, sizeof bytes);
  for (guint order = 0; order < 256; order++)
    {
      PtcpReassembly self = { .next = 0xffffff80 }; /* wraps in the middle */
      guint parts[] = { order & 3, order >> 2 & 3, order >> 4 & 3, order >> 6 & 3 };
      guint seen = 0;
      gsize moved = 0;

      for (guint i = 0; i < 4; i++)
        {
          guint at = parts[i] * 100;

          moved +=
              ptcp_reassembly_insert (&self, 0xffffff80 + at, bytes + at, 100, LIMIT);
          seen |= 1u << parts[i];
        }
      if (seen == 15)
        {
          g_assert_cmpuint (moved, ==, 400);
          g_assert_cmpuint (self.n_islands, ==, 0);
        }
      g_assert_cmpuint (ptcp_ring_read (&self.ring, out, sizeof out), ==, moved);
      g_assert_cmpmem (out, moved, bytes, moved);
      ptcp_reassembly_clear (&self);
    }
}

static void
test_overlaps_are_cut (void)
{
  PtcpReassembly self = { .next = 1000 };
  guint8 bytes[500], out[500];

  fill (bytes, sizeof bytes);
  g_assert_cmpuint (ptcp_reassembly_insert (&self, 1000, bytes, 100, LIMIT), ==, 100);
  g_assert_cmpuint (ptcp_reassembly_insert (&self, 1000, bytes, 100, LIMIT), ==, 0);
  g_assert_cmpuint (ptcp_reassembly_insert (&self, 1050, bytes + 50, 100, LIMIT), ==, 50);
  g_assert_cmpuint (ptcp_reassembly_insert (&self, 1300, bytes + 300, 100, LIMIT), ==, 0);
  g_assert_cmpuint (ptcp_reassembly_insert (&self, 1250, bytes + 250, 200, LIMIT), ==, 0);
  g_assert_cmpuint (self.n_islands, ==, 1);
  g_assert_cmpuint (ptcp_reassembly_insert (&self, 1100, bytes + 100, 200, LIMIT), ==,
                    300);
  g_assert_cmpuint (ptcp_ring_read (&self.ring, out, sizeof out), ==, 450);
  g_assert_cmpmem (out, 450, bytes, 450);
  ptcp_reassembly_clear (&self);
}

static void
test_nothing_beyond_the_window (void)
{
  PtcpReassembly self = { .next = 0 };
  guint8 bytes[500] = { 0 };

  g_assert_cmpuint (ptcp_reassembly_insert (&self, 0, bytes, 500, 200), ==, 200);
  g_assert_cmpuint (ptcp_reassembly_insert (&self, 400, bytes, 500, 200), ==, 0);
  g_assert_cmpuint (self.n_islands, ==, 0);
  g_assert_cmpuint (ptcp_reassembly_insert (&self, 300, bytes, 500, 200), ==, 0);
  g_assert_cmpuint (self.islands[0].right, ==, 400);
  g_assert_cmpuint (ptcp_reassembly_insert (&self, 0xfffffff0, bytes, 500, 0), ==, 0);
  ptcp_reassembly_clear (&self);
}

/* A peer that sends every other byte must not cost more than a fixed table. */
static void
test_islands_are_bounded (void)
{
  PtcpReassembly self = { .next = 0 };
  guint8 byte = 1;

  for (guint32 i = 0; i < 4 * PTCP_MAX_ISLANDS; i++)
    ptcp_reassembly_insert (&self, 1 + 2 * i, &byte, 1, LIMIT);
  g_assert_cmpuint (self.n_islands, ==, PTCP_MAX_ISLANDS);
  for (guint32 i = 0; i < 4 * PTCP_MAX_ISLANDS; i++)
    ptcp_reassembly_insert (&self, i, &byte, 1, LIMIT);
  g_assert_cmpuint (self.n_islands, ==, 0);
  g_assert_cmpuint (self.next, ==, 4 * PTCP_MAX_ISLANDS);
  ptcp_reassembly_clear (&self);
}

/* RFC 2018 4: the block of the segment just received comes first. */
static void
test_latest_island_is_reported_first (void)
{
  PtcpReassembly self = { .next = 0 };
  PtcpRange blocks[3];
  guint8 bytes[10] = { 0 };
  guint told = 0;

  for (guint32 i = 1; i <= 8; i++)
    ptcp_reassembly_insert (&self, i * 100, bytes, 10, LIMIT);
  ptcp_reassembly_insert (&self, 310, bytes, 10, LIMIT);
  for (guint round = 0; round < 8; round++)
    {
      g_assert_cmpuint (ptcp_reassembly_report (&self, blocks, 3), ==, 3);
      g_assert_cmpuint (blocks[0].left, ==, 300);
      g_assert_cmpuint (blocks[0].right, ==, 320);
      for (guint i = 0; i < 3; i++)
        told |= 1u << blocks[i].left / 100;
    }
  g_assert_cmphex (told, ==, 0x1fe);
  ptcp_reassembly_clear (&self);
}

static void
test_ring_wraps_and_grows (void)
{
  PtcpRing ring = { 0 };
  guint8 bytes[3000], out[3000];
  GOutputVector vectors[2];

  fill (bytes, sizeof bytes);
  for (guint i = 0; i < 100; i++)
    {
      ptcp_ring_write (&ring, ring.len, bytes, sizeof bytes);
      ring.len += sizeof bytes;
      g_assert_cmpuint (ptcp_ring_peek (&ring, 0, sizeof bytes, vectors), <=, 2);
      g_assert_cmpuint (ptcp_ring_read (&ring, out, sizeof out), ==, sizeof out);
      g_assert_cmpmem (out, sizeof out, bytes, sizeof bytes);
    }
  g_assert_cmpuint (ring.capacity, ==, 4096);
  for (guint i = 0; i < 10; i++)
    {
      ptcp_ring_write (&ring, ring.len, bytes, sizeof bytes);
      ring.len += sizeof bytes;
    }
  for (guint i = 0; i < 10; i++)
    {
      g_assert_cmpuint (ptcp_ring_read (&ring, out, sizeof out), ==, sizeof out);
      g_assert_cmpmem (out, sizeof out, bytes, sizeof bytes);
    }
  ptcp_ring_clear (&ring);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pseudotcp/reassembly/orders", test_every_order_of_four_segments);
  g_test_add_func ("/pseudotcp/reassembly/overlaps", test_overlaps_are_cut);
  g_test_add_func ("/pseudotcp/reassembly/window", test_nothing_beyond_the_window);
  g_test_add_func ("/pseudotcp/reassembly/bounded", test_islands_are_bounded);
  g_test_add_func ("/pseudotcp/reassembly/latest", test_latest_island_is_reported_first);
  g_test_add_func ("/pseudotcp/ring/wraps-and-grows", test_ring_wraps_and_grows);
  return g_test_run ();
}
