/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Numbers that order candidates and pairs: RFC 8445 5.1.2, 6.1.2.3, RFC 6544 4.2, RFC
 * 8421. Pure arithmetic; knows no state. */
#include "config.h"

#include "ice/priority.h"

static guint
type_preference (const IcePriorityInput *input)
{
  gboolean tcp = input->transport != ICE_TRANSPORT_UDP;
  guint preference = 0;

  switch (input->type)
    {
    case ICE_CANDIDATE_HOST:
      preference = ICE_TYPE_PREFERENCE_HOST;
      break;
    case ICE_CANDIDATE_PEER_REFLEXIVE:
      preference = ICE_TYPE_PREFERENCE_PEER_REFLEXIVE;
      break;
    case ICE_CANDIDATE_SERVER_REFLEXIVE:
      preference = input->is_assisted ? ICE_TYPE_PREFERENCE_NAT_ASSISTED
                                      : ICE_TYPE_PREFERENCE_SERVER_REFLEXIVE;
      break;
    case ICE_CANDIDATE_RELAYED:
      preference = input->over_tcp ? ICE_TYPE_PREFERENCE_RELAYED_TCP
                                   : ICE_TYPE_PREFERENCE_RELAYED_UDP;
      break;
    }
  /* The transport that the application would rather not have loses half. */
  return tcp == (input->reliable != FALSE) ? preference : preference / 2;
}

static guint
direction_preference (const IcePriorityInput *input)
{
  gboolean from_host =
      input->type == ICE_CANDIDATE_HOST || input->type == ICE_CANDIDATE_SERVER_REFLEXIVE;
  guint preference = 0;

  switch (input->transport)
    {
    case ICE_TRANSPORT_UDP:
      preference = 1;
      break;
    case ICE_TRANSPORT_TCP_ACTIVE:
      preference = from_host ? 4 : 6;
      break;
    case ICE_TRANSPORT_TCP_PASSIVE:
      preference = from_host ? 2 : 4;
      break;
    case ICE_TRANSPORT_TCP_SO:
      preference = from_host ? 6 : 2;
      break;
    }
  return preference;
}

/* OC2007R2 has four bits for the transport, and three for the direction. */
static guint
own_preference (const IcePriorityInput *input)
{
  guint direction = 0;

  if (input->transport == ICE_TRANSPORT_TCP_ACTIVE)
    direction = 5;
  else if (input->transport == ICE_TRANSPORT_TCP_PASSIVE)
    direction = 2;
  return (input->transport == ICE_TRANSPORT_UDP ? 15u : 6u) << 12 | direction << 9
         | (input->server_index & 7) << 6 | (input->address_index & 0x3f);
}

guint32
ice_priority_of_candidate (const IcePriorityInput *input)
{
  /* Six bits hold the address; what exceeds them goes into the four bits that nothing
   * else uses, so that no two of a thousand addresses are equal (RFC 8445 5.1.2.1). */
  guint address =
      (input->address_index & 0x3f) | ((input->address_index >> 6 & 0xf) << 9);
  guint local =
      direction_preference (input) << 13 | (input->server_index & 7) << 6 | address;

  if (input->fixed != 0)
    return input->fixed;
  if (input->has_own_preference)
    local = own_preference (input);
  return type_preference (input) << 24 | local << 8
         | (256 - MIN (input->component_id, 256));
}

guint32
ice_priority_as_peer_reflexive (guint32 priority, IceTransport transport,
                                gboolean reliable)
{
  IcePriorityInput input = { .type = ICE_CANDIDATE_PEER_REFLEXIVE,
                             .transport = transport,
                             .reliable = reliable };

  return (priority & 0xffffff) | type_preference (&input) << 24;
}

guint64
ice_priority_of_pair (guint32 controlling, guint32 controlled)
{
  guint64 low = MIN (controlling, controlled), high = MAX (controlling, controlled);

  return (low << 32) + 2 * high + (controlling > controlled);
}

void
ice_priority_rank_addresses (const NiceAddress *addresses, guint n, guint *index)
{
  guint n4 = 0, n6 = 0, taken4 = 0, taken6 = 0, head;
  guint next4 = n, next6 = n;

  for (guint i = 0; i < n; i++)
    if (nice_address_ip_version (&addresses[i]) == 6)
      n6++;
    else
      n4++;
  head = n4 > 0 ? (n4 + n6) / n4 : n6;

  /* From the best down; within a family later ones are better. */
  for (guint rank = n; rank > 0; rank--)
    {
      gboolean six = taken6 < head || (taken6 - head) < taken4;
      guint *next;

      if (taken6 == n6)
        six = FALSE;
      else if (taken4 == n4)
        six = TRUE;
      next = six ? &next6 : &next4;
      do
        (*next)--;
      while ((nice_address_ip_version (&addresses[*next]) == 6) != six);
      index[*next] = rank - 1;
      if (six)
        taken6++;
      else
        taken4++;
    }
}
