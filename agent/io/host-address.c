/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Tells the addresses that host candidates may not have: kinds of IPv6 addresses that are
 * deprecated, and those by which a host is known again where it has one that changes
 * (RFC 8445 5.1.1.1). Must not ask the kernel. */
#include "config.h"

#include "io/host-address.h"

#include <string.h>

/* The addresses of a prefix that a host makes itself share 64 bits (RFC 4862 5.5.3). */
#define PREFIX_SIZE 8

static gboolean
is_deprecated_kind (const struct in6_addr *address)
{
  return IN6_IS_ADDR_V4COMPAT (address) || IN6_IS_ADDR_V4MAPPED (address)
         || IN6_IS_ADDR_SITELOCAL (address);
}

static const NiceInterfaceAddress *
find (const GArray *all, const NiceAddress *address)
{
  for (guint i = 0; i < all->len; i++)
    {
      const NiceInterfaceAddress *item = &g_array_index (all, NiceInterfaceAddress, i);

      if (nice_address_equal_no_port (&item->address, address))
        return item;
    }
  return NULL;
}

/* Whether other, which changes with time, can stand for item. */
static gboolean
hides (const NiceInterfaceAddress *other, const NiceInterfaceAddress *item)
{
  const struct in6_addr *a = &other->address.s.ip6.sin6_addr;
  const struct in6_addr *b = &item->address.s.ip6.sin6_addr;

  return other->is_temporary && other->index == item->index
         && (IN6_IS_ADDR_LINKLOCAL (b) || memcmp (a, b, PREFIX_SIZE) == 0);
}

gboolean
nice_host_address_is_usable (const GArray *all, const NiceAddress *address)
{
  const NiceInterfaceAddress *item;

  if (nice_address_ip_version (address) != 6)
    return TRUE;
  if (is_deprecated_kind (&address->s.ip6.sin6_addr))
    return FALSE;
  item = find (all, address);
  if (item == NULL || item->is_temporary)
    return TRUE;
  for (guint i = 0; i < all->len; i++)
    if (hides (&g_array_index (all, NiceInterfaceAddress, i), item))
      return FALSE;
  return TRUE;
}
