/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* NiceCandidate: life, copies and comparison of the public candidate (RFC 8445 section
 * 5.1), and the way between it and the engine's values. It must not know an agent. */
#include "config.h"

#include "candidate-core.h"

#include <string.h>

G_STATIC_ASSERT ((int)NICE_CANDIDATE_TYPE_HOST == (int)ICE_CANDIDATE_HOST);
G_STATIC_ASSERT ((int)NICE_CANDIDATE_TYPE_SERVER_REFLEXIVE
                 == (int)ICE_CANDIDATE_SERVER_REFLEXIVE);
G_STATIC_ASSERT ((int)NICE_CANDIDATE_TYPE_PEER_REFLEXIVE
                 == (int)ICE_CANDIDATE_PEER_REFLEXIVE);
G_STATIC_ASSERT ((int)NICE_CANDIDATE_TYPE_RELAYED == (int)ICE_CANDIDATE_RELAYED);
G_STATIC_ASSERT ((int)NICE_CANDIDATE_TRANSPORT_UDP == (int)ICE_TRANSPORT_UDP);
G_STATIC_ASSERT ((int)NICE_CANDIDATE_TRANSPORT_TCP_ACTIVE
                 == (int)ICE_TRANSPORT_TCP_ACTIVE);
G_STATIC_ASSERT ((int)NICE_CANDIDATE_TRANSPORT_TCP_PASSIVE
                 == (int)ICE_TRANSPORT_TCP_PASSIVE);
G_STATIC_ASSERT ((int)NICE_CANDIDATE_TRANSPORT_TCP_SO == (int)ICE_TRANSPORT_TCP_SO);
G_STATIC_ASSERT (NICE_CANDIDATE_MAX_FOUNDATION == ICE_FOUNDATION_SIZE);

/* What nice_candidate_new() allocates. Programs built with headers older than 0.1.18 find
 * two pointers right behind the public part; they are NULL, which such programs expect of
 * a candidate without a relay. */
typedef struct
{
  NiceCandidate public;
  gpointer was_public[2];
  NiceAddress server;
} NiceCandidateImpl;

G_STATIC_ASSERT (sizeof (NiceCandidate) == 128 || sizeof (gpointer) != 8);

/* The three bytes of padding after the foundation say whether a candidate has the private
 * part: a program may pass one of its own, on the stack or in a structure. The mark
 * depends on the address, so that an assignment of structures does not carry it over. */
#define MARK_OFFSET (G_STRUCT_OFFSET (NiceCandidate, foundation) + ICE_FOUNDATION_SIZE)
#define MARK_SIZE 3
G_STATIC_ASSERT (MARK_OFFSET + MARK_SIZE <= G_STRUCT_OFFSET (NiceCandidate, username));

static void
mark_of (const NiceCandidate *candidate, guint8 mark[MARK_SIZE])
{
  guint64 hash = (guint64)GPOINTER_TO_SIZE (candidate) * 0x9e3779b97f4a7c15;

  for (guint i = 0; i < MARK_SIZE; i++)
    mark[i] = (guint8)(hash >> (40 + 8 * i));
}

static void
set_mark (NiceCandidate *candidate)
{
  guint8 mark[MARK_SIZE];

  mark_of (candidate, mark);
  memcpy ((guint8 *)candidate + MARK_OFFSET, mark, MARK_SIZE);
}

static const NiceCandidateImpl *
get_impl (const NiceCandidate *candidate)
{
  guint8 mark[MARK_SIZE];

  mark_of (candidate, mark);
  if (memcmp ((const guint8 *)candidate + MARK_OFFSET, mark, MARK_SIZE) != 0)
    return NULL;
  return (const NiceCandidateImpl *)candidate;
}

G_DEFINE_BOXED_TYPE (NiceCandidate, nice_candidate, nice_candidate_copy,
                     nice_candidate_free)

/**
 * nice_candidate_new:
 * @type: where it was learned
 *
 * Makes a candidate; everything else is zero and both addresses are unset.
 *
 * Returns: (transfer full): a candidate, to be released with [method@Nice.Candidate.free]
 */
NiceCandidate *
nice_candidate_new (NiceCandidateType type)
{
  NiceCandidateImpl *impl = g_new0 (NiceCandidateImpl, 1);

  impl->public.type = type;
  nice_address_init (&impl->public.addr);
  nice_address_init (&impl->public.base_addr);
  nice_address_init (&impl->server);
  set_mark (&impl->public);
  return &impl->public;
}

/**
 * nice_candidate_free:
 * @candidate: a candidate
 *
 * Releases a candidate, its user name and its password.
 */
void
nice_candidate_free (NiceCandidate *candidate)
{
  if (candidate == NULL)
    return;
  g_free (candidate->username);
  g_free (candidate->password);
  g_free (candidate);
}

/**
 * nice_candidate_copy:
 * @candidate: a candidate
 *
 * Copies a candidate.
 *
 * Returns: (transfer full): the copy, to be released with [method@Nice.Candidate.free]
 */
NiceCandidate *
nice_candidate_copy (const NiceCandidate *candidate)
{
  const NiceCandidateImpl *impl;
  NiceCandidate *copy;

  g_return_val_if_fail (candidate != NULL, NULL);

  impl = get_impl (candidate);
  copy = nice_candidate_new (candidate->type);
  *copy = *candidate;
  set_mark (copy);
  copy->username = g_strdup (candidate->username);
  copy->password = g_strdup (candidate->password);
  if (impl != NULL)
    ((NiceCandidateImpl *)copy)->server = impl->server;
  return copy;
}

/**
 * nice_candidate_equal_target:
 * @candidate1: a candidate
 * @candidate2: a candidate
 *
 * Whether two candidates stand for the same destination: same transport address and same
 * transport protocol.
 *
 * Returns: %TRUE if they do
 *
 * Since: 0.1.15
 */
gboolean
nice_candidate_equal_target (const NiceCandidate *candidate1,
                             const NiceCandidate *candidate2)
{
  g_return_val_if_fail (candidate1 != NULL, FALSE);
  g_return_val_if_fail (candidate2 != NULL, FALSE);

  return candidate1->transport == candidate2->transport
         && nice_address_equal (&candidate1->addr, &candidate2->addr);
}

/**
 * nice_candidate_type_to_string:
 * @type: a type
 *
 * Names a type, as SDP does.
 *
 * Returns: (transfer none): the name of @type in SDP (RFC 8839 section 5.1): `host`,
 *   `srflx`, `prflx` or `relay`
 *
 * Since: 0.1.19
 */
const gchar *
nice_candidate_type_to_string (NiceCandidateType type)
{
  switch (type)
    {
    case NICE_CANDIDATE_TYPE_HOST:
      return "host";
    case NICE_CANDIDATE_TYPE_SERVER_REFLEXIVE:
      return "srflx";
    case NICE_CANDIDATE_TYPE_PEER_REFLEXIVE:
      return "prflx";
    case NICE_CANDIDATE_TYPE_RELAYED:
      return "relay";
    }
  g_return_val_if_reached ("(invalid)");
}

/**
 * nice_candidate_transport_to_string:
 * @transport: a transport protocol
 *
 * Names a transport protocol, as drafts of RFC 6544 did.
 *
 * Returns: (transfer none): `udp`, `tcp-act`, `tcp-pass` or `tcp-so`
 *
 * Since: 0.1.19
 */
const gchar *
nice_candidate_transport_to_string (NiceCandidateTransport transport)
{
  switch (transport)
    {
    case NICE_CANDIDATE_TRANSPORT_UDP:
      return "udp";
    case NICE_CANDIDATE_TRANSPORT_TCP_ACTIVE:
      return "tcp-act";
    case NICE_CANDIDATE_TRANSPORT_TCP_PASSIVE:
      return "tcp-pass";
    case NICE_CANDIDATE_TRANSPORT_TCP_SO:
      return "tcp-so";
    }
  g_return_val_if_reached ("(invalid)");
}

/**
 * nice_candidate_relay_address:
 * @candidate: a local candidate of type %NICE_CANDIDATE_TYPE_RELAYED
 * @addr: set to the address of the TURN server; to no address if that is not known
 *
 * Tells which TURN server a relayed candidate is on.
 *
 * Since: 0.1.19
 */
void
nice_candidate_relay_address (const NiceCandidate *candidate, NiceAddress *addr)
{
  const NiceCandidateImpl *impl;

  g_return_if_fail (candidate != NULL);
  g_return_if_fail (addr != NULL);

  impl = get_impl (candidate);
  if (impl != NULL && candidate->type == NICE_CANDIDATE_TYPE_RELAYED)
    *addr = impl->server;
  else
    nice_address_init (addr);
}

/**
 * nice_candidate_stun_server_address:
 * @candidate: a local candidate of type %NICE_CANDIDATE_TYPE_SERVER_REFLEXIVE
 * @addr: set to the address of the STUN server, if that is known
 *
 * Tells which STUN server a server-reflexive candidate was learned from.
 *
 * Returns: %TRUE if it is known
 *
 * Since: 0.1.20
 */
gboolean
nice_candidate_stun_server_address (const NiceCandidate *candidate, NiceAddress *addr)
{
  const NiceCandidateImpl *impl;

  g_return_val_if_fail (candidate != NULL, FALSE);
  g_return_val_if_fail (addr != NULL, FALSE);

  impl = get_impl (candidate);
  if (impl == NULL || candidate->type != NICE_CANDIDATE_TYPE_SERVER_REFLEXIVE
      || !nice_address_is_valid (&impl->server))
    return FALSE;
  *addr = impl->server;
  return TRUE;
}

NiceCandidate *
nice_candidate_from_ice (const IceCandidate *from)
{
  NiceCandidate *to = nice_candidate_new ((NiceCandidateType)from->type);

  to->transport = (NiceCandidateTransport)from->transport;
  to->addr = from->addr;
  to->base_addr = from->base_addr;
  to->priority = from->priority;
  to->stream_id = from->stream_id;
  to->component_id = from->component_id;
  g_strlcpy (to->foundation, from->foundation, sizeof to->foundation);
  to->username = g_strdup (from->username);
  to->password = g_strdup (from->password);
  ((NiceCandidateImpl *)to)->server = from->server;
  return to;
}

IceCandidate
nice_candidate_to_ice (const NiceCandidate *candidate)
{
  IceCandidate to = { 0 };

  to.type = (IceCandidateType)candidate->type;
  to.transport = (IceTransport)candidate->transport;
  to.stream_id = candidate->stream_id;
  to.component_id = candidate->component_id;
  to.priority = candidate->priority;
  to.addr = candidate->addr;
  to.base_addr = candidate->base_addr;
  nice_address_init (&to.server);
  /* A program may have filled the array to its last byte. */
  memcpy (to.foundation, candidate->foundation, sizeof to.foundation - 1);
  to.username = candidate->username;
  to.password = candidate->password;
  return to;
}

GSList *
nice_candidate_list_from_ice (const GArray *candidates)
{
  GSList *list = NULL;

  for (guint i = candidates->len; i-- > 0;)
    list = g_slist_prepend (
        list, nice_candidate_from_ice (&g_array_index (candidates, IceCandidate, i)));
  return list;
}

static gboolean
same_address (const NiceAddress *a, const NiceAddress *b)
{
  if (!nice_address_is_valid (a) || !nice_address_is_valid (b))
    return nice_address_is_valid (a) == nice_address_is_valid (b);
  return nice_address_equal (a, b);
}

gboolean
nice_candidate_same (const NiceCandidate *a, const NiceCandidate *b)
{
  return a->type == b->type && a->transport == b->transport && a->priority == b->priority
         && a->stream_id == b->stream_id && a->component_id == b->component_id
         && same_address (&a->addr, &b->addr)
         && same_address (&a->base_addr, &b->base_addr)
         && strcmp (a->foundation, b->foundation) == 0
         && g_strcmp0 (a->username, b->username) == 0
         && g_strcmp0 (a->password, b->password) == 0;
}
