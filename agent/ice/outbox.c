/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Decides how what waits for being polled lies in memory. Knows nothing of ICE. */
#include "config.h"

#include "ice/outbox.h"

/* What stays allocated when all was polled: the most that a connection says and sends at
 * once has room, and an idle agent is small. */
#define KEEP_SIZE 512

typedef enum
{
  RECORD_EVENT,
  RECORD_TRANSMIT
} RecordKind;

typedef struct
{
  guint32 size; /* of all of it, a multiple of what aligns the next one */
  RecordKind kind;
} Record;

typedef struct
{
  Record record;
  IceBaseId base;
  guint32 size;
  NiceAddress to;
  guint8 data[];
} TransmitRecord;

#define ALIGNMENT 8

G_STATIC_ASSERT (sizeof (Record) % ALIGNMENT == 0);
G_STATIC_ASSERT (G_ALIGNOF (IceEvent) <= ALIGNMENT);

static gpointer
add (IceOutbox *self, RecordKind kind, gsize size)
{
  Record *record;

  size = (size + ALIGNMENT - 1) & ~(gsize)(ALIGNMENT - 1);
  if (self->size - self->end < size)
    {
      self->size = MAX (KEEP_SIZE, 2 * self->end + size);
      self->bytes = g_realloc (self->bytes, self->size);
    }
  record = (Record *)(self->bytes + self->end);
  record->size = size;
  record->kind = kind;
  self->end += size;
  return record;
}

/* The next of that kind behind *at. NULL: there is none, and when there is none of the
 * other kind either, what was polled is forgotten. */
static gpointer
poll_record (IceOutbox *self, RecordKind kind, gsize *at)
{
  while (*at < self->end)
    {
      Record *record = (Record *)(self->bytes + *at);

      *at += record->size;
      if (record->kind == kind)
        return record;
    }
  if (self->next_event == self->end && self->next_transmit == self->end)
    {
      self->end = self->next_event = self->next_transmit = 0;
      if (self->size > KEEP_SIZE)
        ice_outbox_clear (self);
    }
  return NULL;
}

/* --- events --- */

#define SIZE_UP_TO(member)                                                               \
  (G_STRUCT_OFFSET (IceEvent, member) + sizeof (((IceEvent *)0)->member))

static gsize
get_event_size (IceEventType type)
{
  static const gsize sizes[] = {
    [ICE_EVENT_NEED_BASE] = SIZE_UP_TO (need_base),
    [ICE_EVENT_DROP_BASE] = SIZE_UP_TO (base),
    [ICE_EVENT_DOUBT] = SIZE_UP_TO (base),
    [ICE_EVENT_NEED_ADDRESSES] = SIZE_UP_TO (server),
    [ICE_EVENT_NEED_NAME] = SIZE_UP_TO (name),
    [ICE_EVENT_DROP_NAME] = SIZE_UP_TO (name),
    [ICE_EVENT_LOCAL_CANDIDATE] = SIZE_UP_TO (candidate),
    [ICE_EVENT_REMOTE_CANDIDATE] = SIZE_UP_TO (candidate),
    [ICE_EVENT_NEED_PERMISSION] = SIZE_UP_TO (path),
    [ICE_EVENT_VALID_PATH] = SIZE_UP_TO (path),
    [ICE_EVENT_DATA_PATH] = SIZE_UP_TO (path),
    [ICE_EVENT_SELECTED_PAIR] = SIZE_UP_TO (selected),
    [ICE_EVENT_COMPONENT_STATE] = SIZE_UP_TO (state),
    [ICE_EVENT_CONSENT] = SIZE_UP_TO (consent),
    [ICE_EVENT_GATHERING_DONE] = G_STRUCT_OFFSET (IceEvent, base),
    [ICE_EVENT_INITIAL_BINDING] = G_STRUCT_OFFSET (IceEvent, base),
  };

  g_assert (sizes[type] > 0);
  return sizes[type];
}

IceEvent *
ice_outbox_add_event (IceOutbox *self, IceEventType type, guint stream_id,
                      guint component_id)
{
  const gsize size = get_event_size (type);
  Record *record = add (self, RECORD_EVENT, sizeof *record + size);
  IceEvent *event = (IceEvent *)(record + 1);

  memset (event, 0, size);
  event->type = type;
  event->stream_id = stream_id;
  event->component_id = component_id;
  return event;
}

gboolean
ice_outbox_poll_event (IceOutbox *self, IceEvent *event)
{
  const Record *record = poll_record (self, RECORD_EVENT, &self->next_event);
  const IceEvent *found;

  if (record == NULL)
    return FALSE;
  found = (const IceEvent *)(record + 1);
  memcpy (event, found, get_event_size (found->type));
  return TRUE;
}

/* --- messages --- */

void
ice_outbox_add_transmit (IceOutbox *self, const guint8 *data, gsize size, IceBaseId base,
                         const NiceAddress *to)
{
  TransmitRecord *transmit;

  if (size == 0)
    return;
  transmit = add (self, RECORD_TRANSMIT, sizeof *transmit + size);
  transmit->base = base;
  transmit->to = *to;
  transmit->size = size;
  memcpy (transmit->data, data, size);
}

gboolean
ice_outbox_poll_transmit (IceOutbox *self, IceTransmit *transmit)
{
  const TransmitRecord *found = poll_record (self, RECORD_TRANSMIT, &self->next_transmit);

  if (found == NULL)
    return FALSE;
  transmit->base = found->base;
  transmit->to = found->to;
  transmit->data = found->data;
  transmit->size = found->size;
  return TRUE;
}

void
ice_outbox_clear (IceOutbox *self)
{
  g_free (self->bytes);
  *self = (IceOutbox) { 0 };
}
