/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Estimates the round-trip time (RFC 6298 2) and backs off (5.5). Which segments give
 * samples (Karn's rule, RFC 6298 3) is decided by whoever knows the segments. */
#include "config.h"

#include "pseudotcp/rtt.h"

#define INITIAL_RTO (1 * G_USEC_PER_SEC)
#define MAX_RTO (60 * G_USEC_PER_SEC)
#define CLOCK_GRANULARITY 1000 /* owners tick in milliseconds */
#define MIN_FILTER (10 * G_USEC_PER_SEC)

void
ptcp_rtt_init (PtcpRtt *self, gint64 min_rto)
{
  *self = (PtcpRtt) { .min = G_MAXINT64, .min_rto = min_rto };
}

void
ptcp_rtt_add (PtcpRtt *self, gint64 sample, gint64 now)
{
  sample = MAX (sample, 1);
  self->latest = sample;
  self->backoff = 0;
  if (sample <= self->min || now - self->min_at > MIN_FILTER)
    {
      self->min = sample;
      self->min_at = now;
    }

  if (self->srtt == 0)
    {
      self->srtt = sample;
      self->rttvar = sample / 2;
      return;
    }
  self->rttvar += (ABS (self->srtt - sample) - self->rttvar) / 4;
  self->srtt = MAX (1, self->srtt + (sample - self->srtt) / 8);
}

gint64
ptcp_rtt_get_rto (const PtcpRtt *self)
{
  gint64 rto = INITIAL_RTO;

  if (self->srtt != 0)
    rto = self->srtt + MAX (CLOCK_GRANULARITY, 4 * self->rttvar);
  rto = CLAMP (rto, self->min_rto, MAX_RTO);
  return MIN (rto << MIN (self->backoff, 6u), MAX_RTO);
}
