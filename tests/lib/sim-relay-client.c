/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The client side of a simulated relay: hello, challenge, allocation, each retransmitted
 * as STUN requests are (RFC 8489 6.2.1); permissions sent just ahead of the first
 * datagram to an address. It knows no candidate and no engine. */
#include "config.h"

#include "sim-relay.h"
#include "sim-relay-frame.h"

#include <string.h>

#define FIRST_RTO (500 * SIM_MS)
#define MAX_TRIES 7
#define LAST_WAIT (16 * FIRST_RTO)
#define PERMISSION_REFRESH (240 * SIM_SECOND)

struct _SimRelay
{
  SimRelayOptions options;
  SimRelayFuncs funcs;
  gpointer owner;
  SimWorld *world;
  SimSocket *own;
  guint hellos_left;
  SimRelayOp asking;
  gboolean is_ready;
  guint n_tries;
  gint64 rto;
  SimTimer *timer;
  GHashTable *permitted; /* IP -> when the server said so */
};

static void ask (SimRelay *self);

static void
send_frame (SimRelay *self, SimRelayOp op, const NiceAddress *peer, const guint8 *data,
            gsize size)
{
  SimSocket *socket = self->own != NULL ? self->own : self->options.via;
  SimRelayFrame frame = { SIM_RELAY_MAGIC, (guint8)op, (guint8)self->hellos_left,
                          self->options.family == AF_INET6 ? 6 : 4, self->options.tag };
  g_autofree guint8 *buffer = g_malloc (sizeof frame + size);

  if (peer != NULL)
    frame.one = *peer;
  memcpy (buffer, &frame, sizeof frame);
  if (size > 0)
    memcpy (buffer + sizeof frame, data, size);
  sim_socket_send (socket, &self->options.server, buffer, sizeof frame + size);
}

static void
stop_timer (SimRelay *self)
{
  if (self->timer != NULL)
    sim_clock_cancel (sim_world_get_clock (self->world), self->timer);
  self->timer = NULL;
}

static void
finish (SimRelay *self, IceReason error, const NiceAddress *relayed,
        const NiceAddress *mapped)
{
  stop_timer (self);
  self->is_ready = error == ICE_REASON_NONE;
  self->funcs.ready (self->owner, self, error, relayed, mapped);
}

static void
on_timer (gpointer data)
{
  SimRelay *self = data;

  self->timer = NULL;
  if (self->n_tries == MAX_TRIES)
    finish (self, ICE_REASON_TIMEOUT, NULL, NULL);
  else
    ask (self);
}

static void
ask (SimRelay *self)
{
  send_frame (self, self->asking, NULL, NULL, 0);
  self->n_tries++;
  self->timer = sim_clock_at (sim_world_get_clock (self->world),
                              sim_world_get_now (self->world)
                                  + (self->n_tries == MAX_TRIES ? LAST_WAIT : self->rto),
                              on_timer, self, NULL);
  self->rto *= 2;
}

static void
ask_for (SimRelay *self, SimRelayOp op)
{
  stop_timer (self);
  self->asking = op;
  self->n_tries = 0;
  self->rto = FIRST_RTO;
  ask (self);
}

static gint64 *
now_dup (SimRelay *self)
{
  gint64 now = sim_world_get_now (self->world);

  return g_memdup2 (&now, sizeof now);
}

/* While the allocation is asked for. */
static void
handle_answer (SimRelay *self, const SimRelayFrame *frame)
{
  if (self->timer == NULL)
    return; /* the duplicate of an answer */
  if (frame->op == SIM_RELAY_HELLO && self->asking == SIM_RELAY_HELLO
      && frame->detail == self->hellos_left)
    ask_for (self, --self->hellos_left > 0 ? SIM_RELAY_HELLO : SIM_RELAY_ALLOCATE);
  else if (frame->op == SIM_RELAY_CHALLENGE && self->asking == SIM_RELAY_ALLOCATE)
    ask_for (self, SIM_RELAY_ALLOCATE_AUTH);
  else if (frame->op == SIM_RELAY_ALLOCATED && self->asking == SIM_RELAY_ALLOCATE_AUTH)
    finish (self, ICE_REASON_NONE, &frame->one, &frame->two);
  else if (frame->op == SIM_RELAY_REFUSED)
    finish (self, (IceReason)frame->detail, NULL, NULL);
}

/* Once it is there. */
static void
handle_frame (SimRelay *self, const SimRelayFrame *frame, const SimPacket *packet)
{
  if (frame->op == SIM_RELAY_DATA)
    self->funcs.receive (self->owner, self, &frame->one, packet->data + sizeof *frame,
                         packet->size - sizeof *frame);
  else if (frame->op == SIM_RELAY_PERMIT)
    g_hash_table_insert (self->permitted, g_memdup2 (&frame->one, sizeof frame->one),
                         now_dup (self));
  else if (frame->op == SIM_RELAY_MISMATCH)
    {
      self->is_ready = FALSE;
      self->funcs.lost (self->owner, self);
    }
}

gboolean
sim_relay_handle (SimRelay *self, SimSocket *socket, const SimPacket *packet)
{
  SimRelayFrame frame;

  if (packet->size < sizeof frame || packet->data[0] != SIM_RELAY_MAGIC
      || (socket != self->own && socket != self->options.via))
    return FALSE;
  memcpy (&frame, packet->data, sizeof frame);
  if (frame.tag != self->options.tag
      || !sim_address_equal (&packet->from, &self->options.server))
    return FALSE;
  if (self->is_ready)
    handle_frame (self, &frame, packet);
  else
    handle_answer (self, &frame);
  return TRUE;
}

static void
receive_on_own (gpointer owner, SimSocket *socket, const SimPacket *packet)
{
  sim_relay_handle (owner, socket, packet);
}

SimRelay *
sim_relay_new (const SimRelayOptions *options, const SimRelayFuncs *funcs, gpointer owner)
{
  static const SimSocketFuncs own_funcs = { .receive = receive_on_own };
  SimRelay *self = g_new0 (SimRelay, 1);

  self->options = *options;
  self->funcs = *funcs;
  self->owner = owner;
  self->world = sim_host_get_world (options->host);
  self->hellos_left = options->handshakes;
  self->permitted =
      g_hash_table_new_full (sim_address_hash_ip, sim_address_equal_ip, g_free, g_free);
  if (options->via == NULL)
    self->own =
        sim_socket_new (options->host, SIM_TCP, &options->local, &own_funcs, self);
  ask_for (self, self->hellos_left > 0 ? SIM_RELAY_HELLO : SIM_RELAY_ALLOCATE);
  return self;
}

void
sim_relay_free (SimRelay *self)
{
  stop_timer (self);
  if (self->is_ready)
    send_frame (self, SIM_RELAY_FREE, NULL, NULL, 0);
  g_clear_pointer (&self->own, sim_socket_free);
  g_hash_table_unref (self->permitted);
  g_free (self);
}

void
sim_relay_send (SimRelay *self, const NiceAddress *to, const guint8 *data, gsize size)
{
  gint64 *permitted = g_hash_table_lookup (self->permitted, to);

  if (!self->is_ready)
    return;
  /* Asked for again with each datagram until the server confirms. */
  if (permitted == NULL
      || sim_world_get_now (self->world) - *permitted >= PERMISSION_REFRESH)
    send_frame (self, SIM_RELAY_PERMIT, to, NULL, 0);
  send_frame (self, SIM_RELAY_SEND, to, data, size);
}
