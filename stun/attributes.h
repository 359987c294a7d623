/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Attributes by number, and their values as types: readers that name the rule broken,
 * writers that are the readers' inverse. Knows the formats, not what a message must
 * contain.
 *
 * RFC 8489 14, RFC 8445 16.1, RFC 8656 18, RFC 6062 6.2, RFC 5780 7, RFC 7982 3, RFC 8016
 * 4, RFC 7635 6, draft-thatcher-ice-renomination, and the dialects that libnice spoke. */
#pragma once

#include <glib.h>

#include "stun/address.h"
#include "stun/code-points.h"
#include "stun/wire.h"

G_BEGIN_DECLS

/* Limits of text (RFC 8489 14.3, 14.8, 14.9): what is sent, and what is accepted. */
#define STUN_TEXT_MAX_SENT 509
#define STUN_TEXT_MAX_ACCEPTED 763
#define STUN_USERHASH_SIZE 32
#define STUN_RESERVATION_TOKEN_SIZE 8
#define STUN_MAX_UNKNOWN                                                                 \
  32 /* types that one UNKNOWN-ATTRIBUTES lists; ours to choose                          \
      */

/* The values of REQUESTED-ADDRESS-FAMILY and of the family byte in addresses. */
#define STUN_FAMILY_IPV4 0x01
#define STUN_FAMILY_IPV6 0x02

/* REQUESTED-TRANSPORT: protocol numbers (RFC 8656 18.7, RFC 6062 4.1). */
#define STUN_PROTOCOL_TCP 6
#define STUN_PROTOCOL_UDP 17

/* CHANGE-REQUEST (RFC 5780 7.2). */
#define STUN_CHANGE_IP 0x04
#define STUN_CHANGE_PORT 0x02

/* Password algorithms (RFC 8489 18.5). */
enum
{
  STUN_PASSWORD_ALGORITHM_MD5 = 0x0001,
  STUN_PASSWORD_ALGORITHM_SHA256 = 0x0002
};

/* The form of an attribute's value. */
typedef enum
{
  STUN_FORM_OPAQUE,      /* anything of an allowed length */
  STUN_FORM_FLAG,        /* empty */
  STUN_FORM_TEXT,        /* UTF-8 */
  STUN_FORM_U8,          /* one byte, 3 reserved ones may follow */
  STUN_FORM_U16,         /* two bytes, 2 reserved ones may follow */
  STUN_FORM_U32,         /* four bytes */
  STUN_FORM_U64,         /* eight bytes */
  STUN_FORM_ADDRESS,     /* RFC 8489 14.1 */
  STUN_FORM_XOR_ADDRESS, /* RFC 8489 14.2 */
  STUN_FORM_ERROR,       /* RFC 8489 14.8 */
  STUN_FORM_TYPES,       /* RFC 8489 14.13 */
  STUN_FORM_ALGORITHM,   /* RFC 8489 14.12: one entry */
  STUN_FORM_ALGORITHMS   /* RFC 8489 14.11: a list of them */
} StunForm;

typedef struct
{
  guint16 type;
  guint16 form;             /* StunForm */
  guint16 min_len, max_len; /* of the value, in bytes */
  const char *name;         /* as the RFC writes it */
} StunAttrInfo;

/* What is known of a type; NULL: nothing, an unknown attribute. */
const StunAttrInfo *stun_attr_get_info (guint16 type);

/* "XOR-MAPPED-ADDRESS", or NULL for unknown types. */
const char *stun_attr_get_name (guint16 type);

/* Checks one attribute's value against everything known of its type. Unknown types keep
 * the rules. */
StunRule stun_attr_check (const StunView *view, const StunAttr *attr);

/* The same for all visible attributes of a message; the first rule broken. */
StunRule stun_attr_check_all (const StunView *view);

/* --- readers ------------------------------------------------------------------------
 * Each reads the first visible attribute of that type. STUN_RULE_ABSENT: there is none.
 * Any other answer but KEPT names what is wrong with its value. Out parameters are
 * written only with KEPT; runs of bytes point into the message. */

StunRule stun_attr_read_flag (const StunView *view, guint16 type);
/* CHANNEL-NUMBER, RESPONSE-PORT: the 16 bits that lead the value. */
StunRule stun_attr_read_u16 (const StunView *view, guint16 type, guint16 *value);
/* EVEN-PORT, REQUESTED-TRANSPORT, address families: the byte that leads the value. */
StunRule stun_attr_read_u8 (const StunView *view, guint16 type, guint8 *value);
StunRule stun_attr_read_u32 (const StunView *view, guint16 type, guint32 *value);
StunRule stun_attr_read_u64 (const StunView *view, guint16 type, guint64 *value);
/* Value of any type, of a length that type allows (unknown types: any length). */
StunRule stun_attr_read_bytes (const StunView *view, guint16 type, StunBytes *value);
/* The same, and valid UTF-8. NULs inside break STUN_RULE_UTF8. */
StunRule stun_attr_read_text (const StunView *view, guint16 type, StunBytes *value);
/* MAPPED-ADDRESS, ALTERNATE-SERVER, RESPONSE-ORIGIN, OTHER-ADDRESS and the classic ones.
 */
StunRule stun_attr_read_address (const StunView *view, guint16 type, StunAddress *value);
/* XOR-MAPPED-ADDRESS, XOR-PEER-ADDRESS, XOR-RELAYED-ADDRESS. */
StunRule
stun_attr_read_xor_address (const StunView *view, guint16 type, StunAddress *value);

typedef struct
{
  guint16 code;
  StunBytes reason; /* not checked to be UTF-8, never NUL-terminated: escape to print */
} StunErrorValue;

StunRule stun_attr_read_error (const StunView *view, StunErrorValue *value);

typedef struct
{
  guint8 family; /* STUN_FAMILY_... */
  guint16 code;
  StunBytes reason;
} StunAddressErrorValue;

/* ADDRESS-ERROR-CODE (RFC 8656 18.12). */
StunRule
stun_attr_read_address_error (const StunView *view, StunAddressErrorValue *value);

typedef struct
{
  guint8 type;
  guint16 code;
  guint32 data; /* the MTU, for "fragmentation needed" and "packet too big" */
} StunIcmpValue;

/* ICMP (RFC 8656 18.13). */
StunRule stun_attr_read_icmp (const StunView *view, StunIcmpValue *value);

/* TRANSACTION_TRANSMIT_COUNTER (RFC 7982 3.1). */
StunRule stun_attr_read_transmit_counter (const StunView *view, guint8 *requests,
                                          guint8 *responses);

/* UNKNOWN-ATTRIBUTES: copies at most max types, *n says how many were copied. */
StunRule
stun_attr_read_unknown (const StunView *view, guint16 *types, guint max, guint *n);

typedef struct
{
  guint16 algorithm; /* STUN_PASSWORD_ALGORITHM_... or one nobody here knows */
  StunBytes parameters;
} StunAlgorithm;

/* PASSWORD-ALGORITHM (RFC 8489 14.12). */
StunRule stun_attr_read_algorithm (const StunView *view, StunAlgorithm *value);

/* Takes the next entry off the value of PASSWORD-ALGORITHMS, got by stun_attr_read_bytes.
 * ABSENT: the list is over. */
StunRule stun_algorithms_take (StunBytes *list, StunAlgorithm *value);

/* --- values of one attribute, for those that repeat (stun_view_find_next) --- */

StunRule stun_value_get_address (const StunAttr *attr, StunAddress *value);
/* The inverse: 8 bytes for IPv4, 20 for IPv6. */
void stun_value_set_address (guint8 *value, const StunAddress *address);
StunRule stun_value_get_xor_address (const StunView *view, const StunAttr *attr,
                                     StunAddress *value);

/* RFC 8489 14.2: the port and an IPv4 address are XORed with cookie, an IPv6 address with
 * the 16 bytes of id, which are cookie and transaction id in messages of today. Its own
 * inverse. MSN's TURN has another cookie. */
void stun_address_xor (StunAddress *address, guint32 cookie, const guint8 *id);

/* --- writers -------------------------------------------------------------------------
 * Bad values are the caller's mistake and assert; lack of room is stun_writer_end's to
 * tell. */

void stun_attr_write_flag (StunWriter *writer, guint16 type);
/* One byte and three of padding outside the length, as EVEN-PORT has it. */
void stun_attr_write_u8 (StunWriter *writer, guint16 type, guint8 value);
/* One byte and three reserved ones: REQUESTED-TRANSPORT, address families. */
void stun_attr_write_u8_rffu (StunWriter *writer, guint16 type, guint8 value);
/* Two bytes and two reserved ones: CHANNEL-NUMBER, RESPONSE-PORT. */
void stun_attr_write_u16_rffu (StunWriter *writer, guint16 type, guint16 value);
void stun_attr_write_u32 (StunWriter *writer, guint16 type, guint32 value);
void stun_attr_write_u64 (StunWriter *writer, guint16 type, guint64 value);
void stun_attr_write_string (StunWriter *writer, guint16 type, const char *text);
void
stun_attr_write_address (StunWriter *writer, guint16 type, const StunAddress *address);
void stun_attr_write_xor_address (StunWriter *writer, guint16 type,
                                  const StunAddress *address);
/* reason NULL: the RFC's phrase for that code. */
void stun_attr_write_error (StunWriter *writer, guint code, const char *reason);
void stun_attr_write_address_error (StunWriter *writer, guint8 family, guint code);
void stun_attr_write_unknown (StunWriter *writer, const guint16 *types, guint n);
void
stun_attr_write_transmit_counter (StunWriter *writer, guint8 requests, guint8 responses);
void stun_attr_write_icmp (StunWriter *writer, const StunIcmpValue *value);
/* PASSWORD-ALGORITHM when n is 1 and type says so, else PASSWORD-ALGORITHMS; entries
 * without parameters, as both known algorithms have none. */
void stun_attr_write_algorithms (StunWriter *writer, guint16 type,
                                 const guint16 *algorithms, guint n);

/* The RFC's reason phrase for a code; "Unknown error" for codes nobody assigned. */
const char *stun_code_get_reason (guint code);

G_END_DECLS
