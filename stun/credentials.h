/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A client's credentials towards one server or peer: which authentication attributes its
 * requests carry, and what a response means for them. RFC 8489 9.1, 9.2; RFC 8656 6
 * (choice of algorithm); RFC 7635 (tokens). The answering side is verify.h.
 *
 * Use, for each request: write all other attributes, call stun_credentials_write (which
 * ends with the integrity), then FINGERPRINT; keep the stamp it returns beside the
 * request. For each response that matched the request by id: hand it in with that stamp
 * and do what the verdict says. */
#pragma once

#include <glib.h>

#include "stun/integrity.h"
#include "stun/wire.h"

G_BEGIN_DECLS

/* A server that only ever answers 401 or 438 is given up after so many challenges without
 * one authenticated response between them (RFC 8489 9.2.5 sets no number). */
#define STUN_CREDENTIALS_MAX_CHALLENGES 5

typedef enum
{
  STUN_CREDENTIALS_NORMAL = 0,
  STUN_CREDENTIALS_TURN =
      1 << 0, /* RFC 8656 6: SHA-256 when listed, whatever the order */
  STUN_CREDENTIALS_RELIABLE = 1 << 1, /* a bad response ends a request, RFC 8489 9.2.5 */
  STUN_CREDENTIALS_SHA1_ONLY = 1 << 2 /* short-term: the peer is known to be RFC 5389's */
} StunCredentialsFlags;

typedef struct _StunCredentials StunCredentials;

/* Which state of the credentials a request was written with; 0: without any. */
typedef guint32 StunStamp;

typedef enum
{
  STUN_VERDICT_ACCEPT, /* use the response: authentic, or to a request without credentials
                        */
  STUN_VERDICT_IGNORE, /* as if it had never come: go on waiting and resending. When
                          nothing better comes the failure is an integrity violation, no
                          timeout */
  STUN_VERDICT_RETRY,  /* write the request anew, with a new transaction id */
  STUN_VERDICT_FAIL    /* the request has failed, retrying is pointless or forbidden */
} StunVerdict;

/* Short-term: both integrity attributes until the peer shows which one it wants, unless
 * STUN_CREDENTIALS_SHA1_ONLY (RFC 8489 9.1.2, 9.1.5). Name and password are copied. */
StunCredentials *stun_credentials_new_short_term (StunBytes username, StunBytes password,
                                                  StunCredentialsFlags flags);

/* Long-term: nothing is sent until the server asks with a 401 (RFC 8489 9.2.3.1). */
StunCredentials *stun_credentials_new_long_term (StunBytes username, StunBytes password,
                                                 StunCredentialsFlags flags);

/* Third-party authorization (RFC 7635 5): once the server asks, USERNAME is the key id
 * and mac_key keys MESSAGE-INTEGRITY. */
StunCredentials *
stun_credentials_new_token (StunBytes key_id, StunBytes token, StunBytes mac_key,
                            StunCredentialsFlags flags);

/* (transfer full): knows realm and nonce too. */
StunCredentials *stun_credentials_dup (const StunCredentials *self);

/* Wipes the secrets. */
void stun_credentials_free (StunCredentials *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (StunCredentials, stun_credentials_free)

/* Replaces an expiring token; requests written from now on carry it (RFC 7635 9). */
void stun_credentials_set_token (StunCredentials *self, StunBytes key_id, StunBytes token,
                                 StunBytes mac_key);

/* Appends what is due: USERNAME or USERHASH, REALM, NONCE, PASSWORD-ALGORITHMS,
 * PASSWORD-ALGORITHM, ACCESS-TOKEN (in Allocate and Refresh), integrity. Appends nothing,
 * and returns 0, before the first challenge. */
StunStamp stun_credentials_write (const StunCredentials *self, StunWriter *writer);

/* Judges a response to a request written with stamp, and learns from challenges. *rule,
 * when not NULL, names what was wrong with the response (KEPT: nothing). */
StunVerdict stun_credentials_handle_response (StunCredentials *self, StunStamp stamp,
                                              const StunView *response, StunRule *rule);

/* Whether indications or later requests can be authenticated already. */
gboolean stun_credentials_is_ready (const StunCredentials *self);

/* The server that a 401 named for third-party authorization (RFC 7635 6.1): ask it for a
 * token. Empty: none was named. Borrowed, until the next response. */
StunBytes stun_credentials_get_authorization_server (const StunCredentials *self);

/* Forgets realm and nonce, as for another server (RFC 8489 10: after a 300 the
 * credentials stay the same). */
void stun_credentials_reset (StunCredentials *self);

/* --- nonce cookie (RFC 8489 9.2, 18.1) --- */

typedef enum
{
  STUN_FEATURE_PASSWORD_ALGORITHMS = 1 << 0, /* bit 0 */
  STUN_FEATURE_USERNAME_ANONYMITY = 1 << 1   /* bit 1 */
} StunFeatures;

#define STUN_NONCE_COOKIE "obMatJos2"
#define STUN_NONCE_COOKIE_SIZE 13 /* with the four characters of feature bits */

/* FALSE: the nonce has no cookie (an RFC 5389 server); features is 0 then. */
gboolean stun_nonce_get_features (StunBytes nonce, StunFeatures *features);

/* Writes the cookie's 13 characters, without a NUL. */
void stun_nonce_write_cookie (StunFeatures features, char *cookie);

G_END_DECLS
