/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Packets of a connection, copied out of it so that they can be sent when whatever guards
 * the connection is let go, and many at a time. */
#pragma once

#include "pseudotcp/types.h"

G_BEGIN_DECLS

#define PTCP_BATCH 32
/* Connections that are told nothing of the path send no longer ones. */
#define PTCP_BATCH_PACKET 1400

typedef struct
{
  GOutputVector vectors[PTCP_BATCH];
  guint8 bytes[PTCP_BATCH][PTCP_BATCH_PACKET];
  guint n;
} PtcpBatch;

/* Fills it with what the connection has to send now. FALSE: there may be more. */
gboolean ptcp_batch_collect (PtcpBatch *self, PtcpConnection *connection, gint64 now);

G_END_DECLS
