/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Numbers datagrams, keeps a window, marks the end. On the wire:
 *
 *      0        1              4               8               12
 *     +--------+--------------+---------------+---------------+
 *     | DATA   | 0            | sequence      | payload …
 *     | ASK    | 0, 1: ended  | next sequence |
 *     | REPORT | 0, 1: ended  | consumed      | 0             |
 *     +--------+--------------+---------------+---------------+
 *
 * The first byte lies where RFC 7983 puts RTP, so that no demultiplexer on the way takes
 * it for STUN or a TURN channel.
 *
 * Timer: one. With anything unconfirmed, ASK goes out ASK_AFTER_US after the last
 * datagram or question; it tells the receiver how many datagrams there were, so that a
 * lost tail is noticed, and makes it repeat a lost REPORT. */
#include "config.h"

#include "flow.h"

#include <string.h>

enum
{
  KIND_DATA = 0x90,
  KIND_ASK = 0x91,
  KIND_REPORT = 0x92
};

#define ASK_AFTER_US (100 * G_GINT64_CONSTANT (1000))
#define REPORTS_PER_WINDOW 4
/* The report of the end has no one behind it who would repeat it once we left. */
#define END_REPORTS 3

void
flow_init (Flow *self, guint window)
{
  memset (self, 0, sizeof *self);
  self->window = window;
  self->ask_at = FLOW_NEVER;
}

static void
write_header (guint8 *dest, guint8 kind, gboolean ended, guint32 number)
{
  const guint32 wire = GUINT32_TO_BE (number);

  memset (dest, 0, FLOW_HEADER);
  dest[0] = kind;
  dest[3] = ended ? 1 : 0;
  memcpy (dest + 4, &wire, sizeof wire);
}

static guint32
read_number (const guint8 *data)
{
  guint32 wire;

  memcpy (&wire, data + 4, sizeof wire);
  return GUINT32_FROM_BE (wire);
}

/* Sequence numbers go round: a is later when it is less than half the circle ahead. */
static gboolean
is_later (guint32 a, guint32 b)
{
  return (gint32)(a - b) > 0;
}

guint
flow_get_room (const Flow *self)
{
  const guint32 under_way = self->next - self->confirmed;

  return self->ended || under_way >= self->window ? 0 : self->window - under_way;
}

void
flow_wrap (Flow *self, guint8 header[FLOW_HEADER], gint64 now)
{
  write_header (header, KIND_DATA, FALSE, self->next);
  self->next++;
  self->ask_at = now + ASK_AFTER_US;
}

void
flow_end (Flow *self)
{
  self->ended = TRUE;
  self->must_ask = TRUE;
}

gboolean
flow_is_sent (const Flow *self)
{
  return self->end_confirmed;
}

/* The peer has sent everything before @number: what has not come by now is lost. */
static void
skip_to (Flow *self, guint32 number)
{
  if (is_later (number, self->expected) && number - self->expected <= self->window)
    {
      self->lost += number - self->expected;
      self->consumed += number - self->expected;
      self->expected = number;
    }
}

static const guint8 *
handle_data (Flow *self, const guint8 *data, gsize len, gsize *payload_len)
{
  const guint32 number = read_number (data);

  /* Late ones were counted as lost when a later one came: order is kept. */
  if (is_later (self->expected, number) || number - self->expected > self->window)
    return NULL;
  skip_to (self, number);
  self->expected = number + 1;
  *payload_len = len - FLOW_HEADER;
  return data + FLOW_HEADER;
}

static void
handle_ask (Flow *self, gboolean ended, guint32 number)
{
  skip_to (self, number);
  if (ended && self->expected == number)
    self->peer_ended = TRUE;
  self->reports_due = flow_is_received (self) ? END_REPORTS : 1;
}

static void
handle_report (Flow *self, gboolean ended, guint32 number, gint64 now)
{
  if (is_later (number, self->next) || is_later (self->confirmed, number))
    return;
  self->confirmed = number;
  self->asked = 0;
  if (ended && self->ended && number == self->next)
    self->end_confirmed = TRUE;
  if (self->end_confirmed || (self->confirmed == self->next && !self->ended))
    self->ask_at = FLOW_NEVER;
  else
    self->ask_at = now + ASK_AFTER_US;
}

const guint8 *
flow_handle_datagram (Flow *self, const guint8 *data, gsize len, gint64 now,
                      gsize *payload_len)
{
  if (len < FLOW_HEADER)
    return NULL;
  switch (data[0])
    {
    case KIND_DATA:
      return handle_data (self, data, len, payload_len);
    case KIND_ASK:
      handle_ask (self, data[3] == 1, read_number (data));
      return NULL;
    case KIND_REPORT:
      handle_report (self, data[3] == 1, read_number (data), now);
      return NULL;
    default:
      return NULL;
    }
}

void
flow_consume (Flow *self)
{
  self->consumed++;
  if (flow_is_received (self))
    self->reports_due = END_REPORTS;
  else if (self->consumed - self->reported >= self->window / REPORTS_PER_WINDOW)
    self->reports_due = MAX (self->reports_due, 1);
}

/* The end counts when everything before it was read. */
gboolean
flow_is_received (const Flow *self)
{
  return self->peer_ended && self->consumed == self->expected;
}

gsize
flow_poll_control (Flow *self, guint8 control[FLOW_CONTROL], gint64 now)
{
  if (self->must_ask)
    {
      self->must_ask = FALSE;
      self->ask_at = now + ASK_AFTER_US;
      write_header (control, KIND_ASK, self->ended, self->next);
      return FLOW_HEADER;
    }
  if (self->reports_due > 0)
    {
      self->reports_due--;
      self->reported = self->consumed;
      write_header (control, KIND_REPORT, flow_is_received (self), self->consumed);
      return FLOW_HEADER;
    }
  return 0;
}

gint64
flow_get_deadline (const Flow *self)
{
  return self->ask_at;
}

void
flow_handle_timeout (Flow *self, gint64 now)
{
  if (now < self->ask_at)
    return;
  self->asked++;
  self->must_ask = TRUE;
  self->ask_at = FLOW_NEVER;
}

guint
flow_get_unanswered (const Flow *self)
{
  return self->asked;
}
