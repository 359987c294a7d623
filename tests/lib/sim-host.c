/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Hosts, their interfaces and sockets: the last hop. Knows nothing of ICE. */
#include "config.h"

#include "sim-host.h"

#define FIRST_PORT 10000

struct _SimHost
{
  SimWorld *world;
  gchar *name;
  gboolean refuses;
  GPtrArray *interfaces;
  GHashTable *sockets[2]; /* by protocol: local address -> SimSocket */
  guint16 next_port;
};

struct _SimSocket
{
  SimHost *host;
  SimProtocol protocol;
  NiceAddress local;
  SimInterface *interface;
  SimSocketFuncs funcs;
  gpointer owner;
};

static void
host_free (gpointer data)
{
  SimHost *self = data;

  g_hash_table_unref (self->sockets[SIM_UDP]);
  g_hash_table_unref (self->sockets[SIM_TCP]);
  g_ptr_array_unref (self->interfaces);
  g_free (self->name);
  g_free (self);
}

SimHost *
sim_host_new (SimWorld *world, const gchar *name)
{
  SimHost *self = g_new0 (SimHost, 1);

  self->world = world;
  self->name = g_strdup (name);
  self->interfaces = g_ptr_array_new ();
  self->sockets[SIM_UDP] = g_hash_table_new (sim_address_hash, sim_address_equal);
  self->sockets[SIM_TCP] = g_hash_table_new (sim_address_hash, sim_address_equal);
  self->next_port = FIRST_PORT;
  sim_world_own (world, self, host_free);
  return self;
}

SimWorld *
sim_host_get_world (SimHost *self)
{
  return self->world;
}

const gchar *
sim_host_get_name (const SimHost *self)
{
  return self->name;
}

void
sim_host_set_refuses (SimHost *self, gboolean refuses)
{
  self->refuses = refuses;
}

static void
arrive (gpointer owner, SimInterface *interface, const SimPacket *packet)
{
  SimHost *self = owner;
  SimSocket *socket = g_hash_table_lookup (self->sockets[packet->protocol], &packet->to);

  if (socket == NULL)
    {
      sim_world_trace (self->world, "  %s: nobody on port %u", self->name,
                       sim_address_port (&packet->to));
      if ((self->refuses || packet->protocol == SIM_TCP) && !packet->is_error)
        sim_interface_send (interface, packet->protocol, TRUE, &packet->to, &packet->from,
                            NULL, 0);
    }
  else if (packet->is_error)
    {
      if (socket->funcs.refused != NULL)
        socket->funcs.refused (socket->owner, socket, &packet->from);
    }
  else
    socket->funcs.receive (socket->owner, socket, packet);
}

SimInterface *
sim_host_add_interface_at (SimHost *self, SimRealm *realm, const NiceAddress *address,
                           const SimLinkConfig *link)
{
  SimInterface *interface = sim_interface_new (realm, address, link, arrive, self);

  g_ptr_array_add (self->interfaces, interface);
  return interface;
}

SimInterface *
sim_host_add_interface (SimHost *self, SimRealm *realm, const gchar *address,
                        const SimLinkConfig *link)
{
  NiceAddress parsed = sim_address (address);

  return sim_host_add_interface_at (self, realm, &parsed, link);
}

guint
sim_host_get_n_interfaces (const SimHost *self)
{
  return self->interfaces->len;
}

SimInterface *
sim_host_get_interface (const SimHost *self, guint i)
{
  return g_ptr_array_index (self->interfaces, i);
}

void
sim_host_remove_interface (SimHost *self, SimInterface *interface)
{
  g_autoptr (GPtrArray) lost = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer socket;

  sim_world_trace (self->world, "%s loses an interface", self->name);
  sim_interface_remove (interface);
  g_ptr_array_remove (self->interfaces, interface);
  for (guint protocol = 0; protocol < G_N_ELEMENTS (self->sockets); protocol++)
    {
      g_hash_table_iter_init (&iter, self->sockets[protocol]);
      while (g_hash_table_iter_next (&iter, NULL, &socket))
        if (((SimSocket *)socket)->interface == interface)
          g_ptr_array_add (lost, socket);
    }
  for (guint i = 0; i < lost->len; i++)
    {
      SimSocket *gone = g_ptr_array_index (lost, i);

      if (gone->funcs.lost != NULL)
        gone->funcs.lost (gone->owner, gone);
    }
}

static SimInterface *
interface_of (SimHost *self, const NiceAddress *address)
{
  for (guint i = 0; i < self->interfaces->len; i++)
    {
      SimInterface *interface = g_ptr_array_index (self->interfaces, i);

      if (sim_address_equal_ip (sim_interface_get_address (interface), address))
        return interface;
    }
  return NULL;
}

SimSocket *
sim_socket_new (SimHost *host, SimProtocol protocol, const NiceAddress *local,
                const SimSocketFuncs *funcs, gpointer owner)
{
  SimInterface *interface = interface_of (host, local);
  NiceAddress bound = *local;
  SimSocket *self;

  if (interface == NULL)
    return NULL;
  if (sim_address_port (local) == 0)
    do
      bound = sim_address_with_port (local, host->next_port++);
    while (g_hash_table_contains (host->sockets[protocol], &bound));
  else if (g_hash_table_contains (host->sockets[protocol], &bound))
    return NULL;

  self = g_new0 (SimSocket, 1);
  self->host = host;
  self->protocol = protocol;
  self->local = bound;
  self->interface = interface;
  self->funcs = *funcs;
  self->owner = owner;
  g_hash_table_insert (host->sockets[protocol], &self->local, self);
  return self;
}

void
sim_socket_free (SimSocket *self)
{
  g_hash_table_remove (self->host->sockets[self->protocol], &self->local);
  g_free (self);
}

const NiceAddress *
sim_socket_get_local (const SimSocket *self)
{
  return &self->local;
}

gboolean
sim_socket_send (SimSocket *self, const NiceAddress *to, const guint8 *data, gsize size)
{
  if (sim_interface_is_removed (self->interface)
      || sim_address_family (to) != sim_address_family (&self->local))
    return FALSE;
  sim_interface_send (self->interface, self->protocol, FALSE, &self->local, to, data,
                      size);
  return TRUE;
}
