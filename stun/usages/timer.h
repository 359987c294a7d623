/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* When to send a request again. Public. RFC 8489 6.2.1. */
#pragma once

#ifdef _WIN32
#include "../win32_common.h"
#else
#include <sys/types.h>
#include <sys/time.h>
#include <time.h>
#endif

#include "stun/constants.h"

STUN_BEGIN_DECLS

/**
 * STUN_TIMER_DEFAULT_TIMEOUT:
 *
 * Initial wait before a retransmission, in milliseconds (RFC 8489 6.2.1).
 */
#define STUN_TIMER_DEFAULT_TIMEOUT 500

/**
 * STUN_TIMER_DEFAULT_MAX_RETRANSMISSIONS:
 *
 * How often a request is sent.
 */
#define STUN_TIMER_DEFAULT_MAX_RETRANSMISSIONS 3

/**
 * STUN_TIMER_DEFAULT_RELIABLE_TIMEOUT:
 *
 * How long a request over a stream waits, in milliseconds.
 */
#define STUN_TIMER_DEFAULT_RELIABLE_TIMEOUT 2000

/**
 * StunTimer:
 *
 * A request's timer. Allocated by the caller; the fields are private.
 */
typedef struct stun_timer_s StunTimer;

struct stun_timer_s
{
  struct timeval deadline;
  unsigned delay;
  unsigned retransmissions;
  unsigned max_retransmissions;
};

/**
 * StunUsageTimerReturn:
 * @STUN_USAGE_TIMER_RETURN_SUCCESS: nothing is due
 * @STUN_USAGE_TIMER_RETURN_RETRANSMIT: send the request again
 * @STUN_USAGE_TIMER_RETURN_TIMEOUT: the request has failed
 *
 * What is due.
 */
typedef enum
{
  STUN_USAGE_TIMER_RETURN_SUCCESS = 0,
  STUN_USAGE_TIMER_RETURN_RETRANSMIT = 1,
  STUN_USAGE_TIMER_RETURN_TIMEOUT = 2
} StunUsageTimerReturn;

/**
 * stun_timer_start:
 * @initial_timeout: the first wait, in milliseconds; doubles with each send
 * @max_retransmissions: how often the request is sent
 *
 * Starts the timer of a request that is sent now over UDP. The wait after the last send
 * is half of the one before: 500 and 3 mean sends at 0, 500 and 1500 ms, and failure at
 * 2000 ms.
 */
void stun_timer_start (StunTimer *timer, unsigned int initial_timeout,
                       unsigned int max_retransmissions);

/**
 * stun_timer_start_reliable:
 * @initial_timeout: the wait, in milliseconds
 *
 * Starts the timer of a request that is sent now over a stream.
 */
void stun_timer_start_reliable (StunTimer *timer, unsigned int initial_timeout);

/**
 * stun_timer_refresh:
 *
 * Tells what is due, and sets the next wait when that is a retransmission.
 *
 * Returns: what to do.
 */
StunUsageTimerReturn stun_timer_refresh (StunTimer *timer);

/**
 * stun_timer_remainder:
 *
 * Returns: milliseconds until something is due, rounded down; 0 when it is.
 */
unsigned int stun_timer_remainder (const StunTimer *timer);

STUN_END_DECLS
