/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Requests to the simulated TURN server: authentication (RFC 8489 9.2), Allocate,
 * Refresh, CreatePermission, ChannelBind, and data. What an allocation does with data is
 * sim-turn-allocation's matter. */
#include "config.h"

#include "sim-turn-server.h"

#include "sim-stun.h"
#include "sim-turn-allocation.h"

#include <string.h>

#define REALM "sim.example"
#define DEFAULT_LIFETIME 600 /* RFC 8656 7.2 */
#define UDP 17               /* the protocol number of REQUESTED-TRANSPORT */
#define MAX_SOCKETS 8

struct _SimTurnServer
{
  SimTurnServerConfig config;
  SimTurnStats stats;
  SimTurnShared shared;
  guint n_sockets, n_restarts;
  SimSocket *sockets[MAX_SOCKETS];
  GPtrArray *allocations;
  guint8 key[16];
};

typedef struct
{
  SimTurnServer *server;
  SimSocket *socket;
  const SimPacket *packet;
  SimTurnAllocation *allocation; /* of that client, or NULL */
} Request;

typedef struct
{
  SimSocket *socket;
  NiceAddress to;
  SimStunMessage message;
} Answer;

/* --- Answering --- */

static void
send_answer (gpointer data)
{
  Answer *answer = data;

  sim_socket_send (answer->socket, &answer->to, answer->message.data,
                   answer->message.size);
  g_free (answer);
}

static Answer *
begin_answer (const Request *request, SimStunClass message_class)
{
  const SimPacket *packet = request->packet;
  Answer *answer = g_new (Answer, 1);

  answer->socket = request->socket;
  answer->to = packet->from;
  sim_stun_begin (&answer->message, message_class, sim_stun_get_method (packet->data),
                  sim_stun_get_id (packet->data));
  return answer;
}

static void
finish_answer (const Request *request, Answer *answer, gboolean is_authentic)
{
  SimTurnServer *self = request->server;
  SimWorld *world = self->shared.world;

  if (is_authentic)
    sim_stun_add_integrity (&answer->message, self->key, sizeof self->key);
  if (self->config.thinking == 0)
    send_answer (answer);
  else
    sim_clock_at (sim_world_get_clock (world),
                  sim_world_get_now (world) + self->config.thinking, send_answer, answer,
                  g_free);
}

static void
refuse (const Request *request, guint code)
{
  Answer *answer = begin_answer (request, SIM_STUN_ERROR);

  sim_stun_add_error (&answer->message, code, "No");
  if (code == 300)
    sim_stun_add_address (&answer->message, SIM_STUN_ALTERNATE_SERVER,
                          &request->server->config.alternate);
  finish_answer (request, answer, TRUE);
}

/* --- Authentication --- */

static gchar *
current_nonce (SimTurnServer *self)
{
  gint64 age = self->config.nonce_lifetime;
  gint64 epoch = age == 0 ? 0 : sim_world_get_now (self->shared.world) / age;

  return g_strdup_printf ("nonce-%u-%" G_GINT64_FORMAT, self->n_restarts, epoch);
}

static void
challenge (const Request *request, guint code)
{
  g_autofree gchar *nonce = current_nonce (request->server);
  Answer *answer = begin_answer (request, SIM_STUN_ERROR);

  request->server->stats.n_stale += code == 438;
  sim_stun_add_error (&answer->message, code, code == 438 ? "Stale" : "Unauthorized");
  sim_stun_add (&answer->message, SIM_STUN_REALM, (const guint8 *)REALM,
                (guint)strlen (REALM));
  sim_stun_add (&answer->message, SIM_STUN_NONCE, (const guint8 *)nonce,
                (guint)strlen (nonce));
  finish_answer (request, answer, FALSE);
}

static gboolean
attribute_is (const SimPacket *packet, guint attribute, const gchar *text)
{
  guint len;
  const guint8 *value = sim_stun_find (packet->data, packet->size, attribute, &len);

  return value != NULL && len == strlen (text) && memcmp (value, text, len) == 0;
}

static gboolean
authenticate (const Request *request)
{
  SimTurnServer *self = request->server;
  const SimPacket *packet = request->packet;
  g_autofree gchar *nonce = current_nonce (self);

  if (sim_stun_find (packet->data, packet->size, SIM_STUN_MESSAGE_INTEGRITY, NULL)
      == NULL)
    challenge (request, 401);
  else if (!attribute_is (packet, SIM_STUN_NONCE, nonce))
    challenge (request, 438);
  else if (!attribute_is (packet, SIM_STUN_USERNAME, SIM_TURN_USER)
           || !sim_stun_check_integrity (packet->data, packet->size, self->key,
                                         sizeof self->key))
    challenge (request, 401);
  else
    return TRUE;
  return FALSE;
}

/* --- Requests --- */

static gboolean
find_uint32 (const SimPacket *packet, guint attribute, guint32 *value)
{
  guint len;
  const guint8 *found = sim_stun_find (packet->data, packet->size, attribute, &len);

  if (found == NULL || len != 4)
    return FALSE;
  *value = (guint32)found[0] << 24 | (guint32)found[1] << 16 | (guint32)found[2] << 8
           | found[3];
  return TRUE;
}

static guint32
granted_lifetime (SimTurnServer *self)
{
  return self->config.lifetime != 0 ? self->config.lifetime : DEFAULT_LIFETIME;
}

static void
prolong (SimTurnServer *self, SimTurnAllocation *allocation)
{
  allocation->expires = sim_world_get_now (self->shared.world)
                        + (gint64)granted_lifetime (self) * SIM_SECOND;
}

static void
answer_allocated (const Request *request, SimTurnAllocation *allocation)
{
  Answer *answer = begin_answer (request, SIM_STUN_SUCCESS);

  sim_stun_add_xor_address (&answer->message, SIM_STUN_XOR_RELAYED_ADDRESS,
                            sim_socket_get_local (allocation->relayed));
  sim_stun_add_xor_address (&answer->message, SIM_STUN_XOR_MAPPED_ADDRESS,
                            &request->packet->from);
  sim_stun_add_uint32 (&answer->message, SIM_STUN_LIFETIME,
                       granted_lifetime (request->server));
  finish_answer (request, answer, TRUE);
}

/* covers TURN-8656-7.2-a, TURN-8656-7.2-c as the test server has to */
static void
handle_allocate (const Request *request)
{
  SimTurnServer *self = request->server;
  const SimPacket *packet = request->packet;
  guint32 transport, family = 1u << 24;
  SimTurnAllocation *made;

  find_uint32 (packet, SIM_STUN_REQUESTED_FAMILY, &family);
  if (request->allocation != NULL)
    {
      if (memcmp (request->allocation->id, sim_stun_get_id (packet->data), SIM_STUN_ID)
          == 0)
        answer_allocated (request, request->allocation);
      else
        refuse (request, 437);
    }
  else if (!find_uint32 (packet, SIM_STUN_REQUESTED_TRANSPORT, &transport))
    refuse (request, 400);
  else if (transport >> 24 != UDP)
    refuse (request, 442);
  else if (self->config.allocate_error != 0)
    refuse (request, self->config.allocate_error);
  else if ((made = sim_turn_allocation_new (&self->shared, request->socket, &packet->from,
                                            family >> 24 == 2 ? AF_INET6 : AF_INET))
           == NULL)
    refuse (request, 440);
  else
    {
      memcpy (made->id, sim_stun_get_id (packet->data), SIM_STUN_ID);
      prolong (self, made);
      g_ptr_array_add (self->allocations, made);
      answer_allocated (request, made);
    }
}

static void
handle_refresh (const Request *request)
{
  SimTurnServer *self = request->server;
  guint32 lifetime = DEFAULT_LIFETIME;
  Answer *answer = begin_answer (request, SIM_STUN_SUCCESS);

  self->stats.n_refreshes++;
  find_uint32 (request->packet, SIM_STUN_LIFETIME, &lifetime);
  sim_stun_add_uint32 (&answer->message, SIM_STUN_LIFETIME,
                       lifetime == 0 ? 0 : granted_lifetime (self));
  finish_answer (request, answer, TRUE);
  if (lifetime == 0)
    g_ptr_array_remove (self->allocations, request->allocation);
  else
    prolong (self, request->allocation);
}

static void
handle_permission (const Request *request)
{
  const SimPacket *packet = request->packet;
  NiceAddress peer;

  request->server->stats.n_permission_requests++;
  if (!sim_stun_find_xor_address (packet->data, packet->size, SIM_STUN_XOR_PEER_ADDRESS,
                                  &peer))
    refuse (request, 400);
  else if (sim_address_family (&peer)
           != sim_address_family (sim_socket_get_local (request->allocation->relayed)))
    refuse (request, 443);
  else if (request->server->config.forbids_peers)
    refuse (request, 403);
  else
    {
      sim_turn_allocation_permit (request->allocation, &peer);
      finish_answer (request, begin_answer (request, SIM_STUN_SUCCESS), TRUE);
    }
}

static void
handle_channel (const Request *request)
{
  const SimPacket *packet = request->packet;
  NiceAddress peer;
  guint32 number;

  request->server->stats.n_channel_requests++;
  if (!find_uint32 (packet, SIM_STUN_CHANNEL_NUMBER, &number)
      || !sim_stun_find_xor_address (packet->data, packet->size,
                                     SIM_STUN_XOR_PEER_ADDRESS, &peer)
      || number >> 16 < 0x4000 || number >> 16 > 0x4fff)
    refuse (request, 400);
  else if (request->server->config.forbids_peers)
    refuse (request, 403);
  else if (!sim_turn_allocation_bind (request->allocation, number >> 16, &peer))
    refuse (request, 400);
  else
    finish_answer (request, begin_answer (request, SIM_STUN_SUCCESS), TRUE);
}

static void
handle_binding (const Request *request)
{
  Answer *answer = begin_answer (request, SIM_STUN_SUCCESS);

  sim_stun_add_xor_address (&answer->message, SIM_STUN_XOR_MAPPED_ADDRESS,
                            &request->packet->from);
  finish_answer (request, answer, FALSE);
}

static void
handle_request (const Request *request)
{
  guint method = sim_stun_get_method (request->packet->data);

  if (method == SIM_STUN_BINDING)
    handle_binding (request);
  else if (!authenticate (request))
    return;
  else if (method == SIM_STUN_ALLOCATE)
    handle_allocate (request);
  else if (request->allocation == NULL)
    refuse (request, 437);
  else if (method == SIM_STUN_REFRESH)
    handle_refresh (request);
  else if (method == SIM_STUN_CREATE_PERMISSION)
    handle_permission (request);
  else if (method == SIM_STUN_CHANNEL_BIND)
    handle_channel (request);
  else
    refuse (request, 400);
}

/* --- Data --- */

static void
handle_send (const Request *request)
{
  const SimPacket *packet = request->packet;
  NiceAddress peer;
  guint len;
  const guint8 *data =
      sim_stun_find (packet->data, packet->size, SIM_STUN_DATA_ATTRIBUTE, &len);

  if (data == NULL
      || !sim_stun_find_xor_address (packet->data, packet->size,
                                     SIM_STUN_XOR_PEER_ADDRESS, &peer))
    return;
  request->server->stats.n_indications++;
  sim_turn_allocation_relay (request->allocation, &peer, data, len);
}

static void
handle_channel_data (const Request *request)
{
  const guint8 *data = request->packet->data;
  guint number = (guint)data[0] << 8 | data[1], len = (guint)data[2] << 8 | data[3];
  SimTurnChannel *channel = sim_turn_allocation_get_channel (request->allocation, number);

  if (channel == NULL || 4 + len > request->packet->size)
    return;
  request->server->stats.n_channel_data++;
  sim_turn_allocation_relay (request->allocation, &channel->peer, data + 4, len);
}

static SimTurnAllocation *
find_allocation (SimTurnServer *self, SimSocket *control, const NiceAddress *client)
{
  gint64 now = sim_world_get_now (self->shared.world);

  for (guint i = self->allocations->len; i > 0; i--)
    {
      SimTurnAllocation *allocation = g_ptr_array_index (self->allocations, i - 1);

      if (allocation->expires <= now)
        g_ptr_array_remove_index (self->allocations, i - 1);
      else if (allocation->control == control
               && sim_address_equal (&allocation->client, client))
        return allocation;
    }
  return NULL;
}

static void
receive (gpointer owner, SimSocket *socket, const SimPacket *packet)
{
  SimTurnServer *self = owner;
  Request request = { self, socket, packet, NULL };

  if (self->config.is_silent)
    return;
  if (packet->size == 1)
    { /* the handshakes of TCP and TLS: see sim-relay.h */
      sim_socket_send (socket, &packet->from, packet->data, 1);
      return;
    }
  request.allocation = find_allocation (self, socket, &packet->from);
  if (!sim_stun_is_message (packet->data, packet->size))
    {
      if (request.allocation != NULL && packet->size >= 4
          && (packet->data[0] & 0xf0) == 0x40)
        handle_channel_data (&request);
    }
  else if (sim_stun_get_class (packet->data) == SIM_STUN_REQUEST)
    handle_request (&request);
  else if (request.allocation != NULL
           && sim_stun_get_class (packet->data) == SIM_STUN_INDICATION
           && sim_stun_get_method (packet->data) == SIM_STUN_SEND)
    handle_send (&request);
}

/* --- Life --- */

static void
server_free (gpointer data)
{
  SimTurnServer *self = data;

  g_ptr_array_unref (self->allocations);
  for (guint i = 0; i < self->n_sockets; i++)
    sim_socket_free (self->sockets[i]);
  g_free (self);
}

static void
add_address (SimTurnServer *self, const NiceAddress *address, const SimLinkConfig *link)
{
  static const SimSocketFuncs funcs = { .receive = receive };

  sim_host_add_interface_at (self->shared.host,
                             sim_world_get_internet (self->shared.world), address, link);
  g_assert (self->n_sockets + 2 <= MAX_SOCKETS);
  for (SimProtocol protocol = SIM_UDP; protocol <= SIM_TCP; protocol++)
    self->sockets[self->n_sockets++] =
        sim_socket_new (self->shared.host, protocol, address, &funcs, self);
}

SimTurnServer *
sim_turn_server_new (SimWorld *world, const gchar *address, const SimLinkConfig *link,
                     const SimTurnServerConfig *config)
{
  SimTurnServer *self = g_new0 (SimTurnServer, 1);
  NiceAddress parsed = sim_address (address);
  g_autoptr (GChecksum) md5 = g_checksum_new (G_CHECKSUM_MD5);
  gsize len = sizeof self->key;

  self->shared = (SimTurnShared) { world, sim_host_new (world, "turn server"),
                                   &self->config, &self->stats };
  self->allocations = g_ptr_array_new_with_free_func (sim_turn_allocation_free);
  g_checksum_update (md5, (const guchar *)SIM_TURN_USER ":" REALM ":" SIM_TURN_PASSWORD,
                     -1);
  g_checksum_get_digest (md5, self->key, &len);
  if (config != NULL)
    self->config = *config;
  add_address (self, &parsed, link);
  sim_world_own (world, self, server_free);
  return self;
}

void
sim_turn_server_set_config (SimTurnServer *self, const SimTurnServerConfig *config)
{
  self->config = *config;
}

void
sim_turn_server_add_address (SimTurnServer *self, const gchar *address,
                             const SimLinkConfig *link)
{
  NiceAddress parsed = sim_address (address);

  add_address (self, &parsed, link);
}

void
sim_turn_server_restart (SimTurnServer *self)
{
  sim_world_trace (self->shared.world, "the turn server restarts");
  g_ptr_array_set_size (self->allocations, 0);
  self->n_restarts++;
}

SimHost *
sim_turn_server_get_host (SimTurnServer *self)
{
  return self->shared.host;
}

const SimTurnStats *
sim_turn_server_get_stats (SimTurnServer *self)
{
  self->stats.n_allocations = self->allocations->len;
  return &self->stats;
}
