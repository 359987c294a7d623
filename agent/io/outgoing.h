/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What an engine wants sent, copied out of it while it is locked, to be sent when it is
 * not. Lives on the stack of a drain, with room in it for what drains usually bring. */
#pragma once

#include "io/driver-private.h"

G_BEGIN_DECLS

#define NICE_OUTGOING_FEW 4
#define NICE_OUTGOING_FEW_BYTES 1024

typedef struct
{
  NiceBase *base;
  NiceAddress to;
  guint offset, size;
} NiceDatagram;

typedef struct
{
  IceBaseId base;
  NiceAddress to;
  IceReason reason;
} NiceSendFailure;

typedef struct
{
  NiceDatagram *datagrams; /* few, or from the heap */
  guint n, size;
  guint8 *bytes; /* few_bytes, or from the heap */
  gsize n_bytes, size_bytes;
  GArray *failures; /* of NiceSendFailure: what the last flush met; NULL: nothing */
  NiceDatagram few[NICE_OUTGOING_FEW];
  guint8 few_bytes[NICE_OUTGOING_FEW_BYTES];
} NiceOutgoing;

void nice_outgoing_init (NiceOutgoing *self);
void nice_outgoing_clear (NiceOutgoing *self);

void nice_outgoing_add (NiceOutgoing *self, NiceBase *base, const IceTransmit *transmit);
/* Sends all, in order; without a lock. */
void nice_outgoing_flush (NiceOutgoing *self);

G_END_DECLS
