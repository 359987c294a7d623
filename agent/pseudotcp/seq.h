/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Comparison of 32-bit sequence numbers that wrap around (RFC 793 3.3), and of
 * timestamps, which are compared the same way (RFC 7323 5.2). */
#pragma once

#include <glib.h>

#define PTCP_NEVER G_MAXINT64

static inline gint32
ptcp_seq_diff (guint32 a, guint32 b)
{
  return (gint32)(a - b);
}

static inline gboolean
ptcp_seq_before (guint32 a, guint32 b)
{
  return (gint32)(a - b) < 0;
}

static inline gboolean
ptcp_seq_after (guint32 a, guint32 b)
{
  return (gint32)(a - b) > 0;
}

static inline guint32
ptcp_seq_max (guint32 a, guint32 b)
{
  return ptcp_seq_after (a, b) ? a : b;
}

static inline guint32
ptcp_seq_min (guint32 a, guint32 b)
{
  return ptcp_seq_before (a, b) ? a : b;
}

/* A half-open stretch of sequence numbers. */
typedef struct
{
  guint32 left, right;
} PtcpRange;
