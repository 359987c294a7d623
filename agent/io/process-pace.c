/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One clock of slots for all agents of the process. Knows neither agents nor what they
 * start. */
#include "config.h"

#include "io/process-pace.h"

#include <stdatomic.h>

#define SLOT_US 5000 /* RFC 8445 14.2 */

static _Atomic gint64 next_slot;

gint64
nice_process_pace_take (gpointer data, gint64 now)
{
  gint64 next = atomic_load (&next_slot), slot;

  do
    slot = MAX (now, next);
  while (!atomic_compare_exchange_weak (&next_slot, &next, slot + SLOT_US));
  return slot;
}
