/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which packet leaves next: reset, connect, an acknowledgement that must not wait, what
 * was lost, new data, FIN, a plain acknowledgement. Congestion control says how much, the
 * peer's window how far (RFC 793 3.7, RFC 1122 4.2.3.4). Nothing is copied: packets
 * point into the ring. */
#include "config.h"

#include "pseudotcp/connection.h"
#include "pseudotcp/recovery.h"
#include "pseudotcp/state.h"
#include "pseudotcp/deadline.h"

/* Owners tick in milliseconds: pacing lets a few of them gather. */
#define PACE_TICK 1000
#define PACE_BURST (10 * 1000)

static void
write_segment (PtcpConnection *self, PtcpTransmit *transmit, PtcpSegment *segment,
               gint64 now)
{
  PtcpReceiver *receive = &self->receive;

  segment->conversation = self->config.conversation;
  segment->ack = receive->stream.next;
  segment->window = ptcp_offered_window (self);
  segment->tsval = (guint32)(now / 1000);
  segment->tsecr = receive->ts_recent;
  transmit->header_len = ptcp_segment_write_header (segment, transmit->header);
  transmit->n_vectors = 0;
  transmit->size = transmit->header_len;

  receive->acked = receive->stream.next;
  receive->edge = receive->stream.next + ((guint32)segment->window << receive->scale);
  receive->ack_now = FALSE;
  receive->n_unacked = 0;
  ptcp_set_timer (self, PTCP_TIMER_ACK, PTCP_NEVER);
}

static void
write_ack (PtcpConnection *self, PtcpTransmit *transmit, gint64 now)
{
  PtcpSegment segment = { .seq = self->send.next };

  if (self->sack && self->receive.stream.n_islands > 0)
    {
      segment.flags = PTCP_FLAG_SACK;
      segment.n_sacks =
          ptcp_reassembly_report (&self->receive.stream, segment.sacks, PTCP_MAX_SACKS);
    }
  if (self->receive.n_dup_acks > 0)
    self->receive.n_dup_acks--;
  write_segment (self, transmit, &segment, now);
}

static void
write_reset (PtcpConnection *self, PtcpTransmit *transmit, gint64 now)
{
  PtcpSegment segment = { .seq = self->send.next, .flags = PTCP_FLAG_RST };

  self->reset_pending = FALSE;
  write_segment (self, transmit, &segment, now);
}

/* Asks whether the window is still closed, with a segment that cannot but be answered:
 * one of no data, just before what the peer expects. */
static void
write_probe (PtcpConnection *self, PtcpTransmit *transmit, gint64 now)
{
  PtcpSegment segment = { .seq = self->send.una - 1 };

  self->probe_pending = FALSE;
  write_segment (self, transmit, &segment, now);
}

static void
attach_options (PtcpConnection *self, PtcpTransmit *transmit)
{
  PtcpOptions options = { .has_window_scale = TRUE,
                          .window_scale = self->receive.scale,
                          .fin_ack = self->fin_ack,
                          .sack = self->sack };
  gsize len = ptcp_options_write (&options, transmit->header + transmit->header_len);

  transmit->header_len += len;
  transmit->size = transmit->header_len;
}

/* --- Records --- */

/* Sends what a record stands for, for the first time or again. */
static void
write_record (PtcpConnection *self, PtcpTransmit *transmit, PtcpRecord *record,
              gboolean was_idle, gint64 now)
{
  PtcpSender *send = &self->send;
  PtcpSegment segment = { .seq = record->seq };

  if (record->kind == PTCP_RECORD_SYN)
    segment.flags = PTCP_FLAG_CTL;
  else if (record->kind == PTCP_RECORD_FIN)
    segment.flags = PTCP_FLAG_FIN;

  write_segment (self, transmit, &segment, now);
  if (record->kind == PTCP_RECORD_SYN)
    attach_options (self, transmit);
  else if (record->kind == PTCP_RECORD_DATA)
    {
      transmit->n_vectors = ptcp_ring_peek (&send->ring, record->seq - send->base,
                                            record->len, transmit->vectors);
      transmit->size += record->len;
    }

  record->sent_at = now;
  record->tsval = (guint32)(now / 1000);
  ptcp_rate_stamp (&self->rate, &record->stamp, was_idle, now);
  self->recovery.force_one = FALSE;
  /* Of payload alone, as the rate was measured. */
  if (self->congestion.pacing > 0)
    send->credit -= record->len;
  ptcp_deadline_start (self, now);
}

static void
write_new (PtcpConnection *self, PtcpTransmit *transmit, PtcpRecordKind kind, guint32 len,
           gint64 now)
{
  gboolean was_idle = self->send.board.n_records == 0;
  PtcpRecord *record =
      ptcp_scoreboard_append (&self->send.board, kind, self->send.next, len);

  self->send.next += len;
  write_record (self, transmit, record, was_idle, now);
}

/* RFC 5681 4.1: a window that was not used for long says nothing of the path. */
static void
forget_window (PtcpConnection *self, gint64 now)
{
  PtcpCongestion *congestion = &self->congestion;

  if (self->send.board.n_records == 0 && congestion->pacing == 0
      && now - self->rate.delivered_at > ptcp_rtt_get_rto (&self->rtt))
    congestion->window =
        MIN (congestion->window, ptcp_congestion_initial_window (congestion));
}

/* --- How much --- */

/* FALSE: pacing wants len bytes to wait. */
static gboolean
is_paced (PtcpConnection *self, gsize len, gint64 now)
{
  PtcpSender *send = &self->send;
  gdouble rate = (gdouble)self->congestion.pacing / G_USEC_PER_SEC;
  gdouble burst = MAX (rate * PACE_BURST, 10.0 * send->segment);

  if (self->congestion.pacing == 0)
    return TRUE;
  send->credit = MIN (burst, send->credit + rate * (gdouble)(now - send->credit_at));
  send->credit_at = now;
  if (send->credit >= (gdouble)MIN (len, send->segment))
    return TRUE;
  ptcp_set_timer (self, PTCP_TIMER_PACE,
                  now + MAX (PACE_TICK, (gint64)(((gdouble)len - send->credit) / rate)));
  return FALSE;
}

static gboolean
is_allowed (PtcpConnection *self, gsize len, gint64 now)
{
  gsize in_flight = ptcp_recovery_get_in_flight (self);

  if (self->recovery.force_one)
    return TRUE;
  if (in_flight > 0 && in_flight + len > self->congestion.window)
    return FALSE;
  return is_paced (self, len, now);
}

static gboolean
poll_lost (PtcpConnection *self, PtcpTransmit *transmit, gint64 now)
{
  PtcpRecord *record = ptcp_scoreboard_oldest_lost (&self->send.board);

  if (record == NULL || !is_allowed (self, record->len, now))
    return FALSE;

  if (record == ptcp_scoreboard_first (&self->send.board))
    ptcp_recovery_note_retransmission (self);
  ptcp_scoreboard_set_state (&self->send.board, record, PTCP_RECORD_IN_FLIGHT);
  record->retransmitted = TRUE;
  write_record (self, transmit, record, FALSE, now);
  return TRUE;
}

/* How much new data the peer's window and good manners let go: neither tiny segments
 * because of a small window (RFC 1122 4.2.3.4) nor, with Nagle's algorithm, because of a
 * slow writer. */
static guint32
sendable (PtcpConnection *self)
{
  const PtcpSender *send = &self->send;
  gsize unsent = ptcp_unsent (self);
  gint32 usable = ptcp_seq_diff (send->una + send->window, send->next);
  guint32 len = (guint32)MIN (unsent, send->segment);
  gboolean is_idle = send->board.n_records == 0;

  if (unsent == 0 || usable <= 0)
    return 0;
  if (len > (guint32)usable)
    {
      len = (guint32)usable;
      if (!is_idle && len < send->max_window / 2)
        return 0;
    }
  if (!self->config.no_delay && !is_idle && len < send->segment && !send->fin_queued)
    return 0;
  return len;
}

static gboolean
poll_new (PtcpConnection *self, PtcpTransmit *transmit, gint64 now)
{
  guint32 len = sendable (self);

  if (len > 0)
    {
      forget_window (self, now);
      if (!is_allowed (self, len, now))
        return FALSE;
      write_new (self, transmit, PTCP_RECORD_DATA, len, now);
      return TRUE;
    }
  if (self->send.fin_queued && !self->send.fin_sent && self->fin_ack
      && ptcp_unsent (self) == 0)
    {
      self->send.fin_sent = TRUE;
      write_new (self, transmit, PTCP_RECORD_FIN, 1, now);
      return TRUE;
    }
  return FALSE;
}

static gboolean
poll_connect (PtcpConnection *self, PtcpTransmit *transmit, gint64 now)
{
  guint8 scratch[PTCP_MAX_OPTIONS_SIZE];
  PtcpOptions options = { TRUE, 0, self->fin_ack, self->sack, 0 };

  if (self->send.next != 0)
    return FALSE;
  self->send.base = (guint32)ptcp_options_write (&options, scratch);
  write_new (self, transmit, PTCP_RECORD_SYN, self->send.base, now);
  return TRUE;
}

/* Nothing more may leave: what has to be remembered of that? The path is not to blame for
 * what a slow application or the peer's window holds back. */
static void
rest (PtcpConnection *self, gint64 now)
{
  PtcpSender *send = &self->send;
  gsize in_flight = ptcp_recovery_get_in_flight (self);

  if (sendable (self) > 0)
    return;
  if (send->board.lost.bytes == 0 && in_flight < self->congestion.window)
    ptcp_rate_set_app_limited (&self->rate, in_flight);
  if (ptcp_unsent (self) > 0 && send->board.n_records == 0
      && ptcp_is_synchronized (self->state))
    ptcp_deadline_persist (self, now);
}

gboolean
ptcp_connection_poll_transmit (PtcpConnection *self, PtcpTransmit *transmit, gint64 now)
{
  if (self->reset_pending)
    {
      write_reset (self, transmit, now);
      return TRUE;
    }
  if (self->state == PTCP_LISTEN)
    return FALSE;
  if (self->state == PTCP_CLOSED)
    {
      if (!self->receive.ack_now)
        return FALSE;
      write_ack (self, transmit, now);
      return TRUE;
    }
  if (poll_connect (self, transmit, now))
    return TRUE;
  if (self->receive.n_dup_acks > 0
      || (self->receive.ack_now && self->receive.stream.n_islands > 0))
    {
      write_ack (self, transmit, now);
      return TRUE;
    }
  if (poll_lost (self, transmit, now))
    return TRUE;
  if (self->probe_pending)
    {
      write_probe (self, transmit, now);
      return TRUE;
    }
  if (ptcp_is_synchronized (self->state) && poll_new (self, transmit, now))
    return TRUE;
  if (self->receive.ack_now && self->state != PTCP_SYN_SENT)
    {
      write_ack (self, transmit, now);
      return TRUE;
    }
  rest (self, now);
  return FALSE;
}
