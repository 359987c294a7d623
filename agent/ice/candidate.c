/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Candidates of both sides: their identity, foundations and index. Decides when two are
 * one (RFC 8445 5.1.1.3, 5.1.3); must not know of checks. */
#include "config.h"

#include "ice/candidate.h"

#include "ice/dialect.h"
#include "ice/priority.h"
#include "ice/trace.h"

typedef struct
{
  IceCandidateType type;
  IceTransport transport;
  NiceAddress base, server;
} FoundationKey;

IceEnd *
ice_end_ref (IceEnd *self)
{
  self->refs++;
  return self;
}

void
ice_end_unref (IceEnd *self)
{
  if (--self->refs > 0)
    return;
  g_free (self->username);
  g_free (self->password);
  g_free (self);
}

static gboolean
same_host (const NiceAddress *a, const NiceAddress *b)
{
  gboolean valid = nice_address_is_valid (a);

  return valid == nice_address_is_valid (b)
         && (!valid || nice_address_equal_no_port (a, b));
}

/* RFC 8445 5.1.1.3. The distinct ones are few whatever the number of streams, so they are
 * searched, not hashed. */
static guint
find_foundation (IceSession *session, const FoundationKey *key)
{
  IceList *known = &session->foundations;

  for (guint i = 0; i < known->len; i++)
    {
      const FoundationKey *other = ice_list_get (known, i);

      if (other->type == key->type && other->transport == key->transport
          && same_host (&other->base, &key->base)
          && same_host (&other->server, &key->server))
        return i + 1;
    }
  ice_list_add (known, g_memdup2 (key, sizeof *key));
  return known->len;
}

IceEnd *
ice_candidate_add_local (IceComponent *component, const IceLocalSpec *spec)
{
  IceStream *stream = component->stream;
  IceSession *session = stream->session;
  const IceQuirks *quirks = ice_dialect_of (session);
  IcePriorityInput input = { .type = spec->type,
                             .transport = spec->transport,
                             .component_id = component->id,
                             .reliable = session->config.reliable,
                             .over_tcp = spec->over_tcp,
                             .is_assisted = spec->is_assisted,
                             .server_index = spec->server_index,
                             .address_index = spec->address_index,
                             .fixed = quirks->priorities[spec->type],
                             .has_own_preference = quirks->has_own_preference };
  FoundationKey key = { .type = spec->type,
                        .transport = spec->transport,
                        .base = spec->type == ICE_CANDIDATE_RELAYED ? spec->addr
                                                                    : spec->base_addr,
                        .server = spec->server_addr };
  IceEnd *self = g_new0 (IceEnd, 1);

  self->value = (IceCandidate) { .id = ++session->last_candidate_id,
                                 .base = spec->base,
                                 .type = spec->type,
                                 .transport = spec->transport,
                                 .stream_id = stream->id,
                                 .component_id = component->id,
                                 .priority = ice_priority_of_candidate (&input),
                                 .addr = spec->addr,
                                 .base_addr = spec->base_addr,
                                 .server = spec->server_addr,
                                 .server_id = spec->server };
  if (quirks->naming != ICE_NAMES_OF_STREAM) /* the stream's never change then */
    {
      self->value.username = stream->local.ufrag;
      self->value.password = quirks->has_integrity ? stream->local.pwd : NULL;
    }
  g_snprintf (self->value.foundation, ICE_FOUNDATION_SIZE, "%u",
              find_foundation (session, &key));
  self->component = component;
  self->refs = 1;
  self->since = session->now;
  self->address_index = spec->address_index;
  self->server = spec->server;
  self->own_addr = spec->addr;
  self->is_local = TRUE;
  ice_list_add (&component->locals, self);
  ICE_TRACE (session, "local candidate %u: type %u, base %u", self->value.id, spec->type,
             spec->base);
  return self;
}

IceEnd *
ice_candidate_find_local (const IceComponent *component, IceTransport transport,
                          const NiceAddress *addr, IceBaseId base)
{
  for (guint i = 0; i < component->locals.len; i++)
    {
      IceEnd *end = ice_list_get (&component->locals, i);

      if (end->value.transport == transport && (base == 0 || end->value.base == base)
          && nice_address_equal (&end->value.addr, addr))
        return end;
    }
  return NULL;
}

/* --- remote --- */

guint
ice_address_hash (const NiceAddress *addr)
{
  guint hash = nice_address_get_port (addr);
  guint32 words[4] = { 0 };

  if (addr->s.addr.sa_family == AF_INET)
    words[0] = addr->s.ip4.sin_addr.s_addr;
  else
    memcpy (words, &addr->s.ip6.sin6_addr, sizeof words);
  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    hash = hash * 0x9e3779b1u + words[i];
  return hash;
}

static guint
hash_remote (const IceComponent *component, IceTransport transport,
             const NiceAddress *addr)
{
  return ice_address_hash (addr) + transport + 31 * component->id
         + 1009 * component->stream->id;
}

IceEnd *
ice_candidate_add_remote (IceComponent *component, const IceCandidate *value)
{
  IceSession *session = component->stream->session;
  IceEnd *self = g_new0 (IceEnd, 1);

  self->value = *value;
  self->value.id = ++session->last_candidate_id;
  self->value.base = 0;
  self->value.stream_id = component->stream->id;
  self->value.component_id = component->id;
  self->value.foundation[ICE_FOUNDATION_SIZE - 1] = '\0';
  self->value.username = self->username = g_strdup (value->username);
  self->value.password = self->password = g_strdup (value->password);
  self->component = component;
  self->refs = 1;
  ice_list_add (&component->remotes, self);
  ice_index_add (&session->remotes, &self->link,
                 hash_remote (component, value->transport, &value->addr));
  ICE_TRACE (session, "remote candidate %u: type %u", self->value.id, value->type);
  return self;
}

IceEnd *
ice_candidate_find_remote (const IceComponent *component, IceTransport transport,
                           const NiceAddress *addr)
{
  const IceIndex *remotes = &component->stream->session->remotes;
  IceLink *link = ice_index_find (remotes, hash_remote (component, transport, addr));

  for (; link != NULL; link = ice_index_find_next (link))
    {
      IceEnd *end = ICE_LINK_TO (link, IceEnd, link);

      if (end->component == component && end->value.transport == transport
          && nice_address_equal (&end->value.addr, addr))
        return end;
    }
  return NULL;
}

void
ice_candidate_remove_remote (IceEnd *remote)
{
  ice_index_remove (&remote->component->stream->session->remotes, &remote->link);
  ice_list_remove (&remote->component->remotes, remote);
  ice_end_unref (remote);
}

IceEnd *
ice_candidate_learn_remote (IceComponent *component, IceTransport transport,
                            const NiceAddress *addr, guint32 priority)
{
  IceCandidate value = { .type = ICE_CANDIDATE_PEER_REFLEXIVE,
                         .transport = transport,
                         .priority = priority,
                         .addr = *addr,
                         .base_addr = *addr };
  IceEnd *self;

  if (component->n_learned >= ICE_MAX_LEARNED)
    return NULL;
  nice_address_init (&value.server);
  g_snprintf (value.foundation, ICE_FOUNDATION_SIZE, "remote%u", ++component->n_learned);
  self = ice_candidate_add_remote (component, &value);
  ice_candidate_announce (self, ICE_EVENT_REMOTE_CANDIDATE);
  return self;
}

void
ice_candidate_announce (const IceEnd *end, IceEventType event)
{
  const IceComponent *component = end->component;

  ice_outbox_add_event (&component->stream->session->outbox, event, component->stream->id,
                        component->id)
      ->candidate = end->value;
}
