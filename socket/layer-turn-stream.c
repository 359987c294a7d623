/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Decides where messages of a server begin and end; a byte that begins none ends the
 * connection. Must not know what they say. RFC 8489 6.2.2, RFC 8656 12.5. */
#include "config.h"

#include "socket/layer-turn-stream.h"

#include "socket/layer-frames.h"
#include "turn/frame.h"

typedef struct
{
  NiceLayer layer;
  NiceFrames frames;
} TurnStream;

static NiceFrameAnswer
measure (const guint8 *data, gsize size, NiceFrameExtent *extent)
{
  gsize length, padded;
  const StunRule rule = turn_frame_measure (data, size, &length, &padded);

  if (rule != STUN_RULE_KEPT && rule != STUN_RULE_TRUNCATED)
    return NICE_FRAME_BROKEN;
  if (padded == 0)
    return NICE_FRAME_SHORT;
  *extent = (NiceFrameExtent) { .whole = padded, .skip = 0, .size = length };
  return NICE_FRAME_KNOWN;
}

static void
receive (NiceLayer *layer, NicePacket *packets, guint n_packets, NiceLayerIo *io)
{
  TurnStream *self = (TurnStream *)layer;

  for (guint i = 0; i < n_packets && layer->state == NICE_LAYER_OPEN; i++)
    if (!nice_frames_receive (&self->frames, &packets[i], io))
      nice_layer_fail (layer, NICE_FAULT_PROTOCOL, "neither STUN nor ChannelData");
}

static guint8
get_first_byte (const NiceOutPacket *packet)
{
  if (packet->head_len > 0)
    return *nice_out_packet_get_head (packet);
  for (guint i = 0; i < packet->n_vectors; i++)
    if (packet->vectors[i].size > 0)
      return *(const guint8 *)packet->vectors[i].buffer;
  return 0;
}

static void
send_packets (NiceLayer *layer, const NiceOutPacket *packets, guint n_packets,
              NiceLayerIo *io)
{
  for (guint i = 0; i < n_packets; i++)
    {
      const gsize size = nice_out_packet_get_size (&packets[i]);
      NiceOutPacket packet = packets[i];

      if (turn_frame_is_channel (get_first_byte (&packet)))
        packet.tail_len += stun_padded (size) - size;
      g_array_append_val (io->down, packet);
    }
}

static void
free_layer (NiceLayer *layer)
{
  TurnStream *self = (TurnStream *)layer;

  nice_frames_clear (&self->frames);
  nice_layer_clear (layer);
  g_free (self);
}

static const NiceLayerClass turn_stream_class = {
  .name = "turn-stream",
  .receive = receive,
  .send = send_packets,
  .free = free_layer,
};

NiceLayer *
nice_layer_turn_stream_new (void)
{
  TurnStream *self = g_new0 (TurnStream, 1);

  nice_layer_init (&self->layer, &turn_stream_class, NICE_LAYER_OPEN);
  nice_frames_init (&self->frames, measure);
  return &self->layer;
}
