/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The driver's table of components, and what the shell may do to one: who receives, in
 * which context, with which traffic class. */
#include "config.h"

#include "io/driver-private.h"
#include "socket/endpoint-udp.h"
#include "io/ports.h"

/* --- The table --- */

static NiceStreamIo *
find_stream (NiceDriver *self, guint stream_id, guint *position)
{
  const NiceStreamTable *table = g_atomic_pointer_get (&self->streams);

  for (guint i = 0; table != NULL && i < table->n; i++)
    if (table->items[i]->id == stream_id)
      {
        *position = i;
        return table->items[i];
      }
  return NULL;
}

NiceComponentIo *
nice_driver_find_component (NiceDriver *self, guint stream_id, guint component_id)
{
  guint position;
  NiceStreamIo *stream = find_stream (self, stream_id, &position);

  if (stream == NULL || component_id < 1 || component_id > stream->n_components)
    return NULL;
  return stream->components[component_id - 1];
}

NiceComponentIo *
nice_driver_dup_component (NiceDriver *self, guint stream_id, guint component_id,
                           GError **error)
{
  NiceComponentIo *component;

  nice_guard_enter (&self->senders);
  component = nice_driver_find_component (self, stream_id, component_id);
  if (component != NULL)
    nice_component_io_ref (component);
  nice_guard_leave (&self->senders);
  if (component == NULL)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_BROKEN_PIPE,
                         "Invalid stream/component.");
  return component;
}

static NiceStreamTable *
table_new (guint n)
{
  NiceStreamTable *self = g_malloc (sizeof *self + n * sizeof self->items[0]);

  self->n = n;
  return self;
}

/* Takes fresh, which may be NULL. */
static void
replace_table (NiceDriver *self, NiceStreamTable *fresh)
{
  NiceStreamTable *old = self->streams;

  g_atomic_pointer_set (&self->streams, fresh);
  nice_guard_retire (&self->senders, old, g_free);
}

static void
free_stream (gpointer data)
{
  NiceStreamIo *stream = data;

  for (guint i = 0; i < stream->n_components; i++)
    nice_component_io_unref (stream->components[i]);
  g_free (stream);
}

void
nice_driver_add_stream (NiceDriver *self, guint stream_id, guint n_components)
{
  NiceStreamIo *stream =
      g_malloc0 (sizeof *stream + n_components * sizeof stream->components[0]);
  const guint n = self->streams != NULL ? self->streams->n : 0;
  NiceStreamTable *table;

  stream->id = stream_id;
  stream->n_components = n_components;
  for (guint i = 0; i < n_components; i++)
    stream->components[i] = nice_component_io_new (self, stream_id, i + 1, self->reactor);
  table = table_new (n + 1);
  for (guint i = 0; i < n; i++)
    table->items[i] = self->streams->items[i];
  table->items[n] = stream;
  replace_table (self, table);
}

/* Swaps in receiver, of which the reference is taken; the old one goes when nobody holds
 * a lock any more. */
static void
set_receiver (NiceDriver *self, NiceComponentIo *component, NiceReceiver *receiver)
{
  NiceReceiver *old;

  g_mutex_lock (&self->leaf);
  old = component->receiver;
  if (old != NULL)
    nice_timer_set (&component->pending_timer, old->reactor, ICE_NEVER);
  g_atomic_pointer_set (&component->receiver, receiver);
  if (receiver != NULL && !nice_pending_is_empty (&component->pending))
    nice_timer_set (&component->pending_timer, receiver->reactor, 0);
  g_mutex_unlock (&self->leaf);
  if (old != NULL)
    nice_driver_put_off (&self->retired, old);
}

void
nice_driver_remove_stream (NiceDriver *self, guint stream_id)
{
  guint position;
  NiceStreamIo *stream = find_stream (self, stream_id, &position);
  NiceStreamTable *table = NULL;

  if (stream == NULL)
    return;
  for (guint i = 0; i < stream->n_components; i++)
    {
      NiceComponentIo *component = stream->components[i];

      g_atomic_int_set (&component->is_removed, TRUE);
      if (g_atomic_pointer_get (&component->bundle) != NULL)
        nice_driver_put_off (&self->last_words, nice_component_io_ref (component));
      set_receiver (self, component, NULL);
      nice_component_io_set_path (component, NULL);
      nice_component_io_wake (component);
    }
  if (self->streams->n > 1)
    {
      table = table_new (self->streams->n - 1);
      for (guint i = 0; i < table->n; i++)
        table->items[i] = self->streams->items[i + (i >= position)];
    }
  replace_table (self, table);
  nice_guard_retire (&self->senders, stream, free_stream);
}

/* --- Sockets --- */

void
nice_driver_set_tos (NiceDriver *self, guint stream_id, guint8 tos)
{
  guint position;
  NiceStreamIo *stream = find_stream (self, stream_id, &position);

  if (stream == NULL)
    return;
  for (guint i = 0; i < stream->n_components; i++)
    stream->components[i]->tos = tos;
  for (guint i = 0; i < self->bases.len; i++)
    {
      NiceBase *base = ice_list_get (&self->bases, i);

      if (base->component->stream_id == stream_id)
        nice_base_set_tos (base, tos);
    }
}

void
nice_driver_want_tos (NiceDriver *self)
{
  self->wants_tos = TRUE;
  for (guint i = 0; i < self->bases.len; i++)
    {
      NiceBase *base = ice_list_get (&self->bases, i);

      if (base->stage == NICE_BASE_DATAGRAMS)
        nice_udp_endpoint_want_tos (base->endpoint);
    }
}

GPtrArray *
nice_driver_get_sockets (NiceDriver *self, guint stream_id, guint component_id)
{
  GPtrArray *sockets = NULL;
  NiceComponentIo *component;

  g_mutex_lock (&self->lock);
  component = nice_driver_find_component (self, stream_id, component_id);
  if (component != NULL)
    sockets = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; component != NULL && i < self->bases.len; i++)
    {
      NiceBase *base = ice_list_get (&self->bases, i);
      GSocket *socket;

      if (base->component == component && base->via == NULL
          && (socket = nice_endpoint_get_socket (base->endpoint)) != NULL)
        g_ptr_array_add (sockets, g_object_ref (socket));
    }
  g_mutex_unlock (&self->lock);
  return sockets;
}

GSocket *
nice_driver_get_selected_socket (NiceDriver *self, guint stream_id, guint component_id)
{
  NiceComponentIo *component;
  GSocket *socket = NULL;

  g_mutex_lock (&self->lock);
  component = nice_driver_find_component (self, stream_id, component_id);
  if (component != NULL && component->path != NULL
      && component->path->base->stage == NICE_BASE_DATAGRAMS)
    socket = nice_endpoint_get_socket (component->path->base->endpoint);
  if (socket != NULL)
    g_object_ref (socket);
  g_mutex_unlock (&self->lock);
  return socket;
}

void
nice_driver_hear_all (NiceDriver *self, guint stream_id, guint component_id)
{
  NiceComponentIo *component = nice_driver_find_component (self, stream_id, component_id);

  if (component != NULL)
    g_atomic_int_set (&component->hears_all, 1);
}

/* --- Shared sockets --- */

gboolean
nice_driver_may_use_ufrag (NiceDriver *self, guint stream_id, const gchar *ufrag)
{
  for (guint i = 0; i < self->bases.len; i++)
    {
      const NiceBase *base = ice_list_get (&self->bases, i);

      if (base->seat != NULL && base->component->stream_id == stream_id
          && !nice_seat_may_use_ufrag (base->seat, ufrag))
        return FALSE;
    }
  return TRUE;
}

void
nice_driver_pump (NiceDriver *self, guint stream_id, guint component_id)
{
  g_mutex_lock (&self->lock);
  for (guint i = 0; i < self->bases.len; i++)
    {
      const NiceBase *base = ice_list_get (&self->bases, i);

      if (base->seat != NULL && base->component->stream_id == stream_id
          && base->component->component_id == component_id)
        nice_seat_pump (base->seat);
    }
  g_mutex_unlock (&self->lock);
}

gboolean
nice_driver_get_mux_counts (NiceDriver *self, guint stream_id, guint component_id,
                            NiceMuxCounts *counts)
{
  NiceMuxCounts sum = { 0 }, one;

  g_mutex_lock (&self->lock);
  for (guint i = 0; i < self->bases.len; i++)
    {
      const NiceBase *base = ice_list_get (&self->bases, i);

      if (base->seat == NULL || base->component->stream_id != stream_id
          || base->component->component_id != component_id)
        continue;
      nice_seat_get_counts (base->seat, &one);
      sum.received += one.received;
      sum.dropped += one.dropped;
      sum.n_sessions++;
    }
  g_mutex_unlock (&self->lock);
  if (sum.n_sessions == 0)
    return FALSE;
  *counts = sum;
  return TRUE;
}

/* --- Receivers --- */

/* Has the component's sockets read in another context. Level-triggered watches lose
 * nothing on the way. */
static void
move_component (NiceDriver *self, NiceComponentIo *component, NiceReactor *reactor)
{
  NiceReactor *old = component->reactor;

  if (old == reactor)
    return;
  component->reactor = nice_reactor_hold (reactor);
  for (guint i = self->bases.len; i > 0; i--)
    {
      NiceBase *base = ice_list_get (&self->bases, i - 1);

      if (base->component != component)
        continue;
      nice_base_stop (base);
      if (!nice_base_start (base, reactor))
        nice_driver_lose_base (self, base->id, ICE_REASON_NO_RESOURCES);
    }
  nice_reactor_release (old);
}

static gboolean
attach_with_lock (NiceDriver *self, NiceComponentIo *component, NiceReceiver *receiver)
{
  if (g_atomic_int_get (&component->is_removed))
    return FALSE;
  move_component (self, component, receiver != NULL ? receiver->reactor : self->reactor);
  set_receiver (self, component, nice_receiver_ref (receiver));
  return TRUE;
}

void
nice_driver_read_in (NiceComponentIo *component, NiceReactor *reactor)
{
  NiceDriver *self = component->driver;
  gint64 now;

  nice_driver_enter (self, &now);
  if (!g_atomic_int_get (&component->is_removed))
    {
      move_component (self, component, reactor);
      set_receiver (self, component, NULL);
    }
  nice_driver_leave (self);
}

void
nice_driver_stop_reading (NiceComponentIo *component, NiceReactor *reactor)
{
  NiceDriver *self = component->driver;
  gint64 now;

  nice_driver_enter (self, &now);
  if (component->reactor == reactor && component->receiver == NULL)
    attach_with_lock (self, component, NULL);
  nice_driver_leave (self);
}

gboolean
nice_driver_attach (NiceDriver *self, guint stream_id, guint component_id,
                    GMainContext *context, NiceReceiveFunc func, gpointer user_data,
                    GDestroyNotify notify)
{
  g_autoptr (NiceComponentIo) component =
      nice_driver_dup_component (self, stream_id, component_id, NULL);
  NiceReactor *reactor = nice_reactor_acquire (context);
  NiceReceiver *receiver = nice_receiver_new (reactor, func, user_data, notify);
  gboolean attached = FALSE;
  gint64 now;

  if (component != NULL)
    {
      nice_driver_enter (self, &now);
      attached = attach_with_lock (self, component, func != NULL ? receiver : NULL);
      nice_driver_leave (self);
    }
  nice_receiver_unref (receiver);
  nice_reactor_release (reactor);
  return attached;
}
