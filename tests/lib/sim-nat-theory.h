/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What two kinds of NAT let ICE reach, and in how many trips: reckoned from the mapping
 * and filtering behaviours of RFC 4787 4 and 5. Nothing is simulated, no engine is asked,
 * and the tables of sim-nat are not used. */
#pragma once

#include "sim-homes.h"
#include "sim-theory.h"

G_BEGIN_DECLS

/* How long things take, there and back, and what both sides have. */
typedef struct
{
  gint64 server;       /* S: to the STUN or TURN server */
  gint64 peer;         /* R: straight to the peer */
  gint64 relayed;      /* to the peer through a relay */
  gboolean is_regular; /* RFC 8445 8.1.1; else aggressive, RFC 5245 8.1.1.2 */
  gboolean with_relay;
} SimNatSetting;

typedef struct
{
  SimPathKind path;
  /* When both ends have a nominated pair, if each sends what it can the moment that it
   * can and every address is signalled at once: no Ta, no patience. SIM_NEVER: no path.
   */
  gint64 connected_at;
} SimNatVerdict;

/* left is the controlling agent's. */
SimNatVerdict
sim_nat_theory (SimNatKind left, SimNatKind right, const SimNatSetting *setting);

G_END_DECLS
