/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The addresses of this host as programs ask for them. Decides which interfaces count and
 * in which order addresses come; must not know what they are used for. */
#include "config.h"

#include "interfaces.h"

#include "io/interfaces.h"

/**
 * nice_interfaces_get_local_interfaces:
 *
 * Lists the interfaces that are up and have an address, one entry for each address.
 *
 * Returns: (element-type utf8) (transfer full): their names
 */
GList *
nice_interfaces_get_local_interfaces (void)
{
  g_autoptr (GArray) found = nice_interface_addresses_new ();
  GList *names = NULL;

  for (guint i = 0; i < found->len; i++)
    {
      const NiceInterfaceAddress *item = &g_array_index (found, NiceInterfaceAddress, i);

      if (item->is_up)
        names = g_list_prepend (names, g_strdup (item->name));
    }
  return names;
}

static gboolean
is_ignored (const gchar *name)
{
  g_auto (GStrv) prefixes = g_strsplit (IGNORED_INTERFACE_PREFIXES, ",", -1);

  for (guint i = 0; prefixes[i] != NULL; i++)
    if (*prefixes[i] != '\0' && g_str_has_prefix (name, prefixes[i]))
      return TRUE;
  return FALSE;
}

/* A link-local address means nothing without its interface. */
static gchar *
format_address (const NiceInterfaceAddress *item)
{
  gchar text[NICE_ADDRESS_STRING_LEN];

  nice_address_to_string (&item->address, text);
  if (nice_address_ip_version (&item->address) == 6
      && nice_address_is_linklocal (&item->address))
    return g_strdup_printf ("%s%%%s", text, item->name);
  return g_strdup (text);
}

/* Puts ip into the list: in front of the others, or behind. */
static GList *
add_ip (GList *ips, gchar *ip, gboolean in_front)
{
  if (g_list_find_custom (ips, ip, (GCompareFunc)g_strcmp0) != NULL)
    {
      g_free (ip);
      return ips;
    }
  return in_front ? g_list_prepend (ips, ip) : g_list_append (ips, ip);
}

/**
 * nice_interfaces_get_local_ips:
 * @include_loopback: whether loopback addresses count; they come last
 *
 * Lists the addresses of all interfaces that are up and running, public ones first.
 * Leaves out interfaces whose names begin with one of the prefixes that the library was
 * built to ignore (bridges and pairs of virtual machines and containers).
 *
 * Returns: (element-type utf8) (transfer full): the addresses in figures, link-local ones
 *   with `%` and the name of their interface
 */
GList *
nice_interfaces_get_local_ips (gboolean include_loopback)
{
  g_autoptr (GArray) found = nice_interface_addresses_new ();
  GList *ips = NULL, *loopback = NULL;

  for (guint i = 0; i < found->len; i++)
    {
      const NiceInterfaceAddress *item = &g_array_index (found, NiceInterfaceAddress, i);

      if (!item->is_up || !item->is_running)
        continue;
      if (item->is_loopback)
        {
          if (include_loopback)
            loopback = add_ip (loopback, format_address (item), FALSE);
        }
      else if (!is_ignored (item->name))
        ips = add_ip (ips, format_address (item),
                      !nice_address_is_private (&item->address));
    }
  return g_list_concat (ips, loopback);
}

/**
 * nice_interfaces_get_ip_for_interface:
 * @interface_name: the name of an interface
 *
 * Looks up the IPv4 address of an interface.
 *
 * Returns: (transfer full) (nullable): the address in figures; %NULL if there is no such
 *   interface, or it has no IPv4 address
 */
gchar *
nice_interfaces_get_ip_for_interface (gchar *interface_name)
{
  g_autoptr (GArray) found = nice_interface_addresses_new ();

  g_return_val_if_fail (interface_name != NULL, NULL);

  for (guint i = 0; i < found->len; i++)
    {
      const NiceInterfaceAddress *item = &g_array_index (found, NiceInterfaceAddress, i);

      if (nice_address_ip_version (&item->address) == 4
          && g_str_equal (item->name, interface_name))
        return nice_address_dup_string (&item->address);
    }
  return NULL;
}

/**
 * nice_interfaces_get_if_index_by_addr:
 * @addr: an address of this host
 *
 * Looks up the interface that has @addr.
 *
 * Returns: its index; 0 if no interface has @addr
 *
 * Since: 0.1.20
 */
guint
nice_interfaces_get_if_index_by_addr (NiceAddress *addr)
{
  g_autoptr (GArray) found = nice_interface_addresses_new ();

  g_return_val_if_fail (addr != NULL, 0);

  for (guint i = 0; i < found->len && nice_address_is_valid (addr); i++)
    {
      const NiceInterfaceAddress *item = &g_array_index (found, NiceInterfaceAddress, i);

      if (nice_address_equal_no_port (&item->address, addr))
        return item->index;
    }
  return 0;
}
