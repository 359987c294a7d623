/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Says one fixed hello and waits for one record that looks like a ServerHello; then bytes
 * pass as they are. The hello is an SSL 2.0 CLIENT-HELLO that offers SSL 3.1 (RFC 5246
 * E.2); relays compare it byte by byte, so it cannot be varied. */
#include "config.h"

#include "socket/layer-pseudossl.h"

static const guint8 client_hello[] = {
  0x80, 0x46, /* length */
  0x01,       /* CLIENT-HELLO */
  0x03, 0x01, /* version */
  0x00, 0x2D, /* length of the cipher specs */
  0x00, 0x00, /* no session */
  0x00, 0x10, /* length of the challenge */
  0x01, 0x00, 0x80, 0x03, 0x00, 0x80, 0x07, 0x00, 0xC0, 0x06, 0x00, 0x40, 0x02,
  0x00, 0x80, 0x04, 0x00, 0x80, 0x00, 0x00, 0x04, 0x00, 0xFE, 0xFF, 0x00, 0x00,
  0x0A, 0x00, 0xFE, 0xFE, 0x00, 0x00, 0x09, 0x00, 0x00, 0x64, 0x00, 0x00, 0x62,
  0x00, 0x00, 0x03, 0x00, 0x00, 0x06, 0x1F, 0x17, 0x0C, 0xA6, 0x2F, 0x00, 0x78,
  0xFC, 0x46, 0x55, 0x2E, 0xB1, 0x83, 0x39, 0xF1, 0xEA,
};

#define RECORD_HEADER 5
#define HANDSHAKE 0x16
#define SERVER_HELLO 0x02
#define MAX_HELLO 512 /* the real one has 79 bytes */

typedef struct
{
  NiceLayer layer;
  guint8 header[RECORD_HEADER + 1];
  guint seen; /* bytes of the server's record so far */
} PseudoSsl;

static void
start (NiceLayer *layer, NiceLayerIo *io)
{
  layer->deadline = io->now + NICE_PSEUDOSSL_TIMEOUT;
  nice_layer_put_down (io, client_hello, sizeof client_hello, NULL);
}

static void
take_byte (PseudoSsl *self, guint8 byte)
{
  const guint8 *header = self->header;
  guint whole;

  if (self->seen < sizeof self->header)
    self->header[self->seen] = byte;
  self->seen++;
  if (self->seen < sizeof self->header)
    return;
  whole = RECORD_HEADER + (header[3] << 8 | header[4]);
  if (header[0] != HANDSHAKE || header[1] != 3 || header[RECORD_HEADER] != SERVER_HELLO
      || whole > MAX_HELLO)
    nice_layer_fail (&self->layer, NICE_FAULT_PROTOCOL, "pseudo-SSL: no server hello");
  else if (self->seen >= whole)
    {
      nice_layer_open (&self->layer);
      self->layer.deadline = NICE_LAYER_NEVER;
    }
}

static void
receive (NiceLayer *layer, NicePacket *packets, guint n_packets, NiceLayerIo *io)
{
  for (guint i = 0; i < n_packets; i++)
    {
      guint8 *at = packets[i].data + packets[i].skip;
      guint8 *const end = packets[i].data + packets[i].size;

      while (at < end && layer->state == NICE_LAYER_OPENING)
        take_byte ((PseudoSsl *)layer, *at++);
      if (at < end && layer->state == NICE_LAYER_OPEN)
        nice_layer_put_up (io, at, end - at, &packets[i]);
    }
}

static void
handle_timeout (NiceLayer *layer, NiceLayerIo *io)
{
  nice_layer_fail (layer, NICE_FAULT_TIMEOUT, "pseudo-SSL: no server hello");
}

static void
free_layer (NiceLayer *layer)
{
  nice_layer_clear (layer);
  g_free (layer);
}

static const NiceLayerClass pseudossl_class = {
  .name = "pseudossl",
  .start = start,
  .receive = receive,
  .handle_timeout = handle_timeout,
  .free = free_layer,
};

NiceLayer *
nice_layer_pseudossl_new (void)
{
  PseudoSsl *self = g_new0 (PseudoSsl, 1);

  nice_layer_init (&self->layer, &pseudossl_class, NICE_LAYER_OPENING);
  return &self->layer;
}
