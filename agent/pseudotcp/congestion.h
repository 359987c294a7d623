/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Congestion control: how much may be in flight, and how fast it may leave. The
 * algorithms are rows of a table behind this header (RFC 5681, RFC 6582).
 *
 * Whoever calls knows segments; an algorithm only knows sums of bytes and times. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  PTCP_CONGESTION_CUBIC, /* grows as CUBIC, never slower than NewReno */
  PTCP_CONGESTION_MODEL  /* follows the measured delivery rate and round-trip time */
} PtcpCongestionKind;

/* What one acknowledgement told. */
typedef struct
{
  gint64 now;
  gsize delivered, lost;            /* bytes newly delivered, newly found lost */
  gsize in_flight, prior_in_flight; /* after and before */
  gint64 rtt, min_rtt;              /* G_MAXINT64 where not known */
  guint64 rate;                     /* bytes per second, 0: not measured */
  gboolean app_limited;             /* rate is what was offered, not what fits */
  gboolean round_start;             /* a round trip has passed since the last such */
  gboolean in_recovery, window_limited;
} PtcpAckSample;

typedef struct _PtcpCongestion PtcpCongestion;

typedef struct
{
  const char *name;
  void (*init) (PtcpCongestion *self);
  void (*handle_ack) (PtcpCongestion *self, const PtcpAckSample *sample);
  void (*handle_loss) (PtcpCongestion *self, gint64 now); /* once a round trip at most */
  void (*handle_timeout) (PtcpCongestion *self, gint64 now);
} PtcpCongestionClass;

typedef struct
{
  gdouble window_max, k; /* in segments and seconds */
  gdouble estimate;      /* NewReno's window at this moment */
  gint64 epoch;          /* 0: starts with the next acknowledgement */
  guint64 ssthresh, partial;
} PtcpCubic;

#define PTCP_MODEL_ROUNDS 10

typedef enum
{
  PTCP_MODEL_STARTUP,
  PTCP_MODEL_DRAIN,
  PTCP_MODEL_PROBE,
  PTCP_MODEL_PROBE_RTT
} PtcpModelPhase;

typedef struct
{
  PtcpModelPhase phase;
  guint64 rates[PTCP_MODEL_ROUNDS]; /* best sample of each of the last rounds */
  guint round, cycle, flat_rounds;
  guint64 full_rate;
  gint64 cycle_at, probe_rtt_at, probe_rtt_until;
  gsize round_delivered, round_lost;
  gint64 rtt, next_rtt; /* the least of a few, and of those that are to follow */
  guint n_rtts;         /* in next_rtt */
  guint64 ceiling;      /* in flight at which losses became heavy, 0: none */
} PtcpModel;

struct _PtcpCongestion
{
  const PtcpCongestionClass *klass;
  guint32 segment; /* bytes of a full segment */
  guint64 window;  /* bytes that may be in flight */
  guint64 pacing;  /* bytes per second, 0: as fast as the window allows */
  union
  {
    PtcpCubic cubic;
    PtcpModel model;
  } u;
};

extern const PtcpCongestionClass ptcp_congestion_cubic;
extern const PtcpCongestionClass ptcp_congestion_model;

void
ptcp_congestion_init (PtcpCongestion *self, PtcpCongestionKind kind, guint32 segment);

/* RFC 6928 2: ten segments. */
guint64 ptcp_congestion_initial_window (const PtcpCongestion *self);

G_END_DECLS
