/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Binding: asking a server for one's address, keeping a NAT binding alive. Public. RFC
 * 8489 2. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "stun/stunagent.h"

STUN_BEGIN_DECLS

/**
 * StunUsageBindReturn:
 * @STUN_USAGE_BIND_RETURN_SUCCESS: the address is known
 * @STUN_USAGE_BIND_RETURN_ERROR: the server answered with an error, or a socket failed
 * @STUN_USAGE_BIND_RETURN_INVALID: the message is no answer to a Binding request
 * @STUN_USAGE_BIND_RETURN_ALTERNATE_SERVER: the server names another one
 * @STUN_USAGE_BIND_RETURN_TIMEOUT: no answer came
 *
 * What became of a Binding request.
 */
typedef enum
{
  STUN_USAGE_BIND_RETURN_SUCCESS = 0,
  STUN_USAGE_BIND_RETURN_ERROR = 1,
  STUN_USAGE_BIND_RETURN_INVALID = 2,
  STUN_USAGE_BIND_RETURN_ALTERNATE_SERVER = 3,
  STUN_USAGE_BIND_RETURN_TIMEOUT = 4
} StunUsageBindReturn;

/**
 * stun_usage_bind_create:
 *
 * Makes a Binding request.
 *
 * Returns: its length; 0 when the buffer is too small.
 */
size_t stun_usage_bind_create (StunAgent *agent, StunMessage *msg, uint8_t *buffer,
                               size_t buffer_len);

/**
 * stun_usage_bind_process:
 * @msg: a validated message
 * @addr: (out): the address the server saw
 * @addrlen: (inout): its size
 * @alternate_server: (out) (optional): the server to ask instead
 * @alternate_server_len: (inout) (optional): its size
 *
 * Reads the response to a Binding request: XOR-MAPPED-ADDRESS, else MAPPED-ADDRESS.
 *
 * Returns: SUCCESS, ERROR, INVALID or ALTERNATE_SERVER.
 */
StunUsageBindReturn
stun_usage_bind_process (StunMessage *msg, struct sockaddr *addr, socklen_t *addrlen,
                         struct sockaddr *alternate_server,
                         socklen_t *alternate_server_len);

/**
 * stun_usage_bind_keepalive:
 *
 * Makes a Binding indication, which keeps NAT bindings alive.
 *
 * Returns: its length; 0 when the buffer is too small.
 */
size_t
stun_usage_bind_keepalive (StunAgent *agent, StunMessage *msg, uint8_t *buf, size_t len);

/**
 * stun_usage_bind_run:
 * @srv: the server
 * @addr: (out): the address the server saw
 * @addrlen: (inout): its size
 *
 * Asks a server over UDP in the form of RFC 3489 and waits for the answer: blocks up to
 * 2 s.
 *
 * Returns: any value of the enumeration.
 */
StunUsageBindReturn
stun_usage_bind_run (const struct sockaddr *srv, socklen_t srvlen,
                     struct sockaddr_storage *addr, socklen_t *addrlen);

/**
 * stun_usage_bind_run_compat:
 * @compat: the dialect to ask in
 *
 * The same in another dialect.
 *
 * Returns: any value of the enumeration.
 */
StunUsageBindReturn
stun_usage_bind_run_compat (const struct sockaddr *srv, socklen_t srvlen,
                            struct sockaddr_storage *addr, socklen_t *addrlen,
                            StunCompatibility compat);

STUN_END_DECLS
