/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Connections of ICE-TCP: opened when a pair's turn comes (RFC 6544 7.1), accepted on
 * passive candidates (7.2), closed with the pair that used them (8), and made anew where
 * they were lost (11.1); from here or, with RFC 6062, from a relay. Must not know of
 * messages. */
#include "config.h"

#include "ice/tcp.h"

#include "ice/base.h"
#include "ice/candidate.h"
#include "ice/checklist.h"
#include "ice/credentials.h"
#include "ice/ready.h"
#include "ice/trace.h"
#include "ice/valid.h"

/* RFC 6544 12 */
#define MAX_ATTEMPTS 5

IceTransport
ice_tcp_get_peer_transport (const IceBase *base)
{
  switch (base->candidate->value.transport)
    {
    case ICE_TRANSPORT_TCP_ACTIVE:
      return ICE_TRANSPORT_TCP_PASSIVE;
    case ICE_TRANSPORT_TCP_PASSIVE:
      return ICE_TRANSPORT_TCP_ACTIVE;
    case ICE_TRANSPORT_TCP_SO:
      return ICE_TRANSPORT_TCP_SO;
    case ICE_TRANSPORT_UDP:
      return ICE_TRANSPORT_UDP;
    }
  g_assert_not_reached ();
}

static guint
count_attempts (const IceSession *session, const NiceAddress *peer)
{
  guint n = 0;

  for (guint i = 0; i < session->bases.len; i++)
    {
      const IceBase *base = ice_list_get (&session->bases, i);

      if (base->pair != NULL && !base->open && !base->held && !base->rests
          && nice_address_equal_no_port (&base->remote, peer))
        n++;
    }
  return n;
}

static void
request_connection (IceBase *base)
{
  IceSession *session = base->component->stream->session;

  ice_timer_start (&base->connect_timer, &session->timers,
                   session->now + ICE_CONNECT_LIMIT);
  ice_base_request (base);
}

gboolean
ice_tcp_open (IcePair *pair)
{
  IceComponent *component = pair->component;
  IceSession *session = component->stream->session;
  NiceAddress local = pair->local->own_addr;
  gboolean so = pair->local->value.transport == ICE_TRANSPORT_TCP_SO;
  gboolean held;
  IceBase *base;

  if (pair->connecting)
    return FALSE;
  held = count_attempts (session, &pair->remote->value.addr) >= MAX_ATTEMPTS;
  if (!so)
    nice_address_set_port (&local, 0);
  base = ice_base_add (component, so ? ICE_BASE_TCP_SO : ICE_BASE_TCP_CONNECT, &local);
  base->remote = pair->remote->value.addr;
  base->via = pair->local->relay;
  base->candidate = ice_end_ref (pair->local);
  base->pair = pair;
  pair->connecting = TRUE;
  base->held = held;
  session->n_held += held;
  if (!held)
    request_connection (base);
  return !held;
}

void
ice_tcp_open_held (IceSession *session)
{
  for (guint i = 0; i < session->bases.len && session->n_held > 0; i++)
    {
      IceBase *base = ice_list_get (&session->bases, i);

      if (!base->held || count_attempts (session, &base->remote) >= MAX_ATTEMPTS)
        continue;
      base->held = FALSE;
      session->n_held--;
      request_connection (base);
    }
}

/* The server of a peer turns us away, or hangs up, until the peer has heard of us and
 * asks for a permission, which may be after our own server has called. RFC 6062 4.3:
 * another Connect has to wait. Hosts that refuse will refuse again, and so will
 * a server that has let us in before. */
static gboolean
may_call_again (const IceBase *base, IceReason reason)
{
  const IceStream *stream = base->component->stream;
  const IcePair *pair = base->pair;

  return base->via != 0 && pair->base == 0 && pair->component->first_valid == 0
         && reason != ICE_REASON_NONE && reason != ICE_REASON_FORBIDDEN
         && pair->remote->value.type == ICE_CANDIDATE_RELAYED
         && stream->session->now + ICE_CONNECT_REST < stream->pac_until;
}

static void
rest (IceBase *base)
{
  IceSession *session = base->component->stream->session;

  base->rests = TRUE;
  ice_timer_start (&base->connect_timer, &session->timers,
                   session->now + ICE_CONNECT_REST);
}

void
ice_tcp_handle_base (IceBase *base, const IceBaseResult *result)
{
  const IceBase *relay = ice_base_find (base->component->stream->session, base->via);
  IcePair *pair = base->pair;

  ice_timer_stop (&base->connect_timer, &base->component->stream->session->timers);
  if (pair == NULL)
    {
      ice_base_drop (base);
      return;
    }
  if (may_call_again (base, result->error))
    {
      rest (base);
      return;
    }
  pair->connecting = FALSE;
  if (result->error != ICE_REASON_NONE)
    {
      ice_base_forget (base);
      if (pair->base == 0)
        ice_checklist_fail (pair, result->error, 0);
      return;
    }
  if (pair->base != 0) /* the peer's connection came first */
    {
      ice_base_drop (base);
      return;
    }
  base->open = TRUE;
  /* RFC 6062 5.2: the peer sees the relayed address. */
  base->local = relay != NULL ? relay->local : result->local;
  pair->base = base->id;
  ice_ready_urge (pair);
}

void
ice_tcp_handle_timeout (IceBase *base)
{
  IcePair *pair = base->pair;

  if (base->rests && pair != NULL && pair->base == 0)
    {
      base->rests = FALSE;
      request_connection (base);
      return;
    }
  ice_base_drop (base);
  if (pair == NULL)
    return;
  pair->connecting = FALSE;
  if (pair->base == 0)
    ice_checklist_fail (pair, ICE_REASON_TIMEOUT, 0);
}

/* Strangers who connect and say nothing do not keep the peer out: the newest has the
 * place of the oldest that has not proven who it is. */
static gboolean
make_room (const IceBase *listener)
{
  const IceSession *session = listener->component->stream->session;
  IceBase *oldest = NULL;
  guint accepted = 0;

  for (guint i = 0; i < session->bases.len; i++)
    {
      IceBase *base = ice_list_get (&session->bases, i);

      if (base->via != listener->id || base->kind != ICE_BASE_TCP_CONNECT
          || base->pair != NULL)
        continue;
      accepted++;
      if (oldest == NULL && !base->is_proven)
        oldest = base;
    }
  if (accepted < ICE_MAX_ACCEPTED)
    return TRUE;
  if (oldest != NULL)
    ice_base_drop (oldest);
  return oldest != NULL;
}

IceBaseId
ice_tcp_handle_accept (IceBase *listener, const NiceAddress *from)
{
  IceBase *base;

  if ((listener->kind != ICE_BASE_TCP_LISTEN && !listener->relays_tcp)
      || listener->candidate == NULL || !make_room (listener))
    return 0;
  base = ice_base_add (listener->component, ICE_BASE_TCP_CONNECT, &listener->local);
  base->remote = *from;
  base->candidate = ice_end_ref (listener->candidate);
  base->via = listener->id;
  base->open = TRUE;
  ICE_TRACE (listener->component->stream->session, "base %u accepted on %u", base->id,
             listener->id);
  return base->id;
}

/* --- after a loss (RFC 6544 11.1) --- */

/* In a reliable agent the bytes that were under way would be missing. */
IceEnd *
ice_tcp_get_lost_peer (const IceBase *base)
{
  const IceComponent *component = base->component;
  const IceStream *stream = component->stream;
  const IcePair *selected = component->selected;

  if ((base->kind != ICE_BASE_TCP_CONNECT && base->kind != ICE_BASE_TCP_SO)
      || selected == NULL || component->selected_is_old || selected->base != base->id
      || component->state == ICE_COMPONENT_FAILED || stream->session->config.reliable
      || !ice_credentials_are_known (&stream->remote)
      || (component->reopened_at != 0
          && stream->session->now - component->reopened_at < ICE_REOPEN_INTERVAL))
    return NULL;
  return selected->remote;
}

void
ice_tcp_reopen (IceComponent *component, IceEnd *peer)
{
  gint64 now = component->stream->session->now;

  if (ice_valid_find_best (component, TRUE) != NULL)
    return; /* which is selected then */
  component->reopened_at = component->reopen_until = now;
  ice_checklist_pair_remote (peer);
  if (component->open.len == 0) /* the peer is to connect */
    component->reopen_until += ICE_REOPEN_PATIENCE;
}

/* --- relayed ones (RFC 6062) --- */

/* RFC 6544 4.1: of one allocation a passive candidate and, with no port, an active one.
 */
void
ice_tcp_add_relayed (IceBase *relay, const IceLocalSpec *spec)
{
  static const IceTransport transports[] = { ICE_TRANSPORT_TCP_ACTIVE,
                                             ICE_TRANSPORT_TCP_PASSIVE };

  for (guint i = 0; i < G_N_ELEMENTS (transports); i++)
    {
      IceLocalSpec one = *spec;
      IceEnd *end;

      one.transport = transports[i];
      if (one.transport == ICE_TRANSPORT_TCP_ACTIVE)
        {
          one.base = 0;
          nice_address_set_port (&one.addr, 0);
        }
      end = ice_candidate_add_local (relay->component, &one);
      end->relay = relay->id;
      if (one.transport == ICE_TRANSPORT_TCP_PASSIVE)
        relay->candidate = ice_end_ref (end);
      ice_candidate_announce (end, ICE_EVENT_LOCAL_CANDIDATE);
      ice_checklist_pair_local (end);
    }
}

void
ice_tcp_drop_through (const IceBase *relay)
{
  const IceList *bases = &relay->component->stream->session->bases;

  for (guint i = bases->len; i > 0 && relay->relays_tcp; i--)
    {
      IceBase *base = i <= bases->len ? ice_list_get (bases, i - 1) : NULL;

      if (base == NULL || base->kind != ICE_BASE_TCP_CONNECT || base->via != relay->id)
        continue;
      base->pair = NULL;
      ice_checklist_remove_base (base);
      ice_base_drop (base);
    }
}
