/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Connectivity checks. Public. RFC 8445 7. */
#pragma once

#include "stun/stunagent.h"

STUN_BEGIN_DECLS

/**
 * StunUsageIceCompatibility:
 * @STUN_USAGE_ICE_COMPATIBILITY_RFC5245: RFC 5245, and so RFC 8445
 * @STUN_USAGE_ICE_COMPATIBILITY_GOOGLE: Google Talk
 * @STUN_USAGE_ICE_COMPATIBILITY_MSN: MSN Messenger
 * @STUN_USAGE_ICE_COMPATIBILITY_MSICE2: [MS-ICE2]
 * @STUN_USAGE_ICE_COMPATIBILITY_DRAFT19: the same as RFC5245
 * @STUN_USAGE_ICE_COMPATIBILITY_WLM2009: the same as MSICE2
 *
 * How connectivity checks look.
 */
typedef enum
{
  STUN_USAGE_ICE_COMPATIBILITY_RFC5245 = 0,
  STUN_USAGE_ICE_COMPATIBILITY_GOOGLE = 1,
  STUN_USAGE_ICE_COMPATIBILITY_MSN = 2,
  STUN_USAGE_ICE_COMPATIBILITY_MSICE2 = 3,
  STUN_USAGE_ICE_COMPATIBILITY_DRAFT19 = 0,
  STUN_USAGE_ICE_COMPATIBILITY_WLM2009 = 3
} StunUsageIceCompatibility;

/**
 * StunUsageIceReturn:
 * @STUN_USAGE_ICE_RETURN_SUCCESS: done
 * @STUN_USAGE_ICE_RETURN_ERROR: an error response, or a reply that could not be made
 * @STUN_USAGE_ICE_RETURN_INVALID: no response to a Binding request
 * @STUN_USAGE_ICE_RETURN_ROLE_CONFLICT: both sides claim the same role
 * @STUN_USAGE_ICE_RETURN_INVALID_REQUEST: the request is malformed
 * @STUN_USAGE_ICE_RETURN_INVALID_METHOD: the request is no Binding request
 * @STUN_USAGE_ICE_RETURN_MEMORY_ERROR: the buffer is too small
 * @STUN_USAGE_ICE_RETURN_INVALID_ADDRESS: the address cannot be written
 * @STUN_USAGE_ICE_RETURN_NO_MAPPED_ADDRESS: the response has no mapped address
 *
 * What became of a check.
 */
typedef enum
{
  STUN_USAGE_ICE_RETURN_SUCCESS = 0,
  STUN_USAGE_ICE_RETURN_ERROR = 1,
  STUN_USAGE_ICE_RETURN_INVALID = 2,
  STUN_USAGE_ICE_RETURN_ROLE_CONFLICT = 3,
  STUN_USAGE_ICE_RETURN_INVALID_REQUEST = 4,
  STUN_USAGE_ICE_RETURN_INVALID_METHOD = 5,
  STUN_USAGE_ICE_RETURN_MEMORY_ERROR = 6,
  STUN_USAGE_ICE_RETURN_INVALID_ADDRESS = 7,
  STUN_USAGE_ICE_RETURN_NO_MAPPED_ADDRESS = 8
} StunUsageIceReturn;

/**
 * stun_usage_ice_conncheck_create:
 * @username: (nullable): USERNAME's value
 * @password: (nullable): the peer's password; kept by pointer until the response
 * @cand_use: whether to send USE-CANDIDATE
 * @controlling: the role to claim
 * @priority: PRIORITY's value
 * @tie: the tie-breaker
 * @candidate_identifier: (nullable): for Microsoft's dialect
 *
 * Makes a check (RFC 8445 7.2.4).
 *
 * Returns: its length; 0 when the buffer is too small.
 */
size_t
stun_usage_ice_conncheck_create (StunAgent *agent, StunMessage *msg, uint8_t *buffer,
                                 size_t buffer_len, const uint8_t *username,
                                 const size_t username_len, const uint8_t *password,
                                 const size_t password_len, bool cand_use,
                                 bool controlling, uint32_t priority, uint64_t tie,
                                 const char *candidate_identifier,
                                 StunUsageIceCompatibility compatibility);

/**
 * stun_usage_ice_conncheck_process:
 * @addr: (out): the mapped address
 * @addrlen: (inout): size of @addr; length of what was written
 *
 * Reads the response to a check.
 *
 * Returns: SUCCESS, INVALID, ROLE_CONFLICT, ERROR or NO_MAPPED_ADDRESS.
 */
StunUsageIceReturn
stun_usage_ice_conncheck_process (StunMessage *msg, struct sockaddr_storage *addr,
                                  socklen_t *addrlen,
                                  StunUsageIceCompatibility compatibility);

/**
 * stun_usage_ice_conncheck_create_reply:
 * @req: a validated check
 * @msg: (out): the reply
 * @plen: (inout): size of @buf; length of the reply, 0 when there is none
 * @src: where the check came from
 * @control: (inout): our role; changed when the conflict is lost
 * @tie: our tie-breaker
 *
 * Makes the reply to a check, role conflicts included (RFC 8445 7.3.1.1).
 *
 * Returns: SUCCESS; ROLE_CONFLICT when *@control was changed, or a 487 was made;
 * otherwise the reason for which a 400, or no reply, was made.
 */
StunUsageIceReturn
stun_usage_ice_conncheck_create_reply (StunAgent *agent, StunMessage *req,
                                       StunMessage *msg, uint8_t *buf, size_t *plen,
                                       const struct sockaddr_storage *src,
                                       socklen_t srclen, bool *control, uint64_t tie,
                                       StunUsageIceCompatibility compatibility);

/**
 * stun_usage_ice_conncheck_priority:
 *
 * Returns: PRIORITY's value, or 0.
 */
uint32_t stun_usage_ice_conncheck_priority (const StunMessage *msg);

/**
 * stun_usage_ice_conncheck_use_candidate:
 *
 * Returns: whether the check nominates.
 */
bool stun_usage_ice_conncheck_use_candidate (const StunMessage *msg);

STUN_END_DECLS
