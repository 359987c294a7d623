/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The simulated STUN server: one socket, one kind of request. It knows nothing of TURN.
 */
#include "config.h"

#include "sim-stun-server.h"

#include "sim-stun.h"

struct _SimStunServer
{
  SimWorld *world;
  SimHost *host;
  SimSocket *socket;
  SimStunServerConfig config;
  guint n_requests;
};

typedef struct
{
  SimStunServer *server;
  NiceAddress to;
  SimStunMessage message;
} Answer;

static void
send_answer (gpointer data)
{
  Answer *answer = data;

  sim_socket_send (answer->server->socket, &answer->to, answer->message.data,
                   answer->message.size);
  g_free (answer);
}

static void
receive (gpointer owner, SimSocket *socket, const SimPacket *packet)
{
  SimStunServer *self = owner;
  Answer *answer;

  if (!sim_stun_is_message (packet->data, packet->size)
      || sim_stun_get_class (packet->data) != SIM_STUN_REQUEST
      || sim_stun_get_method (packet->data) != SIM_STUN_BINDING)
    return;
  self->n_requests++;
  if (self->config.is_silent)
    return;

  answer = g_new0 (Answer, 1);
  answer->server = self;
  answer->to = packet->from;
  sim_stun_begin (&answer->message,
                  self->config.error != 0 ? SIM_STUN_ERROR : SIM_STUN_SUCCESS,
                  SIM_STUN_BINDING, sim_stun_get_id (packet->data));
  if (self->config.error != 0)
    sim_stun_add_error (&answer->message, self->config.error, "No");
  else
    sim_stun_add_xor_address (&answer->message, SIM_STUN_XOR_MAPPED_ADDRESS,
                              &packet->from);
  if (self->config.thinking > 0)
    sim_clock_at (sim_world_get_clock (self->world),
                  sim_world_get_now (self->world) + self->config.thinking, send_answer,
                  answer, g_free);
  else
    send_answer (answer);
}

static void
server_free (gpointer data)
{
  SimStunServer *self = data;

  sim_socket_free (self->socket);
  g_free (self);
}

SimStunServer *
sim_stun_server_new (SimWorld *world, const gchar *address, const SimLinkConfig *link,
                     const SimStunServerConfig *config)
{
  static const SimSocketFuncs funcs = { .receive = receive };
  SimStunServer *self = g_new0 (SimStunServer, 1);
  NiceAddress local = sim_address (address);

  self->world = world;
  self->host = sim_host_new (world, "stun server");
  sim_host_add_interface_at (self->host, sim_world_get_internet (world), &local, link);
  self->socket = sim_socket_new (self->host, SIM_UDP, &local, &funcs, self);
  if (config != NULL)
    self->config = *config;
  sim_world_own (world, self, server_free);
  return self;
}

void
sim_stun_server_set_config (SimStunServer *self, const SimStunServerConfig *config)
{
  self->config = *config;
}

SimHost *
sim_stun_server_get_host (SimStunServer *self)
{
  return self->host;
}

guint
sim_stun_server_get_n_requests (const SimStunServer *self)
{
  return self->n_requests;
}
