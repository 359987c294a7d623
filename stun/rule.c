/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Names of the rules, for traces and counters. */
#include "config.h"

#include "stun/rule.h"

const char *
stun_rule_get_name (StunRule rule)
{
  static const char *const names[] = {
    [STUN_RULE_KEPT] = "kept",
    [STUN_RULE_ABSENT] = "absent",
    [STUN_RULE_TRUNCATED] = "truncated",
    [STUN_RULE_FIRST_BITS] = "first-bits",
    [STUN_RULE_LENGTH_ALIGNMENT] = "length-alignment",
    [STUN_RULE_TRAILING_BYTES] = "trailing-bytes",
    [STUN_RULE_COOKIE] = "cookie",
    [STUN_RULE_ATTRIBUTE_BOUNDS] = "attribute-bounds",
    [STUN_RULE_VALUE_LENGTH] = "value-length",
    [STUN_RULE_ADDRESS_FAMILY] = "address-family",
    [STUN_RULE_ERROR_CODE] = "error-code",
    [STUN_RULE_UTF8] = "utf8",
    [STUN_RULE_RANGE] = "range",
    [STUN_RULE_FINGERPRINT] = "fingerprint",
    [STUN_RULE_INTEGRITY] = "integrity",
    [STUN_RULE_NO_INTEGRITY] = "no-integrity",
    [STUN_RULE_USERNAME] = "username",
    [STUN_RULE_NO_USERNAME] = "no-username",
    [STUN_RULE_NONCE] = "nonce",
    [STUN_RULE_PASSWORD_ALGORITHM] = "password-algorithm",
    [STUN_RULE_UNKNOWN_ATTRIBUTE] = "unknown-attribute",
    [STUN_RULE_METHOD] = "method",
    [STUN_RULE_UNMATCHED] = "unmatched",
    [STUN_RULE_SPACE] = "space",
  };

  return (guint)rule < G_N_ELEMENTS (names) ? names[rule] : "unknown";
}
