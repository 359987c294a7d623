/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* All that happens because time passes:
 *
 *   RETRANSMIT  RTO after the oldest thing in flight was sent or progress was made last
 *               (RFC 6298 5). All in flight counts as lost; the time-out doubles. After
 *               15 in a row without a word from the peer the connection fails. Connect
 *               segments are repeated each second without doubling: the peer's end of a
 *               new path may come up a moment later than ours.
 *   PROBE_TAIL  Two round trips without an acknowledgement, and the time a peer may delay
 *               one: the last segment is sent again, whose acknowledgement shows what is
 *               missing (RFC 8985 7.2). Once per stall.
 *   REORDER     The time a segment may be overtaken by is over: it is lost.
 *   PERSIST     The peer's window is closed: asks whether it still is, each RTO, doubling
 *               up to a minute (RFC 1122 4.2.2.17).
 *   ACK         A delayed acknowledgement is due (RFC 1122 4.2.3.2).
 *   PACE        The next segment may leave.
 *   CLOSE       30 s to connect; 60 s in FIN-WAIT-2 after close(), or to deliver the rest
 *               to a peer without FIN; 1 ms of TIME-WAIT, as a closed connection still
 *               acknowledges a repeated FIN.
 *   RESET       1 s for what a reset has overtaken. */
#include "config.h"

#include "pseudotcp/connection.h"
#include "pseudotcp/deadline.h"
#include "pseudotcp/recovery.h"

#include <errno.h>

#define MAX_TIMEOUTS 15

static void
handle_retransmit (PtcpConnection *self, gint64 now)
{
  gboolean connecting = self->state == PTCP_SYN_SENT || self->state == PTCP_SYN_RECEIVED;

  if (self->send.board.n_records == 0)
    return;
  if (++self->send.n_timeouts > MAX_TIMEOUTS && !connecting)
    {
      ptcp_fail (self, ETIMEDOUT, TRUE);
      return;
    }

  if (!connecting)
    {
      self->rtt.backoff++;
      self->congestion.klass->handle_timeout (&self->congestion, now);
    }
  ptcp_recovery_lose_all (self);
  ptcp_deadline_start (self, now);
}

static void
handle_probe_tail (PtcpConnection *self)
{
  PtcpScoreboard *board = &self->send.board;
  PtcpRecord *record =
      self->sack ? ptcp_scoreboard_last (board) : ptcp_scoreboard_first (board);

  self->recovery.tail_probed = TRUE;
  if (record == NULL || record->state != PTCP_RECORD_IN_FLIGHT)
    record = ptcp_scoreboard_oldest_in_flight (board);
  if (record == NULL)
    return;
  ptcp_scoreboard_set_state (board, record, PTCP_RECORD_LOST);
  self->recovery.force_one = TRUE;
}

static void
handle_close (PtcpConnection *self)
{
  if (self->state == PTCP_SYN_SENT || self->state == PTCP_SYN_RECEIVED
      || self->is_lingering || self->is_leaving)
    ptcp_fail (self, ETIMEDOUT, TRUE);
  else if (self->state == PTCP_TIME_WAIT || self->state == PTCP_FIN_WAIT_2)
    ptcp_finish (self);
}

static void
handle_timer (PtcpConnection *self, PtcpTimer timer, gint64 now)
{
  switch (timer)
    {
    case PTCP_TIMER_RETRANSMIT:
      handle_retransmit (self, now);
      break;
    case PTCP_TIMER_PROBE_TAIL:
      handle_probe_tail (self);
      break;
    case PTCP_TIMER_REORDER:
      ptcp_recovery_detect (self, now);
      break;
    case PTCP_TIMER_PERSIST:
      self->probe_pending = TRUE;
      self->n_persists++;
      break;
    case PTCP_TIMER_ACK:
      self->receive.ack_now = TRUE;
      break;
    case PTCP_TIMER_CLOSE:
      handle_close (self);
      break;
    case PTCP_TIMER_RESET:
      ptcp_fail (self, ECONNRESET, FALSE);
      break;
    case PTCP_TIMER_PACE:
    case PTCP_N_TIMERS:
      break;
    }
}

void
ptcp_connection_handle_timeout (PtcpConnection *self, gint64 now)
{
  for (guint i = 0; i < PTCP_N_TIMERS; i++)
    if (self->timers[i] <= now)
      {
        self->timers[i] = PTCP_NEVER;
        handle_timer (self, i, now);
      }
}

gint64
ptcp_connection_get_deadline (const PtcpConnection *self)
{
  gint64 deadline = PTCP_NEVER;

  for (guint i = 0; i < PTCP_N_TIMERS; i++)
    deadline = MIN (deadline, self->timers[i]);
  return deadline;
}
