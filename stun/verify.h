/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whether a request or indication is acceptable, and if not, with which error it is
 * answered: the answering side of credentials.h. Knows the rules, not the users; the
 * caller looks users up between two steps. RFC 8489 6.3, 9.1.3, 9.2.4. */
#pragma once

#include <glib.h>

#include "stun/address.h"
#include "stun/integrity.h"
#include "stun/wire.h"

G_BEGIN_DECLS

/* code 0: go on. Otherwise a request is answered with that error; an indication is
 * dropped without an answer (RFC 8489 6.3.2), and so is everything when code is 0 but a
 * rule broken. */
typedef struct
{
  guint16 code;
  StunRule rule;
} StunCheck;

/* Whether the method exists and comes in this class (RFC 8489 6.3, RFC 8656 17, RFC 6062
 * 4): Send, Data and ConnectionAttempt only as indications, the others never as one but
 * Binding. */
StunRule stun_verify_method (const StunView *view);

/* RFC 8489 11: over DTLS there are no classic clients. A request without the cookie gets
 * 500, an indication is ignored. Parse with STUN_WIRE_CLASSIC to get this far. */
StunCheck stun_verify_cookie (const StunView *view);

/* Comprehension-required attributes that are not in known: 420, and the list to send with
 * it (RFC 8489 6.3.1). unknown has room for STUN_MAX_UNKNOWN. */
StunCheck stun_verify_known (const StunView *view, const guint16 *known, guint16 *unknown,
                             guint *n);

/* Short-term credentials (RFC 8489 9.1.3): 400 when USERNAME or integrity is missing, 401
 * when the name is not username or the integrity is wrong. An empty username: the caller
 * has judged the name itself. sha256 may be NULL, for who speaks RFC 5389 only. Neither
 * error carries integrity. */
StunCheck stun_verify_short_term (const StunView *view, StunBytes username,
                                  const StunHmac *sha1, const StunHmac *sha256);

/* Long-term credentials, first step (RFC 8489 9.2.4): what the request has to bring
 * before the user is looked up. algorithms: the value of PASSWORD-ALGORITHMS sent with
 * the nonce, empty when none was. 401: nothing was signed, challenge it; 400: something
 * is missing, or the algorithms are not the ones offered. */
StunCheck stun_verify_long_term_form (const StunView *view, StunBytes algorithms);

/* The algorithm of the user's key: what the request chose, MD5 when it chose nothing. */
guint16 stun_verify_get_algorithm (const StunView *view);

/* Long-term credentials, second step: the integrity, with the user's key made ready for
 * both digests. 401: wrong. The nonce's age is judged after this (438). */
StunCheck stun_verify_long_term_key (const StunView *view, const StunHmac *sha1,
                                     const StunHmac *sha256);

/* Ends an answer with the one integrity attribute that suits the request (RFC 8489 9.1.3,
 * 9.2.4): SHA-256 if the request had it or named algorithms, else SHA-1. */
void stun_verify_sign_answer (StunWriter *answer, const StunView *request,
                              const StunHmac *sha1, const StunHmac *sha256);

/* Writes a 401 or 438 whole but for FINGERPRINT: ERROR-CODE, REALM, NONCE and, unless
 * empty, PASSWORD-ALGORITHMS. */
void stun_verify_write_challenge (StunWriter *answer, guint16 code, StunBytes realm,
                                  StunBytes nonce, StunBytes algorithms);

/* Writes a 300 whole but for integrity, which it must have (RFC 8489 10, 14.8):
 * ERROR-CODE, then the server of the request's family, then one of the other family or
 * NULL. */
void stun_verify_write_redirection (StunWriter *answer, const StunAddress *server,
                                    const StunAddress *other);

G_END_DECLS
