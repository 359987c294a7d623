/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What follows when anything was done to a reliable component: which packets leave, when
 * its clock runs, who is woken, and who gets the bytes. Must not know what was done. */
#include "config.h"

#include "reliable-core.h"

#include "pseudotcp/batch.h"

#define MAX_READ 65536 /* bytes given to a receive function at once */

static void
receiver_clear (gpointer data)
{
  Receiver *receiver = data;

  if (receiver->notify != NULL)
    receiver->notify (receiver->data);
  g_main_context_unref (receiver->context);
}

void
nice_reliable_drop_receiver (Receiver *receiver)
{
  if (receiver != NULL)
    g_atomic_rc_box_release_full (receiver, receiver_clear);
}

/* --- Inside the lock --- */

/* What the driver has read of a connection comes before its end. */
static gboolean
is_over (NiceReliable *self)
{
  if (self->cut)
    return !nice_driver_has_pending (self->env.driver, self->stream_id,
                                     self->component_id);
  return ptcp_connection_get_state (self->tcp) == PTCP_CLOSED;
}

static void
note_events (NiceReliable *self)
{
  PtcpEvent event;

  while (ptcp_connection_poll_event (self->tcp, &event))
    switch (event.kind)
      {
      case PTCP_EVENT_OPENED:
        self->open = self->writable = TRUE;
        break;
      case PTCP_EVENT_WRITABLE:
        self->writable = TRUE;
        break;
      case PTCP_EVENT_READABLE: /* nice_reliable_look() looks for itself */
      case PTCP_EVENT_CLOSED:
        break;
      }
  self->closed = is_over (self);
}

GIOCondition
nice_reliable_look (NiceReliable *self)
{
  GIOCondition condition = 0;

  if (self->gone || self->closed)
    return G_IO_IN | G_IO_OUT;
  if (self->stream)
    return (self->full ? 0 : G_IO_OUT) | (g_queue_is_empty (&self->frames) ? 0 : G_IO_IN);
  if (ptcp_connection_get_available_bytes (self->tcp) > 0
      || ptcp_connection_is_closed_remotely (self->tcp))
    condition |= G_IO_IN;
  if (self->open && ptcp_connection_get_send_space (self->tcp) > 0)
    condition |= G_IO_OUT;
  return condition;
}

/* --- Sources --- */

/* What a context calls, and itself. */
typedef gboolean (*EntryFunc) (NiceReliable *self, GMainContext *here);

static gboolean
dispatch_entry (GSource *source, GSourceFunc callback, gpointer data)
{
  return ((EntryFunc)(GCallback)callback) (data, g_source_get_context (source));
}

static GSourceFuncs entry_funcs = { .dispatch = dispatch_entry };

static GSource *
add_source (NiceReliable *self, GMainContext *context, EntryFunc func, gint64 ready_time)
{
  GSource *source = g_source_new (&entry_funcs, sizeof (GSource));

  g_source_set_callback (source, G_SOURCE_FUNC (func), nice_reliable_ref (self),
                         (GDestroyNotify)nice_reliable_unref);
  g_source_set_ready_time (source, ready_time);
  g_source_attach (source, context);
  return source;
}

static gboolean on_clock (NiceReliable *self, GMainContext *here);

/* With the lock: contexts that never run again would keep the component for ever, as it
 * keeps them. */
static void
remove_source (GSource **source)
{
  if (*source != NULL)
    g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

void
nice_reliable_stop_clock (NiceReliable *self)
{
  remove_source (&self->clock);
}

void
nice_reliable_stop_summons (NiceReliable *self)
{
  remove_source (&self->summons);
}

void
nice_reliable_set_clock (NiceReliable *self)
{
  const gint64 deadline = ptcp_connection_get_deadline (self->tcp);
  const gint64 ready_time = deadline == PTCP_NEVER ? -1 : deadline;

  if ((self->gone && !self->leaving) || self->stream || !self->selected)
    {
      nice_reliable_stop_clock (self);
      return;
    }
  if (self->clock == NULL)
    {
      self->clock = add_source (self, self->context, on_clock, ready_time);
      g_source_set_can_recurse (self->clock, TRUE); /* whom it calls may wait */
    }
  else
    g_source_set_ready_time (self->clock, ready_time);
}

/* --- Outside the lock: packets, and who is told --- */

/* What cannot be sent is a lost packet to TCP. */
static void
send_out (NiceReliable *self)
{
  NiceSendMessage messages[PTCP_BATCH];
  PtcpBatch batch;
  gboolean is_all;

  do
    {
      g_mutex_lock (&self->lock);
      is_all = !self->selected || self->stream
               || ptcp_batch_collect (&batch, self->tcp, g_get_monotonic_time ());
      if (!self->selected || self->stream)
        batch.n = 0;
      nice_reliable_set_clock (self);
      g_mutex_unlock (&self->lock);
      for (guint i = 0; i < batch.n; i++)
        messages[i] = (NiceSendMessage) { &batch.vectors[i], 1 };
      if (batch.n > 0)
        nice_driver_send (self->env.driver, self->stream_id, self->component_id, messages,
                          batch.n, NULL);
    }
  while (!is_all);
}

void
nice_reliable_wake (NiceReliable *self)
{
  g_cond_broadcast (&self->changed);
  if (self->n_waiting > 0)
    g_main_context_wakeup (self->own);
  if (nice_reliable_look (self) != 0)
    nice_wakers_wake (nice_wakers_ref (self->wakers));
}

void
nice_reliable_call (NiceReliable *self, GObject *owner, const Receiver *receiver,
                    guint8 *data, gssize length)
{
  NiceReceived received = { self->stream_id, self->component_id, data, (guint)length,
                            -1 };

  receiver->func (owner, &received, receiver->data);
}

/* Only one thread delivers at a time, so that bytes stay in order; it looks again before
 * it stops. Whoever was attached meanwhile may want them in another context than here. */
static void
deliver (NiceReliable *self, GObject *owner, GMainContext *here)
{
  g_autofree guint8 *data = NULL;

  g_mutex_lock (&self->lock);
  if (self->delivering)
    {
      g_mutex_unlock (&self->lock);
      return;
    }
  self->delivering = TRUE;
  while (self->receiver != NULL && !self->gone && !g_atomic_int_get (&self->is_mute)
         && (nice_reliable_look (self) & G_IO_IN) != 0)
    {
      Receiver *receiver;
      gssize length;

      if (self->receiver->context != here)
        {
          nice_reliable_summon (self);
          break;
        }
      if (data == NULL)
        data = g_malloc (MAX_READ);
      length = nice_reliable_take (self, data, MAX_READ);
      if (length <= 0)
        break;
      receiver = g_atomic_rc_box_acquire (self->receiver);
      g_mutex_unlock (&self->lock);
      send_out (self);
      nice_reliable_call (self, owner, receiver, data, length);
      nice_reliable_drop_receiver (receiver);
      g_mutex_lock (&self->lock);
    }
  self->delivering = FALSE;
  g_mutex_unlock (&self->lock);
}

static gboolean
on_summons (NiceReliable *self, GMainContext *here)
{
  g_autoptr (GObject) owner = g_weak_ref_get (&self->owner);

  g_mutex_lock (&self->lock);
  if (self->summons == g_main_current_source ()) /* else it is one for somebody else */
    g_clear_pointer (&self->summons, g_source_unref);
  g_mutex_unlock (&self->lock);
  if (owner != NULL)
    {
      deliver (self, owner, here);
      nice_reliable_update_hold (self);
    }
  return G_SOURCE_REMOVE;
}

void
nice_reliable_summon (NiceReliable *self)
{
  if (self->receiver == NULL || self->summons != NULL
      || (nice_reliable_look (self) & G_IO_IN) == 0)
    return;
  self->summons = add_source (self, self->receiver->context, on_summons, 0);
}

/* Tells the driver whether a peer on a TCP path has to wait; one thread at a time, so
 * that the last word is the right one. */
void
nice_reliable_update_hold (NiceReliable *self)
{
  gboolean hold;

  g_mutex_lock (&self->hold_lock);
  g_mutex_lock (&self->lock);
  hold = self->n_kept > NICE_RELIABLE_HOLD_FROM;
  g_mutex_unlock (&self->lock);
  if (hold != self->is_held)
    nice_driver_hold (self->env.driver, self->stream_id, self->component_id, hold);
  self->is_held = hold;
  g_mutex_unlock (&self->hold_lock);
}

void
nice_reliable_settle (NiceReliable *self, GMainContext *here)
{
  g_autoptr (GObject) owner = g_weak_ref_get (&self->owner);
  const gboolean may_be_held = self->stream || !self->selected;
  gboolean writable, ended;

  note_events (self);
  writable = self->writable && !self->gone;
  ended = self->closed && !self->cut && !self->ended && (!self->gone || self->leaving);
  self->writable = FALSE;
  self->leaving &= !self->closed;
  self->ended |= ended;
  nice_reliable_wake (self);
  g_mutex_unlock (&self->lock);
  if (owner == NULL)
    return;
  send_out (self);
  if (writable)
    self->env.writable (owner, self->stream_id, self->component_id);
  if (here != NULL)
    deliver (self, owner, here);
  if (may_be_held)
    nice_reliable_update_hold (self);
  if (ended)
    self->env.ended (owner, self->stream_id, self->component_id);
}

static gboolean
on_clock (NiceReliable *self, GMainContext *here)
{
  g_mutex_lock (&self->lock);
  if (!self->gone || self->leaving)
    ptcp_connection_handle_timeout (self->tcp, g_get_monotonic_time ());
  nice_reliable_settle (self, here);
  return G_SOURCE_CONTINUE; /* send_out() has set the next time */
}
