/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A STUN agent: what it and its peers agreed on, and the requests it waits for answers
 * to. Public; allocated by the caller, and not to be used by two threads at once. */
#pragma once

#include <stdint.h>
#include <stdbool.h>
#include <sys/types.h>

typedef struct stun_agent_t StunAgent;

#include "stunmessage.h"
#include "debug.h"

STUN_BEGIN_DECLS

/**
 * StunCompatibility:
 * @STUN_COMPATIBILITY_RFC3489: classic STUN: no cookie
 * @STUN_COMPATIBILITY_RFC5389: RFC 5389, and so RFC 8489
 * @STUN_COMPATIBILITY_MSICE2: [MS-ICE2]
 * @STUN_COMPATIBILITY_OC2007: Office Communicator 2007
 * @STUN_COMPATIBILITY_WLM2009: the same as MSICE2
 * @STUN_COMPATIBILITY_LAST: the highest value
 *
 * The dialect an agent speaks.
 */
typedef enum
{
  STUN_COMPATIBILITY_RFC3489 = 0,
  STUN_COMPATIBILITY_RFC5389 = 1,
  STUN_COMPATIBILITY_MSICE2 = 2,
  STUN_COMPATIBILITY_OC2007 = 3,
  STUN_COMPATIBILITY_WLM2009 = 2,
  STUN_COMPATIBILITY_LAST = 3
} StunCompatibility;

/**
 * StunValidationStatus:
 * @STUN_VALIDATION_SUCCESS: the message is valid
 * @STUN_VALIDATION_NOT_STUN: not a STUN message
 * @STUN_VALIDATION_INCOMPLETE_STUN: the beginning of one
 * @STUN_VALIDATION_BAD_REQUEST: no cookie, or FINGERPRINT missing or wrong
 * @STUN_VALIDATION_UNAUTHORIZED_BAD_REQUEST: USERNAME or integrity missing: answer 400
 * @STUN_VALIDATION_UNAUTHORIZED: unknown user or wrong integrity: answer 401
 * @STUN_VALIDATION_UNMATCHED_RESPONSE: a response to no request of this agent
 * @STUN_VALIDATION_UNKNOWN_REQUEST_ATTRIBUTE: a request with an attribute unknown here:
 *   answer with [func@stun_agent_build_unknown_attributes_error]
 * @STUN_VALIDATION_UNKNOWN_ATTRIBUTE: the same in an indication or response: drop it
 * @STUN_VALIDATION_FORBIDDEN: a 403, for an agent with consent freshness (RFC 7675 5.2)
 *
 * What [func@stun_agent_validate] found.
 */
typedef enum
{
  STUN_VALIDATION_SUCCESS = 0,
  STUN_VALIDATION_NOT_STUN = 1,
  STUN_VALIDATION_INCOMPLETE_STUN = 2,
  STUN_VALIDATION_BAD_REQUEST = 3,
  STUN_VALIDATION_UNAUTHORIZED_BAD_REQUEST = 4,
  STUN_VALIDATION_UNAUTHORIZED = 5,
  STUN_VALIDATION_UNMATCHED_RESPONSE = 6,
  STUN_VALIDATION_UNKNOWN_REQUEST_ATTRIBUTE = 7,
  STUN_VALIDATION_UNKNOWN_ATTRIBUTE = 8,
  STUN_VALIDATION_FORBIDDEN = 9
} StunValidationStatus;

/**
 * StunAgentUsageFlags:
 * @STUN_AGENT_USAGE_SHORT_TERM_CREDENTIALS: messages need USERNAME and integrity
 * @STUN_AGENT_USAGE_LONG_TERM_CREDENTIALS: messages need USERNAME, REALM, NONCE and
 * integrity
 * @STUN_AGENT_USAGE_USE_FINGERPRINT: FINGERPRINT is sent, and required
 * @STUN_AGENT_USAGE_ADD_SOFTWARE: SOFTWARE is sent even when none was set
 * @STUN_AGENT_USAGE_IGNORE_CREDENTIALS: credentials are neither required nor checked
 * @STUN_AGENT_USAGE_NO_INDICATION_AUTH: indications need no credentials
 * @STUN_AGENT_USAGE_FORCE_VALIDATER: the validater is asked about every signed message,
 * even where credentials are not needed or known
 * @STUN_AGENT_USAGE_NO_ALIGNED_ATTRIBUTES: attributes are not padded to 4 bytes
 * @STUN_AGENT_USAGE_CONSENT_FRESHNESS: a 403 is told apart
 *
 * How an agent is used.
 */
typedef enum
{
  STUN_AGENT_USAGE_SHORT_TERM_CREDENTIALS = 0x1,
  STUN_AGENT_USAGE_LONG_TERM_CREDENTIALS = 0x2,
  STUN_AGENT_USAGE_USE_FINGERPRINT = 0x4,
  STUN_AGENT_USAGE_ADD_SOFTWARE = 0x8,
  STUN_AGENT_USAGE_IGNORE_CREDENTIALS = 0x10,
  STUN_AGENT_USAGE_NO_INDICATION_AUTH = 0x20,
  STUN_AGENT_USAGE_FORCE_VALIDATER = 0x40,
  STUN_AGENT_USAGE_NO_ALIGNED_ATTRIBUTES = 0x80,
  STUN_AGENT_USAGE_CONSENT_FRESHNESS = 0x100
} StunAgentUsageFlags;

/* One request that waits for its response. Private. */
typedef struct
{
  StunTransactionId id;
  StunMethod method;
  uint8_t *key;
  size_t key_len;
  uint8_t long_term_key[16];
  bool long_term_valid;
  bool valid;
} StunAgentSavedIds;

/**
 * StunAgent:
 *
 * A STUN agent. The fields are private; the size is part of the interface, as callers
 * allocate it.
 */
struct stun_agent_t
{
  StunCompatibility compatibility;
  StunAgentSavedIds sent_ids[STUN_AGENT_MAX_SAVED_IDS];
  uint16_t *known_attributes;
  StunAgentUsageFlags usage_flags;
  const char *software_attribute;
  bool ms_ice2_send_legacy_connchecks;
};

/**
 * StunDefaultValidaterData:
 * @username: (nullable): the user's name; %NULL ends a list
 * @username_len: its length
 * @password: the user's password
 * @password_len: its length
 *
 * A user, for [func@stun_agent_default_validater].
 */
typedef struct
{
  uint8_t *username;
  size_t username_len;
  uint8_t *password;
  size_t password_len;
} StunDefaultValidaterData;

/**
 * StunMessageIntegrityValidate:
 * @agent: the agent
 * @message: the message, not yet to be believed
 * @username: (nullable): its USERNAME, or %NULL
 * @username_len: length of @username
 * @password: (out): the user's password; it must outlive the validation and the answer
 * @password_len: (out): its length
 * @user_data: what [func@stun_agent_validate] was given
 *
 * Looks up a user.
 *
 * Returns: false when there is no such user.
 */
typedef bool (*StunMessageIntegrityValidate) (StunAgent *agent, StunMessage *message,
                                              uint8_t *username, uint16_t username_len,
                                              uint8_t **password, size_t *password_len,
                                              void *user_data);

/**
 * stun_agent_default_validater:
 * @user_data: an array of [struct@StunDefaultValidaterData], ended by a %NULL username
 *
 * A validater that looks the user up in an array.
 *
 * Returns: whether the user is in the array.
 */
bool
stun_agent_default_validater (StunAgent *agent, StunMessage *message, uint8_t *username,
                              uint16_t username_len, uint8_t **password,
                              size_t *password_len, void *user_data);

/**
 * stun_agent_init:
 * @agent: memory for an agent
 * @known_attributes: types that are understood, ended by 0; kept by pointer
 * @compatibility: the dialect
 * @usage_flags: the usage
 *
 * Makes an agent ready. Nothing has to be freed.
 */
void stun_agent_init (StunAgent *agent, const uint16_t *known_attributes,
                      StunCompatibility compatibility, StunAgentUsageFlags usage_flags);

/**
 * stun_agent_validate:
 * @msg: (out): the message, as readers need it
 * @buffer: @buffer_len bytes, which must outlive @msg
 * @validater: (nullable): who knows users' passwords
 * @validater_data: for @validater
 *
 * Decides whether bytes are a message to act upon. Rules are tried in a fixed order:
 * STUN at all; cookie and FINGERPRINT; a request of ours for a response; credentials;
 * 403; unknown attributes. A response that passes ends its transaction.
 *
 * Returns: the first rule broken, or SUCCESS.
 */
StunValidationStatus
stun_agent_validate (StunAgent *agent, StunMessage *msg, const uint8_t *buffer,
                     size_t buffer_len, StunMessageIntegrityValidate validater,
                     void *validater_data);

/**
 * stun_agent_init_request:
 * @msg: (out): the message
 * @buffer: @buffer_len bytes, which must outlive @msg
 *
 * Begins a request with a fresh transaction id.
 *
 * Returns: false when the buffer is too small.
 */
bool stun_agent_init_request (StunAgent *agent, StunMessage *msg, uint8_t *buffer,
                              size_t buffer_len, StunMethod m);

/**
 * stun_agent_init_indication:
 *
 * Begins an indication with a fresh transaction id.
 *
 * Returns: false when the buffer is too small.
 */
bool stun_agent_init_indication (StunAgent *agent, StunMessage *msg, uint8_t *buffer,
                                 size_t buffer_len, StunMethod m);

/**
 * stun_agent_init_response:
 * @request: the validated request to answer
 *
 * Begins a success response.
 *
 * Returns: false when the buffer is too small or @request is no request.
 */
bool stun_agent_init_response (StunAgent *agent, StunMessage *msg, uint8_t *buffer,
                               size_t buffer_len, const StunMessage *request);

/**
 * stun_agent_init_error:
 * @request: the request to answer
 * @err: the error code
 *
 * Begins an error response with ERROR-CODE.
 *
 * Returns: false when the buffer is too small or @request is no request.
 */
bool stun_agent_init_error (StunAgent *agent, StunMessage *msg, uint8_t *buffer,
                            size_t buffer_len, const StunMessage *request, StunError err);

/**
 * stun_agent_build_unknown_attributes_error:
 * @request: the request to answer
 *
 * Makes a whole 420 response that lists the attributes of @request unknown to @agent.
 *
 * Returns: its length; 0 when the buffer is too small.
 */
size_t stun_agent_build_unknown_attributes_error (StunAgent *agent, StunMessage *msg,
                                                  uint8_t *buffer, size_t buffer_len,
                                                  const StunMessage *request);

/**
 * stun_agent_finish_message:
 * @key: (nullable): password to sign with; ignored when the message has a key, as an
 * answer to an authenticated request has. Kept by pointer for a request: it must live
 * until the transaction is over
 * @key_len: its length
 *
 * Appends MESSAGE-INTEGRITY and FINGERPRINT as the usage wants, and, for a request,
 * waits for its response.
 *
 * Returns: the message's length; 0 when the buffer is too small, or when
 * STUN_AGENT_MAX_SAVED_IDS requests wait already.
 */
size_t stun_agent_finish_message (StunAgent *agent, StunMessage *msg, const uint8_t *key,
                                  size_t key_len);

/**
 * stun_agent_forget_transaction:
 * @id: a request's id
 *
 * Waits no more for the response to a request.
 *
 * Returns: whether the agent was waiting for it.
 */
bool stun_agent_forget_transaction (StunAgent *agent, StunTransactionId id);

/**
 * stun_agent_set_software:
 * @software: (nullable): what SOFTWARE says, at most 128 bytes of it; kept by pointer
 *
 * Sets the SOFTWARE attribute, sent in requests and responses from now on.
 */
void stun_agent_set_software (StunAgent *agent, const char *software);

STUN_END_DECLS
