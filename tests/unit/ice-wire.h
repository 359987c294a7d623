/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Two engines on an ideal wire in virtual time: what the unit tests of agent/ice share.
 * NATs, loss and servers are the simulator's (tests/lib); here are times to the
 * microsecond and nothing else. */
#pragma once

#include "ice/engine.h"

#define MS ICE_MS
#define SECOND ICE_SECOND

typedef struct _IceWire IceWire;

typedef struct
{
  IceWire *wire;
  const gchar *name;
  IceEngine *engine;
  guint8 host;    /* 10.0.0.host */
  guint64 random; /* state of a tiny generator */
  guint n_sent;   /* messages */
  gint64 first_sent;
  GArray *candidates; /* IceCandidate, announced */
  GHashTable *bases;  /* id -> NiceAddress */
  GHashTable *links;  /* id of a connection -> id of its base at the other end */
} IceWireEnd;

/* TRUE: the datagram is lost. */
typedef gboolean (*IceWireFilter) (IceWireEnd *from, const IceTransmit *transmit,
                                   gint64 now, gpointer data);

/* TRUE: the base is answered for, or will be. */
typedef gboolean (*IceWireNeed) (IceWireEnd *end, const IceBaseRequest *request);

struct _IceWire
{
  gint64 now, delay; /* one way */
  IceWireEnd ends[2];
  GQueue packets;
  GString *log; /* "a +20000 state 1.1 ready\n" ... */
  IceWireFilter filter;
  gpointer filter_data;
  guint n_addresses; /* of each end: 10.0.0.host, 10.0.1.host, ... */
  IceWireNeed need;
};

NiceAddress ice_wire_make_address (const gchar *host, guint port);
/* Both ends as most tests want them: a controls, UDP only. */
void ice_wire_make_configs (IceConfig *a, IceConfig *b, IceNominationMode mode);
void ice_wire_init (IceWire *self, const IceConfig *a, const IceConfig *b, gint64 delay);
/* One stream and nothing gathered yet; config NULL: as above. What is asked of servers
 * goes to the test: serve gets the wire itself. */
void ice_wire_init_served (IceWire *self, const IceConfig *config, IceWireFilter serve,
                           IceWireNeed need);
/* The STUN server that this request went to sees the base at 192.0.2.1, and port 2000
 * plus its id. */
void ice_wire_answer_binding (IceWireEnd *from, const IceTransmit *request);
void ice_wire_clear (IceWire *self);
/* Streams of n components at both ends; returns the id. */
guint ice_wire_add_stream (IceWire *self, guint n_components);
void ice_wire_gather (IceWire *self, guint stream_id);
void ice_wire_swap_credentials (IceWire *self, guint stream_id);
void ice_wire_swap_candidates (IceWire *self, guint stream_id);
/* All of the above. */
guint ice_wire_connect (IceWire *self, guint n_components);
void ice_wire_drain (IceWire *self);
/* The other end's base at that address is gone for its owner. */
void ice_wire_lose_base (IceWire *self, guint end, IceBaseId base);
/* Lets time pass; all that is due until then, inclusive, happens. */
void ice_wire_run_until (IceWire *self, gint64 time);
IceComponentState
ice_wire_get_state (IceWire *self, guint end, guint stream_id, guint component_id);
/* How often that line was logged. */
guint ice_wire_count (const IceWire *self, const gchar *line);
/* When that line was logged first: "a state 1.1 ready"; -1: never. */
gint64 ice_wire_when (const IceWire *self, const gchar *line);
