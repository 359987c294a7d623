/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An authority, certificates and a TLS or DTLS server in memory, for tests. */
#pragma once

#include <glib.h>
#include <glib/gstdio.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

typedef struct
{
  EVP_PKEY *key;
  X509 *certificate;
} TlsIdentity;

static inline void
tls_identity_clear (TlsIdentity *self)
{
  g_clear_pointer (&self->key, EVP_PKEY_free);
  g_clear_pointer (&self->certificate, X509_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (TlsIdentity, tls_identity_clear)

static inline void
tls_add_extension (X509 *certificate, int nid, const char *value)
{
  X509_EXTENSION *extension = X509V3_EXT_conf_nid (NULL, NULL, nid, value);

  g_assert_nonnull (extension);
  X509_add_ext (certificate, extension, -1);
  X509_EXTENSION_free (extension);
}

/* days: until it expires; negative: since it has. issuer NULL: its own. */
static inline TlsIdentity
tls_identity_new (const gchar *name, gint days, const TlsIdentity *issuer)
{
  TlsIdentity self = { EVP_EC_gen ("P-256"), X509_new () };
  X509_NAME *subject = X509_get_subject_name (self.certificate);
  g_autofree gchar *alternative = g_strdup_printf ("DNS:%s", name);

  X509_set_version (self.certificate, 2);
  ASN1_INTEGER_set (X509_get_serialNumber (self.certificate), g_str_hash (name));
  X509_gmtime_adj (X509_getm_notBefore (self.certificate), -20 * 86400L);
  X509_gmtime_adj (X509_getm_notAfter (self.certificate), days * 86400L);
  X509_set_pubkey (self.certificate, self.key);
  X509_NAME_add_entry_by_txt (subject, "CN", MBSTRING_ASC, (const guint8 *)name, -1, -1,
                              0);
  X509_set_issuer_name (self.certificate,
                        issuer == NULL ? subject
                                       : X509_get_subject_name (issuer->certificate));
  if (issuer == NULL)
    tls_add_extension (self.certificate, NID_basic_constraints, "critical,CA:TRUE");
  else
    tls_add_extension (self.certificate, NID_subject_alt_name, alternative);
  X509_sign (self.certificate, issuer == NULL ? self.key : issuer->key, EVP_sha256 ());
  return self;
}

/* (transfer full): a temporary PEM file. */
static inline gchar *
tls_write_certificate (X509 *certificate)
{
  gchar *name = NULL;
  const gint fd = g_file_open_tmp ("icecold-XXXXXX.pem", &name, NULL);
  FILE *file = fdopen (fd, "w");

  g_assert_cmpint (PEM_write_X509 (file, certificate), ==, 1);
  fclose (file);
  return name;
}

static inline int
tls_select_alpn (SSL *ssl, const unsigned char **out, unsigned char *out_len,
                 const unsigned char *in, unsigned int in_len, void *data)
{
  static const guint8 offered[] = "\x09stun.turn";

  return SSL_select_next_proto ((unsigned char **)out, out_len, offered,
                                sizeof offered - 1, in, in_len)
                 == OPENSSL_NPN_NEGOTIATED
             ? SSL_TLSEXT_ERR_OK
             : SSL_TLSEXT_ERR_NOACK;
}

typedef struct
{
  SSL_CTX *context;
  SSL *ssl;
} TlsServer;

static inline void
tls_server_init (TlsServer *self, const TlsIdentity *identity, gboolean is_datagram)
{
  self->context =
      SSL_CTX_new (is_datagram ? DTLS_server_method () : TLS_server_method ());
  g_assert_cmpint (SSL_CTX_use_certificate (self->context, identity->certificate), ==, 1);
  g_assert_cmpint (SSL_CTX_use_PrivateKey (self->context, identity->key), ==, 1);
  SSL_CTX_set_alpn_select_cb (self->context, tls_select_alpn, NULL);
  self->ssl = SSL_new (self->context);
  SSL_set_bio (self->ssl, BIO_new (BIO_s_mem ()), BIO_new (BIO_s_mem ()));
  if (is_datagram)
    {
      SSL_set_options (self->ssl, SSL_OP_NO_QUERY_MTU);
      DTLS_set_link_mtu (self->ssl, 1400);
    }
  BIO_set_mem_eof_return (SSL_get_rbio (self->ssl), -1);
  SSL_set_accept_state (self->ssl);
}

static inline void
tls_server_clear (TlsServer *self)
{
  g_clear_pointer (&self->ssl, SSL_free);
  g_clear_pointer (&self->context, SSL_CTX_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (TlsServer, tls_server_clear)

static inline void
tls_server_receive (TlsServer *self, const void *data, gsize size)
{
  BIO_write (SSL_get_rbio (self->ssl), data, size);
  if (!SSL_is_init_finished (self->ssl))
    SSL_do_handshake (self->ssl);
}

/* Copies what the server has to send; returns how much. */
static inline gsize
tls_server_take (TlsServer *self, guint8 *to, gsize size)
{
  const int n = BIO_read (SSL_get_wbio (self->ssl), to, size);

  return MAX (n, 0);
}
