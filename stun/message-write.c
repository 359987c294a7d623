/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The public functions that make messages, thin over the writer. */
#include "config.h"

#include "stun/attributes.h"
#include "stun/public-message.h"

bool
stun_message_init (StunMessage *msg, StunClass c, StunMethod m,
                   const StunTransactionId id)
{
  if (msg->buffer_len < STUN_MESSAGE_HEADER_LENGTH)
    return false;
  stun_store16 (msg->buffer + STUN_MESSAGE_TYPE_POS,
                stun_wire_type ((StunWireClass)c, m));
  stun_store16 (msg->buffer + STUN_MESSAGE_LENGTH_POS, 0);
  memcpy (msg->buffer + STUN_MESSAGE_TRANS_ID_POS, id, STUN_ID_LEN);
  return true;
}

void *
stun_message_append (StunMessage *msg, StunAttribute type, size_t length)
{
  StunWriter writer;

  stun_writer_resume (&writer, msg->buffer, msg->buffer_len,
                      STUN_MESSAGE_HEADER_LENGTH
                          + (gsize)stun_load16 (msg->buffer + STUN_MESSAGE_LENGTH_POS),
                      stun_message_get_wire_flags (msg));
  return stun_writer_append (&writer, stun_message_get_wire_type (msg, type), length);
}

StunMessageReturn
stun_message_append_flag (StunMessage *msg, StunAttribute type)
{
  return stun_message_append_bytes (msg, type, NULL, 0);
}

StunMessageReturn
stun_message_append32 (StunMessage *msg, StunAttribute type, uint32_t value)
{
  value = GUINT32_TO_BE (value);
  return stun_message_append_bytes (msg, type, &value, sizeof value);
}

StunMessageReturn
stun_message_append64 (StunMessage *msg, StunAttribute type, uint64_t value)
{
  value = GUINT64_TO_BE (value);
  return stun_message_append_bytes (msg, type, &value, sizeof value);
}

StunMessageReturn
stun_message_append_string (StunMessage *msg, StunAttribute type, const char *str)
{
  return stun_message_append_bytes (msg, type, str, strlen (str));
}

StunMessageReturn
stun_message_append_bytes (StunMessage *msg, StunAttribute type, const void *data,
                           size_t len)
{
  void *value = stun_message_append (msg, type, len);

  if (value == NULL)
    return STUN_MESSAGE_RETURN_NOT_ENOUGH_SPACE;
  if (len > 0)
    memcpy (value, data, len);
  return STUN_MESSAGE_RETURN_SUCCESS;
}

/* Reads an address of the caller's; addrlen has to hold at least a plain sockaddr. */
static StunMessageReturn
take_address (const void *addr, socklen_t addrlen, StunAddress *address)
{
  if (addrlen < sizeof (struct sockaddr))
    return STUN_MESSAGE_RETURN_INVALID;
  if (stun_address_set (address, addr, addrlen))
    return STUN_MESSAGE_RETURN_SUCCESS;
  return ((const struct sockaddr *)addr)->sa_family == AF_INET6
             ? STUN_MESSAGE_RETURN_INVALID
             : STUN_MESSAGE_RETURN_UNSUPPORTED_ADDRESS;
}

static StunMessageReturn
append_address (StunMessage *msg, StunAttribute type, const StunAddress *address)
{
  bool is_ip4 = address->s.addr.sa_family == AF_INET;
  guint8 *at = stun_message_append (msg, type, is_ip4 ? 8 : 20);

  if (at == NULL)
    return STUN_MESSAGE_RETURN_NOT_ENOUGH_SPACE;
  stun_value_set_address (at, address);
  return STUN_MESSAGE_RETURN_SUCCESS;
}

StunMessageReturn
stun_message_append_addr (StunMessage *msg, StunAttribute type,
                          const struct sockaddr *addr, socklen_t addrlen)
{
  StunAddress address;
  StunMessageReturn result = take_address (addr, addrlen, &address);

  return result == STUN_MESSAGE_RETURN_SUCCESS ? append_address (msg, type, &address)
                                               : result;
}

StunMessageReturn
stun_message_append_xor_addr (StunMessage *msg, StunAttribute type,
                              const struct sockaddr_storage *addr, socklen_t addrlen)
{
  return stun_message_append_xor_addr_full (msg, type, addr, addrlen, STUN_MAGIC_COOKIE);
}

StunMessageReturn
stun_message_append_xor_addr_full (StunMessage *msg, StunAttribute type,
                                   const struct sockaddr_storage *addr, socklen_t addrlen,
                                   uint32_t magic_cookie)
{
  StunAddress address;
  StunMessageReturn result = take_address (addr, addrlen, &address);

  if (result != STUN_MESSAGE_RETURN_SUCCESS)
    return result;
  stun_address_xor (&address, magic_cookie, msg->buffer + STUN_MESSAGE_TRANS_ID_POS);
  return append_address (msg, type, &address);
}

StunMessageReturn
stun_message_append_error (StunMessage *msg, StunError code)
{
  const char *reason = stun_strerror (code);
  size_t len = strlen (reason);
  guint8 *at = stun_message_append (msg, STUN_ATTRIBUTE_ERROR_CODE, 4 + len);

  if (at == NULL)
    return STUN_MESSAGE_RETURN_NOT_ENOUGH_SPACE;
  stun_store32 (at, (guint32)code / 100 << 8 | (guint32)code % 100);
  memcpy (at + 4, reason, len);
  return STUN_MESSAGE_RETURN_SUCCESS;
}
