/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Exhaustive search for a path between two hosts, without ICE. It must not use the
 * engine, whose judge it is. */
#include "config.h"

#include "sim-theory.h"

#include "sim-stun.h"

#define N_ROUNDS 8
#define ROUND (2 * SIM_SECOND) /* longer than any round trip */
#define MAX_SOCKETS 8
#define MAX_REMOTES 24

/* The first byte of a probe; the second names the side it is meant for, since the same
 * private address may mean a host to each side; the third says to which of the addresses
 * the ping went. */
enum
{
  PING = 0xe7,
  PONG = 0xe8
};

typedef struct _Side Side;

typedef struct
{
  Side *side;
  SimSocket *socket;
} Probe;

struct _Side
{
  guint8 name;
  guint n_probes, n_remotes, n_host;
  Probe probes[MAX_SOCKETS];
  /* The other side's addresses as they become known; the first n_host are its own. */
  NiceAddress remotes[MAX_REMOTES];
  Side *other;
  SimPathKind best;
  gboolean has_server;
};

static void
learn (Side *self, const NiceAddress *address)
{
  for (guint i = 0; i < self->n_remotes; i++)
    if (sim_address_equal (&self->remotes[i], address))
      return;
  if (self->n_remotes < MAX_REMOTES)
    self->remotes[self->n_remotes++] = *address;
}

static SimPathKind
kind_of_remote (const Side *self, const NiceAddress *address)
{
  for (guint i = 0; i < self->n_host; i++)
    if (sim_address_equal (&self->remotes[i], address))
      return SIM_PATH_HOST;
  return SIM_PATH_REFLEXIVE;
}

static void
receive (gpointer owner, SimSocket *socket, const SimPacket *packet)
{
  Probe *probe = owner;
  Side *self = probe->side;
  guint8 pong[] = { PONG, self->other->name, packet->data[2] };
  NiceAddress mapped;

  if (packet->data[0] == PING && packet->data[1] == self->name)
    {
      learn (self, &packet->from);
      sim_socket_send (socket, &packet->from, pong, sizeof pong);
    }
  else if (packet->data[0] == PONG && packet->data[1] == self->name)
    {
      /* It counts if it comes from where that ping went (RFC 8445 7.2.5.2.1): a NAT that
       * maps per destination and turns packets around answers each ping from another
       * address. */
      if (sim_address_equal (&self->remotes[packet->data[2]], &packet->from))
        self->best = MAX (self->best, kind_of_remote (self, &packet->from));
    }
  else if (sim_stun_find_xor_address (packet->data, packet->size,
                                      SIM_STUN_XOR_MAPPED_ADDRESS, &mapped))
    {
      self->has_server = TRUE;
      learn (self->other, &mapped);
    }
}

static void
open_side (Side *self, Side *other, SimHost *host)
{
  static const SimSocketFuncs funcs = { .receive = receive };

  self->other = other;
  for (guint i = 0; i < sim_host_get_n_interfaces (host) && i < MAX_SOCKETS; i++)
    {
      Probe *probe = &self->probes[self->n_probes++];

      probe->side = self;
      probe->socket = sim_socket_new (
          host, SIM_UDP, sim_interface_get_address (sim_host_get_interface (host, i)),
          &funcs, probe);
      learn (other, sim_socket_get_local (probe->socket));
    }
  other->n_host = other->n_remotes;
}

static void
ask_server (Side *self, const NiceAddress *server)
{
  static const guint8 id[SIM_STUN_ID] = { 't', 'h', 'e', 'o', 'r', 'y' };
  SimStunMessage message;

  sim_stun_begin (&message, SIM_STUN_REQUEST, SIM_STUN_BINDING, id);
  for (guint i = 0; i < self->n_probes; i++)
    sim_socket_send (self->probes[i].socket, server, message.data, message.size);
}

static void
ping_all (Side *self)
{
  guint8 ping[] = { PING, self->other->name, 0 };

  for (guint i = 0; i < self->n_probes; i++)
    for (guint k = 0; k < self->n_remotes; k++)
      {
        ping[2] = (guint8)k;
        sim_socket_send (self->probes[i].socket, &self->remotes[k], ping, sizeof ping);
      }
}

static void
close_side (Side *self)
{
  for (guint i = 0; i < self->n_probes; i++)
    sim_socket_free (self->probes[i].socket);
}

SimTheory
sim_theory_explore (SimHost *left, SimHost *right, const NiceAddress *server,
                    gboolean with_relay)
{
  SimWorld *world = sim_host_get_world (left);
  Side sides[2] = { { .name = 'l' }, { .name = 'r' } };
  SimTheory theory = { .best = SIM_PATH_NONE };
  SimPathKind found;

  open_side (&sides[0], &sides[1], left);
  open_side (&sides[1], &sides[0], right);
  if (server != NULL)
    {
      ask_server (&sides[0], server);
      ask_server (&sides[1], server);
      sim_world_run_for (world, ROUND);
    }
  for (guint i = 0; i < N_ROUNDS; i++)
    {
      ping_all (&sides[0]);
      ping_all (&sides[1]);
      sim_world_run_for (world, ROUND);
      /* A valid pair at one end needs the other end's own check to be nominated there. */
      found = MIN (sides[0].best, sides[1].best);
      if (found > theory.best)
        theory.rounds = i;
      theory.best = MAX (theory.best, found);
    }
  close_side (&sides[0]);
  close_side (&sides[1]);

  theory.left_has_server = sides[0].has_server;
  theory.right_has_server = sides[1].has_server;
  if (theory.best == SIM_PATH_NONE && with_relay && theory.left_has_server
      && theory.right_has_server)
    theory.best = SIM_PATH_RELAYED;
  return theory;
}

const gchar *
sim_path_kind_name (SimPathKind kind)
{
  static const gchar *const names[] = { "none", "relayed", "reflexive", "host" };

  return (guint)kind < G_N_ELEMENTS (names) ? names[kind] : "?";
}
