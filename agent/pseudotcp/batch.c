/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copies packets out of a connection. What is longer than a place in the batch is left
 * out, which to the protocol is a lost packet. */
#include "config.h"

#include "pseudotcp/batch.h"

#include "pseudotcp/connection.h"

#include <string.h>

static void
add (PtcpBatch *self, const PtcpTransmit *transmit)
{
  guint8 *bytes = self->bytes[self->n];
  gsize at = transmit->header_len;

  if (transmit->size > PTCP_BATCH_PACKET)
    return;
  memcpy (bytes, transmit->header, at);
  for (guint i = 0; i < transmit->n_vectors; i++)
    {
      memcpy (bytes + at, transmit->vectors[i].buffer, transmit->vectors[i].size);
      at += transmit->vectors[i].size;
    }
  self->vectors[self->n++] = (GOutputVector) { bytes, at };
}

gboolean
ptcp_batch_collect (PtcpBatch *self, PtcpConnection *connection, gint64 now)
{
  PtcpTransmit transmit;

  self->n = 0;
  while (self->n < PTCP_BATCH)
    {
      if (!ptcp_connection_poll_transmit (connection, &transmit, now))
        return TRUE;
      add (self, &transmit);
    }
  return FALSE;
}
