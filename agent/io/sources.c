/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Decides whether data from an address may reach the application: only if the engine has
 * validated the path from there. How many there can be is bounded by the engine's pairs.
 */
#include "config.h"

#include "io/sources.h"

static NiceSources *
sources_new (guint max)
{
  NiceSources *self = g_malloc (sizeof (NiceSources) + max * sizeof (NiceSource));

  self->ref_count = 1;
  self->n = 0;
  return self;
}

static void
add (NiceSources *self, const NiceAddress *address, NiceMeter *meter)
{
  self->items[self->n++] = (NiceSource) { *address, nice_meter_ref (meter) };
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
  if (self == NULL || !g_atomic_int_dec_and_test (&self->ref_count))
    return;
  for (guint i = 0; i < self->n; i++)
    nice_meter_unref (self->items[i].meter);
  g_free (self);
}

NiceMeter *
nice_sources_find (const NiceSources *self, const NiceAddress *address)
{
  for (guint i = 0; self != NULL && i < self->n; i++)
    if (nice_address_equal (&self->items[i].address, address))
      return self->items[i].meter;
  return NULL;
}

NiceSources *
nice_sources_with (NiceSources *self, const NiceAddress *address, NiceMeter *meter)
{
  const guint n = self != NULL ? self->n : 0;
  g_autoptr (NiceMeter) shared = NULL;
  NiceSources *grown;

  if (nice_sources_find (self, address) != NULL)
    return nice_sources_ref (self);

  /* The newest is the likeliest to be used. */
  shared = meter != NULL ? nice_meter_ref (meter) : nice_meter_new ();
  grown = sources_new (n + 1);
  add (grown, address, shared);
  for (guint i = 0; i < n; i++)
    add (grown, &self->items[i].address, self->items[i].meter);
  return grown;
}

NiceSources *
nice_sources_without (NiceSources *self, const NiceAddress *address)
{
  NiceSources *rest;

  if (nice_sources_find (self, address) == NULL)
    return nice_sources_ref (self);
  if (self->n == 1)
    return NULL;

  rest = sources_new (self->n - 1);
  for (guint i = 0; i < self->n; i++)
    if (!nice_address_equal (&self->items[i].address, address))
      add (rest, &self->items[i].address, self->items[i].meter);
  return rest;
}
