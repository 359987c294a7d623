/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Messages on the wire: a view of received bytes, a writer onto the caller's buffer.
 *
 * Neither copies the message, allocates, or keeps anything behind the caller's back.
 * Knows header and TLVs, not what the values mean (attributes.h) nor who signed them
 * (integrity.h). RFC 8489 5, 9, 14. */
#pragma once

#include <glib.h>

#include "stun/bytes.h"
#include "stun/constants.h"
#include "stun/rule.h"

G_BEGIN_DECLS

/* The 96 bits behind the cookie. The caller draws them from a CSPRNG, fresh for each
 * transaction (RFC 8489 5); this library has no randomness of its own. */
#define STUN_TRANSACTION_ID_SIZE 12

typedef enum
{
  STUN_CLASS_REQUEST,
  STUN_CLASS_INDICATION,
  STUN_CLASS_SUCCESS,
  STUN_CLASS_ERROR
} StunWireClass;

/* RFC 8489 18.3, RFC 8656 17, RFC 6062 6.1 */
enum
{
  STUN_METHOD_BINDING = 0x001,
  STUN_METHOD_ALLOCATE = 0x003,
  STUN_METHOD_REFRESH = 0x004,
  STUN_METHOD_SEND = 0x006,
  STUN_METHOD_DATA = 0x007,
  STUN_METHOD_CREATE_PERMISSION = 0x008,
  STUN_METHOD_CHANNEL_BIND = 0x009,
  STUN_METHOD_CONNECT = 0x00A,
  STUN_METHOD_CONNECTION_BIND = 0x00B,
  STUN_METHOD_CONNECTION_ATTEMPT = 0x00C,
  STUN_METHOD_MAX = 0xFFF
};

/* Departures from RFC 8489 that old dialects need (quirks.h sets them). */
typedef enum
{
  STUN_WIRE_NORMAL = 0,
  STUN_WIRE_CLASSIC = 1 << 0,  /* RFC 3489: no cookie, the id has 128 bits */
  STUN_WIRE_UNPADDED = 1 << 1, /* OC2007: values are not padded to 4 bytes */
  STUN_WIRE_HMAC_PADDED =
      1 << 2, /* RFC 3489 11.2.8: HMAC input zero-padded to 64 bytes */
  STUN_WIRE_COUNTED_PADDING = 1 << 3, /* RFC 3489 11.2: lengths written count padding */
  STUN_WIRE_HMAC_WHOLE_LENGTH = 1
                                << 4 /* [MS-ICE2]: HMAC sees a FINGERPRINT's length too */
} StunWireFlags;

/* The 14 bits of a message type (RFC 8489 5, figure 3). */
static inline guint16
stun_wire_type (StunWireClass klass, guint method)
{
  return ((method & 0xF80) << 2) | ((method & 0x070) << 1) | (method & 0x00F)
         | (((guint)klass & 2) << 7) | (((guint)klass & 1) << 4);
}

static inline StunWireClass
stun_wire_type_get_class (guint16 type)
{
  return (StunWireClass)(((type >> 7) & 2) | ((type >> 4) & 1));
}

static inline guint16
stun_wire_type_get_method (guint16 type)
{
  return ((type >> 2) & 0xF80) | ((type >> 1) & 0x070) | (type & 0x00F);
}

/* How long the message at data is, from its first four bytes: for streams, where nothing
 * else frames it (RFC 8489 6.2.2). STUN_RULE_TRUNCATED: fewer than *total bytes are there
 * (*total is 0 while even the length is missing): read on. Anything else broken: these
 * bytes are not STUN. */
StunRule
stun_wire_measure (const guint8 *data, gsize len, StunWireFlags flags, gsize *total);

/* --- reading --- */

/* What a message says of itself. Plain value; borrows data, which must outlive it and
 * stay unchanged. All attributes were bounds-checked when stun_view_parse returned KEPT.
 *
 * Attributes behind the integrity are invisible to every reader, except the other
 * integrity attribute and FINGERPRINT (RFC 8489 9); so is everything behind FINGERPRINT.
 */
typedef struct
{
  const guint8 *data;
  guint32 len;              /* header included */
  guint32 end;              /* offset at which signed (visible) attributes end */
  guint32 integrity;        /* offset of MESSAGE-INTEGRITY; 0: absent (or invisible) */
  guint32 integrity_sha256; /* offset of MESSAGE-INTEGRITY-SHA256; 0: absent */
  guint32 fingerprint;      /* offset of FINGERPRINT; 0: absent */
  guint16 method;
  guint8 klass; /* StunWireClass */
  guint8 flags; /* StunWireFlags it was parsed with */
  guint8 has_cookie;
} StunView;

/* One attribute. value points into the message; len is the unpadded length. */
typedef struct
{
  const guint8 *value;
  guint16 type;
  guint16 len;
  guint32 offset; /* of the attribute's header in the message */
} StunAttr;

/* Checks the top bits, the length against len (a datagram is exactly one message), the
 * cookie (unless STUN_WIRE_CLASSIC) and the bounds of every attribute. self is written
 * only when the answer is STUN_RULE_KEPT. */
StunRule
stun_view_parse (StunView *self, const guint8 *data, gsize len, StunWireFlags flags);

/* The 12 bytes behind the cookie, inside the message. */
static inline const guint8 *
stun_view_get_id (const StunView *self)
{
  return self->data + 8;
}

static inline gboolean
stun_view_is (const StunView *self, StunWireClass klass, guint method)
{
  return self->klass == (guint8)klass && self->method == method;
}

/* Visits the visible attributes in order: start with a zeroed iter, go on while TRUE. */
gboolean stun_view_next (const StunView *self, StunAttr *iter);

/* The first visible attribute of that type (later ones do not count, RFC 8489 14).
 * FALSE, attr untouched: absent. */
gboolean stun_view_find (const StunView *self, guint16 type, StunAttr *attr);

/* The next one of the same type, for the few that may repeat (XOR-PEER-ADDRESS,
 * XOR-RELAYED-ADDRESS, ALTERNATE-SERVER). attr is what the last call gave. */
gboolean stun_view_find_next (const StunView *self, StunAttr *attr);

static inline gboolean
stun_view_has (const StunView *self, guint16 type)
{
  StunAttr attr;
  return stun_view_find (self, type, &attr);
}

/* Lists the comprehension-required types (below 0x8000) that are not in known, a list
 * ended by 0; each once, at most max. Returns how many; 0: all understood (RFC
 * 8489 6.3.1). */
guint stun_view_list_unknown (const StunView *self, const guint16 *known,
                              guint16 *unknown, guint max);

/* --- writing --- */

/* Writes onto the caller's buffer. An append that does not fit sets overflow, and then
 * every later call does nothing: check once, at stun_writer_end. The length field of the
 * header is right after every call. */
typedef struct
{
  guint8 *data;
  guint32 size;
  guint32 len; /* written so far, header included */
  guint8 flags;
  guint8 overflow;
  guint8
      expects_fingerprint; /* caller's: one will follow (STUN_WIRE_HMAC_WHOLE_LENGTH) */
} StunWriter;

/* Begins a message of our own. id: STUN_TRANSACTION_ID_SIZE random bytes of the caller.
 */
void stun_writer_init (StunWriter *self, guint8 *buffer, gsize size, StunWireClass klass,
                       guint method, const guint8 *id);

/* Begins an answer to request: same method, same 16 bytes behind the length (so that a
 * classic client gets its 128-bit id back, RFC 5389 12.2), same dialect flags. The buffer
 * must not overlap the request. */
void stun_writer_init_reply (StunWriter *self, guint8 *buffer, gsize size,
                             StunWireClass klass, const StunView *request);

/* Goes on with the message in buffer, of which len bytes are there (its length field says
 * so). size is the whole buffer's. */
void stun_writer_resume (StunWriter *self, guint8 *buffer, gsize size, gsize len,
                         StunWireFlags flags);

/* Appends an attribute with a value of len bytes for the caller to fill; padding is
 * zeroed. NULL: no room. */
guint8 *stun_writer_append (StunWriter *self, guint16 type, gsize len);

/* Appends a copy of data (NULL allowed when len is 0). */
void
stun_writer_append_bytes (StunWriter *self, guint16 type, const void *data, gsize len);

/* The message's length, or 0 when something did not fit. */
static inline gsize
stun_writer_end (const StunWriter *self)
{
  return self->overflow ? 0 : self->len;
}

G_END_DECLS
