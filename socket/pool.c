/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Decides how many slabs there are: one a pool, more only while receiving is nested. It
 * must not know who reads into them. */
#include "config.h"

#include "socket/pool.h"

static NiceSlab *
slab_new (void)
{
  NiceSlab *self = g_new0 (NiceSlab, 1);

  /* Large enough to come straight from mmap: pages that no datagram touches cost nothing.
   */
  self->buffers = g_malloc (NICE_SLAB_MESSAGES * NICE_SLAB_BUFFER_SIZE);

  for (guint i = 0; i < NICE_SLAB_MESSAGES; i++)
    {
      struct msghdr *header = &self->messages[i].msg_hdr;

      self->vectors[i].iov_base = nice_slab_get_buffer (self, i);
      self->vectors[i].iov_len = NICE_SLAB_BUFFER_SIZE;
      header->msg_iov = &self->vectors[i];
      header->msg_iovlen = 1;
      header->msg_name = &self->packets[i].from;
      header->msg_control = self->controls[i];
    }
  self->used = NICE_SLAB_MESSAGES;
  return self;
}

static void
slab_free (NiceSlab *self)
{
  g_free (self->buffers);
  g_free (self);
}

void
nice_pool_clear (NicePool *self)
{
  g_clear_pointer (&self->slab, slab_free);
}

NiceSlab *
nice_pool_take (NicePool *self)
{
  NiceSlab *slab = __atomic_exchange_n (&self->slab, NULL, __ATOMIC_ACQUIRE);

  return slab != NULL ? slab : slab_new ();
}

void
nice_pool_give (NicePool *self, NiceSlab *slab)
{
  slab = __atomic_exchange_n (&self->slab, slab, __ATOMIC_ACQ_REL);
  if (slab != NULL)
    slab_free (slab);
}
