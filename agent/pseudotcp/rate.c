/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Estimates the delivery rate from what was delivered between the sending of a segment
 * and its acknowledgement: the slower of the pace of sending and the pace of
 * acknowledging, so that bunched acknowledgements do not look like a fast path. It must
 * not know why segments were sent or lost. Counts bytes for RFC 5681's "full-sized
 * segments" wherever it stands in for them. */
#include "config.h"

#include "pseudotcp/rate.h"

void
ptcp_rate_stamp (PtcpRate *self, PtcpRateStamp *stamp, gboolean idle, gint64 now)
{
  if (idle)
    self->first_sent_at = self->delivered_at = now;

  stamp->delivered = self->delivered;
  stamp->delivered_at = self->delivered_at;
  stamp->first_sent_at = self->first_sent_at;
  stamp->app_limited = self->app_limited_until != 0;
}

void
ptcp_rate_add (PtcpRate *self, PtcpRateSample *sample, const PtcpRateStamp *stamp,
               gint64 sent_at, gsize len, gint64 now)
{
  self->delivered += len;
  self->delivered_at = now;
  if (self->delivered > self->app_limited_until)
    self->app_limited_until = 0;

  /* The segment sent last speaks for all. */
  if (sample->is_set && stamp->delivered < sample->prior_delivered)
    return;

  sample->is_set = TRUE;
  sample->prior_delivered = stamp->delivered;
  sample->prior_delivered_at = stamp->delivered_at;
  sample->send_elapsed = sent_at - stamp->first_sent_at;
  sample->app_limited = stamp->app_limited;
  self->first_sent_at = sent_at;
}

void
ptcp_rate_finish (PtcpRate *self, PtcpRateSample *sample, gint64 min_rtt)
{
  gint64 interval;

  sample->bytes_per_s = 0;
  if (!sample->is_set)
    return;

  interval = MAX (sample->send_elapsed, self->delivered_at - sample->prior_delivered_at);
  /* Anything shorter than a round trip is an artefact of bunched acknowledgements. */
  if (interval <= 0 || (min_rtt != G_MAXINT64 && interval < min_rtt))
    return;
  sample->bytes_per_s =
      (self->delivered - sample->prior_delivered) * G_USEC_PER_SEC / (guint64)interval;
}

void
ptcp_rate_set_app_limited (PtcpRate *self, gsize in_flight)
{
  self->app_limited_until = MAX (self->delivered + in_flight, 1);
}
