/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Pointers in an array that begins inside of its owner. Owns nothing that they point to.
 *
 * All zeroes: empty. Two have room in the list itself, for that is what nearly every list
 * of a session has: a GPtrArray is two allocations, and a session had sixteen of them. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define ICE_LIST_FEW 2

typedef struct
{
  guint len;
  guint size; /* of many; 0: they are in few */
  union
  {
    gpointer few[ICE_LIST_FEW];
    gpointer *many;
  };
} IceList;

static inline gpointer *
ice_list_items (const IceList *self)
{
  return self->size == 0 ? (gpointer *)self->few : self->many;
}

static inline gpointer
ice_list_get (const IceList *self, guint index)
{
  return ice_list_items (self)[index];
}

void ice_list_add (IceList *self, gpointer item);
void ice_list_insert (IceList *self, guint index, gpointer item);
void ice_list_remove_index (IceList *self, guint index);
/* The last takes its place. */
void ice_list_remove_index_fast (IceList *self, guint index);
/* Searches for it; FALSE: it is not there. */
gboolean ice_list_remove (IceList *self, gconstpointer item);
gboolean ice_list_remove_fast (IceList *self, gconstpointer item);
void ice_list_clear (IceList *self);

G_END_DECLS
