/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Puts segments in order (RFC 793 3.9, "SEGMENT ARRIVES", seventh). Bytes are copied
 * once, to the place in the ring where the reader will find them; only the edges of
 * islands are kept beside. Does not decide what is acknowledged when. */
#include "config.h"

#include "pseudotcp/reassembly.h"

#include <string.h>

void
ptcp_reassembly_clear (PtcpReassembly *self)
{
  ptcp_ring_clear (&self->ring);
  g_clear_pointer (&self->islands, g_free);
  self->n_islands = 0;
}

/* The first island that ends at seq or later. */
static guint
find_island (const PtcpReassembly *self, guint32 seq)
{
  guint low = 0, high = self->n_islands;

  while (low < high)
    {
      guint middle = (low + high) / 2;

      if (ptcp_seq_before (self->islands[middle].right, seq))
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

static void
remove_islands (PtcpReassembly *self, guint first, guint n)
{
  memmove (self->islands + first, self->islands + first + n,
           (self->n_islands - first - n) * sizeof (PtcpRange));
  self->n_islands -= n;
}

/* FALSE: there are too many already. */
static gboolean
add_island (PtcpReassembly *self, guint32 left, guint32 right)
{
  guint first = find_island (self, left), last = first;

  while (last < self->n_islands && !ptcp_seq_after (self->islands[last].left, right))
    {
      left = ptcp_seq_min (left, self->islands[last].left);
      right = ptcp_seq_max (right, self->islands[last].right);
      last++;
    }

  if (last == first)
    {
      if (self->n_islands == PTCP_MAX_ISLANDS)
        return FALSE;
      if (self->islands == NULL)
        self->islands = g_new (PtcpRange, PTCP_MAX_ISLANDS);
      memmove (self->islands + first + 1, self->islands + first,
               (self->n_islands - first) * sizeof (PtcpRange));
      self->n_islands++;
    }
  else
    remove_islands (self, first + 1, last - first - 1);

  self->islands[first] = (PtcpRange) { left, right };
  self->latest = left;
  return TRUE;
}

gsize
ptcp_reassembly_insert (PtcpReassembly *self, guint32 seq, const guint8 *data, gsize len,
                        gsize limit)
{
  gint32 ahead = ptcp_seq_diff (seq, self->next);
  guint32 old = self->next;

  if (ahead < 0)
    {
      gsize known = MIN ((gsize) - (gint64)ahead, len);

      data += known;
      len -= known;
      ahead = 0;
    }
  if ((gsize)ahead >= limit || len == 0)
    return 0;
  len = MIN (len, limit - (gsize)ahead);

  if (ahead > 0)
    {
      seq = self->next + (guint32)ahead;
      if (add_island (self, seq, seq + (guint32)len))
        ptcp_ring_write (&self->ring, self->ring.len + (gsize)ahead, data, len);
      return 0;
    }

  ptcp_ring_write (&self->ring, self->ring.len, data, len);
  self->next += (guint32)len;
  while (self->n_islands > 0 && !ptcp_seq_after (self->islands[0].left, self->next))
    {
      self->next = ptcp_seq_max (self->next, self->islands[0].right);
      remove_islands (self, 0, 1);
    }
  self->ring.len += self->next - old;
  return self->next - old;
}

guint
ptcp_reassembly_report (PtcpReassembly *self, PtcpRange *blocks, guint max_blocks)
{
  guint n = 0, latest;

  if (self->n_islands == 0)
    return 0;

  latest = find_island (self, self->latest);
  if (latest < self->n_islands)
    blocks[n++] = self->islands[latest];

  /* The others take turns, so that each is told more often than acknowledgements are
   * lost. */
  for (guint i = 0; i < self->n_islands && n < max_blocks; i++)
    {
      guint which = (self->turn + i) % self->n_islands;

      if (which != latest)
        blocks[n++] = self->islands[which];
    }
  self->turn = (self->turn + max_blocks - 1) % self->n_islands;
  return n;
}
