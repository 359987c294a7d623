/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* TURN requests of the public interface, in the standard's form and in those of the
 * drafts and dialects before it. The library's own relays use stun/turn. RFC 8656 7,
 * 8, 10. */
#include "config.h"

#include "stun/usages/turn.h"

#include <glib.h>

#include "stun/attributes.h"
#include "stun/quirks.h"

#define MS_TURN_VERSION 1
#define EVEN_PORT_RESERVE 0x80000000 /* with the bit below: the next port too */
#define EVEN_PORT_NEXT 0x40000000

G_STATIC_ASSERT ((int)STUN_USAGE_TURN_COMPATIBILITY_DRAFT9 == STUN_TURN_DIALECT_DRAFT9);
G_STATIC_ASSERT ((int)STUN_USAGE_TURN_COMPATIBILITY_GOOGLE == STUN_TURN_DIALECT_GOOGLE);
G_STATIC_ASSERT ((int)STUN_USAGE_TURN_COMPATIBILITY_MSN == STUN_TURN_DIALECT_MSN);
G_STATIC_ASSERT ((int)STUN_USAGE_TURN_COMPATIBILITY_OC2007 == STUN_TURN_DIALECT_OC2007);
G_STATIC_ASSERT ((int)STUN_USAGE_TURN_COMPATIBILITY_RFC5766 == STUN_TURN_DIALECT_RFC8656);

static bool
append32 (StunMessage *msg, StunAttribute type, uint32_t value)
{
  return stun_message_append32 (msg, type, value) == STUN_MESSAGE_RETURN_SUCCESS;
}

static bool
append_bytes (StunMessage *msg, StunAttribute type, const uint8_t *data, size_t len)
{
  return data == NULL
         || stun_message_append_bytes (msg, type, data, len)
                == STUN_MESSAGE_RETURN_SUCCESS;
}

/* Copies an attribute of the response that asked for credentials, if it is there. */
static bool
copy (StunMessage *msg, const StunMessage *from, StunAttribute type)
{
  uint16_t len;
  const void *value = stun_message_find (from, type, &len);

  return append_bytes (msg, type, value, value == NULL ? 0 : len);
}

/* Realm, nonce and token as the server gave them, then the name: unasked only where
 * credentials are short-term. */
static bool
append_login (StunAgent *agent, StunMessage *msg, const StunMessage *previous,
              const uint8_t *username, size_t username_len)
{
  bool is_asked = (agent->usage_flags & STUN_AGENT_USAGE_SHORT_TERM_CREDENTIALS) != 0
                  || previous != NULL;

  if (previous != NULL
      && !(copy (msg, previous, STUN_ATTRIBUTE_REALM)
           && copy (msg, previous, STUN_ATTRIBUTE_NONCE)
           && copy (msg, previous, STUN_ATTRIBUTE_RESERVATION_TOKEN)))
    return false;
  return !is_asked || username_len == 0
         || append_bytes (msg, STUN_ATTRIBUTE_USERNAME, username, username_len);
}

static bool
append_dialect (StunMessage *msg, const StunTurnQuirks *quirks)
{
  if (quirks->has_magic_cookie
      && !append32 (msg, STUN_ATTRIBUTE_MAGIC_COOKIE, TURN_MAGIC_COOKIE))
    return false;
  return !quirks->has_ms_version
         || append32 (msg, STUN_ATTRIBUTE_MS_VERSION, MS_TURN_VERSION);
}

static bool
append_lifetime (StunMessage *msg, int32_t lifetime)
{
  return lifetime < 0 || append32 (msg, STUN_ATTRIBUTE_LIFETIME, lifetime);
}

static bool
append_ports (StunMessage *msg, StunUsageTurnRequestPorts ports)
{
  switch (ports)
    {
    case STUN_USAGE_TURN_REQUEST_PORT_NORMAL:
      return true;
    case STUN_USAGE_TURN_REQUEST_PORT_EVEN:
      return append32 (msg, STUN_ATTRIBUTE_EVEN_PORT, EVEN_PORT_RESERVE);
    case STUN_USAGE_TURN_REQUEST_PORT_EVEN_AND_RESERVE:
      return append32 (msg, STUN_ATTRIBUTE_EVEN_PORT, EVEN_PORT_RESERVE | EVEN_PORT_NEXT);
    }
  return false;
}

size_t
stun_usage_turn_create (StunAgent *agent, StunMessage *msg, uint8_t *buffer,
                        size_t buffer_len, StunMessage *previous_response,
                        StunUsageTurnRequestPorts request_ports, int32_t bandwidth,
                        int32_t lifetime, uint8_t *username, size_t username_len,
                        uint8_t *password, size_t password_len,
                        StunUsageTurnCompatibility compatibility)
{
  const StunTurnQuirks *quirks = stun_quirks_get_turn (compatibility);
  bool is_standard = !quirks->has_magic_cookie;

  if (!stun_agent_init_request (agent, msg, buffer, buffer_len, STUN_ALLOCATE)
      || !append_dialect (msg, quirks))
    return 0;
  if (is_standard
      && !append32 (msg, STUN_ATTRIBUTE_REQUESTED_TRANSPORT,
                    (uint32_t)STUN_PROTOCOL_UDP << 24))
    return 0;
  if (is_standard && bandwidth >= 0
      && !append32 (msg, STUN_ATTRIBUTE_BANDWIDTH, bandwidth))
    return 0;
  if (!append_lifetime (msg, lifetime))
    return 0;
  if (is_standard && !append_ports (msg, request_ports))
    return 0;
  if (!append_login (agent, msg, previous_response, username, username_len))
    return 0;
  return stun_agent_finish_message (agent, msg, password, password_len);
}

size_t
stun_usage_turn_create_refresh (StunAgent *agent, StunMessage *msg, uint8_t *buffer,
                                size_t buffer_len, StunMessage *previous_response,
                                int32_t lifetime, uint8_t *username, size_t username_len,
                                uint8_t *password, size_t password_len,
                                StunUsageTurnCompatibility compatibility)
{
  const StunTurnQuirks *quirks = stun_quirks_get_turn (compatibility);
  StunMethod method = quirks->refreshes_by_allocate ? STUN_ALLOCATE : STUN_REFRESH;

  if (!stun_agent_init_request (agent, msg, buffer, buffer_len, method)
      || !append_dialect (msg, quirks) || !append_lifetime (msg, lifetime))
    return 0;
  if (!append_login (agent, msg, previous_response, username, username_len))
    return 0;
  return stun_agent_finish_message (agent, msg, password, password_len);
}

size_t
stun_usage_turn_create_permission (StunAgent *agent, StunMessage *msg, uint8_t *buffer,
                                   size_t buffer_len, uint8_t *username,
                                   size_t username_len, uint8_t *password,
                                   size_t password_len, uint8_t *realm, size_t realm_len,
                                   uint8_t *nonce, size_t nonce_len,
                                   struct sockaddr_storage *peer,
                                   StunUsageTurnCompatibility compatibility)
{
  if (peer == NULL
      || !stun_agent_init_request (agent, msg, buffer, buffer_len, STUN_CREATEPERMISSION)
      || stun_message_append_xor_addr (msg, STUN_ATTRIBUTE_XOR_PEER_ADDRESS, peer,
                                       sizeof *peer)
             != STUN_MESSAGE_RETURN_SUCCESS
      || !append_bytes (msg, STUN_ATTRIBUTE_NONCE, nonce, nonce_len)
      || !append_bytes (msg, STUN_ATTRIBUTE_REALM, realm, realm_len)
      || !append_bytes (msg, STUN_ATTRIBUTE_USERNAME, username, username_len))
    return 0;
  return stun_agent_finish_message (agent, msg, password, password_len);
}

static StunUsageTurnReturn
process_error (StunMessage *msg, struct sockaddr_storage *alternate_server,
               socklen_t *alternate_server_len)
{
  int code = -1;

  if (stun_message_find_error (msg, &code) != STUN_MESSAGE_RETURN_SUCCESS)
    return STUN_USAGE_TURN_RETURN_INVALID;
  if (code / 100 == 3 && alternate_server != NULL && alternate_server_len != NULL
      && stun_message_find_addr (msg, STUN_ATTRIBUTE_ALTERNATE_SERVER, alternate_server,
                                 alternate_server_len)
             == STUN_MESSAGE_RETURN_SUCCESS)
    return STUN_USAGE_TURN_RETURN_ALTERNATE_SERVER;
  return STUN_USAGE_TURN_RETURN_ERROR;
}

/* What a response of that method comes to before its attributes are read. RELAY_SUCCESS:
 * it is a success. */
static StunUsageTurnReturn
process_class (StunMessage *msg, StunMethod method,
               struct sockaddr_storage *alternate_server, socklen_t *alternate_server_len)
{
  if (stun_message_get_method (msg) != method)
    return STUN_USAGE_TURN_RETURN_INVALID;
  switch (stun_message_get_class (msg))
    {
    case STUN_REQUEST:
    case STUN_INDICATION:
      return STUN_USAGE_TURN_RETURN_INVALID;
    case STUN_ERROR:
      return process_error (msg, alternate_server, alternate_server_len);
    case STUN_RESPONSE:
      break;
    }
  return STUN_USAGE_TURN_RETURN_RELAY_SUCCESS;
}

static bool
find_address (StunMessage *msg, guint16 type, bool is_xored, uint32_t cookie,
              struct sockaddr_storage *addr, socklen_t *addrlen)
{
  StunMessageReturn result =
      is_xored ? stun_message_find_xor_addr_full (msg, type, addr, addrlen, cookie)
               : stun_message_find_addr (msg, type, addr, addrlen);

  return result == STUN_MESSAGE_RETURN_SUCCESS;
}

StunUsageTurnReturn
stun_usage_turn_process (StunMessage *msg, struct sockaddr_storage *relay_addr,
                         socklen_t *relay_addrlen, struct sockaddr_storage *addr,
                         socklen_t *addrlen, struct sockaddr_storage *alternate_server,
                         socklen_t *alternate_server_len, uint32_t *bandwidth,
                         uint32_t *lifetime, StunUsageTurnCompatibility compatibility)
{
  const StunTurnQuirks *quirks = stun_quirks_get_turn (compatibility);
  uint32_t cookie = quirks->has_magic_cookie
                        ? stun_load32 (msg->buffer + STUN_MESSAGE_TRANS_ID_POS)
                        : STUN_MAGIC_COOKIE;
  bool has_mapped;
  StunUsageTurnReturn result =
      process_class (msg, STUN_ALLOCATE, alternate_server, alternate_server_len);

  if (result != STUN_USAGE_TURN_RETURN_RELAY_SUCCESS)
    return result;
  has_mapped = quirks->mapped != 0
               && find_address (msg, quirks->mapped, quirks->is_mapped_xored, cookie,
                                addr, addrlen);
  /* Old dialects write the relayed address where the standard has the mapped one. */
  if (!find_address (msg,
                     quirks->is_relayed_xored ? STUN_ATTR_XOR_RELAYED_ADDRESS
                                              : STUN_ATTR_MAPPED_ADDRESS,
                     quirks->is_relayed_xored, STUN_MAGIC_COOKIE, relay_addr,
                     relay_addrlen))
    return STUN_USAGE_TURN_RETURN_ERROR;
  stun_message_find32 (msg, STUN_ATTRIBUTE_LIFETIME, lifetime);
  stun_message_find32 (msg, STUN_ATTRIBUTE_BANDWIDTH, bandwidth);
  return has_mapped ? STUN_USAGE_TURN_RETURN_MAPPED_SUCCESS
                    : STUN_USAGE_TURN_RETURN_RELAY_SUCCESS;
}

StunUsageTurnReturn
stun_usage_turn_refresh_process (StunMessage *msg, uint32_t *lifetime,
                                 StunUsageTurnCompatibility compatibility)
{
  const StunTurnQuirks *quirks = stun_quirks_get_turn (compatibility);
  StunMethod method = quirks->refreshes_by_allocate ? STUN_ALLOCATE : STUN_REFRESH;
  StunUsageTurnReturn result = process_class (msg, method, NULL, NULL);

  if (result == STUN_USAGE_TURN_RETURN_RELAY_SUCCESS)
    stun_message_find32 (msg, STUN_ATTRIBUTE_LIFETIME, lifetime);
  return result;
}
