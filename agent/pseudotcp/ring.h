/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A ring of bytes that grows as it fills, up to what its user puts in. Holds a stream's
 * bytes once: segments are sent out of it and received into it. Knows no sequence
 * numbers. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct
{
  guint8 *bytes;
  gsize capacity; /* a power of two, or 0 */
  gsize head;     /* index of the first byte */
  gsize len;      /* bytes between head and the end of the stream so far */
} PtcpRing;

void ptcp_ring_clear (PtcpRing *self);

/* Puts bytes at offset from the head, which may lie beyond the end; len stays. */
void ptcp_ring_write (PtcpRing *self, gsize offset, const guint8 *data, gsize len);

/* Bytes from offset on, as at most two vectors; returns how many vectors. */
guint
ptcp_ring_peek (const PtcpRing *self, gsize offset, gsize len, GOutputVector vectors[2]);

/* Copies up to len bytes from the head and drops them. */
gsize ptcp_ring_read (PtcpRing *self, guint8 *dest, gsize len);
void ptcp_ring_drop (PtcpRing *self, gsize len);

G_END_DECLS
