/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A random scenario as data: where the two hosts live, how bad their links are, how they
 * signal, what happens to them. Drawn from a seed, then built as often as wanted, so that
 * theory and engine get the very same world. */
#pragma once

#include "sim-scenario.h"
#include "sim-theory.h"

G_BEGIN_DECLS

/* The only address of the relays. */
#define SIM_PLAN_RELAY "192.0.2.20"

typedef enum
{
  SIM_PLACES_APART,       /* each on the internet or in a home of its own */
  SIM_PLACES_ONE_HOME,    /* both behind one NAT */
  SIM_PLACES_ONE_CARRIER, /* in two homes behind one carrier's NAT */
  SIM_N_PLACES
} SimPlaces;

typedef enum
{
  SIM_ACCIDENT_NONE,
  SIM_ACCIDENT_RESTART,      /* by the left */
  SIM_ACCIDENT_BOTH_RESTART, /* at the same moment */
  SIM_ACCIDENT_CUT,          /* the left's link, for at most twenty seconds */
  SIM_ACCIDENT_REBIND,       /* the left's NAT */
  SIM_N_ACCIDENTS
} SimAccident;

typedef struct
{
  gboolean has_nat, is_firewalled;
  SimNatConfig nat;
  SimLinkConfig link; /* to the internet, or to the carrier */
  gboolean has_ipv6, is_ipv6_broken;
} SimHomePlan;

typedef struct
{
  guint64 seed;
  SimPlaces places;
  SimHomePlan homes[2];
  SimNatConfig shared_nat; /* of the one home, or of the carrier */
  gboolean has_stun, has_relay;
  SimStunServerConfig stun;
  gint64 server_delay;
  IceConfig configs[2];
  SimCallConfig signalling;
  gint64 media_interval; /* 0: none */
  SimAccident accident;
  gint64 accident_length;
  gboolean is_lossless; /* nothing is lost, held back or doubled on any link */
} SimPlan;

void sim_plan_draw (SimPlan *self, guint64 seed);
/* Builds the network: world, hosts and servers. gateway: the left's, or NULL. */
void sim_plan_build (const SimPlan *self, SimScenario *scenario, SimGateway **gateway);
/* Peers, their servers and the call, started. */
void sim_plan_call (const SimPlan *self, SimScenario *scenario);
/* In a world of its own, whose links lose nothing. */
SimTheory sim_plan_explore (const SimPlan *self);
/* (transfer full): one line. */
gchar *sim_plan_describe (const SimPlan *self);

G_END_DECLS
