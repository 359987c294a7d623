/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Asks the kernel for interfaces and addresses, and tells one answer from another. Which
 * addresses serve as bases is decided above. */
#include "config.h"

#include "io/interfaces.h"

#include <ifaddrs.h>
#include <stdio.h>

/* Flags of an interface that only Linux has, in linux/if.h. */
#define HAS_CARRIER 0x10000
#define IS_DORMANT 0x20000

/* Flags of an address, in linux/if_addr.h. */
#define IS_TEMPORARY 0x01
#define IS_DEPRECATED 0x20
#define IS_TENTATIVE 0x40

/* What is RUNNING the kernel says up to a second late, that there is a carrier at once; a
 * radio that was not let in yet is dormant in spite of it (RFC 2863, ifOperStatus). */
static gboolean
is_running (guint flags)
{
  return (flags & IFF_RUNNING) != 0
         || (flags & (HAS_CARRIER | IS_DORMANT)) == HAS_CARRIER;
}

static void
add_address (GArray *found, const struct ifaddrs *entry)
{
  NiceInterfaceAddress item = { .is_up = (entry->ifa_flags & IFF_UP) != 0,
                                .is_running = is_running (entry->ifa_flags),
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

static void
mark (GArray *found, const struct in6_addr *address, guint index, guint flags)
{
  for (guint i = 0; i < found->len; i++)
    {
      NiceInterfaceAddress *item = &g_array_index (found, NiceInterfaceAddress, i);

      if (item->index == index && nice_address_ip_version (&item->address) == 6
          && IN6_ARE_ADDR_EQUAL (&item->address.s.ip6.sin6_addr, address))
        {
          item->is_temporary = (flags & (IS_TEMPORARY | IS_DEPRECATED)) == IS_TEMPORARY;
          item->is_tentative = (flags & IS_TENTATIVE) != 0;
        }
    }
}

static gboolean
parse_ip6 (const gchar *digits, struct in6_addr *address)
{
  for (guint i = 0; i < sizeof address->s6_addr; i++)
    {
      const gint high = g_ascii_xdigit_value (digits[2 * i]);
      const gint low = high >= 0 ? g_ascii_xdigit_value (digits[2 * i + 1]) : -1;

      if (low < 0)
        return FALSE;
      address->s6_addr[i] = (guint8)(high << 4 | low);
    }
  return TRUE;
}

/* Where Linux tells the flags of IPv6 addresses without a netlink socket; elsewhere there
 * is no such file, and no address is temporary or tentative. */
static void
read_flags (GArray *found)
{
  FILE *file = fopen ("/proc/net/if_inet6", "re");
  gchar digits[33];
  guint index, prefix, scope, flags;

  if (file == NULL)
    return;
  while (fscanf (file, "%32s %x %x %x %x %*s", digits, &index, &prefix, &scope, &flags)
         == 5)
    {
      struct in6_addr address;

      if (parse_ip6 (digits, &address))
        mark (found, &address, index, flags);
    }
  fclose (file);
}

static gboolean
has_ip6 (const GArray *found)
{
  for (guint i = 0; i < found->len; i++)
    {
      const NiceInterfaceAddress *item = &g_array_index (found, NiceInterfaceAddress, i);

      if (!item->is_loopback && nice_address_ip_version (&item->address) == 6)
        return TRUE;
    }
  return FALSE;
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
  if (has_ip6 (found))
    read_flags (found);
  return found;
}

static gboolean
is_in_use (const NiceInterfaceAddress *item)
{
  return item->is_up && item->is_running && !item->is_tentative;
}

static gboolean
has (const GArray *all, const NiceAddress *address)
{
  for (guint i = 0; i < all->len; i++)
    {
      const NiceInterfaceAddress *item = &g_array_index (all, NiceInterfaceAddress, i);

      if (is_in_use (item) && nice_address_equal_no_port (&item->address, address))
        return TRUE;
    }
  return FALSE;
}

static void
subtract (const GArray *from, const GArray *what, GArray *rest)
{
  for (guint i = 0; i < from->len; i++)
    {
      const NiceInterfaceAddress *item = &g_array_index (from, NiceInterfaceAddress, i);

      if (is_in_use (item) && !has (what, &item->address))
        g_array_append_val (rest, item->address);
    }
}

void
nice_interface_addresses_compare (const GArray *before, const GArray *after, GArray *gone,
                                  GArray *come)
{
  subtract (before, after, gone);
  subtract (after, before, come);
}
