/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The schedule of a request: RTO, doubled after each send, Rc sends, a last wait of Rm
 * RTO.
 *
 * All timers: after send n (from 1) of Rc the wait is RTO * 2^(n-1), after the last one
 * it is last_wait. RFC 8489: Rc 7, last wait 16 RTO, so with RTO 500 ms sends at 0, 500,
 * 1500, 3500, 7500, 15500 and 31500 ms, failed at 39500. RFC 8489 6.2.1, 6.2.2, RFC
 * 8445 14.3. */
#include "config.h"

#include "stun/transaction.h"

#define MAX_WAIT_US                                                                      \
  (G_GINT64_CONSTANT (3600) * 1000000) /* keeps doubling from overflow */

StunTiming
stun_timing_rfc8489 (gint64 rto_us)
{
  return (StunTiming) { .rto_us = rto_us,
                        .last_wait_us = STUN_RM * rto_us,
                        .sends = STUN_RC };
}

StunTiming
stun_timing_halved (gint64 rto_us, guint sends)
{
  StunTiming timing = { .rto_us = rto_us, .sends = CLAMP (sends, 1, STUN_MAX_SENDS) };
  gint64 wait = rto_us;

  for (guint sent = 2; sent < timing.sends && wait < MAX_WAIT_US; sent++)
    wait *= 2;
  timing.last_wait_us = timing.sends == 1 ? rto_us : wait / 2;
  return timing;
}

StunTiming
stun_timing_stream (gint64 ti_us)
{
  return (StunTiming) { .rto_us = ti_us, .last_wait_us = ti_us, .sends = 1 };
}

gint64
stun_rto_for_checks (gint64 ta_us, guint n, guint pairs)
{
  return MAX (STUN_RTO_US, ta_us * n * pairs);
}

gint64
stun_rto_for_gathering (gint64 ta_us, guint servers)
{
  return MAX (STUN_RTO_US, ta_us * servers);
}

void
stun_transaction_start (StunTransaction *self, const StunTiming *timing, gint64 now)
{
  self->timing = *timing;
  self->started = now;
  self->sends = 1;
  self->wait = timing->sends > 1 ? timing->rto_us : timing->last_wait_us;
  self->deadline = now + self->wait;
}

StunTransactionAction
stun_transaction_handle_timeout (StunTransaction *self, gint64 now)
{
  if (now < self->deadline)
    return STUN_TRANSACTION_WAIT;
  if (self->sends >= self->timing.sends)
    {
      self->deadline = STUN_NEVER;
      return STUN_TRANSACTION_FAILED;
    }
  self->sends++;
  self->wait = self->sends < self->timing.sends ? MIN (2 * self->wait, MAX_WAIT_US)
                                                : self->timing.last_wait_us;
  self->deadline += self->wait;
  if (self->deadline <= now) /* far behind, as after the machine slept */
    self->deadline = now + self->wait;
  return STUN_TRANSACTION_RESEND;
}

void
stun_transaction_cancel (StunTransaction *self)
{
  gint64 wait = self->wait;

  if (self->deadline == STUN_NEVER)
    return;
  for (guint sent = self->sends + 1; sent < self->timing.sends; sent++)
    {
      wait = MIN (2 * wait, MAX_WAIT_US);
      self->deadline += wait;
    }
  if (self->sends < self->timing.sends)
    self->deadline += self->timing.last_wait_us;
  self->timing.sends = self->sends;
}
