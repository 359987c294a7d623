/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the public functions share: a message's dialect, its view, its long-term key, and
 * the layouts that are part of the interface. Decides nothing about the wire. */
#include "config.h"

#include "stun/public-message.h"

#include "stun/attributes.h"
#include "stun/opaque-string.h"

G_STATIC_ASSERT (sizeof (StunMessage) == 64);
G_STATIC_ASSERT (G_STRUCT_OFFSET (StunMessage, buffer) == 8);
G_STATIC_ASSERT (G_STRUCT_OFFSET (StunMessage, buffer_len) == 16);
G_STATIC_ASSERT (G_STRUCT_OFFSET (StunMessage, key) == 24);
G_STATIC_ASSERT (G_STRUCT_OFFSET (StunMessage, key_len) == 32);
G_STATIC_ASSERT (G_STRUCT_OFFSET (StunMessage, long_term_key) == 40);
G_STATIC_ASSERT (G_STRUCT_OFFSET (StunMessage, long_term_valid) == 56);
G_STATIC_ASSERT (sizeof (StunInputVector) == 16);
G_STATIC_ASSERT (G_STRUCT_OFFSET (StunInputVector, size) == 8);
G_STATIC_ASSERT (sizeof (StunTransactionId) == STUN_ID_LEN);
G_STATIC_ASSERT (sizeof (StunAgentSavedIds) == 64);
G_STATIC_ASSERT (G_STRUCT_OFFSET (StunAgentSavedIds, method) == 16);
G_STATIC_ASSERT (G_STRUCT_OFFSET (StunAgentSavedIds, key) == 24);
G_STATIC_ASSERT (G_STRUCT_OFFSET (StunAgentSavedIds, key_len) == 32);
G_STATIC_ASSERT (G_STRUCT_OFFSET (StunAgentSavedIds, long_term_key) == 40);
G_STATIC_ASSERT (G_STRUCT_OFFSET (StunAgentSavedIds, long_term_valid) == 56);
G_STATIC_ASSERT (G_STRUCT_OFFSET (StunAgentSavedIds, valid) == 57);
G_STATIC_ASSERT (sizeof (StunAgent) == 12840);
G_STATIC_ASSERT (G_STRUCT_OFFSET (StunAgent, sent_ids) == 8);
G_STATIC_ASSERT (G_STRUCT_OFFSET (StunAgent, known_attributes) == 12808);
G_STATIC_ASSERT (G_STRUCT_OFFSET (StunAgent, usage_flags) == 12816);
G_STATIC_ASSERT (G_STRUCT_OFFSET (StunAgent, software_attribute) == 12824);
G_STATIC_ASSERT (G_STRUCT_OFFSET (StunAgent, ms_ice2_send_legacy_connchecks) == 12832);
G_STATIC_ASSERT (sizeof (StunDefaultValidaterData) == 32);
G_STATIC_ASSERT ((int)STUN_COMPATIBILITY_RFC3489 == STUN_DIALECT_RFC3489);
G_STATIC_ASSERT ((int)STUN_COMPATIBILITY_RFC5389 == STUN_DIALECT_RFC8489);
G_STATIC_ASSERT ((int)STUN_COMPATIBILITY_MSICE2 == STUN_DIALECT_MSICE2);
G_STATIC_ASSERT ((int)STUN_COMPATIBILITY_OC2007 == STUN_DIALECT_OC2007);

const StunQuirks *
stun_message_get_quirks (const StunMessage *msg)
{
  return stun_quirks_get (msg->agent != NULL ? msg->agent->compatibility
                                             : STUN_COMPATIBILITY_RFC5389);
}

StunWireFlags
stun_message_get_wire_flags (const StunMessage *msg)
{
  StunWireFlags flags = stun_message_get_quirks (msg)->wire;

  if (msg->agent != NULL
      && (msg->agent->usage_flags & STUN_AGENT_USAGE_NO_ALIGNED_ATTRIBUTES))
    flags = (flags | STUN_WIRE_UNPADDED) & ~STUN_WIRE_COUNTED_PADDING;
  return flags;
}

bool
stun_message_get_view (const StunMessage *msg, StunView *view)
{
  StunWireFlags flags = stun_message_get_wire_flags (msg) | STUN_WIRE_CLASSIC;
  gsize total;

  return stun_wire_measure (msg->buffer, msg->buffer_len, flags, &total) == STUN_RULE_KEPT
         && stun_view_parse (view, msg->buffer, total, flags) == STUN_RULE_KEPT;
}

/* [MS-TURN] 2.2.2: Office Communicator 2007 gave REALM and NONCE each other's number. */
guint16
stun_message_get_wire_type (const StunMessage *msg, StunAttribute type)
{
  if (!stun_message_get_quirks (msg)->has_swapped_realm)
    return type;
  if (type == STUN_ATTRIBUTE_REALM)
    return STUN_ATTRIBUTE_NONCE;
  return type == STUN_ATTRIBUTE_NONCE ? STUN_ATTRIBUTE_REALM : type;
}

static StunBytes
find_bytes (const StunMessage *msg, StunAttribute type)
{
  uint16_t len = 0;
  const void *value = stun_message_find (msg, type, &len);

  return (StunBytes) { value, len };
}

bool
stun_message_make_long_term_key (StunMessage *msg)
{
  StunBytes username = find_bytes (msg, STUN_ATTRIBUTE_USERNAME);
  StunBytes realm = find_bytes (msg, STUN_ATTRIBUTE_REALM);

  if (username.data == NULL || realm.data == NULL)
    return false;
  stun_bytes_trim_credential (&username);
  stun_bytes_trim_credential (&realm);
  msg->long_term_valid =
      stun_long_term_key (STUN_PASSWORD_ALGORITHM_MD5, username, realm,
                          (StunBytes) { msg->key, msg->key_len }, msg->long_term_key)
      == sizeof msg->long_term_key;
  return msg->long_term_valid;
}
