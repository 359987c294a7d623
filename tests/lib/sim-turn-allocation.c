/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Allocations of the simulated TURN server and what they relay. Knows no credentials and
 * answers no request. */
#include "config.h"

#include "sim-turn-allocation.h"

#include "sim-stun.h"

#include <string.h>

#define PERMISSION_LIFETIME (300 * SIM_SECOND) /* RFC 8656 9 */
#define CHANNEL_LIFETIME (600 * SIM_SECOND)    /* RFC 8656 12 */

static SimTurnChannel *
find_channel_of (SimTurnAllocation *self, const NiceAddress *peer)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->channels);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    if (sim_address_equal (&((SimTurnChannel *)value)->peer, peer))
      return value;
  return NULL;
}

static void
send_channel_data (SimTurnAllocation *self, guint number, const SimPacket *packet)
{
  gsize padded = (packet->size + 3) & ~(gsize)3;
  g_autofree guint8 *frame = g_malloc0 (4 + padded);

  frame[0] = (guint8)(number >> 8);
  frame[1] = (guint8)number;
  frame[2] = (guint8)(packet->size >> 8);
  frame[3] = (guint8)packet->size;
  memcpy (frame + 4, packet->data, packet->size);
  sim_socket_send (self->control, &self->client, frame, 4 + padded);
  self->shared->stats->n_channel_data++;
}

static void
send_indication (SimTurnAllocation *self, const SimPacket *packet)
{
  SimStunMessage message;
  guint8 id[SIM_STUN_ID];

  sim_random_fill (sim_world_get_random (self->shared->world), id, sizeof id);
  sim_stun_begin (&message, SIM_STUN_INDICATION, SIM_STUN_DATA, id);
  sim_stun_add_xor_address (&message, SIM_STUN_XOR_PEER_ADDRESS, &packet->from);
  sim_stun_add (&message, SIM_STUN_DATA_ATTRIBUTE, packet->data, (guint)packet->size);
  sim_socket_send (self->control, &self->client, message.data, message.size);
  self->shared->stats->n_indications++;
}

static void
receive_from_peer (gpointer owner, SimSocket *socket, const SimPacket *packet)
{
  SimTurnAllocation *self = owner;
  SimTurnChannel *channel;

  if (!sim_turn_allocation_is_permitted (self, &packet->from))
    {
      self->shared->stats->n_unpermitted++;
      sim_world_trace (self->shared->world, "  turn: no permission for the peer");
      return;
    }
  channel = find_channel_of (self, &packet->from);
  if (channel != NULL && channel->expires > sim_world_get_now (self->shared->world))
    send_channel_data (self, channel->number, packet);
  else
    send_indication (self, packet);
}

static const NiceAddress *
address_of_family (SimHost *host, gint family)
{
  for (guint i = 0; i < sim_host_get_n_interfaces (host); i++)
    {
      const NiceAddress *address =
          sim_interface_get_address (sim_host_get_interface (host, i));

      if (sim_address_family (address) == family)
        return address;
    }
  return NULL;
}

SimTurnAllocation *
sim_turn_allocation_new (SimTurnShared *shared, SimSocket *control,
                         const NiceAddress *client, gint family)
{
  static const SimSocketFuncs funcs = { .receive = receive_from_peer };
  const NiceAddress *address = address_of_family (shared->host, family);
  SimTurnAllocation *self;

  if (address == NULL)
    return NULL;
  self = g_new0 (SimTurnAllocation, 1);
  self->shared = shared;
  self->control = control;
  self->client = *client;
  self->relayed = sim_socket_new (shared->host, SIM_UDP, address, &funcs, self);
  self->permissions =
      g_hash_table_new_full (sim_address_hash_ip, sim_address_equal_ip, g_free, g_free);
  self->channels = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  return self;
}

void
sim_turn_allocation_free (gpointer data)
{
  SimTurnAllocation *self = data;

  sim_socket_free (self->relayed);
  g_hash_table_unref (self->permissions);
  g_hash_table_unref (self->channels);
  g_free (self);
}

static gint64
lifetime (gint64 configured, gint64 standard)
{
  return configured != 0 ? configured : standard;
}

void
sim_turn_allocation_permit (SimTurnAllocation *self, const NiceAddress *peer)
{
  gint64 until =
      sim_world_get_now (self->shared->world)
      + lifetime (self->shared->config->permission_lifetime, PERMISSION_LIFETIME);

  g_hash_table_insert (self->permissions, g_memdup2 (peer, sizeof *peer),
                       g_memdup2 (&until, sizeof until));
}

gboolean
sim_turn_allocation_is_permitted (SimTurnAllocation *self, const NiceAddress *peer)
{
  gint64 *until = g_hash_table_lookup (self->permissions, peer);

  return until != NULL && *until > sim_world_get_now (self->shared->world);
}

gboolean
sim_turn_allocation_bind (SimTurnAllocation *self, guint number, const NiceAddress *peer)
{
  gint64 now = sim_world_get_now (self->shared->world);
  SimTurnChannel *channel =
      g_hash_table_lookup (self->channels, GUINT_TO_POINTER (number));
  SimTurnChannel *of_peer = find_channel_of (self, peer);

  if ((channel != NULL && !sim_address_equal (&channel->peer, peer))
      || (of_peer != NULL && of_peer->number != number))
    return FALSE;
  if (channel == NULL)
    {
      channel = g_new0 (SimTurnChannel, 1);
      channel->number = number;
      channel->peer = *peer;
      g_hash_table_insert (self->channels, GUINT_TO_POINTER (number), channel);
    }
  channel->expires =
      now + lifetime (self->shared->config->channel_lifetime, CHANNEL_LIFETIME);
  sim_turn_allocation_permit (self, peer);
  return TRUE;
}

SimTurnChannel *
sim_turn_allocation_get_channel (SimTurnAllocation *self, guint number)
{
  SimTurnChannel *channel =
      g_hash_table_lookup (self->channels, GUINT_TO_POINTER (number));

  return channel != NULL && channel->expires > sim_world_get_now (self->shared->world)
             ? channel
             : NULL;
}

void
sim_turn_allocation_relay (SimTurnAllocation *self, const NiceAddress *peer,
                           const guint8 *data, gsize size)
{
  if (sim_turn_allocation_is_permitted (self, peer))
    sim_socket_send (self->relayed, peer, data, size);
  else
    self->shared->stats->n_unpermitted++;
}
