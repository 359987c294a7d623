/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The virtual link: when which packet arrives. Knows nothing of what packets mean. */
#include "config.h"

#include "pseudotcp-link.h"

#include <string.h>

#define PATTERN_LEN 65521 /* prime, so that misplaced segments do not match */
#define CHUNK 16384

typedef struct
{
  gint64 due;
  guint64 serial;
  guint side;
  gsize len;
  guint8 data[];
} Packet;

void
ptcp_link_init (PtcpLink *link, const PtcpPath *path, guint64 seed)
{
  memset (link, 0, sizeof *link);
  link->paths[0] = link->paths[1] = *path;
  link->now = 1000 * G_USEC_PER_SEC;
  link->seed = seed * 2654435761u + 88172645463325252u;
  link->packets = g_sequence_new (g_free);
}

void
ptcp_link_clear (PtcpLink *link)
{
  g_clear_pointer (&link->packets, g_sequence_free);
}

static gdouble
draw (PtcpLink *link)
{
  link->seed ^= link->seed << 13;
  link->seed ^= link->seed >> 7;
  link->seed ^= link->seed << 17;
  return (gdouble)(link->seed >> 11) / (gdouble)(1ULL << 53);
}

static gint
compare (gconstpointer a, gconstpointer b, gpointer data)
{
  const Packet *x = a, *y = b;

  if (x->due != y->due)
    return x->due < y->due ? -1 : 1;
  return x->serial < y->serial ? -1 : 1;
}

static void
enqueue (PtcpLink *link, guint side, const guint8 *data, gsize len, gint64 due)
{
  Packet *packet = g_malloc (sizeof *packet + len);

  packet->due = due;
  packet->serial = link->serial++;
  packet->side = side;
  packet->len = len;
  memcpy (packet->data, data, len);
  g_sequence_insert_sorted (link->packets, packet, compare, NULL);
}

void
ptcp_link_send (PtcpLink *link, guint side, const guint8 *data, gsize len)
{
  const PtcpPath *path = &link->paths[side];
  gint64 *busy = &link->busy_until[side];
  gint64 due;

  link->n_sent[side]++;
  link->bytes_sent[side] += len;
  if (link->filter != NULL && !link->filter (link, side, data, len))
    return;
  *busy = MAX (*busy, link->now);
  if (draw (link) < path->loss
      || (path->queue != 0
          && (gdouble)(*busy - link->now) * path->rate / G_USEC_PER_SEC > path->queue))
    {
      link->n_lost[side]++;
      return;
    }
  if (path->rate != 0)
    *busy += (gint64)(len * G_USEC_PER_SEC / path->rate);

  due = *busy + path->delay;
  if (path->reorder > 0 && draw (link) < path->reorder)
    due += path->reorder_delay;
  enqueue (link, side, data, len, due);
  if (path->duplicate > 0 && draw (link) < path->duplicate)
    enqueue (link, side, data, len, due);
}

static void
drain (PtcpLink *link)
{
  for (guint i = 0; i < 2; i++)
    link->ends[i].drain (link->ends[i].self, link, i, link->now);
}

/* Hands over what is due; TRUE when anything was. */
static gboolean
deliver (PtcpLink *link)
{
  gboolean any = FALSE;
  GSequenceIter *first;

  while (!g_sequence_iter_is_end (first = g_sequence_get_begin_iter (link->packets)))
    {
      Packet *packet = g_sequence_get (first);
      guint to = !packet->side;

      if (packet->due > link->now)
        break;
      link->ends[to].handle_packet (link->ends[to].self, packet->data, packet->len,
                                    link->now);
      link->ends[to].drain (link->ends[to].self, link, to, link->now);
      g_sequence_remove (first);
      any = TRUE;
    }
  return any;
}

gboolean
ptcp_link_step (PtcpLink *link, gint64 until)
{
  gint64 next = until;
  GSequenceIter *first;

  drain (link);
  first = g_sequence_get_begin_iter (link->packets);
  if (!g_sequence_iter_is_end (first))
    next = MIN (next, ((Packet *)g_sequence_get (first))->due);
  for (guint i = 0; i < 2; i++)
    next = MIN (next, link->ends[i].get_deadline (link->ends[i].self, link->now));
  if (next >= until)
    {
      link->now = MAX (link->now, until);
      return FALSE;
    }

  link->now = MAX (link->now, next);
  deliver (link);
  for (guint i = 0; i < 2; i++)
    if (link->ends[i].get_deadline (link->ends[i].self, link->now) <= link->now)
      link->ends[i].handle_timeout (link->ends[i].self, link->now);
  drain (link);
  return TRUE;
}

void
ptcp_link_run (PtcpLink *link, gint64 duration)
{
  gint64 until = link->now + duration;

  while (ptcp_link_step (link, until))
    ;
}

static const guint8 *
pattern (void)
{
  static guint8 bytes[PATTERN_LEN + CHUNK];

  if (bytes[1] == 0)
    for (guint i = 0; i < sizeof bytes; i++)
      {
        guint at = i % PATTERN_LEN;

        bytes[i] = (guint8)(at * 31 + (at >> 8) + 7);
      }
  return bytes;
}

gint64
ptcp_link_transfer (PtcpLink *link, guint from, guint64 total, gint64 limit)
{
  PtcpEnd *sender = &link->ends[from], *receiver = &link->ends[!from];
  gint64 start = link->now;
  guint64 sent = 0, received = 0;
  guint8 chunk[CHUNK];
  gssize n;

  while (received < total)
    {
      while (sent < total
             && (n = sender->send (sender->self, pattern () + sent % PATTERN_LEN,
                                   MIN (CHUNK, total - sent), link->now))
                    > 0)
        sent += (guint64)n;
      while ((n = receiver->recv (receiver->self, chunk, sizeof chunk, link->now)) > 0)
        {
          g_assert_cmpmem (chunk, n, pattern () + received % PATTERN_LEN, n);
          received += (guint64)n;
        }
      if (received < total && !ptcp_link_step (link, start + limit))
        return -1;
    }
  return link->now - start;
}
