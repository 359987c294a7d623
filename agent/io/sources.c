/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Decides whether data from an address may reach the application: only if the engine has
 * validated the path from there. How many there can be is bounded by the engine's pairs.
 */
#include "config.h"

#include "io/sources.h"

static NiceSources *
sources_new (guint n)
{
  NiceSources *self = g_malloc (sizeof (NiceSources) + n * sizeof (NiceAddress));

  self->ref_count = 1;
  self->n = n;
  return self;
}

NiceSources *
nice_sources_ref (NiceSources *self)
{
  if (self != NULL)
    g_atomic_int_inc (&self->ref_count);
  return self;
}

void
nice_sources_unref (NiceSources *self)
{
  if (self != NULL && g_atomic_int_dec_and_test (&self->ref_count))
    g_free (self);
}

gboolean
nice_sources_contain (const NiceSources *self, const NiceAddress *address)
{
  for (guint i = 0; self != NULL && i < self->n; i++)
    if (nice_address_equal (&self->addresses[i], address))
      return TRUE;
  return FALSE;
}

NiceSources *
nice_sources_with (NiceSources *self, const NiceAddress *address)
{
  const guint n = self != NULL ? self->n : 0;
  NiceSources *grown;

  if (nice_sources_contain (self, address))
    return nice_sources_ref (self);

  /* The newest is the likeliest to be used. */
  grown = sources_new (n + 1);
  grown->addresses[0] = *address;
  for (guint i = 0; i < n; i++)
    grown->addresses[i + 1] = self->addresses[i];
  return grown;
}

NiceSources *
nice_sources_without (NiceSources *self, const NiceAddress *address)
{
  NiceSources *rest;

  if (!nice_sources_contain (self, address))
    return nice_sources_ref (self);
  if (self->n == 1)
    return NULL;

  rest = sources_new (self->n - 1);
  for (guint i = 0, at = 0; i < self->n; i++)
    if (at < rest->n && !nice_address_equal (&self->addresses[i], address))
      rest->addresses[at++] = self->addresses[i];
  return rest;
}
