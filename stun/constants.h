/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sizes and positions of the STUN header and of attributes (RFC 8489 5 and 14). Public.
 */
#pragma once

#ifndef TRUE
#define TRUE (1 == 1)
#endif
#ifndef FALSE
#define FALSE (0 == 1)
#endif

/* C linkage in C++. */
#ifdef __cplusplus
#define STUN_BEGIN_DECLS                                                                 \
  extern "C"                                                                             \
  {
#define STUN_END_DECLS }
#else
#define STUN_BEGIN_DECLS
#define STUN_END_DECLS
#endif

/* Positions in, and lengths of, the header's fields. */
#define STUN_MESSAGE_TYPE_POS 0
#define STUN_MESSAGE_TYPE_LEN 2
#define STUN_MESSAGE_LENGTH_POS 2
#define STUN_MESSAGE_LENGTH_LEN 2
#define STUN_MESSAGE_TRANS_ID_POS 4
#define STUN_MESSAGE_TRANS_ID_LEN 16
#define STUN_MESSAGE_ATTRIBUTES_POS 20
#define STUN_MESSAGE_HEADER_LENGTH 20

/* The same of an attribute. */
#define STUN_ATTRIBUTE_TYPE_POS 0
#define STUN_ATTRIBUTE_TYPE_LEN 2
#define STUN_ATTRIBUTE_LENGTH_POS 2
#define STUN_ATTRIBUTE_LENGTH_LEN 2
#define STUN_ATTRIBUTE_VALUE_POS 4
#define STUN_ATTRIBUTE_HEADER_LENGTH 4

/* What fits the smallest path of either family. */
#define STUN_MAX_MESSAGE_SIZE_IPV4 576
#define STUN_MAX_MESSAGE_SIZE_IPV6 1280

/* A transaction id together with the cookie before it. */
#define STUN_ID_LEN 16

/* Limits of a StunAgent. */
#define STUN_AGENT_MAX_SAVED_IDS 200
#define STUN_AGENT_MAX_UNKNOWN_ATTRIBUTES 256

#define STUN_MAGIC_COOKIE 0x2112A442
#define TURN_MAGIC_COOKIE 0x72C64BC6
