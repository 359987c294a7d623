/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The public timer: the pure schedule with the monotonic clock put in, in the caller's
 * struct. RFC 8489 6.2.1. */
#include "config.h"

#include "stun/usages/timer.h"

#include <glib.h>

G_STATIC_ASSERT (sizeof (StunTimer) == 32);
G_STATIC_ASSERT (G_STRUCT_OFFSET (StunTimer, delay) == 16);
G_STATIC_ASSERT (G_STRUCT_OFFSET (StunTimer, retransmissions) == 20);
G_STATIC_ASSERT (G_STRUCT_OFFSET (StunTimer, max_retransmissions) == 24);

#define MS G_GINT64_CONSTANT (1000)

static gint64
get_deadline (const StunTimer *timer)
{
  return timer->deadline.tv_sec * G_USEC_PER_SEC + timer->deadline.tv_usec;
}

static void
set_deadline (StunTimer *timer, gint64 deadline)
{
  timer->deadline.tv_sec = deadline / G_USEC_PER_SEC;
  timer->deadline.tv_usec = deadline % G_USEC_PER_SEC;
}

void
stun_timer_start (StunTimer *timer, unsigned int initial_timeout,
                  unsigned int max_retransmissions)
{
  timer->retransmissions = 1;
  timer->delay = initial_timeout;
  timer->max_retransmissions = max_retransmissions;
  set_deadline (timer, g_get_monotonic_time () + timer->delay * MS);
}

void
stun_timer_start_reliable (StunTimer *timer, unsigned int initial_timeout)
{
  stun_timer_start (timer, initial_timeout, 0);
}

unsigned int
stun_timer_remainder (const StunTimer *timer)
{
  gint64 left = (get_deadline (timer) - g_get_monotonic_time ()) / MS;

  return left < 0 ? 0 : MIN (left, G_MAXINT);
}

StunUsageTimerReturn
stun_timer_refresh (StunTimer *timer)
{
  gint64 now = g_get_monotonic_time (), deadline;

  if (stun_timer_remainder (timer) > 0)
    return STUN_USAGE_TIMER_RETURN_SUCCESS;
  if (timer->retransmissions >= timer->max_retransmissions)
    return STUN_USAGE_TIMER_RETURN_TIMEOUT;
  /* The last wait is half of the one before it, the others double. */
  timer->retransmissions++;
  if (timer->retransmissions == timer->max_retransmissions)
    timer->delay /= 2;
  else
    timer->delay *= 2;
  deadline = get_deadline (timer) + timer->delay * MS;
  if (deadline <= now) /* far behind, as after the machine slept */
    deadline = now + timer->delay * MS;
  set_deadline (timer, deadline);
  return STUN_USAGE_TIMER_RETURN_RETRANSMIT;
}
