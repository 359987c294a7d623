/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Nodes found by a key of 24 bytes: an address, or the id of a transaction.
 *
 * The nodes are the caller's and carry the key; several may share one, then the index
 * knows the one that was put there last. A seed that nobody outside knows keeps a peer
 * from choosing addresses that meet in one place. */
#pragma once

#include <glib.h>

#include "socket/address.h"

G_BEGIN_DECLS

typedef struct
{
  guint64 words[3];
} NiceKey;

typedef struct
{
  NiceKey key;
} NiceNode;

typedef struct
{
  struct _NiceIndexSlot *slots;
  guint n_nodes, mask;
  guint64 seed;
} NiceNodeIndex;

NiceKey nice_key_of_address (const NiceAddress *address);
NiceKey nice_key_of_transaction (const guint8 *id); /* of 12 bytes */

void nice_node_index_init (NiceNodeIndex *self, guint64 seed);
void nice_node_index_clear (NiceNodeIndex *self);

/* NULL: there is none. */
NiceNode *nice_node_index_find (const NiceNodeIndex *self, const NiceKey *key);
/* Puts node where its key belongs; returns the node of the same key that it replaces, or
 * NULL. */
NiceNode *nice_node_index_put (NiceNodeIndex *self, NiceNode *node);
/* Takes out the node with that key, if there is one. */
void nice_node_index_take (NiceNodeIndex *self, const NiceKey *key);

G_END_DECLS
