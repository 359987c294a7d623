/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What an engine wants sent, copied out of it while it is locked, to be sent when it is
 * not. */
#pragma once

#include "io/driver-private.h"

G_BEGIN_DECLS

typedef struct
{
  IceBaseId base;
  NiceAddress to;
  IceReason reason;
} NiceSendFailure;

struct _NiceOutgoing
{
  GByteArray *bytes;
  GArray *datagrams; /* of base, address and place in bytes */
  GArray *failures;  /* of NiceSendFailure: what the last flush met */
};

NiceOutgoing *nice_outgoing_new (void);
void nice_outgoing_free (NiceOutgoing *self);

void nice_outgoing_add (NiceOutgoing *self, NiceBase *base, const IceTransmit *transmit);
/* Sends all, in order; without a lock. */
void nice_outgoing_flush (NiceOutgoing *self);

G_END_DECLS
