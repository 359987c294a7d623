/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The other half of a TCP connection to a peer: on a connection of its own to the server
 * it sends ConnectionBind, and what follows the answer is the peer's. RFC 6062 4.3. */
#pragma once

#include "turn/requests.h"

G_BEGIN_DECLS

typedef struct _TurnBind TurnBind;

typedef enum
{
  TURN_BIND_WAITING,
  TURN_BIND_BOUND, /* bytes behind the answer are data */
  TURN_BIND_FAILED
} TurnBindState;

/* id: of TURN_EVENT_CONNECTION; control: the requests of the control connection, of whose
 * challenges it makes use; coturn closes a connection that it would have to challenge. */
TurnBind *turn_bind_new (const TurnRequests *control, const TurnEnv *env, guint32 id);
void turn_bind_free (TurnBind *self);

void turn_bind_start (TurnBind *self, gint64 now);
/* One message (turn_frame_measure). */
void turn_bind_handle_input (TurnBind *self, const guint8 *data, gsize size, gint64 now);
void turn_bind_handle_timeout (TurnBind *self, gint64 now);
gint64 turn_bind_get_deadline (const TurnBind *self);
/* (transfer full), NULL: nothing to send */
GBytes *turn_bind_take_output (TurnBind *self);
/* fault: why it FAILED. */
TurnBindState turn_bind_get_state (const TurnBind *self, TurnFault *fault);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TurnBind, turn_bind_free)

G_END_DECLS
