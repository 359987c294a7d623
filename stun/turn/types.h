/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a TURN client is told once, what it tells, and the limits of what a server or a
 * peer can make it keep. Values only. RFC 8656, RFC 6062. */
#pragma once

#include "stun/address.h"
#include "stun/transaction.h"

G_BEGIN_DECLS

#define TURN_NEVER STUN_NEVER
#define TURN_SECOND G_GINT64_CONSTANT (1000000)

/* RFC 8656 9, 12: how long the server keeps what it granted. */
#define TURN_PERMISSION_LIFETIME (300 * TURN_SECOND)
#define TURN_CHANNEL_LIFETIME (600 * TURN_SECOND)
#define TURN_CHANNEL_QUARANTINE (300 * TURN_SECOND)
/* Ahead of expiry by more than a request with all its repetitions takes (39.5 s, RFC 8489
 * 6.2.1), so that media never waits for it. */
#define TURN_REFRESH_AHEAD (60 * TURN_SECOND)

/* Between two Refreshes that are sent before their time; ours to choose: pauses of a
 * speaker are no reason for more. */
#define TURN_PROBE_REST (10 * TURN_SECOND)

/* Limits of ours: RFC 8656 names none. */
#define TURN_MAX_PERMISSIONS 128 /* an ICE checklist has 100 pairs by default */
#define TURN_MAX_CHANNELS 32     /* only selected pairs get one */
#define TURN_MAX_CONNECTIONS 32
#define TURN_MAX_REQUESTS 256 /* all of the above at once, and the allocation's own */
#define TURN_MAX_PENDING 64   /* datagrams that wait for a permission ... */
#define TURN_MAX_PENDING_BYTES (128 * 1024) /* ... and their bytes */
#define TURN_MAX_EVENTS 256 /* whoever does not poll loses news, not memory */

typedef enum
{
  TURN_FAULT_NONE,
  TURN_FAULT_TIMEOUT,
  TURN_FAULT_FORGED,       /* answers came, none of them authentic */
  TURN_FAULT_REDIRECTED,   /* 300: TurnEvent.failed says where to */
  TURN_FAULT_BAD_REQUEST,  /* 400, 420 and what else the server did not understand */
  TURN_FAULT_UNAUTHORIZED, /* 401, 441 */
  TURN_FAULT_FORBIDDEN,    /* 403 */
  TURN_FAULT_MISMATCH,     /* 437 to Allocate: the 5-tuple is in use */
  TURN_FAULT_FAMILY,       /* 440, 443, or a relayed address of a family not asked for */
  TURN_FAULT_TRANSPORT,    /* 442 */
  TURN_FAULT_CONNECTED,    /* 446: there is a connection to that peer already */
  TURN_FAULT_UNREACHABLE,  /* 447: the peer cannot be connected to */
  TURN_FAULT_QUOTA,        /* 486 */
  TURN_FAULT_CAPACITY,     /* 508 */
  TURN_FAULT_SERVER,       /* 500 and codes that nobody assigned */
  TURN_FAULT_LOST          /* the allocation is gone: 437 to a request in it, expiry */
} TurnFault;

/* Words for people ("allocation quota reached"); never NULL. */
const gchar *turn_fault_get_name (TurnFault fault);
/* How long the server is to be left alone after that (RFC 8656 7.4), 0: no rule. */
gint64 turn_fault_get_backoff (TurnFault fault);
TurnFault turn_fault_of_code (guint code);

/* RFC 8656 8: when to renew what was granted now: about a minute ahead; of a short life
 * half is left for repetitions. */
static inline gint64
turn_get_refresh (gint64 now, gint64 lifetime)
{
  return now
         + (lifetime > 2 * TURN_REFRESH_AHEAD ? lifetime - TURN_REFRESH_AHEAD
                                              : lifetime / 2);
}

typedef enum
{
  TURN_FAMILY_DEFAULT, /* the server's choice: IPv4 where it has it (RFC 8656 7.2) */
  TURN_FAMILY_IPV6,    /* REQUESTED-ADDRESS-FAMILY */
  TURN_FAMILY_BOTH     /* ADDITIONAL-ADDRESS-FAMILY: one allocation, two addresses */
} TurnFamily;

/* The only thing from outside that a client uses; must be cryptographic. */
typedef struct
{
  void (*random) (gpointer data, guint8 *dest, gsize len);
  gpointer data;
} TurnEnv;

/* Strings are copied. */
typedef struct
{
  const gchar *username, *password;
  const gchar *software; /* SOFTWARE of every request, or NULL */
  gboolean reliable;     /* the server is reached over a stream */
  gboolean connections;  /* RFC 6062: relay TCP; reliable only */
  TurnFamily family;     /* BOTH: excludes even_port with reserve, and a token */
  gboolean even_port,
      reserve; /* RFC 8656 18.6: an even port; and the next one for later */
  const guint8
      *reservation;       /* 8 bytes that an allocation with reserve brought, or NULL */
  gboolean dont_fragment; /* sets DF on what is relayed, where the server can */
  guint32 lifetime;       /* seconds to ask for, 0: what the server likes */
  StunTiming timing;      /* of Allocate; zeroed: that of RFC 8489 */
  /* Of servers that keep them for less than RFC 8656 9 and 12 have it; 0: they do not. */
  gint64 permission_lifetime, channel_lifetime;
} TurnConfig;

typedef enum
{
  TURN_EVENT_ALLOCATED,  /* allocated */
  TURN_EVENT_FAILED,     /* failed; the client does nothing any more */
  TURN_EVENT_RELEASED,   /* after turn_client_release() */
  TURN_EVENT_PEER_ERROR, /* peer: pairs towards it fail, the allocation does not */
  TURN_EVENT_CONNECTION  /* connection: bind it (RFC 6062 4.3, 4.4) */
} TurnEventType;

typedef struct
{
  TurnEventType type;
  union
  {
    struct
    {
      StunAddress relayed[2]; /* one of each family at most */
      guint n_relayed;
      StunAddress mapped; /* AF_UNSPEC: not told */
      guint refused_code; /* BOTH: why there is one only (440, 508), 0: there are two */
      gboolean has_reservation;
      guint8 reservation[8];
    } allocated;
    struct
    {
      TurnFault fault;
      guint code;            /* of the server's answer, 0: there was none */
      gchar reason[128];     /* of the server's answer, printable ASCII */
      StunAddress alternate; /* REDIRECTED */
      gchar
          alternate_domain[256]; /* REDIRECTED: the name to verify, or "" (RFC 8489 10) */
    } failed;
    struct
    {
      StunAddress address;
      guint code;                  /* STUN error code, 0: ICMP said it, or a timeout */
      guint8 icmp_type, icmp_code; /* RFC 8656 18.13 */
      guint32 mtu;                 /* that ICMP told, 0: none */
      gboolean is_icmp;
    } peer;
    struct
    {
      StunAddress peer;
      guint32 id;
      gboolean is_incoming;
    } connection;
  };
} TurnEvent;

G_END_DECLS
