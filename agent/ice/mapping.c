/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Server-reflexive candidates that no STUN server was asked for (RFC 8445 5.1.1.1: the
 * address may be learned "through other means"). Decides which candidates follow from a
 * mapping; must not know who made it. */
#include "config.h"

#include "ice/mapping.h"

#include "ice/candidate.h"
#include "ice/session.h"

static gboolean
is_meant (const IceMapping *mapping, const NiceAddress *addr)
{
  if (nice_address_ip_version (&mapping->mapped) != nice_address_ip_version (addr))
    return FALSE;
  return !nice_address_is_valid (&mapping->local)
         || nice_address_equal_no_port (&mapping->local, addr);
}

gboolean
ice_mapping_find (const IceSession *session, const NiceAddress *addr, NiceAddress *mapped)
{
  for (guint i = 0; i < session->n_mappings; i++)
    if (is_meant (&session->mappings[i], addr))
      {
        *mapped = session->mappings[i].mapped;
        nice_address_set_port (mapped, nice_address_get_port (addr));
        return TRUE;
      }
  return FALSE;
}

gboolean
ice_mapping_has_host (const IceComponent *component, IceTransport transport,
                      const NiceAddress *addr)
{
  for (guint i = 0; i < component->locals.len; i++)
    {
      const IceEnd *end = ice_list_get (&component->locals, i);

      if (end->value.type == ICE_CANDIDATE_HOST && end->value.transport == transport
          && nice_address_equal_no_port (&end->own_addr, addr))
        return TRUE;
    }
  return FALSE;
}

IceEnd *
ice_mapping_find_host (IceComponent *component, IceTransport transport,
                       const NiceAddress *local)
{
  for (guint i = 0; i < component->locals.len; i++)
    {
      IceEnd *end = ice_list_get (&component->locals, i);

      if (end->value.type == ICE_CANDIDATE_HOST && end->value.transport == transport
          && nice_address_equal (&end->own_addr, local))
        return end;
    }
  return NULL;
}

static gboolean
is_known (const IceComponent *component, IceTransport transport,
          const NiceAddress *mapped)
{
  for (guint i = 0; i < component->locals.len; i++)
    {
      const IceEnd *end = ice_list_get (&component->locals, i);

      if (end->value.transport == transport
          && nice_address_equal (&end->value.addr, mapped))
        return TRUE;
    }
  return FALSE;
}

/* Pairs are not made: as all server-reflexive ones it is replaced by its base, whose
 * pairs there are already (RFC 8445 6.1.2.4). */
gboolean
ice_mapping_add (IceEnd *host, const NiceAddress *mapped, gboolean is_assisted)
{
  IceComponent *component = host->component;
  IceLocalSpec spec = { .type = ICE_CANDIDATE_SERVER_REFLEXIVE,
                        .transport = host->value.transport,
                        .addr = *mapped,
                        .base_addr = host->value.addr,
                        .base = host->value.base,
                        .address_index = host->address_index,
                        .is_assisted = is_assisted };

  if (host->hidden || is_known (component, spec.transport, mapped))
    return FALSE;
  nice_address_init (&spec.server_addr);
  ice_candidate_announce (ice_candidate_add_local (component, &spec),
                          ICE_EVENT_LOCAL_CANDIDATE);
  return TRUE;
}
