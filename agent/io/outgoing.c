/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sends the datagrams of one drain, those of a base in one call, and notes which could
 * not be sent at all. What only did not fit for the moment is lost: retransmission is the
 * engine's. */
#include "config.h"

#include "io/outgoing.h"

#include <errno.h>

#define MAX_RUN 32

typedef struct
{
  NiceBase *base;
  NiceAddress to;
  guint offset, size;
} Datagram;

static void
clear_datagram (gpointer data)
{
  Datagram *datagram = data;

  nice_base_unref (datagram->base);
}

NiceOutgoing *
nice_outgoing_new (void)
{
  NiceOutgoing *self = g_new (NiceOutgoing, 1);

  self->bytes = g_byte_array_new ();
  self->datagrams = g_array_new (FALSE, FALSE, sizeof (Datagram));
  g_array_set_clear_func (self->datagrams, clear_datagram);
  self->failures = g_array_new (FALSE, FALSE, sizeof (NiceSendFailure));
  return self;
}

void
nice_outgoing_free (NiceOutgoing *self)
{
  g_byte_array_unref (self->bytes);
  g_array_unref (self->datagrams);
  g_array_unref (self->failures);
  g_free (self);
}

void
nice_outgoing_add (NiceOutgoing *self, NiceBase *base, const IceTransmit *transmit)
{
  const Datagram datagram = { nice_base_ref (base), transmit->to, self->bytes->len,
                              transmit->size };

  g_byte_array_append (self->bytes, transmit->data, transmit->size);
  g_array_append_val (self->datagrams, datagram);
}

static gboolean
is_transient (gint error)
{
  return error == EAGAIN || error == ENOBUFS || error == ENOMEM;
}

/* Sends datagrams first to first + n, all of one base. */
static void
flush_run (NiceOutgoing *self, guint first, guint n)
{
  const Datagram *datagrams = &g_array_index (self->datagrams, Datagram, first);
  NiceOutPacket packets[MAX_RUN];
  GOutputVector vectors[MAX_RUN];
  guint done = 0;

  for (guint i = 0; i < n; i++)
    {
      vectors[i] =
          (GOutputVector) { self->bytes->data + datagrams[i].offset, datagrams[i].size };
      packets[i].vectors = &vectors[i];
      packets[i].n_vectors = 1;
      packets[i].size = datagrams[i].size;
      packets[i].head_len = packets[i].tail_len = packets[i].tos = 0;
      packets[i].to = datagrams[i].to;
    }

  while (done < n)
    {
      const gint sent =
          nice_base_send (datagrams[0].base, packets + done, n - done, TRUE);

      if (sent < 0 && !is_transient (-sent))
        {
          const NiceSendFailure failure = { datagrams[done].base->id, datagrams[done].to,
                                            nice_reason_from_errno (-sent) };

          g_array_append_val (self->failures, failure);
        }
      done += MAX (sent, 1);
    }
}

void
nice_outgoing_flush (NiceOutgoing *self)
{
  const Datagram *datagrams = (gpointer)self->datagrams->data;

  g_array_set_size (self->failures, 0);
  for (guint first = 0, n; first < self->datagrams->len; first += n)
    {
      n = 1;
      while (n < MAX_RUN && first + n < self->datagrams->len
             && datagrams[first + n].base == datagrams[first].base)
        n++;
      flush_run (self, first, n);
    }
  g_array_set_size (self->datagrams, 0);
  g_byte_array_set_size (self->bytes, 0);
}
