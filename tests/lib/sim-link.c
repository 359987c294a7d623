/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Delay, jitter, loss, bursts, duplicates, reordering, rate and MTU of one direction of
 * a link. It must not know what a datagram holds. */
#include "config.h"

#include "sim-link.h"

#include "sim-clock.h"

void
sim_link_init (SimLink *self, const SimLinkConfig *config, SimRandom random)
{
  *self = (SimLink) { .config = *config, .random = random };
}

void
sim_link_calm (SimLink *self)
{
  self->in_burst = FALSE;
  self->config.loss = self->config.burst_start = 0;
}

/* Gilbert-Elliott: the state moves first, then decides. */
static gboolean
is_lost (SimLink *self)
{
  const SimLinkConfig *config = &self->config;

  if (sim_random_chance (&self->random,
                         self->in_burst ? config->burst_end : config->burst_start))
    self->in_burst = !self->in_burst;
  if (self->in_burst && sim_random_chance (&self->random, config->burst_loss))
    return TRUE;
  return sim_random_chance (&self->random, config->loss);
}

/* When the last bit is on the wire; SIM_NEVER: the queue is full. */
static gint64
leave_at (SimLink *self, gsize size, gint64 now)
{
  const SimLinkConfig *config = &self->config;

  if (config->rate == 0)
    return now;
  if (self->free_at < now)
    self->free_at = now;
  if (self->free_at - now > config->queue_limit)
    return SIM_NEVER;
  self->free_at += (gint64)(size * 8 * SIM_SECOND / config->rate);
  return self->free_at;
}

static gint64
arrive_at (SimLink *self, gint64 left)
{
  const SimLinkConfig *config = &self->config;
  gint64 arrival = left + config->delay;

  if (config->jitter > 0)
    arrival += sim_random_between (&self->random, 0, config->jitter);
  arrival = MAX (arrival, self->last_arrival);
  if (sim_random_chance (&self->random, config->reorder))
    return arrival + config->reorder_delay;
  self->last_arrival = arrival;
  return arrival;
}

guint
sim_link_pass (SimLink *self, gsize size, gint64 now,
               gint64 arrivals[SIM_LINK_MAX_COPIES])
{
  const SimLinkConfig *config = &self->config;
  gint64 left;
  guint n = 1;

  self->n_in++;
  if (self->is_cut || (config->mtu != 0 && size > config->mtu) || is_lost (self)
      || (left = leave_at (self, size, now)) == SIM_NEVER)
    {
      self->n_lost++;
      return 0;
    }
  arrivals[0] = arrive_at (self, left);
  if (sim_random_chance (&self->random, config->duplicate))
    arrivals[n++] = arrive_at (self, left);
  self->n_out += n;
  return n;
}

gboolean
sim_link_pass_stream (SimLink *self, gsize size, gint64 now, gint64 *arrival)
{
  gint64 left = leave_at (self, size, now);

  self->n_in++;
  if (self->is_cut || left == SIM_NEVER)
    {
      self->n_lost++;
      return FALSE;
    }
  *arrival = left + self->config.delay;
  for (guint tries = 0; tries < SIM_LINK_STREAM_TRIES && is_lost (self); tries++)
    *arrival += SIM_LINK_STREAM_RETRY;
  *arrival = self->last_arrival = MAX (*arrival, self->last_arrival);
  self->n_out++;
  return TRUE;
}

void
sim_link_corrupt (SimLink *self, guint8 *data, gsize size)
{
  if (size > 0 && sim_random_chance (&self->random, self->config.corrupt))
    data[sim_random_below (&self->random, (guint)size)] ^=
        (guint8)(1u << sim_random_below (&self->random, 8));
}
