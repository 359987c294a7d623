/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Keys made ready, for the public functions: those name a key by its bytes with each call
 * and have no place to keep what is made of it. RFC 2104 4.
 *
 * NOTES: making a key ready costs two of the five digest blocks of signing a check (80 ns
 * of 210). A connection uses two keys, its own and its peer's; four per thread hold two
 * connections. Programs with more pay the two blocks, as everybody did before. */
#include "config.h"

#include "stun/public-message.h"

#define N_ENTRIES 4
#define MAX_KEY 64 /* longer ones are not kept */

typedef struct
{
  guint8 key[MAX_KEY];
  gsize len;
  StunHmac hmac;
} Entry;

static _Thread_local Entry entries[N_ENTRIES];
static _Thread_local guint next_entry;

const StunHmac *
stun_keyring_get (const uint8_t *key, size_t len, StunHmac *space)
{
  Entry *entry;

  for (guint i = 0; i < N_ENTRIES; i++)
    {
      entry = &entries[i];
      if (entry->hmac.is_set && entry->len == len && memcmp (entry->key, key, len) == 0)
        return &entry->hmac;
    }
  if (len > MAX_KEY || len == 0)
    {
      stun_hmac_init (space, STUN_HMAC_SHA1, key, len);
      return space;
    }
  entry = &entries[next_entry++ % N_ENTRIES];
  memcpy (entry->key, key, len);
  entry->len = len;
  stun_hmac_init (&entry->hmac, STUN_HMAC_SHA1, key, len);
  return &entry->hmac;
}
