/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Numbers that order candidates and pairs. */
#pragma once

#include "ice/types.h"

G_BEGIN_DECLS

/* RFC 8445 5.1.2.2, RFC 6544 4.2; the values are those that peers of NiceAgent know. */
enum
{
  ICE_TYPE_PREFERENCE_HOST = 120,
  ICE_TYPE_PREFERENCE_PEER_REFLEXIVE = 110,
  ICE_TYPE_PREFERENCE_NAT_ASSISTED = 105,
  ICE_TYPE_PREFERENCE_SERVER_REFLEXIVE = 100,
  ICE_TYPE_PREFERENCE_RELAYED_UDP = 30,
  ICE_TYPE_PREFERENCE_RELAYED_TCP = 20
};

/* Added to the index of an IPv6 relay that has an IPv4 one beside it, of the same server
 * and base (RFC 8421 4). */
#define ICE_RANK_OF_IPV6 (1 << 9)

typedef struct
{
  IceCandidateType type;
  IceTransport transport;
  guint component_id;
  gboolean reliable;    /* the agent's mode: it prefers TCP, the other one UDP */
  gboolean over_tcp;    /* relayed: the server is reached over a connection */
  gboolean is_assisted; /* server-reflexive: the NAT was asked for it */
  guint server_index;   /* relayed: order of the servers, later ones are preferred */
  guint address_index;  /* order of the base's address, later ones are preferred */
  guint32 fixed;        /* by dialect; 0: by RFC 8445 */
  gboolean has_own_preference; /* by dialect: that of OC2007R2 */
} IcePriorityInput;

guint32 ice_priority_of_candidate (const IcePriorityInput *input);
/* RFC 8445 7.1.1: what the candidate's priority would be, were it peer-reflexive. */
guint32 ice_priority_as_peer_reflexive (guint32 priority, IceTransport transport,
                                        gboolean reliable);
/* RFC 8445 6.1.2.3 */
guint64 ice_priority_of_pair (guint32 controlling, guint32 controlled);
/* RFC 8421 4: fills index[i] with the rank of address i, higher first, so that IPv6 comes
 * first and IPv4 is mixed in; with one family present the rank is the position. */
void ice_priority_rank_addresses (const NiceAddress *addresses, guint n, guint *index);

G_END_DECLS
