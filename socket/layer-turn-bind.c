/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Decides where the server's answer ends and the peer's bytes begin, which may come in
 * one piece. What is asked and whether the answer counts is stun/turn's. RFC 6062 4.3. */
#include "config.h"

#include "socket/layer-turn-bind.h"

#include "socket/layer-turn.h"
#include "turn/frame.h"

/* Of an answer: realm, nonce and reason at their longest (RFC 8489 14). */
#define MAX_ANSWER 4096

typedef struct
{
  NiceLayer layer;
  TurnBind *bind;
  NiceAddress peer;
  GByteArray *answer; /* what there is of it */
} BindLayer;

static void
drain (BindLayer *self, NiceLayerIo *io)
{
  TurnFault fault;
  GBytes *output;

  while ((output = turn_bind_take_output (self->bind)) != NULL)
    {
      nice_layer_put_down_copy (io, g_bytes_get_data (output, NULL),
                                g_bytes_get_size (output), NULL);
      g_bytes_unref (output);
    }
  self->layer.deadline = turn_bind_get_deadline (self->bind);
  switch (turn_bind_get_state (self->bind, &fault))
    {
    case TURN_BIND_WAITING:
      return;
    case TURN_BIND_BOUND:
      nice_layer_open (&self->layer);
      return;
    case TURN_BIND_FAILED:
      nice_layer_fail (&self->layer, nice_layer_turn_get_fault (fault),
                       turn_fault_get_name (fault));
      return;
    }
}

static void
start (NiceLayer *layer, NiceLayerIo *io)
{
  BindLayer *self = (BindLayer *)layer;

  turn_bind_start (self->bind, io->now);
  drain (self, io);
}

static void
take_byte (BindLayer *self, guint8 byte, NiceLayerIo *io)
{
  gsize length, padded;
  StunRule rule;

  g_byte_array_append (self->answer, &byte, 1);
  rule = turn_frame_measure (self->answer->data, self->answer->len, &length, &padded);
  if ((rule != STUN_RULE_KEPT && rule != STUN_RULE_TRUNCATED) || padded > MAX_ANSWER)
    {
      nice_layer_fail (&self->layer, NICE_FAULT_PROTOCOL, "no answer to ConnectionBind");
      return;
    }
  if (padded == 0 || self->answer->len < padded)
    return;
  turn_bind_handle_input (self->bind, self->answer->data, length, io->now);
  g_byte_array_set_size (self->answer, 0);
  drain (self, io);
}

static void
receive (NiceLayer *layer, NicePacket *packets, guint n_packets, NiceLayerIo *io)
{
  BindLayer *self = (BindLayer *)layer;

  for (guint i = 0; i < n_packets; i++)
    {
      guint8 *at = packets[i].data + packets[i].skip;
      guint8 *const end = packets[i].data + packets[i].size;
      NicePacket like = packets[i];

      while (at < end && layer->state == NICE_LAYER_OPENING)
        take_byte (self, *at++, io);
      like.from = self->peer;
      if (at < end && layer->state == NICE_LAYER_OPEN)
        nice_layer_put_up (io, at, end - at, &like);
    }
}

static void
handle_timeout (NiceLayer *layer, NiceLayerIo *io)
{
  BindLayer *self = (BindLayer *)layer;

  turn_bind_handle_timeout (self->bind, io->now);
  drain (self, io);
}

static void
free_layer (NiceLayer *layer)
{
  BindLayer *self = (BindLayer *)layer;

  turn_bind_free (self->bind);
  g_byte_array_unref (self->answer);
  nice_layer_clear (layer);
  g_free (self);
}

static const NiceLayerClass bind_class = {
  .name = "turn-bind",
  .start = start,
  .receive = receive,
  .handle_timeout = handle_timeout,
  .free = free_layer,
};

NiceLayer *
nice_layer_turn_bind_new (TurnBind *bind, const NiceAddress *peer)
{
  BindLayer *self = g_new0 (BindLayer, 1);

  nice_layer_init (&self->layer, &bind_class, NICE_LAYER_OPENING);
  self->bind = bind;
  self->peer = *peer;
  self->answer = g_byte_array_new ();
  return &self->layer;
}
