/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* DTLS over datagrams: decides when a flight is sent again. RFC 7350, RFC 6347 4.2.4.
 *
 * NOTES: OpenSSL measures its retransmission timer with the clock of the machine. The
 * layer only tells when that is due; a run in virtual time sees no retransmission before
 * as much real time has passed, and still ends by NICE_TLS_HANDSHAKE_TIMEOUT. */
#include "config.h"

#include "socket/layer-dtls.h"

#include <sys/time.h>

#include "socket/layer-tls-session.h"

/* RFC 7350 3: STUN's own timing; OpenSSL starts at a second. */
#define FIRST_WAIT_US 500000

static unsigned int
get_wait (SSL *ssl, unsigned int last_us)
{
  return last_us == 0 ? FIRST_WAIT_US : 2 * last_us;
}

static void
set_deadline (NiceTlsSession *self, gint64 now)
{
  struct timeval left;

  if (self->layer.state == NICE_LAYER_CLOSED)
    return;
  self->layer.deadline =
      self->layer.state == NICE_LAYER_OPENING ? self->give_up : NICE_LAYER_NEVER;
  if (DTLSv1_get_timeout (self->ssl, &left) == 1)
    self->layer.deadline =
        MIN (self->layer.deadline,
             now + 1 + (gint64)left.tv_sec * G_USEC_PER_SEC + left.tv_usec);
}

static void
start (NiceLayer *layer, NiceLayerIo *io)
{
  NiceTlsSession *self = (NiceTlsSession *)layer;

  if (self->ssl != NULL)
    DTLS_set_timer_cb (self->ssl, get_wait);
  nice_tls_session_start (layer, io);
  set_deadline (self, io->now);
}

static void
receive_run (NiceTlsSession *self, const NicePacket *run, NiceLayerIo *io)
{
  for (guint at = 0; at < run->size && self->layer.state != NICE_LAYER_CLOSED;
       at += run->stride)
    {
      const guint end = MIN (at + run->stride, run->size);

      if (end > at + run->skip)
        nice_tls_session_receive (self, run->data + at + run->skip, end - at - run->skip,
                                  run, io);
    }
}

static void
receive (NiceLayer *layer, NicePacket *packets, guint n_packets, NiceLayerIo *io)
{
  NiceTlsSession *self = (NiceTlsSession *)layer;

  for (guint i = 0; i < n_packets; i++)
    if (nice_address_equal (&packets[i].from, &self->server))
      receive_run (self, &packets[i], io);
  set_deadline (self, io->now);
}

static void
handle_timeout (NiceLayer *layer, NiceLayerIo *io)
{
  NiceTlsSession *self = (NiceTlsSession *)layer;

  if (nice_tls_session_fail_if_late (self, io->now))
    return;
  self->io = io;
  DTLSv1_handle_timeout (self->ssl);
  self->io = NULL;
  set_deadline (self, io->now);
}

static const NiceLayerClass dtls_class = {
  .name = "dtls",
  .start = start,
  .receive = receive,
  .handle_timeout = handle_timeout,
  .send = nice_tls_session_send,
  .close = nice_tls_session_close,
  .free = nice_tls_session_free,
};

NiceLayer *
nice_layer_dtls_new (const NiceTlsConfig *config)
{
  NiceTlsSession *self = g_new0 (NiceTlsSession, 1);

  nice_tls_session_init (self, &dtls_class, config, TRUE);
  return &self->layer;
}
