/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* TLS over a stream: bytes in, bytes out. RFC 8489 6.2.3. */
#include "config.h"

#include "socket/layer-tls.h"

#include "socket/layer-tls-session.h"

static void
receive (NiceLayer *layer, NicePacket *packets, guint n_packets, NiceLayerIo *io)
{
  for (guint i = 0; i < n_packets && layer->state != NICE_LAYER_CLOSED; i++)
    nice_tls_session_receive ((NiceTlsSession *)layer, packets[i].data + packets[i].skip,
                              packets[i].size - packets[i].skip, &packets[i], io);
}

static void
handle_timeout (NiceLayer *layer, NiceLayerIo *io)
{
  nice_tls_session_fail_if_late ((NiceTlsSession *)layer, io->now);
}

static const NiceLayerClass tls_class = {
  .name = "tls",
  .start = nice_tls_session_start,
  .receive = receive,
  .send = nice_tls_session_send,
  .handle_timeout = handle_timeout,
  .close = nice_tls_session_close,
  .free = nice_tls_session_free,
};

NiceLayer *
nice_layer_tls_new (const NiceTlsConfig *config)
{
  NiceTlsSession *self = g_new0 (NiceTlsSession, 1);

  nice_tls_session_init (self, &tls_class, config, FALSE);
  return &self->layer;
}
