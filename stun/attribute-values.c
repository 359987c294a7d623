/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Addresses both ways, and the writers: the inverse of the readers in attributes.c. A
 * writer only ever produces what the reader of the same type accepts. RFC 8489 14, RFC
 * 8656 18. */
#include "config.h"

#include "stun/attributes.h"

StunRule
stun_value_get_address (const StunAttr *attr, StunAddress *value)
{
  StunAddress address;
  guint8 family;

  if (attr->len < 4)
    return STUN_RULE_VALUE_LENGTH;
  family = attr->value[1]; /* the byte before is ignored (RFC 8489 14.1) */
  if (family != STUN_FAMILY_IPV4 && family != STUN_FAMILY_IPV6)
    return STUN_RULE_ADDRESS_FAMILY;
  if (attr->len != (family == STUN_FAMILY_IPV4 ? 8 : 20))
    return STUN_RULE_VALUE_LENGTH;
  memset (&address, 0, sizeof address);
  if (family == STUN_FAMILY_IPV4)
    {
      address.s.ip4.sin_family = AF_INET;
      memcpy (&address.s.ip4.sin_port, attr->value + 2, 2);
      memcpy (&address.s.ip4.sin_addr, attr->value + 4, 4);
    }
  else
    {
      address.s.ip6.sin6_family = AF_INET6;
      memcpy (&address.s.ip6.sin6_port, attr->value + 2, 2);
      memcpy (&address.s.ip6.sin6_addr, attr->value + 4, 16);
    }
  *value = address;
  return STUN_RULE_KEPT;
}

void
stun_address_xor (StunAddress *address, guint32 cookie, const guint8 *id)
{
  if (address->s.addr.sa_family == AF_INET)
    {
      address->s.ip4.sin_port ^= GUINT16_TO_BE (cookie >> 16);
      address->s.ip4.sin_addr.s_addr ^= GUINT32_TO_BE (cookie);
    }
  else if (address->s.addr.sa_family == AF_INET6)
    {
      address->s.ip6.sin6_port ^= GUINT16_TO_BE (cookie >> 16);
      for (gsize i = 0; i < STUN_ID_LEN; i++)
        address->s.ip6.sin6_addr.s6_addr[i] ^= id[i];
    }
}

StunRule
stun_value_get_xor_address (const StunView *view, const StunAttr *attr,
                            StunAddress *value)
{
  StunAddress address;
  StunRule rule = stun_value_get_address (attr, &address);

  if (rule != STUN_RULE_KEPT)
    return rule;
  stun_address_xor (&address, STUN_MAGIC_COOKIE, view->data + STUN_MESSAGE_TRANS_ID_POS);
  *value = address;
  return STUN_RULE_KEPT;
}

StunRule
stun_attr_read_address (const StunView *view, guint16 type, StunAddress *value)
{
  StunAttr attr;

  if (!stun_view_find (view, type, &attr))
    return STUN_RULE_ABSENT;
  return stun_value_get_address (&attr, value);
}

StunRule
stun_attr_read_xor_address (const StunView *view, guint16 type, StunAddress *value)
{
  StunAttr attr;

  if (!stun_view_find (view, type, &attr))
    return STUN_RULE_ABSENT;
  return stun_value_get_xor_address (view, &attr, value);
}

void
stun_attr_write_flag (StunWriter *writer, guint16 type)
{
  stun_writer_append (writer, type, 0);
}

void
stun_attr_write_u8 (StunWriter *writer, guint16 type, guint8 value)
{
  stun_writer_append_bytes (writer, type, &value, 1);
}

void
stun_attr_write_u8_rffu (StunWriter *writer, guint16 type, guint8 value)
{
  stun_attr_write_u32 (writer, type, (guint32)value << 24);
}

void
stun_attr_write_u16_rffu (StunWriter *writer, guint16 type, guint16 value)
{
  stun_attr_write_u32 (writer, type, (guint32)value << 16);
}

void
stun_attr_write_u32 (StunWriter *writer, guint16 type, guint32 value)
{
  guint8 *at = stun_writer_append (writer, type, 4);

  if (at != NULL)
    stun_store32 (at, value);
}

void
stun_attr_write_u64 (StunWriter *writer, guint16 type, guint64 value)
{
  guint8 *at = stun_writer_append (writer, type, 8);

  if (at != NULL)
    stun_store64 (at, value);
}

void
stun_attr_write_string (StunWriter *writer, guint16 type, const char *text)
{
  stun_writer_append_bytes (writer, type, text, strlen (text));
}

void
stun_value_set_address (guint8 *value, const StunAddress *address)
{
  gboolean is_ip4 = address->s.addr.sa_family == AF_INET;

  g_assert (stun_address_is_ip (address));
  value[0] = 0;
  value[1] = is_ip4 ? STUN_FAMILY_IPV4 : STUN_FAMILY_IPV6;
  if (is_ip4)
    {
      memcpy (value + 2, &address->s.ip4.sin_port, 2);
      memcpy (value + 4, &address->s.ip4.sin_addr, 4);
    }
  else
    {
      memcpy (value + 2, &address->s.ip6.sin6_port, 2);
      memcpy (value + 4, &address->s.ip6.sin6_addr, 16);
    }
}

void
stun_attr_write_address (StunWriter *writer, guint16 type, const StunAddress *address)
{
  guint8 *at =
      stun_writer_append (writer, type, address->s.addr.sa_family == AF_INET ? 8 : 20);

  if (at != NULL)
    stun_value_set_address (at, address);
}

void
stun_attr_write_xor_address (StunWriter *writer, guint16 type, const StunAddress *address)
{
  StunAddress masked = *address;

  if (writer->overflow)
    return;
  stun_address_xor (&masked, STUN_MAGIC_COOKIE, writer->data + STUN_MESSAGE_TRANS_ID_POS);
  stun_attr_write_address (writer, type, &masked);
}

static void
write_error (StunWriter *writer, guint16 type, guint8 family, guint code,
             const char *reason)
{
  gsize len;
  guint8 *at;

  g_assert (code >= 300 && code <= 699);
  if (reason == NULL)
    reason = stun_code_get_reason (code);
  len = strlen (reason);
  g_assert (len <= STUN_TEXT_MAX_SENT);
  at = stun_writer_append (writer, type, 4 + len);
  if (at == NULL)
    return;
  at[0] = family;
  at[1] = 0;
  at[2] = code / 100;
  at[3] = code % 100;
  memcpy (at + 4, reason, len);
}

void
stun_attr_write_error (StunWriter *writer, guint code, const char *reason)
{
  write_error (writer, STUN_ATTR_ERROR_CODE, 0, code, reason);
}

void
stun_attr_write_address_error (StunWriter *writer, guint8 family, guint code)
{
  write_error (writer, STUN_ATTR_ADDRESS_ERROR_CODE, family, code, NULL);
}

void
stun_attr_write_unknown (StunWriter *writer, const guint16 *types, guint n)
{
  guint8 *at = stun_writer_append (writer, STUN_ATTR_UNKNOWN_ATTRIBUTES, 2 * (gsize)n);

  for (guint i = 0; at != NULL && i < n; i++)
    stun_store16 (at + 2 * i, types[i]);
}

void
stun_attr_write_transmit_counter (StunWriter *writer, guint8 requests, guint8 responses)
{
  stun_attr_write_u32 (writer, STUN_ATTR_TRANSACTION_TRANSMIT_COUNTER,
                       (guint32)requests << 8 | responses);
}

void
stun_attr_write_icmp (StunWriter *writer, const StunIcmpValue *value)
{
  guint8 *at = stun_writer_append (writer, STUN_ATTR_ICMP, 8);

  g_assert (value->type < 0x80 && value->code < 0x200);
  if (at == NULL)
    return;
  stun_store32 (at, (guint32)value->type << 9 | value->code);
  stun_store32 (at + 4, value->data);
}

void
stun_attr_write_algorithms (StunWriter *writer, guint16 type, const guint16 *algorithms,
                            guint n)
{
  guint8 *at = stun_writer_append (writer, type, 4 * (gsize)n);

  for (guint i = 0; at != NULL && i < n; i++)
    stun_store32 (at + 4 * i, (guint32)algorithms[i] << 16);
}

const char *
stun_code_get_reason (guint code)
{
  static const struct
  {
    guint code;
    const char *reason;
  } reasons[] = {
    { STUN_CODE_TRY_ALTERNATE, "Try Alternate" },
    { STUN_CODE_BAD_REQUEST, "Bad Request" },
    { STUN_CODE_UNAUTHENTICATED, "Unauthenticated" },
    { STUN_CODE_FORBIDDEN, "Forbidden" },
    { STUN_CODE_MOBILITY_FORBIDDEN, "Mobility Forbidden" },
    { STUN_CODE_UNKNOWN_ATTRIBUTE, "Unknown Attribute" },
    { STUN_CODE_ALLOCATION_MISMATCH, "Allocation Mismatch" },
    { STUN_CODE_STALE_NONCE, "Stale Nonce" },
    { STUN_CODE_ADDRESS_FAMILY_NOT_SUPPORTED, "Address Family not Supported" },
    { STUN_CODE_WRONG_CREDENTIALS, "Wrong Credentials" },
    { STUN_CODE_UNSUPPORTED_TRANSPORT, "Unsupported Transport Protocol" },
    { STUN_CODE_PEER_ADDRESS_FAMILY_MISMATCH, "Peer Address Family Mismatch" },
    { STUN_CODE_CONNECTION_ALREADY_EXISTS, "Connection Already Exists" },
    { STUN_CODE_CONNECTION_TIMEOUT, "Connection Timeout or Failure" },
    { STUN_CODE_ALLOCATION_QUOTA_REACHED, "Allocation Quota Reached" },
    { STUN_CODE_ROLE_CONFLICT, "Role Conflict" },
    { STUN_CODE_SERVER_ERROR, "Server Error" },
    { STUN_CODE_INSUFFICIENT_CAPACITY, "Insufficient Capacity" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (reasons); i++)
    {
      if (reasons[i].code == code)
        return reasons[i].reason;
    }
  return "Unknown error";
}
