/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Realms, interfaces and gateways: how a datagram finds its way, hop by hop, each at its
 * own time. Knows nothing of sockets or of what datagrams hold. */
#include "config.h"

#include "sim-network.h"

#include <string.h>

struct _SimRealm
{
  SimWorld *world;
  gchar *name;
  GHashTable *interfaces;  /* address without port -> SimInterface */
  SimGateway *gateways[2]; /* for IPv4 and for IPv6 */
};

struct _SimInterface
{
  SimRealm *realm;
  NiceAddress address;
  SimLink up, down;
  SimFirewall *firewall;
  gboolean is_removed;
  SimArriveFunc arrive;
  gpointer owner;
};

struct _SimGateway
{
  SimRealm *inside;
  SimInterface *outside;
  SimNat *nat;
};

static void cross (SimRealm *realm, SimPacket *packet, gboolean may_leave);

/* --- Packets --- */

static void
trace_packet (SimWorld *world, const gchar *what, const gchar *where,
              const SimPacket *packet)
{
  gchar from[SIM_ADDRESS_TEXT], to[SIM_ADDRESS_TEXT];

  if (!sim_world_is_traced (world))
    return;
  sim_world_trace (world, "  %s %s -> %s %s%" G_GSIZE_FORMAT " bytes, %s", what,
                   sim_address_format (&packet->from, from),
                   sim_address_format (&packet->to, to),
                   packet->protocol == SIM_TCP ? "tcp " : "", packet->size, where);
}

static void
drop (SimWorld *world, const gchar *why, SimPacket *packet)
{
  trace_packet (world, "drop", why, packet);
  g_free (packet);
}

static guint
pass_link (SimLink *link, const SimPacket *packet, gint64 now,
           gint64 arrivals[SIM_LINK_MAX_COPIES])
{
  if (packet->protocol == SIM_TCP)
    return sim_link_pass_stream (link, packet->size, now, arrivals) ? 1 : 0;
  return sim_link_pass (link, packet->size, now, arrivals);
}

/* Sends packet, owned, over link; func then finds it (and frees it). */
static void
travel (SimInterface *at, SimLink *link, SimPacket *packet, SimFunc func)
{
  SimWorld *world = at->realm->world;
  gint64 arrivals[SIM_LINK_MAX_COPIES];
  guint n;

  if (sim_world_is_calm (world))
    sim_link_calm (link);
  n = pass_link (link, packet, sim_world_get_now (world), arrivals);
  packet->at = at;
  if (packet->protocol == SIM_UDP)
    sim_link_corrupt (link, packet->data, packet->size);
  for (guint i = 1; i < n; i++)
    {
      SimPacket *copy = g_memdup2 (packet, sizeof *packet + packet->size);

      sim_clock_at (sim_world_get_clock (world), arrivals[i], func, copy, g_free);
    }
  if (n == 0)
    drop (world, "lost on the link", packet);
  else
    sim_clock_at (sim_world_get_clock (world), arrivals[0], func, packet, g_free);
}

/* --- Realms --- */

static void
realm_free (gpointer data)
{
  SimRealm *self = data;

  g_hash_table_unref (self->interfaces);
  g_free (self->name);
  g_free (self);
}

SimRealm *
sim_realm_new (SimWorld *world, const gchar *name)
{
  SimRealm *self = g_new0 (SimRealm, 1);

  self->world = world;
  self->name = g_strdup (name);
  self->interfaces = g_hash_table_new (sim_address_hash_ip, sim_address_equal_ip);
  sim_world_own (world, self, realm_free);
  return self;
}

SimWorld *
sim_realm_get_world (SimRealm *self)
{
  return self->world;
}

static SimGateway **
gateway_slot (SimRealm *self, const NiceAddress *address)
{
  return &self->gateways[sim_address_family (address) == AF_INET6];
}

/* --- Interfaces --- */

static void
interface_free (gpointer data)
{
  SimInterface *self = data;

  g_clear_pointer (&self->firewall, sim_firewall_free);
  g_free (self);
}

SimInterface *
sim_interface_new (SimRealm *realm, const NiceAddress *address, const SimLinkConfig *link,
                   SimArriveFunc arrive, gpointer owner)
{
  static const SimLinkConfig perfect = { 0 };
  SimInterface *self = g_new0 (SimInterface, 1);
  SimRandom *random = sim_world_get_random (realm->world);

  g_assert (!g_hash_table_contains (realm->interfaces, address));
  self->realm = realm;
  self->address = sim_address_with_port (address, 0);
  sim_link_init (&self->up, link != NULL ? link : &perfect, sim_random_fork (random));
  sim_link_init (&self->down, link != NULL ? link : &perfect, sim_random_fork (random));
  self->arrive = arrive;
  self->owner = owner;
  g_hash_table_insert (realm->interfaces, &self->address, self);
  sim_world_own (realm->world, self, interface_free);
  return self;
}

const NiceAddress *
sim_interface_get_address (const SimInterface *self)
{
  return &self->address;
}

SimRealm *
sim_interface_get_realm (const SimInterface *self)
{
  return self->realm;
}

SimLink *
sim_interface_get_up (SimInterface *self)
{
  return &self->up;
}

SimLink *
sim_interface_get_down (SimInterface *self)
{
  return &self->down;
}

void
sim_interface_set_link (SimInterface *self, const SimLinkConfig *config)
{
  self->up.config = *config;
  self->down.config = *config;
}

void
sim_interface_set_firewall (SimInterface *self, const SimFirewallConfig *config)
{
  g_clear_pointer (&self->firewall, sim_firewall_free);
  if (config != NULL)
    self->firewall = sim_firewall_new (config);
}

void
sim_interface_cut (SimInterface *self)
{
  sim_world_trace (self->realm->world, "a link of %s is cut", self->realm->name);
  self->up.is_cut = self->down.is_cut = TRUE;
}

void
sim_interface_mend (SimInterface *self)
{
  sim_world_trace (self->realm->world, "a link of %s is mended", self->realm->name);
  self->up.is_cut = self->down.is_cut = FALSE;
}

void
sim_interface_remove (SimInterface *self)
{
  if (self->is_removed)
    return;
  self->is_removed = TRUE;
  g_hash_table_remove (self->realm->interfaces, &self->address);
}

gboolean
sim_interface_is_removed (const SimInterface *self)
{
  return self->is_removed;
}

static void
after_up (gpointer data)
{
  SimPacket *packet = data;

  cross (packet->at->realm, packet, TRUE);
}

static void
after_down (gpointer data)
{
  SimPacket *packet = data;
  SimInterface *self = packet->at;
  SimWorld *world = self->realm->world;

  if (self->is_removed)
    trace_packet (world, "drop", "the address is gone", packet);
  else if (self->firewall != NULL
           && !sim_firewall_pass_in (self->firewall, packet->protocol, &packet->from,
                                     &packet->to, sim_world_get_now (world)))
    trace_packet (world, "drop", "firewall, inbound", packet);
  else
    self->arrive (self->owner, self, packet);
  g_free (packet);
}

static void
leave (SimInterface *self, SimPacket *packet)
{
  SimWorld *world = self->realm->world;

  if (self->firewall != NULL
      && !sim_firewall_pass_out (self->firewall, packet->protocol, &packet->from,
                                 &packet->to, sim_world_get_now (world)))
    drop (world, "firewall, outbound", packet);
  else
    travel (self, &self->up, packet, after_up);
}

void
sim_interface_send (SimInterface *self, SimProtocol protocol, gboolean is_error,
                    const NiceAddress *from, const NiceAddress *to, const guint8 *data,
                    gsize size)
{
  SimPacket *packet = g_malloc (sizeof *packet + size);

  *packet = (SimPacket) { protocol, is_error, *from, *to, self, size };
  memcpy (packet->data, data, size);
  trace_packet (self->realm->world, "send", self->realm->name, packet);
  leave (self, packet);
}

/* --- Gateways --- */

static void
gateway_free (gpointer data)
{
  SimGateway *self = data;

  sim_nat_free (self->nat);
  g_free (self);
}

static void
enter_gateway (gpointer owner, SimInterface *interface, const SimPacket *packet)
{
  SimGateway *self = owner;
  SimWorld *world = self->inside->world;
  SimPacket *inbound = g_memdup2 (packet, sizeof *packet + packet->size);

  if (sim_nat_translate_in (self->nat, inbound->protocol, &inbound->from, &inbound->to,
                            sim_world_get_now (world)))
    cross (self->inside, inbound, FALSE);
  else
    drop (world, "NAT, inbound", inbound);
}

/* RFC 4787 6: from inside to our own outside address, with an outside source. */
static void
hairpin (SimGateway *self, SimPacket *packet)
{
  SimWorld *world = self->inside->world;
  gint64 now = sim_world_get_now (world);

  if (sim_nat_translate_out (self->nat, packet->protocol, &packet->from, &packet->to, now)
      && sim_nat_translate_in (self->nat, packet->protocol, &packet->from, &packet->to,
                               now))
    cross (self->inside, packet, FALSE);
  else
    drop (world, "NAT, hairpin", packet);
}

static void
leave_gateway (SimGateway *self, SimPacket *packet)
{
  SimWorld *world = self->inside->world;

  if (sim_address_equal_ip (&packet->to, &self->outside->address))
    {
      if (sim_nat_has_hairpin (self->nat))
        hairpin (self, packet);
      else
        drop (world, "NAT without hairpin", packet);
    }
  else if (sim_nat_translate_out (self->nat, packet->protocol, &packet->from, &packet->to,
                                  sim_world_get_now (world)))
    {
      trace_packet (world, "NAT ", self->outside->realm->name, packet);
      leave (self->outside, packet);
    }
  else
    drop (world, "NAT without a free port", packet);
}

SimGateway *
sim_gateway_new (SimRealm *inside, SimRealm *outside, const NiceAddress *address,
                 const SimNatConfig *nat, const SimLinkConfig *link)
{
  SimGateway *self = g_new0 (SimGateway, 1);

  self->inside = inside;
  self->nat =
      sim_nat_new (nat, address, sim_random_fork (sim_world_get_random (inside->world)));
  self->outside = sim_interface_new (outside, address, link, enter_gateway, self);
  *gateway_slot (inside, address) = self;
  sim_world_own (inside->world, self, gateway_free);
  return self;
}

SimInterface *
sim_gateway_get_outside (SimGateway *self)
{
  return self->outside;
}

SimNat *
sim_gateway_get_nat (SimGateway *self)
{
  return self->nat;
}

void
sim_gateway_rebind (SimGateway *self, const NiceAddress *address)
{
  sim_nat_rebind (self->nat, address);
  if (address == NULL)
    return;
  g_hash_table_remove (self->outside->realm->interfaces, &self->outside->address);
  self->outside->address = sim_address_with_port (address, 0);
  g_hash_table_insert (self->outside->realm->interfaces, &self->outside->address,
                       self->outside);
}

/* Finds the next hop of packet, owned, inside realm. What came in through a gateway does
 * not leave by it again. */
static void
cross (SimRealm *realm, SimPacket *packet, gboolean may_leave)
{
  SimInterface *to = g_hash_table_lookup (realm->interfaces, &packet->to);
  SimGateway *gateway = *gateway_slot (realm, &packet->to);

  if (to != NULL)
    travel (to, &to->down, packet, after_down);
  else if (may_leave && gateway != NULL)
    leave_gateway (gateway, packet);
  else
    drop (realm->world, "no such address", packet);
}
