/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Checks of the public interface: what goes into one, what its reply says, and who gives
 * way when both sides claim the same role. RFC 8445 7.2.4, 7.3.1.1, 16.1. */
#include "config.h"

#include "stun/usages/ice.h"

#include <glib.h>

#include "stun/bytes.h"
#include "stun/quirks.h"

#define MS_IMPLEMENTATION_VERSION 2

G_STATIC_ASSERT ((int)STUN_USAGE_ICE_COMPATIBILITY_RFC5245 == STUN_ICE_DIALECT_RFC8445);
G_STATIC_ASSERT ((int)STUN_USAGE_ICE_COMPATIBILITY_GOOGLE == STUN_ICE_DIALECT_GOOGLE);
G_STATIC_ASSERT ((int)STUN_USAGE_ICE_COMPATIBILITY_MSN == STUN_ICE_DIALECT_MSN);
G_STATIC_ASSERT ((int)STUN_USAGE_ICE_COMPATIBILITY_MSICE2 == STUN_ICE_DIALECT_MSICE2);

static bool
append_ice_attributes (StunMessage *msg, bool cand_use, bool controlling,
                       uint32_t priority, uint64_t tie)
{
  if (cand_use
      && stun_message_append_flag (msg, STUN_ATTRIBUTE_USE_CANDIDATE)
             != STUN_MESSAGE_RETURN_SUCCESS)
    return false;
  return stun_message_append32 (msg, STUN_ATTRIBUTE_PRIORITY, priority)
             == STUN_MESSAGE_RETURN_SUCCESS
         && stun_message_append64 (msg,
                                   controlling ? STUN_ATTRIBUTE_ICE_CONTROLLING
                                               : STUN_ATTRIBUTE_ICE_CONTROLLED,
                                   tie)
                == STUN_MESSAGE_RETURN_SUCCESS;
}

/* [MS-ICE2] 2.2.2.2 and 2.2.2.3: the identifier is padded with zeros, which count. */
static bool
append_candidate_identifier (StunMessage *msg, const char *identifier)
{
  size_t len = strlen (identifier);
  guint8 *at =
      stun_message_append (msg, STUN_ATTRIBUTE_CANDIDATE_IDENTIFIER, stun_padded (len));

  if (at == NULL)
    return false;
  memset (at, 0, stun_padded (len));
  memcpy (at, identifier, len);
  return stun_message_append32 (msg, STUN_ATTRIBUTE_MS_IMPLEMENTATION_VERSION,
                                MS_IMPLEMENTATION_VERSION)
         == STUN_MESSAGE_RETURN_SUCCESS;
}

size_t
stun_usage_ice_conncheck_create (StunAgent *agent, StunMessage *msg, uint8_t *buffer,
                                 size_t buffer_len, const uint8_t *username,
                                 size_t username_len, const uint8_t *password,
                                 size_t password_len, bool cand_use, bool controlling,
                                 uint32_t priority, uint64_t tie,
                                 const char *candidate_identifier,
                                 StunUsageIceCompatibility compatibility)
{
  const StunIceQuirks *quirks = stun_quirks_get_ice (compatibility);

  if (!stun_agent_init_request (agent, msg, buffer, buffer_len, STUN_BINDING))
    return 0;
  if (quirks->has_ice_attributes
      && !append_ice_attributes (msg, cand_use, controlling, priority, tie))
    return 0;
  if (username != NULL && username_len > 0
      && stun_message_append_bytes (msg, STUN_ATTRIBUTE_USERNAME, username, username_len)
             != STUN_MESSAGE_RETURN_SUCCESS)
    return 0;
  if (quirks->has_candidate_identifier && candidate_identifier != NULL
      && !append_candidate_identifier (msg, candidate_identifier))
    return 0;
  return stun_agent_finish_message (agent, msg, password, password_len);
}

StunUsageIceReturn
stun_usage_ice_conncheck_process (StunMessage *msg, struct sockaddr_storage *addr,
                                  socklen_t *addrlen,
                                  StunUsageIceCompatibility compatibility)
{
  const StunIceQuirks *quirks = stun_quirks_get_ice (compatibility);
  StunMessageReturn result;
  socklen_t size = *addrlen;
  int code = -1;

  if (stun_message_get_method (msg) != STUN_BINDING)
    return STUN_USAGE_ICE_RETURN_INVALID;
  switch (stun_message_get_class (msg))
    {
    case STUN_REQUEST:
    case STUN_INDICATION:
      return STUN_USAGE_ICE_RETURN_INVALID;
    case STUN_ERROR:
      if (stun_message_find_error (msg, &code) != STUN_MESSAGE_RETURN_SUCCESS)
        return STUN_USAGE_ICE_RETURN_INVALID;
      return code == STUN_ERROR_ROLE_CONFLICT ? STUN_USAGE_ICE_RETURN_ROLE_CONFLICT
                                              : STUN_USAGE_ICE_RETURN_ERROR;
    case STUN_RESPONSE:
      break;
    }
  if (quirks->mapping == STUN_MAPPING_BY_ID)
    result = stun_message_find_xor_addr_full (
        msg, STUN_ATTRIBUTE_XOR_MAPPED_ADDRESS, addr, addrlen,
        stun_load32 (msg->buffer + STUN_MESSAGE_TRANS_ID_POS));
  else
    result = stun_message_find_xor_addr (msg, STUN_ATTRIBUTE_XOR_MAPPED_ADDRESS, addr,
                                         addrlen);
  if (result == STUN_MESSAGE_RETURN_SUCCESS)
    return STUN_USAGE_ICE_RETURN_SUCCESS;
  *addrlen = size;
  return stun_message_find_addr (msg, STUN_ATTRIBUTE_MAPPED_ADDRESS, addr, addrlen)
                 == STUN_MESSAGE_RETURN_SUCCESS
             ? STUN_USAGE_ICE_RETURN_SUCCESS
             : STUN_USAGE_ICE_RETURN_NO_MAPPED_ADDRESS;
}

/* What RFC 8445 7.3.1.1 does with the roles of a check. */
typedef enum
{
  ROLES_AGREE,
  ROLES_SWITCHED, /* we gave way */
  ROLES_REFUSED   /* the peer has to: 487 */
} Roles;

static Roles
settle_roles (const StunMessage *req, bool *control, uint64_t tie)
{
  StunAttribute same =
      *control ? STUN_ATTRIBUTE_ICE_CONTROLLING : STUN_ATTRIBUTE_ICE_CONTROLLED;
  bool is_ours_larger;
  uint64_t theirs;

  if (stun_message_find64 (req, same, &theirs) != STUN_MESSAGE_RETURN_SUCCESS)
    return ROLES_AGREE;
  is_ours_larger = tie >= theirs;
  if (*control == is_ours_larger)
    return ROLES_REFUSED;
  *control = !*control;
  return ROLES_SWITCHED;
}

/* Finishes an error response; its length, 0 when the buffer is too small. */
static size_t
make_error (StunAgent *agent, StunMessage *req, StunMessage *msg, uint8_t *buf,
            size_t len, StunError code)
{
  if (!stun_agent_init_error (agent, msg, buf, len, req, code))
    return 0;
  return stun_agent_finish_message (agent, msg, NULL, 0);
}

static StunMessageReturn
append_mapping (StunMessage *msg, const struct sockaddr_storage *src, socklen_t srclen,
                StunMapping mapping)
{
  switch (mapping)
    {
    case STUN_MAPPING_BY_COOKIE:
      if (stun_message_has_cookie (msg))
        return stun_message_append_xor_addr (msg, STUN_ATTRIBUTE_XOR_MAPPED_ADDRESS, src,
                                             srclen);
      break;
    case STUN_MAPPING_BY_ID:
      return stun_message_append_xor_addr_full (
          msg, STUN_ATTRIBUTE_XOR_MAPPED_ADDRESS, src, srclen,
          stun_load32 (msg->buffer + STUN_MESSAGE_TRANS_ID_POS));
    case STUN_MAPPING_PLAIN:
      break;
    }
  return stun_message_append_addr (msg, STUN_ATTRIBUTE_MAPPED_ADDRESS,
                                   (const struct sockaddr *)src, srclen);
}

static StunUsageIceReturn
get_failure (StunMessageReturn result)
{
  if (result == STUN_MESSAGE_RETURN_SUCCESS)
    return STUN_USAGE_ICE_RETURN_SUCCESS;
  return result == STUN_MESSAGE_RETURN_NOT_ENOUGH_SPACE
             ? STUN_USAGE_ICE_RETURN_MEMORY_ERROR
             : STUN_USAGE_ICE_RETURN_INVALID_ADDRESS;
}

/* Mapped address, the check's USERNAME, and what Microsoft adds. */
static StunUsageIceReturn
fill_success (StunMessage *req, StunMessage *msg, const struct sockaddr_storage *src,
              socklen_t srclen, const StunIceQuirks *quirks)
{
  uint16_t len = 0;
  const void *username = stun_message_find (req, STUN_ATTRIBUTE_USERNAME, &len);
  StunMessageReturn result = append_mapping (msg, src, srclen, quirks->mapping);

  if (result == STUN_MESSAGE_RETURN_SUCCESS && username != NULL)
    result = stun_message_append_bytes (msg, STUN_ATTRIBUTE_USERNAME, username, len);
  if (result == STUN_MESSAGE_RETURN_SUCCESS && quirks->has_candidate_identifier)
    result = stun_message_append32 (msg, STUN_ATTRIBUTE_MS_IMPLEMENTATION_VERSION,
                                    MS_IMPLEMENTATION_VERSION);
  return get_failure (result);
}

StunUsageIceReturn
stun_usage_ice_conncheck_create_reply (StunAgent *agent, StunMessage *req,
                                       StunMessage *msg, uint8_t *buf, size_t *plen,
                                       const struct sockaddr_storage *src,
                                       socklen_t srclen, bool *control, uint64_t tie,
                                       StunUsageIceCompatibility compatibility)
{
  StunUsageIceReturn result;
  size_t size = *plen;
  Roles roles;

  *plen = 0;
  if (stun_message_get_class (req) != STUN_REQUEST)
    return STUN_USAGE_ICE_RETURN_INVALID_REQUEST;
  if (stun_message_get_method (req) != STUN_BINDING)
    {
      *plen = make_error (agent, req, msg, buf, size, STUN_ERROR_BAD_REQUEST);
      return STUN_USAGE_ICE_RETURN_INVALID_METHOD;
    }
  roles = settle_roles (req, control, tie);
  if (roles == ROLES_REFUSED)
    {
      *plen = make_error (agent, req, msg, buf, size, STUN_ERROR_ROLE_CONFLICT);
      return STUN_USAGE_ICE_RETURN_ROLE_CONFLICT;
    }
  if (!stun_agent_init_response (agent, msg, buf, size, req))
    return STUN_USAGE_ICE_RETURN_MEMORY_ERROR;
  result = fill_success (req, msg, src, srclen, stun_quirks_get_ice (compatibility));
  if (result != STUN_USAGE_ICE_RETURN_SUCCESS)
    return result;
  *plen = stun_agent_finish_message (agent, msg, NULL, 0);
  if (*plen == 0)
    return STUN_USAGE_ICE_RETURN_MEMORY_ERROR;
  return roles == ROLES_SWITCHED ? STUN_USAGE_ICE_RETURN_ROLE_CONFLICT
                                 : STUN_USAGE_ICE_RETURN_SUCCESS;
}

uint32_t
stun_usage_ice_conncheck_priority (const StunMessage *msg)
{
  uint32_t value;

  return stun_message_find32 (msg, STUN_ATTRIBUTE_PRIORITY, &value)
                 == STUN_MESSAGE_RETURN_SUCCESS
             ? value
             : 0;
}

bool
stun_usage_ice_conncheck_use_candidate (const StunMessage *msg)
{
  return stun_message_find_flag (msg, STUN_ATTRIBUTE_USE_CANDIDATE)
         == STUN_MESSAGE_RETURN_SUCCESS;
}
