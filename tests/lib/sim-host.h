/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Hosts and their sockets on the virtual network. A socket is bound to one address of one
 * interface; connections are pairs of such sockets whose segments are neither lost nor
 * reordered (sim-link makes loss delay), which is all that framed streams need. */
#pragma once

#include "sim-network.h"

G_BEGIN_DECLS

typedef struct _SimHost SimHost;
typedef struct _SimSocket SimSocket;

typedef struct
{
  void (*receive) (gpointer owner, SimSocket *socket, const SimPacket *packet);
  /* ICMP said that nobody is there; may be NULL. */
  void (*refused) (gpointer owner, SimSocket *socket, const NiceAddress *to);
  /* The interface went away; may be NULL. The socket must still be freed. */
  void (*lost) (gpointer owner, SimSocket *socket);
} SimSocketFuncs;

SimHost *sim_host_new (SimWorld *world, const gchar *name);
SimWorld *sim_host_get_world (SimHost *self);
const gchar *sim_host_get_name (const SimHost *self);
/* Whether datagrams to ports without a socket are answered (ICMP port unreachable). A
 * segment of a connection always is (RST). */
void sim_host_set_refuses (SimHost *self, gboolean refuses);

SimInterface *sim_host_add_interface (SimHost *self, SimRealm *realm,
                                      const gchar *address, const SimLinkConfig *link);
SimInterface *
sim_host_add_interface_at (SimHost *self, SimRealm *realm, const NiceAddress *address,
                           const SimLinkConfig *link);
guint sim_host_get_n_interfaces (const SimHost *self);
/* In the order in which they were added, those removed left out. */
SimInterface *sim_host_get_interface (const SimHost *self, guint i);
/* Removes the interface and tells the sockets on it. */
void sim_host_remove_interface (SimHost *self, SimInterface *interface);

/* NULL: no such address, or the port is taken. Port 0: the next free one. */
SimSocket *sim_socket_new (SimHost *host, SimProtocol protocol, const NiceAddress *local,
                           const SimSocketFuncs *funcs, gpointer owner);
void sim_socket_free (SimSocket *self);
const NiceAddress *sim_socket_get_local (const SimSocket *self);
/* FALSE: there is no route. */
gboolean
sim_socket_send (SimSocket *self, const NiceAddress *to, const guint8 *data, gsize size);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimSocket, sim_socket_free)

G_END_DECLS
