/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The two queues between the engine and whoever polls it. Knows nothing of ICE. */
#include "config.h"

#include "ice/outbox.h"

/* What stays allocated between bursts: an idle agent is to be small. */
#define KEEP_BYTES 256

IceEvent *
ice_outbox_add_event (IceOutbox *self, IceEventType type, guint stream_id,
                      guint component_id)
{
  IceEvent *event;

  if (self->n_events == self->size_events)
    {
      self->size_events = MAX (4, self->size_events * 2);
      self->events = g_renew (IceEvent, self->events, self->size_events);
    }
  event = &self->events[self->n_events++];
  memset (event, 0, sizeof *event);
  event->type = type;
  event->stream_id = stream_id;
  event->component_id = component_id;
  return event;
}

gboolean
ice_outbox_poll_event (IceOutbox *self, IceEvent *event)
{
  if (self->first_event == self->n_events)
    {
      self->first_event = self->n_events = self->size_events = 0;
      g_clear_pointer (&self->events, g_free);
      return FALSE;
    }
  *event = self->events[self->first_event++];
  return TRUE;
}

void
ice_outbox_add_transmit (IceOutbox *self, const guint8 *data, gsize size, IceBaseId base,
                         const NiceAddress *to)
{
  if (size == 0)
    return;
  if (self->size_bytes - self->n_bytes < size)
    {
      self->size_bytes = MAX (self->n_bytes + size, 2 * self->n_bytes);
      self->bytes = g_realloc (self->bytes, self->size_bytes);
    }
  if (self->n_transmits == self->size_transmits)
    {
      self->size_transmits = MAX (2, self->size_transmits * 2);
      self->transmits =
          g_realloc_n (self->transmits, self->size_transmits, sizeof *self->transmits);
    }
  self->transmits[self->n_transmits].base = base;
  self->transmits[self->n_transmits].offset = self->n_bytes;
  self->transmits[self->n_transmits].size = size;
  self->transmits[self->n_transmits].to = *to;
  self->n_transmits++;
  memcpy (self->bytes + self->n_bytes, data, size);
  self->n_bytes += size;
}

gboolean
ice_outbox_poll_transmit (IceOutbox *self, IceTransmit *transmit)
{
  guint i = self->first_transmit;

  if (i == self->n_transmits)
    return FALSE;
  self->first_transmit++;
  transmit->base = self->transmits[i].base;
  transmit->to = self->transmits[i].to;
  transmit->data = self->bytes + self->transmits[i].offset;
  transmit->size = self->transmits[i].size;
  return TRUE;
}

void
ice_outbox_begin (IceOutbox *self)
{
  if (self->first_transmit < self->n_transmits)
    return;
  self->first_transmit = self->n_transmits = 0;
  self->n_bytes = 0;
  if (self->size_bytes > KEEP_BYTES)
    {
      g_clear_pointer (&self->bytes, g_free);
      self->size_bytes = 0;
    }
}

void
ice_outbox_clear (IceOutbox *self)
{
  g_free (self->events);
  g_free (self->transmits);
  g_free (self->bytes);
  memset (self, 0, sizeof *self);
}
