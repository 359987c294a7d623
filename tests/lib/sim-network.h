/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The virtual network: one clock, one seed, realms of addresses, interfaces on them, and
 * gateways between them.
 *
 * A realm is a set of addresses that reach one another: the internet, a home, a carrier's
 * network. An interface has one address in one realm and a link in each direction. A
 * gateway is a NAT whose outside is an interface of an outer realm; what a realm cannot
 * deliver goes through its gateway. */
#pragma once

#include "sim-clock.h"
#include "sim-firewall.h"
#include "sim-link.h"

G_BEGIN_DECLS

typedef struct _SimWorld SimWorld;
typedef struct _SimRealm SimRealm;
typedef struct _SimInterface SimInterface;
typedef struct _SimGateway SimGateway;

typedef struct
{
  SimProtocol protocol;
  gboolean is_error; /* ICMP: what was sent from to to from found nobody */
  NiceAddress from, to;
  SimInterface *at;
  gsize size;
  guint8 data[];
} SimPacket;

typedef void (*SimArriveFunc) (gpointer owner, SimInterface *interface,
                               const SimPacket *packet);

SimWorld *sim_world_new (guint64 seed);
void sim_world_free (SimWorld *self);
guint64 sim_world_get_seed (const SimWorld *self);
gint64 sim_world_get_now (const SimWorld *self);
SimClock *sim_world_get_clock (SimWorld *self);
SimRandom *sim_world_get_random (SimWorld *self);
/* From now on no link loses anything, unless it is cut. */
void sim_world_calm (SimWorld *self);
gboolean sim_world_is_calm (const SimWorld *self);
/* The world frees what was made for it, last made first. */
void sim_world_own (SimWorld *self, gpointer thing, GDestroyNotify destroy);
/* Events handled so far; a run that never ends shows here. */
guint64 sim_world_get_n_events (const SimWorld *self);

/* A line for whoever runs with SIM_TRACE=1. */
gboolean sim_world_is_traced (const SimWorld *self);
void sim_world_trace (SimWorld *self, const gchar *format, ...) G_GNUC_PRINTF (2, 3);

/* Tells standard error what broke, with the seed and the way to replay it. */
void
sim_world_report_failure (SimWorld *self, const gchar *format, ...) G_GNUC_PRINTF (2, 3);

/* Runs everything that is due until then, and leaves the clock there. */
void sim_world_run_until (SimWorld *self, gint64 when);
void sim_world_run_for (SimWorld *self, gint64 duration);
/* Runs until condition holds (TRUE) or limit is reached (FALSE). */
gboolean sim_world_run_till (SimWorld *self, gboolean (*condition) (gpointer data),
                             gpointer data, gint64 limit);
/* func (data) at that time. */
void sim_world_at (SimWorld *self, gint64 when, SimFunc func, gpointer data);

SimRealm *sim_world_get_internet (SimWorld *self);
SimRealm *sim_realm_new (SimWorld *world, const gchar *name);
SimWorld *sim_realm_get_world (SimRealm *self);

/* link NULL: perfect. It holds for both directions; each can be changed later. */
SimInterface *
sim_interface_new (SimRealm *realm, const NiceAddress *address, const SimLinkConfig *link,
                   SimArriveFunc arrive, gpointer owner);
const NiceAddress *sim_interface_get_address (const SimInterface *self);
SimRealm *sim_interface_get_realm (const SimInterface *self);
SimLink *sim_interface_get_up (SimInterface *self);
SimLink *sim_interface_get_down (SimInterface *self);
void sim_interface_set_link (SimInterface *self, const SimLinkConfig *config);
void sim_interface_set_firewall (SimInterface *self, const SimFirewallConfig *config);
void sim_interface_cut (SimInterface *self);
void sim_interface_mend (SimInterface *self);
/* The address is gone from the realm, for good. */
void sim_interface_remove (SimInterface *self);
gboolean sim_interface_is_removed (const SimInterface *self);
void sim_interface_send (SimInterface *self, SimProtocol protocol, gboolean is_error,
                         const NiceAddress *from, const NiceAddress *to,
                         const guint8 *data, gsize size);

SimGateway *
sim_gateway_new (SimRealm *inside, SimRealm *outside, const NiceAddress *address,
                 const SimNatConfig *nat, const SimLinkConfig *link);
SimInterface *sim_gateway_get_outside (SimGateway *self);
SimNat *sim_gateway_get_nat (SimGateway *self);
/* The translator forgets everything; address NULL: the outside one is kept. */
void sim_gateway_rebind (SimGateway *self, const NiceAddress *address);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimWorld, sim_world_free)

G_END_DECLS
