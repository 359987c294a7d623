/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* MESSAGE-INTEGRITY and MESSAGE-INTEGRITY-SHA256 (RFC 8489 14.5, 14.6), and the keys of
 * long- term credentials. Knows keys and bytes; which key belongs to a message is
 * credentials.h's. */
#pragma once

#include <glib.h>

#include "stun/wire.h"

G_BEGIN_DECLS

typedef enum
{
  STUN_HMAC_SHA1,
  STUN_HMAC_SHA256
} StunHmacAlgorithm;

#define STUN_HMAC_SHA1_SIZE 20
#define STUN_HMAC_SHA256_SIZE 32
#define STUN_HMAC_MAX_SIZE STUN_HMAC_SHA256_SIZE
#define STUN_LONG_TERM_KEY_MAX_SIZE 32

/* A key, made ready: what HMAC computes from the key alone is done once, here. Plain
 * value: may be copied, holds no allocation, is only read afterwards (so any thread may
 * use it). Build one per key and keep it beside the credentials; wipe it with
 * stun_hmac_clear. */
typedef struct
{
  guint32 algorithm; /* StunHmacAlgorithm */
  guint32 is_set;    /* FALSE in a zeroed one */
  guint64 inner[14]; /* digest states after the padded key (RFC 2104 4) */
  guint64 outer[14];
} StunHmac;

void
stun_hmac_init (StunHmac *self, StunHmacAlgorithm algorithm, const void *key, gsize len);
void stun_hmac_clear (StunHmac *self);

static inline gsize
stun_hmac_get_size (StunHmacAlgorithm algorithm)
{
  return algorithm == STUN_HMAC_SHA1 ? STUN_HMAC_SHA1_SIZE : STUN_HMAC_SHA256_SIZE;
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (StunHmac, stun_hmac_clear)

/* HMAC over data; mac has room for STUN_HMAC_MAX_SIZE bytes. */
void stun_hmac_compute (const StunHmac *self, const void *data, gsize len, guint8 *mac);

/* Appends the integrity attribute of the key's kind, over all written so far
 * (RFC 8489 14.5). With both kinds, SHA-1 goes first. */
void stun_integrity_write (StunWriter *writer, const StunHmac *key);

/* Whether the message carries the integrity attribute of the key's kind, and it is right.
 * KEPT; STUN_RULE_NO_INTEGRITY; STUN_RULE_INTEGRITY; STUN_RULE_VALUE_LENGTH (truncated
 * SHA-256 included: no usage of ours allows it). Compares in constant time. */
StunRule stun_integrity_verify (const StunView *view, const StunHmac *key);

/* Long-term keys (RFC 8489 9.2.2, 18.5.1). Username, realm and password are taken as they
 * are: prepare them before (opaque-string.h). algorithm: STUN_PASSWORD_ALGORITHM_MD5 or
 * _SHA256. Returns the key's length (16 or 32). */
gsize stun_long_term_key (guint16 algorithm, StunBytes username, StunBytes realm,
                          StunBytes password, guint8 *key);

/* USERHASH (RFC 8489 14.4): hash has room for STUN_USERHASH_SIZE bytes. */
void stun_userhash (StunBytes username, StunBytes realm, guint8 *hash);

G_END_DECLS
