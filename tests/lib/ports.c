/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Finds ports; knows nothing of who uses them. */
#include "ports.h"

#include <gio/gio.h>
#include <unistd.h>

/* Of this program alone: below the ports that the kernel gives to whoever asks for any,
 * one of which could otherwise take it before the program that is to have it, or connect
 * to itself while it waits for that program. */
#define FIRST_PORT 10000
#define N_PORTS 20000
#define PORTS_A_PROGRAM 16

static gboolean
can_bind (guint16 port, GSocketType type)
{
  g_autoptr (GSocket) socket =
      g_socket_new (G_SOCKET_FAMILY_IPV4, type, G_SOCKET_PROTOCOL_DEFAULT, NULL);
  g_autoptr (GSocketAddress) address =
      g_inet_socket_address_new_from_string ("127.0.0.1", port);

  return g_socket_bind (socket, address, FALSE, NULL);
}

static gboolean
is_free (guint16 port)
{
  return can_bind (port, G_SOCKET_TYPE_STREAM) && can_bind (port, G_SOCKET_TYPE_DATAGRAM);
}

guint16
find_ports (guint n)
{
  static guint n_given;
  guint16 first;
  guint n_free;

  do
    {
      first = FIRST_PORT + ((guint)getpid () * PORTS_A_PROGRAM + n_given) % N_PORTS;
      for (n_free = 0; n_free < n && is_free (first + n_free); n_free++)
        continue;
      n_given += MIN (n_free + 1, n); /* from behind the one that is taken, or ours */
    }
  while (n_free < n);
  return first;
}

guint16
find_port (void)
{
  return find_ports (1);
}
