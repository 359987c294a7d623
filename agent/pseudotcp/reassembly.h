/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The receiving half of a stream: bytes in order for the reader, and the islands that
 * arrived ahead of a hole, which are also what a selective acknowledgement reports. */
#pragma once

#include "pseudotcp/ring.h"
#include "pseudotcp/seq.h"

G_BEGIN_DECLS

/* Islands a peer can make us remember; what would need one more is dropped, to be sent
 * again (RFC 2018 8 allows that). */
#define PTCP_MAX_ISLANDS 512

typedef struct
{
  PtcpRing ring;
  guint32 next;       /* RCV.NXT */
  PtcpRange *islands; /* in order, never touching each other nor next */
  guint n_islands;
  guint32 latest; /* left edge of the island that changed last */
  guint turn;     /* which island is reported next after it */
} PtcpReassembly;

void ptcp_reassembly_clear (PtcpReassembly *self);

/* Takes the bytes from seq on, of which at most limit may lie beyond next. Returns how
 * far next moved. */
gsize ptcp_reassembly_insert (PtcpReassembly *self, guint32 seq, const guint8 *data,
                              gsize len, gsize limit);

/* Islands to report, that of the latest segment first (RFC 2018 4). */
guint ptcp_reassembly_report (PtcpReassembly *self, PtcpRange *blocks, guint max_blocks);

G_END_DECLS
