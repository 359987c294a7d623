/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* FINGERPRINT (RFC 8489 14.7): a CRC-32 that tells STUN from what else shares the port.
 */
#pragma once

#include <glib.h>

#include "stun/wire.h"

G_BEGIN_DECLS

/* Appends FINGERPRINT over all written so far; it must be the last attribute. */
void stun_fingerprint_write (StunWriter *writer);

/* KEPT when FINGERPRINT is there, comes last and is right; else STUN_RULE_FINGERPRINT. */
StunRule stun_fingerprint_verify (const StunView *view);

/* CRC-32 of ISO 3309 (the one of zlib and Ethernet) over data. */
guint32 stun_crc32 (const guint8 *data, gsize len);

G_END_DECLS
