/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Homes: a host, its NAT or firewall and the link to the internet. Knows no ICE. */
#include "config.h"

#include "sim-homes.h"

const gchar *
sim_nat_kind_name (SimNatKind kind)
{
  static const gchar *const names[] = {
    "open",       "firewall",        "full cone",
    "restricted", "port-restricted", "address-symmetric",
    "symmetric"
  };

  return (guint)kind < G_N_ELEMENTS (names) ? names[kind] : "?";
}

gboolean
sim_nat_kind_get_config (SimNatKind kind, SimNatConfig *config)
{
  *config = (SimNatConfig) { .ports = SIM_PORTS_PRESERVED };
  switch (kind)
    {
    case SIM_OPEN:
    case SIM_FIREWALLED:
      return FALSE;
    case SIM_FULL_CONE:
      return TRUE;
    case SIM_RESTRICTED_CONE:
      config->filtering = SIM_ADDRESS_DEPENDENT;
      return TRUE;
    case SIM_PORT_RESTRICTED_CONE:
      config->filtering = SIM_ADDRESS_AND_PORT_DEPENDENT;
      return TRUE;
    case SIM_ADDRESS_SYMMETRIC:
      config->ports = SIM_PORTS_RANDOM;
      config->mapping = config->filtering = SIM_ADDRESS_DEPENDENT;
      return TRUE;
    case SIM_SYMMETRIC:
      config->ports = SIM_PORTS_RANDOM;
      config->mapping = config->filtering = SIM_ADDRESS_AND_PORT_DEPENDENT;
      return TRUE;
    case SIM_N_NAT_KINDS:
      break;
    }
  g_assert_not_reached ();
}

SimHost *
sim_host_open (SimWorld *world, const gchar *name, const gchar *address, gint64 delay)
{
  SimHost *host = sim_host_new (world, name);

  sim_host_add_interface (host, sim_world_get_internet (world), address,
                          &(SimLinkConfig) { .delay = delay });
  return host;
}

SimHost *
sim_host_behind (SimWorld *world, const gchar *name, SimNatKind kind, const gchar *inside,
                 const gchar *outside, gint64 delay, SimGateway **gateway)
{
  static const SimFirewallConfig stateful = { .inbound_blocked = TRUE,
                                              .answers = SIM_ADDRESS_AND_PORT_DEPENDENT };
  SimLinkConfig link = { .delay = delay };
  NiceAddress public = sim_address (outside);
  SimNatConfig config;
  SimGateway *made = NULL;
  SimRealm *home;
  SimHost *host;

  if (sim_nat_kind_get_config (kind, &config))
    {
      home = sim_realm_new (world, name);
      made =
          sim_gateway_new (home, sim_world_get_internet (world), &public, &config, &link);
      host = sim_host_new (world, name);
      sim_host_add_interface (host, home, inside, NULL);
    }
  else
    {
      host = sim_host_open (world, name, outside, delay);
      if (kind == SIM_FIREWALLED)
        sim_interface_set_firewall (sim_host_get_interface (host, 0), &stateful);
    }
  if (gateway != NULL)
    *gateway = made;
  return host;
}
