/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Answers remembered for requests that come again: a retransmission over a datagram
 * transport gets the same bytes, whatever the request changed meanwhile. Bounded. RFC
 * 8489 6.3.1. */
#pragma once

#include <glib.h>

#include "stun/address.h"
#include "stun/wire.h"

G_BEGIN_DECLS

#define STUN_RESPONSE_LIFETIME_US (40 * G_USEC_PER_SEC) /* RFC 8489 6.3.1 */
#define STUN_RESPONSES_MAX 256 /* the oldest goes first; ours to choose */

typedef struct
{
  guint8 id[STUN_TRANSACTION_ID_SIZE];
  StunAddress from;
  gint64 expiry;
  GBytes *answer;
} StunResponse;

/* Owned by the caller; a zeroed one is empty and ready. */
typedef struct
{
  StunResponse slots[STUN_RESPONSES_MAX];
  guint next; /* where the next one goes */
} StunResponseCache;

void stun_response_cache_clear (StunResponseCache *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (StunResponseCache, stun_response_cache_clear)

/* Remembers the answer (copied) to a request from an address. */
void stun_response_cache_add (StunResponseCache *self, const StunView *request,
                              const StunAddress *from, StunBytes answer, gint64 now);

/* The answer a request got before; empty when it is new. Valid until the next add. */
StunBytes
stun_response_cache_find (const StunResponseCache *self, const StunView *request,
                          const StunAddress *from, gint64 now);

G_END_DECLS
