/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a packet does to a connection: RFC 793 3.9, "SEGMENT ARRIVES", in its order, with
 * RFC 7323 for timestamps and windows. Nothing a peer sends makes it keep more than its
 * window and one burst, or leave the table of states. */
#include "config.h"

#include "pseudotcp/connection.h"
#include "pseudotcp/recovery.h"
#include "pseudotcp/state.h"
#include "pseudotcp/deadline.h"

#include <errno.h>

/* Room the application sees freed before it is called: less would be many small calls. */
#define WRITABLE_SHARE 4

/* How much is kept for the reader. libnice 0.1.21 that closes sends all that it has
 * buffered at once, whatever the window, and never sends again what is lost of that. */
static gsize
get_limit (const PtcpConnection *self)
{
  const gboolean may_burst = !self->sack && self->config.receive_grows;

  return self->receive.limit + (may_burst ? PTCP_DEFAULT_SEND_BUFFER : 0);
}

static gboolean
in_window (const PtcpConnection *self, guint32 seq)
{
  const PtcpReceiver *receive = &self->receive;

  return !ptcp_seq_before (seq, receive->stream.next)
         && !ptcp_seq_after (seq, receive->stream.next + (guint32)get_limit (self));
}

/* Packets overtake each other: a reset ahead of what came in order waits for the bytes
 * before it, which nobody sends again. */
static void
take_reset (PtcpConnection *self, guint32 seq, gint64 now)
{
  PtcpReceiver *receive = &self->receive;

  if (!ptcp_seq_after (seq, receive->stream.next))
    {
      ptcp_fail (self, ECONNRESET, FALSE);
      return;
    }
  if (!receive->has_reset)
    ptcp_set_timer (self, PTCP_TIMER_RESET, now + PTCP_RESET_TIME);
  receive->has_reset = TRUE;
  receive->reset_seq = seq;
}

/* Any ack that may belong to what we sent is taken when the connection is not there yet,
 * else a sequence number in the window: peers reset without knowing where we are. */
static void
handle_reset (PtcpConnection *self, const PtcpSegment *segment, gint64 now)
{
  switch (self->state)
    {
    case PTCP_LISTEN:
    case PTCP_CLOSED:
      return;
    case PTCP_SYN_SENT:
      if (ptcp_seq_after (segment->ack, self->send.next))
        return;
      ptcp_fail (self, ECONNREFUSED, FALSE);
      return;
    case PTCP_SYN_RECEIVED:
    case PTCP_ESTABLISHED:
    case PTCP_FIN_WAIT_1:
    case PTCP_FIN_WAIT_2:
    case PTCP_CLOSE_WAIT:
      if (in_window (self, segment->seq))
        take_reset (self, segment->seq, now);
      return;
    case PTCP_CLOSING:
    case PTCP_LAST_ACK:
    case PTCP_TIME_WAIT:
      if (in_window (self, segment->seq))
        ptcp_fail (self, 0, FALSE);
      return;
    }
}

/* A FIN that is repeated because our last acknowledgement was lost is acknowledged. */
static void
handle_closed (PtcpConnection *self, const PtcpSegment *segment)
{
  if (segment->flags & PTCP_FLAG_RST)
    return;
  if (self->error == 0 && self->receive.fin_reached && (segment->flags & PTCP_FLAG_FIN))
    self->receive.ack_now = TRUE;
  else
    self->reset_pending = TRUE;
}

static void
update_window (PtcpConnection *self, const PtcpSegment *segment)
{
  PtcpSender *send = &self->send;

  /* RFC 793 3.9, fifth: not from a segment older than the one known. */
  if (ptcp_seq_before (segment->seq, send->wl1)
      || (segment->seq == send->wl1 && ptcp_seq_before (segment->ack, send->wl2)))
    return;
  send->window = (guint32)segment->window << send->scale;
  send->max_window = MAX (send->max_window, send->window);
  send->wl1 = segment->seq;
  send->wl2 = segment->ack;
  if (send->window > 0)
    {
      self->n_persists = 0;
      ptcp_set_timer (self, PTCP_TIMER_PERSIST, PTCP_NEVER);
    }
}

static void
offer_space (PtcpConnection *self)
{
  PtcpSender *send = &self->send;
  gsize space;

  if (self->config.send_grows && 3 * self->congestion.window > send->limit)
    send->limit =
        (guint32)MAX (send->limit, MIN (3 * self->congestion.window, PTCP_MAX_BUFFER));
  space = ptcp_connection_get_send_space (self);
  if (send->was_full && space >= send->limit / WRITABLE_SHARE)
    {
      send->was_full = FALSE;
      ptcp_raise (self, PTCP_EVENT_WRITABLE);
    }
}

static void
enter_time_wait (PtcpConnection *self, gint64 now)
{
  ptcp_set_state (self, PTCP_TIME_WAIT);
  ptcp_set_timer (self, PTCP_TIMER_CLOSE, now + PTCP_TIME_WAIT_TIME);
}

static void
establish (PtcpConnection *self)
{
  ptcp_set_state (self, PTCP_ESTABLISHED);
  ptcp_set_timer (self, PTCP_TIMER_CLOSE, PTCP_NEVER);
  ptcp_raise (self, PTCP_EVENT_OPENED);
}

/* Everything we sent is acknowledged, the FIN included. */
static void
handle_fin_acked (PtcpConnection *self, gint64 now)
{
  if (self->state == PTCP_FIN_WAIT_1)
    {
      ptcp_set_state (self, PTCP_FIN_WAIT_2);
      if (self->receive.is_shut)
        ptcp_set_timer (self, PTCP_TIMER_CLOSE, now + PTCP_LINGER_TIME);
    }
  else if (self->state == PTCP_CLOSING)
    enter_time_wait (self, now);
  else if (self->state == PTCP_LAST_ACK)
    ptcp_finish (self);
}

/* The peer has what there was to send: for some closed connections that is all. */
static void
handle_data_acked (PtcpConnection *self)
{
  if (self->is_leaving)
    ptcp_fail (self, 0, TRUE);
  else if (self->is_lingering)
    ptcp_finish (self);
}

/* FALSE: goes no further with this segment. */
static gboolean
handle_ack (PtcpConnection *self, const PtcpSegment *segment, gint64 now)
{
  PtcpSender *send = &self->send;
  guint32 window = send->window;
  gboolean duplicate;

  if (ptcp_seq_after (segment->ack, send->next))
    {
      self->receive.ack_now = TRUE; /* RFC 793 3.9: what we never sent */
      return FALSE;
    }
  if (ptcp_seq_before (segment->ack, send->una))
    return TRUE;

  update_window (self, segment);
  duplicate = segment->ack == send->una && segment->payload_len == 0
              && !(segment->flags & PTCP_FLAG_FIN) && window == send->window
              && send->board.n_records > 0;
  ptcp_recovery_handle_ack (self, segment, duplicate, now);
  if (self->state == PTCP_SYN_RECEIVED && send->una == send->next)
    establish (self);
  if (send->fin_sent && send->una == send->next)
    handle_fin_acked (self, now);
  if (send->ring.len == 0)
    handle_data_acked (self);
  if (self->state == PTCP_CLOSED)
    return FALSE;
  offer_space (self);
  return TRUE;
}

/* When to acknowledge: RFC 5681 4.2. */
static void
schedule_ack (PtcpConnection *self, gboolean in_order, gint64 now)
{
  PtcpReceiver *receive = &self->receive;

  receive->n_unacked++;
  if (!in_order && !self->sack)
    receive->n_dup_acks++;
  if (!in_order || receive->stream.n_islands > 0 || receive->n_unacked >= 2
      || self->config.ack_delay == 0)
    receive->ack_now = TRUE;
  else if (self->timers[PTCP_TIMER_ACK] == PTCP_NEVER)
    ptcp_set_timer (self, PTCP_TIMER_ACK, now + self->config.ack_delay);
}

static void
take_data (PtcpConnection *self, const PtcpSegment *segment, gint64 now)
{
  PtcpReceiver *receive = &self->receive;
  guint islands = receive->stream.n_islands;
  const gsize limit = get_limit (self);
  gsize moved, room;

  if (segment->payload_len == 0 || receive->fin_reached)
    return;

  room = limit - MIN (limit, receive->stream.ring.len);
  moved = ptcp_reassembly_insert (&receive->stream, segment->seq, segment->payload,
                                  segment->payload_len, room);
  schedule_ack (self, moved > 0 && islands == 0, now);
  if (moved == 0)
    return;
  if (receive->is_shut)
    ptcp_ring_drop (&receive->stream.ring, receive->stream.ring.len);
  else
    ptcp_raise (self, PTCP_EVENT_READABLE);
}

static void
take_fin (PtcpConnection *self, const PtcpSegment *segment, gint64 now)
{
  PtcpReceiver *receive = &self->receive;

  if ((segment->flags & PTCP_FLAG_FIN) && self->fin_ack)
    {
      receive->has_fin = TRUE;
      receive->fin_seq = segment->seq + (guint32)segment->payload_len;
    }
  if (segment->flags & PTCP_FLAG_FIN)
    receive->ack_now = TRUE;
  if (!receive->has_fin || receive->fin_reached
      || receive->fin_seq != receive->stream.next)
    return;

  receive->fin_reached = TRUE;
  receive->stream.next++;
  receive->ack_now = TRUE;
  ptcp_raise (self, PTCP_EVENT_READABLE);
  if (self->state == PTCP_ESTABLISHED)
    ptcp_set_state (self, PTCP_CLOSE_WAIT);
  else if (self->state == PTCP_FIN_WAIT_1)
    ptcp_set_state (self, PTCP_CLOSING);
  else if (self->state == PTCP_FIN_WAIT_2)
    enter_time_wait (self, now);
}

/* FALSE: outside of the window, or older than what came before (RFC 7323 5.3). */
static gboolean
is_acceptable (const PtcpConnection *self, const PtcpSegment *segment)
{
  const PtcpReceiver *receive = &self->receive;

  if (ptcp_seq_after (segment->seq, receive->stream.next + (guint32)get_limit (self)))
    return FALSE;
  return segment->payload_len == 0
         || !ptcp_seq_before (segment->tsval, receive->ts_recent);
}

static gboolean
handle_segment (PtcpConnection *self, const PtcpSegment *segment, gint64 now)
{
  PtcpReceiver *receive = &self->receive;

  if (self->state == PTCP_LISTEN || self->state == PTCP_SYN_SENT)
    return FALSE;
  if (!is_acceptable (self, segment))
    {
      receive->ack_now = TRUE;
      return TRUE;
    }
  /* RFC 7323 4.3 */
  if (!ptcp_seq_after (segment->seq, receive->acked)
      && !ptcp_seq_before (segment->tsval, receive->ts_recent))
    receive->ts_recent = segment->tsval;
  if (ptcp_seq_before (segment->seq, receive->stream.next))
    receive->ack_now = TRUE; /* a repetition, or a question whether the window is open */

  if (!handle_ack (self, segment, now) || self->state == PTCP_SYN_RECEIVED)
    return TRUE;
  take_data (self, segment, now);
  take_fin (self, segment, now);
  if (receive->has_reset && !ptcp_seq_after (receive->reset_seq, receive->stream.next))
    ptcp_fail (self, ECONNRESET, FALSE);
  return TRUE;
}

/* What both ends can is agreed on (RFC 7323 1.3 for the shift). */
static void
agree (PtcpConnection *self, const PtcpSegment *segment, const PtcpOptions *options)
{
  self->fin_ack = self->fin_ack && options->fin_ack;
  self->sack = self->sack && options->sack;
  if (!self->sack)
    {
      /* Losses are repaired one a round trip: there must not be many. */
      ptcp_congestion_init (&self->congestion, PTCP_CONGESTION_CUBIC, self->send.segment);
      self->rtt.min_rto = 1 * G_USEC_PER_SEC; /* RFC 6298 2.4 */
    }
  self->send.scale = options->window_scale;
  if (!options->has_window_scale)
    self->receive.scale = 0;
  self->peer_segment = options->max_segment;
  ptcp_update_segment (self);

  self->receive.stream.next = segment->seq + (guint32)segment->payload_len;
  self->receive.ts_recent = segment->tsval;
  self->send.wl1 = segment->seq;
  self->send.window = self->send.max_window = (guint32)segment->window
                                              << self->send.scale;
}

/* The peer connects too, or answers. */
static gboolean
handle_answer (PtcpConnection *self, const PtcpSegment *segment,
               const PtcpOptions *options, gint64 now)
{
  if (segment->ack != self->send.next && segment->ack != self->send.una)
    return FALSE;

  agree (self, segment, options);
  ptcp_set_state (self, PTCP_SYN_RECEIVED);
  self->receive.ack_now = TRUE;
  handle_ack (self, segment, now);
  return TRUE;
}

static gboolean
handle_connect (PtcpConnection *self, const PtcpSegment *segment, gint64 now)
{
  PtcpOptions options;

  if (!ptcp_options_parse (&options, segment->payload, segment->payload_len))
    return FALSE;

  if (self->state == PTCP_LISTEN)
    {
      agree (self, segment, &options);
      ptcp_set_state (self, PTCP_SYN_RECEIVED);
      ptcp_set_timer (self, PTCP_TIMER_CLOSE, now + PTCP_CONNECT_TIME);
      return TRUE;
    }
  if (self->state == PTCP_SYN_SENT)
    return handle_answer (self, segment, &options, now);

  /* The peer has not seen what we sent last. */
  self->receive.ack_now = TRUE;
  if (self->state == PTCP_SYN_RECEIVED && handle_ack (self, segment, now)
      && self->state == PTCP_SYN_RECEIVED)
    ptcp_recovery_lose_all (self);
  return TRUE;
}

gboolean
ptcp_connection_handle_packet (PtcpConnection *self, const guint8 *data, gsize len,
                               gint64 now)
{
  PtcpSegment segment;

  if (!ptcp_segment_parse (&segment, data, len)
      || segment.conversation != self->config.conversation)
    return FALSE;
  if (self->state == PTCP_CLOSED)
    {
      handle_closed (self, &segment);
      return FALSE;
    }
  if (segment.flags & PTCP_FLAG_RST)
    {
      handle_reset (self, &segment, now);
      return FALSE;
    }
  if (segment.flags & PTCP_FLAG_CTL)
    return handle_connect (self, &segment, now);
  return handle_segment (self, &segment, now);
}
