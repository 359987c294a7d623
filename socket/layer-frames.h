/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reassembly of messages on one stream, for layers that know where a message ends. Whole
 * messages go up where they lie; only one that was read in pieces is copied together. */
#pragma once

#include "socket/layer.h"
#include "stun/bytes.h"

G_BEGIN_DECLS

/* The extent of a message, told from its first bytes. */
typedef struct
{
  guint32 whole; /* on the stream: header, payload, padding */
  guint32 skip;  /* before the payload */
  guint32 size;  /* of the payload */
} NiceFrameExtent;

typedef enum
{
  NICE_FRAME_KNOWN, /* the extent is filled in; not all of it need be there */
  NICE_FRAME_SHORT, /* too few bytes to tell */
  NICE_FRAME_BROKEN /* no message begins like this */
} NiceFrameAnswer;

/* An extent that is known is at least one byte long, and bounded by its header's width:
 * that is what bounds the memory here. */
typedef NiceFrameAnswer (*NiceFrameMeasure) (const guint8 *data, gsize size,
                                             NiceFrameExtent *extent);

typedef struct
{
  NiceFrameMeasure measure;
  GByteArray *partial; /* one message in pieces */
} NiceFrames;

void nice_frames_init (NiceFrames *self, NiceFrameMeasure measure);
void nice_frames_clear (NiceFrames *self);
/* Emits the messages that run completes. FALSE: the stream is broken. */
gboolean nice_frames_receive (NiceFrames *self, const NicePacket *run, NiceLayerIo *io);

G_END_DECLS
