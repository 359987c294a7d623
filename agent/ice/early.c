/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Checks that were answered before the peer's credentials were known wait here for what
 * follows the answer: one entry a path, at most ICE_MAX_EARLY. RFC 8445 7.3. */
#include "config.h"

#include "ice/early.h"

static IceEarlyCheck *
find (const IceBase *base, const NiceAddress *from)
{
  GArray *early = base->component->early;

  for (guint i = 0; early != NULL && i < early->len; i++)
    {
      IceEarlyCheck *known = &g_array_index (early, IceEarlyCheck, i);

      if (known->base == base->id && nice_address_equal (&known->from, from))
        return known;
    }
  return NULL;
}

gboolean
ice_early_has_room (const IceBase *base, const NiceAddress *from)
{
  const GArray *early = base->component->early;

  return early == NULL || early->len < ICE_MAX_EARLY || find (base, from) != NULL;
}

void
ice_early_add (IceBase *base, const NiceAddress *from, const IceCheck *check)
{
  IceComponent *component = base->component;
  IceEarlyCheck entry = { .base = base->id, .from = *from, .check = *check };
  IceEarlyCheck *known;

  if (component->early == NULL)
    component->early = g_array_new (FALSE, FALSE, sizeof (IceEarlyCheck));
  known = find (base, from);
  if (known != NULL)
    {
      entry.check.use_candidate |= known->check.use_candidate;
      *known = entry;
    }
  else
    g_array_append_val (component->early, entry);
}
