/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A stateful packet filter: remembers which flows were opened from inside, as exactly as
 * its configured strictness asks (the filters of RFC 4787 5). It must not know links. */
#include "config.h"

#include "sim-firewall.h"

#include "sim-clock.h"

typedef struct
{
  SimProtocol protocol;
  NiceAddress inside, outside;
  gint64 used;
} Flow;

struct _SimFirewall
{
  SimFirewallConfig config;
  GHashTable *flows; /* set of Flow */
};

static guint
flow_hash (gconstpointer key)
{
  const Flow *flow = key;

  return sim_address_hash (&flow->inside) * 31u + sim_address_hash (&flow->outside)
         + (guint)flow->protocol;
}

static gboolean
flow_equal (gconstpointer a, gconstpointer b)
{
  const Flow *left = a, *right = b;

  return left->protocol == right->protocol
         && sim_address_equal (&left->inside, &right->inside)
         && sim_address_equal (&left->outside, &right->outside);
}

SimFirewall *
sim_firewall_new (const SimFirewallConfig *config)
{
  SimFirewall *self = g_new0 (SimFirewall, 1);

  self->config = *config;
  if (self->config.timeout == 0)
    self->config.timeout = 120 * SIM_SECOND;
  self->flows = g_hash_table_new_full (flow_hash, flow_equal, g_free, NULL);
  return self;
}

void
sim_firewall_free (SimFirewall *self)
{
  g_hash_table_unref (self->flows);
  g_free (self);
}

static Flow
flow_of (const SimFirewall *self, SimProtocol protocol, const NiceAddress *inside,
         const NiceAddress *outside)
{
  Flow flow = { protocol, *inside, *outside, 0 };

  if (self->config.answers == SIM_ADDRESS_DEPENDENT)
    flow.outside = sim_address_with_port (outside, 0);
  else if (self->config.answers == SIM_ENDPOINT_INDEPENDENT)
    flow.outside = (NiceAddress) { 0 };
  return flow;
}

gboolean
sim_firewall_pass_out (SimFirewall *self, SimProtocol protocol, const NiceAddress *from,
                       const NiceAddress *to, gint64 now)
{
  Flow key, *flow;

  if (self->config.udp_blocked && protocol == SIM_UDP)
    return FALSE;
  if (!self->config.inbound_blocked)
    return TRUE;
  key = flow_of (self, protocol, from, to);
  flow = g_hash_table_lookup (self->flows, &key);
  if (flow == NULL)
    {
      flow = g_memdup2 (&key, sizeof key);
      g_hash_table_add (self->flows, flow);
    }
  flow->used = now;
  return TRUE;
}

gboolean
sim_firewall_pass_in (SimFirewall *self, SimProtocol protocol, const NiceAddress *from,
                      const NiceAddress *to, gint64 now)
{
  Flow key, *flow;

  if (self->config.udp_blocked && protocol == SIM_UDP)
    return FALSE;
  if (!self->config.inbound_blocked)
    return TRUE;
  key = flow_of (self, protocol, to, from);
  flow = g_hash_table_lookup (self->flows, &key);
  return flow != NULL && now - flow->used <= self->config.timeout;
}
