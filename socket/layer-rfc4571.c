/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Decides where frames begin and end on one connection. It must not know what is in them.
 * RFC 4571 2. */
#include "config.h"

#include "socket/layer-rfc4571.h"

#include "socket/layer-frames.h"

#define HEADER 2

typedef struct
{
  NiceLayer layer;
  NiceFrames frames;
} Rfc4571;

static NiceFrameAnswer
measure (const guint8 *data, gsize size, NiceFrameExtent *extent)
{
  if (size < HEADER)
    return NICE_FRAME_SHORT;
  extent->skip = HEADER;
  extent->size = data[0] << 8 | data[1];
  extent->whole = HEADER + extent->size;
  return NICE_FRAME_KNOWN;
}

static void
receive (NiceLayer *layer, NicePacket *packets, guint n_packets, NiceLayerIo *io)
{
  Rfc4571 *self = (Rfc4571 *)layer;

  for (guint i = 0; i < n_packets; i++)
    nice_frames_receive (&self->frames, &packets[i], io);
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

  nice_frames_clear (&self->frames);
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
  nice_frames_init (&self->frames, measure);
  return &self->layer;
}
