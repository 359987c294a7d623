/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the NATs on the way to a server do: the tests of RFC 5780 4.2 to 4.6 as a value
 * with inputs, outputs and a deadline. It opens no socket and reads no clock. */
#pragma once

#include "nat-lifetime.h"

G_BEGIN_DECLS

/* The sockets that its user opens, all with one address, each with a fresh port (RFC 5780
 * 4.1): what one test leaves in the NAT must not decide the next. An answer that a filter
 * holds up is remembered by some, Linux for one, which then give the socket that it was
 * for another port towards the address it came from: filters have sockets of their own.
 */
enum
{
  NAT_SOCKET_MAPPING,
  NAT_SOCKET_FILTER_ADDRESS,
  NAT_SOCKET_FILTER_PORT,
  NAT_SOCKET_HAIRPIN,
  NAT_SOCKET_HAIRPIN_PEER,
  NAT_SOCKET_ASKER, /* this and those behind it: the lifetime's */
  NAT_SOCKET_PROBES,
  NAT_N_SOCKETS = NAT_SOCKET_PROBES + NAT_LIFETIME_PROBES
};

/* RFC 4787 4.1 of mappings, 5 of filters. */
typedef enum
{
  NAT_UNKNOWN,
  NAT_ENDPOINT_INDEPENDENT,
  NAT_ADDRESS_DEPENDENT,
  NAT_ADDRESS_AND_PORT_DEPENDENT
} NatBehaviour;

typedef enum
{
  NAT_MAYBE, /* cannot be told */
  NAT_NO,
  NAT_YES
} NatTruth;

typedef enum
{
  NAT_OUTCOME_NONE,
  NAT_OUTCOME_SILENT,      /* no answer at all */
  NAT_OUTCOME_REFUSED,     /* an error, code */
  NAT_OUTCOME_UNSUPPORTED, /* no usable OTHER-ADDRESS: mapped is all that is known */
  NAT_OUTCOME_TOLD
} NatOutcome;

/* Why filtering is unknown. */
typedef enum
{
  NAT_DOUBT_NONE,
  NAT_DOUBT_REFUSED,    /* the server answers CHANGE-REQUEST with an error, code */
  NAT_DOUBT_UNCHANGED,  /* it answers, but from the same address */
  NAT_DOUBT_UNREACHABLE /* nor does it answer at the address that was to answer */
} NatDoubt;

typedef struct
{
  NatOutcome outcome;
  guint16 code;
  StunAddress server;
  StunAddress local;
  StunAddress mapped;     /* UNSUPPORTED, TOLD */
  gboolean is_translated; /* local and mapped differ */
  gboolean is_rewritten;  /* addresses inside of packets are, too (RFC 5780 3.6) */
  StunAddress other;      /* TOLD: the server's OTHER-ADDRESS */
  NatBehaviour mapping;   /* untranslated: endpoint-independent */
  NatBehaviour filtering;
  NatDoubt doubt;
  NatTruth hairpins;        /* if is_translated */
  NatTruth preserves_ports; /* if is_translated */
  NatLifetimeState lifetime;
  gint64 lifetime_min_us, lifetime_max_us; /* FOUND; LONGER: min; SEARCHING: so far */
} NatReport;

typedef struct
{
  StunAddress server;
  const StunAddress *locals; /* of the sockets; NAT_SOCKET_ASKER of them will do ... */
  gint64 lifetime_limit_us;  /* ... when this is 0: the lifetime is not asked for */
  NatRandomFunc random;
  gpointer random_data;
} NatDiscoveryConfig;

typedef struct _NatDiscovery NatDiscovery;

NatDiscovery *nat_discovery_new (const NatDiscoveryConfig *config, gint64 now);
void nat_discovery_free (NatDiscovery *self);

void
nat_discovery_handle_packet (NatDiscovery *self, guint socket, const StunAddress *from,
                             const guint8 *data, gsize len, gint64 now);
void nat_discovery_handle_timeout (NatDiscovery *self, gint64 now);
/* STUN_NEVER: it is over, and the report is whole. The past: at once. */
gint64 nat_discovery_get_deadline (const NatDiscovery *self);
gboolean nat_discovery_poll_transmit (NatDiscovery *self, NatTransmit *transmit);
/* Grows with what is known. */
const NatReport *nat_discovery_get_report (const NatDiscovery *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (NatDiscovery, nat_discovery_free)

G_END_DECLS
