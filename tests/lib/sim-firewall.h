/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A firewall before one interface: which datagrams may leave and enter. No addresses are
 * changed here; that is sim-nat. */
#pragma once

#include "sim-nat.h"

G_BEGIN_DECLS

typedef struct
{
  gboolean udp_blocked;     /* nothing but TCP passes */
  gboolean inbound_blocked; /* what comes in must answer what went out ... */
  SimNatBehaviour answers;  /* ... from where, as a filter of RFC 4787 5 decides */
  gint64 timeout;           /* how long an answer may take; 0: two minutes */
} SimFirewallConfig;

typedef struct _SimFirewall SimFirewall;

SimFirewall *sim_firewall_new (const SimFirewallConfig *config);
void sim_firewall_free (SimFirewall *self);

gboolean
sim_firewall_pass_out (SimFirewall *self, SimProtocol protocol, const NiceAddress *from,
                       const NiceAddress *to, gint64 now);
gboolean
sim_firewall_pass_in (SimFirewall *self, SimProtocol protocol, const NiceAddress *from,
                      const NiceAddress *to, gint64 now);

G_END_DECLS
