/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* STUN messages in buffers that the caller owns: making them, reading them. Public; RFC
 * 8489 and the drafts whose names libnice's users know. */
#pragma once

#include <stdint.h>
#include <stdbool.h>
#include <sys/types.h>
#ifdef _WIN32
#include "win32_common.h"
#else
#include <sys/socket.h>
#include <arpa/inet.h>
#endif

#include "constants.h"

typedef struct _StunMessage StunMessage;

/**
 * StunClass:
 * @STUN_REQUEST: wants an answer
 * @STUN_INDICATION: wants none
 * @STUN_RESPONSE: a success response
 * @STUN_ERROR: an error response
 *
 * The class of a message (RFC 8489 5).
 */
typedef enum
{
  STUN_REQUEST = 0,
  STUN_INDICATION = 1,
  STUN_RESPONSE = 2,
  STUN_ERROR = 3
} StunClass;

/**
 * StunMethod:
 *
 * Methods. Several names share a number: the superseded drafts of TURN used it otherwise.
 */
typedef enum
{
  STUN_BINDING = 0x0001,
  STUN_SHARED_SECRET = 0x0002,
  STUN_ALLOCATE = 0x0003,
  STUN_SET_ACTIVE_DST = 0x0004,
  STUN_REFRESH = 0x0004,
  STUN_SEND = 0x0004,
  STUN_CONNECT = 0x0005,
  STUN_OLD_SET_ACTIVE_DST = 0x0006,
  STUN_IND_SEND = 0x0006,
  STUN_IND_DATA = 0x0007,
  STUN_IND_CONNECT_STATUS = 0x0008,
  STUN_CREATEPERMISSION = 0x0008,
  STUN_CHANNELBIND = 0x0009
} StunMethod;

/**
 * StunAttribute:
 *
 * Attribute types. Names that share a number belong to different drafts or dialects.
 */
typedef enum
{
  STUN_ATTRIBUTE_MAPPED_ADDRESS = 0x0001,
  STUN_ATTRIBUTE_RESPONSE_ADDRESS = 0x0002,
  STUN_ATTRIBUTE_CHANGE_REQUEST = 0x0003,
  STUN_ATTRIBUTE_SOURCE_ADDRESS = 0x0004,
  STUN_ATTRIBUTE_CHANGED_ADDRESS = 0x0005,
  STUN_ATTRIBUTE_USERNAME = 0x0006,
  STUN_ATTRIBUTE_PASSWORD = 0x0007,
  STUN_ATTRIBUTE_MESSAGE_INTEGRITY = 0x0008,
  STUN_ATTRIBUTE_ERROR_CODE = 0x0009,
  STUN_ATTRIBUTE_UNKNOWN_ATTRIBUTES = 0x000A,
  STUN_ATTRIBUTE_REFLECTED_FROM = 0x000B,
  STUN_ATTRIBUTE_CHANNEL_NUMBER = 0x000C,
  STUN_ATTRIBUTE_LIFETIME = 0x000D,
  STUN_ATTRIBUTE_MS_ALTERNATE_SERVER = 0x000E,
  STUN_ATTRIBUTE_MAGIC_COOKIE = 0x000F,
  STUN_ATTRIBUTE_BANDWIDTH = 0x0010,
  STUN_ATTRIBUTE_DESTINATION_ADDRESS = 0x0011,
  STUN_ATTRIBUTE_REMOTE_ADDRESS = 0x0012,
  STUN_ATTRIBUTE_PEER_ADDRESS = 0x0012,
  STUN_ATTRIBUTE_XOR_PEER_ADDRESS = 0x0012,
  STUN_ATTRIBUTE_DATA = 0x0013,
  STUN_ATTRIBUTE_REALM = 0x0014,
  STUN_ATTRIBUTE_NONCE = 0x0015,
  STUN_ATTRIBUTE_RELAY_ADDRESS = 0x0016,
  STUN_ATTRIBUTE_RELAYED_ADDRESS = 0x0016,
  STUN_ATTRIBUTE_XOR_RELAYED_ADDRESS = 0x0016,
  STUN_ATTRIBUTE_REQUESTED_ADDRESS_TYPE = 0x0017,
  STUN_ATTRIBUTE_REQUESTED_PORT_PROPS = 0x0018,
  STUN_ATTRIBUTE_REQUESTED_PROPS = 0x0018,
  STUN_ATTRIBUTE_EVEN_PORT = 0x0018,
  STUN_ATTRIBUTE_REQUESTED_TRANSPORT = 0x0019,
  STUN_ATTRIBUTE_DONT_FRAGMENT = 0x001A,
  STUN_ATTRIBUTE_XOR_MAPPED_ADDRESS = 0x0020,
  STUN_ATTRIBUTE_TIMER_VAL = 0x0021,
  STUN_ATTRIBUTE_REQUESTED_IP = 0x0022,
  STUN_ATTRIBUTE_RESERVATION_TOKEN = 0x0022,
  STUN_ATTRIBUTE_CONNECT_STAT = 0x0023,
  STUN_ATTRIBUTE_PRIORITY = 0x0024,
  STUN_ATTRIBUTE_USE_CANDIDATE = 0x0025,
  STUN_ATTRIBUTE_OPTIONS = 0x8001,
  STUN_ATTRIBUTE_MS_VERSION = 0x8008,
  STUN_ATTRIBUTE_MS_XOR_MAPPED_ADDRESS = 0x8020,
  STUN_ATTRIBUTE_SOFTWARE = 0x8022,
  STUN_ATTRIBUTE_ALTERNATE_SERVER = 0x8023,
  STUN_ATTRIBUTE_FINGERPRINT = 0x8028,
  STUN_ATTRIBUTE_ICE_CONTROLLED = 0x8029,
  STUN_ATTRIBUTE_ICE_CONTROLLING = 0x802A,
  STUN_ATTRIBUTE_MS_SEQUENCE_NUMBER = 0x8050,
  STUN_ATTRIBUTE_CANDIDATE_IDENTIFIER = 0x8054,
  STUN_ATTRIBUTE_MS_IMPLEMENTATION_VERSION = 0x8070,
  STUN_ATTRIBUTE_NOMINATION = 0xC001
} StunAttribute;

/**
 * STUN_ALL_KNOWN_ATTRIBUTES:
 *
 * The comprehension-required attributes that these functions know, ended by 0: for
 * [func@stun_agent_init].
 */
static const uint16_t STUN_ALL_KNOWN_ATTRIBUTES[] = {
  STUN_ATTRIBUTE_MAPPED_ADDRESS,
  STUN_ATTRIBUTE_RESPONSE_ADDRESS,
  STUN_ATTRIBUTE_CHANGE_REQUEST,
  STUN_ATTRIBUTE_SOURCE_ADDRESS,
  STUN_ATTRIBUTE_CHANGED_ADDRESS,
  STUN_ATTRIBUTE_USERNAME,
  STUN_ATTRIBUTE_PASSWORD,
  STUN_ATTRIBUTE_MESSAGE_INTEGRITY,
  STUN_ATTRIBUTE_ERROR_CODE,
  STUN_ATTRIBUTE_UNKNOWN_ATTRIBUTES,
  STUN_ATTRIBUTE_REFLECTED_FROM,
  STUN_ATTRIBUTE_CHANNEL_NUMBER,
  STUN_ATTRIBUTE_LIFETIME,
  STUN_ATTRIBUTE_MAGIC_COOKIE,
  STUN_ATTRIBUTE_BANDWIDTH,
  STUN_ATTRIBUTE_DESTINATION_ADDRESS,
  STUN_ATTRIBUTE_REMOTE_ADDRESS,
  STUN_ATTRIBUTE_REMOTE_ADDRESS,
  STUN_ATTRIBUTE_REMOTE_ADDRESS,
  STUN_ATTRIBUTE_DATA,
  STUN_ATTRIBUTE_REALM,
  STUN_ATTRIBUTE_NONCE,
  STUN_ATTRIBUTE_RELAY_ADDRESS,
  STUN_ATTRIBUTE_RELAY_ADDRESS,
  STUN_ATTRIBUTE_RELAY_ADDRESS,
  STUN_ATTRIBUTE_REQUESTED_ADDRESS_TYPE,
  STUN_ATTRIBUTE_REQUESTED_PORT_PROPS,
  STUN_ATTRIBUTE_REQUESTED_PORT_PROPS,
  STUN_ATTRIBUTE_REQUESTED_PORT_PROPS,
  STUN_ATTRIBUTE_REQUESTED_TRANSPORT,
  STUN_ATTRIBUTE_DONT_FRAGMENT,
  STUN_ATTRIBUTE_XOR_MAPPED_ADDRESS,
  STUN_ATTRIBUTE_TIMER_VAL,
  STUN_ATTRIBUTE_REQUESTED_IP,
  STUN_ATTRIBUTE_REQUESTED_IP,
  STUN_ATTRIBUTE_CONNECT_STAT,
  STUN_ATTRIBUTE_PRIORITY,
  STUN_ATTRIBUTE_USE_CANDIDATE,
  0,
};

/**
 * STUN_MSOC_KNOWN_ATTRIBUTES:
 *
 * The same for Microsoft Office Communicator's dialect.
 */
static const uint16_t STUN_MSOC_KNOWN_ATTRIBUTES[] = {
  STUN_ATTRIBUTE_MAPPED_ADDRESS,
  STUN_ATTRIBUTE_USERNAME,
  STUN_ATTRIBUTE_MESSAGE_INTEGRITY,
  STUN_ATTRIBUTE_ERROR_CODE,
  STUN_ATTRIBUTE_UNKNOWN_ATTRIBUTES,
  STUN_ATTRIBUTE_LIFETIME,
  STUN_ATTRIBUTE_MS_ALTERNATE_SERVER,
  STUN_ATTRIBUTE_MAGIC_COOKIE,
  STUN_ATTRIBUTE_BANDWIDTH,
  STUN_ATTRIBUTE_DESTINATION_ADDRESS,
  STUN_ATTRIBUTE_REMOTE_ADDRESS,
  STUN_ATTRIBUTE_DATA,
  STUN_ATTRIBUTE_NONCE,
  STUN_ATTRIBUTE_REALM,
  0,
};

/**
 * StunTransactionId:
 *
 * The 16 bytes behind a message's length: cookie and 96 bits of id (RFC 8489 5), or 128
 * bits of id (RFC 3489).
 */
typedef uint8_t StunTransactionId[STUN_ID_LEN];

/**
 * StunError:
 *
 * Error codes.
 */
typedef enum
{
  STUN_ERROR_TRY_ALTERNATE = 300,
  STUN_ERROR_BAD_REQUEST = 400,
  STUN_ERROR_UNAUTHORIZED = 401,
  STUN_ERROR_FORBIDDEN = 403,
  STUN_ERROR_UNKNOWN_ATTRIBUTE = 420,
  STUN_ERROR_ALLOCATION_MISMATCH = 437,
  STUN_ERROR_STALE_NONCE = 438,
  STUN_ERROR_ACT_DST_ALREADY = 439,
  STUN_ERROR_UNSUPPORTED_FAMILY = 440,
  STUN_ERROR_WRONG_CREDENTIALS = 441,
  STUN_ERROR_UNSUPPORTED_TRANSPORT = 442,
  STUN_ERROR_INVALID_IP = 443,
  STUN_ERROR_INVALID_PORT = 444,
  STUN_ERROR_OP_TCP_ONLY = 445,
  STUN_ERROR_CONN_ALREADY = 446,
  STUN_ERROR_ALLOCATION_QUOTA_REACHED = 486,
  STUN_ERROR_ROLE_CONFLICT = 487,
  STUN_ERROR_SERVER_ERROR = 500,
  STUN_ERROR_SERVER_CAPACITY = 507,
  STUN_ERROR_INSUFFICIENT_CAPACITY = 508,
  STUN_ERROR_MAX = 699
} StunError;

/**
 * StunMessageReturn:
 * @STUN_MESSAGE_RETURN_SUCCESS: done
 * @STUN_MESSAGE_RETURN_NOT_FOUND: the attribute is not there
 * @STUN_MESSAGE_RETURN_INVALID: the attribute's value, or an argument, is malformed
 * @STUN_MESSAGE_RETURN_NOT_ENOUGH_SPACE: the buffer is too small
 * @STUN_MESSAGE_RETURN_UNSUPPORTED_ADDRESS: neither IPv4 nor IPv6
 *
 * What became of reading or appending an attribute.
 */
typedef enum
{
  STUN_MESSAGE_RETURN_SUCCESS = 0,
  STUN_MESSAGE_RETURN_NOT_FOUND = 1,
  STUN_MESSAGE_RETURN_INVALID = 2,
  STUN_MESSAGE_RETURN_NOT_ENOUGH_SPACE = 3,
  STUN_MESSAGE_RETURN_UNSUPPORTED_ADDRESS = 4
} StunMessageReturn;

#include "stunagent.h"

STUN_BEGIN_DECLS

/**
 * StunMessage:
 * @agent: the agent that made or validated it
 * @buffer: the message
 * @buffer_len: size of @buffer, not of the message
 * @key: (nullable): the key it is signed with; borrowed
 * @key_len: bytes of @key
 * @long_term_key: the key made of username, realm and password
 * @long_term_valid: whether @long_term_key is set
 *
 * A message in a buffer. Allocated by the caller, filled by the `init` functions of the
 * agent or by [func@stun_agent_validate]; owns nothing.
 */
struct _StunMessage
{
  StunAgent *agent;
  uint8_t *buffer;
  size_t buffer_len;
  uint8_t *key;
  size_t key_len;
  uint8_t long_term_key[16];
  bool long_term_valid;
};

/**
 * StunInputVector:
 * @buffer: bytes
 * @size: how many
 *
 * One piece of a scattered message. Laid out like a `GInputVector`.
 */
typedef struct
{
  const uint8_t *buffer;
  size_t size;
} StunInputVector;

/**
 * STUN_MAX_MESSAGE_SIZE:
 *
 * The largest STUN message: header and 65,532 bytes of attributes.
 */
#define STUN_MAX_MESSAGE_SIZE 65552

/**
 * STUN_MESSAGE_BUFFER_INCOMPLETE:
 *
 * The bytes may become a message once more of them are there.
 */
#define STUN_MESSAGE_BUFFER_INCOMPLETE 0

/**
 * STUN_MESSAGE_BUFFER_INVALID:
 *
 * The bytes are no STUN message.
 */
#define STUN_MESSAGE_BUFFER_INVALID -1

/**
 * stun_message_init:
 * @msg: a message whose buffer and buffer_len are set
 * @id: the 16 bytes that go behind the length, cookie included
 *
 * Writes a header without attributes.
 *
 * Returns: false when the buffer is smaller than a header.
 */
bool stun_message_init (StunMessage *msg, StunClass c, StunMethod m,
                        const StunTransactionId id);

/**
 * stun_message_length:
 *
 * Returns: the message's length in bytes, header included.
 */
uint16_t stun_message_length (const StunMessage *msg);

/**
 * stun_message_find:
 * @palen: (out): length of the value
 *
 * Finds an attribute. Those behind MESSAGE-INTEGRITY are not found, save FINGERPRINT
 * (RFC 8489 9).
 *
 * Returns: (nullable): the value, inside the message; %NULL when there is none.
 */
const void *
stun_message_find (const StunMessage *msg, StunAttribute type, uint16_t *palen);

/**
 * stun_message_find_flag:
 *
 * Returns: SUCCESS; NOT_FOUND; INVALID when the value is not empty.
 */
StunMessageReturn stun_message_find_flag (const StunMessage *msg, StunAttribute type);

/**
 * stun_message_find32:
 * @pval: (out): the value, in host order
 *
 * Returns: SUCCESS; NOT_FOUND; INVALID when the value is not 4 bytes long.
 */
StunMessageReturn
stun_message_find32 (const StunMessage *msg, StunAttribute type, uint32_t *pval);

/**
 * stun_message_find64:
 * @pval: (out): the value, in host order
 *
 * Returns: SUCCESS; NOT_FOUND; INVALID when the value is not 8 bytes long.
 */
StunMessageReturn
stun_message_find64 (const StunMessage *msg, StunAttribute type, uint64_t *pval);

/**
 * stun_message_find_string:
 * @buf: (out): the text and a NUL
 * @buflen: size of @buf
 *
 * Returns: SUCCESS; NOT_FOUND; NOT_ENOUGH_SPACE when text and NUL do not fit.
 */
StunMessageReturn stun_message_find_string (const StunMessage *msg, StunAttribute type,
                                            char *buf, size_t buflen);

/**
 * stun_message_find_addr:
 * @addr: (out): the address
 * @addrlen: (inout): size of @addr; length of what was written
 *
 * Reads an attribute of the form of MAPPED-ADDRESS (RFC 8489 14.1).
 *
 * Returns: SUCCESS; NOT_FOUND; INVALID for a wrong length or too small an @addrlen;
 * UNSUPPORTED_ADDRESS for a family that is neither IPv4 nor IPv6.
 */
StunMessageReturn
stun_message_find_addr (const StunMessage *msg, StunAttribute type,
                        struct sockaddr_storage *addr, socklen_t *addrlen);

/**
 * stun_message_find_xor_addr:
 * @addr: (out): the address
 * @addrlen: (inout): size of @addr; length of what was written
 *
 * Reads an attribute of the form of XOR-MAPPED-ADDRESS (RFC 8489 14.2).
 *
 * Returns: as [func@stun_message_find_addr].
 */
StunMessageReturn
stun_message_find_xor_addr (const StunMessage *msg, StunAttribute type,
                            struct sockaddr_storage *addr, socklen_t *addrlen);

/**
 * stun_message_find_xor_addr_full:
 * @addr: (out): the address
 * @addrlen: (inout): size of @addr; length of what was written
 * @magic_cookie: what the address is XORed with, in host order
 *
 * The same with another cookie, as some dialects have it.
 *
 * Returns: as [func@stun_message_find_addr].
 */
StunMessageReturn
stun_message_find_xor_addr_full (const StunMessage *msg, StunAttribute type,
                                 struct sockaddr_storage *addr, socklen_t *addrlen,
                                 uint32_t magic_cookie);

/**
 * stun_message_find_error:
 * @code: (out): the error code, 300 to 699
 *
 * Returns: SUCCESS; NOT_FOUND; INVALID when ERROR-CODE is malformed (RFC 8489 14.8).
 */
StunMessageReturn stun_message_find_error (const StunMessage *msg, int *code);

/**
 * stun_message_append:
 * @length: bytes of value
 *
 * Appends an attribute and leaves its value for the caller to fill; padding is zeroed.
 *
 * Returns: (nullable): where the value goes; %NULL when the buffer is full.
 */
void *stun_message_append (StunMessage *msg, StunAttribute type, size_t length);

/**
 * stun_message_append_flag:
 *
 * Appends an attribute without value.
 *
 * Returns: SUCCESS or NOT_ENOUGH_SPACE.
 */
StunMessageReturn stun_message_append_flag (StunMessage *msg, StunAttribute type);

/**
 * stun_message_append32:
 *
 * Appends a number of 4 bytes, given in host order.
 *
 * Returns: SUCCESS or NOT_ENOUGH_SPACE.
 */
StunMessageReturn
stun_message_append32 (StunMessage *msg, StunAttribute type, uint32_t value);

/**
 * stun_message_append64:
 *
 * Appends a number of 8 bytes, given in host order.
 *
 * Returns: SUCCESS or NOT_ENOUGH_SPACE.
 */
StunMessageReturn
stun_message_append64 (StunMessage *msg, StunAttribute type, uint64_t value);

/**
 * stun_message_append_string:
 *
 * Appends text, without its NUL.
 *
 * Returns: SUCCESS or NOT_ENOUGH_SPACE.
 */
StunMessageReturn
stun_message_append_string (StunMessage *msg, StunAttribute type, const char *str);

/**
 * stun_message_append_bytes:
 *
 * Appends bytes.
 *
 * Returns: SUCCESS or NOT_ENOUGH_SPACE.
 */
StunMessageReturn stun_message_append_bytes (StunMessage *msg, StunAttribute type,
                                             const void *data, size_t len);

/**
 * stun_message_append_addr:
 *
 * Appends an address in the form of MAPPED-ADDRESS.
 *
 * Returns: SUCCESS; NOT_ENOUGH_SPACE; INVALID when @addrlen is too small for the
 * family; UNSUPPORTED_ADDRESS for other families.
 */
StunMessageReturn
stun_message_append_addr (StunMessage *msg, StunAttribute type,
                          const struct sockaddr *addr, socklen_t addrlen);

/**
 * stun_message_append_xor_addr:
 *
 * Appends an address in the form of XOR-MAPPED-ADDRESS.
 *
 * Returns: SUCCESS; NOT_ENOUGH_SPACE; INVALID when @addrlen is too small for the
 * family; UNSUPPORTED_ADDRESS for other families.
 */
StunMessageReturn
stun_message_append_xor_addr (StunMessage *msg, StunAttribute type,
                              const struct sockaddr_storage *addr, socklen_t addrlen);

/**
 * stun_message_append_xor_addr_full:
 * @magic_cookie: what the address is XORed with, in host order
 *
 * Returns: as [func@stun_message_append_xor_addr].
 */
StunMessageReturn
stun_message_append_xor_addr_full (StunMessage *msg, StunAttribute type,
                                   const struct sockaddr_storage *addr, socklen_t addrlen,
                                   uint32_t magic_cookie);

/**
 * stun_message_append_error:
 *
 * Appends ERROR-CODE with the code's phrase in English.
 *
 * Returns: SUCCESS or NOT_ENOUGH_SPACE.
 */
StunMessageReturn stun_message_append_error (StunMessage *msg, StunError code);

/**
 * stun_message_validate_buffer_length:
 * @length: bytes at @msg
 * @has_padding: whether attributes are padded to 4 bytes
 *
 * Tells whether @msg begins with a STUN message: top bits, length and the bounds of all
 * attributes. Reads nothing behind @length.
 *
 * Returns: the message's length, which may be less than @length;
 * STUN_MESSAGE_BUFFER_INCOMPLETE; STUN_MESSAGE_BUFFER_INVALID.
 */
int
stun_message_validate_buffer_length (const uint8_t *msg, size_t length, bool has_padding);

/**
 * stun_message_validate_buffer_length_fast:
 * @buffers: the pieces
 * @n_buffers: their number; -1: up to a piece whose buffer is %NULL
 * @total_length: bytes in all pieces
 * @has_padding: whether attributes are padded to 4 bytes
 *
 * The same for scattered bytes, looking at the header only: good enough to tell media
 * from STUN.
 *
 * Returns: as [func@stun_message_validate_buffer_length].
 */
ssize_t stun_message_validate_buffer_length_fast (StunInputVector *buffers, int n_buffers,
                                                  size_t total_length, bool has_padding);

/**
 * stun_message_id:
 * @id: (out): the 16 bytes behind the length
 *
 * Copies the transaction id, cookie included.
 */
void stun_message_id (const StunMessage *msg, StunTransactionId id);

/**
 * stun_message_get_class:
 *
 * Returns: the message's class.
 */
StunClass stun_message_get_class (const StunMessage *msg);

/**
 * stun_message_get_method:
 *
 * Returns: the message's method.
 */
StunMethod stun_message_get_method (const StunMessage *msg);

/**
 * stun_message_has_attribute:
 *
 * Returns: whether [func@stun_message_find] would find it.
 */
bool stun_message_has_attribute (const StunMessage *msg, StunAttribute type);

/**
 * stun_message_has_cookie:
 *
 * Returns: whether bytes 4 to 7 are the magic cookie (RFC 8489 5).
 */
bool stun_message_has_cookie (const StunMessage *msg);

/**
 * stun_optional:
 *
 * Returns: whether attributes of that type may be ignored by who does not know them
 * (0x8000 and above).
 */
bool stun_optional (uint16_t t);

/**
 * stun_strerror:
 *
 * Returns: a phrase in English; never %NULL.
 */
const char *stun_strerror (StunError code);

STUN_END_DECLS
