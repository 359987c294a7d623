/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One direction of a link and all that goes wrong on it: a pure function from a datagram
 * to the times at which its copies come out. Knows no addresses. */
#pragma once

#include "sim-random.h"

G_BEGIN_DECLS

/* Zeros are a perfect link. Probabilities are per datagram. */
typedef struct
{
  gint64 delay;
  gint64 jitter; /* up to so much more, evenly; order is kept */
  gdouble loss;
  /* Gilbert-Elliott: chances to fall into a burst and to leave it, loss inside it. */
  gdouble burst_start, burst_end, burst_loss;
  gdouble duplicate;
  gdouble corrupt; /* one bit is another, and no checksum tells */
  gdouble reorder; /* chance to be overtaken: comes reorder_delay later than its turn */
  gint64 reorder_delay;
  guint64 rate;       /* bits per second, 0: no limit */
  gint64 queue_limit; /* longest wait for the rate before the tail is dropped */
  guint mtu;          /* bytes of UDP payload, 0: no limit */
} SimLinkConfig;

typedef struct
{
  SimLinkConfig config;
  SimRandom random;
  gboolean is_cut;
  gboolean in_burst;
  gint64 free_at;      /* when the last datagram has left at rate */
  gint64 last_arrival; /* for keeping the order */
  guint64 n_in, n_lost, n_out;
} SimLink;

#define SIM_LINK_MAX_COPIES 2
/* What a lost segment costs a connection: the kernel's smallest retransmission timer. */
#define SIM_LINK_STREAM_RETRY G_GINT64_CONSTANT (200000)
#define SIM_LINK_STREAM_TRIES 15 /* as the kernel's tcp_retries2 */

void sim_link_init (SimLink *self, const SimLinkConfig *config, SimRandom random);
/* Fills arrivals with the time at which each copy comes out; returns how many do. */
guint sim_link_pass (SimLink *self, gsize size, gint64 now,
                     gint64 arrivals[SIM_LINK_MAX_COPIES]);
/* The same for a segment of a connection: loss is delay, order is kept. Only a cut link
 * swallows it. */
gboolean sim_link_pass_stream (SimLink *self, gsize size, gint64 now, gint64 *arrival);
/* From now on nothing is lost on it, unless it is cut. */
void sim_link_calm (SimLink *self);
/* What corruption does to one datagram; mostly nothing. */
void sim_link_corrupt (SimLink *self, guint8 *data, gsize size);

G_END_DECLS
