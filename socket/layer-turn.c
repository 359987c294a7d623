/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Carries a TURN client's messages and wraps what peers and we say to each other, in
 * place. All decisions are the client's (stun/turn/). RFC 8656 3.1: only the server's
 * address is believed. */
#include "config.h"

#include "socket/layer-turn.h"

#include <string.h>

G_STATIC_ASSERT (sizeof (NiceAddress) == sizeof (StunAddress));
G_STATIC_ASSERT (TURN_INDICATION_MAX_HEADER + 2 <= NICE_OUT_PACKET_HEADROOM);

typedef struct
{
  NiceLayer layer;
  TurnClient *client;
  TurnEnv env;
  NiceAddress server;
  gboolean reliable;
  GQueue events; /* of TurnEvent; as bounded as the client's */
} TurnLayer;

static const StunAddress *
as_stun (const NiceAddress *address)
{
  return (const StunAddress *)address;
}

static const NiceLayerFault faults[] = {
  [TURN_FAULT_NONE] = NICE_FAULT_NONE,
  [TURN_FAULT_TIMEOUT] = NICE_FAULT_TIMEOUT,
  [TURN_FAULT_FORGED] = NICE_FAULT_UNAUTHORIZED,
  [TURN_FAULT_REDIRECTED] = NICE_FAULT_REDIRECTED,
  [TURN_FAULT_BAD_REQUEST] = NICE_FAULT_REFUSED,
  [TURN_FAULT_UNAUTHORIZED] = NICE_FAULT_UNAUTHORIZED,
  [TURN_FAULT_FORBIDDEN] = NICE_FAULT_REFUSED,
  [TURN_FAULT_MISMATCH] = NICE_FAULT_NO_RESOURCES,
  [TURN_FAULT_FAMILY] = NICE_FAULT_UNSUPPORTED,
  [TURN_FAULT_TRANSPORT] = NICE_FAULT_UNSUPPORTED,
  [TURN_FAULT_CONNECTED] = NICE_FAULT_REFUSED,
  [TURN_FAULT_UNREACHABLE] = NICE_FAULT_REFUSED,
  [TURN_FAULT_QUOTA] = NICE_FAULT_NO_RESOURCES,
  [TURN_FAULT_CAPACITY] = NICE_FAULT_NO_RESOURCES,
  [TURN_FAULT_SERVER] = NICE_FAULT_REFUSED,
  [TURN_FAULT_LOST] = NICE_FAULT_ENDED,
};

NiceLayerFault
nice_layer_turn_get_fault (TurnFault fault)
{
  return faults[fault];
}

static void
fail (TurnLayer *self, const TurnEvent *event)
{
  const gchar *name = turn_fault_get_name (event->failed.fault);
  g_autofree gchar *detail =
      event->failed.code == 0 ? g_strdup (name)
                              : g_strdup_printf ("%s (%u %s)", name, event->failed.code,
                                                 event->failed.reason);

  nice_layer_fail (&self->layer, faults[event->failed.fault], detail);
}

/* After each input: what the client wants sent, what it has to tell, and when to call. */
static void
drain (TurnLayer *self, NiceLayerIo *io)
{
  StunBytes output;
  TurnEvent event;

  while (turn_client_poll_output (self->client, &output))
    nice_layer_put_down_copy (io, output.data, output.len, &self->server);
  self->layer.deadline = turn_client_get_deadline (self->client);
  while (turn_client_poll_event (self->client, &event))
    {
      if (event.type == TURN_EVENT_ALLOCATED)
        nice_layer_open (&self->layer);
      else if (event.type == TURN_EVENT_FAILED)
        fail (self, &event);
      else if (event.type == TURN_EVENT_RELEASED)
        nice_layer_fail (&self->layer, NICE_FAULT_ENDED, "released");
      if (g_queue_get_length (&self->events) < TURN_MAX_EVENTS)
        g_queue_push_tail (&self->events, g_memdup2 (&event, sizeof event));
    }
}

static void
start (NiceLayer *layer, NiceLayerIo *io)
{
  TurnLayer *self = (TurnLayer *)layer;

  turn_client_start (self->client, io->now);
  drain (self, io);
}

static void
put_up (const NicePacket *packet, const TurnDelivery *delivery, const StunAddress *from,
        NiceLayerIo *io)
{
  NicePacket run = *packet;

  run.data = delivery->run.data;
  run.size = delivery->run.size;
  run.stride = delivery->run.stride;
  run.skip = delivery->run.skip;
  if (from != NULL)
    memcpy (&run.from, from, sizeof run.from);
  g_array_append_val (io->up, run);
}

static void
receive_packet (TurnLayer *self, const NicePacket *packet, NiceLayerIo *io)
{
  TurnRun run = { packet->data, packet->size, packet->stride, packet->skip };

  for (;;)
    {
      TurnDelivery delivery;

      switch (turn_client_handle_run (self->client, &run, io->now, &delivery))
        {
        case TURN_INPUT_NONE:
          return;
        case TURN_INPUT_TAKEN:
          break;
        case TURN_INPUT_DATA:
          put_up (packet, &delivery, &delivery.peer, io);
          break;
        case TURN_INPUT_OTHER:
          put_up (packet, &delivery, NULL, io);
          break;
        }
    }
}

static void
receive (NiceLayer *layer, NicePacket *packets, guint n_packets, NiceLayerIo *io)
{
  TurnLayer *self = (TurnLayer *)layer;

  for (guint i = 0; i < n_packets; i++)
    if (self->reliable || nice_address_equal (&packets[i].from, &self->server))
      receive_packet (self, &packets[i], io);
  drain (self, io);
}

static gboolean
carry_up (NiceLayer *layer, const NicePacket *packets, guint n_packets, NiceLayerIo *io)
{
  TurnLayer *self = (TurnLayer *)layer;
  TurnDelivery delivery;

  for (guint i = 0; i < n_packets; i++)
    {
      TurnRun run = { packets[i].data, packets[i].size, packets[i].stride,
                      packets[i].skip };

      if (!nice_address_equal (&packets[i].from, &self->server))
        return FALSE;
      while (run.size > 0)
        {
          if (!turn_client_unwrap_bound (self->client, &run, io->now, &delivery))
            return FALSE;
          put_up (&packets[i], &delivery, &delivery.peer, io);
        }
    }
  return TRUE;
}

static void
put_wrapped (const TurnLayer *self, const NiceOutPacket *packet, const TurnWrap *wrap,
             NiceLayerIo *io)
{
  NiceOutPacket *wrapped;

  g_array_append_val (io->down, *packet);
  wrapped = &g_array_index (io->down, NiceOutPacket, io->down->len - 1);
  memcpy (nice_out_packet_push (wrapped, wrap->head_len), wrap->head, wrap->head_len);
  wrapped->tail_len += wrap->tail_len;
  wrapped->to = self->server;
}

static gboolean
carry_down (NiceLayer *layer, const NiceOutPacket *packets, guint n_packets,
            NiceLayerIo *io)
{
  TurnLayer *self = (TurnLayer *)layer;
  TurnWrap wrap;

  for (guint i = 0; i < n_packets; i++)
    {
      if (!turn_client_wrap_bound (self->client, as_stun (&packets[i].to),
                                   nice_out_packet_get_size (&packets[i]), io->now,
                                   &wrap))
        return FALSE;
      put_wrapped (self, &packets[i], &wrap, io);
    }
  return TRUE;
}

static void
send_packets (NiceLayer *layer, const NiceOutPacket *packets, guint n_packets,
              NiceLayerIo *io)
{
  TurnLayer *self = (TurnLayer *)layer;
  gboolean is_new = FALSE;

  for (guint i = 0; i < n_packets; i++)
    {
      gsize size = nice_out_packet_get_size (&packets[i]);
      const guint8 *flat;
      TurnWrap wrap;

      switch (
          turn_client_wrap (self->client, as_stun (&packets[i].to), size, io->now, &wrap))
        {
        case TURN_SEND_GO:
          put_wrapped (self, &packets[i], &wrap, io);
          break;
        case TURN_SEND_KEEP:
          flat = nice_layer_flatten (io, &packets[i], &size);
          turn_client_keep (self->client, as_stun (&packets[i].to), flat, size);
          is_new = TRUE;
          break;
        case TURN_SEND_DROP:
          break;
        }
    }
  if (is_new)
    drain (self, io);
}

static void
handle_timeout (NiceLayer *layer, NiceLayerIo *io)
{
  TurnLayer *self = (TurnLayer *)layer;

  turn_client_handle_timeout (self->client, io->now);
  drain (self, io);
}

static void
close_layer (NiceLayer *layer, NiceLayerIo *io)
{
  TurnLayer *self = (TurnLayer *)layer;

  turn_client_release (self->client, io->now);
  drain (self, io);
}

static void
free_layer (NiceLayer *layer)
{
  TurnLayer *self = (TurnLayer *)layer;

  turn_client_free (self->client);
  g_queue_clear_full (&self->events, g_free);
  nice_layer_clear (layer);
  g_free (self);
}

static const NiceLayerClass turn_class = {
  .name = "turn",
  .start = start,
  .receive = receive,
  .send = send_packets,
  .carry_up = carry_up,
  .carry_down = carry_down,
  .handle_timeout = handle_timeout,
  .close = close_layer,
  .free = free_layer,
};

NiceLayer *
nice_layer_turn_new (const TurnConfig *config, const NiceLayerEnv *env,
                     const NiceAddress *server)
{
  TurnLayer *self = g_new0 (TurnLayer, 1);

  nice_layer_init (&self->layer, &turn_class, NICE_LAYER_OPENING);
  self->env = (TurnEnv) { env->random, env->data };
  self->client = turn_client_new (config, &self->env);
  self->server = *server;
  self->reliable = config->reliable;
  g_queue_init (&self->events);
  return &self->layer;
}

gboolean
nice_layer_turn_poll_event (NiceLayer *layer, TurnEvent *event)
{
  TurnLayer *self = (TurnLayer *)layer;
  g_autofree TurnEvent *next = g_queue_pop_head (&self->events);

  if (next == NULL)
    return FALSE;
  *event = *next;
  return TRUE;
}

void
nice_layer_turn_allow (NiceLayer *layer, const NiceAddress *peer, gint64 now)
{
  turn_client_allow (((TurnLayer *)layer)->client, as_stun (peer), now);
  layer->deadline = now;
}

void
nice_layer_turn_bind_channel (NiceLayer *layer, const NiceAddress *peer, gint64 now)
{
  turn_client_bind_channel (((TurnLayer *)layer)->client, as_stun (peer), now);
  layer->deadline = now;
}

void
nice_layer_turn_probe (NiceLayer *layer, gint64 now)
{
  turn_client_probe (((TurnLayer *)layer)->client, now);
  layer->deadline =
      MIN (layer->deadline, turn_client_get_deadline (((TurnLayer *)layer)->client));
}

gboolean
nice_layer_turn_connect (NiceLayer *layer, const NiceAddress *peer, gint64 now)
{
  layer->deadline = now;
  return turn_client_connect (((TurnLayer *)layer)->client, as_stun (peer), now);
}

TurnBind *
nice_layer_turn_make_bind (const NiceLayer *layer, guint32 id)
{
  return turn_client_make_bind (((const TurnLayer *)layer)->client, id);
}

void
nice_layer_turn_release (NiceLayer *layer, gint64 now)
{
  turn_client_release (((TurnLayer *)layer)->client, now);
  layer->deadline = now;
}
