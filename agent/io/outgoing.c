/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sends the datagrams of one drain, those of a base in one call, and notes which could
 * not be sent at all. What only did not fit for the moment is lost: retransmission is the
 * engine's. */
#include "config.h"

#include "io/outgoing.h"

#include <errno.h>
#include <string.h>

#define MAX_RUN 32

void
nice_outgoing_init (NiceOutgoing *self)
{
  self->datagrams = self->few;
  self->size = G_N_ELEMENTS (self->few);
  self->bytes = self->few_bytes;
  self->size_bytes = sizeof self->few_bytes;
  self->n = 0;
  self->n_bytes = 0;
  self->failures = NULL;
}

static void
let_go (NiceOutgoing *self)
{
  for (guint i = 0; i < self->n; i++)
    nice_base_unref (self->datagrams[i].base);
  self->n = 0;
  self->n_bytes = 0;
}

void
nice_outgoing_clear (NiceOutgoing *self)
{
  let_go (self);
  if (self->datagrams != self->few)
    g_free (self->datagrams);
  if (self->bytes != self->few_bytes)
    g_free (self->bytes);
  g_clear_pointer (&self->failures, g_array_unref);
}

/* Returns what has room for size bytes, and holds the used ones of data. */
static gpointer
grow (gpointer data, gpointer few, gsize used, gsize size)
{
  gpointer grown;

  if (data != few)
    return g_realloc (data, size);
  grown = g_malloc (size);
  memcpy (grown, data, used);
  return grown;
}

void
nice_outgoing_add (NiceOutgoing *self, NiceBase *base, const IceTransmit *transmit)
{
  if (self->n == self->size)
    {
      self->size *= 2;
      self->datagrams = grow (self->datagrams, self->few, self->n * sizeof (NiceDatagram),
                              self->size * sizeof (NiceDatagram));
    }
  if (self->size_bytes - self->n_bytes < transmit->size)
    {
      self->size_bytes = 2 * self->size_bytes + transmit->size;
      self->bytes = grow (self->bytes, self->few_bytes, self->n_bytes, self->size_bytes);
    }
  self->datagrams[self->n++] = (NiceDatagram) { nice_base_ref (base), transmit->to,
                                                self->n_bytes, transmit->size };
  memcpy (self->bytes + self->n_bytes, transmit->data, transmit->size);
  self->n_bytes += transmit->size;
}

static gboolean
is_transient (gint error)
{
  return error == EAGAIN || error == ENOBUFS || error == ENOMEM;
}

static void
note_failure (NiceOutgoing *self, const NiceDatagram *datagram, gint error)
{
  const NiceSendFailure failure = { datagram->base->id, datagram->to,
                                    nice_reason_from_errno (error) };

  if (self->failures == NULL)
    self->failures = g_array_new (FALSE, FALSE, sizeof failure);
  g_array_append_val (self->failures, failure);
}

/* Sends datagrams first to first + n, all of one base. */
static void
flush_run (NiceOutgoing *self, guint first, guint n)
{
  const NiceDatagram *datagrams = &self->datagrams[first];
  NiceOutPacket packets[MAX_RUN];
  GOutputVector vectors[MAX_RUN];
  guint done = 0;

  for (guint i = 0; i < n; i++)
    {
      vectors[i] =
          (GOutputVector) { self->bytes + datagrams[i].offset, datagrams[i].size };
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
        note_failure (self, &datagrams[done], -sent);
      done += MAX (sent, 1);
    }
}

void
nice_outgoing_flush (NiceOutgoing *self)
{
  g_clear_pointer (&self->failures, g_array_unref);
  for (guint first = 0, n; first < self->n; first += n)
    {
      n = 1;
      while (n < MAX_RUN && first + n < self->n
             && self->datagrams[first + n].base == self->datagrams[first].base)
        n++;
      flush_run (self, first, n);
    }
  let_go (self);
}
