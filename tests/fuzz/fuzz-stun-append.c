/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is appended is found again: a program of appends out of the input, into a buffer
 * of any size, then parsed and read back. Overflow must show, and nothing else may. */
#include "config.h"

#include "fuzz.h"

#include <glib.h>

#include "stun/attributes.h"
#include "stun/fingerprint.h"
#include "stun/integrity.h"

#define MAX_APPENDED 64

typedef struct
{
  guint16 type;
  StunBytes value;
} Appended;

/* Trailers end what may be seen; they are appended last. */
static gboolean
is_trailer (guint16 type)
{
  return type == STUN_ATTR_MESSAGE_INTEGRITY || type == STUN_ATTR_MESSAGE_INTEGRITY_SHA256
         || type == STUN_ATTR_FINGERPRINT;
}

static guint
append_all (StunWriter *writer, StunBytes program, Appended *appended)
{
  StunBytes head, value;
  guint n = 0;

  while (n < MAX_APPENDED && stun_bytes_take (&program, 3, &head)
         && stun_bytes_take (&program, MIN (head.data[2], program.len), &value))
    {
      guint16 type = stun_load16 (head.data);

      if (is_trailer (type))
        continue;
      stun_writer_append_bytes (writer, type, value.data, value.len);
      appended[n++] = (Appended) { type, value };
    }
  return n;
}

static void
expect (const StunView *view, const Appended *appended, guint n, StunWireFlags flags)
{
  StunAttr iter = { .type = 0 };

  for (guint i = 0; i < n; i++)
    {
      gsize len = appended[i].value.len;

      g_assert_true (stun_view_next (view, &iter));
      g_assert_cmpuint (iter.type, ==, appended[i].type);
      g_assert_cmpuint (iter.len, ==,
                        flags & STUN_WIRE_COUNTED_PADDING ? stun_padded (len) : len);
      g_assert_true (len == 0 || memcmp (iter.value, appended[i].value.data, len) == 0);
      stun_attr_check (view, &iter);
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static const StunWireFlags dialects[] = { STUN_WIRE_NORMAL, STUN_WIRE_UNPADDED,
                                            STUN_WIRE_COUNTED_PADDING,
                                            STUN_WIRE_HMAC_PADDED
                                                | STUN_WIRE_HMAC_WHOLE_LENGTH };
  static const guint8 id[STUN_TRANSACTION_ID_SIZE] = { 1 };
  guint8 buffer[2048];
  Appended appended[MAX_APPENDED];
  StunWriter writer;
  StunView view;
  StunHmac sha1, sha256;
  gsize room, len;
  guint n;

  if (size < 2)
    return 0;
  room = (gsize)data[0] * 8;
  stun_writer_init (&writer, buffer, room, STUN_CLASS_REQUEST, STUN_METHOD_BINDING, id);
  writer.flags = dialects[data[1] % G_N_ELEMENTS (dialects)];
  writer.expects_fingerprint = TRUE;
  n = append_all (&writer, (StunBytes) { data + 2, size - 2 }, appended);
  stun_hmac_init (&sha1, STUN_HMAC_SHA1, data, size);
  stun_hmac_init (&sha256, STUN_HMAC_SHA256, data, size);
  stun_integrity_write (&writer, &sha1);
  if (!(writer.flags & STUN_WIRE_HMAC_WHOLE_LENGTH))
    stun_integrity_write (&writer, &sha256);
  stun_fingerprint_write (&writer);
  len = stun_writer_end (&writer);
  g_assert_cmpuint (len, <=, room);
  if (len == 0)
    return 0;
  g_assert_cmpint (stun_view_parse (&view, buffer, len, writer.flags), ==,
                   STUN_RULE_KEPT);
  expect (&view, appended, n, writer.flags);
  g_assert_cmpint (stun_integrity_verify (&view, &sha1), ==, STUN_RULE_KEPT);
  g_assert_true (view.integrity_sha256 == 0
                 || stun_integrity_verify (&view, &sha256) == STUN_RULE_KEPT);
  g_assert_cmpint (stun_fingerprint_verify (&view), ==, STUN_RULE_KEPT);
  return 0;
}
