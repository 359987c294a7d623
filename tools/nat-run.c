/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sockets, clock and randomness for NAT behaviour discovery: what a socket receives goes
 * in, what is to be sent goes out. It knows no STUN. */
#include "config.h"

#include "nat-run.h"

#include "stun/random.h"

#define MAX_DATAGRAM 65536

typedef struct
{
  GSocket *sockets[NAT_N_SOCKETS];
  StunAddress locals[NAT_N_SOCKETS];
  guint n_sockets;
  NatDiscovery *discovery;
  guint8 buffer[MAX_DATAGRAM];
} Run;

static void
run_free (Run *self)
{
  for (guint i = 0; i < NAT_N_SOCKETS; i++)
    g_clear_object (&self->sockets[i]);
  g_clear_pointer (&self->discovery, nat_discovery_free);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Run, run_free)

static gboolean
to_stun (GSocketAddress *address, StunAddress *dest, GError **error)
{
  struct sockaddr_storage native;

  return g_socket_address_to_native (address, &native, sizeof native, error)
         && stun_address_set (dest, &native, sizeof native);
}

static void
draw (gpointer data, guint8 *dest, gsize len)
{
  if (!stun_random_bytes (dest, len))
    g_error ("the system has no source of randomness");
}

/* --- sockets --- */

/* The address that packets to the server leave from, with port 0. */
static GSocketAddress *
find_local (GSocketAddress *server, GError **error)
{
  g_autoptr (GSocket) socket =
      g_socket_new (g_socket_address_get_family (server), G_SOCKET_TYPE_DATAGRAM,
                    G_SOCKET_PROTOCOL_UDP, error);
  g_autoptr (GSocketAddress) local = NULL;

  if (socket == NULL || !g_socket_connect (socket, server, NULL, error))
    return NULL;
  local = g_socket_get_local_address (socket, error);
  if (local == NULL)
    return NULL;
  return g_inet_socket_address_new (
      g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (local)), 0);
}

static gboolean
open_socket (Run *self, guint i, GSocketAddress *local, GError **error)
{
  g_autoptr (GSocketAddress) bound = NULL;

  self->sockets[i] = g_socket_new (g_socket_address_get_family (local),
                                   G_SOCKET_TYPE_DATAGRAM, G_SOCKET_PROTOCOL_UDP, error);
  if (self->sockets[i] == NULL || !g_socket_bind (self->sockets[i], local, FALSE, error))
    return FALSE;
  g_socket_set_blocking (self->sockets[i], FALSE);
  bound = g_socket_get_local_address (self->sockets[i], error);
  return bound != NULL && to_stun (bound, &self->locals[i], error);
}

static gboolean
open_sockets (Run *self, GSocketAddress *server, GError **error)
{
  g_autoptr (GSocketAddress) local = find_local (server, error);

  if (local == NULL)
    return FALSE;
  for (guint i = 0; i < self->n_sockets; i++)
    if (!open_socket (self, i, local, error))
      return FALSE;
  return TRUE;
}

/* --- to and from them --- */

/* FALSE: not even the first request leaves. What cannot be sent later is as good as lost,
 * and found so: an address that the server names, to which there is no route. */
static gboolean
send_all (Run *self, GError **error)
{
  NatTransmit transmit;

  while (nat_discovery_poll_transmit (self->discovery, &transmit))
    {
      g_autoptr (GSocketAddress) to = g_socket_address_new_from_native (
          &transmit.to, stun_address_get_size (&transmit.to));
      g_autoptr (GError) failure = NULL;

      g_socket_send_to (self->sockets[transmit.socket], to, (const char *)transmit.data,
                        transmit.len, NULL, &failure);
      if (failure == NULL
          || nat_discovery_get_report (self->discovery)->outcome != NAT_OUTCOME_NONE)
        continue;
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }
  return TRUE;
}

static void
receive (Run *self, guint i)
{
  g_autoptr (GSocketAddress) address = NULL;
  StunAddress from;
  const gssize len = g_socket_receive_from (
      self->sockets[i], &address, (char *)self->buffer, MAX_DATAGRAM, NULL, NULL);

  if (len >= 0 && address != NULL && to_stun (address, &from, NULL))
    nat_discovery_handle_packet (self->discovery, i, &from, self->buffer, len,
                                 g_get_monotonic_time ());
}

/* Until something arrives or is due, a second at most. */
static void
wait_for_sockets (Run *self, gint64 left_us)
{
  GPollFD fds[NAT_N_SOCKETS];
  const gint64 left_ms = (left_us + 999) / 1000;

  for (guint i = 0; i < self->n_sockets; i++)
    fds[i] = (GPollFD) { .fd = g_socket_get_fd (self->sockets[i]), .events = G_IO_IN };
  if (g_poll (fds, self->n_sockets, (int)CLAMP (left_ms, 0, 1000)) <= 0)
    return;
  for (guint i = 0; i < self->n_sockets; i++)
    if (fds[i].revents != 0)
      receive (self, i);
}

static gboolean
step (Run *self, NatProgressFunc progress, gpointer data, GError **error)
{
  gint64 deadline, left;

  nat_discovery_handle_timeout (self->discovery, g_get_monotonic_time ());
  if (!send_all (self, error))
    return FALSE;
  deadline = nat_discovery_get_deadline (self->discovery);
  if (deadline == STUN_NEVER)
    return TRUE;
  left = deadline - g_get_monotonic_time ();
  progress (nat_discovery_get_report (self->discovery), MAX (left, 0), data);
  wait_for_sockets (self, left);
  return TRUE;
}

gboolean
nat_run (GSocketAddress *server, gint64 lifetime_limit_us, NatProgressFunc progress,
         gpointer data, NatReport *report, GError **error)
{
  g_autoptr (Run) self = g_new0 (Run, 1);
  NatDiscoveryConfig config = { .locals = self->locals,
                                .lifetime_limit_us = lifetime_limit_us,
                                .random = draw };

  self->n_sockets = lifetime_limit_us > 0 ? NAT_N_SOCKETS : NAT_SOCKET_ASKER;
  if (!to_stun (server, &config.server, error) || !open_sockets (self, server, error))
    return FALSE;
  self->discovery = nat_discovery_new (&config, g_get_monotonic_time ());
  while (nat_discovery_get_deadline (self->discovery) != STUN_NEVER)
    if (!step (self, progress, data, error))
      return FALSE;
  *report = *nat_discovery_get_report (self->discovery);
  return TRUE;
}
