/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Decides how many chains there are, and which of them an item is in. Knows nothing of
 * the items. */
#include "config.h"

#include "ice/index.h"

/* Of a chain on average, before there are four times as many chains. */
#define MAX_LENGTH 4

static IceLink **
get_chain (const IceIndex *self, guint hash)
{
  if (self->chains == NULL)
    return (IceLink **)&self->only;
  /* Not all hashes have their randomness at the end. */
  return &self->chains[(hash * 0x9e3779b1u >> 16) & (self->n_chains - 1)];
}

static void
append (IceIndex *self, IceLink *link)
{
  IceLink **end = get_chain (self, link->hash);

  while (*end != NULL)
    end = &(*end)->next;
  link->next = NULL;
  *end = link;
}

static void
grow (IceIndex *self)
{
  const guint n_old = MAX (1, self->n_chains);
  IceLink *only = self->only;
  IceLink **old = self->chains != NULL ? self->chains : &only;

  self->n_chains = 4 * n_old;
  self->chains = g_new0 (IceLink *, self->n_chains);
  self->only = NULL;
  for (guint i = 0; i < n_old; i++)
    for (IceLink *link = old[i], *next; link != NULL; link = next)
      {
        next = link->next;
        append (self, link);
      }
  if (old != &only)
    g_free (old);
}

void
ice_index_add (IceIndex *self, IceLink *link, guint hash)
{
  if (self->n >= MAX_LENGTH * MAX (1, self->n_chains))
    grow (self);
  link->hash = hash;
  append (self, link);
  self->n++;
}

void
ice_index_remove (IceIndex *self, IceLink *link)
{
  IceLink **at = get_chain (self, link->hash);

  while (*at != link)
    at = &(*at)->next;
  *at = link->next;
  self->n--;
}

void
ice_index_clear (IceIndex *self)
{
  g_free (self->chains);
  *self = (IceIndex) { 0 };
}

static IceLink *
first_from (IceLink *link, guint hash)
{
  while (link != NULL && link->hash != hash)
    link = link->next;
  return link;
}

IceLink *
ice_index_find (const IceIndex *self, guint hash)
{
  return first_from (*get_chain (self, hash), hash);
}

IceLink *
ice_index_find_next (const IceLink *link)
{
  return first_from (link->next, link->hash);
}

IceLink *
ice_index_walk (const IceIndex *self, const IceLink *after)
{
  guint chain = 0;

  if (self->chains == NULL)
    return after != NULL ? after->next : self->only;
  if (after != NULL && after->next != NULL)
    return after->next;
  if (after != NULL)
    chain = get_chain (self, after->hash) - self->chains + 1;
  while (chain < self->n_chains && self->chains[chain] == NULL)
    chain++;
  return chain < self->n_chains ? self->chains[chain] : NULL;
}
