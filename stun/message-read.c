/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The public functions that read messages, thin over the view: they translate results,
 * and see nothing behind the integrity. */
#include "config.h"

#include "stun/attributes.h"
#include "stun/public-message.h"

static bool
find (const StunMessage *msg, StunAttribute type, StunView *view, StunAttr *attr)
{
  return stun_message_get_view (msg, view)
         && stun_view_find (view, stun_message_get_wire_type (msg, type), attr);
}

uint16_t
stun_message_length (const StunMessage *msg)
{
  return stun_load16 (msg->buffer + STUN_MESSAGE_LENGTH_POS) + STUN_MESSAGE_HEADER_LENGTH;
}

const void *
stun_message_find (const StunMessage *msg, StunAttribute type, uint16_t *palen)
{
  StunView view;
  StunAttr attr;

  if (!find (msg, type, &view, &attr))
    return NULL;
  *palen = attr.len;
  return attr.value;
}

/* Finds a value that has to be of one length. */
static StunMessageReturn
find_of_len (const StunMessage *msg, StunAttribute type, guint16 len, StunAttr *attr)
{
  StunView view;

  if (!find (msg, type, &view, attr))
    return STUN_MESSAGE_RETURN_NOT_FOUND;
  return attr->len == len ? STUN_MESSAGE_RETURN_SUCCESS : STUN_MESSAGE_RETURN_INVALID;
}

StunMessageReturn
stun_message_find_flag (const StunMessage *msg, StunAttribute type)
{
  StunAttr attr;

  return find_of_len (msg, type, 0, &attr);
}

StunMessageReturn
stun_message_find32 (const StunMessage *msg, StunAttribute type, uint32_t *pval)
{
  StunAttr attr;
  StunMessageReturn result = find_of_len (msg, type, 4, &attr);

  if (result == STUN_MESSAGE_RETURN_SUCCESS)
    *pval = stun_load32 (attr.value);
  return result;
}

StunMessageReturn
stun_message_find64 (const StunMessage *msg, StunAttribute type, uint64_t *pval)
{
  StunAttr attr;
  StunMessageReturn result = find_of_len (msg, type, 8, &attr);

  if (result == STUN_MESSAGE_RETURN_SUCCESS)
    *pval = stun_load64 (attr.value);
  return result;
}

StunMessageReturn
stun_message_find_string (const StunMessage *msg, StunAttribute type, char *buf,
                          size_t buflen)
{
  StunView view;
  StunAttr attr;

  if (!find (msg, type, &view, &attr))
    return STUN_MESSAGE_RETURN_NOT_FOUND;
  if (attr.len >= buflen)
    return STUN_MESSAGE_RETURN_NOT_ENOUGH_SPACE;
  memcpy (buf, attr.value, attr.len);
  buf[attr.len] = '\0';
  return STUN_MESSAGE_RETURN_SUCCESS;
}

static StunMessageReturn
get_address (const StunAttr *attr, StunAddress *address)
{
  StunRule rule = stun_value_get_address (attr, address);

  if (rule == STUN_RULE_ADDRESS_FAMILY)
    return STUN_MESSAGE_RETURN_UNSUPPORTED_ADDRESS;
  return rule == STUN_RULE_KEPT ? STUN_MESSAGE_RETURN_SUCCESS
                                : STUN_MESSAGE_RETURN_INVALID;
}

static StunMessageReturn
copy_address (const StunAddress *address, struct sockaddr_storage *addr,
              socklen_t *addrlen)
{
  socklen_t size = stun_address_get_size (address);

  if (*addrlen < size)
    return STUN_MESSAGE_RETURN_INVALID;
  memcpy (addr, address, size);
  *addrlen = size;
  return STUN_MESSAGE_RETURN_SUCCESS;
}

/* Reads an address, XORed with cookie unless that is NULL. */
static StunMessageReturn
find_address (const StunMessage *msg, StunAttribute type, const uint32_t *cookie,
              struct sockaddr_storage *addr, socklen_t *addrlen)
{
  StunView view;
  StunAttr attr;
  StunAddress address;
  StunMessageReturn result;

  if (!find (msg, type, &view, &attr))
    return STUN_MESSAGE_RETURN_NOT_FOUND;
  result = get_address (&attr, &address);
  if (result != STUN_MESSAGE_RETURN_SUCCESS)
    return result;
  if (cookie != NULL)
    stun_address_xor (&address, *cookie, view.data + STUN_MESSAGE_TRANS_ID_POS);
  return copy_address (&address, addr, addrlen);
}

StunMessageReturn
stun_message_find_addr (const StunMessage *msg, StunAttribute type,
                        struct sockaddr_storage *addr, socklen_t *addrlen)
{
  return find_address (msg, type, NULL, addr, addrlen);
}

StunMessageReturn
stun_message_find_xor_addr (const StunMessage *msg, StunAttribute type,
                            struct sockaddr_storage *addr, socklen_t *addrlen)
{
  return stun_message_find_xor_addr_full (msg, type, addr, addrlen, STUN_MAGIC_COOKIE);
}

StunMessageReturn
stun_message_find_xor_addr_full (const StunMessage *msg, StunAttribute type,
                                 struct sockaddr_storage *addr, socklen_t *addrlen,
                                 uint32_t magic_cookie)
{
  return find_address (msg, type, &magic_cookie, addr, addrlen);
}

StunMessageReturn
stun_message_find_error (const StunMessage *msg, int *code)
{
  StunView view;
  StunErrorValue error;
  StunRule rule;

  if (!stun_message_get_view (msg, &view))
    return STUN_MESSAGE_RETURN_NOT_FOUND;
  rule = stun_attr_read_error (&view, &error);
  if (rule == STUN_RULE_KEPT)
    *code = error.code;
  if (rule == STUN_RULE_ABSENT)
    return STUN_MESSAGE_RETURN_NOT_FOUND;
  return rule == STUN_RULE_KEPT ? STUN_MESSAGE_RETURN_SUCCESS
                                : STUN_MESSAGE_RETURN_INVALID;
}

static int
validate_message (const uint8_t *msg, size_t length, StunWireFlags flags)
{
  StunView view;
  gsize total;
  StunRule rule = stun_wire_measure (msg, length, flags, &total);

  if (rule == STUN_RULE_KEPT)
    rule = stun_view_parse (&view, msg, total, flags);
  if (rule == STUN_RULE_TRUNCATED)
    return STUN_MESSAGE_BUFFER_INCOMPLETE;
  return rule == STUN_RULE_KEPT ? (int)total : STUN_MESSAGE_BUFFER_INVALID;
}

int
stun_message_validate_buffer_length (const uint8_t *msg, size_t length, bool has_padding)
{
  /* Media, which is nearly all that is asked about. */
  if (length == 0 || msg[0] >> 6 != 0)
    return STUN_MESSAGE_BUFFER_INVALID;
  return validate_message (msg, length,
                           STUN_WIRE_CLASSIC
                               | (has_padding ? STUN_WIRE_NORMAL : STUN_WIRE_UNPADDED));
}

ssize_t
stun_message_validate_buffer_length_fast (StunInputVector *buffers, int n_buffers,
                                          size_t total_length, bool has_padding)
{
  guint8 head[STUN_MESSAGE_LENGTH_POS + STUN_MESSAGE_LENGTH_LEN] = { 0 };
  gsize n_head = 0, total;
  StunRule rule;

  for (int i = 0; n_head < sizeof head && (n_buffers < 0 || i < n_buffers); i++)
    {
      gsize len = MIN (buffers[i].size, sizeof head - n_head);

      if (n_buffers < 0 && buffers[i].buffer == NULL)
        break;
      if (len > 0)
        memcpy (head + n_head, buffers[i].buffer, len);
      n_head += len;
    }
  n_head = MIN (n_head, total_length);
  rule = stun_wire_measure (head, n_head,
                            has_padding ? STUN_WIRE_NORMAL : STUN_WIRE_UNPADDED, &total);
  if (rule != STUN_RULE_TRUNCATED || n_head == 0)
    return STUN_MESSAGE_BUFFER_INVALID;
  return n_head < sizeof head || total_length < total ? STUN_MESSAGE_BUFFER_INCOMPLETE
                                                      : (ssize_t)total;
}

void
stun_message_id (const StunMessage *msg, StunTransactionId id)
{
  memcpy (id, msg->buffer + STUN_MESSAGE_TRANS_ID_POS, STUN_ID_LEN);
}

StunClass
stun_message_get_class (const StunMessage *msg)
{
  return (StunClass)stun_wire_type_get_class (stun_load16 (msg->buffer));
}

StunMethod
stun_message_get_method (const StunMessage *msg)
{
  return (StunMethod)stun_wire_type_get_method (stun_load16 (msg->buffer));
}

bool
stun_message_has_attribute (const StunMessage *msg, StunAttribute type)
{
  uint16_t len;

  return stun_message_find (msg, type, &len) != NULL;
}

bool
stun_message_has_cookie (const StunMessage *msg)
{
  return stun_load32 (msg->buffer + STUN_MESSAGE_TRANS_ID_POS) == STUN_MAGIC_COOKIE;
}

bool
stun_optional (uint16_t t)
{
  return (t & 0x8000) != 0;
}

const char *
stun_strerror (StunError code)
{
  return stun_code_get_reason (code);
}
