/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Asks the kernel for interfaces and addresses. Which of them serve as bases is decided
 * above. */
#include "config.h"

#include "io/interfaces.h"

#include <ifaddrs.h>

static void
add_address (GArray *found, const struct ifaddrs *entry)
{
  NiceInterfaceAddress item = { .is_up = (entry->ifa_flags & IFF_UP) != 0,
                                .is_running = (entry->ifa_flags & IFF_RUNNING) != 0,
                                .is_loopback = (entry->ifa_flags & IFF_LOOPBACK) != 0 };

  if (entry->ifa_addr == NULL
      || (entry->ifa_addr->sa_family != AF_INET
          && entry->ifa_addr->sa_family != AF_INET6))
    return;
  nice_address_set_from_sockaddr (&item.address, entry->ifa_addr);
  nice_address_set_port (&item.address, 0);
  g_strlcpy (item.name, entry->ifa_name, sizeof item.name);
  item.index = if_nametoindex (item.name);
  g_array_append_val (found, item);
}

GArray *
nice_interface_addresses_new (void)
{
  GArray *found = g_array_new (FALSE, FALSE, sizeof (NiceInterfaceAddress));
  struct ifaddrs *entries = NULL;

  if (getifaddrs (&entries) != 0)
    {
      g_debug ("Cannot list the interfaces: %m");
      return found;
    }
  for (const struct ifaddrs *entry = entries; entry != NULL; entry = entry->ifa_next)
    add_address (found, entry);
  freeifaddrs (entries);
  return found;
}
