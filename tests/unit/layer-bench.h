/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What tests of layers share: bytes in, bytes out, on a chain with virtual time. */
#pragma once

#include <string.h>

#include "socket/chain.h"

/* Hands in a copy of data as one run from 192.0.2.1:3478. */
static inline void
bench_receive (NiceChain *chain, NiceChainIo *io, const void *data, gsize size,
               gint64 now)
{
  g_autofree guint8 *copy = g_memdup2 (data, size);
  NicePacket run = { .data = copy, .size = size, .stride = size };

  g_assert_true (nice_address_set_from_string (&run.from, "192.0.2.1"));
  nice_address_set_port (&run.from, 3478);
  nice_chain_receive (chain, &run, 1, now, io);
  for (guint i = 0; i < io->up->len; i++)
    {
      NicePacket *packet = &g_array_index (io->up, NicePacket, i);
      guint8 *kept = nice_arena_alloc (&io->arena, packet->size);

      memcpy (kept, packet->data, packet->size);
      packet->data = kept;
    }
}

static inline void
bench_send (NiceChain *chain, NiceChainIo *io, const void *data, gsize size, gint64 now)
{
  /* What comes out below may point to it until the arena is reset. */
  GOutputVector *vector = nice_arena_alloc (&io->arena, sizeof *vector);
  NiceOutPacket packet = { .vectors = vector, .n_vectors = 1, .size = size };

  *vector = (GOutputVector) { data, size };
  g_assert_true (nice_address_set_from_string (&packet.to, "198.51.100.7"));
  nice_address_set_port (&packet.to, 5000);
  nice_chain_send (chain, &packet, 1, now, io);
}

/* All that goes to the endpoint, in one piece. */
static inline GBytes *
bench_take_down (NiceChainIo *io)
{
  GByteArray *bytes = g_byte_array_new ();
  static const guint8 zeros[NICE_OUT_PACKET_MAX_TAIL];

  for (guint i = 0; i < io->down->len; i++)
    {
      const NiceOutPacket *packet = nice_chain_io_get_down (io, i);

      g_byte_array_append (bytes, nice_out_packet_get_head (packet), packet->head_len);
      for (guint j = 0; j < packet->n_vectors; j++)
        g_byte_array_append (bytes, packet->vectors[j].buffer, packet->vectors[j].size);
      g_byte_array_append (bytes, zeros, packet->tail_len);
    }
  g_array_set_size (io->down, 0);
  return g_byte_array_free_to_bytes (bytes);
}

/* All that goes to the user, segments one after another. */
static inline GBytes *
bench_take_up (NiceChainIo *io)
{
  GByteArray *bytes = g_byte_array_new ();

  for (guint i = 0; i < io->up->len; i++)
    {
      const NicePacket *run = nice_chain_io_get_up (io, i);

      for (guint at = 0; at < run->size; at += run->stride)
        g_byte_array_append (bytes, run->data + at + run->skip,
                             MIN (run->stride, run->size - at) - run->skip);
    }
  g_array_set_size (io->up, 0);
  return g_byte_array_free_to_bytes (bytes);
}

#define bench_assert_down(io, text, length)                                              \
  G_STMT_START                                                                           \
  {                                                                                      \
    g_autoptr (GBytes) bench_bytes = bench_take_down (io);                               \
    g_assert_cmpmem (g_bytes_get_data (bench_bytes, NULL),                               \
                     g_bytes_get_size (bench_bytes), text, length);                      \
  }                                                                                      \
  G_STMT_END

#define bench_assert_up(io, text, length)                                                \
  G_STMT_START                                                                           \
  {                                                                                      \
    g_autoptr (GBytes) bench_bytes = bench_take_up (io);                                 \
    g_assert_cmpmem (g_bytes_get_data (bench_bytes, NULL),                               \
                     g_bytes_get_size (bench_bytes), text, length);                      \
  }                                                                                      \
  G_STMT_END
