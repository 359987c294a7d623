/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The OpaqueString profile, by which user names, realms and passwords are compared and
 * hashed (RFC 8265 4.2 on the FreeformClass of RFC 8264; RFC 8489 9.1.1, 9.2.2, 14.3). */
#pragma once

#include <glib.h>

#include "stun/bytes.h"
#include "stun/rule.h"

G_BEGIN_DECLS

/* Prepares text. KEPT: *prepared is newly allocated (g_bytes_unref it). STUN_RULE_UTF8:
 * not UTF-8; STUN_RULE_RANGE: empty, or a code point the profile forbids. ASCII without
 * control characters comes out as it went in. */
StunRule stun_opaque_string (StunBytes text, GBytes **prepared);

/* The same for credentials as users hand them over: text that the profile forbids, such
 * as the raw bytes that old dialects use, stays as it is. Trailing NULs are removed
 * first, and quotes around it when unquote is set (RFC 8489 9.2.2). Never NULL. */
GBytes *stun_prepare_credential (StunBytes text, gboolean unquote);

/* Cuts off trailing NULs, then a pair of quotes (RFC 8489 9.2.2). */
void stun_bytes_trim_credential (StunBytes *text);

G_END_DECLS
