/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Allocations on TURN servers, as the engine sees them: bases that are asked for, that
 * servers send elsewhere or refuse, and that are renewed when they are lost. */
#pragma once

#include "ice/model.h"

G_BEGIN_DECLS

/* How often in a row a lost allocation is asked for again; ours to choose. */
#define ICE_MAX_RENEWALS 6
#define ICE_RENEWAL_WAIT                                                                 \
  ICE_SECOND /* before the second time, then twice as long each                          \
              */
/* An allocation that was held as long as this starts the count anew. */
#define ICE_RENEWAL_PROVEN (60 * ICE_SECOND)
/* RFC 8656 7.4: ports of ours to try where the server says that one is in use. */
#define ICE_MAX_RELAY_PORTS 3

/* Asks for an allocation at the attempt's target. */
void ice_relay_request (IceAttempt *attempt, const IceBase *via);
/* What became of it. FALSE: it was there, and is lost. */
gboolean ice_relay_handle_base (IceBase *base, const IceBaseResult *result);
/* The base is gone, for a reason that was not the server's. */
void ice_relay_handle_loss (IceBase *base);
/* No target of the server is left to ask. */
void ice_relay_give_up (IceTask *task);

/* Relayed candidates go, and the servers they came from (the one of a selected pair stays
 * until another is selected). */
void ice_relay_forget (IceComponent *component);

G_END_DECLS
