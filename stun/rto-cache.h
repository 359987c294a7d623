/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What earlier transactions with a server say about the RTO of the next (RFC 8489 6.2.1,
 * RFC 6298). Bounded; time is an argument. */
#pragma once

#include <glib.h>

#include "stun/address.h"

G_BEGIN_DECLS

#define STUN_RTO_CACHE_MAX 32 /* servers; the one idle longest goes first */
#define STUN_RTO_CACHE_LIFETIME_US                                                       \
  (600 * G_USEC_PER_SEC)       /* RFC 8489 6.2.1: 10 minutes                             \
                                */
#define STUN_RTO_MIN_US 500000 /* RFC 8489 6.2.1: 500 ms or greater */

typedef struct
{
  StunAddress server; /* the port does not count */
  gint64 smoothed, variation;
  gint64 used; /* 0: the slot is free */
} StunRtoEntry;

/* Owned by the caller; a zeroed one is empty and ready. */
typedef struct
{
  StunRtoEntry entries[STUN_RTO_CACHE_MAX];
} StunRtoCache;

/* The RTO to start with, initial_us for a server unknown or idle for ten minutes. */
gint64 stun_rto_cache_get (const StunRtoCache *self, const StunAddress *server,
                           gint64 initial_us, gint64 now);

/* Learns from an answer. round_trip_us is what stun_transaction_get_round_trip said: -1,
 * from a request sent more than once, teaches nothing (Karn). */
void stun_rto_cache_learn (StunRtoCache *self, const StunAddress *server,
                           gint64 round_trip_us, gint64 now);

G_END_DECLS
