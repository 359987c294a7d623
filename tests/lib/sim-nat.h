/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A network address translator by the behaviours of RFC 4787 (UDP) and RFC 5382 (TCP):
 * a table and two translations. It knows addresses and times, not links or hosts. */
#pragma once

#include "sim-address.h"
#include "sim-random.h"

G_BEGIN_DECLS

typedef enum
{
  SIM_UDP,
  SIM_TCP
} SimProtocol;

/* RFC 4787 4.1 for mappings, 5 for filters. */
typedef enum
{
  SIM_ENDPOINT_INDEPENDENT,
  SIM_ADDRESS_DEPENDENT,
  SIM_ADDRESS_AND_PORT_DEPENDENT
} SimNatBehaviour;

/* RFC 4787 4.2.1; a port that is taken gives way to the next free one. */
typedef enum
{
  SIM_PORTS_PRESERVED,
  SIM_PORTS_SEQUENTIAL,
  SIM_PORTS_RANDOM
} SimNatPorts;

typedef struct
{
  SimNatBehaviour mapping, filtering;
  SimNatPorts ports;
  guint16 first_port, last_port; /* 0, 0: 1024 to 65535 */
  gboolean hairpin;
  gint64 timeout;             /* of an unused mapping; 0: two minutes (4.3) */
  gboolean inbound_refreshes; /* 4.3 REQ-6 */
} SimNatConfig;

typedef struct _SimNat SimNat;

SimNat *
sim_nat_new (const SimNatConfig *config, const NiceAddress *outside, SimRandom random);
void sim_nat_free (SimNat *self);

const NiceAddress *sim_nat_get_outside (const SimNat *self);
gboolean sim_nat_has_hairpin (const SimNat *self);
guint sim_nat_get_n_mappings (const SimNat *self);

/* A datagram from inside to the outside address to: replaces from. FALSE: no port is
 * left. */
gboolean sim_nat_translate_out (SimNat *self, SimProtocol protocol, NiceAddress *from,
                                const NiceAddress *to, gint64 now);
/* A datagram from outside: replaces to. FALSE: no mapping, or filtered. */
gboolean sim_nat_translate_in (SimNat *self, SimProtocol protocol,
                               const NiceAddress *from, NiceAddress *to, gint64 now);
/* RFC 4787 4.3: what a reboot or a full table does. Ports are chosen anew, never the
 * former ones again. */
void sim_nat_rebind (SimNat *self, const NiceAddress *outside);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimNat, sim_nat_free)

G_END_DECLS
