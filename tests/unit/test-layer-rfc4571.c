/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Frames on a stream: any split, any length, one reassembly per connection. */
#include "config.h"

#include "socket/layer-rfc4571.h"

#include "layer-bench.h"

static NiceChain *
make_chain (NiceChainIo *io)
{
  NiceChain *chain = nice_chain_new ();

  nice_chain_add (chain, nice_layer_rfc4571_new ());
  nice_chain_start (chain, 0, io);
  g_assert_cmpint (nice_chain_get_state (chain), ==, NICE_LAYER_OPEN);
  return chain;
}

static void
assert_frame (const NiceChainIo *io, guint i, const gchar *text)
{
  const NicePacket *packet = nice_chain_io_get_up (io, i);

  g_assert_cmpmem (packet->data + packet->skip, packet->size - packet->skip, text,
                   strlen (text));
}

/* covers FRAME-4571-2-a */
static void
test_every_split (void)
{
  static const guint8 stream[] = "\0\3abc\0\0\0\1d\0\2ef";
  const gsize size = sizeof stream - 1;

  for (gsize cut = 0; cut <= size; cut++)
    {
      g_auto (NiceChainIo) io = { 0 };
      g_autoptr (NiceChain) chain = make_chain (&io);
      g_autoptr (GPtrArray) frames = g_ptr_array_new_with_free_func (g_free);
      const guint8 *part = stream;
      gsize left = cut;

      for (guint half = 0; half < 2; half++, part = stream + cut, left = size - cut)
        {
          bench_receive (chain, &io, part, left, 0);
          for (guint i = 0; i < io.up->len; i++)
            {
              const NicePacket *p = nice_chain_io_get_up (&io, i);

              g_ptr_array_add (frames, g_strndup ((gchar *)p->data, p->size));
            }
        }
      g_assert_cmpuint (frames->len, ==, 4);
      g_assert_cmpstr (frames->pdata[0], ==, "abc");
      g_assert_cmpstr (frames->pdata[1], ==, "");
      g_assert_cmpstr (frames->pdata[2], ==, "d");
      g_assert_cmpstr (frames->pdata[3], ==, "ef");
    }
}

static void
test_one_byte_a_time (void)
{
  g_auto (NiceChainIo) io = { 0 };
  g_autoptr (NiceChain) chain = make_chain (&io);
  static const gchar stream[] = "\0\5hello";

  for (guint i = 0; i < sizeof stream - 1; i++)
    {
      bench_receive (chain, &io, stream + i, 1, 0);
      g_assert_cmpuint (io.up->len, ==, i == sizeof stream - 2 ? 1 : 0);
    }
  assert_frame (&io, 0, "hello");
}

/* covers FRAME-4571-2-a: 65535 is the longest */
static void
test_longest_frame (void)
{
  g_auto (NiceChainIo) io = { 0 };
  g_autoptr (NiceChain) chain = make_chain (&io);
  g_autofree guint8 *stream = g_malloc0 (2 + NICE_RFC4571_MAX_FRAME);

  stream[0] = stream[1] = 0xFF;
  bench_receive (chain, &io, stream, 70, 0);
  g_assert_cmpuint (io.up->len, ==, 0);
  bench_receive (chain, &io, stream + 70, 2 + NICE_RFC4571_MAX_FRAME - 70, 0);
  g_assert_cmpuint (io.up->len, ==, 1);
  g_assert_cmpuint (nice_chain_io_get_up (&io, 0)->size, ==, NICE_RFC4571_MAX_FRAME);
}

static void
test_whole_frame_is_not_copied (void)
{
  g_auto (NiceChainIo) io = { 0 };
  g_autoptr (NiceChain) chain = make_chain (&io);
  guint8 stream[] = { 0, 1, 'x', 0, 1 };
  NicePacket run = { .data = stream, .size = sizeof stream, .stride = sizeof stream };

  nice_chain_receive (chain, &run, 1, 0, &io);
  g_assert_cmpuint (io.up->len, ==, 1);
  g_assert_true (nice_chain_io_get_up (&io, 0)->data == stream + 2);
}

/* covers FRAME-4571-2-a */
static void
test_send (void)
{
  g_auto (NiceChainIo) io = { 0 };
  g_autoptr (NiceChain) chain = make_chain (&io);

  bench_send (chain, &io, "hello", 5, 0);
  bench_assert_down (&io, "\0\5hello", 7);
  bench_send (chain, &io, "", 0, 0);
  bench_assert_down (&io, "\0\0", 2);
}

static void
test_send_longer_than_a_frame (void)
{
  g_auto (NiceChainIo) io = { 0 };
  g_autoptr (NiceChain) chain = make_chain (&io);
  g_autofree guint8 *data = g_malloc0 (NICE_RFC4571_MAX_FRAME + 3);

  bench_send (chain, &io, data, NICE_RFC4571_MAX_FRAME + 3, 0);
  g_assert_cmpuint (io.down->len, ==, 2);
  g_assert_cmpuint (nice_chain_io_get_down (&io, 0)->size, ==, NICE_RFC4571_MAX_FRAME);
  g_assert_cmpmem (nice_out_packet_get_head (nice_chain_io_get_down (&io, 1)), 2, "\0\3",
                   2);
}

/* What one connection left unfinished is not seen by the other. */
static void
test_two_connections_do_not_interleave (void)
{
  g_auto (NiceChainIo) io = { 0 };
  g_autoptr (NiceChain) one = make_chain (&io);
  g_autoptr (NiceChain) other = make_chain (&io);

  bench_receive (one, &io, "\0\4ab", 4, 0);
  bench_receive (other, &io, "\0\2xy", 4, 0);
  assert_frame (&io, 0, "xy");
  bench_receive (one, &io, "cd", 2, 0);
  assert_frame (&io, 0, "abcd");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/layer-rfc4571/every-split", test_every_split);
  g_test_add_func ("/layer-rfc4571/one-byte-a-time", test_one_byte_a_time);
  g_test_add_func ("/layer-rfc4571/longest-frame", test_longest_frame);
  g_test_add_func ("/layer-rfc4571/whole-frame-is-not-copied",
                   test_whole_frame_is_not_copied);
  g_test_add_func ("/layer-rfc4571/send", test_send);
  g_test_add_func ("/layer-rfc4571/send-longer-than-a-frame",
                   test_send_longer_than_a_frame);
  g_test_add_func ("/layer-rfc4571/two-connections-do-not-interleave",
                   test_two_connections_do_not_interleave);
  return g_test_run ();
}
