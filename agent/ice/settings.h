/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What an engine is told once (IceConfig) and may be told anew, and what it borrows from
 * outside (IceEnv). Named settings.h because config.h is the build's. */
#pragma once

#include "ice/types.h"

G_BEGIN_DECLS

typedef enum
{
  ICE_DIALECT_RFC5245,
  ICE_DIALECT_GOOGLE,
  ICE_DIALECT_MSN,
  ICE_DIALECT_WLM2009,
  ICE_DIALECT_OC2007,
  ICE_DIALECT_OC2007R2
} IceDialect;

/* A NAT that maps one to one: what comes to mapped, whatever the port, arrives at local
 * (AF_UNSPEC: at any of ours of the same family). */
typedef struct
{
  NiceAddress mapped, local;
} IceMapping;

/* Times in microseconds. ice_config_init() gives the defaults of NiceAgent. */
typedef struct
{
  /* construct-only: a change after ice_engine_new() is ignored */
  IceDialect dialect;
  IceNominationMode nomination;
  gboolean lite;      /* RFC 8445 2.5: answers, never checks */
  guint ufrag_length; /* of those that are made: 4; to be told apart from many, more */

  gboolean controlling; /* honoured while every component is disconnected, else at the
                           next restart */
  gboolean ice_udp, ice_tcp;
  gboolean tcp_so; /* simultaneous-open candidates, where there is TCP */
  gboolean reliable;
  gboolean force_relay;
  gboolean relay_dual_stack;       /* servers are asked for relays of both families */
  gboolean relay_tcp;              /* and for relays of TCP (RFC 6062), with ice_tcp */
  gboolean data_before_nomination; /* DATA_PATH is told (RFC 8445 12.1) */
  gboolean free_candidates;        /* those that no selected pair uses (RFC 8445 8.3) */
  gboolean trickle;      /* the peer says when it is done: RFC 8838 end-of-candidates */
  gboolean renomination; /* draft-thatcher-ice-renomination, both ways */
  gboolean consent;      /* RFC 7675 */
  gboolean keepalive_check; /* authenticated keepalives, without consent's verdict */
  guint max_pairs;          /* checklist limit of a stream (RFC 8445 6.1.2.5), 0: none */
  gint64 ta;                /* pacing of the agent: 20 ms */
  gboolean process_pacing;  /* besides: in the slots of the whole process */
  gint64 idle_timeout;      /* 5 s */
  gint64 initial_timeout;   /* RTO towards servers: 500 ms */
  guint max_retransmissions;
  gint64 reliable_timeout;    /* transactions over connections: 2 s */
  const gchar *software;      /* SOFTWARE of every message, or NULL; copied */
  const IceMapping *mappings; /* the first that fits counts; copied */
  guint n_mappings;
  gboolean hides_hosts;  /* the peer is told names: what a server sees is news to it */
  gboolean hides_mapped; /* host candidates show the mapped address instead of their own,
                            else server-reflexive ones are added */
} IceConfig;

typedef void (*IceTraceFunc) (gpointer data, gint64 now, const gchar *line);

/* The only things from outside that an engine uses. random must be cryptographic outside
 * of tests. */
typedef struct
{
  void (*random) (gpointer data, guint8 *dest, gsize len);
  IceTraceFunc trace; /* NULL: no trace is formatted */
  gpointer data;
  /* When the next transaction may start, now or later; nobody else's does then. NULL:
   * there is no process_pacing. */
  gint64 (*take_slot) (gpointer data, gint64 now);
} IceEnv;

void ice_config_init (IceConfig *config);

G_END_DECLS
