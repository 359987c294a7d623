/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A connection's life as its application sees it: the calls of RFC 793 3.8 (OPEN, SEND,
 * RECEIVE, CLOSE, ABORT) and the sizes of its two buffers. What these calls make others
 * send is decided in output.c.
 *
 * NOTES: data that arrives after close() is acknowledged and dropped. RFC 1122 4.2.2.13
 * would answer with a reset, which throws away what we sent before closing and the peer
 * has not read yet. */
#include "config.h"

#include "pseudotcp/connection.h"

#include "pseudotcp/deadline.h"
#include "pseudotcp/state.h"

#include <errno.h>

#define DEFAULT_MTU 1400
#define WINDOW_ROUNDS 16 /* of reading, in bytes, that the window has room for */
#define SACK_MIN_RTO (200 * 1000)
#define PLAIN_MIN_RTO (1 * G_USEC_PER_SEC) /* RFC 6298 2.4 */

/* RFC 1191 7.1, less what no path of today has; the last is the least that helps. */
static const guint16 plateaus[] = { 65535, 32000, 17914, 8166, 4352, 2002,
                                    1492,  1400,  1280,  1006, 508,  296 };

void
ptcp_config_init (PtcpConfig *config, guint32 conversation)
{
  *config = (PtcpConfig) {
    .conversation = conversation,
    .fin_ack = TRUE,
    .sack = TRUE,
    .no_delay = TRUE,
    .ack_delay = PTCP_DEFAULT_ACK_DELAY,
    .receive_buffer = PTCP_DEFAULT_RECEIVE_BUFFER,
    .send_buffer = PTCP_DEFAULT_SEND_BUFFER,
    .receive_grows = TRUE,
    .send_grows = TRUE,
    .congestion = PTCP_CONGESTION_MODEL,
  };
}

/* The least shift with which the largest window to come fits (RFC 7323 2.3). */
static guint8
choose_scale (const PtcpConfig *config)
{
  guint32 largest = config->receive_grows ? PTCP_MAX_BUFFER : config->receive_buffer;
  guint8 scale = 0;

  while (largest >> scale > G_MAXUINT16 && scale < 14)
    scale++;
  return scale;
}

PtcpConnection *
ptcp_connection_new (const PtcpConfig *config)
{
  PtcpConnection *self = g_new0 (PtcpConnection, 1);

  self->config = *config;
  self->fin_ack = config->fin_ack;
  self->sack = config->sack;
  self->send.limit = config->send_buffer;
  self->receive.limit = config->receive_buffer;
  self->receive.scale = choose_scale (config);
  for (guint i = 0; i < PTCP_N_TIMERS; i++)
    self->timers[i] = PTCP_NEVER;
  ptcp_scoreboard_init (&self->send.board);
  ptcp_rtt_init (&self->rtt, config->sack ? SACK_MIN_RTO : PLAIN_MIN_RTO);
  ptcp_congestion_init (&self->congestion, config->congestion, DEFAULT_MTU);
  ptcp_connection_set_mtu (self, DEFAULT_MTU);
  self->congestion.window = ptcp_congestion_initial_window (&self->congestion);
  return self;
}

void
ptcp_connection_free (PtcpConnection *self)
{
  ptcp_scoreboard_clear (&self->send.board);
  ptcp_ring_clear (&self->send.ring);
  ptcp_reassembly_clear (&self->receive.stream);
  g_free (self);
}

gint
ptcp_connection_connect (PtcpConnection *self, gint64 now)
{
  if (self->state != PTCP_LISTEN)
    return -EINVAL;

  ptcp_set_state (self, PTCP_SYN_SENT);
  ptcp_set_timer (self, PTCP_TIMER_CLOSE, now + PTCP_CONNECT_TIME);
  return 0;
}

gssize
ptcp_connection_reserve (PtcpConnection *self, gsize len)
{
  PtcpSender *send = &self->send;

  if (self->state <= PTCP_SYN_RECEIVED && !send->fin_queued)
    return -ENOTCONN;
  if (send->fin_queued || !ptcp_may_send (self->state))
    return -EPIPE;

  send->was_full = len > ptcp_connection_get_send_space (self);
  return send->was_full ? -EWOULDBLOCK : 0;
}

gssize
ptcp_connection_send (PtcpConnection *self, const guint8 *data, gsize len, gint64 now)
{
  PtcpSender *send = &self->send;
  gsize space = ptcp_connection_get_send_space (self);
  gssize result = ptcp_connection_reserve (self, len);

  if (result < 0 && !(result == -EWOULDBLOCK && space > 0))
    return result;

  len = MIN (MIN (len, space), G_MAXINT);
  ptcp_ring_write (&send->ring, send->ring.len, data, len);
  send->ring.len += len;
  return (gssize)len;
}

/* Keeps room for what arrives in one round trip, and doubles it for each of the four that
 * a sender which starts may double its rate in while a segment, lost twice, holds up the
 * rest.
 *
 * NOTES: with four times a round 5 % of loss at 50 ms made 8 to 15 MB/s of the path's 18
 * to 20 in memory: the window held up the start, which took that for the path's rate. */
static void
grow_window (PtcpConnection *self, gsize len, gint64 now)
{
  PtcpReceiver *receive = &self->receive;

  receive->round_read += len;
  if (!self->config.receive_grows || now - receive->round_at < self->rtt.srtt)
    return;

  if (receive->round_at != 0)
    receive->limit =
        CLAMP ((guint32)MIN (WINDOW_ROUNDS * receive->round_read, PTCP_MAX_BUFFER),
               receive->limit, MAX (receive->limit, PTCP_MAX_BUFFER));
  receive->round_at = now;
  receive->round_read = 0;
}

/* Tells the peer of a window that opened by enough to be worth a packet
 * (RFC 1122 4.2.3.3), unless what it knows of lasts for a while. */
static void
offer_window (PtcpConnection *self)
{
  PtcpReceiver *receive = &self->receive;
  guint32 told = (guint32)MAX (0, ptcp_seq_diff (receive->edge, receive->stream.next));
  guint32 offer = (guint32)ptcp_offered_window (self) << receive->scale;

  if (ptcp_is_synchronized (self->state) && !receive->fin_reached
      && told < receive->limit / 2 && offer > told
      && offer - told >= MIN (receive->limit / 2, self->send.segment))
    receive->ack_now = TRUE;
}

gssize
ptcp_connection_recv (PtcpConnection *self, guint8 *dest, gsize len, gint64 now)
{
  PtcpReceiver *receive = &self->receive;

  if (len == 0 || receive->is_shut)
    return 0;
  len = ptcp_ring_read (&receive->stream.ring, dest, MIN (len, G_MAXINT));
  if (len == 0)
    return receive->fin_reached || self->state == PTCP_CLOSED ? 0 : -EWOULDBLOCK;

  grow_window (self, len, now);
  offer_window (self);
  return (gssize)len;
}

void
ptcp_connection_shutdown_read (PtcpConnection *self)
{
  self->receive.is_shut = TRUE;
  ptcp_ring_drop (&self->receive.stream.ring, self->receive.stream.ring.len);
}

/* Without the FIN-ACK option there is no word for an end: it is over once the peer has
 * everything, and it learns that from a reset when it says more. A reset right away makes
 * libnice throw away what is unread. */
static void
linger (PtcpConnection *self, gint64 now)
{
  self->is_lingering = TRUE;
  self->send.fin_queued = TRUE;
  ptcp_set_timer (self, PTCP_TIMER_CLOSE, now + PTCP_LINGER_TIME);
  if (self->send.ring.len == 0)
    ptcp_finish (self);
}

void
ptcp_connection_shutdown_write (PtcpConnection *self, gint64 now)
{
  if (self->send.fin_queued)
    return;

  switch (self->state)
    {
    case PTCP_LISTEN:
    case PTCP_SYN_SENT:
      ptcp_finish (self);
      break;
    case PTCP_SYN_RECEIVED:
    case PTCP_ESTABLISHED:
    case PTCP_CLOSE_WAIT:
      if (!self->fin_ack)
        {
          linger (self, now);
          break;
        }
      self->send.fin_queued = TRUE;
      ptcp_set_state (self,
                      self->state == PTCP_CLOSE_WAIT ? PTCP_LAST_ACK : PTCP_FIN_WAIT_1);
      break;
    case PTCP_FIN_WAIT_1:
    case PTCP_FIN_WAIT_2:
    case PTCP_CLOSING:
    case PTCP_LAST_ACK:
    case PTCP_TIME_WAIT:
    case PTCP_CLOSED:
      break;
    }
}

void
ptcp_connection_close (PtcpConnection *self, gint64 now)
{
  if (self->state == PTCP_CLOSED)
    return;
  if (!self->receive.is_shut && self->receive.stream.ring.len > 0)
    {
      ptcp_connection_abort (self, now);
      return;
    }

  self->receive.is_shut = TRUE;
  ptcp_connection_shutdown_write (self, now);
  if (self->state == PTCP_FIN_WAIT_2)
    ptcp_set_timer (self, PTCP_TIMER_CLOSE, now + PTCP_LINGER_TIME);
}

void
ptcp_connection_abort (PtcpConnection *self, gint64 now)
{
  ptcp_fail (self, ECONNABORTED, TRUE);
}

void
ptcp_connection_leave (PtcpConnection *self, gint64 now)
{
  ptcp_connection_shutdown_read (self);
  if (self->send.ring.len == 0 || !ptcp_is_synchronized (self->state))
    {
      ptcp_connection_abort (self, now);
      return;
    }
  self->is_leaving = TRUE;
  ptcp_set_timer (self, PTCP_TIMER_CLOSE, now + PTCP_LEAVE_TIME);
}

gboolean
ptcp_connection_poll_event (PtcpConnection *self, PtcpEvent *event)
{
  for (guint kind = PTCP_EVENT_OPENED; kind <= PTCP_EVENT_CLOSED; kind++)
    if (self->events & 1u << kind)
      {
        self->events &= ~(1u << kind);
        *event = (PtcpEvent) { kind, kind == PTCP_EVENT_CLOSED ? self->error : 0 };
        return TRUE;
      }
  return FALSE;
}

PtcpState
ptcp_connection_get_state (const PtcpConnection *self)
{
  return self->state;
}

gboolean
ptcp_connection_is_closed_remotely (const PtcpConnection *self)
{
  return self->receive.fin_reached || self->state == PTCP_CLOSED;
}

gsize
ptcp_connection_get_available_bytes (const PtcpConnection *self)
{
  return self->receive.stream.ring.len;
}

gsize
ptcp_connection_get_send_space (const PtcpConnection *self)
{
  gsize used = self->send.ring.len;

  if (!ptcp_may_send (self->state) || self->send.fin_queued)
    return 0;
  return self->send.limit > used ? self->send.limit - used : 0;
}

void
ptcp_connection_set_no_delay (PtcpConnection *self, gboolean no_delay)
{
  self->config.no_delay = no_delay;
}

void
ptcp_connection_set_ack_delay (PtcpConnection *self, gint64 ack_delay)
{
  self->config.ack_delay = ack_delay;
}

void
ptcp_connection_set_receive_buffer (PtcpConnection *self, guint32 size)
{
  self->config.receive_grows = FALSE;
  self->config.receive_buffer = self->receive.limit = size;
  if (self->state == PTCP_LISTEN)
    self->receive.scale = choose_scale (&self->config);
}

void
ptcp_connection_set_send_buffer (PtcpConnection *self, guint32 size)
{
  self->config.send_grows = FALSE;
  self->config.send_buffer = self->send.limit = size;
}

void
ptcp_connection_set_mtu (PtcpConnection *self, guint mtu)
{
  guint32 old = self->send.segment;

  self->mtu = CLAMP (mtu, plateaus[G_N_ELEMENTS (plateaus) - 1], plateaus[0]);
  ptcp_update_segment (self);
  if (self->send.segment < old)
    ptcp_scoreboard_split (&self->send.board, self->send.segment);
}

gboolean
ptcp_connection_handle_too_large (PtcpConnection *self, gsize size)
{
  for (guint i = 0; i < G_N_ELEMENTS (plateaus); i++)
    if (plateaus[i] < size + PTCP_PATH_OVERHEAD)
      {
        ptcp_connection_set_mtu (self, plateaus[i]);
        ptcp_scoreboard_lose_all (&self->send.board);
        self->recovery.force_one = TRUE;
        return TRUE;
      }
  return FALSE;
}
