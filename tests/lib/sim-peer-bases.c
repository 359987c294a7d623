/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a simulated peer sends from: UDP sockets, connections, relays. It answers the
 * engine's NEED_BASE and must not know candidates or pairs. */
#include "config.h"

#include "sim-peer-private.h"

#include <string.h>

#define FIRST_SYN_WAIT SIM_SECOND
#define MAX_SYNS 6

/* The first byte of each segment of a connection. */
enum
{
  SEGMENT_SYN,
  SEGMENT_SYN_ACK,
  SEGMENT_FRAME
};

static void send_syn (gpointer data);

void
sim_base_free (gpointer data)
{
  SimBase *self = data;

  g_clear_pointer (&self->relay, sim_relay_free);
  if (self->timer != NULL)
    sim_clock_cancel (sim_world_get_clock (self->peer->world), self->timer);
  if (self->socket != NULL && !self->is_borrowed)
    sim_socket_free (self->socket);
  g_free (self);
}

static SimBase *
add_base (SimPeer *peer, IceBaseId id, IceBaseKind kind)
{
  SimBase *self = g_new0 (SimBase, 1);

  self->peer = peer;
  self->id = id;
  self->kind = kind;
  g_hash_table_insert (peer->bases, GUINT_TO_POINTER (id), self);
  return self;
}

/* --- Datagrams --- */

static void
receive_datagram (gpointer owner, SimSocket *socket, const SimPacket *packet)
{
  SimBase *self = owner;
  SimPeer *peer = self->peer;
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, peer->bases);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      SimBase *base = value;

      if (base->relay != NULL && sim_relay_handle (base->relay, socket, packet))
        return;
    }
  sim_peer_handle_packet (peer, self->id, &packet->from, packet->data, packet->size);
}

static void
refuse_datagram (gpointer owner, SimSocket *socket, const NiceAddress *to)
{
  SimBase *self = owner;

  ice_engine_handle_base_error (self->peer->engine, self->id, to, ICE_REASON_REFUSED,
                                sim_world_get_now (self->peer->world));
  sim_peer_drain (self->peer);
}

static void
lose_socket (gpointer owner, SimSocket *socket)
{
  SimBase *self = owner;

  ice_engine_handle_base_error (self->peer->engine, self->id, NULL, ICE_REASON_BASE_LOST,
                                sim_world_get_now (self->peer->world));
  sim_peer_drain (self->peer);
}

static SimSocket *
bind_in_range (SimBase *self, SimProtocol protocol, const IceBaseRequest *request,
               const SimSocketFuncs *funcs)
{
  if (request->min_port == 0)
    return sim_socket_new (self->peer->host, protocol, &request->local, funcs, self);
  for (guint port = request->min_port; port <= request->max_port; port++)
    {
      NiceAddress local = sim_address_with_port (&request->local, (guint16)port);
      SimSocket *socket =
          sim_socket_new (self->peer->host, protocol, &local, funcs, self);

      if (socket != NULL)
        return socket;
    }
  return NULL;
}

static void
open_udp (SimBase *self, const IceBaseRequest *request)
{
  static const SimSocketFuncs funcs = { receive_datagram, refuse_datagram, lose_socket };

  self->socket = bind_in_range (self, SIM_UDP, request, &funcs);
  self->is_open = self->socket != NULL;
  if (self->is_open)
    sim_peer_answer_base (self->peer, self->id, ICE_REASON_NONE,
                          sim_socket_get_local (self->socket), NULL);
  else
    sim_peer_answer_base (self->peer, self->id, ICE_REASON_ADDRESS_IN_USE, NULL, NULL);
}

/* --- Connections --- */

static void
send_segment (SimBase *self, guint8 kind, const NiceAddress *to, const guint8 *data,
              gsize size)
{
  g_autofree guint8 *buffer = g_malloc (size + 1);

  buffer[0] = kind;
  if (size > 0)
    memcpy (buffer + 1, data, size);
  sim_socket_send (self->socket, to, buffer, size + 1);
}

static void
finish_connecting (SimBase *self, IceReason error)
{
  if (self->timer != NULL)
    sim_clock_cancel (sim_world_get_clock (self->peer->world), self->timer);
  self->timer = NULL;
  self->is_open = error == ICE_REASON_NONE;
  sim_peer_answer_base (self->peer, self->id, error,
                        self->is_open ? sim_socket_get_local (self->socket) : NULL, NULL);
  sim_peer_drain (self->peer);
}

static SimBase *
find_accepted (SimPeer *peer, SimSocket *socket, const NiceAddress *from)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, peer->bases);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      SimBase *base = value;

      if (base->is_borrowed && base->socket == socket
          && sim_address_equal (&base->remote, from))
        return base;
    }
  return NULL;
}

static void
receive_on_listener (gpointer owner, SimSocket *socket, const SimPacket *packet)
{
  SimBase *self = owner;
  SimPeer *peer = self->peer;
  SimBase *accepted = find_accepted (peer, socket, &packet->from);

  if (packet->data[0] == SEGMENT_SYN && accepted == NULL)
    {
      IceBaseId id = ice_engine_handle_accept (peer->engine, self->id, &packet->from,
                                               sim_world_get_now (peer->world));

      if (id != 0)
        {
          accepted = add_base (peer, id, ICE_BASE_TCP_CONNECT);
          accepted->socket = socket;
          accepted->is_borrowed = TRUE;
          accepted->is_open = TRUE;
          accepted->remote = packet->from;
        }
      sim_peer_drain (peer);
      accepted = find_accepted (peer, socket, &packet->from); /* or dropped again */
    }
  if (accepted == NULL)
    return;
  if (packet->data[0] == SEGMENT_SYN)
    send_segment (self, SEGMENT_SYN_ACK, &packet->from, NULL, 0);
  else if (packet->data[0] == SEGMENT_FRAME)
    sim_peer_handle_packet (peer, accepted->id, &packet->from, packet->data + 1,
                            packet->size - 1);
}

static void
receive_on_connection (gpointer owner, SimSocket *socket, const SimPacket *packet)
{
  SimBase *self = owner;

  if (!sim_address_equal (&packet->from, &self->remote))
    return;
  /* A SYN from there is the other half of a simultaneous open (RFC 6544 6). */
  if (packet->data[0] == SEGMENT_SYN)
    send_segment (self, SEGMENT_SYN_ACK, &packet->from, NULL, 0);
  if (packet->data[0] != SEGMENT_FRAME && !self->is_open)
    finish_connecting (self, ICE_REASON_NONE);
  else if (packet->data[0] == SEGMENT_FRAME && self->is_open)
    sim_peer_handle_packet (self->peer, self->id, &packet->from, packet->data + 1,
                            packet->size - 1);
}

static void
refuse_connection (gpointer owner, SimSocket *socket, const NiceAddress *to)
{
  SimBase *self = owner;

  if (!self->is_open)
    finish_connecting (self, ICE_REASON_REFUSED);
  else
    lose_socket (owner, socket);
}

static void
send_syn (gpointer data)
{
  SimBase *self = data;
  SimWorld *world = self->peer->world;

  self->timer = NULL;
  if (self->n_tries == MAX_SYNS)
    {
      finish_connecting (self, ICE_REASON_TIMEOUT);
      return;
    }
  send_segment (self, SEGMENT_SYN, &self->remote, NULL, 0);
  self->timer =
      sim_clock_at (sim_world_get_clock (world),
                    sim_world_get_now (world) + (FIRST_SYN_WAIT << self->n_tries++),
                    send_syn, self, NULL);
}

static void
open_connection (SimBase *self, const IceBaseRequest *request)
{
  static const SimSocketFuncs funcs = { receive_on_connection, refuse_connection,
                                        lose_socket };

  self->socket = bind_in_range (self, SIM_TCP, request, &funcs);
  self->remote = request->remote;
  if (self->socket == NULL)
    sim_peer_answer_base (self->peer, self->id, ICE_REASON_ADDRESS_IN_USE, NULL, NULL);
  else
    send_syn (self);
}

static void
open_listener (SimBase *self, const IceBaseRequest *request)
{
  static const SimSocketFuncs funcs = { receive_on_listener, NULL, lose_socket };

  self->socket = bind_in_range (self, SIM_TCP, request, &funcs);
  self->is_open = self->socket != NULL;
  if (self->is_open)
    sim_peer_answer_base (self->peer, self->id, ICE_REASON_NONE,
                          sim_socket_get_local (self->socket), NULL);
  else
    sim_peer_answer_base (self->peer, self->id, ICE_REASON_ADDRESS_IN_USE, NULL, NULL);
}

/* --- Relays --- */

static void
relay_ready (gpointer owner, SimRelay *relay, IceReason error, const NiceAddress *relayed,
             const NiceAddress *mapped)
{
  SimBase *self = owner;

  self->is_open = error == ICE_REASON_NONE;
  sim_peer_answer_base (self->peer, self->id, error, relayed, mapped);
  sim_peer_drain (self->peer);
}

static void
relay_receive (gpointer owner, SimRelay *relay, const NiceAddress *from,
               const guint8 *data, gsize size)
{
  SimBase *self = owner;

  sim_peer_handle_packet (self->peer, self->id, from, data, size);
}

static void
relay_lost (gpointer owner, SimRelay *relay)
{
  SimBase *self = owner;

  ice_engine_handle_base_error (self->peer->engine, self->id, NULL, ICE_REASON_BASE_LOST,
                                sim_world_get_now (self->peer->world));
  sim_peer_drain (self->peer);
}

static guint
handshakes_of (SimPeer *peer, guint server_id)
{
  const IceServer *server = ice_engine_get_server (peer->engine, server_id);

  return server != NULL && server->kind == ICE_SERVER_TURN_TCP ? 1 : 2;
}

static void
open_relay (SimBase *self, const IceBaseRequest *request)
{
  static const SimRelayFuncs funcs = { relay_ready, relay_receive, relay_lost };
  SimPeer *peer = self->peer;
  SimBase *via = g_hash_table_lookup (peer->bases, GUINT_TO_POINTER (request->via));
  SimRelayOptions options = { .host = peer->host,
                              .via = via != NULL ? via->socket : NULL,
                              .local = sim_address_with_port (&request->local, 0),
                              .server = request->remote,
                              .family = request->relay_family };

  if (request->via != 0 && via == NULL)
    sim_fail (peer->world, "%s: a relay through base %u, which is not there", peer->name,
              request->via);
  if (via == NULL)
    options.handshakes = handshakes_of (peer, request->server);
  self->via = options.via;
  self->relay = sim_relay_new (&options, &funcs, self);
}

/* --- All kinds --- */

void
sim_peer_open_base (SimPeer *self, const IceBaseRequest *request)
{
  SimBase *base;

  if (request->id == 0
      || g_hash_table_contains (self->bases, GUINT_TO_POINTER (request->id)))
    sim_fail (self->world, "%s: base id %u is asked for again", self->name, request->id);
  base = add_base (self, request->id, request->kind);
  switch (request->kind)
    {
    case ICE_BASE_UDP:
      open_udp (base, request);
      break;
    case ICE_BASE_TCP_LISTEN:
      open_listener (base, request);
      break;
    case ICE_BASE_TCP_CONNECT:
    case ICE_BASE_TCP_SO:
      open_connection (base, request);
      break;
    case ICE_BASE_RELAY:
      open_relay (base, request);
      break;
    case ICE_BASE_SERVER:
      sim_peer_answer_base (self, request->id, ICE_REASON_REFUSED, NULL, NULL);
      break;
    }
}

/* Relays end before what carries them; id 0: all of them. */
static void
end_relays (SimPeer *self, IceBaseId via)
{
  SimBase *carrier = g_hash_table_lookup (self->bases, GUINT_TO_POINTER (via));
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->bases);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      SimBase *base = value;

      if (base->relay != NULL && (carrier == NULL || base->via == carrier->socket))
        {
          g_clear_pointer (&base->relay, sim_relay_free);
          base->is_open = FALSE;
        }
    }
}

void
sim_peer_drop_base (SimPeer *self, IceBaseId id)
{
  SimBase *base = g_hash_table_lookup (self->bases, GUINT_TO_POINTER (id));

  if (base != NULL && base->kind == ICE_BASE_UDP)
    end_relays (self, id);
  g_hash_table_remove (self->bases, GUINT_TO_POINTER (id));
}

void
sim_peer_drop_bases (SimPeer *self)
{
  end_relays (self, 0);
  g_hash_table_remove_all (self->bases);
}

void
sim_peer_prefer_path (SimPeer *self, IceBaseId id, const NiceAddress *to)
{
  SimBase *base = g_hash_table_lookup (self->bases, GUINT_TO_POINTER (id));

  if (base != NULL && base->relay != NULL)
    sim_relay_bind_channel (base->relay, to);
}

void
sim_peer_probe (SimPeer *self, IceBaseId id)
{
  SimBase *base = g_hash_table_lookup (self->bases, GUINT_TO_POINTER (id));

  if (base != NULL && base->relay != NULL)
    sim_relay_probe (base->relay);
}

void
sim_peer_allow (SimPeer *self, IceBaseId id, const NiceAddress *peer)
{
  SimBase *base = g_hash_table_lookup (self->bases, GUINT_TO_POINTER (id));

  if (base != NULL && base->relay != NULL)
    sim_relay_allow (base->relay, peer);
}

void
sim_peer_transmit (SimPeer *self, IceBaseId id, const NiceAddress *to, const guint8 *data,
                   gsize size)
{
  SimBase *base = g_hash_table_lookup (self->bases, GUINT_TO_POINTER (id));

  if (base == NULL || !base->is_open)
    sim_fail (self->world, "%s: sends from base %u, which is not open", self->name, id);
  if (base->relay != NULL)
    sim_relay_send (base->relay, to, data, size);
  else if (base->kind == ICE_BASE_UDP)
    sim_socket_send (base->socket, to, data, size);
  else
    send_segment (base, SEGMENT_FRAME, &base->remote, data, size);
}
