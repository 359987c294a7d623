/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* All that the engine waits for, in one heap. */
#pragma once

#include "ice/heap.h"
#include "ice/types.h"

G_BEGIN_DECLS

/* What is due, and, behind it, whose struct the timer's owner is. The prose is at the top
 * of deadline.c. */
typedef enum
{
  ICE_TIMER_PACE,      /* IceSession */
  ICE_TIMER_REQUEST,   /* IceRequest */
  ICE_TIMER_CONNECT,   /* IceBase */
  ICE_TIMER_PATIENCE,  /* IceComponent */
  ICE_TIMER_VERDICT,   /* IceComponent */
  ICE_TIMER_KEEPALIVE, /* IceComponent */
  ICE_TIMER_CONSENT,   /* IceComponent */
  ICE_TIMER_SILENCE,   /* IceComponent */
  ICE_TIMER_DOUBT,     /* IceComponent */
  ICE_TIMER_BINDING,   /* IceRequest */
  ICE_TIMER_REFRESH,   /* IceTask */
  ICE_TIMER_ATTEMPT,   /* IceTask */
  ICE_TIMER_GATHERING, /* IceStream */
  ICE_TIMER_FREEING    /* IceStream */
} IceTimerKind;

/* Lives in its owner. All zeroes but owner and kind: not running. */
typedef struct
{
  gint64 due;
  gpointer owner;
  guint place;
  IceTimerKind kind;
} IceTimer;

void ice_timer_init (IceTimer *self, IceTimerKind kind, gpointer owner);
void ice_timer_start (IceTimer *self, IceHeap *timers, gint64 due);
void ice_timer_stop (IceTimer *self, IceHeap *timers);

static inline gboolean
ice_timer_is_running (const IceTimer *self)
{
  return self->place != 0;
}

gint64 ice_timers_get_deadline (const IceHeap *timers);
/* Stops and returns the earliest timer that is due, or NULL. */
IceTimer *ice_timers_pop_due (IceHeap *timers, gint64 now);

/* RFC 7675 5.1: 5 s, times 0.8 to 1.2; random is 32 random bits. */
gint64 ice_deadline_get_consent_interval (guint32 random);

#define ICE_PAC (39500 * ICE_MS)
#define ICE_LOOK_UP_LIMIT (30 * ICE_SECOND)
#define ICE_CONNECT_LIMIT (10 * ICE_SECOND)
#define ICE_CONNECT_REST (10 * ICE_SECOND)
#define ICE_REOPEN_PATIENCE (10 * ICE_SECOND)
#define ICE_REOPEN_INTERVAL (5 * ICE_SECOND)
#define ICE_DIRECT_PATIENCE (10 * ICE_MS)
#define ICE_RELAY_PATIENCE (30 * ICE_MS)
#define ICE_PEER_PATIENCE (100 * ICE_MS)
/* How long all transmissions of an aggressive peer's check may take to come in. */
#define ICE_NOMINATION_TIME (4 * ICE_SECOND)
#define ICE_KEEPALIVE_INTERVAL (25 * ICE_SECOND)
#define ICE_TRAFFIC_KEEPS (5 * ICE_SECOND)
#define ICE_GATHERING_LIMIT (5 * ICE_SECOND)
#define ICE_FREEING_DELAY (3 * ICE_SECOND)
#define ICE_SILENCE (750 * ICE_MS)
#define ICE_DOUBT (100 * ICE_MS)
#define ICE_CONSENT_EXPIRY (30 * ICE_SECOND)
#define ICE_KEEPALIVE_CHECK_EXPIRY (50 * ICE_SECOND)

G_END_DECLS
