/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Everything that reads a STUN message before anybody is authenticated: framing, the walk
 * over attributes, and each typed reader. */
#include "config.h"

#include "fuzz.h"

#include "stun/attributes.h"
#include "stun/fingerprint.h"
#include "stun/wire.h"

static void
read_values (const StunView *view, guint16 type)
{
  guint16 u16;
  guint32 u32;
  guint64 u64;
  StunBytes bytes;
  StunAddress address;

  stun_attr_read_flag (view, type);
  stun_attr_read_u16 (view, type, &u16);
  stun_attr_read_u32 (view, type, &u32);
  stun_attr_read_u64 (view, type, &u64);
  stun_attr_read_bytes (view, type, &bytes);
  stun_attr_read_text (view, type, &bytes);
  stun_attr_read_address (view, type, &address);
  stun_attr_read_xor_address (view, type, &address);
}

static void
read_view (const StunView *view)
{
  StunAttr attr = { 0 };
  StunErrorValue error;
  StunAddressErrorValue address_error;
  StunIcmpValue icmp;
  StunAlgorithm algorithm;
  guint8 u8;
  guint16 types[8];
  guint n;

  stun_attr_check_all (view);
  while (stun_view_next (view, &attr))
    {
      stun_attr_check (view, &attr);
      read_values (view, attr.type);
    }
  stun_attr_read_error (view, &error);
  stun_attr_read_address_error (view, &address_error);
  stun_attr_read_icmp (view, &icmp);
  stun_attr_read_algorithm (view, &algorithm);
  stun_attr_read_transmit_counter (view, &u8, &u8);
  for (guint16 type = 0; type < 0x30; type++)
    stun_attr_read_u8 (view, type, &u8);
  stun_attr_read_unknown (view, types, G_N_ELEMENTS (types), &n);
  stun_fingerprint_verify (view);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static const StunWireFlags dialects[] = { STUN_WIRE_NORMAL, STUN_WIRE_CLASSIC,
                                            STUN_WIRE_CLASSIC | STUN_WIRE_UNPADDED };
  gsize total;
  StunView view;

  for (gsize i = 0; i < G_N_ELEMENTS (dialects); i++)
    {
      stun_wire_measure (data, size, dialects[i], &total);
      if (stun_view_parse (&view, data, size, dialects[i]) == STUN_RULE_KEPT)
        read_view (&view);
    }
  return 0;
}
