/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What layer-tls and layer-dtls share: an OpenSSL session whose bytes come and go with
 * the layer's calls, and the verdict on the server's certificate. */
#pragma once

#include <openssl/ssl.h>

#include "socket/layer-tls-config.h"

G_BEGIN_DECLS

typedef struct
{
  NiceLayer layer;
  SSL_CTX *context;
  BIO_METHOD *method;
  SSL *ssl; /* NULL: could not be made, refusal says why */
  gchar *host;
  NiceAddress server;
  gboolean is_datagram;
  GTlsCertificateFlags validate;
  gchar *refusal; /* which check failed */
  gint64 give_up; /* when the hand-shake has taken too long */
  /* during a call */
  NiceLayerIo *io;
  const guint8 *input;
  gsize input_size;
} NiceTlsSession;

void nice_tls_session_init (NiceTlsSession *self, const NiceLayerClass *klass,
                            const NiceTlsConfig *config, gboolean is_datagram);

/* For the classes of both. */
void nice_tls_session_start (NiceLayer *layer, NiceLayerIo *io);
void nice_tls_session_send (NiceLayer *layer, const NiceOutPacket *packets,
                            guint n_packets, NiceLayerIo *io);
void nice_tls_session_close (NiceLayer *layer, NiceLayerIo *io);
void nice_tls_session_free (NiceLayer *layer);

/* Takes one datagram, or bytes of a stream, as far as they go. like: of what is emitted.
 */
void nice_tls_session_receive (NiceTlsSession *self, const guint8 *data, gsize size,
                               const NicePacket *like, NiceLayerIo *io);
/* TRUE, and failed: the hand-shake has taken too long. */
gboolean nice_tls_session_fail_if_late (NiceTlsSession *self, gint64 now);

G_END_DECLS
