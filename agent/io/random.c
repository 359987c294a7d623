/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Decides where randomness comes from. Must not know what it is for. RFC 8445 5.3. */
#include "config.h"

#include "io/random.h"

#include "stun/random.h"

void
nice_random_fill (gpointer data, guint8 *dest, gsize len)
{
  while (len > 0)
    {
      const gsize n = MIN (len, STUN_RANDOM_MAX);

      if (!stun_random_bytes (dest, n))
        g_error ("The system has no source of randomness");
      dest += n;
      len -= n;
    }
}
