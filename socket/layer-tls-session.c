/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Drives OpenSSL without a socket, and decides whether a certificate will do. Must not
 * know what is carried. RFC 8489 6.2.3, RFC 7350, RFC 7443, RFC 6125 6 (names). */
#include "config.h"

#include "socket/layer-tls-session.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <string.h>

#define MAX_RECORD 16384
/* Of IPv6's smallest packet, less its headers and UDP's: no flight of ours is cut. */
#define DTLS_MTU 1232

/* --- bytes --- */

static int
read_bytes (BIO *bio, char *to, int size)
{
  NiceTlsSession *self = BIO_get_data (bio);
  const gsize n = MIN ((gsize)size, self->input_size);

  BIO_clear_retry_flags (bio);
  if (n == 0)
    {
      BIO_set_retry_read (bio);
      return -1;
    }
  memcpy (to, self->input, n);
  /* What of a datagram does not fit is gone, as with a socket. */
  self->input += n;
  self->input_size = self->is_datagram ? 0 : self->input_size - n;
  return n;
}

static int
write_bytes (BIO *bio, const char *data, int size)
{
  NiceTlsSession *self = BIO_get_data (bio);

  BIO_clear_retry_flags (bio);
  if (size > 0 && self->io != NULL)
    nice_layer_put_down_copy (self->io, data, size,
                              self->is_datagram ? &self->server : NULL);
  return size;
}

static long
control (BIO *bio, int command, long number, void *pointer)
{
  switch (command)
    {
    case BIO_CTRL_FLUSH:
    case BIO_CTRL_DGRAM_SET_NEXT_TIMEOUT:
      return 1;
    case BIO_CTRL_DGRAM_QUERY_MTU:
      return DTLS_MTU;
    default:
      return 0;
    }
}

static BIO *
new_bio (NiceTlsSession *self)
{
  BIO *bio;

  self->method = BIO_meth_new (BIO_TYPE_SOURCE_SINK, "layer");
  BIO_meth_set_read (self->method, read_bytes);
  BIO_meth_set_write (self->method, write_bytes);
  BIO_meth_set_ctrl (self->method, control);
  bio = BIO_new (self->method);
  BIO_set_data (bio, self);
  BIO_set_init (bio, 1);
  return bio;
}

/* --- certificates --- */

static GTlsCertificateFlags
get_flag (int error)
{
  switch (error)
    {
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return G_TLS_CERTIFICATE_EXPIRED;
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return G_TLS_CERTIFICATE_NOT_ACTIVATED;
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return G_TLS_CERTIFICATE_BAD_IDENTITY;
    case X509_V_ERR_CERT_REVOKED:
      return G_TLS_CERTIFICATE_REVOKED;
    case X509_V_ERR_EE_KEY_TOO_SMALL:
    case X509_V_ERR_CA_KEY_TOO_SMALL:
    case X509_V_ERR_CA_MD_TOO_WEAK:
      return G_TLS_CERTIFICATE_INSECURE;
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_CERT_UNTRUSTED:
      return G_TLS_CERTIFICATE_UNKNOWN_CA;
    default:
      return G_TLS_CERTIFICATE_GENERIC_ERROR;
    }
}

static int
verify (int is_good, X509_STORE_CTX *store)
{
  const SSL *ssl =
      X509_STORE_CTX_get_ex_data (store, SSL_get_ex_data_X509_STORE_CTX_idx ());
  NiceTlsSession *self = SSL_get_app_data (ssl);
  const int error = X509_STORE_CTX_get_error (store);

  if (is_good || (get_flag (error) & self->validate) == 0)
    return 1;
  g_free (self->refusal);
  self->refusal = g_strdup_printf ("certificate for \"%s\": %s", self->host,
                                   X509_verify_cert_error_string (error));
  return 0;
}

static void
set_name (NiceTlsSession *self)
{
  X509_VERIFY_PARAM *param = SSL_get0_param (self->ssl);

  /* RFC 8489 6.2.3: the leftmost label may be a wild card, no part of one. */
  X509_VERIFY_PARAM_set_hostflags (param, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  if (g_hostname_is_ip_address (self->host))
    X509_VERIFY_PARAM_set1_ip_asc (param, self->host);
  else
    {
      SSL_set1_host (self->ssl, self->host);
      SSL_set_tlsext_host_name (self->ssl, self->host);
    }
}

/* --- life --- */

static gboolean
load_trust (NiceTlsSession *self, const gchar *trust_file)
{
  if (trust_file == NULL)
    return SSL_CTX_set_default_verify_paths (self->context) == 1;
  if (SSL_CTX_load_verify_locations (self->context, trust_file, NULL) == 1)
    return TRUE;
  self->refusal = g_strdup_printf ("cannot read authorities from \"%s\"", trust_file);
  return FALSE;
}

static void
set_alpn (NiceTlsSession *self, const gchar *alpn)
{
  g_autofree guint8 *list = g_malloc (1 + strlen (alpn));

  list[0] = strlen (alpn);
  memcpy (list + 1, alpn, list[0]);
  SSL_set_alpn_protos (self->ssl, list, 1 + list[0]);
}

void
nice_tls_session_init (NiceTlsSession *self, const NiceLayerClass *klass,
                       const NiceTlsConfig *config, gboolean is_datagram)
{
  BIO *bio;

  nice_layer_init (&self->layer, klass, NICE_LAYER_OPENING);
  self->host = g_strdup (config->host);
  self->server = config->server;
  self->is_datagram = is_datagram;
  self->validate = config->validate;
  self->context =
      SSL_CTX_new (is_datagram ? DTLS_client_method () : TLS_client_method ());
  SSL_CTX_set_min_proto_version (self->context,
                                 is_datagram ? DTLS1_2_VERSION : TLS1_2_VERSION);
  SSL_CTX_set_verify (self->context, SSL_VERIFY_PEER, verify);
  if (!load_trust (self, config->trust_file))
    return;
  self->ssl = SSL_new (self->context);
  SSL_set_app_data (self->ssl, self);
  SSL_set_options (self->ssl, SSL_OP_NO_COMPRESSION | SSL_OP_NO_QUERY_MTU);
  bio = new_bio (self);
  SSL_set_bio (self->ssl, bio, bio);
  SSL_set_connect_state (self->ssl);
  if (is_datagram)
    DTLS_set_link_mtu (self->ssl, DTLS_MTU);
  set_name (self);
  if (config->alpn != NULL)
    set_alpn (self, config->alpn);
}

void
nice_tls_session_free (NiceLayer *layer)
{
  NiceTlsSession *self = (NiceTlsSession *)layer;

  g_clear_pointer (&self->ssl, SSL_free);
  g_clear_pointer (&self->context, SSL_CTX_free);
  g_clear_pointer (&self->method, BIO_meth_free);
  g_free (self->host);
  g_free (self->refusal);
  nice_layer_clear (layer);
  g_free (self);
}

static void
fail (NiceTlsSession *self, int error)
{
  const unsigned long code = ERR_peek_last_error ();
  const gchar *reason = ERR_reason_error_string (code);

  if (self->refusal != NULL)
    nice_layer_fail (&self->layer, NICE_FAULT_CERTIFICATE, self->refusal);
  else if (error == SSL_ERROR_ZERO_RETURN)
    nice_layer_fail (&self->layer, NICE_FAULT_ENDED, "closed by the server");
  else
    nice_layer_fail (&self->layer, NICE_FAULT_PROTOCOL,
                     reason != NULL ? reason : "broken record");
  ERR_clear_error ();
}

/* FALSE: nothing more for now, or it failed. */
static gboolean
is_fine (NiceTlsSession *self, int result)
{
  int error;

  if (result > 0)
    return TRUE;
  error = SSL_get_error (self->ssl, result);
  if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE)
    fail (self, error);
  ERR_clear_error ();
  return FALSE;
}

static void
shake_hands (NiceTlsSession *self)
{
  ERR_clear_error ();
  if (is_fine (self, SSL_do_handshake (self->ssl)))
    {
      nice_layer_open (&self->layer);
      self->layer.deadline = NICE_LAYER_NEVER;
    }
}

static void
emit_clear_text (NiceTlsSession *self, const NicePacket *like)
{
  for (;;)
    {
      guint8 *clear = nice_arena_alloc (self->io->arena, MAX_RECORD);
      int n;

      ERR_clear_error ();
      n = SSL_read (self->ssl, clear, MAX_RECORD);
      nice_arena_shrink (self->io->arena, clear, MAX_RECORD, MAX (n, 0));
      if (!is_fine (self, n))
        return;
      nice_layer_put_up (self->io, clear, n, like);
    }
}

void
nice_tls_session_start (NiceLayer *layer, NiceLayerIo *io)
{
  NiceTlsSession *self = (NiceTlsSession *)layer;

  if (self->ssl == NULL)
    {
      nice_layer_fail (layer, NICE_FAULT_NO_RESOURCES, self->refusal);
      return;
    }
  self->give_up = io->now + NICE_TLS_HANDSHAKE_TIMEOUT;
  layer->deadline = self->give_up;
  self->io = io;
  shake_hands (self);
  self->io = NULL;
}

void
nice_tls_session_receive (NiceTlsSession *self, const guint8 *data, gsize size,
                          const NicePacket *like, NiceLayerIo *io)
{
  self->io = io;
  self->input = data;
  self->input_size = size;
  if (self->layer.state == NICE_LAYER_OPENING)
    shake_hands (self);
  if (self->layer.state == NICE_LAYER_OPEN)
    emit_clear_text (self, like);
  self->input_size = 0;
  self->io = NULL;
}

void
nice_tls_session_send (NiceLayer *layer, const NiceOutPacket *packets, guint n_packets,
                       NiceLayerIo *io)
{
  NiceTlsSession *self = (NiceTlsSession *)layer;

  self->io = io;
  for (guint i = 0; i < n_packets && layer->state == NICE_LAYER_OPEN; i++)
    {
      gsize size;
      const guint8 *flat = nice_layer_flatten (io, &packets[i], &size);

      if (size == 0 || (self->is_datagram && size > MAX_RECORD))
        continue;
      ERR_clear_error ();
      is_fine (self, SSL_write (self->ssl, flat, size));
    }
  self->io = NULL;
}

void
nice_tls_session_close (NiceLayer *layer, NiceLayerIo *io)
{
  NiceTlsSession *self = (NiceTlsSession *)layer;

  if (self->ssl == NULL || layer->state != NICE_LAYER_OPEN)
    return;
  self->io = io;
  SSL_shutdown (self->ssl);
  ERR_clear_error ();
  self->io = NULL;
}

const gchar *
nice_layer_tls_get_version (const NiceLayer *layer)
{
  return SSL_get_version (((const NiceTlsSession *)layer)->ssl);
}

gboolean
nice_tls_session_fail_if_late (NiceTlsSession *self, gint64 now)
{
  if (self->layer.state != NICE_LAYER_OPENING || now < self->give_up)
    return FALSE;
  nice_layer_fail (&self->layer, NICE_FAULT_TIMEOUT, "hand-shake was not finished");
  return TRUE;
}
