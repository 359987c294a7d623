/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A chain: the layers between one endpoint, or one route of it, and who uses it.
 *
 * A flat loop over layers that do not know each other, with the shape of everything here:
 * input with a time, output in the caller's NiceChainIo, a deadline. After any call the
 * caller hands io->up to the user, sends io->down through the endpoint, in order, and
 * reads state and deadline. Both are valid until io is used again.
 *
 * A chain has no lock. Who sends and receives in different threads takes one around each
 * call, with an io for each thread, and drops it before the endpoint is called; only over
 * a stream must the order of the calls be the order of the bytes on the wire. What
 * changes nothing is carried by many threads at a time. */
#pragma once

#include "socket/layer.h"

G_BEGIN_DECLS

#define NICE_CHAIN_MAX_LAYERS 6

typedef struct _NiceChain NiceChain;

/* Zeroed before the first use. */
typedef struct
{
  NiceArena arena;
  GArray *up;   /* of NicePacket: what goes to the user */
  GArray *down; /* of NiceOutPacket: what goes to the endpoint */
} NiceChainIo;

void nice_chain_io_clear (NiceChainIo *self);

static inline const NicePacket *
nice_chain_io_get_up (const NiceChainIo *self, guint i)
{
  return &g_array_index (self->up, NicePacket, i);
}

static inline const NiceOutPacket *
nice_chain_io_get_down (const NiceChainIo *self, guint i)
{
  return &g_array_index (self->down, NiceOutPacket, i);
}

NiceChain *nice_chain_new (void);
void nice_chain_free (NiceChain *self);

/* Takes the layer and puts it on top of the others; before start. */
void nice_chain_add (NiceChain *self, NiceLayer *layer);

/* The endpoint can send: a connection is there. */
void nice_chain_start (NiceChain *self, gint64 now, NiceChainIo *io);
/* What the endpoint received: runs of datagrams, or bytes. */
void nice_chain_receive (NiceChain *self, NicePacket *packets, guint n_packets,
                         gint64 now, NiceChainIo *io);
/* What the user sends; dropped unless the chain is open. */
void nice_chain_send (NiceChain *self, const NiceOutPacket *packets, guint n_packets,
                      gint64 now, NiceChainIo *io);
/* The same of what changes nothing in the chain. Several threads may call these, each
 * with an io of its own, as long as nobody calls anything else. FALSE: it would, and io
 * is void. */
gboolean nice_chain_carry_up (NiceChain *self, const NicePacket *packets, guint n_packets,
                              gint64 now, NiceChainIo *io);
gboolean nice_chain_carry_down (NiceChain *self, const NiceOutPacket *packets,
                                guint n_packets, gint64 now, NiceChainIo *io);
void nice_chain_handle_timeout (NiceChain *self, gint64 now, NiceChainIo *io);
/* The endpoint's connection ended: the lowest layer that was not done with it fails. */
void nice_chain_handle_end (NiceChain *self);
/* Says good-bye, top layer first; io->down holds the last words. */
void nice_chain_close (NiceChain *self, gint64 now, NiceChainIo *io);

gboolean nice_chain_is_started (const NiceChain *self);
gint64 nice_chain_get_deadline (const NiceChain *self);
/* OPEN when every layer is; CLOSED as soon as one is. */
NiceLayerState nice_chain_get_state (const NiceChain *self);
/* Counted from the endpoint. */
const NiceLayer *nice_chain_get_layer (const NiceChain *self, guint i);
/* The layer that failed first, NULL: none did. */
const NiceLayer *nice_chain_get_failed (const NiceChain *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (NiceChainIo, nice_chain_io_clear)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NiceChain, nice_chain_free)

G_END_DECLS
