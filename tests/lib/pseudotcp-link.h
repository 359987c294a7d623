/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Two ends of pseudo-TCP, of whatever make, and a link between them in virtual time: with
 * a rate, a delay, a queue, loss, duplicates and reordering drawn from a seed. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _PtcpLink PtcpLink;

/* One end. drain() gives every packet that is due to ptcp_link_send(). */
typedef struct
{
  gpointer self;
  void (*handle_packet) (gpointer self, const guint8 *data, gsize len, gint64 now);
  void (*handle_timeout) (gpointer self, gint64 now);
  gint64 (*get_deadline) (gpointer self, gint64 now);
  void (*drain) (gpointer self, PtcpLink *link, guint side, gint64 now);
  gssize (*send) (gpointer self, const guint8 *data, gsize len, gint64 now);
  gssize (*recv) (gpointer self, guint8 *data, gsize len, gint64 now);
} PtcpEnd;

typedef struct
{
  gint64 delay; /* one way, microseconds */
  guint64 rate; /* bytes per second, 0: unlimited */
  gsize queue;  /* bytes that wait for the link, 0: unlimited */
  gdouble loss, duplicate;
  gdouble reorder;      /* share of packets that are held back */
  gint64 reorder_delay; /* by this long */
} PtcpPath;

struct _PtcpLink
{
  PtcpEnd ends[2];
  PtcpPath paths[2]; /* away from the end of that number */
  gint64 now, busy_until[2];
  guint64 seed, serial;
  GSequence *packets;
  guint n_sent[2], n_lost[2];
  guint64 bytes_sent[2];
  /* Sees every packet as it is sent; FALSE drops it. */
  gboolean (*filter) (PtcpLink *link, guint side, const guint8 *data, gsize len);
  gpointer filter_data;
};

void ptcp_link_init (PtcpLink *link, const PtcpPath *path, guint64 seed);
void ptcp_link_clear (PtcpLink *link);
void ptcp_link_send (PtcpLink *link, guint side, const guint8 *data, gsize len);

/* Lets both ends send what they have, then goes to the next moment at which anything
 * happens. FALSE: nothing does before until, which is now. */
gboolean ptcp_link_step (PtcpLink *link, gint64 until);
void ptcp_link_run (PtcpLink *link, gint64 duration);

/* Moves total bytes of a known pattern from an end to the other, which reads at once, and
 * checks them. Returns the microseconds that took, or -1 when it took more than limit. */
gint64 ptcp_link_transfer (PtcpLink *link, guint from, guint64 total, gint64 limit);

G_END_DECLS
