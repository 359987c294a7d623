/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Decides which addresses of this host candidates are gathered on, and what they are
 * known as elsewhere. Must not know candidates. */
#include "config.h"

#include "agent-core.h"
#include "interfaces.h"
#include "io/host-address.h"
#include "io/interfaces.h"

#include <string.h>

/**
 * nice_agent_add_local_address:
 * @agent: an agent
 * @addr: an address of this host; its port is ignored
 *
 * Adds an address to gather host candidates on. When none is ever added, those of
 * [func@Nice.interfaces_get_local_ips] are used. Takes effect on streams that are
 * gathered afterwards, which use the first %NICE_CANDIDATE_MAX_LOCAL_ADDRESSES.
 *
 * Returns: %TRUE
 */
gboolean
nice_agent_add_local_address (NiceAgent *agent, NiceAddress *addr)
{
  NiceAddress local;
  gint64 now;

  g_return_val_if_fail (NICE_IS_AGENT (agent), FALSE);
  g_return_val_if_fail (addr != NULL, FALSE);
  g_return_val_if_fail (nice_address_is_valid (addr), FALSE);

  local = *addr;
  nice_address_set_port (&local, 0);
  nice_agent_enter (agent, &now);
  if (agent->local_addresses == NULL)
    agent->local_addresses = g_array_new (FALSE, FALSE, sizeof local);
  g_array_append_val (agent->local_addresses, local);
  nice_agent_leave (agent);
  return TRUE;
}

/* --- The filter --- */

/* Counted, as it may be replaced while it runs. */
struct _NiceAgentFilter
{
  NiceAgentAddressFilter func;
  gpointer data;
  GDestroyNotify notify;
};

static void
filter_clear (gpointer data)
{
  NiceAgentFilter *filter = data;

  if (filter->notify != NULL)
    filter->notify (filter->data);
}

void
nice_agent_filter_unref (NiceAgentFilter *filter)
{
  if (filter != NULL)
    g_atomic_rc_box_release_full (filter, filter_clear);
}

/**
 * nice_agent_set_address_filter:
 * @agent: an agent
 * @filter: (nullable) (scope notified) (closure user_data) (destroy notify): asked about
 *   each address; %NULL to use all
 * @user_data: given to @filter
 * @notify: called with @user_data when @filter is no longer needed
 *
 * Sets which addresses of this host candidates may be gathered on. The filter is asked
 * about each address that would be used otherwise, that is those of
 * [func@Nice.interfaces_get_local_ips] without loopback, whenever a stream is gathered
 * or restarted, in the thread that does so, before that call returns, without a lock
 * held; with [property@Nice.Agent:gather-continually] also when the network changes, in
 * the agent's main context. Addresses given to [method@Nice.Agent.add_local_address] are
 * used without asking. What was gathered before stays.
 *
 * Since: icecold 1.0
 */
void
nice_agent_set_address_filter (NiceAgent *agent, NiceAgentAddressFilter filter,
                               gpointer user_data, GDestroyNotify notify)
{
  NiceAgentFilter *fresh = NULL, *old;
  gint64 now;

  g_return_if_fail (NICE_IS_AGENT (agent));

  if (filter != NULL)
    {
      fresh = g_atomic_rc_box_new0 (NiceAgentFilter);
      *fresh = (NiceAgentFilter) { filter, user_data, notify };
    }
  nice_agent_enter (agent, &now);
  old = agent->filter;
  agent->filter = fresh;
  nice_agent_leave (agent);
  nice_agent_filter_unref (old);
  if (filter == NULL && notify != NULL)
    notify (user_data);
}

static const gchar *
find_interface (const GArray *interfaces, const NiceAddress *address)
{
  for (guint i = 0; i < interfaces->len; i++)
    {
      const NiceInterfaceAddress *item =
          &g_array_index (interfaces, NiceInterfaceAddress, i);

      if (nice_address_equal_no_port (&item->address, address))
        return item->name;
    }
  return ""; /* it went between two looks */
}

static void
apply_filter (NiceAgent *self, const NiceAgentFilter *filter, GArray *addresses)
{
  g_autoptr (GArray) interfaces = nice_interface_addresses_new ();

  for (guint i = 0; i < addresses->len;)
    {
      const NiceAddress address = g_array_index (addresses, NiceAddress, i);

      if (filter->func (self, find_interface (interfaces, &address), &address,
                        filter->data))
        i++;
      else
        g_array_remove_index (addresses, i);
    }
}

/* --- The list --- */

static GArray *
list_addresses (void)
{
  g_autoptr (GArray) interfaces = nice_interface_addresses_new ();
  GArray *addresses = g_array_new (FALSE, FALSE, sizeof (NiceAddress));
  GList *ips = nice_interfaces_get_local_ips (FALSE);

  for (GList *item = ips; item != NULL; item = item->next)
    {
      NiceAddress address;

      nice_address_init (&address);
      if (nice_address_set_from_string (&address, item->data)
          && nice_host_address_is_usable (interfaces, &address))
        g_array_append_val (addresses, address);
    }
  g_list_free_full (ips, g_free);
  return addresses;
}

/* Those of the interfaces, lest any was added by hand. */
GArray *
nice_agent_list_addresses (NiceAgent *self)
{
  NiceAgentFilter *filter = NULL;
  GArray *addresses = NULL;
  gint64 now;

  nice_agent_enter (self, &now);
  if (self->local_addresses != NULL)
    addresses = g_array_copy (self->local_addresses);
  else if (self->filter != NULL)
    filter = g_atomic_rc_box_acquire (self->filter);
  nice_agent_leave (self);
  if (addresses == NULL)
    addresses = list_addresses ();
  if (filter != NULL)
    apply_filter (self, filter, addresses);
  nice_agent_filter_unref (filter);
  if (addresses->len > NICE_CANDIDATE_MAX_LOCAL_ADDRESSES)
    {
      g_warning ("%u local addresses, only the first %d are used", addresses->len,
                 NICE_CANDIDATE_MAX_LOCAL_ADDRESSES);
      g_array_set_size (addresses, NICE_CANDIDATE_MAX_LOCAL_ADDRESSES);
    }
  return addresses;
}

/* --- What they are known as --- */

static gboolean
parse_mapping (const gchar *text, IceMapping *mapping)
{
  g_auto (GStrv) parts = g_strsplit (text, "/", 2);

  nice_address_init (&mapping->mapped);
  nice_address_init (&mapping->local);
  return parts[0] != NULL && nice_address_set_from_string (&mapping->mapped, parts[0])
         && (parts[1] == NULL
             || (nice_address_set_from_string (&mapping->local, parts[1])
                 && nice_address_ip_version (&mapping->local)
                        == nice_address_ip_version (&mapping->mapped)));
}

static GArray *
parse_mappings (const gchar *const *texts)
{
  GArray *mappings = g_array_new (FALSE, FALSE, sizeof (IceMapping));

  for (guint i = 0; texts != NULL && texts[i] != NULL; i++)
    {
      IceMapping mapping;

      if (parse_mapping (texts[i], &mapping))
        g_array_append_val (mappings, mapping);
      else
        g_warning ("mapped-addresses: \"%s\" is not used, it is neither an address nor "
                   "two of one family with / between",
                   texts[i]);
    }
  return mappings;
}

void
nice_agent_settings_set_mappings (NiceAgentSettings *settings, const gchar *const *texts)
{
  g_strfreev (settings->mapped_addresses);
  settings->mapped_addresses = g_strdupv ((gchar **)texts);
  g_clear_pointer (&settings->mappings, g_array_unref);
  settings->mappings = parse_mappings (texts);
}
