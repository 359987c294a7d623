/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Candidates as the engine keeps them: the local and remote ends of pairs. */
#pragma once

#include "ice/model.h"

G_BEGIN_DECLS

IceEnd *ice_end_ref (IceEnd *self);
void ice_end_unref (IceEnd *self);

/* What a local candidate is made of. */
typedef struct
{
  IceCandidateType type;
  IceTransport transport;
  NiceAddress addr, base_addr, server_addr;
  IceBaseId base;
  guint address_index, server_index, server;
  gboolean over_tcp;
  gboolean is_assisted; /* server-reflexive: the NAT was asked for it */
} IceLocalSpec;

/* Adds to the component and gives id, foundation (RFC 8445 5.1.1.3) and priority;
 * announces nothing. */
IceEnd *ice_candidate_add_local (IceComponent *component, const IceLocalSpec *spec);
IceEnd *ice_candidate_find_local (const IceComponent *component, IceTransport transport,
                                  const NiceAddress *addr, IceBaseId base);

/* Remote candidates are indexed by component, transport and address. */
IceEnd *ice_candidate_add_remote (IceComponent *component, const IceCandidate *value);
IceEnd *ice_candidate_find_remote (const IceComponent *component, IceTransport transport,
                                   const NiceAddress *addr);
void ice_candidate_remove_remote (IceEnd *remote);
/* RFC 8445 7.3.1.3: a source that no candidate names. */
IceEnd *ice_candidate_learn_remote (IceComponent *component, IceTransport transport,
                                    const NiceAddress *addr, guint32 priority);

void ice_candidate_announce (const IceEnd *end, IceEventType event);
guint ice_address_hash (const NiceAddress *addr);

G_END_DECLS
