/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Frames on a stream, split as the first byte of the input says. */
#include "config.h"

#include "fuzz.h"

#include "socket/chain.h"
#include "socket/layer-rfc4571.h"

/* The length of what came up; every byte of it is read. */
static gsize
take_up (NiceChainIo *io)
{
  volatile guint8 sink;
  gsize total = 0;

  for (guint i = 0; i < io->up->len; i++)
    {
      const NicePacket *run = nice_chain_io_get_up (io, i);

      g_assert_true (run->size == 0 || run->stride > 0);
      for (guint at = run->skip; at < run->size; at++)
        sink = run->data[at];
      total += run->size - run->skip;
    }
  (void)sink;
  g_array_set_size (io->up, 0);
  return total;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_auto (NiceChainIo) io = { 0 };
  g_autoptr (NiceChain) chain = nice_chain_new ();
  const gsize step = size > 0 ? 1 + data[0] : 1;
  gsize total = 0;

  nice_chain_add (chain, nice_layer_rfc4571_new ());
  nice_chain_start (chain, 0, &io);
  for (gsize at = 1; at < size; at += step)
    {
      const gsize len = MIN (step, size - at);
      g_autofree guint8 *copy = g_memdup2 (data + at, len);
      NicePacket piece = { .data = copy, .size = len, .stride = len };

      nice_chain_receive (chain, &piece, 1, 0, &io);
      total += take_up (&io);
    }
  g_assert_cmpuint (total, <=, size);
  return 0;
}
