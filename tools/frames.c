/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Cuts a byte stream into the frames that were put into it. Never keeps more than one
 * push and one unfinished frame. */
#include "config.h"

#include "frames.h"

void
frames_init (Frames *self, gsize max)
{
  self->bytes = g_byte_array_new ();
  self->at = 0;
  self->max = max;
}

void
frames_clear (Frames *self)
{
  g_clear_pointer (&self->bytes, g_byte_array_unref);
}

void
frames_write_prefix (guint8 prefix[FRAMES_PREFIX], gsize len)
{
  prefix[0] = len >> 8;
  prefix[1] = len & 0xff;
}

void
frames_push (Frames *self, const guint8 *data, gsize len)
{
  g_byte_array_remove_range (self->bytes, 0, self->at);
  self->at = 0;
  g_byte_array_append (self->bytes, data, len);
}

/* The length of the frame at hand; FALSE: not even that is there. */
static gboolean
peek_length (const Frames *self, gsize *len)
{
  const guint8 *prefix = self->bytes->data + self->at;

  if (self->bytes->len - self->at < FRAMES_PREFIX)
    return FALSE;
  *len = prefix[0] << 8 | prefix[1];
  return TRUE;
}

gboolean
frames_is_broken (const Frames *self)
{
  gsize len;

  return peek_length (self, &len) && len > self->max;
}

const guint8 *
frames_take (Frames *self, gsize *len)
{
  const guint8 *frame;

  if (!peek_length (self, len) || *len > self->max
      || self->bytes->len - self->at - FRAMES_PREFIX < *len)
    return NULL;
  frame = self->bytes->data + self->at + FRAMES_PREFIX;
  self->at += FRAMES_PREFIX + *len;
  return frame;
}
