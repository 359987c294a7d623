/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Decides when nobody can be about to take a reference to what has been retired. Must not
 * know what that is.
 *
 * Why that is safe. All operations here, and those on the pointers, are in one order
 * (sequentially consistent). What is let go of was taken off the list at T, and was
 * replaced before it was put there, so before T. After T the number of readers was seen
 * to be zero, at Z. A reader who has read the pointer to it did so before it was
 * replaced, and had entered before that, so before Z; the number is zero at Z, so he had
 * left before Z, with his reference. To see zero before T would not do: somebody could
 * enter, read, and be inside while what he has read is put on the list and taken off.
 *
 * Why nothing stays. Whoever puts something on the list looks at the number afterwards.
 * If it is not zero, the reader who takes it there will find the list with something on
 * it, unless somebody has taken that off, who looks at the number, and puts back and
 * looks again if he must not let go.
 *
 * NOTES: a mutex for the length of the look, as it was before, costs the same where one
 * thread sends, and made threads that send on one agent wait for each other. A count held
 * over the whole send instead of a reference saves two atomic operations of eight, but
 * with several threads at it the number would hardly ever be zero. */
#include "config.h"

#include "io/guard.h"

struct _NiceRetired
{
  NiceRetired *next;
  gpointer object;
  GDestroyNotify let_go;
};

/* Puts first, and what is behind it to last, on the list. */
static void
push (NiceGuard *self, NiceRetired *first, NiceRetired *last)
{
  last->next = atomic_load (&self->retired);
  while (!atomic_compare_exchange_weak (&self->retired, &last->next, first))
    ;
}

static void
let_go_of_all (NiceRetired *item)
{
  while (item != NULL)
    {
      NiceRetired *next = item->next;

      item->let_go (item->object);
      g_free (item);
      item = next;
    }
}

static void
put_back (NiceGuard *self, NiceRetired *items)
{
  NiceRetired *last = items;

  while (last->next != NULL)
    last = last->next;
  push (self, items, last);
}

void
nice_guard_reclaim (NiceGuard *self)
{
  NiceRetired *items;

  while (atomic_load (&self->n_readers) == 0
         && (items = atomic_exchange (&self->retired, NULL)) != NULL)
    {
      if (atomic_load (&self->n_readers) == 0)
        let_go_of_all (items);
      else
        put_back (self, items);
    }
}

void
nice_guard_retire (NiceGuard *self, gpointer object, GDestroyNotify let_go)
{
  NiceRetired *item;

  if (object == NULL)
    return;
  if (atomic_load (&self->n_readers) == 0)
    {
      let_go (object);
      return;
    }
  item = g_new (NiceRetired, 1);
  *item = (NiceRetired) { NULL, object, let_go };
  push (self, item, item);
  nice_guard_reclaim (self);
}

void
nice_guard_clear (NiceGuard *self)
{
  g_assert (atomic_load (&self->n_readers) == 0);
  nice_guard_reclaim (self);
}
