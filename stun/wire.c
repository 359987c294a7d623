/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Header and TLVs, both ways. Decides whether bytes are one well-formed message, which of
 * its attributes may be seen, and where the next attribute goes. RFC 8489 5, 9, 14. */
#include "config.h"

#include "stun/wire.h"

#include "stun/code-points.h"

/* RFC 8489 5: the length field counts what follows the 20 bytes of header. */
#define MAX_BODY 0xFFFF

StunRule
stun_wire_measure (const guint8 *data, gsize len, StunWireFlags flags, gsize *total)
{
  gsize body;

  *total = 0;
  if (len == 0)
    return STUN_RULE_TRUNCATED;
  if (data[0] >> 6 != 0)
    return STUN_RULE_FIRST_BITS;
  if (len < STUN_MESSAGE_LENGTH_POS + STUN_MESSAGE_LENGTH_LEN)
    return STUN_RULE_TRUNCATED;
  body = stun_load16 (data + STUN_MESSAGE_LENGTH_POS);
  if (!(flags & STUN_WIRE_UNPADDED) && body % 4 != 0)
    return STUN_RULE_LENGTH_ALIGNMENT;
  *total = STUN_MESSAGE_HEADER_LENGTH + body;
  return len < *total ? STUN_RULE_TRUNCATED : STUN_RULE_KEPT;
}

/* Notes where integrity and fingerprint stand, if the rules let one see this attribute at
 * all. RFC 8489 9: behind MESSAGE-INTEGRITY only the SHA-256 kind and FINGERPRINT count,
 * behind MESSAGE-INTEGRITY-SHA256 only FINGERPRINT; 14.7: FINGERPRINT comes last. */
static inline void
note_trailer (StunView *self, guint16 type, guint32 offset)
{
  guint32 *where;

  if (type == STUN_ATTR_MESSAGE_INTEGRITY)
    where = self->integrity_sha256 == 0 ? &self->integrity : NULL;
  else if (type == STUN_ATTR_MESSAGE_INTEGRITY_SHA256)
    where = &self->integrity_sha256;
  else if (type == STUN_ATTR_FINGERPRINT)
    where = &self->fingerprint;
  else
    where = NULL;
  if (where == NULL || *where != 0 || (self->fingerprint != 0))
    return;
  *where = offset;
  if (self->end > offset)
    self->end = offset;
}

static StunRule
parse_attributes (StunView *self)
{
  guint32 offset = STUN_MESSAGE_HEADER_LENGTH;

  while (offset < self->len)
    {
      guint32 left = self->len - offset;
      guint32 len;

      if (left < STUN_ATTRIBUTE_HEADER_LENGTH)
        return STUN_RULE_ATTRIBUTE_BOUNDS;
      len = stun_load16 (self->data + offset + STUN_ATTRIBUTE_LENGTH_POS);
      if (!(self->flags & STUN_WIRE_UNPADDED))
        len = stun_padded (len);
      if (len > left - STUN_ATTRIBUTE_HEADER_LENGTH)
        return STUN_RULE_ATTRIBUTE_BOUNDS;
      note_trailer (self, stun_load16 (self->data + offset), offset);
      offset += STUN_ATTRIBUTE_HEADER_LENGTH + len;
    }
  return STUN_RULE_KEPT;
}

StunRule
stun_view_parse (StunView *self, const guint8 *data, gsize len, StunWireFlags flags)
{
  StunView view = { .data = data, .flags = flags };
  gsize total;
  guint16 type;
  StunRule rule = stun_wire_measure (data, len, flags, &total);

  if (rule != STUN_RULE_KEPT)
    return rule;
  if (len > total)
    return STUN_RULE_TRAILING_BYTES;
  view.has_cookie = stun_load32 (data + STUN_MESSAGE_TRANS_ID_POS) == STUN_MAGIC_COOKIE;
  if (!view.has_cookie && !(flags & STUN_WIRE_CLASSIC))
    return STUN_RULE_COOKIE;
  type = stun_load16 (data);
  view.klass = stun_wire_type_get_class (type);
  view.method = stun_wire_type_get_method (type);
  view.len = view.end = total;
  rule = parse_attributes (&view);
  if (rule == STUN_RULE_KEPT)
    *self = view;
  return rule;
}

static gboolean
read_attr (const StunView *self, guint32 offset, StunAttr *attr)
{
  const guint8 *at = self->data + offset;

  attr->offset = offset;
  attr->type = stun_load16 (at + STUN_ATTRIBUTE_TYPE_POS);
  attr->len = stun_load16 (at + STUN_ATTRIBUTE_LENGTH_POS);
  attr->value = at + STUN_ATTRIBUTE_VALUE_POS;
  return TRUE;
}

/* The trailers in the order in which parsing can have found them. */
static gboolean
next_trailer (const StunView *self, guint32 offset, StunAttr *attr)
{
  if (self->integrity >= offset && self->integrity != 0)
    return read_attr (self, self->integrity, attr);
  if (self->integrity_sha256 >= offset && self->integrity_sha256 != 0)
    return read_attr (self, self->integrity_sha256, attr);
  if (self->fingerprint >= offset && self->fingerprint != 0)
    return read_attr (self, self->fingerprint, attr);
  return FALSE;
}

gboolean
stun_view_next (const StunView *self, StunAttr *iter)
{
  guint32 offset = STUN_MESSAGE_HEADER_LENGTH;

  if (iter->offset != 0)
    {
      gsize len = self->flags & STUN_WIRE_UNPADDED ? iter->len : stun_padded (iter->len);
      offset = iter->offset + STUN_ATTRIBUTE_HEADER_LENGTH + len;
    }
  if (offset < self->end)
    return read_attr (self, offset, iter);
  return next_trailer (self, offset, iter);
}

gboolean
stun_view_find (const StunView *self, guint16 type, StunAttr *attr)
{
  StunAttr iter = { .type = 0 };

  while (stun_view_next (self, &iter))
    {
      if (iter.type != type)
        continue;
      *attr = iter;
      return TRUE;
    }
  return FALSE;
}

gboolean
stun_view_find_next (const StunView *self, StunAttr *attr)
{
  StunAttr iter = *attr;

  while (stun_view_next (self, &iter))
    {
      if (iter.type != attr->type)
        continue;
      *attr = iter;
      return TRUE;
    }
  return FALSE;
}

static gboolean
list_has (const guint16 *list, gsize n, guint16 type)
{
  for (gsize i = 0; i < n; i++)
    {
      if (list[i] == type)
        return TRUE;
    }
  return FALSE;
}

/* Nearly all types that are understood lie below 64: one walk over the list, into bits,
 * and the attributes are looked up there. */
typedef struct
{
  guint64 low;
  const guint16 *list;
  gsize n;
} Known;

static Known
make_known (const guint16 *list)
{
  Known known = { .list = list };

  for (; list[known.n] != 0; known.n++)
    known.low |= list[known.n] < 64 ? G_GUINT64_CONSTANT (1) << list[known.n] : 0;
  return known;
}

static inline gboolean
is_known (const Known *known, guint16 type)
{
  if (type < 64)
    return (known->low >> type) & 1;
  return type >= 0x8000 || list_has (known->list, known->n, type);
}

guint
stun_view_list_unknown (const StunView *self, const guint16 *known, guint16 *unknown,
                        guint max)
{
  const Known understood = make_known (known);
  StunAttr iter = { .type = 0 };
  guint n = 0;

  while (n < max && stun_view_next (self, &iter))
    {
      if (!is_known (&understood, iter.type) && !list_has (unknown, n, iter.type))
        unknown[n++] = iter.type;
    }
  return n;
}

static void
begin (StunWriter *self, guint8 *buffer, gsize size, guint16 type)
{
  self->data = buffer;
  self->size = MIN (size, STUN_MESSAGE_HEADER_LENGTH + MAX_BODY);
  self->len = STUN_MESSAGE_HEADER_LENGTH;
  self->flags = STUN_WIRE_NORMAL;
  self->expects_fingerprint = FALSE;
  self->overflow = self->size < STUN_MESSAGE_HEADER_LENGTH;
  if (self->overflow)
    return;
  stun_store16 (buffer + STUN_MESSAGE_TYPE_POS, type);
  stun_store16 (buffer + STUN_MESSAGE_LENGTH_POS, 0);
}

void
stun_writer_init (StunWriter *self, guint8 *buffer, gsize size, StunWireClass klass,
                  guint method, const guint8 *id)
{
  begin (self, buffer, size, stun_wire_type (klass, method));
  if (self->overflow)
    return;
  stun_store32 (buffer + STUN_MESSAGE_TRANS_ID_POS, STUN_MAGIC_COOKIE);
  memcpy (buffer + STUN_MESSAGE_TRANS_ID_POS + 4, id, STUN_TRANSACTION_ID_SIZE);
}

void
stun_writer_init_reply (StunWriter *self, guint8 *buffer, gsize size, StunWireClass klass,
                        const StunView *request)
{
  begin (self, buffer, size, stun_wire_type (klass, request->method));
  self->flags = request->flags;
  if (!self->overflow)
    memcpy (buffer + STUN_MESSAGE_TRANS_ID_POS, request->data + STUN_MESSAGE_TRANS_ID_POS,
            STUN_ID_LEN);
}

void
stun_writer_resume (StunWriter *self, guint8 *buffer, gsize size, gsize len,
                    StunWireFlags flags)
{
  self->data = buffer;
  self->size = MIN (size, STUN_MESSAGE_HEADER_LENGTH + MAX_BODY);
  self->len = len;
  self->flags = flags;
  self->expects_fingerprint = FALSE;
  self->overflow = len > self->size || len < STUN_MESSAGE_HEADER_LENGTH;
}

guint8 *
stun_writer_append (StunWriter *self, guint16 type, gsize len)
{
  guint8 *at = self->data + self->len;
  gsize padded = self->flags & STUN_WIRE_UNPADDED ? len : stun_padded (len);
  gsize left = self->overflow ? 0 : self->size - self->len;

  if (left < STUN_ATTRIBUTE_HEADER_LENGTH
      || len > MIN (left - STUN_ATTRIBUTE_HEADER_LENGTH, MAX_BODY)
      || padded > left - STUN_ATTRIBUTE_HEADER_LENGTH)
    {
      self->overflow = TRUE;
      return NULL;
    }
  stun_store16 (at + STUN_ATTRIBUTE_TYPE_POS, type);
  stun_store16 (at + STUN_ATTRIBUTE_LENGTH_POS,
                self->flags & STUN_WIRE_COUNTED_PADDING ? padded : len);
  at += STUN_ATTRIBUTE_VALUE_POS;
  memset (at + len, 0, padded - len); /* RFC 8489 14: padding is zero when sent */
  self->len += STUN_ATTRIBUTE_HEADER_LENGTH + padded;
  stun_store16 (self->data + STUN_MESSAGE_LENGTH_POS,
                self->len - STUN_MESSAGE_HEADER_LENGTH);
  return at;
}

void
stun_writer_append_bytes (StunWriter *self, guint16 type, const void *data, gsize len)
{
  guint8 *value = stun_writer_append (self, type, len);

  if (value != NULL && len > 0)
    memcpy (value, data, len);
}
