/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The byte stream of a component of a reliable agent, from its first packet to its last:
 * which packets go into the connection, where sockets are read, and how it ends. It must
 * not know candidates or states; the protocol is in agent/pseudotcp.
 *
 * Sockets are read in the context of whoever is attached, else in the agent's. While
 * calls wait, they are read in a context of their own, which one of the waiting threads
 * iterates for all: so a call waits just as well with and without a running main loop. */
#include "config.h"

#include "reliable-core.h"

#define CONVERSATION 0 /* libnice's; both ends must have the same */
#define MAX_EARLY                                                                        \
  (16 * NICE_RELIABLE_HOLD_FROM) /* bytes kept until a pair is selected here too */

/* --- Packets --- */

/* Where packets are read, for on_packet(). */
typedef struct
{
  NiceReliable *reliable;
  GMainContext *here;
} Entry;

static Entry *
entry_new (NiceReliable *self, GMainContext *here)
{
  Entry *entry = g_new (Entry, 1);

  *entry = (Entry) { nice_reliable_ref (self), g_main_context_ref (here) };
  return entry;
}

static void
entry_free (gpointer data)
{
  Entry *self = data;

  g_main_context_unref (self->here);
  nice_reliable_unref (self->reliable);
  g_free (self);
}

/* Until a pair is selected nobody knows what these came over. A connection is left unread
 * long before the limit, so that it is datagrams that are dropped. */
static void
keep_packet (NiceReliable *self, const guint8 *data, gsize len)
{
  if (!self->selected && self->n_kept + len > MAX_EARLY)
    return;
  g_queue_push_tail (&self->frames, g_bytes_new (data, len));
  self->n_kept += len;
}

static void
handle_packet (NiceReliable *self, const guint8 *data, gsize len)
{
  if (!self->selected || self->stream)
    keep_packet (self, data, len);
  else
    ptcp_connection_handle_packet (self->tcp, data, len, g_get_monotonic_time ());
}

/* What came early was for the connection, as it turns out. */
static void
handle_early (NiceReliable *self)
{
  GBytes *packet;

  while ((packet = g_queue_pop_head (&self->frames)) != NULL)
    {
      self->n_kept -= g_bytes_get_size (packet);
      handle_packet (self, g_bytes_get_data (packet, NULL), g_bytes_get_size (packet));
      g_bytes_unref (packet);
    }
}

/* With the lock, which it drops for the call: what came over TCP for somebody who waits
 * for it is not kept first. FALSE: it has to be. */
static gboolean
pass_on (NiceReliable *self, GObject *owner, GMainContext *here,
         const NiceReceived *received)
{
  Receiver *receiver = self->receiver;

  if (!self->stream || receiver == NULL || receiver->context != here || self->gone
      || g_atomic_int_get (&self->is_mute) || self->delivering
      || !g_queue_is_empty (&self->frames))
    return FALSE;
  g_atomic_rc_box_acquire (receiver);
  self->delivering = TRUE;
  g_mutex_unlock (&self->lock);
  nice_reliable_call (self, owner, receiver, received->data, received->len);
  nice_reliable_drop_receiver (receiver);
  g_mutex_lock (&self->lock);
  self->delivering = FALSE;
  if (!g_queue_is_empty (&self->frames))
    nice_reliable_summon (self); /* whoever brought them left them to us */
  return TRUE;
}

/* Once sockets are read elsewhere, the end of the batch is told there. */
static void
on_packet (GObject *owner, const NiceReceived *received, gpointer data)
{
  const Entry *entry = data;
  NiceReliable *self = entry->reliable;

  g_mutex_lock (&self->lock);
  if (received->len > 0 && !pass_on (self, owner, entry->here, received))
    handle_packet (self, received->data, received->len);
  if (received->data == NULL || self->context != entry->here)
    nice_reliable_settle (self, entry->here);
  else
    g_mutex_unlock (&self->lock);
}

void
nice_reliable_path_selected (NiceReliable *self, gboolean stream)
{
  g_mutex_lock (&self->lock);
  self->stream = stream;
  self->full = self->cut = FALSE;
  self->n_rooms++;
  if (!self->selected)
    {
      self->selected = TRUE;
      if (stream)
        self->open = self->writable = TRUE;
      else
        {
          ptcp_connection_connect (self->tcp, g_get_monotonic_time ());
          handle_early (self);
        }
    }
  nice_reliable_settle (self, NULL);
  nice_reliable_update_hold (self);
}

void
nice_reliable_handle_room (NiceReliable *self)
{
  g_mutex_lock (&self->lock);
  self->full = FALSE;
  self->n_rooms++;
  self->writable |= self->stream; /* pseudo-TCP says so itself */
  nice_reliable_settle (self, NULL);
}

void
nice_reliable_handle_cut (NiceReliable *self)
{
  g_mutex_lock (&self->lock);
  self->cut = self->stream;
  nice_reliable_settle (self, NULL);
}

/* --- Where sockets are read --- */

/* Not under the lock: signals may be emitted in here. What another thread has read in the
 * old place until now, it leaves to us. */
static void
read_in (NiceReliable *self, GMainContext *context)
{
  g_mutex_lock (&self->lock);
  nice_reliable_stop_clock (self);
  g_clear_pointer (&self->context, g_main_context_unref);
  self->context = g_main_context_ref (context);
  nice_reliable_set_clock (self);
  g_mutex_unlock (&self->lock);
  nice_driver_attach (self->env.driver, self->stream_id, self->component_id, context,
                      on_packet, entry_new (self, context), entry_free);
  g_mutex_lock (&self->lock);
  nice_reliable_summon (self);
  nice_reliable_settle (self, NULL);
}

void
nice_reliable_place (NiceReliable *self)
{
  GThread *outer;

  g_mutex_lock (&self->lock);
  self->misplaced = TRUE;
  if (nice_reliable_is_left_to (self->mover))
    {
      g_mutex_unlock (&self->lock);
      return;
    }
  outer = self->mover;
  self->mover = g_thread_self ();
  while (self->misplaced)
    {
      const gboolean waits = self->n_waiting > 0;
      g_autoptr (GMainContext) context =
          g_main_context_ref (waits ? self->own : self->home);

      self->misplaced = FALSE;
      g_mutex_unlock (&self->lock);
      read_in (self, context);
      if (waits)
        nice_driver_pump (self->env.driver, self->stream_id, self->component_id);
      g_mutex_lock (&self->lock);
    }
  self->mover = outer;
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
}

/* With the lock; NULL: the default one. To be followed by nice_reliable_place(). */
static void
set_home (NiceReliable *self, GMainContext *context)
{
  g_clear_pointer (&self->home, g_main_context_unref);
  self->home = g_main_context_ref (context != NULL ? context : g_main_context_default ());
}

static void
place_at_home (NiceReliable *self)
{
  g_mutex_lock (&self->lock);
  set_home (self, self->env.context);
  g_mutex_unlock (&self->lock);
  nice_reliable_place (self);
}

void
nice_reliable_attach (NiceReliable *self, GMainContext *context, NiceReceiveFunc func,
                      gpointer data, GDestroyNotify notify)
{
  GMainContext *in = context != NULL ? context : g_main_context_default ();
  Receiver *receiver = NULL, *old;

  if (func != NULL)
    {
      receiver = g_atomic_rc_box_new0 (Receiver);
      *receiver = (Receiver) { g_main_context_ref (in), func, data, notify };
    }
  g_mutex_lock (&self->lock);
  old = self->receiver;
  self->receiver = receiver;
  nice_reliable_stop_summons (self); /* at most the one before was */
  set_home (self, func != NULL || context != NULL ? in : self->env.context);
  g_mutex_unlock (&self->lock);
  nice_reliable_drop_receiver (old);
  nice_reliable_place (self);
}

void
nice_reliable_stop_reading (NiceReliable *self, GMainContext *context)
{
  gboolean is_there;

  g_mutex_lock (&self->lock);
  is_there = self->receiver == NULL && self->home == context && !self->gone;
  g_mutex_unlock (&self->lock);
  if (is_there)
    place_at_home (self);
}

/* --- Life --- */

NiceReliable *
nice_reliable_new (const NiceReliableEnv *env, guint stream_id, guint component_id)
{
  NiceReliable *self = g_new0 (NiceReliable, 1);
  PtcpConfig config;

  g_atomic_ref_count_init (&self->refs);
  self->env = *env;
  nice_driver_ref (env->driver);
  if (env->context != NULL)
    g_main_context_ref (env->context);
  g_weak_ref_init (&self->owner, env->owner);
  self->stream_id = stream_id;
  self->component_id = component_id;
  g_mutex_init (&self->lock);
  g_mutex_init (&self->hold_lock);
  g_cond_init (&self->changed);
  self->context = g_main_context_ref (env->context != NULL ? env->context
                                                           : g_main_context_default ());
  ptcp_config_init (&config, CONVERSATION);
  self->tcp = ptcp_connection_new (&config);
  return self;
}

NiceReliable *
nice_reliable_ref (NiceReliable *self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

void
nice_reliable_unref (NiceReliable *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  nice_reliable_drop_receiver (self->receiver);
  nice_reliable_stop_clock (self);
  nice_reliable_stop_summons (self);
  ptcp_connection_free (self->tcp);
  g_queue_clear_full (&self->frames, (GDestroyNotify)g_bytes_unref);
  g_clear_pointer (&self->context, g_main_context_unref);
  g_clear_pointer (&self->home, g_main_context_unref);
  g_clear_pointer (&self->own, g_main_context_unref);
  g_clear_pointer (&self->env.context, g_main_context_unref);
  nice_driver_unref (self->env.driver);
  g_weak_ref_clear (&self->owner);
  g_cond_clear (&self->changed);
  g_mutex_clear (&self->lock);
  g_mutex_clear (&self->hold_lock);
  g_free (self);
}

void
nice_reliable_start (NiceReliable *self)
{
  place_at_home (self);
}

void
nice_reliable_detach (NiceReliable *self)
{
  Receiver *receiver;

  g_mutex_lock (&self->lock);
  receiver = g_steal_pointer (&self->receiver);
  nice_reliable_stop_summons (self);
  g_mutex_unlock (&self->lock);
  nice_reliable_drop_receiver (receiver);
}

void
nice_reliable_mute (NiceReliable *self)
{
  g_atomic_int_set (&self->is_mute, TRUE);
}

gboolean
nice_reliable_leave (NiceReliable *self)
{
  gboolean is_over;

  g_mutex_lock (&self->lock);
  if (!self->stream && self->selected)
    ptcp_connection_leave (self->tcp, g_get_monotonic_time ());
  is_over = self->stream || !self->selected
            || ptcp_connection_get_state (self->tcp) == PTCP_CLOSED;
  self->gone = TRUE;
  self->leaving = !is_over;
  self->ended |= is_over;
  nice_reliable_settle (self, NULL);
  nice_reliable_detach (self);
  if (!is_over)
    place_at_home (self);
  return is_over;
}

void
nice_reliable_close (NiceReliable *self)
{
  g_mutex_lock (&self->lock);
  self->gone = TRUE;
  self->leaving = FALSE;
  nice_reliable_stop_clock (self);
  nice_reliable_wake (self);
  g_mutex_unlock (&self->lock);
  nice_reliable_detach (self);
}
