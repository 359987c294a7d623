/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where a server may be, in the order in which to try: the algorithm of RFC 5928 (TURN)
 * and RFC 8489 8.1 (STUN), as a value that asks questions and is given answers. It asks
 * no resolver itself. */
#pragma once

#include "stun/address.h"
#include "turn/types.h"
#include "turn/uri.h"

G_BEGIN_DECLS

typedef enum
{
  TURN_ROAD_UDP,
  TURN_ROAD_TCP,
  TURN_ROAD_TLS,
  TURN_ROAD_DTLS,
  TURN_N_ROADS
} TurnRoad;

/* One place to try. A certificate is checked for the host of the URI, not for this one.
 */
typedef struct
{
  TurnRoad road;
  gchar host[TURN_URI_MAX_HOST + 1]; /* to look up, or a literal */
  guint16 port;
} TurnTarget;

/* Limits of ours on what DNS can make us try. */
#define TURN_MAX_RECORDS 16
#define TURN_MAX_TARGETS 32
#define TURN_MAX_NAPTR_DEPTH 4 /* RFC 3958 2.2.4 warns of loops */

typedef enum
{
  TURN_QUESTION_SRV,  /* name: "_turn._udp.example.org" */
  TURN_QUESTION_NAPTR /* name: "example.org" */
} TurnQuestionType;

typedef struct
{
  TurnQuestionType type;
  gchar name[TURN_URI_MAX_HOST + 16];
} TurnQuestion;

typedef struct
{
  guint16 priority, weight, port;
  gchar target[TURN_URI_MAX_HOST + 1]; /* "." or "": not available (RFC 2782) */
} TurnSrvRecord;

typedef struct
{
  guint16 order, preference;
  gchar flags[4];     /* "s", "a", or "": another NAPTR */
  gchar service[128]; /* "RELAY:turn.udp:turn.tcp" */
  gchar replacement[TURN_URI_MAX_HOST + 1];
} TurnNaptrRecord;

typedef enum
{
  TURN_RESOLVE_OK,
  TURN_RESOLVE_UNKNOWN_TRANSPORT,
  TURN_RESOLVE_UNSUPPORTED /* none of the roads that the program takes will do */
} TurnResolveResult;

typedef struct _TurnResolve TurnResolve;

/* roads: those the program takes, best first; env: for the weights of SRV (RFC 2782). */
TurnResolve *turn_resolve_new (const TurnUri *uri, const TurnRoad *roads, guint n_roads,
                               const TurnEnv *env, TurnResolveResult *result);
void turn_resolve_free (TurnResolve *self);

/* The next question; FALSE: there is none. Each is answered once, none found is n 0. */
gboolean turn_resolve_ask (TurnResolve *self, TurnQuestion *question);
void turn_resolve_answer_srv (TurnResolve *self, const TurnSrvRecord *records, guint n);
void
turn_resolve_answer_naptr (TurnResolve *self, const TurnNaptrRecord *records, guint n);

/* When no question is left: where to try, in order. */
const TurnTarget *turn_resolve_get_targets (const TurnResolve *self, guint *n);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TurnResolve, turn_resolve_free)

G_END_DECLS
