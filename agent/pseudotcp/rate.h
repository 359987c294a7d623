/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Delivery rate: how fast the path has carried segments to the peer lately, whatever was
 * lost on the way. Congestion control is built on it. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What a segment remembers of the moment it was sent. */
typedef struct
{
  guint64 delivered;
  gint64 delivered_at, first_sent_at;
  gboolean app_limited;
} PtcpRateStamp;

/* One measurement, of all segments that an acknowledgement delivered. */
typedef struct
{
  guint64 prior_delivered;
  gint64 prior_delivered_at;
  gint64 send_elapsed;
  gboolean app_limited, is_set;
  guint64 bytes_per_s; /* 0: could not be measured */
} PtcpRateSample;

typedef struct
{
  guint64 delivered; /* bytes delivered so far */
  gint64 delivered_at, first_sent_at;
  guint64 app_limited_until; /* 0, or the count of delivered bytes that ends it */
} PtcpRate;

void ptcp_rate_stamp (PtcpRate *self, PtcpRateStamp *stamp, gboolean idle, gint64 now);
void ptcp_rate_add (PtcpRate *self, PtcpRateSample *sample, const PtcpRateStamp *stamp,
                    gint64 sent_at, gsize len, gint64 now);
void ptcp_rate_finish (PtcpRate *self, PtcpRateSample *sample, gint64 min_rtt);
void ptcp_rate_set_app_limited (PtcpRate *self, gsize in_flight);

G_END_DECLS
