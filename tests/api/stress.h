/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A place where threads do whatever they like to the same agents while others iterate
 * contexts, and where each function that is called looks whether it may be. */
#pragma once

#include "agents.h"

#include <nice/udpmux.h>

G_BEGIN_DECLS

#define STRESS_ENDS 4  /* 0 talks to 1 over UDP, 2 to 3 over TCP, or UDP with a mux */
#define STRESS_EARS 2  /* contexts, each with a thread that iterates it */
#define STRESS_MUXES 2 /* the second is sharded */

#define STRESS_BITS 32
#define STRESS_MESSAGES (1 << 22)

typedef enum
{
  STRESS_DATAGRAMS,
  STRESS_RELIABLE,
  STRESS_MUX /* datagrams, over shared sockets */
} StressKind;

/* An agent, and the latest of its streams. */
typedef struct
{
  NiceAgent *agent;
  guint stream;
} Hand;

typedef struct
{
  GMutex lock;
  Hand hand;
} End;

typedef struct
{
  GMainContext *context;
  GMainLoop *loop;
  GThread *thread;
} Ear;

typedef struct
{
  StressKind kind;
  NiceUdpMux *muxes[STRESS_MUXES]; /* NULL: none */
  End ends[STRESS_ENDS];
  Ear ears[STRESS_EARS];
  GMutex lock;
  GCancellable *cancellable; /* with the lock: of calls that begin now */
  gint is_over;              /* atomic */
  gint n_received;           /* atomic, as all that follow */
  gint n_acts;
  gint n_agents;    /* that are alive */
  gint n_listeners; /* functions that were attached and not let go of */
  gint n_tasks;     /* asynchronous operations that have not ended */
  guint n_sent;     /* messages that were made */
  guint *seen;      /* bits, of messages that have come */
} Arena;

/* One thread that does things. */
typedef struct
{
  Arena *arena;
  guint32 seed;
  GRand *rand;
  guint index; /* of the end that it has to do with now ... */
  Hand own, peer;
} Caller;

typedef void (*Act) (Caller *self);

/* --- stress-arena.c --- */

void arena_init (Arena *self, StressKind kind);
/* Fails unless everything has ended. */
void arena_clear (Arena *self);

Ear *arena_pick_ear (Arena *self, GRand *rand);
/* (transfer full) */
GCancellable *arena_dup_cancellable (Arena *self);
/* Ends all calls that wait. */
void arena_cancel (Arena *self);

/* (transfer full) */
Hand arena_take (Arena *self, guint index);
/* A new agent there; the reference to the old one goes. */
void arena_replace_agent (Arena *self, guint index, GRand *rand);
/* hand: an agent that is there still, or was. */
void arena_set_stream (Arena *self, guint index, const Hand *hand);

/* Does it as a call on that pair of ends: its signals may come in this thread now. */
void arena_act (Caller *self, Act act);

/* --- stress-data.c: messages, and who gets them --- */

void arena_listen (Arena *self, const Hand *hand, GRand *rand);
void stress_pick_data_act (Caller *self);

/* --- stress-acts.c: everything else --- */

void stress_pick_act (Caller *self);

G_END_DECLS
