/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Items found by a hash, in chains that the items themselves are the links of. Owns none.
 *
 * All zeroes: empty. As long as there are few they are all in one chain, in the index
 * itself; four GHashTables were twelve allocations of each session. Items of one hash
 * come in the order in which they were added; the user compares the rest of the key. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _IceLink IceLink;

/* In the item, which is found by its offset. */
struct _IceLink
{
  IceLink *next;
  guint hash;
};

typedef struct
{
  IceLink **chains; /* NULL: there is but one */
  IceLink *only;
  guint n, n_chains; /* a power of two */
} IceIndex;

void ice_index_add (IceIndex *self, IceLink *link, guint hash);
void ice_index_remove (IceIndex *self, IceLink *link);
void ice_index_clear (IceIndex *self);

/* The first of that hash, and the next one of the same; NULL: there is none. */
IceLink *ice_index_find (const IceIndex *self, guint hash);
IceLink *ice_index_find_next (const IceLink *link);

/* All of them, in an order that depends on nothing but their hashes and how they came;
 * after NULL: the first. What is added or removed meanwhile may be missed. */
IceLink *ice_index_walk (const IceIndex *self, const IceLink *after);

#define ICE_LINK_TO(link, Type, member)                                                  \
  ((Type *)((guint8 *)(link)-G_STRUCT_OFFSET (Type, member)))

G_END_DECLS
