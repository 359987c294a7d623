/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Bounded access to bytes: the only place of this folder where pointers move. Numbers are
 * in network order (RFC 8489 5); a cursor never leaves the run it was made of. */
#pragma once

#include <glib.h>
#include <string.h>

G_BEGIN_DECLS

/* A run of bytes that somebody else owns. Valid as long as the buffer it points into. */
typedef struct
{
  const guint8 *data;
  gsize len;
} StunBytes;

static inline guint16
stun_load16 (const guint8 *from)
{
  guint16 value;
  memcpy (&value, from, sizeof value);
  return GUINT16_FROM_BE (value);
}

static inline guint32
stun_load32 (const guint8 *from)
{
  guint32 value;
  memcpy (&value, from, sizeof value);
  return GUINT32_FROM_BE (value);
}

static inline guint64
stun_load64 (const guint8 *from)
{
  guint64 value;
  memcpy (&value, from, sizeof value);
  return GUINT64_FROM_BE (value);
}

static inline void
stun_store16 (guint8 *to, guint16 value)
{
  value = GUINT16_TO_BE (value);
  memcpy (to, &value, sizeof value);
}

static inline void
stun_store32 (guint8 *to, guint32 value)
{
  value = GUINT32_TO_BE (value);
  memcpy (to, &value, sizeof value);
}

static inline void
stun_store64 (guint8 *to, guint64 value)
{
  value = GUINT64_TO_BE (value);
  memcpy (to, &value, sizeof value);
}

/* Rounds up to the next multiple of 4 (RFC 8489 14). */
static inline gsize
stun_padded (gsize len)
{
  return (len + 3) & ~(gsize)3;
}

/* Takes len bytes off the front of from; FALSE, and nothing taken, when there are fewer.
 */
static inline gboolean
stun_bytes_take (StunBytes *from, gsize len, StunBytes *taken)
{
  if (len > from->len)
    return FALSE;
  taken->data = from->data;
  taken->len = len;
  from->data += len;
  from->len -= len;
  return TRUE;
}

/* Drops len bytes off the front, or all when there are fewer. */
static inline void
stun_bytes_skip (StunBytes *from, gsize len)
{
  len = MIN (len, from->len);
  from->data += len;
  from->len -= len;
}

static inline gboolean
stun_bytes_equal (StunBytes a, StunBytes b)
{
  return a.len == b.len && (a.len == 0 || memcmp (a.data, b.data, a.len) == 0);
}

static inline StunBytes
stun_bytes_of_string (const char *text)
{
  return (StunBytes) { (const guint8 *)text, text == NULL ? 0 : strlen (text) };
}

G_END_DECLS
