/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One candidate pair: which ends may form one (RFC 8445 6.1.2.2, RFC 6544 6.2), its
 * priority (6.1.2.3) and its states (6.1.2.6). Must not know of queues or messages. */
#include "config.h"

#include "ice/pair.h"

#include "ice/candidate.h"
#include "ice/priority.h"
#include "ice/request.h"
#include "ice/trace.h"

#define TO(state) (1u << ICE_PAIR_##state)

/* From each state, the states that may follow.
 * Waiting -> Frozen: a pair above it in its foundation was formed before it was checked.
 * In-Progress -> Waiting: a triggered check takes over (7.3.1.4), or a role conflict
 * (7.2.5.1). Anything -> Succeeded: the answer to a check that was given up, or another
 * pair's check proved it (7.2.5.3.2). Succeeded -> Failed: the nominating check, or the
 * path, failed (7.2.5.3.4). Failed -> Waiting, Succeeded -> Waiting: a triggered check,
 * the latter only where the pair is to be proven anew. */
static const guint8 edges[] = {
  [ICE_PAIR_FROZEN] = TO (WAITING) | TO (SUCCEEDED) | TO (FAILED),
  [ICE_PAIR_WAITING] = TO (FROZEN) | TO (IN_PROGRESS) | TO (SUCCEEDED) | TO (FAILED),
  [ICE_PAIR_IN_PROGRESS] = TO (WAITING) | TO (SUCCEEDED) | TO (FAILED),
  [ICE_PAIR_SUCCEEDED] = TO (FAILED) | TO (WAITING),
  [ICE_PAIR_FAILED] = TO (WAITING) | TO (SUCCEEDED),
};

static const gchar *const names[] = { "Frozen", "Waiting", "In-Progress", "Succeeded",
                                      "Failed" };

const gchar *
ice_pair_state_to_string (IcePairState state)
{
  return names[state];
}

gboolean
ice_pair_state_may_change (IcePairState from, IcePairState to)
{
  return (edges[from] & 1u << to) != 0;
}

void
ice_pair_set_state (IcePair *self, IcePairState state, const gchar *reason)
{
  g_assert (ice_pair_state_may_change (self->state, state));

  ICE_TRACE (self->component->stream->session, "pair %u:%u %s -> %s (%s)",
             self->local->value.id, self->remote->value.id, names[self->state],
             names[state], reason);
  self->state = state;
}

/* --- index --- */

static guint
hash_ends (const IceEnd *local, const IceEnd *remote)
{
  return local->value.id * 0x9e3779b1u ^ remote->value.id * 0x85ebca6bu;
}

IcePair *
ice_pair_new (IceEnd *local, IceEnd *remote, IceBaseId base)
{
  IceComponent *component = local->component;
  IceSession *session = component->stream->session;
  IcePair *self = g_new0 (IcePair, 1);

  self->component = component;
  self->local = ice_end_ref (local);
  self->remote = ice_end_ref (remote);
  self->base = base;
  self->state = ICE_PAIR_FROZEN;
  self->formed_at = session->now;
  self->index = component->pairs.len;
  ice_pair_update_priority (self);
  ice_list_add (&component->pairs, self);
  ice_index_add (&session->pairs, &self->link, hash_ends (local, remote));
  return self;
}

void
ice_pair_detach (IcePair *self)
{
  IceComponent *component = self->component;
  IcePair *last = ice_list_get (&component->pairs, component->pairs.len - 1);

  ice_index_remove (&component->stream->session->pairs, &self->link);
  last->index = self->index;
  ice_list_remove_index_fast (&component->pairs, self->index);
  self->index = G_MAXUINT;
}

void
ice_pair_free (IcePair *self)
{
  g_assert (!self->listed && !self->parked && !self->triggered && !self->valid);

  while (self->requests != NULL)
    ice_request_free (self->requests);
  if (self->index != G_MAXUINT)
    ice_pair_detach (self);
  ice_end_unref (self->local);
  ice_end_unref (self->remote);
  g_free (self);
}

IcePair *
ice_pair_find (const IceEnd *local, const IceEnd *remote)
{
  const IceIndex *pairs = &local->component->stream->session->pairs;
  IceLink *link = ice_index_find (pairs, hash_ends (local, remote));

  for (; link != NULL; link = ice_index_find_next (link))
    {
      IcePair *pair = ICE_LINK_TO (link, IcePair, link);

      if (pair->local == local && pair->remote == remote)
        return pair;
    }
  return NULL;
}

/* --- rules --- */

void
ice_pair_update_priority (IcePair *self)
{
  guint32 local = self->local->value.priority, remote = self->remote->value.priority;

  if (self->component->stream->session->controlling)
    self->priority = ice_priority_of_pair (local, remote);
  else
    self->priority = ice_priority_of_pair (remote, local);
}

gboolean
ice_pair_is_relayed (const IcePair *self)
{
  return self->local->value.type == ICE_CANDIDATE_RELAYED
         || self->remote->value.type == ICE_CANDIDATE_RELAYED;
}

static gboolean
transports_fit (IceTransport local, IceTransport remote)
{
  switch (local)
    {
    case ICE_TRANSPORT_UDP:
      return remote == ICE_TRANSPORT_UDP;
    case ICE_TRANSPORT_TCP_ACTIVE:
      return remote == ICE_TRANSPORT_TCP_PASSIVE;
    case ICE_TRANSPORT_TCP_PASSIVE:
      return remote == ICE_TRANSPORT_TCP_ACTIVE;
    case ICE_TRANSPORT_TCP_SO:
      return remote == ICE_TRANSPORT_TCP_SO;
    }
  return FALSE;
}

gboolean
ice_pair_is_possible (const IceEnd *local, const IceEnd *remote)
{
  const NiceAddress *a = &local->value.addr, *b = &remote->value.addr;

  if (!transports_fit (local->value.transport, remote->value.transport))
    return FALSE;
  /* draft-ietf-mmusic-mdns-ice-candidates 3.3.2: a TURN server is not to learn the
   * address behind a name. */
  if (local->value.type == ICE_CANDIDATE_RELAYED && remote->value.by_name)
    return FALSE;
  if (a->s.addr.sa_family != b->s.addr.sa_family)
    return FALSE;
  return a->s.addr.sa_family != AF_INET6
         || nice_address_is_linklocal (a) == nice_address_is_linklocal (b);
}

/* Two relays have one connection between them at most, whoever asked for it, for it goes
 * from relayed address to relayed address (RFC 6062 5.2). The controlling end is the one
 * that hears of the other last, as a rule, and finds the door open. */
gboolean
ice_pair_is_left_to_peer (const IceEnd *local, const IceEnd *remote)
{
  const IceComponent *component = local->component;

  if (local->relay == 0 || component->stream->session->controlling
      || remote->value.type != ICE_CANDIDATE_RELAYED)
    return FALSE;
  for (guint i = 0; i < component->remotes.len; i++)
    {
      const IceEnd *other = ice_list_get (&component->remotes, i);

      if (other->value.type == ICE_CANDIDATE_RELAYED
          && other->value.transport == ICE_TRANSPORT_TCP_ACTIVE
          && nice_address_equal_no_port (&other->value.addr, &remote->value.addr))
        return TRUE;
    }
  return FALSE;
}
