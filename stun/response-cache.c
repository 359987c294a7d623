/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A ring of answers, walked whole: only servers of non-idempotent methods need it, and
 * theirs are few a second. RFC 8489 6.3.1. */
#include "config.h"

#include "stun/response-cache.h"

void
stun_response_cache_clear (StunResponseCache *self)
{
  for (guint i = 0; i < STUN_RESPONSES_MAX; i++)
    g_clear_pointer (&self->slots[i].answer, g_bytes_unref);
}

void
stun_response_cache_add (StunResponseCache *self, const StunView *request,
                         const StunAddress *from, StunBytes answer, gint64 now)
{
  StunResponse *slot = &self->slots[self->next];

  self->next = (self->next + 1) % STUN_RESPONSES_MAX;
  g_clear_pointer (&slot->answer, g_bytes_unref);
  memcpy (slot->id, stun_view_get_id (request), sizeof slot->id);
  slot->from = *from;
  slot->expiry = now + STUN_RESPONSE_LIFETIME_US;
  slot->answer = g_bytes_new (answer.data, answer.len);
}

StunBytes
stun_response_cache_find (const StunResponseCache *self, const StunView *request,
                          const StunAddress *from, gint64 now)
{
  StunBytes answer = { NULL, 0 };

  for (guint i = 0; i < STUN_RESPONSES_MAX; i++)
    {
      const StunResponse *slot = &self->slots[i];

      if (slot->answer == NULL || slot->expiry <= now
          || memcmp (slot->id, stun_view_get_id (request), sizeof slot->id) != 0
          || !stun_address_equal (&slot->from, from))
        continue;
      answer.data = g_bytes_get_data (slot->answer, &answer.len);
      break;
    }
  return answer;
}
