/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Puts a flow on a session: batches datagrams for one call of the agent, and gives the
 * flow its clock. A batch that the socket does not take waits here; nothing is dropped.
 */
#include "config.h"

#include "link.h"

#include "flow.h"
#include "frames.h"
#include "i18n.h"

#define BATCH 64
/* A path of datagrams has no "writable" of its own in the public interface. */
#define SOCKET_FULL_WAIT_MS 1
/* Questions in a row, 100 ms apart, after which nobody is there: as patient as RFC 7675.
 */
#define MAX_UNANSWERED 300

typedef struct
{
  guint8 header[FRAMES_PREFIX + FLOW_HEADER];
  guint8 payload[FLOW_PAYLOAD];
  GOutputVector vectors[2];
} Slot;

struct _Link
{
  Session *session;
  LinkEvents events;
  gpointer user_data;
  gboolean reliable;
  Flow flow;
  Frames frames; /* of a reliable session */
  gboolean started, source_ended, busy;
  guint wait_source, deadline_source;
  gint64 deadline;
  guint first, n_slots; /* of the batch that waits */
  guint8 control[FRAMES_PREFIX + FLOW_CONTROL];
  gsize control_size; /* of the control datagram that waits; 0: none does */
  Slot slots[BATCH];
  NiceOutputMessage messages[BATCH];
};

static void pump (Link *self);

static void
on_gathered (gpointer user_data)
{
  Link *self = user_data;

  self->events.gathered (self->user_data);
}

static void
on_state_changed (NiceComponentState state, gpointer user_data)
{
  Link *self = user_data;

  self->events.state_changed (state, self->user_data);
}

static void
on_writable (gpointer user_data)
{
  pump (user_data);
}

static void
fail (Link *self, GError *error)
{
  self->started = FALSE;
  self->events.failed (error, self->user_data);
  g_error_free (error);
}

static void
handle_datagram (Link *self, const guint8 *data, gsize len, gint64 now)
{
  gsize payload_len = 0;
  const guint8 *payload =
      flow_handle_datagram (&self->flow, data, len, now, &payload_len);

  if (payload != NULL)
    self->events.arrived (payload, payload_len, self->user_data);
}

static void
handle_stream (Link *self, const guint8 *data, gsize len, gint64 now)
{
  const guint8 *frame;
  gsize frame_len;

  frames_push (&self->frames, data, len);
  while ((frame = frames_take (&self->frames, &frame_len)) != NULL)
    handle_datagram (self, frame, frame_len, now);
  if (frames_is_broken (&self->frames))
    fail (self, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                                     _ ("The other side is not icecold.")));
}

static void
on_received (const guint8 *data, gsize len, gpointer user_data)
{
  Link *self = user_data;
  const gboolean was_sent = flow_is_sent (&self->flow);
  const gboolean was_received = flow_is_received (&self->flow);
  const gint64 now = g_get_monotonic_time ();

  if (self->reliable)
    handle_stream (self, data, len, now);
  else
    handle_datagram (self, data, len, now);
  pump (self);
  if (was_sent != flow_is_sent (&self->flow)
      || was_received != flow_is_received (&self->flow))
    self->events.progress (self->user_data);
}

/* The part of a slot's header that goes out. */
static guint8 *
header_of (const Link *self, guint8 *header)
{
  return self->reliable ? header : header + FRAMES_PREFIX;
}

static gsize
header_size (const Link *self)
{
  return self->reliable ? FRAMES_PREFIX + FLOW_HEADER : FLOW_HEADER;
}

Link *
link_new (const SessionConfig *config, const LinkEvents *events, gpointer user_data)
{
  static const SessionEvents session_events = { on_gathered, on_state_changed,
                                                on_writable, on_received };
  Link *self = g_new0 (Link, 1);

  self->events = *events;
  self->user_data = user_data;
  self->deadline = FLOW_NEVER;
  self->reliable = config->reliable;
  flow_init (&self->flow, self->reliable ? FLOW_WINDOW_RELIABLE : FLOW_WINDOW);
  frames_init (&self->frames, FLOW_DATAGRAM);
  for (guint i = 0; i < BATCH; i++)
    {
      Slot *slot = &self->slots[i];

      slot->vectors[0].buffer = header_of (self, slot->header);
      slot->vectors[0].size = header_size (self);
      slot->vectors[1].buffer = slot->payload;
      self->messages[i].buffers = slot->vectors;
      self->messages[i].n_buffers = G_N_ELEMENTS (slot->vectors);
    }
  self->session = session_new (config, &session_events, self);
  return self;
}

void
link_free (Link *self)
{
  session_free (self->session);
  g_clear_handle_id (&self->wait_source, g_source_remove);
  g_clear_handle_id (&self->deadline_source, g_source_remove);
  frames_clear (&self->frames);
  g_free (self);
}

Session *
link_get_session (Link *self)
{
  return self->session;
}

static gboolean
on_wait_over (gpointer user_data)
{
  Link *self = user_data;

  self->wait_source = 0;
  pump (self);
  return G_SOURCE_REMOVE;
}

static void
wait_for_socket (Link *self)
{
  if (self->wait_source == 0)
    self->wait_source = g_timeout_add (SOCKET_FULL_WAIT_MS, on_wait_over, self);
}

/* FALSE when the socket is full or broken. */
static gboolean
send_messages (Link *self, const NiceOutputMessage *messages, guint n_messages,
               guint *sent)
{
  GError *error = NULL;

  while (*sent < n_messages)
    {
      const gint n =
          session_send (self->session, messages + *sent, n_messages - *sent, &error);

      if (n < 0)
        fail (self, error);
      else if (n == 0)
        wait_for_socket (self);
      if (n <= 0)
        return FALSE;
      *sent += n;
    }
  return TRUE;
}

static gboolean
send_batch (Link *self)
{
  if (!send_messages (self, self->messages, self->n_slots, &self->first))
    return FALSE;
  self->first = self->n_slots = 0;
  return TRUE;
}

static void
fill_batch (Link *self, gint64 now)
{
  const guint room = MIN (flow_get_room (&self->flow), BATCH);

  while (self->n_slots < room && !self->source_ended)
    {
      Slot *slot = &self->slots[self->n_slots];
      const gssize len =
          self->events.fill (slot->payload, sizeof slot->payload, self->user_data);

      if (len == 0)
        break;
      if (len == LINK_END)
        {
          self->source_ended = TRUE;
          break;
        }
      slot->vectors[1].size = len;
      self->n_slots++;
    }
  for (guint i = 0; i < self->n_slots; i++)
    {
      Slot *slot = &self->slots[i];

      frames_write_prefix (slot->header, FLOW_HEADER + slot->vectors[1].size);
      flow_wrap (&self->flow, slot->header + FRAMES_PREFIX, now);
    }
  if (self->source_ended && !self->flow.ended)
    flow_end (&self->flow);
}

/* Whether there is a control datagram to send, new or left. */
static gboolean
prepare_control (Link *self, gint64 now)
{
  gsize len;

  if (self->control_size > 0)
    return TRUE;
  len = flow_poll_control (&self->flow, self->control + FRAMES_PREFIX, now);
  if (len == 0)
    return FALSE;
  frames_write_prefix (self->control, len);
  self->control_size = len + (self->reliable ? FRAMES_PREFIX : 0);
  return TRUE;
}

/* One at a time: what the socket does not take waits, and later ones after it. */
static void
send_control (Link *self, gint64 now)
{
  while (prepare_control (self, now))
    {
      GOutputVector vector = { header_of (self, self->control), self->control_size };
      const NiceOutputMessage message = { &vector, 1 };
      guint sent = 0;

      if (!send_messages (self, &message, 1, &sent))
        return;
      self->control_size = 0;
    }
}

static gboolean
on_deadline (gpointer user_data)
{
  Link *self = user_data;
  const gint64 now = g_get_monotonic_time ();

  self->deadline_source = 0;
  self->deadline = FLOW_NEVER;
  flow_handle_timeout (&self->flow, now);
  if (flow_get_unanswered (&self->flow) > MAX_UNANSWERED)
    {
      fail (self, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_TIMED_OUT,
                                       _ ("The other side does not answer any more.")));
      return G_SOURCE_REMOVE;
    }
  pump (self);
  return G_SOURCE_REMOVE;
}

/* Moving the timer at every datagram would cost more than the datagram: it only ever
 * moves nearer, and the flow ignores a timeout that came too early. */
static void
arm (Link *self, gint64 now)
{
  const gint64 deadline = flow_get_deadline (&self->flow);

  if (deadline == FLOW_NEVER
      || (self->deadline_source != 0 && self->deadline <= deadline))
    return;
  g_clear_handle_id (&self->deadline_source, g_source_remove);
  self->deadline = deadline;
  self->deadline_source =
      g_timeout_add (MAX (0, deadline - now + 999) / 1000, on_deadline, self);
}

static void
pump (Link *self)
{
  const gint64 now = g_get_monotonic_time ();

  if (!self->started || self->busy)
    return;
  self->busy = TRUE;
  while (send_batch (self))
    {
      fill_batch (self, now);
      if (self->n_slots == 0)
        break;
    }
  /* Not before what waits: a question tells how many datagrams went before it. */
  if (self->n_slots == 0)
    send_control (self, now);
  arm (self, now);
  self->busy = FALSE;
}

void
link_start (Link *self)
{
  self->started = TRUE;
  pump (self);
}

void
link_wake (Link *self)
{
  pump (self);
}

void
link_consume (Link *self)
{
  const gboolean was_received = flow_is_received (&self->flow);

  flow_consume (&self->flow);
  if (was_received != flow_is_received (&self->flow))
    {
      pump (self);
      self->events.progress (self->user_data);
    }
  else if (self->flow.reports_due > 0)
    pump (self);
}

gboolean
link_is_sent (const Link *self)
{
  return flow_is_sent (&self->flow);
}

gboolean
link_is_received (const Link *self)
{
  return flow_is_received (&self->flow);
}

guint64
link_get_lost (const Link *self)
{
  return self->flow.lost;
}
