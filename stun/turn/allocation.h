/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The life of one allocation: what is asked for, what was granted, when to refresh it.
 * Knows attributes and time, not transactions. RFC 8656 7, 8. */
#pragma once

#include "stun/attributes.h"
#include "turn/types.h"

G_BEGIN_DECLS

typedef enum
{
  TURN_ALLOCATION_IDLE,
  TURN_ALLOCATION_ASKED,
  TURN_ALLOCATION_HELD,
  TURN_ALLOCATION_RELEASING,
  TURN_ALLOCATION_OVER,
  TURN_ALLOCATION_N_STATES
} TurnAllocationState;

typedef struct
{
  TurnAllocationState state;
  TurnFamily family;
  gboolean connections, even_port, reserve, dont_fragment, has_token;
  guint8 token[STUN_RESERVATION_TOKEN_SIZE];
  guint32 lifetime; /* seconds to ask for, 0: none in particular */
  gint64 expires;
  gint64 refresh_at; /* TURN_NEVER while a refresh is under way */
  gint64 probed_at;  /* asked before its time last */
} TurnAllocation;

/* What an answer to Allocate or Refresh leads to. */
typedef enum
{
  TURN_ALLOCATION_DONE,
  TURN_ALLOCATION_AGAIN, /* ask anew, for less */
  TURN_ALLOCATION_FAILED
} TurnAllocationResult;

void turn_allocation_init (TurnAllocation *self, const TurnConfig *config);
gboolean
turn_allocation_state_may_change (TurnAllocationState from, TurnAllocationState to);
/* Asserts that the edge is legal: only the client's own calls move states. */
void turn_allocation_set_state (TurnAllocation *self, TurnAllocationState state);

void turn_allocation_write_allocate (const TurnAllocation *self, StunWriter *writer);
/* A Refresh, or, while releasing, the deletion. */
void turn_allocation_write_refresh (const TurnAllocation *self, StunWriter *writer);

/* Reads what was granted into event (TURN_EVENT_ALLOCATED). *fault says why it FAILED.
 * The server holds an allocation even then, and must be told to drop it. */
TurnAllocationResult
turn_allocation_handle_success (TurnAllocation *self, const StunView *view, gint64 now,
                                TurnEvent *event, TurnFault *fault);
TurnAllocationResult
turn_allocation_handle_error (TurnAllocation *self, const StunView *view, guint code);
/* A Refresh was granted. */
void
turn_allocation_handle_refreshed (TurnAllocation *self, const StunView *view, gint64 now);
/* A Refresh failed without an answer: try again while there is time. */
void turn_allocation_handle_silence (TurnAllocation *self, gint64 now);

G_END_DECLS
