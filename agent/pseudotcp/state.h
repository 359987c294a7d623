/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a connection remembers, shared by the modules that work on it and by nobody else,
 * and the only way from one state to the next. */
#pragma once

#include "pseudotcp/reassembly.h"
#include "pseudotcp/rtt.h"
#include "pseudotcp/scoreboard.h"
#include "pseudotcp/types.h"

G_BEGIN_DECLS

/* IP, UDP and a relay's frame in front of a packet, as all implementations count it. */
#define PTCP_PATH_OVERHEAD 68

/* Everything that runs on time; timer.c says in prose what each means. */
typedef enum
{
  PTCP_TIMER_RETRANSMIT,
  PTCP_TIMER_PROBE_TAIL,
  PTCP_TIMER_REORDER,
  PTCP_TIMER_PERSIST,
  PTCP_TIMER_ACK,
  PTCP_TIMER_PACE,
  PTCP_TIMER_CLOSE,
  PTCP_TIMER_RESET,
  PTCP_N_TIMERS
} PtcpTimer;

typedef struct
{
  PtcpScoreboard board;
  PtcpRing ring;      /* from base on, sent or not */
  guint32 base;       /* sequence number of the first byte in the ring */
  guint32 una, next;  /* SND.UNA, SND.NXT */
  guint32 window;     /* SND.WND */
  guint32 max_window; /* largest the peer offered */
  guint32 wl1, wl2;   /* SND.WL1, SND.WL2 */
  guint8 scale;
  guint32 limit; /* bytes the application may have in the ring */
  gboolean fin_queued, fin_sent, was_full;
  guint n_timeouts; /* in a row */
  guint32 segment;  /* largest payload */
  gdouble credit;   /* bytes that pacing allows now */
  gint64 credit_at;
} PtcpSender;

typedef struct
{
  PtcpReassembly stream; /* has RCV.NXT */
  guint32 limit;         /* bytes that may wait for the application */
  guint8 scale;
  guint32 edge; /* right edge of the window as last told */
  gboolean has_fin, fin_reached, is_shut;
  guint32 fin_seq;
  gboolean has_reset; /* which overtook bytes */
  guint32 reset_seq;
  guint32 ts_recent; /* TS.Recent, RFC 7323 4.3 */
  guint32 acked;     /* Last.ACK.sent */
  gboolean ack_now;
  guint n_unacked;  /* segments since the last acknowledgement */
  guint n_dup_acks; /* acknowledgements owed one by one to a peer that counts them */
  guint32
      round_seq; /* growth of limit: RCV.NXT, time and bytes read in this round trip */
  gint64 round_at;
  gsize round_read;
} PtcpReceiver;

typedef struct
{
  gboolean active, timed_out;
  guint32 end;        /* SND.NXT when it began, RFC 6582's recover */
  gboolean force_one; /* the first retransmission does not ask the window */
  /* The latest segment known to have arrived, by time of sending (RACK). */
  gint64 newest_sent_at, newest_rtt;
  guint32 newest_end;
  guint32 highest;     /* right edge of what is known to have arrived */
  guint reorder_steps; /* quarters of the least round trip that reordering takes */
  gboolean reordering;
  PtcpRange seen[PTCP_MAX_SACKS]; /* blocks already worked in */
  guint n_seen;
  /* Peers without selective acknowledgements. */
  guint n_dups, retransmission_dups;
  gsize dup_credit;
  gboolean tail_probed;
} PtcpRecovery;

struct _PtcpConnection
{
  PtcpConfig config;
  PtcpState state;
  gboolean fin_ack, sack; /* agreed on */
  gboolean is_leaving;    /* nobody is here any more: a reset once all is delivered */
  gboolean is_lingering;  /* closed here, peer without FIN: over once all is delivered */
  guint mtu;
  guint16 peer_segment; /* the peer's MSS option, 0: none */
  PtcpSender send;
  PtcpReceiver receive;
  PtcpRecovery recovery;
  PtcpRtt rtt;
  PtcpRate rate;
  guint64 round_delivered; /* rate.delivered that ends the round trip */
  PtcpCongestion congestion;
  gint64 timers[PTCP_N_TIMERS];
  guint n_persists;
  guint events; /* bits of PtcpEventKind */
  gint error;
  gboolean reset_pending, probe_pending;
};

gboolean ptcp_state_may_change (PtcpState from, PtcpState to);
/* A legal edge is taken, any other is a defect of ours: peers cannot ask for one. */
void ptcp_set_state (PtcpConnection *self, PtcpState state);

void ptcp_raise (PtcpConnection *self, PtcpEventKind kind);
void ptcp_set_timer (PtcpConnection *self, PtcpTimer timer, gint64 deadline);

/* CLOSED at once, with an event unless error is 0, and with a reset to the peer. */
void ptcp_fail (PtcpConnection *self, gint error, gboolean reset);

/* CLOSED in peace; what is unread stays readable. */
void ptcp_finish (PtcpConnection *self);

/* The window to offer (RFC 7323 2.3: what goes into the header). */
guint16 ptcp_offered_window (const PtcpConnection *self);

void ptcp_update_segment (PtcpConnection *self);

static inline gboolean
ptcp_is_synchronized (PtcpState state)
{
  return state >= PTCP_ESTABLISHED && state != PTCP_CLOSED;
}

static inline gboolean
ptcp_may_send (PtcpState state)
{
  return state == PTCP_ESTABLISHED || state == PTCP_CLOSE_WAIT;
}

/* Bytes of the ring that were never sent. */
static inline gsize
ptcp_unsent (const PtcpConnection *self)
{
  return self->send.ring.len
         - (gsize)MAX (0, ptcp_seq_diff (self->send.next, self->send.base)
                              - (self->send.fin_sent ? 1 : 0));
}

G_END_DECLS
