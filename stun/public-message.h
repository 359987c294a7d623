/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the public functions share: how a StunMessage is seen by the pure half. */
#pragma once

#include <glib.h>

#include "stun/integrity.h"
#include "stun/quirks.h"
#include "stun/stunmessage.h"
#include "stun/wire.h"

G_BEGIN_DECLS

const StunQuirks *stun_message_get_quirks (const StunMessage *msg);

/* Of the message's dialect and its agent's usage. */
StunWireFlags stun_message_get_wire_flags (const StunMessage *msg);

/* The number that an attribute has on the wire in the message's dialect. */
guint16 stun_message_get_wire_type (const StunMessage *msg, StunAttribute type);

/* A view of the message in its buffer; false when it is malformed. Whether the cookie is
 * there is not asked. */
bool stun_message_get_view (const StunMessage *msg, StunView *view);

/* Makes long_term_key of the message's USERNAME and REALM and of its key, the password;
 * false: one of them is missing (RFC 8489 9.2.2). */
bool stun_message_make_long_term_key (StunMessage *msg);

/* The key, made ready: from a small cache of this thread's, or in *space. Valid until the
 * next call in this thread. */
const StunHmac *stun_keyring_get (const uint8_t *key, size_t len, StunHmac *space);

G_END_DECLS
