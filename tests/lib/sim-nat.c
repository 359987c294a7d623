/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Mapping and filtering tables of a simulated NAT (RFC 4787 4 and 5). It must not know
 * how datagrams come and go. */
#include "config.h"

#include "sim-nat.h"

#include "sim-clock.h"

#include <string.h>

#define DEFAULT_TIMEOUT (120 * SIM_SECOND) /* RFC 4787 REQ-5 */

typedef struct
{
  SimProtocol protocol;
  NiceAddress inside;
  NiceAddress target; /* as much of the destination as the mapping depends on */
  guint16 port;       /* outside */
  gint64 used;
  GHashTable *contacted; /* set of NiceAddress, compared as the filter compares */
} Mapping;

struct _SimNat
{
  SimNatConfig config;
  NiceAddress outside;
  SimRandom random;
  guint16 next_port;
  guint shift;           /* how far rebinding moved the preserved ports */
  GHashTable *by_inside; /* set of Mapping, owned */
  GHashTable *by_port;   /* protocol and port -> Mapping */
};

static guint
mapping_hash (gconstpointer key)
{
  const Mapping *self = key;

  return sim_address_hash (&self->inside) * 31u + sim_address_hash (&self->target)
         + (guint)self->protocol;
}

static gboolean
mapping_equal (gconstpointer a, gconstpointer b)
{
  const Mapping *left = a, *right = b;

  return left->protocol == right->protocol
         && sim_address_equal (&left->inside, &right->inside)
         && sim_address_equal (&left->target, &right->target);
}

static void
mapping_free (gpointer data)
{
  Mapping *self = data;

  g_hash_table_unref (self->contacted);
  g_free (self);
}

static gpointer
port_key (SimProtocol protocol, guint port)
{
  return GUINT_TO_POINTER (((guint)protocol << 16) | port);
}

static void
choose_range (SimNatConfig *config)
{
  if (config->first_port == 0)
    {
      config->first_port = 1024;
      config->last_port = 65535;
    }
  if (config->timeout == 0)
    config->timeout = DEFAULT_TIMEOUT;
}

SimNat *
sim_nat_new (const SimNatConfig *config, const NiceAddress *outside, SimRandom random)
{
  SimNat *self = g_new0 (SimNat, 1);

  self->config = *config;
  choose_range (&self->config);
  self->outside = *outside;
  self->random = random;
  self->next_port = self->config.first_port;
  self->by_inside =
      g_hash_table_new_full (mapping_hash, mapping_equal, mapping_free, NULL);
  self->by_port = g_hash_table_new (NULL, NULL);
  return self;
}

void
sim_nat_free (SimNat *self)
{
  g_hash_table_unref (self->by_port);
  g_hash_table_unref (self->by_inside);
  g_free (self);
}

const NiceAddress *
sim_nat_get_outside (const SimNat *self)
{
  return &self->outside;
}

gboolean
sim_nat_has_hairpin (const SimNat *self)
{
  return self->config.hairpin;
}

guint
sim_nat_get_n_mappings (const SimNat *self)
{
  return g_hash_table_size (self->by_inside);
}

static NiceAddress
target_of (const SimNat *self, const NiceAddress *to)
{
  NiceAddress nothing = { 0 };

  switch (self->config.mapping)
    {
    case SIM_ENDPOINT_INDEPENDENT:
      return nothing;
    case SIM_ADDRESS_DEPENDENT:
      return sim_address_with_port (to, 0);
    case SIM_ADDRESS_AND_PORT_DEPENDENT:
      return *to;
    }
  g_assert_not_reached ();
}

static gboolean
is_expired (const SimNat *self, const Mapping *mapping, gint64 now)
{
  return now - mapping->used > self->config.timeout;
}

static void
forget (SimNat *self, Mapping *mapping)
{
  g_hash_table_remove (self->by_port, port_key (mapping->protocol, mapping->port));
  g_hash_table_remove (self->by_inside, mapping);
}

static Mapping *
mapping_at_port (SimNat *self, SimProtocol protocol, guint port, gint64 now)
{
  Mapping *mapping = g_hash_table_lookup (self->by_port, port_key (protocol, port));

  if (mapping != NULL && is_expired (self, mapping, now))
    {
      forget (self, mapping);
      return NULL;
    }
  return mapping;
}

static guint
wanted_port (SimNat *self, guint inside)
{
  guint first = self->config.first_port, n = self->config.last_port - first + 1u;

  switch (self->config.ports)
    {
    case SIM_PORTS_PRESERVED:
      inside += self->shift;
      return inside >= first && inside < first + n ? inside : first + inside % n;
    case SIM_PORTS_SEQUENTIAL:
      return self->next_port;
    case SIM_PORTS_RANDOM:
      return first + sim_random_below (&self->random, n);
    }
  g_assert_not_reached ();
}

/* The wanted port or the next free one after it; 0: exhausted (RFC 4787 4.2.1). */
static guint16
free_port (SimNat *self, SimProtocol protocol, guint inside, gint64 now)
{
  guint first = self->config.first_port, n = self->config.last_port - first + 1u;
  guint wanted = wanted_port (self, inside) - first;

  for (guint i = 0; i < n; i++)
    {
      guint port = first + (wanted + i) % n;

      if (mapping_at_port (self, protocol, port, now) != NULL)
        continue;
      self->next_port = (guint16)(first + (port - first + 1) % n);
      return (guint16)port;
    }
  return 0;
}

static Mapping *
add_mapping (SimNat *self, const Mapping *key, gint64 now)
{
  guint16 port = free_port (self, key->protocol, sim_address_port (&key->inside), now);
  Mapping *mapping;

  if (port == 0)
    return NULL;
  mapping = g_new (Mapping, 1);
  *mapping = *key;
  mapping->port = port;
  mapping->contacted =
      self->config.filtering == SIM_ADDRESS_DEPENDENT
          ? g_hash_table_new_full (sim_address_hash_ip, sim_address_equal_ip, g_free,
                                   NULL)
          : g_hash_table_new_full (sim_address_hash, sim_address_equal, g_free, NULL);
  g_hash_table_add (self->by_inside, mapping);
  g_hash_table_insert (self->by_port, port_key (mapping->protocol, port), mapping);
  return mapping;
}

gboolean
sim_nat_translate_out (SimNat *self, SimProtocol protocol, NiceAddress *from,
                       const NiceAddress *to, gint64 now)
{
  Mapping key = { protocol, *from, target_of (self, to), 0, now, NULL };
  Mapping *mapping = g_hash_table_lookup (self->by_inside, &key);

  if (mapping != NULL && is_expired (self, mapping, now))
    {
      forget (self, mapping);
      mapping = NULL;
    }
  if (mapping == NULL)
    mapping = add_mapping (self, &key, now);
  if (mapping == NULL)
    return FALSE;

  mapping->used = now;
  if (!g_hash_table_contains (mapping->contacted, to))
    g_hash_table_add (mapping->contacted, g_memdup2 (to, sizeof *to));
  *from = sim_address_with_port (&self->outside, mapping->port);
  return TRUE;
}

gboolean
sim_nat_translate_in (SimNat *self, SimProtocol protocol, const NiceAddress *from,
                      NiceAddress *to, gint64 now)
{
  Mapping *mapping = mapping_at_port (self, protocol, sim_address_port (to), now);

  if (mapping == NULL)
    return FALSE;
  if (self->config.filtering != SIM_ENDPOINT_INDEPENDENT
      && !g_hash_table_contains (mapping->contacted, from))
    return FALSE;
  if (self->config.inbound_refreshes)
    mapping->used = now;
  *to = mapping->inside;
  return TRUE;
}

void
sim_nat_rebind (SimNat *self, const NiceAddress *outside)
{
  g_hash_table_remove_all (self->by_port);
  g_hash_table_remove_all (self->by_inside);
  self->shift += 1000;
  if (outside != NULL)
    self->outside = *outside;
}
