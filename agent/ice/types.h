/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The engine's vocabulary: what its modules, its driver and the simulator share. Values
 * only; the numbers of the enumerations equal those of the public ones, which agent/
 * asserts at compile time. */
#pragma once

#include <glib.h>

#include "socket/address.h"

G_BEGIN_DECLS

#define ICE_NEVER G_MAXINT64
#define ICE_MS G_GINT64_CONSTANT (1000)
#define ICE_SECOND G_GINT64_CONSTANT (1000000)
#define ICE_MAX_COMPONENTS 256 /* of a stream: RFC 8839 5.1 */
#define ICE_FOUNDATION_SIZE 33 /* RFC 8839 5.1: 32 characters, and the NUL */

/* Names of sockets, relays and connections, and of candidates, in one engine; 0 is none,
 * and none is given twice. */
typedef guint32 IceBaseId;
typedef guint32 IceCandidateId;

typedef enum
{
  ICE_CANDIDATE_HOST,
  ICE_CANDIDATE_SERVER_REFLEXIVE,
  ICE_CANDIDATE_PEER_REFLEXIVE,
  ICE_CANDIDATE_RELAYED
} IceCandidateType;

typedef enum
{
  ICE_TRANSPORT_UDP,
  ICE_TRANSPORT_TCP_ACTIVE,
  ICE_TRANSPORT_TCP_PASSIVE,
  ICE_TRANSPORT_TCP_SO
} IceTransport;

typedef enum
{
  ICE_COMPONENT_DISCONNECTED,
  ICE_COMPONENT_GATHERING,
  ICE_COMPONENT_CONNECTING,
  ICE_COMPONENT_CONNECTED,
  ICE_COMPONENT_READY,
  ICE_COMPONENT_FAILED
} IceComponentState;

typedef enum
{
  ICE_NOMINATION_REGULAR,
  ICE_NOMINATION_AGGRESSIVE
} IceNominationMode;

typedef enum
{
  ICE_PAIR_FROZEN,
  ICE_PAIR_WAITING,
  ICE_PAIR_IN_PROGRESS,
  ICE_PAIR_SUCCEEDED,
  ICE_PAIR_FAILED
} IcePairState;

/* Why a component failed, or a base or server could not be had. */
typedef enum
{
  ICE_REASON_NONE,
  ICE_REASON_NO_LOCAL_CANDIDATES,
  ICE_REASON_NO_REMOTE_CANDIDATES,
  ICE_REASON_NO_PAIRS,      /* nothing of the two lists fits together */
  ICE_REASON_CHECKS_FAILED, /* every pair was tried */
  ICE_REASON_CONSENT_LOST,  /* RFC 7675 5.1: thirty seconds of silence */
  ICE_REASON_CONSENT_REVOKED,
  ICE_REASON_BASE_LOST, /* the selected pair's socket, connection or allocation ended */
  ICE_REASON_ADDRESS_IN_USE,
  ICE_REASON_UNREACHABLE,
  ICE_REASON_REFUSED,
  ICE_REASON_TIMEOUT,
  ICE_REASON_UNAUTHORIZED,
  ICE_REASON_NAME_NOT_FOUND,
  ICE_REASON_CERTIFICATE,
  ICE_REASON_PROTOCOL,
  ICE_REASON_NO_RESOURCES,
  /* What TURN servers say (RFC 8656 7.4, 19). */
  ICE_REASON_REDIRECTED, /* 300, and there was nowhere to go */
  ICE_REASON_FORBIDDEN,  /* 403 */
  ICE_REASON_MISMATCH,   /* 437: our port is in use there */
  ICE_REASON_FAMILY,     /* 440, 443 */
  ICE_REASON_TRANSPORT,  /* 442 */
  ICE_REASON_QUOTA,      /* 486 */
  ICE_REASON_CAPACITY    /* 508 */
} IceReason;

/* One candidate as a value. The strings are owned by the engine and valid as long as the
 * candidate. */
typedef struct
{
  IceCandidateId id;
  IceBaseId base; /* local candidates only */
  IceCandidateType type;
  IceTransport transport;
  guint stream_id, component_id;
  guint32 priority;
  NiceAddress addr;
  /* Local: the base's. Remote: raddr and rport, AF_UNSPEC: none; of one learned from a
   * check its own address, as in libnice: Janus writes its candidate line from it. */
  NiceAddress base_addr;
  NiceAddress server; /* the STUN or TURN server it was learned from; AF_UNSPEC: none */
  guint server_id;    /* local: its id; 0: none */
  gboolean by_name;   /* remote: its address was told by a name under .local alone */
  gchar foundation[ICE_FOUNDATION_SIZE];
  /* Of dialects whose candidates have them, else NULL. */
  const gchar *username, *password;
} IceCandidate;

/* One row of a checklist, for tables and statistics. Times in microseconds. */
typedef struct
{
  IceCandidate local, remote;
  IceBaseId base; /* what its messages leave from; 0: not there yet */
  guint64 priority;
  IcePairState state;
  gboolean valid, nominated, selected;
  guint64 requests_sent, requests_received, responses_sent, responses_received;
  guint64 consent_requests_sent; /* of requests_sent */
  /* Last measured, and summed over responses_received; 0: none yet. */
  gint64 rtt, total_rtt;
  gint64 consent_until; /* 0: not under RFC 7675 */
  IceReason last_error;
  guint last_error_code; /* STUN error code, or 0 */
} IcePairInfo;

G_END_DECLS
