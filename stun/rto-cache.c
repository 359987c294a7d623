/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Smoothed round trips by server IP, as RFC 6298 2 computes them: RTO is the smoothed
 * value and four times its variation. RFC 8489 6.2.1. */
#include "config.h"

#include "stun/rto-cache.h"

static gboolean
is_same_ip (const StunAddress *a, const StunAddress *b)
{
  StunAddress c = *b;

  /* sin_port and sin6_port lie at the same place */
  c.s.ip4.sin_port = a->s.ip4.sin_port;
  return stun_address_equal (a, &c);
}

static const StunRtoEntry *
find (const StunRtoCache *self, const StunAddress *server, gint64 now)
{
  for (guint i = 0; i < STUN_RTO_CACHE_MAX; i++)
    {
      const StunRtoEntry *entry = &self->entries[i];

      if (entry->used != 0 && now - entry->used < STUN_RTO_CACHE_LIFETIME_US
          && is_same_ip (&entry->server, server))
        return entry;
    }
  return NULL;
}

gint64
stun_rto_cache_get (const StunRtoCache *self, const StunAddress *server,
                    gint64 initial_us, gint64 now)
{
  const StunRtoEntry *entry = find (self, server, now);

  if (entry == NULL)
    return initial_us;
  return MAX (entry->smoothed + 4 * entry->variation, STUN_RTO_MIN_US);
}

static StunRtoEntry *
find_oldest (StunRtoCache *self)
{
  StunRtoEntry *oldest = &self->entries[0];

  for (guint i = 1; i < STUN_RTO_CACHE_MAX; i++)
    {
      if (self->entries[i].used < oldest->used)
        oldest = &self->entries[i];
    }
  return oldest;
}

void
stun_rto_cache_learn (StunRtoCache *self, const StunAddress *server, gint64 round_trip_us,
                      gint64 now)
{
  StunRtoEntry *entry = (StunRtoEntry *)find (self, server, now);

  if (round_trip_us < 0)
    return;
  if (entry == NULL)
    {
      entry = find_oldest (self);
      entry->server = *server;
      entry->smoothed = round_trip_us;
      entry->variation = round_trip_us / 2;
    }
  else
    {
      entry->variation =
          (3 * entry->variation + ABS (entry->smoothed - round_trip_us)) / 4;
      entry->smoothed = (7 * entry->smoothed + round_trip_us) / 8;
    }
  entry->used = MAX (now, 1);
}
