/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Window growth as a cubic function of the time since the last loss, with NewReno as the
 * floor: where NewReno (RFC 5681 3.1, RFC 6582) would have more in flight by now, its
 * window is used. Knows no delivery rate. */
#include "config.h"

#include "pseudotcp/congestion.h"

#include <math.h>

#define BETA 0.7       /* what is left of the window after a loss */
#define SCALE 0.4      /* segments per cubed second */
#define MIN_SEGMENTS 2 /* RFC 5681 3.1, equation 4 */

static void
cubic_init (PtcpCongestion *self)
{
  self->u.cubic.ssthresh = G_MAXUINT64;
}

/* Where the window wants to be one round trip from now, in segments. */
static gdouble
target (PtcpCubic *cubic, gdouble window, const PtcpAckSample *sample)
{
  gdouble t;

  if (cubic->epoch == 0)
    {
      cubic->epoch = sample->now;
      cubic->window_max = MAX (cubic->window_max, window);
      cubic->k = cbrt ((cubic->window_max - window) / SCALE);
      cubic->estimate = window;
    }
  t = (gdouble)(sample->now - cubic->epoch + MIN (sample->min_rtt, G_USEC_PER_SEC))
      / G_USEC_PER_SEC;
  t -= cubic->k;
  return cubic->window_max + SCALE * t * t * t;
}

static void
avoid_congestion (PtcpCongestion *self, const PtcpAckSample *sample)
{
  PtcpCubic *cubic = &self->u.cubic;
  gdouble window = (gdouble)self->window / self->segment;
  gdouble wanted = MIN (target (cubic, window, sample), 1.5 * window);
  gdouble acked = (gdouble)sample->delivered / self->segment;

  /* NewReno with the same back-off: 3 (1 - beta) / (1 + beta) segments a round trip. */
  cubic->estimate += 3 * (1 - BETA) / (1 + BETA) * acked / window;
  if (wanted > window)
    window += (wanted - window) * acked / window;
  window = MAX (window, cubic->estimate);
  self->window = (guint64)(window * self->segment);
}

static void
cubic_handle_ack (PtcpCongestion *self, const PtcpAckSample *sample)
{
  if (sample->in_recovery || !sample->window_limited)
    return;
  if (self->window < self->u.cubic.ssthresh)
    self->window += sample->delivered; /* slow start, RFC 5681 3.1 with byte counting */
  else
    avoid_congestion (self, sample);
}

static void
cubic_handle_loss (PtcpCongestion *self, gint64 now)
{
  PtcpCubic *cubic = &self->u.cubic;
  gdouble window = (gdouble)self->window / self->segment;

  /* Fast convergence: who loses twice on the way up leaves room for others. */
  cubic->window_max = window < cubic->window_max ? window * (1 + BETA) / 2 : window;
  cubic->ssthresh =
      MAX ((guint64)(self->window * BETA), MIN_SEGMENTS * (guint64)self->segment);
  self->window = cubic->ssthresh;
  cubic->epoch = 0;
}

static void
cubic_handle_timeout (PtcpCongestion *self, gint64 now)
{
  cubic_handle_loss (self, now);
  self->window = self->segment; /* RFC 5681 3.1, the loss window */
}

const PtcpCongestionClass ptcp_congestion_cubic = {
  .name = "cubic",
  .init = cubic_init,
  .handle_ack = cubic_handle_ack,
  .handle_loss = cubic_handle_loss,
  .handle_timeout = cubic_handle_timeout,
};
