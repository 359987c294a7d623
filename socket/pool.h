/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Room to receive into.
 *
 * A slab holds the buffers of one batch and everything that a receive call fills beside
 * them. A pool keeps one slab warm; all endpoints of a context read through its pool one
 * after another, so a thousand idle sockets cost no buffer. Who finds the pool empty,
 * because a receive function iterates its context again, gets a slab of his own. */
#pragma once

#include <sys/socket.h>
#include <sys/uio.h>

#include <glib.h>

#include "socket/packet.h"

G_BEGIN_DECLS

/* Messages in a batch: of sixteen the price of the system call is gone from the price of
 * a message, and the buffers still share a cache. */
#define NICE_SLAB_MESSAGES 16

/* The longest datagram, or GRO run, with a stride that is no multiple of a page, so that
 * the first lines of all buffers do not meet in the same cache sets. */
#define NICE_SLAB_BUFFER_SIZE (65536 + 576)
#define NICE_SLAB_CONTROL_SIZE 64

typedef struct
{
  struct mmsghdr messages[NICE_SLAB_MESSAGES];
  struct iovec vectors[NICE_SLAB_MESSAGES];
  guint8 controls[NICE_SLAB_MESSAGES][NICE_SLAB_CONTROL_SIZE];
  NicePacket packets[NICE_SLAB_MESSAGES]; /* of datagrams: packet i came in message i */
  guint8 *buffers;
  gboolean has_more; /* the kernel may have more than this batch */
  guint used;        /* messages that a call filled since they were last made ready */
} NiceSlab;

typedef struct
{
  NiceSlab *slab; /* atomic */
} NicePool;

void nice_pool_clear (NicePool *self);
NiceSlab *nice_pool_take (NicePool *self);
void nice_pool_give (NicePool *self, NiceSlab *slab);

static inline guint8 *
nice_slab_get_buffer (NiceSlab *self, guint index)
{
  return self->buffers + (gsize)index * NICE_SLAB_BUFFER_SIZE;
}

G_END_DECLS
