/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One engine, and a peer played by hand: what the engine sends is read attribute by
 * attribute, and what it is told need not be what any engine would tell. */
#pragma once

#include "ice/engine.h"
#include "stun/attributes.h"

/* As in ice-wire.h */
#define MS ICE_MS
#define SECOND ICE_SECOND
#define HAND_UFRAG "hand"
#define HAND_PRIORITY 2130706431u /* 126, 65535, 255: RFC 8445 5.1.2.1 */
#define HAND_PWD "a password of the peer"

typedef struct
{
  gint64 when;
  IceBaseId base;
  NiceAddress to;
  gsize size;
  guint8 data[1280];
  StunView view; /* of data */
} IceHandMessage;

/* The engine has stream 1; its UDP base i is at 10.0.(i - 1).1, port 1000 + i. */
typedef struct
{
  IceEngine *engine;
  gint64 now;
  guint64 random;
  guint8 dice;         /* each byte of 32 random bits; 0: thrown anew */
  guint8 n_checks;     /* sent by hand */
  gint64 *next_slot;   /* of the process, NULL: there are none */
  GQueue sent;         /* IceHandMessage, by the engine, not yet taken */
  GArray *candidates;  /* IceCandidate, announced */
  GArray *needs;       /* IceBaseRequest of what is not UDP: left to the test */
  GArray *dropped;     /* IceBaseId */
  GArray *names;       /* guint: asked for, and not dropped; left to the test */
  GArray *permissions; /* NiceAddress: whom relays are to let in */
  GArray *paths;       /* IceEvent of type VALID_PATH, all of them */
  gint64 gathered_at;  /* when that was said last */
  GString *states;     /* "1.1 connecting\n" ... */
} IceHand;

typedef enum
{
  ICE_HAND_CONTROLLED,
  ICE_HAND_CONTROLLING,
  ICE_HAND_NO_ROLE
} IceHandRole;

typedef struct
{
  IceBaseId base; /* 0: 1 */
  NiceAddress from;
  IceHandRole role;
  guint64 tie_breaker;
  guint32 priority;
  gboolean use_candidate;
  const gchar *ufrag, *pwd; /* NULL: the right ones */
} IceHandCheck;

typedef struct
{
  IceBaseId base;   /* 0: that of the request */
  NiceAddress from; /* unspecified: where the request went */
  NiceAddress mapped;
  NiceAddress alternate; /* unspecified: none */
  guint code;            /* 0: success */
  gboolean forged;
} IceHandAnswer;

/* config NULL: controlling, regular, UDP only. The remote credentials are known. */
void ice_hand_init (IceHand *self, const IceConfig *config, guint n_components,
                    guint n_addresses);
void ice_hand_make_config (IceConfig *config);
/* One component, one base, and that host candidate of the peer, of HAND_PRIORITY and
 * foundation 1. */
void
ice_hand_begin (IceHand *self, const IceConfig *config, const NiceAddress *candidate);
void ice_hand_clear (IceHand *self);

/* 10.0.0.host */
NiceAddress ice_hand_address (guint8 host, guint16 port);
NiceAddress ice_hand_local (IceBaseId base);

/* A host candidate of the peer, for the component. */
void ice_hand_signal (IceHand *self, guint component_id, const NiceAddress *addr,
                      guint32 priority, const gchar *foundation);
/* The same, at what that name stands for; whether it was taken. */
gboolean
ice_hand_signal_name (IceHand *self, guint component_id, const gchar *name, guint16 port);
/* Of the oldest name that is asked for; NULL: it has no address. */
void ice_hand_answer_name (IceHand *self, const NiceAddress *address);
void ice_hand_check (IceHand *self, const IceHandCheck *check);
void ice_hand_answer (IceHand *self, const IceHandMessage *request,
                      const IceHandAnswer *answer);
/* A success from where it went, that saw where it came from. */
void ice_hand_accept (IceHand *self, const IceHandMessage *request);
void ice_hand_run_until (IceHand *self, gint64 time);
void ice_hand_drain (IceHand *self);

/* (transfer full): the first of that class that was sent and not taken, or NULL. */
IceHandMessage *ice_hand_take (IceHand *self, StunWireClass klass);
/* As above, where there must be one. */
IceHandMessage *ice_hand_take_request (IceHand *self);
/* The error code of the first answer that was not taken; 0: a success. */
guint ice_hand_take_answer (IceHand *self);

/* The pair from that base to that address; fails where there is none. */
IcePairInfo
ice_hand_get_pair (IceHand *self, guint component_id, IceBaseId base, NiceAddress remote);
/* Whether data from there is for the application: what was told of that path last. */
gboolean ice_hand_hears (IceHand *self, IceBaseId base, NiceAddress remote);
guint ice_hand_count_pairs (IceHand *self, guint component_id);
