/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Decides where frames begin and end on one connection; whole frames are handed up where
 * they lie, only a frame that was read in pieces is copied together. It must not know
 * what is in them. RFC 4571 2. */
#include "config.h"

#include "socket/layer-rfc4571.h"

#include <string.h>

#define HEADER 2

/* One frame in pieces: at most its header and 65535 bytes. */
typedef struct
{
  NiceLayer layer;
  GByteArray *partial;
} Rfc4571;

static gsize
frame_size (const guint8 *data)
{
  return HEADER + ((gsize)data[0] << 8 | data[1]);
}

/* Moves bytes of the run to the frame begun earlier; returns how many. */
static gsize
complete_partial (Rfc4571 *self, const NicePacket *run, guint8 *data, gsize size,
                  NiceLayerIo *io)
{
  GByteArray *partial = self->partial;
  gsize taken = 0;
  guint8 *frame;

  if (partial->len < HEADER)
    {
      taken = MIN (size, HEADER - partial->len);
      g_byte_array_append (partial, data, taken);
    }
  if (partial->len >= HEADER)
    {
      const gsize wanted = frame_size (partial->data) - partial->len;
      const gsize part = MIN (wanted, size - taken);

      g_byte_array_append (partial, data + taken, part);
      taken += part;
      if (part == wanted)
        {
          frame = nice_arena_alloc (io->arena, partial->len);
          memcpy (frame, partial->data, partial->len);
          nice_layer_put_up (io, frame + HEADER, partial->len - HEADER, run);
          g_byte_array_set_size (partial, 0);
        }
    }
  return taken;
}

static void
receive_run (Rfc4571 *self, const NicePacket *run, NiceLayerIo *io)
{
  guint8 *data = run->data + run->skip;
  gsize size = run->size - run->skip;

  if (self->partial->len > 0)
    {
      const gsize taken = complete_partial (self, run, data, size, io);

      data += taken;
      size -= taken;
    }
  while (size >= HEADER && size >= frame_size (data))
    {
      const gsize whole = frame_size (data);

      nice_layer_put_up (io, data + HEADER, whole - HEADER, run);
      data += whole;
      size -= whole;
    }
  g_byte_array_append (self->partial, data, size);
}

static void
receive (NiceLayer *layer, NicePacket *packets, guint n_packets, NiceLayerIo *io)
{
  for (guint i = 0; i < n_packets; i++)
    receive_run ((Rfc4571 *)layer, &packets[i], io);
}

static void
push_length (NiceOutPacket *packet, gsize length)
{
  guint8 *header = nice_out_packet_push (packet, HEADER);

  header[0] = length >> 8;
  header[1] = length & 0xFF;
}

static void
send_cut (const NiceOutPacket *packet, NiceLayerIo *io)
{
  gsize size;
  const guint8 *flat = nice_layer_flatten (io, packet, &size);

  while (size > 0)
    {
      const gsize part = MIN (size, NICE_RFC4571_MAX_FRAME);

      nice_layer_put_down (io, flat, part, &packet->to);
      push_length (&g_array_index (io->down, NiceOutPacket, io->down->len - 1), part);
      flat += part;
      size -= part;
    }
}

static void
send_packets (NiceLayer *layer, const NiceOutPacket *packets, guint n_packets,
              NiceLayerIo *io)
{
  for (guint i = 0; i < n_packets; i++)
    {
      const gsize size = nice_out_packet_get_size (&packets[i]);

      if (size > NICE_RFC4571_MAX_FRAME)
        {
          send_cut (&packets[i], io);
          continue;
        }
      g_array_append_val (io->down, packets[i]);
      push_length (&g_array_index (io->down, NiceOutPacket, io->down->len - 1), size);
    }
}

static void
free_layer (NiceLayer *layer)
{
  Rfc4571 *self = (Rfc4571 *)layer;

  g_byte_array_unref (self->partial);
  nice_layer_clear (layer);
  g_free (self);
}

static const NiceLayerClass rfc4571_class = {
  .name = "rfc4571",
  .receive = receive,
  .send = send_packets,
  .free = free_layer,
};

NiceLayer *
nice_layer_rfc4571_new (void)
{
  Rfc4571 *self = g_new0 (Rfc4571, 1);

  nice_layer_init (&self->layer, &rfc4571_class, NICE_LAYER_OPEN);
  self->partial = g_byte_array_new ();
  return &self->layer;
}
