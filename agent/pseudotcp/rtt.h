/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Round-trip time and the retransmission time-out, computed from samples (RFC 6298). */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  gint64 srtt, rttvar; /* microseconds; srtt 0: no sample yet */
  gint64 latest;
  gint64 min;    /* least sample of the last ten seconds, G_MAXINT64: none yet */
  gint64 min_at; /* when it was taken */
  gint64 min_rto;
  guint backoff; /* doublings since the last sample */
} PtcpRtt;

void ptcp_rtt_init (PtcpRtt *self, gint64 min_rto);
void ptcp_rtt_add (PtcpRtt *self, gint64 sample, gint64 now);
gint64 ptcp_rtt_get_rto (const PtcpRtt *self);

G_END_DECLS
