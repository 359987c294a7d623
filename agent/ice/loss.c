/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the end of a base or of a path means: its pairs fail and nothing else
 * (RFC 8445 7.2.5.2.2), the next best valid pair is selected. */
#include "config.h"

#include "ice/loss.h"

#include "ice/base.h"
#include "ice/candidate.h"
#include "ice/checklist.h"
#include "ice/gather-server.h"
#include "ice/pair.h"
#include "ice/request.h"
#include "ice/trace.h"

void
ice_loss_of_base (IceBase *base, IceReason reason)
{
  IceComponent *component = base->component;

  ICE_TRACE (component->stream->session, "base %u lost: %u", base->id, reason);
  base->pair = NULL; /* else the pair that opened the connection would take it along */
  ice_gather_server_forget_base (base);
  ice_checklist_remove_base (base);
  ice_base_forget (base);
}

void
ice_loss_of_path (IceBase *base, const NiceAddress *to, IceReason reason)
{
  IceComponent *component = base->component;
  IceEnd *remote;
  IcePair *pair;

  if (base->candidate == NULL)
    return;
  remote = ice_candidate_find_remote (component, base->candidate->value.transport, to);
  pair = remote != NULL ? ice_pair_find (base->candidate, remote) : NULL;
  /* A spoofed ICMP must not end what works (RFC 8445 7.2.5.2.2): only checks heed it. */
  if (pair == NULL || pair->state != ICE_PAIR_IN_PROGRESS)
    return;
  ice_request_free_all (pair);
  ice_checklist_fail (pair, reason, 0);
}
