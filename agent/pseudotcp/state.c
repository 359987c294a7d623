/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The states of RFC 793 3.2 as a table of legal edges, and the few things that each
 * module does to the whole connection. Sends nothing itself. */
#include "config.h"

#include "pseudotcp/state.h"

#define EDGE(to) (1u << (to))

static const guint edges[] = {
  [PTCP_LISTEN] = EDGE (PTCP_SYN_SENT) | EDGE (PTCP_SYN_RECEIVED) | EDGE (PTCP_CLOSED),
  [PTCP_SYN_SENT] = EDGE (PTCP_SYN_RECEIVED) | EDGE (PTCP_CLOSED),
  [PTCP_SYN_RECEIVED] =
      EDGE (PTCP_ESTABLISHED) | EDGE (PTCP_FIN_WAIT_1) | EDGE (PTCP_CLOSED),
  [PTCP_ESTABLISHED] =
      EDGE (PTCP_FIN_WAIT_1) | EDGE (PTCP_CLOSE_WAIT) | EDGE (PTCP_CLOSED),
  [PTCP_CLOSED] = 0,
  [PTCP_FIN_WAIT_1] = EDGE (PTCP_FIN_WAIT_2) | EDGE (PTCP_CLOSING) | EDGE (PTCP_TIME_WAIT)
                      | EDGE (PTCP_CLOSED),
  [PTCP_FIN_WAIT_2] = EDGE (PTCP_TIME_WAIT) | EDGE (PTCP_CLOSED),
  [PTCP_CLOSING] = EDGE (PTCP_TIME_WAIT) | EDGE (PTCP_CLOSED),
  [PTCP_TIME_WAIT] = EDGE (PTCP_CLOSED),
  [PTCP_CLOSE_WAIT] = EDGE (PTCP_LAST_ACK) | EDGE (PTCP_CLOSED),
  [PTCP_LAST_ACK] = EDGE (PTCP_CLOSED),
};

gboolean
ptcp_state_may_change (PtcpState from, PtcpState to)
{
  return (edges[from] & EDGE (to)) != 0;
}

void
ptcp_set_state (PtcpConnection *self, PtcpState state)
{
  g_assert (ptcp_state_may_change (self->state, state));
  self->state = state;
}

void
ptcp_raise (PtcpConnection *self, PtcpEventKind kind)
{
  self->events |= 1u << kind;
}

void
ptcp_set_timer (PtcpConnection *self, PtcpTimer timer, gint64 deadline)
{
  self->timers[timer] = deadline;
}

void
ptcp_finish (PtcpConnection *self)
{
  ptcp_set_state (self, PTCP_CLOSED);
  ptcp_scoreboard_clear (&self->send.board);
  ptcp_ring_clear (&self->send.ring);
  for (guint i = 0; i < PTCP_N_TIMERS; i++)
    self->timers[i] = PTCP_NEVER;
}

void
ptcp_fail (PtcpConnection *self, gint error, gboolean reset)
{
  if (self->state == PTCP_CLOSED)
    return;

  ptcp_finish (self);
  self->reset_pending = reset;
  self->receive.ack_now = FALSE;
  if (error != 0)
    {
      self->error = error;
      ptcp_raise (self, PTCP_EVENT_CLOSED);
    }
}

guint16
ptcp_offered_window (const PtcpConnection *self)
{
  const PtcpReceiver *receive = &self->receive;
  gsize unread = receive->stream.ring.len;
  gsize free_bytes = receive->limit > unread ? receive->limit - unread : 0;

  return (guint16)MIN (free_bytes >> receive->scale, G_MAXUINT16);
}

void
ptcp_update_segment (PtcpConnection *self)
{
  guint room = self->mtu - PTCP_PATH_OVERHEAD - PTCP_HEADER_SIZE;

  if (self->peer_segment != 0)
    room = MIN (room, MAX (self->peer_segment, 64u));
  self->send.segment = room;
  self->congestion.segment = room;
}
