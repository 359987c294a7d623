/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A session's place at a shared socket: what it is found by, and how it sends. Decides
 * how many addresses and transactions a session may be found by; must not know how
 * packets are read. RFC 8489 6.2.1. */
#include "config.h"

#include "io/ports.h"

#include <string.h>
#include <sys/epoll.h>

#include "stun/demux.h"
#include "stun/wire.h"

#define BATCH 32

/* --- The inbox --- */

static NiceSeat *
get_seat (NiceTimer *timer)
{
  return (NiceSeat *)((guint8 *)timer - G_STRUCT_OFFSET (NiceSeat, timer));
}

static void
ref_timer (NiceTimer *timer)
{
  nice_base_ref (get_seat (timer)->base);
}

static void
unref_timer (NiceTimer *timer)
{
  nice_base_unref (get_seat (timer)->base);
}

static void
call_home (NiceSeat *self)
{
  g_mutex_lock (&self->shard->port->lock);
  if (self->home != NULL && !g_atomic_int_exchange (&self->is_called, TRUE))
    nice_timer_set (&self->timer, self->home, 0);
  g_mutex_unlock (&self->shard->port->lock);
}

static void
due (NiceTimer *timer)
{
  NiceSeat *self = get_seat (timer);
  NiceReactor *home;
  gboolean is_here;

  g_atomic_int_set (&self->is_called, FALSE);
  /* It may have moved while the timer of its old home was about to run; and once more, so
   * that the one that it had in between is gone. */
  g_mutex_lock (&self->shard->port->lock);
  home = self->home;
  is_here = home != NULL && g_main_context_is_owner (nice_reactor_get_context (home));
  g_mutex_unlock (&self->shard->port->lock);
  if (home == NULL)
    return;
  if (is_here)
    nice_receive_inbox (self->base, home);
  if (!nice_pending_is_empty (&self->inbox))
    call_home (self);
}

static const NiceTimerClass timer_class = { ref_timer, unref_timer, due };

void
nice_seat_put_off (NiceSeat *self, const NicePacket *packets, guint n_packets)
{
  for (guint i = 0; i < n_packets; i++)
    {
      const NicePacket *packet = &packets[i];
      const gint tos = (packet->flags & NICE_PACKET_HAS_TOS) ? packet->tos : -1;

      if (nice_pending_push (&self->inbox, &packet->from, tos, packet->data, packet->size,
                             packet->stride, FALSE))
        continue;
      nice_count (&self->counts.dropped, 1);
      nice_count (&self->shard->port->counts.dropped, 1);
    }
  call_home (self);
  nice_component_io_wake (self->base->component);
}

/* --- The pump --- */

static NiceSeat *
get_pumping_seat (NiceWatch *watch)
{
  return (NiceSeat *)((guint8 *)watch - G_STRUCT_OFFSET (NiceSeat, pump));
}

static void
ref_pump (NiceWatch *watch)
{
  nice_base_ref (get_pumping_seat (watch)->base);
}

static void
unref_pump (NiceWatch *watch)
{
  nice_base_unref (get_pumping_seat (watch)->base);
}

static void
pump (NiceWatch *watch, NiceReactor *reactor, guint events)
{
  nice_shard_ready (get_pumping_seat (watch)->shard, reactor, FALSE);
}

static const NiceWatchClass pump_class = { ref_pump, unref_pump, pump };

void
nice_seat_pump (NiceSeat *self)
{
  if (self->home != NULL && self->home != self->shard->reactor
      && self->pump.reactor == NULL)
    nice_watch_start (&self->pump, self->home, self->shard->endpoint->fd, EPOLLIN);
}

/* --- Life --- */

NiceSeat *
nice_seat_new (NiceBase *base, NiceShard *shard)
{
  NiceSeat *self = g_new0 (NiceSeat, 1);

  self->base = base;
  self->shard = nice_shard_ref (shard);
  self->tos = base->component->tos;
  self->timer.klass = &timer_class;
  self->pump.klass = &pump_class;
  nice_pending_init (&self->inbox);
  return self;
}

/* With the gate closed. */
static void
remove_claim (NiceSeat *self, NiceClaim *claim)
{
  NiceNodeIndex *index = &self->shard->port->claims;

  if (claim->next != NULL)
    claim->next->previous = claim->previous;
  if (claim->previous != NULL)
    claim->previous->next = claim->next;
  else if (claim->next != NULL)
    nice_node_index_put (index, &claim->next->node);
  else
    nice_node_index_take (index, &claim->node.key);
  self->n_claims--;
  g_free (claim);
}

void
nice_seat_forget (NiceSeat *self, NiceTransaction *transaction)
{
  nice_node_index_take (&self->shard->port->transactions, &transaction->node.key);
  g_queue_unlink (&self->transactions, &transaction->link);
  g_free (transaction);
}

/* With the port's lock. */
static void
remove_ufrag (NiceSeat *self, gchar **ufrag)
{
  if (*ufrag == NULL)
    return;
  g_hash_table_remove (self->shard->port->ufrags, *ufrag);
  g_clear_pointer (ufrag, g_free);
}

static void
stay_away (NiceSeat *self)
{
  remove_ufrag (self, &self->ufrag);
  remove_ufrag (self, &self->old_ufrag);
  nice_gate_close (&self->shard->port->gate);
  while (self->claims != NULL)
    {
      NiceClaim *claim = self->claims;

      self->claims = claim->sibling;
      remove_claim (self, claim);
    }
  nice_gate_open (&self->shard->port->gate);
  while (self->transactions.head != NULL)
    nice_seat_forget (self, self->transactions.head->data);
}

void
nice_seat_leave (NiceSeat *self)
{
  NicePort *port = self->shard->port;
  gboolean has_left;

  nice_seat_move (self, NULL);
  g_mutex_lock (&port->lock);
  has_left = self->has_left;
  self->has_left = TRUE;
  stay_away (self);
  g_mutex_unlock (&port->lock);
  if (!has_left)
    nice_mux_leave (port->mux, self->shard);
}

void
nice_seat_free (NiceSeat *self)
{
  nice_seat_leave (self);
  nice_pending_clear (&self->inbox);
  nice_shard_unref (self->shard);
  g_free (self);
}

void
nice_seat_move (NiceSeat *self, NiceReactor *home)
{
  NicePort *port = self->shard->port;

  nice_watch_stop (&self->pump);
  g_mutex_lock (&port->lock);
  if (self->home != NULL && self->home != home)
    nice_timer_set (&self->timer, self->home, ICE_NEVER);
  g_atomic_pointer_set (&self->home, home);
  g_atomic_int_set (&self->is_called, FALSE);
  g_mutex_unlock (&port->lock);
  if (!nice_pending_is_empty (&self->inbox))
    call_home (self);
}

void
nice_seat_get_counts (NiceSeat *self, NiceMuxCounts *counts)
{
  *counts = (NiceMuxCounts) { .received = self->counts.received,
                              .dropped = self->counts.dropped };
}

/* --- What it is found by --- */

gboolean
nice_seat_may_use_ufrag (NiceSeat *self, const gchar *ufrag)
{
  NicePort *port = self->shard->port;
  const NiceSeat *other;

  g_mutex_lock (&port->lock);
  other = g_hash_table_lookup (port->ufrags, ufrag);
  g_mutex_unlock (&port->lock);
  return other == NULL || other == self;
}

/* RFC 8445 9: checks with the old credentials are on their way when they change. */
gboolean
nice_seat_set_ufrag (NiceSeat *self, const gchar *ufrag)
{
  NicePort *port = self->shard->port;
  gboolean is_free;

  if (g_strcmp0 (self->ufrag, ufrag) == 0)
    return TRUE;
  g_mutex_lock (&port->lock);
  if (g_strcmp0 (self->old_ufrag, ufrag) == 0)
    remove_ufrag (self, &self->old_ufrag);
  is_free = !self->has_left && !g_hash_table_contains (port->ufrags, ufrag);
  if (is_free)
    {
      remove_ufrag (self, &self->old_ufrag);
      self->old_ufrag = self->ufrag;
      self->ufrag = g_strdup (ufrag);
      g_hash_table_insert (port->ufrags, self->ufrag, self);
    }
  g_mutex_unlock (&port->lock);
  return is_free;
}

/* With the port's lock: where the claim is that is meant, or the end of the list. */
static NiceClaim **
find_claim (NiceSeat *self, const NiceKey *key)
{
  NiceClaim **at = &self->claims;

  while (*at != NULL && memcmp (&(*at)->node.key, key, sizeof *key) != 0)
    at = &(*at)->sibling;
  return at;
}

static void
add_claim (NiceSeat *self, const NiceKey *key)
{
  NicePort *port = self->shard->port;
  NiceClaim *claim = g_new0 (NiceClaim, 1);
  NiceNode *other;

  claim->node.key = *key;
  claim->seat = self;
  claim->sibling = self->claims;
  self->claims = claim;
  self->n_claims++;
  nice_gate_close (&port->gate);
  other = nice_node_index_put (&port->claims, &claim->node);
  claim->next = (NiceClaim *)other;
  if (other != NULL)
    claim->next->previous = claim;
  nice_gate_open (&port->gate);
  if (other == NULL)
    return;
  g_debug ("Two sessions of a mux have a peer of the same address: their data cannot be "
           "told apart");
}

void
nice_seat_claim (NiceSeat *self, const NiceAddress *remote)
{
  const NiceKey key = nice_key_of_address (remote);
  NicePort *port = self->shard->port;

  g_mutex_lock (&port->lock);
  if (!self->has_left && self->n_claims < NICE_SEAT_MAX_CLAIMS
      && *find_claim (self, &key) == NULL)
    add_claim (self, &key);
  g_mutex_unlock (&port->lock);
}

void
nice_seat_disclaim (NiceSeat *self, const NiceAddress *remote)
{
  const NiceKey key = nice_key_of_address (remote);
  NicePort *port = self->shard->port;
  NiceClaim **at, *claim;

  g_mutex_lock (&port->lock);
  at = find_claim (self, &key);
  claim = *at;
  if (claim != NULL)
    {
      *at = claim->sibling;
      nice_gate_close (&port->gate);
      remove_claim (self, claim);
      nice_gate_open (&port->gate);
    }
  g_mutex_unlock (&port->lock);
}

/* --- Sending --- */

/* With the port's lock. */
static void
drop_old_transactions (NiceSeat *self, gint64 now)
{
  const NiceTransaction *oldest;

  while ((oldest = g_queue_peek_head (&self->transactions)) != NULL
         && (oldest->sent + NICE_SEAT_TRANSACTION_LIFE <= now
             || self->transactions.length > NICE_SEAT_MAX_TRANSACTIONS))
    nice_seat_forget (self, (NiceTransaction *)oldest);
}

static void
remember (NiceSeat *self, const guint8 *id, gint64 now)
{
  NiceNodeIndex *index = &self->shard->port->transactions;
  const NiceKey key = nice_key_of_transaction (id);
  NiceTransaction *transaction = (NiceTransaction *)nice_node_index_find (index, &key);

  if (transaction != NULL && transaction->seat != self)
    return; /* 96 random bits: does not happen */
  if (transaction != NULL)
    g_queue_unlink (&self->transactions, &transaction->link);
  else
    {
      transaction = g_new0 (NiceTransaction, 1);
      transaction->node.key = key;
      transaction->seat = self;
      transaction->link.data = transaction;
      nice_node_index_put (index, &transaction->node);
    }
  transaction->sent = now;
  g_queue_push_tail_link (&self->transactions, &transaction->link);
}

static void
note_requests (NiceSeat *self, const NiceOutPacket *packets, guint n_packets)
{
  const gint64 now = g_get_monotonic_time ();
  NicePort *port = self->shard->port;

  g_mutex_lock (&port->lock);
  for (guint i = 0; i < n_packets && !self->has_left; i++)
    {
      const guint8 *data = packets[i].vectors[0].buffer;

      if (packets[i].n_vectors == 1 && stun_demux_is_stun (data, packets[i].size)
          && stun_wire_type_get_class (stun_load16 (data)) == STUN_CLASS_REQUEST)
        remember (self, data + STUN_MESSAGE_TRANS_ID_POS + 4, now);
    }
  drop_old_transactions (self, now);
  g_mutex_unlock (&port->lock);
}

/* The socket has no traffic class of its own: each datagram says it. */
static gint
send_with_tos (NiceSeat *self, const NiceOutPacket *packets, guint n_packets, guint8 tos)
{
  NiceOutPacket marked[BATCH];
  guint sent = 0, n;
  gint result;

  do
    {
      n = MIN (n_packets - sent, BATCH);
      memcpy (marked, packets + sent, n * sizeof *packets);
      for (guint i = 0; i < n; i++)
        if (marked[i].tos == 0)
          marked[i].tos = tos;
      result = nice_endpoint_send (self->shard->endpoint, marked, n);
      sent += MAX (result, 0);
    }
  while (result == (gint)n && sent < n_packets);
  return sent > 0 ? (gint)sent : result;
}

gint
nice_seat_send (NiceSeat *self, const NiceOutPacket *packets, guint n_packets,
                gboolean is_control)
{
  const guint8 tos = (guint8)g_atomic_int_get (&self->tos);

  if (is_control)
    note_requests (self, packets, n_packets);
  if (tos != 0)
    return send_with_tos (self, packets, n_packets, tos);
  return nice_endpoint_send (self->shard->endpoint, packets, n_packets);
}

gint
nice_seat_send_run (NiceSeat *self, const NiceOutRun *run, gsize *bytes)
{
  NiceOutRun marked = *run;

  marked.tos = (guint8)g_atomic_int_get (&self->tos);
  return nice_endpoint_send_run (self->shard->endpoint, &marked, bytes);
}
