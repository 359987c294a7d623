/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Hosts where people have them: on the internet, or in homes behind the kinds of NAT that
 * people talk of. */
#pragma once

#include "sim-host.h"

G_BEGIN_DECLS

/* From the most open to the most closed. */
typedef enum
{
  SIM_OPEN,                 /* a public address */
  SIM_FIREWALLED,           /* a public address; only answers come in */
  SIM_FULL_CONE,            /* maps by endpoint, filters nothing */
  SIM_RESTRICTED_CONE,      /* ... filters by address */
  SIM_PORT_RESTRICTED_CONE, /* ... filters by address and port */
  SIM_ADDRESS_SYMMETRIC,    /* maps and filters by address */
  SIM_SYMMETRIC,            /* maps and filters by address and port */
  SIM_N_NAT_KINDS
} SimNatKind;

const gchar *sim_nat_kind_name (SimNatKind kind);
/* Whether the kind has a translator at all, and how that behaves. */
gboolean sim_nat_kind_get_config (SimNatKind kind, SimNatConfig *config);

/* A host on the internet. delay: of its link, one way. */
SimHost *
sim_host_open (SimWorld *world, const gchar *name, const gchar *address, gint64 delay);
/* A host in a home of its own. The delay is that of the home's link to the internet; the
 * home itself is fast. gateway, which may be NULL, is set to NULL where there is none. */
SimHost *
sim_host_behind (SimWorld *world, const gchar *name, SimNatKind kind, const gchar *inside,
                 const gchar *outside, gint64 delay, SimGateway **gateway);

G_END_DECLS
