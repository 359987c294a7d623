/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Congestion control that does not take a lost segment for a full path. It keeps a model
 * of the path, the best delivery rate of the last rounds and the least round-trip time,
 * sends at that rate with a bounded surplus in flight, and probes for more now and then.
 * Loss only counts when it is heavy, more than HEAVY_LOSS of a round, or a time-out.
 * Replaces the window rules of RFC 5681 3.1 and 3.2; the retransmission rules stay.
 *
 *   STARTUP    gain 2.89 until the rate has not grown by a quarter in three rounds, or in
 *              one with a queue on the path, or until much of a round is lost
 *   DRAIN      gain 0.35 until no more than the path holds is in flight
 *   PROBE      gain 1.25, 0.75, then 1 six times, one round-trip time each
 *   PROBE_RTT  half of what the path holds, 200 ms every ten seconds, so that the least
 *              round-trip time is seen again when our own queue has hidden it
 *
 * NOTES: a path of 100 Mbit/s with 50 ms of round trip and 1 % of random loss: CUBIC
 * stays at the 3 Mbit/s that its equation promises for that loss, this at 60 and more.
 * A start that ends when the smoothed round-trip time rises, not the least of a few,
 * takes jitter for a queue: 47 Mbit/s where half of the packets are 15 ms late, not 73.
 */
#include "config.h"

#include "pseudotcp/congestion.h"

#include <string.h>

#define STARTUP_GAIN 2.89
#define DRAIN_GAIN 0.35
#define WINDOW_GAIN 2.0
#define GROWTH 1.25
#define FLAT_ROUNDS 3
#define MIN_RISE (4 * 1000) /* of the round-trip time that tells of a queue */
#define MAX_RISE (16 * 1000)
#define RTT_SAMPLES 8
#define HEAVY_LOSS 0.1
#define FLOOD_SEGMENTS 8
#define CEILING_CUT 0.85
#define CYCLE 8
#define MIN_SEGMENTS 4
#define PROBE_RTT_INTERVAL (10 * G_USEC_PER_SEC)
#define PROBE_RTT_TIME (200 * 1000)
/* Owners tick in milliseconds and acknowledgements come in bunches: what the path
 * delivers in this time may be in flight beyond the model. */
#define TICK (2 * 1000)

static const gdouble cycle_gains[CYCLE] = { 1.25, 0.75, 1, 1, 1, 1, 1, 1 };

static void
model_init (PtcpCongestion *self)
{
  memset (&self->u.model, 0, sizeof self->u.model);
  self->u.model.next_rtt = G_MAXINT64;
}

static guint64
best_rate (const PtcpModel *model)
{
  guint64 best = 0;

  for (guint i = 0; i < PTCP_MODEL_ROUNDS; i++)
    best = MAX (best, model->rates[i]);
  return best;
}

/* What the path holds. */
static guint64
product (guint64 rate, gint64 min_rtt)
{
  return (guint64)((gdouble)rate * min_rtt / G_USEC_PER_SEC);
}

static void
start_probe (PtcpModel *model, gint64 now)
{
  model->phase = PTCP_MODEL_PROBE;
  model->cycle = 2; /* not with a burst right after the start */
  model->cycle_at = now;
}

/* More than chance makes of a loss of HEAVY_LOSS: three standard deviations. */
static gboolean
is_heavy (const PtcpCongestion *self)
{
  const PtcpModel *model = &self->u.model;
  const gsize lost = model->round_lost / self->segment;
  const gsize sent = (model->round_delivered + model->round_lost) / self->segment;
  const gdouble mean = HEAVY_LOSS * sent, surplus = lost - mean;

  return surplus > 0 && surplus * surplus > 9 * mean * (1 - HEAVY_LOSS);
}

/* Smoothing would take jitter for a queue; with one, not even the shortest of a few round
 * trips is short. */
static void
take_rtt (PtcpModel *model, gint64 rtt)
{
  if (rtt == G_MAXINT64)
    return;
  model->next_rtt = MIN (model->next_rtt, rtt);
  if (++model->n_rtts < RTT_SAMPLES)
    return;
  model->rtt = model->next_rtt;
  model->next_rtt = G_MAXINT64;
  model->n_rtts = 0;
}

/* There is a queue, so the path is full, which the rate tells a round trip later
 * (RFC 9406 4.2). */
static gboolean
is_queued (const PtcpModel *model, gint64 min_rtt)
{
  return model->rtt > min_rtt + CLAMP (min_rtt / 8, MIN_RISE, MAX_RISE);
}

static void
end_round (PtcpCongestion *self, const PtcpAckSample *sample)
{
  PtcpModel *model = &self->u.model;
  guint64 best = best_rate (model);

  if (is_heavy (self))
    {
      model->ceiling = MAX ((guint64)(sample->prior_in_flight * CEILING_CUT),
                            MIN_SEGMENTS * (guint64)self->segment);
      if (model->phase == PTCP_MODEL_STARTUP)
        model->phase = PTCP_MODEL_DRAIN;
    }
  else if (model->ceiling != 0)
    model->ceiling += model->ceiling / 8 + self->segment;
  model->round_delivered = model->round_lost = 0;

  if (model->phase == PTCP_MODEL_STARTUP && !sample->app_limited && best != 0)
    {
      if (best >= model->full_rate * GROWTH)
        {
          model->full_rate = best;
          model->flat_rounds = 0;
        }
      else if (++model->flat_rounds >= FLAT_ROUNDS || is_queued (model, sample->min_rtt))
        model->phase = PTCP_MODEL_DRAIN;
    }

  /* What a slow application offers does not make the path any slower. */
  if (sample->app_limited)
    return;
  model->round = (model->round + 1) % PTCP_MODEL_ROUNDS;
  model->rates[model->round] = 0;
}

static void
choose_phase (PtcpCongestion *self, const PtcpAckSample *sample, guint64 held)
{
  PtcpModel *model = &self->u.model;

  if (model->probe_rtt_at == 0)
    model->probe_rtt_at = sample->now + PROBE_RTT_INTERVAL;

  if (model->phase == PTCP_MODEL_DRAIN && sample->in_flight <= held)
    start_probe (model, sample->now);

  if (model->phase == PTCP_MODEL_PROBE && sample->now >= model->probe_rtt_at)
    {
      model->phase = PTCP_MODEL_PROBE_RTT;
      model->probe_rtt_until = sample->now + MAX (PROBE_RTT_TIME, sample->min_rtt);
    }
  else if (model->phase == PTCP_MODEL_PROBE_RTT && sample->now >= model->probe_rtt_until)
    {
      model->probe_rtt_at = sample->now + PROBE_RTT_INTERVAL;
      start_probe (model, sample->now);
    }
  else if (model->phase == PTCP_MODEL_PROBE
           && sample->now - model->cycle_at > sample->min_rtt)
    {
      model->cycle = (model->cycle + 1) % CYCLE;
      model->cycle_at = sample->now;
    }
}

static gdouble
pacing_gain (const PtcpModel *model)
{
  switch (model->phase)
    {
    case PTCP_MODEL_STARTUP:
      return STARTUP_GAIN;
    case PTCP_MODEL_DRAIN:
      return DRAIN_GAIN;
    case PTCP_MODEL_PROBE:
      return cycle_gains[model->cycle];
    case PTCP_MODEL_PROBE_RTT:
      return 1;
    }
  g_assert_not_reached ();
}

static guint64
window_target (const PtcpCongestion *self, gint64 min_rtt, guint64 held, guint64 rate)
{
  const PtcpModel *model = &self->u.model;
  const gboolean may_double =
      model->phase == PTCP_MODEL_STARTUP && !is_queued (model, min_rtt);
  const gdouble gain = may_double ? STARTUP_GAIN : WINDOW_GAIN;
  guint64 window;

  if (model->phase == PTCP_MODEL_PROBE_RTT)
    return MAX (held / 2, MIN_SEGMENTS * (guint64)self->segment);

  window = (guint64)(gain * held) + product (rate, TICK);
  window = MAX (window, ptcp_congestion_initial_window (self));
  return model->ceiling != 0 ? MIN (window, model->ceiling) : window;
}

static void
model_handle_ack (PtcpCongestion *self, const PtcpAckSample *sample)
{
  PtcpModel *model = &self->u.model;
  guint64 rate, held, window;

  model->round_delivered += sample->delivered;
  model->round_lost += sample->lost;
  take_rtt (model, sample->rtt);
  if (sample->rate > model->rates[model->round]
      && (!sample->app_limited || sample->rate > best_rate (model)))
    model->rates[model->round] = sample->rate;
  /* What a start sends until its round is over would be lost as well. */
  if (model->phase == PTCP_MODEL_STARTUP && is_heavy (self)
      && model->round_lost >= FLOOD_SEGMENTS * (gsize)self->segment)
    model->phase = PTCP_MODEL_DRAIN;
  if (sample->round_start)
    end_round (self, sample);

  rate = best_rate (model);
  if (rate == 0 || sample->min_rtt == G_MAXINT64)
    {
      self->window += sample->delivered; /* slow start, RFC 5681 3.1 */
      return;
    }
  held = product (rate, sample->min_rtt);
  choose_phase (self, sample, held);

  window = window_target (self, sample->min_rtt, held, rate);
  if (model->phase == PTCP_MODEL_STARTUP)
    self->window = MAX (self->window, MIN (window, self->window + sample->delivered));
  else
    self->window = MIN (window, self->window + sample->delivered);
  self->window = MAX (self->window, MIN_SEGMENTS * (guint64)self->segment);
  self->pacing = MAX ((guint64)(pacing_gain (model) * rate), self->segment);
}

static void
model_handle_loss (PtcpCongestion *self, gint64 now)
{
  /* A round is judged at its end. */
}

static void
model_handle_timeout (PtcpCongestion *self, gint64 now)
{
  self->window = MIN_SEGMENTS * (guint64)self->segment;
}

const PtcpCongestionClass ptcp_congestion_model = {
  .name = "model",
  .init = model_init,
  .handle_ack = model_handle_ack,
  .handle_loss = model_handle_loss,
  .handle_timeout = model_handle_timeout,
};
