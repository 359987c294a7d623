/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads and writes segments. The only place that knows byte positions; what a field means
 * for a connection is decided elsewhere (RFC 793 3.1, RFC 7323 2 and 3, RFC 2018 3). */
#include "config.h"

#include "pseudotcp/segment.h"

#include <string.h>

enum
{
  COMMAND_CONNECT = 0
};

enum
{
  OPTION_END = 0,
  OPTION_PADDING = 1,
  OPTION_MAX_SEGMENT = 2,
  OPTION_WINDOW_SCALE = 3,
  OPTION_SACK = 4,
  OPTION_FIN_ACK = 254
};

/* RFC 7323 2.3: larger shifts are used as this one. */
#define MAX_WINDOW_SCALE 14

static guint16
read_u16 (const guint8 *p)
{
  return (guint16)(p[0] << 8 | p[1]);
}

static guint32
read_u32 (const guint8 *p)
{
  return (guint32)p[0] << 24 | (guint32)p[1] << 16 | (guint32)p[2] << 8 | p[3];
}

static void
write_u16 (guint8 *p, guint16 value)
{
  p[0] = value >> 8;
  p[1] = value & 0xff;
}

static void
write_u32 (guint8 *p, guint32 value)
{
  write_u16 (p, value >> 16);
  write_u16 (p + 2, value & 0xffff);
}

static gboolean
parse_sacks (PtcpSegment *segment)
{
  const guint8 *block = segment->payload + 1;
  guint n;

  if (segment->payload_len < 1)
    return FALSE;

  n = segment->payload[0];
  if (n > PTCP_MAX_SACKS || segment->payload_len < 1 + n * 8)
    return FALSE;

  for (guint i = 0; i < n; i++, block += 8)
    segment->sacks[i] = (PtcpRange) { read_u32 (block), read_u32 (block + 4) };
  segment->n_sacks = n;
  segment->payload_len = 0;
  return TRUE;
}

gboolean
ptcp_segment_parse (PtcpSegment *segment, const guint8 *data, gsize len)
{
  if (len < PTCP_HEADER_SIZE)
    return FALSE;

  segment->conversation = read_u32 (data);
  segment->seq = read_u32 (data + 4);
  segment->ack = read_u32 (data + 8);
  segment->flags = data[13];
  segment->window = read_u16 (data + 14);
  segment->tsval = read_u32 (data + 16);
  segment->tsecr = read_u32 (data + 20);
  segment->payload = data + PTCP_HEADER_SIZE;
  segment->payload_len = len - PTCP_HEADER_SIZE;
  segment->n_sacks = 0;
  return !(segment->flags & PTCP_FLAG_SACK) || parse_sacks (segment);
}

gsize
ptcp_segment_write_header (const PtcpSegment *segment, guint8 *dest)
{
  guint8 *block = dest + PTCP_HEADER_SIZE + 1;

  write_u32 (dest, segment->conversation);
  write_u32 (dest + 4, segment->seq);
  write_u32 (dest + 8, segment->ack);
  dest[12] = 0;
  dest[13] = segment->flags;
  write_u16 (dest + 14, segment->window);
  write_u32 (dest + 16, segment->tsval);
  write_u32 (dest + 20, segment->tsecr);
  if (!(segment->flags & PTCP_FLAG_SACK))
    return PTCP_HEADER_SIZE;

  dest[PTCP_HEADER_SIZE] = segment->n_sacks;
  for (guint i = 0; i < segment->n_sacks; i++, block += 8)
    {
      write_u32 (block, segment->sacks[i].left);
      write_u32 (block + 4, segment->sacks[i].right);
    }
  return PTCP_HEADER_SIZE + 1 + segment->n_sacks * 8;
}

static void
parse_option (PtcpOptions *options, guint8 kind, const guint8 *value, gsize len)
{
  switch (kind)
    {
    case OPTION_MAX_SEGMENT:
      if (len == 2)
        options->max_segment = read_u16 (value);
      break;
    case OPTION_WINDOW_SCALE:
      if (len == 1)
        {
          options->has_window_scale = TRUE;
          options->window_scale = MIN (value[0], MAX_WINDOW_SCALE);
        }
      break;
    case OPTION_SACK:
      options->sack = TRUE;
      break;
    case OPTION_FIN_ACK:
      options->fin_ack = TRUE;
      break;
    default: /* RFC 1122 4.2.2.5: skip what is unknown */
      break;
    }
}

gboolean
ptcp_options_parse (PtcpOptions *options, const guint8 *payload, gsize len)
{
  gsize at = 1;

  memset (options, 0, sizeof *options);
  if (len < 1 || payload[0] != COMMAND_CONNECT)
    return FALSE;

  while (at < len && payload[at] != OPTION_END)
    {
      gsize value_len;

      if (payload[at] == OPTION_PADDING)
        {
          at++;
          continue;
        }
      if (len - at < 2 || len - at - 2 < payload[at + 1])
        break;
      value_len = payload[at + 1];
      parse_option (options, payload[at], payload + at + 2, value_len);
      at += 2 + value_len;
    }
  return TRUE;
}

gsize
ptcp_options_write (const PtcpOptions *options, guint8 *dest)
{
  gsize at = 0;

  dest[at++] = COMMAND_CONNECT;
  if (options->has_window_scale)
    {
      dest[at++] = OPTION_WINDOW_SCALE;
      dest[at++] = 1;
      dest[at++] = options->window_scale;
    }
  if (options->fin_ack)
    {
      dest[at++] = OPTION_FIN_ACK;
      dest[at++] = 1;
      dest[at++] = 0;
    }
  if (options->sack)
    {
      dest[at++] = OPTION_SACK;
      dest[at++] = 1;
      dest[at++] = 0;
    }
  return at;
}
