/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Decides what was lost. With selective acknowledgements, by time: a segment is lost when
 * one that was sent later has arrived and the time that reordering may take is over
 * (RFC 8985 6, "RACK"); that holds for retransmissions too, so losing one costs a round
 * trip and not a time-out. Without, by count: NewReno (RFC 6582), and a retransmission is
 * lost when more duplicates came than segments were in flight before it. There the
 * time-out runs on through a recovery (the "impatient" variant of RFC 6582 4), as a round
 * trip a hole takes too long when many are missing.
 *
 * NOTES: repairing one hole a round trip, as NewReno must, carries at most one loss a
 * round trip: 20 Mbit/s at 1 % and 50 ms. Guessing further holes from the number of
 * duplicates sent 30 % of the stream twice. */
#include "config.h"

#include "pseudotcp/recovery.h"

#include "pseudotcp/deadline.h"

#define DUP_THRESHOLD 3 /* RFC 5681 3.2 */
#define MAX_REORDER_STEPS 16

typedef struct
{
  gint64 now, rtt; /* rtt -1: no sample */
  gsize delivered, prior_in_flight;
  gboolean advanced;
  PtcpRateSample rate;
} Progress;

gsize
ptcp_recovery_get_in_flight (const PtcpConnection *self)
{
  gsize in_flight = self->send.board.in_flight.bytes;

  return in_flight - MIN (in_flight, self->recovery.dup_credit);
}

static void
enter_recovery (PtcpConnection *self, gint64 now)
{
  PtcpRecovery *recovery = &self->recovery;

  if (recovery->active)
    return;
  recovery->active = TRUE;
  recovery->timed_out = FALSE;
  recovery->end = self->send.next;
  recovery->force_one = TRUE;
  self->congestion.klass->handle_loss (&self->congestion, now);
}

void
ptcp_recovery_lose_all (PtcpConnection *self)
{
  PtcpRecovery *recovery = &self->recovery;

  ptcp_scoreboard_lose_all (&self->send.board);
  recovery->active = recovery->timed_out = TRUE;
  recovery->end = self->send.next;
  recovery->force_one = TRUE;
  recovery->n_dups = 0;
  recovery->dup_credit = 0;
}

/* --- What has arrived --- */

static gboolean
is_newer (const PtcpRecovery *recovery, const PtcpRecord *record)
{
  if (record->sent_at != recovery->newest_sent_at)
    return record->sent_at > recovery->newest_sent_at;
  return ptcp_seq_after (record->seq + record->len, recovery->newest_end);
}

static void
deliver (PtcpConnection *self, PtcpRecord *record, Progress *progress)
{
  PtcpRecovery *recovery = &self->recovery;
  gint64 age = progress->now - record->sent_at;
  guint32 end = record->seq + record->len;

  if (record->state == PTCP_RECORD_DELIVERED)
    return;

  progress->delivered += record->len;
  ptcp_rate_add (&self->rate, &progress->rate, &record->stamp, record->sent_at,
                 record->len, progress->now);
  if (!record->retransmitted)
    {
      /* Karn's rule, RFC 6298 3 */
      progress->rtt = progress->rtt < 0 ? age : MIN (progress->rtt, age);
      if (ptcp_seq_before (end, recovery->highest))
        recovery->reordering = TRUE;
    }
  recovery->highest = ptcp_seq_max (recovery->highest, end);
  /* A retransmission acknowledged in less than the least round trip is the original. */
  if (is_newer (recovery, record) && (!record->retransmitted || age >= self->rtt.min))
    {
      recovery->newest_sent_at = record->sent_at;
      recovery->newest_end = end;
      recovery->newest_rtt = MAX (age, 1);
    }
  ptcp_scoreboard_set_state (&self->send.board, record, PTCP_RECORD_DELIVERED);
}

/* RFC 3522: an echo older than the retransmission answers the original, so it was only
 * late. */
static void
check_spurious (PtcpConnection *self, const PtcpRecord *record, guint32 tsecr)
{
  if (record->retransmitted && ptcp_seq_before (tsecr, record->tsval))
    self->recovery.reorder_steps =
        MIN (self->recovery.reorder_steps + 1, MAX_REORDER_STEPS);
}

static void
take_cumulative (PtcpConnection *self, const PtcpSegment *segment, Progress *progress)
{
  PtcpSender *send = &self->send;
  PtcpRecord *record;
  gsize bytes;

  while ((record = ptcp_scoreboard_first (&send->board)) != NULL
         && !ptcp_seq_after (record->seq + record->len, segment->ack))
    {
      check_spurious (self, record, segment->tsecr);
      deliver (self, record, progress);
      ptcp_scoreboard_pop (&send->board);
    }
  if (record != NULL && ptcp_seq_after (segment->ack, record->seq))
    ptcp_scoreboard_trim (&send->board, segment->ack);

  bytes = (gsize)MAX (0, ptcp_seq_diff (segment->ack, send->base));
  bytes = MIN (bytes, send->ring.len);
  ptcp_ring_drop (&send->ring, bytes);
  send->base += (guint32)bytes;
  send->una = segment->ack;
  self->recovery.highest = ptcp_seq_max (self->recovery.highest, send->una);
}

static void
take_range (PtcpConnection *self, PtcpRange range, Progress *progress)
{
  PtcpScoreboard *board = &self->send.board;
  PtcpRecord *record;

  if (!ptcp_seq_before (range.left, range.right))
    return;
  for (record = ptcp_scoreboard_find (board, range.left);
       record != NULL && !ptcp_seq_after (record->seq + record->len, range.right);
       record = ptcp_scoreboard_after (board, record))
    if (!ptcp_seq_before (record->seq, range.left))
      deliver (self, record, progress);
}

/* A block mostly repeats one of the acknowledgement before; only what is new of it is
 * looked at. */
static void
take_block (PtcpConnection *self, PtcpRange block, Progress *progress)
{
  const PtcpRecovery *recovery = &self->recovery;

  for (guint i = 0; i < recovery->n_seen; i++)
    {
      PtcpRange seen = recovery->seen[i];

      if (ptcp_seq_before (seen.left, block.left)
          || ptcp_seq_after (seen.right, block.right))
        continue;
      take_range (self, (PtcpRange) { block.left, seen.left }, progress);
      take_range (self, (PtcpRange) { seen.right, block.right }, progress);
      return;
    }
  take_range (self, block, progress);
}

static void
take_sacks (PtcpConnection *self, const PtcpSegment *segment, Progress *progress)
{
  PtcpRange valid[PTCP_MAX_SACKS];
  guint n = 0;

  for (guint i = 0; i < segment->n_sacks; i++)
    {
      PtcpRange block = segment->sacks[i];

      if (ptcp_seq_before (block.left, self->send.una)
          || !ptcp_seq_before (block.left, block.right)
          || ptcp_seq_after (block.right, self->send.next))
        continue;
      take_block (self, block, progress);
      valid[n++] = block;
    }
  for (guint i = 0; i < n; i++)
    self->recovery.seen[i] = valid[i];
  self->recovery.n_seen = n;
}

/* --- What is lost --- */

static gint64
reordering_time (const PtcpConnection *self)
{
  const PtcpRecovery *recovery = &self->recovery;

  if (!recovery->reordering && recovery->reorder_steps == 0 && recovery->active)
    return 0;
  if (self->rtt.min == G_MAXINT64)
    return self->rtt.srtt / 4;
  return MIN ((recovery->reorder_steps + 1) * (self->rtt.min / 4), self->rtt.srtt);
}

/* RFC 8985 6.2 step 5 */
static gsize
detect_by_time (PtcpConnection *self, gint64 now)
{
  const PtcpRecovery *recovery = &self->recovery;
  gint64 patience = recovery->newest_rtt + reordering_time (self);
  PtcpRecord *record;
  gsize lost = 0;

  ptcp_set_timer (self, PTCP_TIMER_REORDER, PTCP_NEVER);
  while ((record = ptcp_scoreboard_oldest_in_flight (&self->send.board)) != NULL
         && recovery->newest_rtt > 0 && !is_newer (recovery, record))
    {
      if (record->sent_at + patience > now)
        {
          ptcp_set_timer (self, PTCP_TIMER_REORDER, record->sent_at + patience);
          break;
        }
      lost += record->len;
      ptcp_scoreboard_set_state (&self->send.board, record, PTCP_RECORD_LOST);
    }
  return lost;
}

static gsize
lose_first (PtcpConnection *self)
{
  PtcpRecord *record = ptcp_scoreboard_first (&self->send.board);

  if (record == NULL || record->state != PTCP_RECORD_IN_FLIGHT)
    return 0;
  ptcp_scoreboard_set_state (&self->send.board, record, PTCP_RECORD_LOST);
  self->recovery.force_one = TRUE;
  return record->len;
}

/* RFC 6582 3.2 */
static gsize
detect_by_count (PtcpConnection *self, gboolean advanced)
{
  PtcpRecovery *recovery = &self->recovery;
  const PtcpRecord *first = ptcp_scoreboard_first (&self->send.board);

  if (first == NULL)
    return 0;
  if (!recovery->active)
    {
      /* Duplicates that are left over from a recovery tell of the next hole. */
      gsize duplicates =
          MAX (recovery->n_dups, recovery->dup_credit / self->send.segment);

      return duplicates >= DUP_THRESHOLD ? lose_first (self) : 0;
    }
  if (advanced)
    return first->retransmitted ? 0 : lose_first (self);
  if (first->retransmitted && recovery->n_dups > recovery->retransmission_dups)
    return lose_first (self);
  return 0;
}

void
ptcp_recovery_note_retransmission (PtcpConnection *self)
{
  gsize ahead = ptcp_recovery_get_in_flight (self) / self->send.segment;

  self->recovery.retransmission_dups =
      self->recovery.n_dups + (guint)ahead + DUP_THRESHOLD;
}

gsize
ptcp_recovery_detect (PtcpConnection *self, gint64 now)
{
  gsize lost = self->sack ? detect_by_time (self, now) : 0;

  if (lost > 0)
    enter_recovery (self, now);
  return lost;
}

/* --- The whole --- */

static void
count_duplicates (PtcpConnection *self, gboolean is_duplicate, gsize acked)
{
  PtcpRecovery *recovery = &self->recovery;

  if (acked > 0)
    {
      recovery->n_dups = 0;
      recovery->dup_credit -= MIN (recovery->dup_credit, acked);
    }
  else if (is_duplicate && !self->sack && !recovery->timed_out)
    {
      recovery->n_dups++;
      recovery->dup_credit += self->send.segment;
    }
  recovery->dup_credit = MIN (recovery->dup_credit, self->send.board.in_flight.bytes);
}

/* RFC 7323 4.1: what a cumulative acknowledgement covers may have arrived long ago, its
 * echo is of the segment that filled the hole, sent again or not. In milliseconds: at
 * most so long. */
static gint64
echoed_rtt (const PtcpSegment *segment, gint64 now)
{
  gint32 elapsed = ptcp_seq_diff ((guint32)(now / 1000), segment->tsecr);

  return elapsed >= 0 ? (elapsed + 1) * (gint64)1000 : -1;
}

static void
take_rtt (PtcpConnection *self, const PtcpSegment *segment, Progress *progress)
{
  const gboolean is_first = progress->rtt < 0 && self->rtt.srtt == 0;

  if ((!self->sack || is_first) && progress->advanced)
    progress->rtt = echoed_rtt (segment, progress->now);
  if (progress->rtt >= 0)
    ptcp_rtt_add (&self->rtt, progress->rtt, progress->now);
  else if (progress->advanced)
    self->rtt.backoff = 0;
}

static void
tell_congestion (PtcpConnection *self, const Progress *progress, gsize lost)
{
  PtcpCongestion *congestion = &self->congestion;
  gboolean round_start =
      progress->rate.is_set && progress->rate.prior_delivered >= self->round_delivered;
  PtcpAckSample sample = {
    .now = progress->now,
    .delivered = progress->delivered,
    .lost = lost,
    .in_flight = ptcp_recovery_get_in_flight (self),
    .prior_in_flight = progress->prior_in_flight,
    .rtt = progress->rtt < 0 ? G_MAXINT64 : progress->rtt,
    .min_rtt = self->rtt.min,
    .rate = progress->rate.bytes_per_s,
    .app_limited = progress->rate.app_limited,
    .round_start = round_start,
    .in_recovery = self->recovery.active && !self->recovery.timed_out,
    .window_limited = progress->prior_in_flight * 2 >= congestion->window,
  };

  if (round_start)
    self->round_delivered = self->rate.delivered;
  if (progress->delivered > 0 || lost > 0)
    congestion->klass->handle_ack (congestion, &sample);
}

void
ptcp_recovery_handle_ack (PtcpConnection *self, const PtcpSegment *segment,
                          gboolean is_duplicate, gint64 now)
{
  PtcpRecovery *recovery = &self->recovery;
  guint32 una = self->send.una;
  gboolean was_active = recovery->active;
  Progress progress = { .now = now, .rtt = -1 };
  gsize lost;

  progress.prior_in_flight = ptcp_recovery_get_in_flight (self);
  progress.advanced = ptcp_seq_after (segment->ack, una);
  self->send.n_timeouts = 0;
  if (progress.advanced)
    take_cumulative (self, segment, &progress);
  if (self->sack)
    take_sacks (self, segment, &progress);
  count_duplicates (self, is_duplicate, segment->ack - una);

  take_rtt (self, segment, &progress);
  if (recovery->active && !ptcp_seq_before (self->send.una, recovery->end))
    {
      recovery->active = recovery->timed_out = FALSE;
      recovery->n_dups = 0;
      recovery->reorder_steps -= MIN (recovery->reorder_steps, 1);
    }

  ptcp_rate_finish (&self->rate, &progress.rate, self->rtt.min);
  lost = ptcp_recovery_detect (self, now);
  if (!self->sack && (lost = detect_by_count (self, progress.advanced)) > 0)
    enter_recovery (self, now);
  tell_congestion (self, &progress, lost);
  if (progress.delivered > 0
      && (self->sack || !was_active || !recovery->active || recovery->timed_out))
    ptcp_deadline_restart (self, now);
}
