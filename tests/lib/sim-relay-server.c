/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The relay server: allocations by client address and tag, permissions by peer IP that
 * last 300 s (RFC 8656 9). It knows no candidate and no engine. */
#include "config.h"

#include "sim-relay.h"
#include "sim-relay-frame.h"

#include <string.h>

#define PERMISSION_LIFETIME (300 * SIM_SECOND)
#define MAX_ADDRESSES 4

typedef struct
{
  SimRelayServer *server;
  SimSocket *control; /* where the client reaches us */
  SimSocket *relayed;
  NiceAddress client;
  guint32 tag;
  GHashTable *permitted; /* IP -> when it expires */
} Allocation;

struct _SimRelayServer
{
  SimWorld *world;
  SimHost *host;
  SimRelayServerConfig config;
  guint n_sockets;
  SimSocket *sockets[2 * MAX_ADDRESSES];
  GPtrArray *allocations;
};

typedef struct
{
  SimSocket *socket;
  NiceAddress to;
  SimRelayFrame frame;
} Answer;

static void
allocation_free (gpointer data)
{
  Allocation *self = data;

  sim_socket_free (self->relayed);
  g_hash_table_unref (self->permitted);
  g_free (self);
}

static Allocation *
find_allocation (SimRelayServer *self, const NiceAddress *client, guint32 tag)
{
  for (guint i = 0; i < self->allocations->len; i++)
    {
      Allocation *allocation = g_ptr_array_index (self->allocations, i);

      if (allocation->tag == tag && sim_address_equal (&allocation->client, client))
        return allocation;
    }
  return NULL;
}

static void
send_answer (gpointer data)
{
  Answer *answer = data;

  sim_socket_send (answer->socket, &answer->to, (const guint8 *)&answer->frame,
                   sizeof answer->frame);
  g_free (answer);
}

static void
answer_with (SimRelayServer *self, SimSocket *socket, const NiceAddress *to,
             const SimRelayFrame *frame)
{
  Answer *answer = g_new (Answer, 1);

  *answer = (Answer) { socket, *to, *frame };
  if (self->config.thinking == 0)
    send_answer (answer);
  else
    sim_clock_at (sim_world_get_clock (self->world),
                  sim_world_get_now (self->world) + self->config.thinking, send_answer,
                  answer, g_free);
}

/* --- From peers --------------------------------------------------------------------- */

static void
receive_from_peer (gpointer owner, SimSocket *socket, const SimPacket *packet)
{
  Allocation *self = owner;
  gint64 *until = g_hash_table_lookup (self->permitted, &packet->from);
  SimWorld *world = self->server->world;
  g_autofree guint8 *buffer = NULL;
  SimRelayFrame frame = {
    SIM_RELAY_MAGIC, SIM_RELAY_DATA, 0, 0, self->tag, packet->from
  };

  if (until == NULL || *until < sim_world_get_now (world))
    {
      sim_world_trace (world, "  relay: no permission");
      return;
    }
  buffer = g_malloc (sizeof frame + packet->size);
  memcpy (buffer, &frame, sizeof frame);
  memcpy (buffer + sizeof frame, packet->data, packet->size);
  sim_socket_send (self->control, &self->client, buffer, sizeof frame + packet->size);
}

/* --- From clients ------------------------------------------------------------------- */

static const NiceAddress *
address_of_family (SimRelayServer *self, gint family)
{
  for (guint i = 0; i < sim_host_get_n_interfaces (self->host); i++)
    {
      const NiceAddress *address =
          sim_interface_get_address (sim_host_get_interface (self->host, i));

      if (sim_address_family (address) == family)
        return address;
    }
  return NULL;
}

static Allocation *
add_allocation (SimRelayServer *self, SimSocket *control, const NiceAddress *client,
                const SimRelayFrame *frame)
{
  static const SimSocketFuncs funcs = { .receive = receive_from_peer };
  const NiceAddress *address =
      address_of_family (self, frame->family == 6 ? AF_INET6 : AF_INET);
  Allocation *allocation;

  if (address == NULL)
    return NULL;
  allocation = g_new0 (Allocation, 1);
  allocation->server = self;
  allocation->control = control;
  allocation->client = *client;
  allocation->tag = frame->tag;
  allocation->permitted =
      g_hash_table_new_full (sim_address_hash_ip, sim_address_equal_ip, g_free, g_free);
  allocation->relayed = sim_socket_new (self->host, SIM_UDP, address, &funcs, allocation);
  g_ptr_array_add (self->allocations, allocation);
  return allocation;
}

static void
allocate (SimRelayServer *self, SimSocket *control, const NiceAddress *client,
          SimRelayFrame *frame)
{
  Allocation *allocation = find_allocation (self, client, frame->tag);

  if (allocation == NULL && self->config.refuse == ICE_REASON_NONE)
    allocation = add_allocation (self, control, client, frame);
  if (allocation != NULL)
    {
      frame->op = SIM_RELAY_ALLOCATED;
      frame->one = *sim_socket_get_local (allocation->relayed);
      frame->two = *client;
    }
  else
    {
      frame->op = SIM_RELAY_REFUSED;
      frame->detail = self->config.refuse != ICE_REASON_NONE ? (guint8)self->config.refuse
                                                             : ICE_REASON_NO_RESOURCES;
    }
  answer_with (self, control, client, frame);
}

static void
use_allocation (SimRelayServer *self, SimSocket *control, const NiceAddress *client,
                SimRelayFrame *frame, const SimPacket *packet)
{
  Allocation *allocation = find_allocation (self, client, frame->tag);
  gint64 *until;

  if (allocation == NULL)
    {
      frame->op = SIM_RELAY_MISMATCH;
      answer_with (self, control, client, frame);
    }
  else if (frame->op == SIM_RELAY_PERMIT)
    {
      until = g_new (gint64, 1);
      *until = sim_world_get_now (self->world) + PERMISSION_LIFETIME;
      g_hash_table_insert (allocation->permitted,
                           g_memdup2 (&frame->one, sizeof frame->one), until);
      answer_with (self, control, client, frame);
    }
  else if (frame->op == SIM_RELAY_FREE)
    g_ptr_array_remove (self->allocations, allocation);
  else if (g_hash_table_contains (allocation->permitted, &frame->one))
    sim_socket_send (allocation->relayed, &frame->one, packet->data + sizeof *frame,
                     packet->size - sizeof *frame);
}

static void
receive_from_client (gpointer owner, SimSocket *socket, const SimPacket *packet)
{
  SimRelayServer *self = owner;
  SimRelayFrame frame;

  if (packet->size < sizeof frame || packet->data[0] != SIM_RELAY_MAGIC
      || self->config.is_silent)
    return;
  memcpy (&frame, packet->data, sizeof frame);
  switch ((SimRelayOp)frame.op)
    {
    case SIM_RELAY_HELLO:
      answer_with (self, socket, &packet->from, &frame);
      break;
    case SIM_RELAY_ALLOCATE:
      frame.op = SIM_RELAY_CHALLENGE;
      answer_with (self, socket, &packet->from, &frame);
      break;
    case SIM_RELAY_ALLOCATE_AUTH:
      allocate (self, socket, &packet->from, &frame);
      break;
    case SIM_RELAY_PERMIT:
    case SIM_RELAY_SEND:
    case SIM_RELAY_FREE:
      use_allocation (self, socket, &packet->from, &frame, packet);
      break;
    case SIM_RELAY_CHALLENGE:
    case SIM_RELAY_ALLOCATED:
    case SIM_RELAY_REFUSED:
    case SIM_RELAY_DATA:
    case SIM_RELAY_MISMATCH:
      break;
    }
}

/* --- Life --------------------------------------------------------------------------- */

static void
server_free (gpointer data)
{
  SimRelayServer *self = data;

  g_ptr_array_unref (self->allocations);
  for (guint i = 0; i < self->n_sockets; i++)
    sim_socket_free (self->sockets[i]);
  g_free (self);
}

static void
add_address (SimRelayServer *self, const NiceAddress *address, const SimLinkConfig *link)
{
  static const SimSocketFuncs funcs = { .receive = receive_from_client };

  g_assert (self->n_sockets < G_N_ELEMENTS (self->sockets));
  sim_host_add_interface_at (self->host, sim_world_get_internet (self->world), address,
                             link);
  for (SimProtocol protocol = SIM_UDP; protocol <= SIM_TCP; protocol++)
    self->sockets[self->n_sockets++] =
        sim_socket_new (self->host, protocol, address, &funcs, self);
}

SimRelayServer *
sim_relay_server_new (SimWorld *world, const gchar *address, const SimLinkConfig *link,
                      const SimRelayServerConfig *config)
{
  SimRelayServer *self = g_new0 (SimRelayServer, 1);
  NiceAddress parsed = sim_address (address);

  self->world = world;
  self->host = sim_host_new (world, "relay server");
  self->allocations = g_ptr_array_new_with_free_func (allocation_free);
  if (config != NULL)
    self->config = *config;
  add_address (self, &parsed, link);
  sim_world_own (world, self, server_free);
  return self;
}

void
sim_relay_server_set_config (SimRelayServer *self, const SimRelayServerConfig *config)
{
  self->config = *config;
}

void
sim_relay_server_add_address (SimRelayServer *self, const gchar *address,
                              const SimLinkConfig *link)
{
  NiceAddress parsed = sim_address (address);

  add_address (self, &parsed, link);
}

void
sim_relay_server_restart (SimRelayServer *self)
{
  g_ptr_array_set_size (self->allocations, 0);
}

SimHost *
sim_relay_server_get_host (SimRelayServer *self)
{
  return self->host;
}

guint
sim_relay_server_get_n_allocations (const SimRelayServer *self)
{
  return self->allocations->len;
}
