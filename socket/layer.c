/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What layers have in common: their state, the arena, and how packets are emitted. Knows
 * no protocol. */
#include "config.h"

#include "socket/layer.h"

#include <string.h>

/* Most calls need less: one datagram, or one TLS record. Chunks double until a call fits
 * into one, which is then kept. */
#define CHUNK_SIZE 16640
#define MAX_KEPT_SIZE (64 * CHUNK_SIZE)

void
nice_layer_init (NiceLayer *self, const NiceLayerClass *klass, NiceLayerState state)
{
  *self = (NiceLayer) { .klass = klass, .state = state, .deadline = NICE_LAYER_NEVER };
}

void
nice_layer_clear (NiceLayer *self)
{
  g_clear_pointer (&self->detail, g_free);
}

void
nice_layer_free (NiceLayer *self)
{
  if (self != NULL)
    self->klass->free (self);
}

void
nice_layer_open (NiceLayer *self)
{
  if (self->state == NICE_LAYER_OPENING)
    self->state = NICE_LAYER_OPEN;
}

void
nice_layer_fail (NiceLayer *self, NiceLayerFault fault, const gchar *detail)
{
  if (self->state == NICE_LAYER_CLOSED)
    return;
  self->state = NICE_LAYER_CLOSED;
  self->fault = fault;
  self->deadline = NICE_LAYER_NEVER;
  self->detail = g_strdup (detail);
}

gpointer
nice_arena_alloc (NiceArena *self, gsize size)
{
  gpointer piece;

  size = (size + 15) & ~(gsize)15;
  if (size > self->size - self->used)
    {
      if (self->chunk != NULL)
        self->full = g_slist_prepend (self->full, self->chunk);
      self->size = MAX (size, CLAMP (2 * self->size, CHUNK_SIZE, MAX_KEPT_SIZE));
      self->chunk = g_malloc (self->size);
      self->used = 0;
    }
  piece = self->chunk + self->used;
  self->used += size;
  return piece;
}

void
nice_arena_shrink (NiceArena *self, gpointer piece, gsize size, gsize used)
{
  const gsize whole = (size + 15) & ~(gsize)15;

  g_assert ((guint8 *)piece + whole == self->chunk + self->used);
  self->used -= whole - ((used + 15) & ~(gsize)15);
}

void
nice_arena_reset (NiceArena *self)
{
  g_slist_free_full (g_steal_pointer (&self->full), g_free);
  self->used = 0;
  if (self->size > MAX_KEPT_SIZE)
    {
      g_clear_pointer (&self->chunk, g_free);
      self->size = 0;
    }
}

void
nice_arena_clear (NiceArena *self)
{
  nice_arena_reset (self);
  g_clear_pointer (&self->chunk, g_free);
  self->size = 0;
}

void
nice_layer_put_down (NiceLayerIo *io, const void *data, gsize size, const NiceAddress *to)
{
  GOutputVector *vector = nice_arena_alloc (io->arena, sizeof *vector);
  NiceOutPacket packet;

  *vector = (GOutputVector) { data, size };
  packet.vectors = vector;
  packet.n_vectors = 1;
  packet.size = size;
  packet.head_len = packet.tail_len = packet.tos = 0;
  if (to != NULL)
    packet.to = *to;
  else
    nice_address_init (&packet.to);
  g_array_append_val (io->down, packet);
}

void
nice_layer_put_down_copy (NiceLayerIo *io, const void *data, gsize size,
                          const NiceAddress *to)
{
  guint8 *copy = nice_arena_alloc (io->arena, size);

  memcpy (copy, data, size);
  nice_layer_put_down (io, copy, size, to);
}

void
nice_layer_put_up (NiceLayerIo *io, guint8 *data, gsize size, const NicePacket *like)
{
  NicePacket packet = *like;

  packet.data = data;
  packet.size = packet.stride = size;
  packet.skip = 0;
  g_array_append_val (io->up, packet);
}

const guint8 *
nice_layer_flatten (NiceLayerIo *io, const NiceOutPacket *packet, gsize *size)
{
  const guint whole = nice_out_packet_get_size (packet);
  guint8 *flat, *end;

  *size = whole;
  if (packet->head_len == 0 && packet->tail_len == 0 && packet->n_vectors == 1)
    return packet->vectors[0].buffer;
  flat = end = nice_arena_alloc (io->arena, whole);
  memcpy (end, nice_out_packet_get_head (packet), packet->head_len);
  end += packet->head_len;
  for (guint i = 0; i < packet->n_vectors; i++)
    {
      if (packet->vectors[i].size > 0)
        memcpy (end, packet->vectors[i].buffer, packet->vectors[i].size);
      end += packet->vectors[i].size;
    }
  memset (end, 0, packet->tail_len);
  return flat;
}

const gchar *
nice_layer_fault_get_name (NiceLayerFault fault)
{
  static const gchar *const names[] = {
    [NICE_FAULT_NONE] = "none",
    [NICE_FAULT_ENDED] = "ended",
    [NICE_FAULT_PROTOCOL] = "protocol",
    [NICE_FAULT_TIMEOUT] = "timeout",
    [NICE_FAULT_REFUSED] = "refused",
    [NICE_FAULT_UNAUTHORIZED] = "unauthorized",
    [NICE_FAULT_CERTIFICATE] = "certificate",
    [NICE_FAULT_REDIRECTED] = "redirected",
    [NICE_FAULT_UNSUPPORTED] = "unsupported",
    [NICE_FAULT_NO_RESOURCES] = "no-resources",
  };

  return (guint)fault < G_N_ELEMENTS (names) ? names[fault] : "unknown";
}
