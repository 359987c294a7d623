/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The rows. Decides nothing; every branch on a dialect elsewhere reads a field of one. */
#include "config.h"

#include "stun/quirks.h"

#include "stun/code-points.h"

#define CLASSIC_WIRE                                                                     \
  (STUN_WIRE_CLASSIC | STUN_WIRE_HMAC_PADDED | STUN_WIRE_COUNTED_PADDING)

const StunQuirks *
stun_quirks_get (guint dialect)
{
  static const StunQuirks rows[] = {
    [STUN_DIALECT_RFC3489] = { CLASSIC_WIRE, FALSE, FALSE },
    [STUN_DIALECT_RFC8489] = { STUN_WIRE_NORMAL, TRUE, FALSE },
    [STUN_DIALECT_MSICE2] = { STUN_WIRE_HMAC_PADDED | STUN_WIRE_HMAC_WHOLE_LENGTH, TRUE,
                              FALSE },
    [STUN_DIALECT_OC2007] = { CLASSIC_WIRE, FALSE, TRUE },
  };

  return dialect < G_N_ELEMENTS (rows) ? &rows[dialect] : &rows[STUN_DIALECT_RFC8489];
}

const StunIceQuirks *
stun_quirks_get_ice (guint dialect)
{
  static const StunIceQuirks rows[] = {
    [STUN_ICE_DIALECT_RFC8445] = { TRUE, FALSE, STUN_MAPPING_BY_COOKIE },
    [STUN_ICE_DIALECT_GOOGLE] = { FALSE, FALSE, STUN_MAPPING_PLAIN },
    [STUN_ICE_DIALECT_MSN] = { FALSE, FALSE, STUN_MAPPING_BY_ID },
    [STUN_ICE_DIALECT_MSICE2] = { TRUE, TRUE, STUN_MAPPING_BY_COOKIE },
  };

  return dialect < G_N_ELEMENTS (rows) ? &rows[dialect] : &rows[STUN_ICE_DIALECT_RFC8445];
}

const StunTurnQuirks *
stun_quirks_get_turn (guint dialect)
{
  static const StunTurnQuirks rows[] = {
    [STUN_TURN_DIALECT_DRAFT9] = { FALSE, FALSE, FALSE, STUN_ATTR_XOR_MAPPED_ADDRESS,
                                   TRUE, TRUE },
    [STUN_TURN_DIALECT_GOOGLE] = { TRUE, FALSE, TRUE, 0, FALSE, FALSE },
    [STUN_TURN_DIALECT_MSN] = { TRUE, FALSE, TRUE, STUN_ATTR_MS_XOR_MAPPED_ADDRESS, TRUE,
                                FALSE },
    [STUN_TURN_DIALECT_OC2007] = { TRUE, TRUE, TRUE, STUN_ATTR_MS_XOR_MAPPED_ADDRESS,
                                   TRUE, FALSE },
    [STUN_TURN_DIALECT_RFC8656] = { FALSE, FALSE, FALSE, STUN_ATTR_XOR_MAPPED_ADDRESS,
                                    TRUE, TRUE },
  };

  return dialect < G_N_ELEMENTS (rows) ? &rows[dialect]
                                       : &rows[STUN_TURN_DIALECT_RFC8656];
}
