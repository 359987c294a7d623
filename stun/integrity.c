/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* HMAC over messages with keys made ready once, and digests for long-term keys. OpenSSL
 * does the digests; this file decides which bytes go in. RFC
 * 8489 9.2.2, 14.5, 14.6, 18.5, RFC 2104.
 *
 * NOTES: why the digest states are OpenSSL's plain SHA_CTX and not EVP: a whole check is
 * to cost 350 ns. One HMAC-SHA1 over 90 bytes, OpenSSL 3.0.22, SHA-NI, median of several
 * runs:
 *
 * - HMAC () or EVP_MAC_fetch each time: 1,650 to 2,000 ns
 * - EVP_MAC_CTX kept, new key: 1,000 ns
 * - EVP_MAC_CTX or HMAC_CTX kept, same key: 270 to 330 ns
 * - EVP_MD_CTX copies, hand-made HMAC: 230 ns
 * - SHA_CTX copies, hand-made HMAC: 130 ns, 210 ns when the key is new
 *
 * The plain functions are "deprecated" in that they skip providers, which is the saving;
 * they also need no heap, hence a StunHmac is a plain value that threads share without a
 * lock. Should OpenSSL drop them, only this file changes. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "config.h"

#include "stun/integrity.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/sha.h>

#include "stun/attributes.h"

#define HMAC_BLOCK 64      /* of both digests */
#define FINGERPRINT_SIZE 8 /* the whole attribute */

G_STATIC_ASSERT (sizeof (SHA_CTX) <= sizeof (((StunHmac *)NULL)->inner));
G_STATIC_ASSERT (sizeof (SHA256_CTX) <= sizeof (((StunHmac *)NULL)->inner));

typedef union
{
  SHA_CTX sha1;
  SHA256_CTX sha256;
} Digest;

static void
digest_begin (Digest *self, StunHmacAlgorithm algorithm)
{
  if (algorithm == STUN_HMAC_SHA1)
    SHA1_Init (&self->sha1);
  else
    SHA256_Init (&self->sha256);
}

static void
digest_resume (Digest *self, StunHmacAlgorithm algorithm, const guint64 *state)
{
  if (algorithm == STUN_HMAC_SHA1)
    memcpy (&self->sha1, state, sizeof self->sha1);
  else
    memcpy (&self->sha256, state, sizeof self->sha256);
}

static void
digest_add (Digest *self, StunHmacAlgorithm algorithm, const void *data, gsize len)
{
  if (algorithm == STUN_HMAC_SHA1)
    SHA1_Update (&self->sha1, data, len);
  else
    SHA256_Update (&self->sha256, data, len);
}

static void
digest_end (Digest *self, StunHmacAlgorithm algorithm, guint8 *digest)
{
  if (algorithm == STUN_HMAC_SHA1)
    SHA1_Final (digest, &self->sha1);
  else
    SHA256_Final (digest, &self->sha256);
}

/* RFC 2104 2: one block of the key XORed with a constant. */
static void
prepare (guint64 *state, StunHmacAlgorithm algorithm, const guint8 *block, guint8 pad)
{
  guint8 padded[HMAC_BLOCK];
  Digest digest;

  for (gsize i = 0; i < HMAC_BLOCK; i++)
    padded[i] = block[i] ^ pad;
  memset (&digest, 0, sizeof digest);
  digest_begin (&digest, algorithm);
  digest_add (&digest, algorithm, padded, sizeof padded);
  memcpy (state, &digest, sizeof digest);
  OPENSSL_cleanse (padded, sizeof padded);
  OPENSSL_cleanse (&digest, sizeof digest);
}

void
stun_hmac_init (StunHmac *self, StunHmacAlgorithm algorithm, const void *key, gsize len)
{
  guint8 block[HMAC_BLOCK] = { 0 };
  Digest digest;

  if (len > HMAC_BLOCK)
    {
      digest_begin (&digest, algorithm);
      digest_add (&digest, algorithm, key, len);
      digest_end (&digest, algorithm, block);
    }
  else if (len > 0)
    memcpy (block, key, len);
  self->algorithm = algorithm;
  self->is_set = TRUE;
  prepare (self->inner, algorithm, block, 0x36);
  prepare (self->outer, algorithm, block, 0x5C);
  OPENSSL_cleanse (block, sizeof block);
}

void
stun_hmac_clear (StunHmac *self)
{
  OPENSSL_cleanse (self, sizeof *self);
}

static void
finish (const StunHmac *self, Digest *inner, guint8 *mac)
{
  digest_end (inner, self->algorithm, mac);
  digest_resume (inner, self->algorithm, self->outer);
  digest_add (inner, self->algorithm, mac, stun_hmac_get_size (self->algorithm));
  digest_end (inner, self->algorithm, mac);
}

void
stun_hmac_compute (const StunHmac *self, const void *data, gsize len, guint8 *mac)
{
  Digest digest;

  digest_resume (&digest, self->algorithm, self->inner);
  digest_add (&digest, self->algorithm, data, len);
  finish (self, &digest, mac);
}

/* The HMAC of the first len bytes of a message, under another length in its header. */
static void
compute_message (const StunHmac *self, const guint8 *data, gsize len, guint16 length,
                 StunWireFlags flags, guint8 *mac)
{
  static const guint8 zeros[HMAC_BLOCK];
  guint8 header[STUN_MESSAGE_HEADER_LENGTH];
  Digest digest;

  memcpy (header, data, sizeof header);
  stun_store16 (header + STUN_MESSAGE_LENGTH_POS, length);
  digest_resume (&digest, self->algorithm, self->inner);
  digest_add (&digest, self->algorithm, header, sizeof header);
  digest_add (&digest, self->algorithm, data + sizeof header, len - sizeof header);
  if ((flags & STUN_WIRE_HMAC_PADDED) && len % HMAC_BLOCK != 0)
    digest_add (&digest, self->algorithm, zeros, HMAC_BLOCK - len % HMAC_BLOCK);
  finish (self, &digest, mac);
}

/* RFC 8489 14.5: the length that a message ending right behind the integrity would have;
 * whole is the one of the message with all that follows, for [MS-ICE2]. */
static guint16
get_signed_length (const StunHmac *self, gsize signed_len, gsize whole,
                   StunWireFlags flags)
{
  gsize end =
      signed_len + STUN_ATTRIBUTE_HEADER_LENGTH + stun_hmac_get_size (self->algorithm);

  return (flags & STUN_WIRE_HMAC_WHOLE_LENGTH ? whole : end) - STUN_MESSAGE_HEADER_LENGTH;
}

void
stun_integrity_write (StunWriter *writer, const StunHmac *key)
{
  guint16 type = key->algorithm == STUN_HMAC_SHA1 ? STUN_ATTR_MESSAGE_INTEGRITY
                                                  : STUN_ATTR_MESSAGE_INTEGRITY_SHA256;
  gsize size = stun_hmac_get_size (key->algorithm), signed_len = writer->len, whole;
  guint8 mac[STUN_HMAC_MAX_SIZE];
  guint8 *at = stun_writer_append (writer, type, size);

  g_assert (key->is_set);
  if (at == NULL)
    return;
  whole = writer->len + (writer->expects_fingerprint ? FINGERPRINT_SIZE : 0);
  compute_message (key, writer->data, signed_len,
                   get_signed_length (key, signed_len, whole, writer->flags),
                   writer->flags, mac);
  memcpy (at, mac, size);
}

StunRule
stun_integrity_verify (const StunView *view, const StunHmac *key)
{
  guint32 offset =
      key->algorithm == STUN_HMAC_SHA1 ? view->integrity : view->integrity_sha256;
  gsize size = stun_hmac_get_size (key->algorithm);
  guint8 mac[STUN_HMAC_MAX_SIZE];

  g_assert (key->is_set);
  if (offset == 0)
    return STUN_RULE_NO_INTEGRITY;
  if (stun_load16 (view->data + offset + STUN_ATTRIBUTE_LENGTH_POS) != size)
    return STUN_RULE_VALUE_LENGTH;
  compute_message (key, view->data, offset,
                   get_signed_length (key, offset, view->len, view->flags), view->flags,
                   mac);
  return CRYPTO_memcmp (mac, view->data + offset + STUN_ATTRIBUTE_VALUE_POS, size) == 0
             ? STUN_RULE_KEPT
             : STUN_RULE_INTEGRITY;
}

/* Digests parts with colons between them. */
static gsize
digest_parts (const EVP_MD *md, const StunBytes *parts, guint n, guint8 *digest)
{
  EVP_MD_CTX *context = EVP_MD_CTX_new ();
  guint len = 0;
  gboolean ok = context != NULL && EVP_DigestInit_ex (context, md, NULL);

  for (guint i = 0; ok && i < n; i++)
    {
      if (i > 0)
        ok = EVP_DigestUpdate (context, ":", 1);
      if (ok && parts[i].len > 0)
        ok = EVP_DigestUpdate (context, parts[i].data, parts[i].len);
    }
  ok = ok && EVP_DigestFinal_ex (context, digest, &len);
  EVP_MD_CTX_free (context);
  return ok ? len : 0;
}

gsize
stun_long_term_key (guint16 algorithm, StunBytes username, StunBytes realm,
                    StunBytes password, guint8 *key)
{
  const StunBytes parts[] = { username, realm, password };
  const EVP_MD *md =
      algorithm == STUN_PASSWORD_ALGORITHM_SHA256 ? EVP_sha256 () : EVP_md5 ();

  return digest_parts (md, parts, G_N_ELEMENTS (parts), key);
}

void
stun_userhash (StunBytes username, StunBytes realm, guint8 *hash)
{
  const StunBytes parts[] = { username, realm };

  digest_parts (EVP_sha256 (), parts, G_N_ELEMENTS (parts), hash);
}
