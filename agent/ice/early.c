/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Checks that were answered before the peer's credentials were known wait here for what
 * follows the answer: one entry a path, at most ICE_MAX_EARLY. RFC 8445 7.3. */
#include "config.h"

#include "ice/early.h"

void
ice_early_add (IceBase *base, const NiceAddress *from, const IceCheck *check)
{
  IceComponent *component = base->component;
  IceEarlyCheck entry = { .base = base->id, .from = *from, .check = *check };

  if (component->early == NULL)
    component->early = g_array_new (FALSE, FALSE, sizeof (IceEarlyCheck));
  for (guint i = 0; i < component->early->len; i++)
    {
      IceEarlyCheck *known = &g_array_index (component->early, IceEarlyCheck, i);

      if (known->base == base->id && nice_address_equal (&known->from, from))
        {
          known->check.use_candidate |= check->use_candidate;
          return;
        }
    }
  if (component->early->len < ICE_MAX_EARLY)
    g_array_append_val (component->early, entry);
}
