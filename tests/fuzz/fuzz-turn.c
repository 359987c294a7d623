/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a TURN server may send: runs of ChannelData and messages, to a client that holds
 * an allocation; the first bytes choose the transport and the stride. */
#include "config.h"

#include "fuzz.h"

#include <string.h>

#include "socket/chain.h"
#include "socket/layer-turn-stream.h"
#include "socket/layer-turn.h"

static void
fill_random (gpointer data, guint8 *dest, gsize len)
{
  memset (dest, 7, len);
}

static void
read_up (NiceChainIo *io)
{
  volatile guint8 sink;

  for (guint i = 0; i < io->up->len; i++)
    {
      const NicePacket *run = nice_chain_io_get_up (io, i);

      for (guint at = 0; at + run->skip < run->size; at += MAX (run->stride, 1))
        sink = run->data[at + run->skip];
    }
  (void)sink;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static const NiceLayerEnv env = { fill_random, NULL };
  TurnConfig config = { .username = "ann", .password = "secret" };
  g_auto (NiceChainIo) io = { 0 };
  g_autoptr (NiceChain) chain = nice_chain_new ();
  g_autofree guint8 *copy = NULL;
  NicePacket run = { .size = size > 2 ? size - 2 : 0 };
  NiceLayer *turn;
  TurnEvent event;

  if (size < 3)
    return 0;
  config.reliable = data[0] & 1;
  run.data = copy = g_memdup2 (data + 2, run.size);
  run.stride = data[1] != 0 ? MIN (data[1], run.size) : run.size;
  g_assert_true (nice_address_set_from_string (&run.from, "192.0.2.1"));
  turn = nice_layer_turn_new (&config, &env, &run.from);
  if (config.reliable)
    {
      run.stride = run.size;
      nice_chain_add (chain, nice_layer_turn_stream_new ());
    }
  nice_chain_add (chain, turn);
  nice_chain_start (chain, 0, &io);
  nice_chain_receive (chain, &run, 1, 1, &io);
  read_up (&io);
  while (nice_layer_turn_poll_event (turn, &event))
    ;
  nice_chain_handle_timeout (chain, 1000000, &io);
  return 0;
}
