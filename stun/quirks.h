/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What each dialect of STUN, of checks and of TURN does differently, as data: one row
 * each. No other file of this folder compares with a compatibility value. The rows were
 * found by reading what libnice 0.1.21 puts on the wire in each mode; RFC 3489,
 * [MS-ICE2], [MS-TURN]. */
#pragma once

#include <glib.h>

#include "stun/wire.h"

G_BEGIN_DECLS

/* The numbers are those of the public enumerations, which the callers assert. */
typedef enum
{
  STUN_DIALECT_RFC3489,
  STUN_DIALECT_RFC8489, /* and RFC 5389 */
  STUN_DIALECT_MSICE2,  /* WLM2009, OC2007R2 */
  STUN_DIALECT_OC2007
} StunDialect;

typedef enum
{
  STUN_ICE_DIALECT_RFC8445, /* and RFC 5245 */
  STUN_ICE_DIALECT_GOOGLE,
  STUN_ICE_DIALECT_MSN,
  STUN_ICE_DIALECT_MSICE2
} StunIceDialect;

typedef enum
{
  STUN_TURN_DIALECT_DRAFT9,
  STUN_TURN_DIALECT_GOOGLE,
  STUN_TURN_DIALECT_MSN,
  STUN_TURN_DIALECT_OC2007,
  STUN_TURN_DIALECT_RFC8656 /* and RFC 5766 */
} StunTurnDialect;

typedef struct
{
  StunWireFlags wire;
  gboolean has_cookie;        /* sent and required; SOFTWARE and FINGERPRINT go with it */
  gboolean has_swapped_realm; /* REALM is 0x0015 and NONCE 0x0014 */
} StunQuirks;

/* How a check's reply tells the mapped address. */
typedef enum
{
  STUN_MAPPING_BY_COOKIE, /* XOR-MAPPED-ADDRESS for who sent the cookie, else
                             MAPPED-ADDRESS */
  STUN_MAPPING_PLAIN,     /* MAPPED-ADDRESS */
  STUN_MAPPING_BY_ID      /* XORed with the first four bytes of the 128-bit id */
} StunMapping;

typedef struct
{
  gboolean has_ice_attributes;       /* PRIORITY, USE-CANDIDATE, roles */
  gboolean has_candidate_identifier; /* and MS-IMPLEMENTATION-VERSION */
  StunMapping mapping;
} StunIceQuirks;

typedef struct
{
  gboolean has_magic_cookie; /* TURN's own cookie, as an attribute; else
                                REQUESTED-TRANSPORT, BANDWIDTH and EVEN-PORT */
  gboolean has_ms_version;
  gboolean refreshes_by_allocate; /* there is no Refresh method */
  guint16 mapped;                 /* the mapped address in an Allocate response */
  gboolean is_mapped_xored;
  gboolean is_relayed_xored;
} StunTurnQuirks;

/* Rows for what a caller named; never NULL: unknown values get the standard's row. */
const StunQuirks *stun_quirks_get (guint dialect);
const StunIceQuirks *stun_quirks_get_ice (guint dialect);
const StunTurnQuirks *stun_quirks_get_turn (guint dialect);

G_END_DECLS
