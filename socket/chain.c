/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Runs packets through layers: up from the endpoint, then down again with what the layers
 * had to say meanwhile. Knows the contract of layer.h and no protocol. */
#include "config.h"

#include "socket/chain.h"

struct _NiceChain
{
  guint n_layers;
  guint n_started; /* layers below this one were started */
  gboolean started;
  NiceLayer *layers[NICE_CHAIN_MAX_LAYERS];
  const NiceLayer *failed;
  /* What layer i emitted upwards and downwards in the call that is going on. The top's
   * up and the bottom's down are the caller's. */
  GArray *up[NICE_CHAIN_MAX_LAYERS], *down[NICE_CHAIN_MAX_LAYERS];
};

void
nice_chain_io_clear (NiceChainIo *self)
{
  nice_arena_clear (&self->arena);
  g_clear_pointer (&self->up, g_array_unref);
  g_clear_pointer (&self->down, g_array_unref);
}

static void
prepare_io (NiceChainIo *io)
{
  if (io->up == NULL)
    {
      io->up = g_array_new (FALSE, FALSE, sizeof (NicePacket));
      io->down = g_array_new (FALSE, FALSE, sizeof (NiceOutPacket));
    }
  g_array_set_size (io->up, 0);
  g_array_set_size (io->down, 0);
  nice_arena_reset (&io->arena);
}

NiceChain *
nice_chain_new (void)
{
  return g_new0 (NiceChain, 1);
}

void
nice_chain_free (NiceChain *self)
{
  if (self == NULL)
    return;
  for (guint i = 0; i < self->n_layers; i++)
    {
      nice_layer_free (self->layers[i]);
      g_array_unref (self->up[i]);
      g_array_unref (self->down[i]);
    }
  g_free (self);
}

void
nice_chain_add (NiceChain *self, NiceLayer *layer)
{
  const guint i = self->n_layers++;

  g_assert (i < NICE_CHAIN_MAX_LAYERS && !self->started);
  self->layers[i] = layer;
  self->up[i] = g_array_new (FALSE, FALSE, sizeof (NicePacket));
  self->down[i] = g_array_new (FALSE, FALSE, sizeof (NiceOutPacket));
}

static GArray *
get_up (NiceChain *self, guint i, NiceChainIo *io)
{
  return i + 1 == self->n_layers ? io->up : self->up[i];
}

static GArray *
get_down (NiceChain *self, guint i, NiceChainIo *io)
{
  return i == 0 ? io->down : self->down[i];
}

static NiceLayerIo
get_layer_io (NiceChain *self, guint i, gint64 now, NiceChainIo *io)
{
  return (NiceLayerIo) {
    .now = now,
    .arena = &io->arena,
    .up = get_up (self, i, io),
    .down = get_down (self, i, io),
  };
}

static void
note_failure (NiceChain *self, guint i)
{
  if (self->failed == NULL && self->layers[i]->state == NICE_LAYER_CLOSED)
    self->failed = self->layers[i];
}

/* Starts as many layers as can be: each one when those below it are open. */
static void
start_layers (NiceChain *self, gint64 now, NiceChainIo *io)
{
  while (self->started && self->n_started < self->n_layers)
    {
      const guint i = self->n_started;
      NiceLayer *layer = self->layers[i];
      NiceLayerIo layer_io = get_layer_io (self, i, now, io);

      if (i > 0 && self->layers[i - 1]->state != NICE_LAYER_OPEN)
        return;
      self->n_started++;
      if (layer->klass->start != NULL)
        layer->klass->start (layer, &layer_io);
      note_failure (self, i);
    }
}

/* One layer's share of going up: its timer, then what the layer below emitted. */
static void
rise_through (NiceChain *self, guint i, NicePacket *packets, guint n_packets, gint64 now,
              NiceChainIo *io)
{
  NiceLayer *layer = self->layers[i];
  NiceLayerIo layer_io = get_layer_io (self, i, now, io);

  if (layer->deadline <= now && layer->klass->handle_timeout != NULL)
    layer->klass->handle_timeout (layer, &layer_io);
  if (n_packets > 0 && layer->state != NICE_LAYER_CLOSED)
    layer->klass->receive (layer, packets, n_packets, &layer_io);
  note_failure (self, i);
  start_layers (self, now, io);
}

static void
rise (NiceChain *self, NicePacket *packets, guint n_packets, gint64 now, NiceChainIo *io)
{
  for (guint i = 0; i < self->n_started; i++)
    {
      GArray *below = i > 0 ? self->up[i - 1] : NULL;

      if (below != NULL)
        {
          packets = (NicePacket *)below->data;
          n_packets = below->len;
        }
      rise_through (self, i, packets, n_packets, now, io);
      if (below != NULL)
        g_array_set_size (below, 0);
    }
}

static void
send_through (NiceLayer *layer, const NiceOutPacket *packets, guint n_packets,
              NiceLayerIo *io)
{
  if (layer->klass->send != NULL)
    layer->klass->send (layer, packets, n_packets, io);
  else
    g_array_append_vals (io->down, packets, n_packets);
}

/* Takes what each layer emitted downwards through the layers below it. */
static void
sink (NiceChain *self, gint64 now, NiceChainIo *io)
{
  for (guint i = self->n_layers; i-- > 1;)
    {
      GArray *from = self->down[i];
      NiceLayer *below = self->layers[i - 1];
      NiceLayerIo layer_io = get_layer_io (self, i - 1, now, io);

      if (from->len > 0 && below->state == NICE_LAYER_OPEN)
        send_through (below, (const NiceOutPacket *)from->data, from->len, &layer_io);
      note_failure (self, i - 1);
      g_array_set_size (from, 0);
    }
}

void
nice_chain_start (NiceChain *self, gint64 now, NiceChainIo *io)
{
  prepare_io (io);
  self->started = TRUE;
  start_layers (self, now, io);
  sink (self, now, io);
}

void
nice_chain_receive (NiceChain *self, NicePacket *packets, guint n_packets, gint64 now,
                    NiceChainIo *io)
{
  prepare_io (io);
  if (self->n_layers == 0)
    g_array_append_vals (io->up, packets, n_packets);
  rise (self, packets, n_packets, now, io);
  sink (self, now, io);
}

void
nice_chain_send (NiceChain *self, const NiceOutPacket *packets, guint n_packets,
                 gint64 now, NiceChainIo *io)
{
  const guint top = self->n_layers - 1;
  NiceLayerIo layer_io;

  prepare_io (io);
  if (self->n_layers == 0)
    {
      g_array_append_vals (io->down, packets, n_packets);
      return;
    }
  if (nice_chain_get_state (self) != NICE_LAYER_OPEN)
    return;
  layer_io = get_layer_io (self, top, now, io);
  send_through (self->layers[top], packets, n_packets, &layer_io);
  note_failure (self, top);
  sink (self, now, io);
}

/* NULL: what comes may change something. */
static NiceLayer *
get_carrier (const NiceChain *self, gint64 now)
{
  NiceLayer *layer = self->n_layers == 1 ? self->layers[0] : NULL;

  return layer != NULL && layer->state == NICE_LAYER_OPEN && layer->deadline > now ? layer
                                                                                   : NULL;
}

gboolean
nice_chain_carry_up (NiceChain *self, const NicePacket *packets, guint n_packets,
                     gint64 now, NiceChainIo *io)
{
  NiceLayer *layer = get_carrier (self, now);
  NiceLayerIo layer_io;

  if (layer == NULL || layer->klass->carry_up == NULL)
    return FALSE;
  prepare_io (io);
  layer_io = get_layer_io (self, 0, now, io);
  return layer->klass->carry_up (layer, packets, n_packets, &layer_io);
}

gboolean
nice_chain_carry_down (NiceChain *self, const NiceOutPacket *packets, guint n_packets,
                       gint64 now, NiceChainIo *io)
{
  NiceLayer *layer = get_carrier (self, now);
  NiceLayerIo layer_io;

  if (layer == NULL || layer->klass->carry_down == NULL)
    return FALSE;
  prepare_io (io);
  layer_io = get_layer_io (self, 0, now, io);
  return layer->klass->carry_down (layer, packets, n_packets, &layer_io);
}

void
nice_chain_handle_timeout (NiceChain *self, gint64 now, NiceChainIo *io)
{
  prepare_io (io);
  rise (self, NULL, 0, now, io);
  sink (self, now, io);
}

void
nice_chain_handle_end (NiceChain *self)
{
  guint i = 0;
  g_autofree gchar *detail = NULL;

  while (i + 1 < self->n_layers && self->layers[i]->state == NICE_LAYER_OPEN)
    i++;
  if (i == self->n_layers)
    return;
  if (self->layers[i]->state == NICE_LAYER_OPENING)
    detail = g_strdup_printf ("connection closed during %s set-up",
                              self->layers[i]->klass->name);
  nice_layer_fail (self->layers[i], NICE_FAULT_ENDED,
                   detail != NULL ? detail : "connection closed");
  note_failure (self, i);
}

void
nice_chain_close (NiceChain *self, gint64 now, NiceChainIo *io)
{
  prepare_io (io);
  for (guint i = self->n_started; i-- > 0;)
    {
      NiceLayer *layer = self->layers[i];
      NiceLayerIo layer_io = get_layer_io (self, i, now, io);

      if (layer->state != NICE_LAYER_CLOSED && layer->klass->close != NULL)
        layer->klass->close (layer, &layer_io);
      sink (self, now, io);
      nice_layer_fail (layer, NICE_FAULT_NONE, NULL);
    }
}

gboolean
nice_chain_is_started (const NiceChain *self)
{
  return self->started;
}

gint64
nice_chain_get_deadline (const NiceChain *self)
{
  gint64 deadline = NICE_LAYER_NEVER;

  if (self->failed != NULL)
    return NICE_LAYER_NEVER;
  for (guint i = 0; i < self->n_started; i++)
    deadline = MIN (deadline, self->layers[i]->deadline);
  return deadline;
}

NiceLayerState
nice_chain_get_state (const NiceChain *self)
{
  NiceLayerState state = self->started ? NICE_LAYER_OPEN : NICE_LAYER_OPENING;

  for (guint i = 0; i < self->n_layers; i++)
    {
      if (self->layers[i]->state == NICE_LAYER_CLOSED)
        return NICE_LAYER_CLOSED;
      if (self->layers[i]->state == NICE_LAYER_OPENING)
        state = NICE_LAYER_OPENING;
    }
  return state;
}

const NiceLayer *
nice_chain_get_layer (const NiceChain *self, guint i)
{
  g_assert (i < self->n_layers);
  return self->layers[i];
}

const NiceLayer *
nice_chain_get_failed (const NiceChain *self)
{
  return self->failed;
}
