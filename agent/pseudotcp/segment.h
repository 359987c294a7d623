/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The wire format of pseudo-TCP: header, connect options, selective acknowledgements.
 *
 * Knows no connection. All integers are big-endian:
 *
 *      0                   1                   2                   3
 *      +---------------------------------------------------------------+
 *    0 |                        conversation                           |
 *    4 |                      sequence number                          |
 *    8 |                   acknowledgment number                       |
 *   12 |   control, 0  |     flags     |            window             |
 *   16 |                      timestamp value                          |
 *   20 |                    timestamp echo reply                       |
 *   24 |  payload ...
 *
 * A segment with PTCP_FLAG_CTL opens a connection: its payload is the command byte
 * CONNECT (0) and options, each a kind, the length of its value, the value. Kinds 0 (end)
 * and 1 (padding) stand alone. The payload of such a segment takes part in the sequence
 * space.
 *
 * Selective acknowledgement (RFC 2018) is not part of the protocol as others speak it.
 * Two ends that both offer option 4 in their connect segments may send acknowledgements
 * with PTCP_FLAG_SACK, whose payload is a count and as many pairs of left and right
 * edges, the block that changed last in front. Such a segment carries no data. */
#pragma once

#include "pseudotcp/seq.h"

G_BEGIN_DECLS

#define PTCP_HEADER_SIZE 24
#define PTCP_MAX_SACKS 16
#define PTCP_MAX_HEADER_SIZE (PTCP_HEADER_SIZE + 1 + PTCP_MAX_SACKS * 8)
#define PTCP_MAX_OPTIONS_SIZE 16

typedef enum
{
  PTCP_FLAG_FIN = 1 << 0,
  PTCP_FLAG_CTL = 1 << 1,
  PTCP_FLAG_RST = 1 << 2,
  PTCP_FLAG_SACK = 1 << 3
} PtcpFlags;

typedef struct
{
  guint32 conversation, seq, ack;
  guint8 flags;
  guint16 window;
  guint32 tsval, tsecr;
  const guint8 *payload; /* without selective acknowledgements */
  gsize payload_len;
  guint n_sacks;
  PtcpRange sacks[PTCP_MAX_SACKS];
} PtcpSegment;

typedef struct
{
  gboolean has_window_scale; /* RFC 7323 2 */
  guint8 window_scale;
  gboolean fin_ack;    /* the peer closes with FIN (libnice, option 254) */
  gboolean sack;       /* see above */
  guint16 max_segment; /* RFC 793 3.1; 0: not said */
} PtcpOptions;

/* FALSE: too short for what it claims to hold. */
gboolean ptcp_segment_parse (PtcpSegment *segment, const guint8 *data, gsize len);

/* Writes all that goes before the payload, at most PTCP_MAX_HEADER_SIZE bytes. */
gsize ptcp_segment_write_header (const PtcpSegment *segment, guint8 *dest);

/* FALSE: not a connect command. Options that are unknown, cut or of the wrong size are
 * skipped, as other implementations do. */
gboolean ptcp_options_parse (PtcpOptions *options, const guint8 *payload, gsize len);

/* Writes the payload of a connect segment, at most PTCP_MAX_OPTIONS_SIZE bytes. */
gsize ptcp_options_write (const PtcpOptions *options, guint8 *dest);

G_END_DECLS
