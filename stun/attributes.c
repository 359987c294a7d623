/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is known of each attribute, as a table, and the check of a value against its row.
 * Sections beside the rows' groups. */
#include "config.h"

#include "stun/attributes.h"

#define ANY 0xFFFF

/* Sorted by type: looked up by halving. */
static const StunAttrInfo infos[] = {
  { STUN_ATTR_MAPPED_ADDRESS, STUN_FORM_ADDRESS, 8, 20, "MAPPED-ADDRESS" },
  { STUN_ATTR_RESPONSE_ADDRESS, STUN_FORM_ADDRESS, 8, 20, "RESPONSE-ADDRESS" },
  { STUN_ATTR_CHANGE_REQUEST, STUN_FORM_U32, 4, 4, "CHANGE-REQUEST" },
  { STUN_ATTR_SOURCE_ADDRESS, STUN_FORM_ADDRESS, 8, 20, "SOURCE-ADDRESS" },
  { STUN_ATTR_CHANGED_ADDRESS, STUN_FORM_ADDRESS, 8, 20, "CHANGED-ADDRESS" },
  /* Opaque: RFC 8489 prepares it, Google's and Microsoft's dialects put raw bytes here.
   */
  { STUN_ATTR_USERNAME, STUN_FORM_OPAQUE, 0, STUN_TEXT_MAX_ACCEPTED, "USERNAME" },
  { STUN_ATTR_PASSWORD, STUN_FORM_OPAQUE, 0, STUN_TEXT_MAX_ACCEPTED, "PASSWORD" },
  { STUN_ATTR_MESSAGE_INTEGRITY, STUN_FORM_OPAQUE, 20, 20, "MESSAGE-INTEGRITY" },
  { STUN_ATTR_ERROR_CODE, STUN_FORM_ERROR, 4, 4 + STUN_TEXT_MAX_ACCEPTED, "ERROR-CODE" },
  { STUN_ATTR_UNKNOWN_ATTRIBUTES, STUN_FORM_TYPES, 0, ANY, "UNKNOWN-ATTRIBUTES" },
  { STUN_ATTR_REFLECTED_FROM, STUN_FORM_ADDRESS, 8, 20, "REFLECTED-FROM" },
  { STUN_ATTR_CHANNEL_NUMBER, STUN_FORM_U16, 4, 4, "CHANNEL-NUMBER" },
  { STUN_ATTR_LIFETIME, STUN_FORM_U32, 4, 4, "LIFETIME" },
  { STUN_ATTR_MS_ALTERNATE_SERVER, STUN_FORM_ADDRESS, 8, 20, "MS-ALTERNATE-SERVER" },
  { STUN_ATTR_MAGIC_COOKIE, STUN_FORM_U32, 4, 4, "MAGIC-COOKIE" },
  { STUN_ATTR_BANDWIDTH, STUN_FORM_U32, 4, 4, "BANDWIDTH" },
  { STUN_ATTR_DESTINATION_ADDRESS, STUN_FORM_ADDRESS, 8, 20, "DESTINATION-ADDRESS" },
  { STUN_ATTR_XOR_PEER_ADDRESS, STUN_FORM_XOR_ADDRESS, 8, 20, "XOR-PEER-ADDRESS" },
  { STUN_ATTR_DATA, STUN_FORM_OPAQUE, 0, ANY, "DATA" },
  { STUN_ATTR_REALM, STUN_FORM_TEXT, 0, STUN_TEXT_MAX_ACCEPTED, "REALM" },
  { STUN_ATTR_NONCE, STUN_FORM_OPAQUE, 0, STUN_TEXT_MAX_ACCEPTED, "NONCE" },
  { STUN_ATTR_XOR_RELAYED_ADDRESS, STUN_FORM_XOR_ADDRESS, 8, 20, "XOR-RELAYED-ADDRESS" },
  { STUN_ATTR_REQUESTED_ADDRESS_FAMILY, STUN_FORM_U8, 4, 4, "REQUESTED-ADDRESS-FAMILY" },
  { STUN_ATTR_EVEN_PORT, STUN_FORM_U8, 1, 4, "EVEN-PORT" },
  { STUN_ATTR_REQUESTED_TRANSPORT, STUN_FORM_U8, 4, 4, "REQUESTED-TRANSPORT" },
  { STUN_ATTR_DONT_FRAGMENT, STUN_FORM_FLAG, 0, 0, "DONT-FRAGMENT" },
  { STUN_ATTR_ACCESS_TOKEN, STUN_FORM_OPAQUE, 0, ANY, "ACCESS-TOKEN" },
  { STUN_ATTR_MESSAGE_INTEGRITY_SHA256, STUN_FORM_OPAQUE, 16, 32,
    "MESSAGE-INTEGRITY-SHA256" },
  { STUN_ATTR_PASSWORD_ALGORITHM, STUN_FORM_ALGORITHM, 4, ANY, "PASSWORD-ALGORITHM" },
  { STUN_ATTR_USERHASH, STUN_FORM_OPAQUE, STUN_USERHASH_SIZE, STUN_USERHASH_SIZE,
    "USERHASH" },
  { STUN_ATTR_XOR_MAPPED_ADDRESS, STUN_FORM_XOR_ADDRESS, 8, 20, "XOR-MAPPED-ADDRESS" },
  { STUN_ATTR_TIMER_VAL, STUN_FORM_U32, 4, 4, "TIMER-VAL" },
  { STUN_ATTR_RESERVATION_TOKEN, STUN_FORM_U64, 8, 8, "RESERVATION-TOKEN" },
  { STUN_ATTR_CONNECT_STAT, STUN_FORM_U32, 4, 4, "CONNECT-STAT" },
  { STUN_ATTR_PRIORITY, STUN_FORM_U32, 4, 4, "PRIORITY" },
  { STUN_ATTR_USE_CANDIDATE, STUN_FORM_FLAG, 0, 0, "USE-CANDIDATE" },
  { STUN_ATTR_PADDING, STUN_FORM_OPAQUE, 0, ANY, "PADDING" },
  { STUN_ATTR_RESPONSE_PORT, STUN_FORM_U16, 2, 4, "RESPONSE-PORT" },
  { STUN_ATTR_CONNECTION_ID, STUN_FORM_U32, 4, 4, "CONNECTION-ID" },
  { STUN_ATTR_ADDITIONAL_ADDRESS_FAMILY, STUN_FORM_U8, 4, 4,
    "ADDITIONAL-ADDRESS-FAMILY" },
  { STUN_ATTR_ADDRESS_ERROR_CODE, STUN_FORM_ERROR, 4, 4 + STUN_TEXT_MAX_ACCEPTED,
    "ADDRESS-ERROR-CODE" },
  { STUN_ATTR_PASSWORD_ALGORITHMS, STUN_FORM_ALGORITHMS, 0, ANY, "PASSWORD-ALGORITHMS" },
  { STUN_ATTR_ALTERNATE_DOMAIN, STUN_FORM_TEXT, 1, 255, "ALTERNATE-DOMAIN" },
  { STUN_ATTR_ICMP, STUN_FORM_U64, 8, 8, "ICMP" },
  { STUN_ATTR_MS_VERSION, STUN_FORM_U32, 4, 4, "MS-VERSION" },
  { STUN_ATTR_MS_XOR_MAPPED_ADDRESS, STUN_FORM_XOR_ADDRESS, 8, 20,
    "MS-XOR-MAPPED-ADDRESS" },
  { STUN_ATTR_SOFTWARE, STUN_FORM_TEXT, 0, STUN_TEXT_MAX_ACCEPTED, "SOFTWARE" },
  { STUN_ATTR_ALTERNATE_SERVER, STUN_FORM_ADDRESS, 8, 20, "ALTERNATE-SERVER" },
  { STUN_ATTR_TRANSACTION_TRANSMIT_COUNTER, STUN_FORM_U32, 4, 4,
    "TRANSACTION_TRANSMIT_COUNTER" },
  { STUN_ATTR_FINGERPRINT, STUN_FORM_U32, 4, 4, "FINGERPRINT" },
  { STUN_ATTR_ICE_CONTROLLED, STUN_FORM_U64, 8, 8, "ICE-CONTROLLED" },
  { STUN_ATTR_ICE_CONTROLLING, STUN_FORM_U64, 8, 8, "ICE-CONTROLLING" },
  { STUN_ATTR_RESPONSE_ORIGIN, STUN_FORM_ADDRESS, 8, 20, "RESPONSE-ORIGIN" },
  { STUN_ATTR_OTHER_ADDRESS, STUN_FORM_ADDRESS, 8, 20, "OTHER-ADDRESS" },
  { STUN_ATTR_THIRD_PARTY_AUTHORIZATION, STUN_FORM_TEXT, 0, 255,
    "THIRD-PARTY-AUTHORIZATION" },
  { STUN_ATTR_MOBILITY_TICKET, STUN_FORM_OPAQUE, 0, ANY, "MOBILITY-TICKET" },
  { STUN_ATTR_MS_SEQUENCE_NUMBER, STUN_FORM_OPAQUE, 24, 24, "MS-SEQUENCE-NUMBER" },
  { STUN_ATTR_CANDIDATE_IDENTIFIER, STUN_FORM_OPAQUE, 0, STUN_TEXT_MAX_ACCEPTED,
    "CANDIDATE-IDENTIFIER" },
  { STUN_ATTR_MS_IMPLEMENTATION_VERSION, STUN_FORM_U32, 4, 4,
    "MS-IMPLEMENTATION-VERSION" },
  { STUN_ATTR_NOMINATION, STUN_FORM_U32, 4, 4, "NOMINATION" },
};

const StunAttrInfo *
stun_attr_get_info (guint16 type)
{
  gsize low = 0, high = G_N_ELEMENTS (infos);

  while (low < high)
    {
      gsize middle = (low + high) / 2;

      if (infos[middle].type == type)
        return &infos[middle];
      if (infos[middle].type < type)
        low = middle + 1;
      else
        high = middle;
    }
  return NULL;
}

const char *
stun_attr_get_name (guint16 type)
{
  const StunAttrInfo *info = stun_attr_get_info (type);

  return info != NULL ? info->name : NULL;
}

/* RFC 8489 14.8: the low three bits of the third byte are the class, the fourth byte is
 * the number; all above is reserved and ignored (ADDRESS-ERROR-CODE puts the family
 * there). */
static StunRule
parse_error (const StunAttr *attr, guint16 *code, StunBytes *reason)
{
  guint klass, number;

  if (attr->len < 4)
    return STUN_RULE_VALUE_LENGTH;
  klass = attr->value[2] & 7;
  number = attr->value[3];
  if (klass < 3 || klass > 6 || number > 99)
    return STUN_RULE_ERROR_CODE;
  *code = klass * 100 + number;
  *reason = (StunBytes) { attr->value + 4, attr->len - 4 };
  return STUN_RULE_KEPT;
}

StunRule
stun_algorithms_take (StunBytes *list, StunAlgorithm *value)
{
  StunBytes head, parameters;
  StunBytes rest = *list;

  if (rest.len == 0)
    return STUN_RULE_ABSENT;
  if (!stun_bytes_take (&rest, 4, &head)
      || !stun_bytes_take (&rest, stun_load16 (head.data + 2), &parameters))
    return STUN_RULE_VALUE_LENGTH;
  stun_bytes_skip (&rest, stun_padded (parameters.len) - parameters.len);
  value->algorithm = stun_load16 (head.data);
  value->parameters = parameters;
  *list = rest;
  return STUN_RULE_KEPT;
}

static StunRule
check_algorithms (const StunAttr *attr, StunForm form)
{
  StunBytes list = { attr->value, attr->len };
  StunAlgorithm entry;
  StunRule rule = stun_algorithms_take (&list, &entry);

  if (form == STUN_FORM_ALGORITHM)
    return rule == STUN_RULE_KEPT && list.len == 0 ? STUN_RULE_KEPT
                                                   : STUN_RULE_VALUE_LENGTH;
  while (rule == STUN_RULE_KEPT)
    rule = stun_algorithms_take (&list, &entry);
  return rule == STUN_RULE_ABSENT ? STUN_RULE_KEPT : rule;
}

static StunRule
check_text (const StunAttr *attr)
{
  return g_utf8_validate_len ((const char *)attr->value, attr->len, NULL)
             ? STUN_RULE_KEPT
             : STUN_RULE_UTF8;
}

static StunRule
check_form (const StunAttr *attr, StunForm form)
{
  StunAddress address;
  StunBytes reason;
  guint16 code;

  switch (form)
    {
    case STUN_FORM_OPAQUE:
    case STUN_FORM_FLAG:
    case STUN_FORM_U8:
    case STUN_FORM_U16:
    case STUN_FORM_U32:
    case STUN_FORM_U64:
      break;
    case STUN_FORM_TEXT:
      return check_text (attr);
    case STUN_FORM_ADDRESS:
    case STUN_FORM_XOR_ADDRESS:
      return stun_value_get_address (attr, &address);
    case STUN_FORM_ERROR:
      return parse_error (attr, &code, &reason);
    case STUN_FORM_TYPES:
      return attr->len % 2 == 0 ? STUN_RULE_KEPT : STUN_RULE_VALUE_LENGTH;
    case STUN_FORM_ALGORITHM:
    case STUN_FORM_ALGORITHMS:
      return check_algorithms (attr, form);
    }
  return STUN_RULE_KEPT;
}

static StunRule
check_len (const StunAttr *attr, const StunAttrInfo *info)
{
  if (attr->len < info->min_len || attr->len > info->max_len)
    return STUN_RULE_VALUE_LENGTH;
  /* RFC 8489 14.6: 16 to 32 bytes, a multiple of 4. */
  if (attr->type == STUN_ATTR_MESSAGE_INTEGRITY_SHA256 && attr->len % 4 != 0)
    return STUN_RULE_VALUE_LENGTH;
  return STUN_RULE_KEPT;
}

StunRule
stun_attr_check (const StunView *view, const StunAttr *attr)
{
  const StunAttrInfo *info = stun_attr_get_info (attr->type);
  StunRule rule = info == NULL ? STUN_RULE_KEPT : check_len (attr, info);

  if (rule != STUN_RULE_KEPT || info == NULL)
    return rule;
  return check_form (attr, info->form);
}

StunRule
stun_attr_check_all (const StunView *view)
{
  StunAttr iter = { .type = 0 };
  StunRule rule = STUN_RULE_KEPT;

  while (rule == STUN_RULE_KEPT && stun_view_next (view, &iter))
    rule = stun_attr_check (view, &iter);
  return rule;
}

/* Finds an attribute and checks its length, which the readers below then rely on. Types
 * that several dialects use differently are checked by the reader's own needs instead. */
static StunRule
find_of_len (const StunView *view, guint16 type, guint min, guint max, StunAttr *attr)
{
  if (!stun_view_find (view, type, attr))
    return STUN_RULE_ABSENT;
  return attr->len >= min && attr->len <= max ? STUN_RULE_KEPT : STUN_RULE_VALUE_LENGTH;
}

StunRule
stun_attr_read_flag (const StunView *view, guint16 type)
{
  StunAttr attr;

  return find_of_len (view, type, 0, 0, &attr);
}

StunRule
stun_attr_read_u8 (const StunView *view, guint16 type, guint8 *value)
{
  StunAttr attr;
  StunRule rule = find_of_len (view, type, 1, 4, &attr);

  if (rule == STUN_RULE_KEPT)
    *value = attr.value[0];
  return rule;
}

StunRule
stun_attr_read_u16 (const StunView *view, guint16 type, guint16 *value)
{
  StunAttr attr;
  StunRule rule = find_of_len (view, type, 2, 4, &attr);

  if (rule == STUN_RULE_KEPT)
    *value = stun_load16 (attr.value);
  return rule;
}

StunRule
stun_attr_read_u32 (const StunView *view, guint16 type, guint32 *value)
{
  StunAttr attr;
  StunRule rule = find_of_len (view, type, 4, 4, &attr);

  if (rule == STUN_RULE_KEPT)
    *value = stun_load32 (attr.value);
  return rule;
}

StunRule
stun_attr_read_u64 (const StunView *view, guint16 type, guint64 *value)
{
  StunAttr attr;
  StunRule rule = find_of_len (view, type, 8, 8, &attr);

  if (rule == STUN_RULE_KEPT)
    *value = stun_load64 (attr.value);
  return rule;
}

StunRule
stun_attr_read_bytes (const StunView *view, guint16 type, StunBytes *value)
{
  StunAttr attr;
  StunRule rule;

  if (!stun_view_find (view, type, &attr))
    return STUN_RULE_ABSENT;
  rule = stun_attr_check (view, &attr);
  if (rule == STUN_RULE_KEPT)
    *value = (StunBytes) { attr.value, attr.len };
  return rule;
}

StunRule
stun_attr_read_text (const StunView *view, guint16 type, StunBytes *value)
{
  StunBytes bytes;
  StunRule rule = stun_attr_read_bytes (view, type, &bytes);

  if (rule != STUN_RULE_KEPT)
    return rule;
  if (!g_utf8_validate_len ((const char *)bytes.data, bytes.len, NULL))
    return STUN_RULE_UTF8;
  *value = bytes;
  return STUN_RULE_KEPT;
}

StunRule
stun_attr_read_error (const StunView *view, StunErrorValue *value)
{
  StunAttr attr;
  StunErrorValue read;
  StunRule rule =
      find_of_len (view, STUN_ATTR_ERROR_CODE, 4, 4 + STUN_TEXT_MAX_ACCEPTED, &attr);

  if (rule == STUN_RULE_KEPT)
    rule = parse_error (&attr, &read.code, &read.reason);
  if (rule == STUN_RULE_KEPT)
    *value = read;
  return rule;
}

StunRule
stun_attr_read_address_error (const StunView *view, StunAddressErrorValue *value)
{
  StunAttr attr;
  StunAddressErrorValue read;
  StunRule rule = find_of_len (view, STUN_ATTR_ADDRESS_ERROR_CODE, 4,
                               4 + STUN_TEXT_MAX_ACCEPTED, &attr);

  if (rule == STUN_RULE_KEPT)
    rule = parse_error (&attr, &read.code, &read.reason);
  if (rule != STUN_RULE_KEPT)
    return rule;
  read.family = attr.value[0];
  if (read.family != STUN_FAMILY_IPV4 && read.family != STUN_FAMILY_IPV6)
    return STUN_RULE_ADDRESS_FAMILY;
  *value = read;
  return STUN_RULE_KEPT;
}

StunRule
stun_attr_read_icmp (const StunView *view, StunIcmpValue *value)
{
  StunAttr attr;
  StunRule rule = find_of_len (view, STUN_ATTR_ICMP, 8, 8, &attr);

  if (rule != STUN_RULE_KEPT)
    return rule;
  /* RFC 8656 18.13: 16 reserved bits, then type (7 bits), code (9 bits), error data. */
  value->type = attr.value[2] >> 1;
  value->code = stun_load16 (attr.value + 2) & 0x1FF;
  value->data = stun_load32 (attr.value + 4);
  return rule;
}

StunRule
stun_attr_read_transmit_counter (const StunView *view, guint8 *requests,
                                 guint8 *responses)
{
  guint32 value;
  StunRule rule =
      stun_attr_read_u32 (view, STUN_ATTR_TRANSACTION_TRANSMIT_COUNTER, &value);

  if (rule != STUN_RULE_KEPT)
    return rule;
  *requests = (value >> 8) & 0xFF;
  *responses = value & 0xFF;
  return rule;
}

StunRule
stun_attr_read_unknown (const StunView *view, guint16 *types, guint max, guint *n)
{
  StunBytes list;
  StunRule rule = stun_attr_read_bytes (view, STUN_ATTR_UNKNOWN_ATTRIBUTES, &list);
  guint copied;

  if (rule != STUN_RULE_KEPT)
    return rule;
  for (copied = 0; copied < max && copied < list.len / 2; copied++)
    types[copied] = stun_load16 (list.data + 2 * copied);
  *n = copied;
  return rule;
}

StunRule
stun_attr_read_algorithm (const StunView *view, StunAlgorithm *value)
{
  StunBytes entry;
  StunRule rule = stun_attr_read_bytes (view, STUN_ATTR_PASSWORD_ALGORITHM, &entry);

  return rule == STUN_RULE_KEPT ? stun_algorithms_take (&entry, value) : rule;
}
