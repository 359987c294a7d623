/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A client's requests in flight: repeats them, proves their answers, answers challenges,
 * and tells the owner how each ended. Knows nothing of allocations: the owner writes the
 * attributes. RFC 8489 6, 9.2; RFC 8656 5. */
#pragma once

#include "stun/credentials.h"
#include "stun/transaction.h"
#include "turn/types.h"

G_BEGIN_DECLS

/* Room for a request: username, realm and nonce at their longest, and both integrities.
 */
#define TURN_REQUEST_SIZE 2560

/* What a request is about: its method, and a number of the owner's. */
typedef struct
{
  guint16 method;
  guint32 subject;
} TurnTopic;

/* How a request ended. */
typedef struct
{
  TurnTopic topic;
  TurnFault fault; /* NONE: success */
  guint code;      /* of an error response, else 0 */
  StunView view;   /* the response; without data (NULL) when none counted */
} TurnOutcome;

typedef void (*TurnWriteFunc) (gpointer data, const TurnTopic *topic, StunWriter *writer);

typedef struct _TurnRequests TurnRequests;

/* env and data must outlive it; strings are copied. */
TurnRequests *turn_requests_new (const TurnConfig *config, const TurnEnv *env,
                                 TurnWriteFunc write, gpointer data);
/* With the same credentials, and all that the server asked for so far (RFC 6062 4.3). */
TurnRequests *turn_requests_new_like (const TurnRequests *other, const TurnEnv *env,
                                      TurnWriteFunc write, gpointer data);
void turn_requests_free (TurnRequests *self);

/* FALSE: too many are in flight. timing NULL: that of RFC 8489, or of a stream. */
gboolean turn_requests_start (TurnRequests *self, const TurnTopic *topic,
                              const StunTiming *timing, gint64 now);
gboolean turn_requests_is_going (const TurnRequests *self, const TurnTopic *topic);
/* Forgets all requests; their answers will be strangers'. */
void turn_requests_drop_all (TurnRequests *self);

/* TRUE: outcome tells how a request ended. FALSE: no answer to any, not authentic, or a
 * challenge that was answered. */
gboolean turn_requests_handle_response (TurnRequests *self, const StunView *view,
                                        gint64 now, TurnOutcome *outcome);
/* Repeats what is due. TRUE: outcome tells of one that failed; call again. */
gboolean
turn_requests_handle_timeout (TurnRequests *self, gint64 now, TurnOutcome *outcome);
gint64 turn_requests_get_deadline (const TurnRequests *self);

/* (transfer full): the next message to send, NULL: none. */
GBytes *turn_requests_take_output (TurnRequests *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TurnRequests, turn_requests_free)

G_END_DECLS
