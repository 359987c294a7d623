/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One engine, and a peer that does what the test says: each check and each answer is
 * written by hand, at its time. For the rules that two well-behaved engines never show
 * each other. */
#pragma once

#include "ice/engine.h"
#include "stun/integrity.h"

#define MS ICE_MS
#define SECOND ICE_SECOND

#define ICE_SCRIPT_BASE 1 /* the engine's first base: 10.0.0.1:1001 */

/* What the engine sent. */
typedef struct
{
  gint64 when;
  IceBaseId base;
  NiceAddress to;
  gsize size;
  guint8 data[1280];
} IceScriptSent;

typedef struct
{
  gint64 when;
  IceEvent event;
} IceScriptEvent;

typedef struct
{
  IceEngine *engine;
  gint64 now;
  guint64 random, tie_breaker;
  GPtrArray *sent;
  GArray *events; /* IceScriptEvent */
  gchar *ufrag;   /* the engine's */
  StunHmac own_key, peer_key;
  guint32 next_id;
} IceScript;

/* A check of the peer. Zeroes: a plain one of the other role, with an id of its own. */
typedef struct
{
  guint32 id; /* the same again: a retransmission */
  gboolean use_candidate;
  gboolean same_role;  /* as the engine's */
  guint64 tie_breaker; /* 0: larger than any */
  guint32 priority;    /* 0: of a host's peer-reflexive candidate */
  guint32 nomination;  /* draft-thatcher-ice-renomination; 0: none */
  const gchar *ufrag;  /* NULL: the engine's */
  IceBaseId base;      /* 0: the first */
  guint16 extra;       /* an attribute without a value, 0: none */
} IceScriptCheck;

/* config NULL: a controlled agent of regular nomination. One stream of one component,
 * gathered on 10.0.0.1 ... 10.0.0.n; the peer's credentials are known. */
void ice_script_init (IceScript *self, const IceConfig *config, guint n_addresses);
void ice_script_clear (IceScript *self);
void ice_script_drain (IceScript *self);
void ice_script_run_until (IceScript *self, gint64 time);

/* 10.0.1.host:port */
NiceAddress ice_script_address (guint8 host, guint16 port);
/* Signals a candidate; foundations differ by host. */
void ice_script_add_remote (IceScript *self, const NiceAddress *addr,
                            IceCandidateType type, guint32 priority);

/* The code of the answer: 0 for success, -1 for none. */
gint
ice_script_check (IceScript *self, const NiceAddress *from, const IceScriptCheck *check);
/* The last request to that address; NULL: none. */
const IceScriptSent *ice_script_last_to (IceScript *self, const NiceAddress *to);
guint ice_script_count_to (IceScript *self, const NiceAddress *to);
gboolean ice_script_has_attribute (const IceScriptSent *sent, guint16 type);
/* Answers the last request to that address: code 0 is success, mapped NULL where it was
 * sent from. */
void ice_script_answer (IceScript *self, const NiceAddress *to, guint code,
                        const NiceAddress *mapped);
void ice_script_answer_sent (IceScript *self, const IceScriptSent *sent, guint code,
                             const NiceAddress *mapped);

/* The remote address that is selected now; AF_UNSPEC: none. */
NiceAddress ice_script_get_selected (IceScript *self);
IceComponentState ice_script_get_state (IceScript *self);
/* When the last event of that type came; -1: none did. */
gint64 ice_script_when (const IceScript *self, IceEventType type);
