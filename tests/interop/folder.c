/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Finds ports and removes files; knows nothing of who uses them. */
#include "config.h"

#include "folder.h"

#include <glib/gstdio.h>

guint16
folder_find_port (void)
{
  for (;;)
    {
      g_autoptr (GSocket) tcp = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM,
                                              G_SOCKET_PROTOCOL_TCP, NULL);
      g_autoptr (GSocket) udp = g_socket_new (
          G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_DATAGRAM, G_SOCKET_PROTOCOL_UDP, NULL);
      g_autoptr (GSocketAddress) any =
          g_inet_socket_address_new_from_string ("127.0.0.1", 0);
      g_autoptr (GSocketAddress) bound = NULL;

      g_assert_true (g_socket_bind (tcp, any, FALSE, NULL));
      bound = g_socket_get_local_address (tcp, NULL);
      if (g_socket_bind (udp, bound, FALSE, NULL))
        return g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (bound));
    }
}

void
folder_remove (const gchar *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const gchar *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree gchar *file = g_build_filename (folder, name, NULL);

      g_unlink (file);
    }
  g_rmdir (folder);
}
