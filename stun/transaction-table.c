/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Open addressing with linear probing; removal shifts back what follows, so that there
 * are no tombstones and a table lives for ever without being rebuilt. RFC 8489 6.3. */
#include "config.h"

#include "stun/transaction-table.h"

#define MIN_SLOTS 8

void
stun_transaction_table_clear (StunTransactionTable *self)
{
  g_clear_pointer (&self->slots, g_free);
  self->n_slots = self->n_used = 0;
}

static guint
home_of (const StunTransactionTable *self, const guint8 *id)
{
  return stun_load32 (id) & (self->n_slots - 1);
}

/* The slot that holds id, or the free one at which its run ends. */
static guint
probe (const StunTransactionTable *self, const guint8 *id)
{
  guint at = home_of (self, id);

  while (self->slots[at].value != STUN_TABLE_NONE
         && memcmp (self->slots[at].id, id, STUN_TRANSACTION_ID_SIZE) != 0)
    at = (at + 1) & (self->n_slots - 1);
  return at;
}

static void
place (StunTransactionTable *self, const guint8 *id, guint32 value)
{
  StunTableSlot *slot = &self->slots[probe (self, id)];

  memcpy (slot->id, id, STUN_TRANSACTION_ID_SIZE);
  slot->value = value;
}

static void
grow (StunTransactionTable *self)
{
  StunTransactionTable old = *self;

  self->n_slots = MAX (MIN_SLOTS, 2 * old.n_slots);
  self->slots = g_new (StunTableSlot, self->n_slots);
  for (guint i = 0; i < self->n_slots; i++)
    self->slots[i].value = STUN_TABLE_NONE;
  for (guint i = 0; i < old.n_slots; i++)
    {
      if (old.slots[i].value != STUN_TABLE_NONE)
        place (self, old.slots[i].id, old.slots[i].value);
    }
  g_free (old.slots);
}

gboolean
stun_transaction_table_add (StunTransactionTable *self, const guint8 *id, guint32 value)
{
  g_assert (value != STUN_TABLE_NONE);
  if (stun_transaction_table_find (self, id) != STUN_TABLE_NONE)
    return FALSE;
  if (2 * (self->n_used + 1) > self->n_slots)
    grow (self);
  place (self, id, value);
  self->n_used++;
  return TRUE;
}

guint32
stun_transaction_table_find (const StunTransactionTable *self, const guint8 *id)
{
  return self->n_used == 0 ? STUN_TABLE_NONE : self->slots[probe (self, id)].value;
}

guint32
stun_transaction_table_take (StunTransactionTable *self, const guint8 *id)
{
  guint mask = self->n_slots - 1, hole, at;
  guint32 value;

  if (self->n_used == 0)
    return STUN_TABLE_NONE;
  hole = probe (self, id);
  value = self->slots[hole].value;
  if (value == STUN_TABLE_NONE)
    return value;
  self->n_used--;
  for (at = (hole + 1) & mask; self->slots[at].value != STUN_TABLE_NONE;
       at = (at + 1) & mask)
    {
      /* A slot may move back into the hole unless its home lies behind the hole. */
      if (((at - home_of (self, self->slots[at].id)) & mask) < ((at - hole) & mask))
        continue;
      self->slots[hole] = self->slots[at];
      hole = at;
    }
  self->slots[hole].value = STUN_TABLE_NONE;
  return value;
}
