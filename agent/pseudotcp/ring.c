/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The byte ring: where a byte lies, and when the ring grows. It must not know what the
 * bytes are; the limit on their number is its user's.
 *
 * NOTES: a queue of blocks of 4 kB needs no copy to grow, but a segment would then touch
 * three vectors at times, and offload wants long runs. A ring doubles a dozen times in
 * the life of the fastest connection. */
#include "config.h"

#include "pseudotcp/ring.h"

#include <string.h>

#define MIN_CAPACITY 4096

void
ptcp_ring_clear (PtcpRing *self)
{
  g_free (self->bytes);
  memset (self, 0, sizeof *self);
}

guint
ptcp_ring_peek (const PtcpRing *self, gsize offset, gsize len, GOutputVector vectors[2])
{
  gsize start, first;

  if (len == 0)
    return 0;

  start = (self->head + offset) & (self->capacity - 1);
  first = MIN (len, self->capacity - start);
  vectors[0] = (GOutputVector) { self->bytes + start, first };
  vectors[1] = (GOutputVector) { self->bytes, len - first };
  return first < len ? 2 : 1;
}

/* Bytes beyond len may be in use too, so the whole old ring moves. */
static void
grow (PtcpRing *self, gsize needed)
{
  gsize capacity = MAX (self->capacity, MIN_CAPACITY);
  GOutputVector vectors[2];
  guint8 *bytes;
  gsize at = 0;
  guint n;

  while (capacity < needed)
    capacity *= 2;

  bytes = g_malloc (capacity);
  n = ptcp_ring_peek (self, 0, self->capacity, vectors);
  for (guint i = 0; i < n; i++)
    {
      memcpy (bytes + at, vectors[i].buffer, vectors[i].size);
      at += vectors[i].size;
    }
  g_free (self->bytes);
  self->bytes = bytes;
  self->capacity = capacity;
  self->head = 0;
}

void
ptcp_ring_write (PtcpRing *self, gsize offset, const guint8 *data, gsize len)
{
  gsize start, first;

  if (len == 0)
    return;
  if (offset + len > self->capacity)
    grow (self, offset + len);

  start = (self->head + offset) & (self->capacity - 1);
  first = MIN (len, self->capacity - start);
  memcpy (self->bytes + start, data, first);
  memcpy (self->bytes, data + first, len - first);
}

void
ptcp_ring_drop (PtcpRing *self, gsize len)
{
  g_assert (len <= self->len);
  self->len -= len;
  self->head = (self->head + len) & (self->capacity - 1);
}

gsize
ptcp_ring_read (PtcpRing *self, guint8 *dest, gsize len)
{
  GOutputVector vectors[2];
  gsize at = 0;
  guint n;

  len = MIN (len, self->len);
  if (len == 0)
    return 0;

  n = ptcp_ring_peek (self, 0, len, vectors);
  for (guint i = 0; i < n; i++)
    {
      memcpy (dest + at, vectors[i].buffer, vectors[i].size);
      at += vectors[i].size;
    }
  ptcp_ring_drop (self, len);
  return len;
}
