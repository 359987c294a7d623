/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* When things are due: the heap of timers and every formula of time in the engine. Each
 * is held to the microsecond by /ice/deadline/<name in small letters>/ of the tests.
 *
 * PACE. The first ordinary check goes at once; each one keeps the next away for Ta, over
 * all streams (RFC 8445 6.1.4.2, 14.2). Due Ta after the last ordinary check or gathering
 * request, and only while there is more to send. A triggered check that answers a check
 * of the peer goes at once where the pair was not sent to for Ta; the nominating check
 * always does. Both keep nothing away: packets of the peer clock them, one for one.
 *
 * PROCESS. With process-pacing all of these also wait for a slot of the process, of which
 * there is one each 5 ms (RFC 8445 14.2), the urgent ones first.
 *
 * REQUEST. A check goes again after RTO, 2 RTO, ... up to Rc transmissions, and has
 * failed RTO 2^(Rc-2) after the last: 0, 500, 1500, failed at 2000 ms with the defaults,
 * as users of NiceAgent know it. RTO = max (500 ms, Ta x checks Waiting or In-Progress)
 * (RFC 8445 14.3). Over a connection: once, failed after reliable-timeout. A cancelled
 * check is not sent again, and is forgotten when it would have failed. Where the peer was
 * heard on that path a check that failed begins anew, until PAC is over; not a nominating
 * one where another pair is valid, which is nominated then.
 *
 * CONNECT. A connection that is not there 10 s after it was asked for is given up, and
 * its pair has failed: four attempts of a TCP, where the system would make more of them
 * for two minutes. From relay to relay one that failed is asked for again after 10 s (RFC
 * 6062 4.3), while PAC lasts.
 *
 * PATIENCE. The controlling agent nominates its best valid pair at once where no pair of
 * higher priority is still unchecked; else this long after the first valid pair: 10 ms
 * where the best one is direct, 30 ms where it is relayed. A direct path that the peer
 * was heard on by then, and that was sent to, has besides as long as the relay took to
 * answer. Of a reliable agent a pair over TCP waits up to 100 ms for the peer's own check
 * of it.
 *
 * VERDICT. A component without a nominated pair whose checks are all over fails: where
 * both ends said that they are done, idle-timeout after the last sign of life (a change
 * of one of its pairs, the end of candidates); else not before PAC, 39.5 s after both
 * credentials were known (RFC 8863 4). While a name of the peer is looked up, not before
 * 30 s after that was begun either: three servers were asked twice, for 5 s each, by then
 * (resolv.conf(5)). Of a lost connection that was selected the end
 * that opened it fails as soon as the new one has (RFC 6544 11.1), the other 10 s after
 * the loss unless a check came; both at once where it was made anew within the last 5 s.
 *
 * KEEPALIVE. 25 s after the last one on the selected pair an indication, unless media
 * left there within the last 5 s, so that never more than 30 s are silent. With consent
 * or keepalive checks a request, every 5 s x [0.8, 1.2] (RFC 7675 5.1).
 *
 * CONSENT. 30 s after the last answer that consented, the pair may not be sent to
 * (RFC 7675 5.1); 50 s where there are keepalive checks only. What carries data before a
 * pair is selected does so for 30 s after the last answer to its check. In its last 6.5 s
 * the other valid pairs are asked too: one that answers takes over when it ends.
 *
 * SILENCE. While media comes, it is looked for every 750 ms; where none came since, the
 * selected pair is asked by a check, up to three times in a row. With the third in vain
 * the other valid pairs are asked too, and 750 ms later the controlling side moves to one
 * that has answered.
 *
 * DOUBT. Where the address of the selected pair is gone or has come back, the host's way
 * out has changed, or the peer checks another pair 4 s or more after the selection, its
 * first check and our candidate of that pair, the selected pair is asked at once, and
 * again 1, 3, 7, 15, 31 and 63 times D later while it owes the answer; D = max (100 ms, 2
 * round trips). Of a lost address the other pairs are asked from the start, else from the
 * second time on. The controlling side moves to one that has answered: of a lost address
 * at once where no better pair is being checked, else when the next question would be due
 * and three answers are owed, or two and media that came within 750 ms before has stopped
 * for 100 ms. A check of the peer begins this once in 750 ms at most.
 *
 * BINDING. A request to a STUN server goes again after RTO = initial-timeout, doubling,
 * as REQUEST.
 *
 * REFRESH. 25 s after each answer of a STUN server it is asked again, while the component
 * has no selected pair and has not failed (RFC 8445 5.1.1.4). An allocation that was lost
 * is asked for again at once, and 1, 2, 4, 8 and 16 s after each time that this fails.
 *
 * ATTEMPT. 250 ms after a target of a server was tried, unless it answered, the next one
 * is tried beside it (RFC 8305 5).
 *
 * GATHERING. Gathering is said to be done at most 5 s after it began, or after a server
 * was added to what was done, whatever servers still owe; their candidates come later
 * then.
 *
 * FREEING. 3 s after the components of a stream are all ready, or the pair of one of them
 * was selected, what none of them uses is freed (RFC 8445 8.3.1), where that is wanted.
 */
#include "config.h"

#include "ice/deadline.h"

static gint
compare_due (gconstpointer a, gconstpointer b)
{
  const IceTimer *x = a, *y = b;

  return (x->due > y->due) - (x->due < y->due);
}

static const IceHeapOrder by_due = { compare_due, G_STRUCT_OFFSET (IceTimer, place) };

void
ice_timer_init (IceTimer *self, IceTimerKind kind, gpointer owner)
{
  *self = (IceTimer) { .kind = kind, .owner = owner };
}

void
ice_timer_start (IceTimer *self, IceHeap *timers, gint64 due)
{
  self->due = due;
  if (ice_timer_is_running (self))
    ice_heap_update (timers, &by_due, self);
  else
    ice_heap_insert (timers, &by_due, self);
}

void
ice_timer_stop (IceTimer *self, IceHeap *timers)
{
  if (ice_timer_is_running (self))
    ice_heap_remove (timers, &by_due, self);
}

gint64
ice_timers_get_deadline (const IceHeap *timers)
{
  const IceTimer *first = ice_heap_peek (timers);

  return first != NULL ? first->due : ICE_NEVER;
}

IceTimer *
ice_timers_pop_due (IceHeap *timers, gint64 now)
{
  IceTimer *first = ice_heap_peek (timers);

  if (first == NULL || first->due > now)
    return NULL;
  ice_heap_remove (timers, &by_due, first);
  return first;
}

gint64
ice_deadline_get_consent_interval (guint32 random)
{
  return 4 * ICE_SECOND + (gint64)(((guint64)random * (guint64)(2 * ICE_SECOND)) >> 32);
}
