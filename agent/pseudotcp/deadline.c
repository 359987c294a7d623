/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Winds up the timers that timer.c lists. Decides how long each waits (RFC 6298 5,
 * RFC 8985 7.2, RFC 1122 4.2.2.17), not what happens when it is over. */
#include "config.h"

#include "pseudotcp/deadline.h"

#define MAX_PERSIST (60 * G_USEC_PER_SEC)
#define TICK 2000

/* RFC 8985 7.2: a lone segment may wait for the peer's delayed acknowledgement. */
static gint64
tail_probe_time (const PtcpConnection *self)
{
  gint64 wait = 2 * self->rtt.srtt + TICK;

  if (self->send.board.in_flight.bytes <= self->send.segment)
    wait += PTCP_DEFAULT_ACK_DELAY;
  return MIN (wait, ptcp_rtt_get_rto (&self->rtt));
}

void
ptcp_deadline_start (PtcpConnection *self, gint64 now)
{
  if (self->timers[PTCP_TIMER_RETRANSMIT] == PTCP_NEVER)
    ptcp_set_timer (self, PTCP_TIMER_RETRANSMIT, now + ptcp_rtt_get_rto (&self->rtt));
  if (self->rtt.srtt != 0 && !self->recovery.tail_probed && self->rtt.backoff == 0)
    ptcp_set_timer (self, PTCP_TIMER_PROBE_TAIL, now + tail_probe_time (self));
}

void
ptcp_deadline_restart (PtcpConnection *self, gint64 now)
{
  ptcp_set_timer (self, PTCP_TIMER_RETRANSMIT, PTCP_NEVER);
  ptcp_set_timer (self, PTCP_TIMER_PROBE_TAIL, PTCP_NEVER);
  self->recovery.tail_probed = FALSE;
  if (self->send.board.n_records > 0)
    ptcp_deadline_start (self, now);
}

void
ptcp_deadline_persist (PtcpConnection *self, gint64 now)
{
  gint64 wait = ptcp_rtt_get_rto (&self->rtt) << MIN (self->n_persists, 16u);

  if (self->timers[PTCP_TIMER_PERSIST] == PTCP_NEVER)
    ptcp_set_timer (self, PTCP_TIMER_PERSIST, now + MIN (wait, MAX_PERSIST));
}
