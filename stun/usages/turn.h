/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Allocations on a TURN server. Public. RFC 8656 7 and 8, and the drafts before it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#ifndef _WIN32
#include <sys/socket.h>
#endif

#include "stun/stunagent.h"

STUN_BEGIN_DECLS

/**
 * StunUsageTurnRequestPorts:
 * @STUN_USAGE_TURN_REQUEST_PORT_NORMAL: any port
 * @STUN_USAGE_TURN_REQUEST_PORT_EVEN: an even one
 * @STUN_USAGE_TURN_REQUEST_PORT_EVEN_AND_RESERVE: an even one, and the next kept for a
 *   later allocation
 *
 * Which relay ports an allocation asks for (EVEN-PORT, RFC 8656 18.7).
 */
typedef enum
{
  STUN_USAGE_TURN_REQUEST_PORT_NORMAL = 0,
  STUN_USAGE_TURN_REQUEST_PORT_EVEN = 1,
  STUN_USAGE_TURN_REQUEST_PORT_EVEN_AND_RESERVE = 2
} StunUsageTurnRequestPorts;

/**
 * StunUsageTurnCompatibility:
 * @STUN_USAGE_TURN_COMPATIBILITY_DRAFT9: draft-ietf-behave-turn-09
 * @STUN_USAGE_TURN_COMPATIBILITY_GOOGLE: Google Talk
 * @STUN_USAGE_TURN_COMPATIBILITY_MSN: MSN Messenger
 * @STUN_USAGE_TURN_COMPATIBILITY_OC2007: Office Communicator 2007
 * @STUN_USAGE_TURN_COMPATIBILITY_RFC5766: RFC 5766, and so RFC 8656
 *
 * The draft or dialect of TURN.
 */
typedef enum
{
  STUN_USAGE_TURN_COMPATIBILITY_DRAFT9 = 0,
  STUN_USAGE_TURN_COMPATIBILITY_GOOGLE = 1,
  STUN_USAGE_TURN_COMPATIBILITY_MSN = 2,
  STUN_USAGE_TURN_COMPATIBILITY_OC2007 = 3,
  STUN_USAGE_TURN_COMPATIBILITY_RFC5766 = 4
} StunUsageTurnCompatibility;

/**
 * StunUsageTurnReturn:
 * @STUN_USAGE_TURN_RETURN_RELAY_SUCCESS: there is a relayed address
 * @STUN_USAGE_TURN_RETURN_MAPPED_SUCCESS: there is a relayed and a mapped address
 * @STUN_USAGE_TURN_RETURN_ERROR: the server refused
 * @STUN_USAGE_TURN_RETURN_INVALID: no answer to the request
 * @STUN_USAGE_TURN_RETURN_ALTERNATE_SERVER: the server names another one
 *
 * What became of a TURN request.
 */
typedef enum
{
  STUN_USAGE_TURN_RETURN_RELAY_SUCCESS = 0,
  STUN_USAGE_TURN_RETURN_MAPPED_SUCCESS = 1,
  STUN_USAGE_TURN_RETURN_ERROR = 2,
  STUN_USAGE_TURN_RETURN_INVALID = 3,
  STUN_USAGE_TURN_RETURN_ALTERNATE_SERVER = 4
} StunUsageTurnReturn;

/**
 * stun_usage_turn_create:
 * @previous_response: (nullable): the 401 or 438 that asked for credentials
 * @username: (nullable): the user's name
 * @password: (nullable): the password; kept by pointer until the response
 * @bandwidth: kilobits a second, where the dialect has it; negative: not sent
 * @lifetime: seconds; negative: not sent
 *
 * Makes an Allocate request for a UDP relay.
 *
 * Returns: its length; 0 when the buffer is too small.
 */
size_t stun_usage_turn_create (StunAgent *agent, StunMessage *msg, uint8_t *buffer,
                               size_t buffer_len, StunMessage *previous_response,
                               StunUsageTurnRequestPorts request_ports, int32_t bandwidth,
                               int32_t lifetime, uint8_t *username, size_t username_len,
                               uint8_t *password, size_t password_len,
                               StunUsageTurnCompatibility compatibility);

/**
 * stun_usage_turn_create_refresh:
 * @previous_response: (nullable): the 401 or 438 that asked for credentials
 * @username: (nullable): the user's name
 * @password: (nullable): the password; kept by pointer until the response
 * @lifetime: seconds, 0 ends the allocation; negative: not sent
 *
 * Makes a Refresh request (in old dialects another Allocate).
 *
 * Returns: its length; 0 when the buffer is too small.
 */
size_t
stun_usage_turn_create_refresh (StunAgent *agent, StunMessage *msg, uint8_t *buffer,
                                size_t buffer_len, StunMessage *previous_response,
                                int32_t lifetime, uint8_t *username, size_t username_len,
                                uint8_t *password, size_t password_len,
                                StunUsageTurnCompatibility compatibility);

/**
 * stun_usage_turn_create_permission:
 * @peer: who may send to the relayed address
 *
 * Makes a CreatePermission request.
 *
 * Returns: its length; 0 when the buffer is too small or @peer is no IP address.
 */
size_t stun_usage_turn_create_permission (
    StunAgent *agent, StunMessage *msg, uint8_t *buffer, size_t buffer_len,
    uint8_t *username, size_t username_len, uint8_t *password, size_t password_len,
    uint8_t *realm, size_t realm_len, uint8_t *nonce, size_t nonce_len,
    struct sockaddr_storage *peer, StunUsageTurnCompatibility compatibility);

/**
 * stun_usage_turn_process:
 * @relay_addr: (out): the relayed address
 * @relay_addrlen: (inout): size of @relay_addr; length of what was written
 * @addr: (out): the mapped address
 * @addrlen: (inout): size of @addr; length of what was written
 * @alternate_server: (out) (nullable): the server to ask instead (RFC 8489 10); with
 *   %NULL such an answer is an error
 * @alternate_server_len: (inout) (nullable): size of @alternate_server; length of what
 *   was written
 * @bandwidth: (out): kilobits a second, where the dialect has it; else untouched
 * @lifetime: (out): seconds granted; untouched if the server does not say
 *
 * Reads the response to an Allocate request.
 *
 * Returns: any value of the enumeration.
 */
StunUsageTurnReturn
stun_usage_turn_process (StunMessage *msg, struct sockaddr_storage *relay_addr,
                         socklen_t *relay_addrlen, struct sockaddr_storage *addr,
                         socklen_t *addrlen, struct sockaddr_storage *alternate_server,
                         socklen_t *alternate_server_len, uint32_t *bandwidth,
                         uint32_t *lifetime, StunUsageTurnCompatibility compatibility);

/**
 * stun_usage_turn_refresh_process:
 * @lifetime: (out): seconds granted
 *
 * Reads the response to a Refresh request.
 *
 * Returns: RELAY_SUCCESS, ERROR or INVALID.
 */
StunUsageTurnReturn
stun_usage_turn_refresh_process (StunMessage *msg, uint32_t *lifetime,
                                 StunUsageTurnCompatibility compatibility);

STUN_END_DECLS
