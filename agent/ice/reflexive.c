/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Server-reflexive candidates: what an answer of a server makes (RFC 8445 5.1.1.2, RFC
 * 6544 5.2), and when it is nothing new (RFC 8445 5.1.3). Must not know how servers are
 * asked. */
#include "config.h"

#include "ice/reflexive.h"

#include "ice/base.h"
#include "ice/candidate.h"
#include "ice/server.h"

/* What users of libnice see: one server-reflexive candidate for each mapped address, one
 * relayed one for each address of a relay, whatever their ports. One from an address that
 * is lost stands for no other. */
gboolean
ice_reflexive_is_redundant (const IceComponent *component, IceCandidateType type,
                            IceTransport transport, const NiceAddress *addr)
{
  /* draft-ietf-mmusic-mdns-ice-candidates 3.1.2.2: an address is not its name. */
  const gboolean is_news = type == ICE_CANDIDATE_SERVER_REFLEXIVE
                           && component->stream->session->config.hides_hosts;

  for (guint i = 0; i < component->locals.len; i++)
    {
      const IceEnd *end = ice_list_get (&component->locals, i);

      if (end->value.transport != transport
          || ice_base_is_cut_off (component->stream->session, end->value.base))
        continue;
      if (end->value.type == type && nice_address_equal_no_port (&end->value.addr, addr))
        return TRUE;
      if (end->value.type == ICE_CANDIDATE_HOST && !is_news
          && nice_address_equal (&end->value.addr, addr))
        return TRUE;
    }
  return FALSE;
}

static void
announce_reflexive (const IceAttempt *attempt, IceTransport transport,
                    const NiceAddress *addr, const NiceAddress *base_addr)
{
  const IceTask *task = attempt->task;
  IceSession *session = task->component->stream->session;
  const IceServerEntry *entry = ice_server_find (session, attempt->server);
  const IceBase *via = ice_base_find (session, task->via);
  IceLocalSpec spec = { .type = ICE_CANDIDATE_SERVER_REFLEXIVE,
                        .transport = transport,
                        .addr = *addr,
                        .base_addr = *base_addr,
                        .server_addr = attempt->target.address,
                        .base = via->is_so ? 0 : task->via,
                        .address_index = via->address_index,
                        .server = attempt->server };

  if (!ice_server_is_turn (&entry->value))
    spec.server_index = entry->index;
  ice_candidate_announce (ice_candidate_add_local (task->component, &spec),
                          ICE_EVENT_LOCAL_CANDIDATE);
}

/* RFC 6544 5.2: of what a listener learned an active candidate is made, too. */
static void
add_tcp_reflexive (const IceAttempt *attempt, const NiceAddress *mapped,
                   const IceBase *via)
{
  NiceAddress active = *mapped, active_base = via->local;

  nice_address_set_port (&active, 0);
  nice_address_set_port (&active_base, 0);
  announce_reflexive (attempt, ICE_TRANSPORT_TCP_ACTIVE, &active, &active_base);
  announce_reflexive (attempt, ICE_TRANSPORT_TCP_PASSIVE, mapped, &via->local);
}

void
ice_reflexive_add (const IceAttempt *attempt, const NiceAddress *mapped)
{
  IceComponent *component = attempt->task->component;
  IceSession *session = component->stream->session;
  const IceBase *via = ice_base_find (session, attempt->task->via);
  const IceTransport transport =
      via != NULL ? ice_base_get_transport (via) : ICE_TRANSPORT_UDP;

  if (via == NULL || ice_server_find (session, attempt->server) == NULL
      || session->config.force_relay
      || ice_reflexive_is_redundant (component, ICE_CANDIDATE_SERVER_REFLEXIVE, transport,
                                     mapped))
    return;
  if (transport == ICE_TRANSPORT_TCP_PASSIVE)
    add_tcp_reflexive (attempt, mapped, via);
  else
    announce_reflexive (attempt, transport, mapped, &via->local);
}
