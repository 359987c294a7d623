/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Datagrams on a byte stream: each behind its length, in two bytes (RFC 4571 section 2).
 * It knows bytes; not what they mean. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define FRAMES_PREFIX 2

typedef struct
{
  GByteArray *bytes; /* what came and is not taken yet */
  gsize at;
  gsize max;
} Frames;

/* Frames above @max are an error of the other side. */
void frames_init (Frames *self, gsize max);
void frames_clear (Frames *self);

void frames_write_prefix (guint8 prefix[FRAMES_PREFIX], gsize len);

void frames_push (Frames *self, const guint8 *data, gsize len);
/* The next whole frame, valid until the next push; NULL: there is none yet. */
const guint8 *frames_take (Frames *self, gsize *len);
/* The other side sent a frame that is too long: nothing more will be taken. */
gboolean frames_is_broken (const Frames *self);

G_END_DECLS
