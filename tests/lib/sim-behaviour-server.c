/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The simulated server of RFC 5780 6.1: four sockets, and the table of which one answers.
 * It uses the simulator's codec, never the library's. */
#include "config.h"

#include "sim-behaviour-server.h"

#include "sim-stun.h"

/* RFC 5780 7.2 */
#define CHANGE_IP 4
#define CHANGE_PORT 2

/* Sockets are numbered by these: 0 is the primary address and port. */
#define OTHER_IP 2
#define OTHER_PORT 1
#define N_SOCKETS 4

struct _SimBehaviourServer
{
  SimSocket *sockets[N_SOCKETS];
  SimBehaviourConfig config;
};

static guint
find_socket (const SimBehaviourServer *self, const SimSocket *socket)
{
  guint i = 0;

  while (self->sockets[i] != socket)
    i++;
  return i;
}

/* What cannot hear there is not heard from there either. */
static gboolean
is_cut_off (const SimBehaviourServer *self, guint socket)
{
  return (self->config.is_deaf_elsewhere && (socket & OTHER_IP) != 0)
         || (self->config.is_deaf_at_other_port && socket == OTHER_PORT);
}

/* The socket that answers. */
static guint
choose_socket (const SimBehaviourServer *self, guint asked, const SimPacket *packet)
{
  const guint8 *change =
      sim_stun_find (packet->data, packet->size, SIM_STUN_CHANGE_REQUEST, NULL);

  if (change == NULL || self->config.ignores_change)
    return asked;
  return asked ^ ((change[3] & CHANGE_IP) != 0 ? OTHER_IP : 0)
         ^ ((change[3] & CHANGE_PORT) != 0 ? OTHER_PORT : 0);
}

/* 0: success. */
static guint
choose_error (const SimBehaviourServer *self, const SimPacket *packet)
{
  const gboolean has_change =
      sim_stun_find (packet->data, packet->size, SIM_STUN_CHANGE_REQUEST, NULL) != NULL;
  const gboolean has_port =
      sim_stun_find (packet->data, packet->size, SIM_STUN_RESPONSE_PORT, NULL) != NULL;

  if (self->config.error != 0)
    return self->config.error;
  if ((has_change && (self->config.has_no_other || self->config.refuses_change))
      || (has_port && self->config.refuses_response_port))
    return 420;
  return 0;
}

static void
add_addresses (const SimBehaviourServer *self, SimStunMessage *answer, guint asked,
               guint from, const NiceAddress *client)
{
  const NiceAddress *other =
      sim_socket_get_local (self->sockets[asked ^ OTHER_IP ^ OTHER_PORT]);

  sim_stun_add_address (answer, SIM_STUN_MAPPED_ADDRESS, client);
  sim_stun_add_xor_address (answer, SIM_STUN_XOR_MAPPED_ADDRESS, client);
  sim_stun_add_address (answer, SIM_STUN_RESPONSE_ORIGIN,
                        sim_socket_get_local (self->sockets[from]));
  if (self->config.has_no_other)
    return;
  if (sim_address_family (&self->config.other) != 0)
    other = &self->config.other;
  sim_stun_add_address (answer, SIM_STUN_OTHER_ADDRESS, other);
}

static NiceAddress
choose_destination (const SimBehaviourServer *self, const SimPacket *packet)
{
  const guint8 *port =
      sim_stun_find (packet->data, packet->size, SIM_STUN_RESPONSE_PORT, NULL);

  if (port == NULL || self->config.ignores_response_port)
    return packet->from;
  return sim_address_with_port (&packet->from, (guint16)(port[0] << 8 | port[1]));
}

static void
receive (gpointer owner, SimSocket *socket, const SimPacket *packet)
{
  SimBehaviourServer *self = owner;
  const guint asked = find_socket (self, socket);
  guint error, from = asked;
  NiceAddress to = packet->from;
  SimStunMessage answer;

  if (!sim_stun_is_message (packet->data, packet->size)
      || sim_stun_get_class (packet->data) != SIM_STUN_REQUEST
      || sim_stun_get_method (packet->data) != SIM_STUN_BINDING
      || is_cut_off (self, asked))
    return;
  if (self->config.n_deaf > 0)
    {
      self->config.n_deaf--;
      return;
    }
  error = choose_error (self, packet);
  sim_stun_begin (&answer, error != 0 ? SIM_STUN_ERROR : SIM_STUN_SUCCESS,
                  SIM_STUN_BINDING, sim_stun_get_id (packet->data));
  if (error != 0)
    sim_stun_add_error (&answer, error, "No");
  else
    {
      from = choose_socket (self, asked, packet);
      to = choose_destination (self, packet);
      add_addresses (self, &answer, asked, from, &packet->from);
    }
  if (!is_cut_off (self, from))
    sim_socket_send (self->sockets[from], &to, answer.data, answer.size);
}

static void
server_free (gpointer data)
{
  SimBehaviourServer *self = data;

  for (guint i = 0; i < N_SOCKETS; i++)
    sim_socket_free (self->sockets[i]);
  g_free (self);
}

SimBehaviourServer *
sim_behaviour_server_new (SimWorld *world, const gchar *address, const gchar *other,
                          const SimLinkConfig *link, const SimBehaviourConfig *config)
{
  static const SimSocketFuncs funcs = { .receive = receive };
  SimBehaviourServer *self = g_new0 (SimBehaviourServer, 1);
  SimHost *host = sim_host_new (world, "behaviour server");
  const NiceAddress ends[2] = { sim_address (address), sim_address (other) };

  if (config != NULL)
    self->config = *config;
  for (guint ip = 0; ip < 2; ip++)
    {
      sim_host_add_interface_at (host, sim_world_get_internet (world), &ends[ip], link);
      for (guint port = 0; port < 2; port++)
        {
          const NiceAddress local =
              sim_address_with_port (&ends[ip], sim_address_port (&ends[port]));

          self->sockets[ip * OTHER_IP + port * OTHER_PORT] =
              sim_socket_new (host, SIM_UDP, &local, &funcs, self);
        }
    }
  sim_world_own (world, self, server_free);
  return self;
}
