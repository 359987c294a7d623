/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* When a request goes again, and when it has failed. Knows time as an argument and
 * nothing of messages or sockets. RFC 8489 6.2.1 (datagrams), 6.2.2 (streams), RFC
 * 8445 14.3 (RTO). */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define STUN_RC 7                               /* sends, RFC 8489 6.2.1 */
#define STUN_RM 16                              /* last wait, in RTO */
#define STUN_RTO_US G_GINT64_CONSTANT (500000)  /* initial, outside ICE */
#define STUN_TI_US G_GINT64_CONSTANT (39500000) /* streams, RFC 8489 6.2.2 */
#define STUN_NEVER G_MAXINT64                   /* no deadline */
#define STUN_MAX_SENDS 99 /* limit of what may be configured; the public property's */

/* How a request is repeated. Plain value. All times in microseconds. */
typedef struct
{
  gint64 rto_us;       /* wait after the first send; doubles with each later one */
  gint64 last_wait_us; /* wait after the last send */
  guint sends;         /* Rc: at most that many sends, 1 at least */
} StunTiming;

/* RFC 8489 6.2.1: 7 sends, then 16 RTO: fails 79 RTO after the first send. */
StunTiming stun_timing_rfc8489 (gint64 rto_us);

/* Sends of a number the caller chooses, and a last wait that is half the wait before it,
 * as libnice's users know it (3 sends at 0, 500, 1500 ms, failed at 2000). With 7 sends
 * this is RFC 8489's schedule. */
StunTiming stun_timing_halved (gint64 rto_us, guint sends);

/* A stream repeats nothing: one send, failed after ti_us (RFC 8489 6.2.2). */
StunTiming stun_timing_stream (gint64 ti_us);

/* RFC 8445 14.3: RTO of a check, MAX (500 ms, Ta * n * pairs); pairs counts the Waiting
 * and In-Progress ones over all checklists. The text makes n the number of all checks,
 * which lets RTO grow with the square of their number; RFC 5245 16.1 meant the active
 * checklists, and libnice took 1. The caller chooses. */
gint64 stun_rto_for_checks (gint64 ta_us, guint n, guint pairs);

/* RFC 8445 14.3: RTO of gathering, MAX (500 ms, Ta * servers asked). */
gint64 stun_rto_for_gathering (gint64 ta_us, guint servers);

/* One request in flight. Plain value; embed it where the request's record is. */
typedef struct
{
  StunTiming timing;
  gint64 started;  /* the first send */
  gint64 deadline; /* STUN_NEVER when over */
  gint64 wait;     /* the wait that ends at deadline */
  guint sends;     /* done so far */
} StunTransaction;

typedef enum
{
  STUN_TRANSACTION_WAIT,   /* nothing due: ask again at the deadline */
  STUN_TRANSACTION_RESEND, /* send the same bytes again, now */
  STUN_TRANSACTION_FAILED  /* no answer came in time; the deadline is STUN_NEVER now */
} StunTransactionAction;

/* The first send happens at now. */
void stun_transaction_start (StunTransaction *self, const StunTiming *timing, gint64 now);

/* Call at any time, best at the deadline. A caller that comes late gets one RESEND, not a
 * burst; the schedule does not drift with small delays. */
StunTransactionAction stun_transaction_handle_timeout (StunTransaction *self, gint64 now);

static inline gint64
stun_transaction_get_deadline (const StunTransaction *self)
{
  return self->deadline;
}

/* Ends repetition at once, keeping the id matched until the request would have failed
 * (RFC 8445 7.2.5.1 cancelling: the request is not resent, an answer still counts). */
void stun_transaction_cancel (StunTransaction *self);

/* The answer came (or a hard error): over. */
static inline void
stun_transaction_end (StunTransaction *self)
{
  self->deadline = STUN_NEVER;
}

/* The round trip to learn from an answer at now, or -1 when it is ambiguous because the
 * request was sent more than once (Karn's rule, RFC 8489 6.2.1). */
static inline gint64
stun_transaction_get_round_trip (const StunTransaction *self, gint64 now)
{
  return self->sends == 1 ? now - self->started : -1;
}

G_END_DECLS
