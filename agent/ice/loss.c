/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the end of a base or of a path means: its pairs fail (RFC 8445 7.2.5.2.2) and what
 * is asked of servers there, nothing else; the next best valid pair is selected, or a
 * connection made anew (RFC 6544 11.1). */
#include "config.h"

#include "ice/loss.h"

#include "ice/base.h"
#include "ice/candidate.h"
#include "ice/checklist.h"
#include "ice/gather-server.h"
#include "ice/pair.h"
#include "ice/relay.h"
#include "ice/request.h"
#include "ice/tcp.h"
#include "ice/trace.h"

void
ice_loss_of_base (IceBase *base, IceReason reason)
{
  IceComponent *component = base->component;
  IceEnd *peer = ice_tcp_get_lost_peer (base);

  ICE_TRACE (component->stream->session, "base %u lost: %u", base->id, reason);
  if (peer != NULL)
    ice_end_ref (peer);
  base->pair = NULL; /* else the pair that opened the connection would take it along */
  ice_gather_server_forget_base (base);
  ice_tcp_drop_through (base);
  ice_checklist_remove_base (base);
  if (base->kind == ICE_BASE_RELAY)
    ice_relay_handle_loss (base);
  ice_base_forget (base);
  if (peer == NULL)
    return;
  ice_tcp_reopen (component, peer);
  ice_end_unref (peer);
}

/* A spoofed ICMP must not end what works (RFC 8445 7.2.5.2.2): only checks heed it. */
static void
fail_check (IcePair *pair, IceReason reason)
{
  if (pair == NULL || pair->state != ICE_PAIR_IN_PROGRESS)
    return;
  ice_request_free_all (pair);
  ice_checklist_fail (pair, reason, 0);
}

/* A TURN server lets hosts through or not, whatever their ports (RFC 8656 9). */
static void
fail_host (IceBase *base, const NiceAddress *host, IceReason reason)
{
  const IceList *pairs = &base->component->pairs;

  for (guint i = pairs->len; i > 0; i--)
    {
      IcePair *pair = ice_list_get (pairs, i - 1);

      if (pair->base == base->id
          && nice_address_equal_no_port (&pair->remote->value.addr, host))
        fail_check (pair, reason);
    }
}

void
ice_loss_of_path (IceBase *base, const NiceAddress *to, IceReason reason)
{
  IceComponent *component = base->component;
  IceEnd *remote;

  ice_gather_server_handle_error (base, to, reason);
  if (base->candidate == NULL)
    return;
  if (nice_address_get_port (to) == 0)
    {
      fail_host (base, to, reason);
      return;
    }
  remote = ice_candidate_find_remote (component, base->candidate->value.transport, to);
  fail_check (remote != NULL ? ice_pair_find (base->candidate, remote) : NULL, reason);
}
