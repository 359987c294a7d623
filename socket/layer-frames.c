/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Keeps the one message of a stream that is not complete; must not know what messages
 * look like. */
#include "config.h"

#include "socket/layer-frames.h"

#include <string.h>

void
nice_frames_init (NiceFrames *self, NiceFrameMeasure measure)
{
  self->measure = measure;
  self->partial = g_byte_array_new ();
}

void
nice_frames_clear (NiceFrames *self)
{
  g_clear_pointer (&self->partial, g_byte_array_unref);
}

static void
put_partial_up (NiceFrames *self, const NiceFrameExtent *extent, const NicePacket *run,
                NiceLayerIo *io)
{
  guint8 *message = nice_arena_alloc (io->arena, extent->whole);

  memcpy (message, self->partial->data, extent->whole);
  nice_layer_put_up (io, message + extent->skip, extent->size, run);
  g_byte_array_set_size (self->partial, 0);
}

/* Moves bytes to the message begun earlier, at first no more than tell its extent;
 * returns how many. */
static gboolean
complete_partial (NiceFrames *self, const NicePacket *run, StunBytes *bytes,
                  NiceLayerIo *io)
{
  NiceFrameExtent extent;
  NiceFrameAnswer answer;
  gsize part = 0;

  while ((answer = self->measure (self->partial->data, self->partial->len, &extent))
             == NICE_FRAME_SHORT
         && bytes->len > 0)
    {
      g_byte_array_append (self->partial, bytes->data, 1);
      stun_bytes_skip (bytes, 1);
    }
  if (answer != NICE_FRAME_KNOWN)
    return answer == NICE_FRAME_SHORT;
  part = MIN (extent.whole - self->partial->len, bytes->len);
  g_byte_array_append (self->partial, bytes->data, part);
  stun_bytes_skip (bytes, part);
  if (self->partial->len == extent.whole)
    put_partial_up (self, &extent, run, io);
  return TRUE;
}

gboolean
nice_frames_receive (NiceFrames *self, const NicePacket *run, NiceLayerIo *io)
{
  StunBytes bytes = { run->data + run->skip, run->size - run->skip };
  NiceFrameExtent extent;
  NiceFrameAnswer answer;

  if (self->partial->len > 0 && !complete_partial (self, run, &bytes, io))
    return FALSE;
  while (bytes.len > 0)
    {
      answer = self->measure (bytes.data, bytes.len, &extent);
      if (answer == NICE_FRAME_BROKEN)
        return FALSE;
      if (answer == NICE_FRAME_SHORT || extent.whole > bytes.len)
        break;
      nice_layer_put_up (io, (guint8 *)bytes.data + extent.skip, extent.size, run);
      stun_bytes_skip (&bytes, extent.whole);
    }
  g_byte_array_append (self->partial, bytes.data, bytes.len);
  return TRUE;
}
