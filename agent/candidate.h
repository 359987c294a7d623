/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* NiceCandidate: one candidate as programs see it (RFC 8445 section 5.1). */
#pragma once

#include <glib-object.h>
#include <glib.h>

#include "address.h"

G_BEGIN_DECLS

/**
 * NICE_CANDIDATE_MAX_FOUNDATION:
 *
 * Size of the foundation of a candidate: 32 characters (RFC 8839 section 5.1) and the
 * terminator.
 */
#define NICE_CANDIDATE_MAX_FOUNDATION (32 + 1)

/**
 * NICE_CANDIDATE_MAX_TURN_SERVERS:
 *
 * How many TURN servers a component can have.
 */
#define NICE_CANDIDATE_MAX_TURN_SERVERS 8

/**
 * NICE_CANDIDATE_MAX_LOCAL_ADDRESSES:
 *
 * How many local addresses are used for host candidates of a component.
 */
#define NICE_CANDIDATE_MAX_LOCAL_ADDRESSES 64

/**
 * NiceCandidateType:
 * @NICE_CANDIDATE_TYPE_HOST: an address of this host
 * @NICE_CANDIDATE_TYPE_SERVER_REFLEXIVE: our address as a STUN or TURN server sees it
 * @NICE_CANDIDATE_TYPE_PEER_REFLEXIVE: our address as the peer sees it, or the peer's as
 *   we see it
 * @NICE_CANDIDATE_TYPE_RELAYED: an address on a TURN server
 *
 * Where a candidate was learned.
 */
typedef enum
{
  NICE_CANDIDATE_TYPE_HOST,
  NICE_CANDIDATE_TYPE_SERVER_REFLEXIVE,
  NICE_CANDIDATE_TYPE_PEER_REFLEXIVE,
  NICE_CANDIDATE_TYPE_RELAYED
} NiceCandidateType;

/**
 * NiceCandidateTransport:
 * @NICE_CANDIDATE_TRANSPORT_UDP: UDP
 * @NICE_CANDIDATE_TRANSPORT_TCP_ACTIVE: TCP, this end connects (RFC 6544)
 * @NICE_CANDIDATE_TRANSPORT_TCP_PASSIVE: TCP, this end listens (RFC 6544)
 * @NICE_CANDIDATE_TRANSPORT_TCP_SO: TCP, both ends connect at once (RFC 6544)
 *
 * The transport protocol of a candidate.
 */
typedef enum
{
  NICE_CANDIDATE_TRANSPORT_UDP,
  NICE_CANDIDATE_TRANSPORT_TCP_ACTIVE,
  NICE_CANDIDATE_TRANSPORT_TCP_PASSIVE,
  NICE_CANDIDATE_TRANSPORT_TCP_SO
} NiceCandidateTransport;

/**
 * NiceRelayType:
 * @NICE_RELAY_TYPE_TURN_UDP: over UDP
 * @NICE_RELAY_TYPE_TURN_TCP: over TCP
 * @NICE_RELAY_TYPE_TURN_TLS: over TLS; in the dialects of Google and Office Communicator,
 *   over TCP behind an imitation of a TLS handshake
 *
 * How a TURN server is reached.
 */
typedef enum
{
  NICE_RELAY_TYPE_TURN_UDP,
  NICE_RELAY_TYPE_TURN_TCP,
  NICE_RELAY_TYPE_TURN_TLS
} NiceRelayType;

typedef struct _NiceCandidate NiceCandidate;

/**
 * NiceCandidate:
 * @type: where it was learned
 * @transport: its transport protocol
 * @addr: its transport address
 * @base_addr: the address it was derived from: for a local candidate its base
 *   (RFC 8445 section 5.1.1), for a remote one `raddr` and `rport`, if any
 * @priority: RFC 8445 section 5.1.2
 * @stream_id: the stream it belongs to
 * @component_id: the component it belongs to
 * @foundation: terminated string, the same for candidates of one type, base, transport
 *   and server (RFC 8445 section 5.1.1.3)
 * @username: (allow-none): user name of this candidate alone, of the dialects that have
 *   such, or %NULL; released with g_free()
 * @password: (allow-none): password of this candidate alone, or %NULL; released with
 *   g_free()
 *
 * A candidate. Only [ctor@Nice.Candidate.new] and [method@Nice.Candidate.copy] make them:
 * the structure goes on behind what is public.
 */
struct _NiceCandidate
{
  NiceCandidateType type;
  NiceCandidateTransport transport;
  NiceAddress addr;
  NiceAddress base_addr;
  guint32 priority;
  guint stream_id;
  guint component_id;
  gchar foundation[NICE_CANDIDATE_MAX_FOUNDATION];
  gchar *username;
  gchar *password;
};

#define NICE_TYPE_CANDIDATE nice_candidate_get_type ()

GType nice_candidate_get_type (void);

NiceCandidate *nice_candidate_new (NiceCandidateType type);
void nice_candidate_free (NiceCandidate *candidate);
NiceCandidate *nice_candidate_copy (const NiceCandidate *candidate);
gboolean nice_candidate_equal_target (const NiceCandidate *candidate1,
                                      const NiceCandidate *candidate2);
const gchar *nice_candidate_type_to_string (NiceCandidateType type);
const gchar *nice_candidate_transport_to_string (NiceCandidateTransport transport);
void nice_candidate_relay_address (const NiceCandidate *candidate, NiceAddress *addr);
gboolean
nice_candidate_stun_server_address (const NiceCandidate *candidate, NiceAddress *addr);

G_END_DECLS
