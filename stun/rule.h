/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which rule of STUN a message breaks. Every reader of this folder answers with one of
 * these, so that counters and traces name the reason; STUN_RULE_KEPT is zero and means
 * "fine". */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  STUN_RULE_KEPT,       /* nothing broken */
  STUN_RULE_ABSENT,     /* the attribute asked for is not there */
  STUN_RULE_TRUNCATED,  /* fewer bytes than header and length say; a stream: read on */
  STUN_RULE_FIRST_BITS, /* RFC 8489 5: the two top bits are zero */
  STUN_RULE_LENGTH_ALIGNMENT, /* RFC 8489 5: the length is a multiple of 4 */
  STUN_RULE_TRAILING_BYTES,   /* RFC 8489 5: the datagram ends with the message */
  STUN_RULE_COOKIE,           /* RFC 8489 5: bytes 4 to 7 */
  STUN_RULE_ATTRIBUTE_BOUNDS, /* RFC 8489 14: an attribute runs past the end */
  STUN_RULE_VALUE_LENGTH,     /* the value's length does not fit its type */
  STUN_RULE_ADDRESS_FAMILY,   /* RFC 8489 14.1: 0x01 or 0x02 */
  STUN_RULE_ERROR_CODE,       /* RFC 8489 14.8: class 3 to 6, number 0 to 99 */
  STUN_RULE_UTF8,             /* text that is not UTF-8 */
  STUN_RULE_RANGE,            /* a number outside what its attribute allows */
  STUN_RULE_FINGERPRINT,      /* RFC 8489 14.7: absent, not last, or wrong */
  STUN_RULE_INTEGRITY,        /* RFC 8489 9: wrong HMAC */
  STUN_RULE_NO_INTEGRITY,     /* RFC 8489 9: no integrity attribute of the kind wanted */
  STUN_RULE_USERNAME,         /* RFC 8489 9: no user of that name */
  STUN_RULE_NO_USERNAME,      /* RFC 8489 9: USERNAME, REALM or NONCE missing beside it */
  STUN_RULE_NONCE, /* RFC 8489 9.2.4: stale, or bits that contradict the rest */
  STUN_RULE_PASSWORD_ALGORITHM, /* RFC 8489 9.2.4: list or choice not the one offered */
  STUN_RULE_UNKNOWN_ATTRIBUTE,  /* RFC 8489 6.3: comprehension-required and not understood
                                 */
  STUN_RULE_METHOD,             /* RFC 8489 6.3: no such method, or not in this class */
  STUN_RULE_UNMATCHED,          /* RFC 8489 6.3: answers no request of ours */
  STUN_RULE_SPACE,              /* the caller's buffer is too small */
  STUN_RULE_LAST = STUN_RULE_SPACE
} StunRule;

/* A short English name for traces ("attribute-bounds"); never NULL. */
const char *stun_rule_get_name (StunRule rule);

G_END_DECLS
