/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Answers of DNS servers: what is read of them fits, ends, and is bounded. */
#include "config.h"

#include "fuzz.h"
#include "io/naptr.h"

#include <string.h>

/* covers STUN-8489-16-c */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  TurnNaptrRecord records[TURN_MAX_RECORDS];
  const guint n = nice_naptr_parse (data, size, records);

  g_assert_cmpuint (n, <=, TURN_MAX_RECORDS);
  for (guint i = 0; i < n; i++)
    {
      g_assert_nonnull (memchr (records[i].flags, '\0', sizeof records[i].flags));
      g_assert_nonnull (memchr (records[i].service, '\0', sizeof records[i].service));
      g_assert_nonnull (
          memchr (records[i].replacement, '\0', sizeof records[i].replacement));
    }
  return 0;
}
