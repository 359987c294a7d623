/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Server-reflexive candidates: when an answer of a server makes one, and adding it. */
#pragma once

#include "ice/model.h"

G_BEGIN_DECLS

gboolean ice_reflexive_is_redundant (const IceComponent *component, IceCandidateType type,
                                     IceTransport transport, const NiceAddress *addr);
/* The attempt's server sees its task's base at mapped. */
void ice_reflexive_add (const IceAttempt *attempt, const NiceAddress *mapped);

G_END_DECLS
