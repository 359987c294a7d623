/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Requests in flight, found by transaction id: open addressing, no allocation per
 * request, bounded. Knows ids and the caller's numbers, nothing of time or messages. RFC
 * 8489 6.3. */
#pragma once

#include <glib.h>

#include "stun/wire.h"

G_BEGIN_DECLS

#define STUN_TABLE_NONE G_MAXUINT32

/* Ids are our own, drawn by a CSPRNG: nobody else can choose them to collide. */
typedef struct
{
  guint8 id[STUN_TRANSACTION_ID_SIZE];
  guint32 value; /* STUN_TABLE_NONE: the slot is free */
} StunTableSlot;

/* Owned by the caller; a zeroed one is empty and ready. */
typedef struct
{
  StunTableSlot *slots; /* a power of two of them, at most half in use */
  guint n_slots;
  guint n_used;
} StunTransactionTable;

void stun_transaction_table_clear (StunTransactionTable *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (StunTransactionTable, stun_transaction_table_clear)

/* Notes that id belongs to value (anything but STUN_TABLE_NONE). FALSE: the id is in the
 * table already; draw another. */
gboolean
stun_transaction_table_add (StunTransactionTable *self, const guint8 *id, guint32 value);

/* The value of id, or STUN_TABLE_NONE. */
guint32 stun_transaction_table_find (const StunTransactionTable *self, const guint8 *id);

/* The same, and forgets it. */
guint32 stun_transaction_table_take (StunTransactionTable *self, const guint8 *id);

G_END_DECLS
