/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Decides where a key lies: open addressing, linear, never more than half full, and no
 * tombstones, so that a look costs the same after a million sessions as after one. It
 * must not know what the keys stand for. */
#include "config.h"

#include "io/node-index.h"

#include <string.h>

#define FIRST_SIZE 16

typedef struct _NiceIndexSlot
{
  NiceNode *node; /* NULL: free */
  guint64 hash;
} Slot;

/* --- Keys --- */

NiceKey
nice_key_of_address (const NiceAddress *address)
{
  NiceKey key = { { 0 } };

  if (address->s.addr.sa_family == AF_INET6)
    {
      key.words[0] = 1 | (guint64)address->s.ip6.sin6_port << 8
                     | (guint64)address->s.ip6.sin6_scope_id
                           << 32; /* 1: never equal to IPv4's */
      memcpy (&key.words[1], &address->s.ip6.sin6_addr, 16);
    }
  else
    {
      key.words[0] = (guint64)address->s.ip4.sin_port << 8;
      key.words[1] = address->s.ip4.sin_addr.s_addr;
    }
  return key;
}

NiceKey
nice_key_of_transaction (const guint8 *id)
{
  NiceKey key = { { 0 } };

  memcpy (key.words, id, 12);
  return key;
}

static inline gboolean
is_equal (const NiceKey *a, const NiceKey *b)
{
  return a->words[0] == b->words[0] && a->words[1] == b->words[1]
         && a->words[2] == b->words[2];
}

/* Multiply and fold, a word at a time. */
static inline guint64
get_hash (const NiceNodeIndex *self, const NiceKey *key)
{
  guint64 hash = self->seed;

  for (guint i = 0; i < G_N_ELEMENTS (key->words); i++)
    {
      hash = (hash ^ key->words[i]) * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);
      hash ^= hash >> 32;
    }
  return hash;
}

/* --- Slots --- */

void
nice_node_index_init (NiceNodeIndex *self, guint64 seed)
{
  self->slots = g_new0 (Slot, FIRST_SIZE);
  self->n_nodes = 0;
  self->mask = FIRST_SIZE - 1;
  self->seed = seed;
}

void
nice_node_index_clear (NiceNodeIndex *self)
{
  g_clear_pointer (&self->slots, g_free);
}

/* The key's slot, or the free one where it would go. */
static Slot *
find_slot (const NiceNodeIndex *self, const NiceKey *key, guint64 hash)
{
  guint i = hash & self->mask;

  while (self->slots[i].node != NULL
         && (self->slots[i].hash != hash || !is_equal (&self->slots[i].node->key, key)))
    i = (i + 1) & self->mask;
  return &self->slots[i];
}

NiceNode *
nice_node_index_find (const NiceNodeIndex *self, const NiceKey *key)
{
  return find_slot (self, key, get_hash (self, key))->node;
}

static void
grow (NiceNodeIndex *self)
{
  g_autofree Slot *old = self->slots;
  const guint size = self->mask + 1;

  self->mask = 2 * size - 1;
  self->slots = g_new0 (Slot, 2 * size);
  for (guint i = 0; i < size; i++)
    if (old[i].node != NULL)
      *find_slot (self, &old[i].node->key, old[i].hash) = old[i];
}

NiceNode *
nice_node_index_put (NiceNodeIndex *self, NiceNode *node)
{
  const guint64 hash = get_hash (self, &node->key);
  NiceNode *replaced;
  Slot *slot;

  if (2 * (self->n_nodes + 1) > self->mask)
    grow (self);
  slot = find_slot (self, &node->key, hash);
  replaced = slot->node;
  self->n_nodes += replaced == NULL;
  *slot = (Slot) { node, hash };
  return replaced;
}

void
nice_node_index_take (NiceNodeIndex *self, const NiceKey *key)
{
  Slot *slot = find_slot (self, key, get_hash (self, key));
  guint hole = slot - self->slots;

  if (slot->node == NULL)
    return;
  /* What lies behind moves up, unless the hole is before the place where it belongs. */
  for (guint i = (hole + 1) & self->mask; self->slots[i].node != NULL;
       i = (i + 1) & self->mask)
    {
      const guint home = self->slots[i].hash & self->mask;

      if (((i - home) & self->mask) < ((i - hole) & self->mask))
        continue;
      self->slots[hole] = self->slots[i];
      hole = i;
    }
  self->slots[hole].node = NULL;
  self->n_nodes--;
}
