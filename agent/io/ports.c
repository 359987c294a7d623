/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Decides which sockets a mux has, and how long: one for each address and component, or
 * one for each context beside; from the first session to the last, or for good. It must
 * not know how packets find their sessions. */
#include "config.h"

#include "io/ports.h"

#include <errno.h>
#include <sys/epoll.h>

#include <glib/gi18n-lib.h>

#include "io/random.h"
#include "socket/endpoint-udp.h"

struct _NiceMux
{
  gint ref_count; /* atomic */
  NiceReactor *reactor;
  guint16 port;
  gboolean is_sharded;

  GMutex lock;
  GPtrArray *ports;   /* of NicePort */
  NiceMuxCounts past; /* of ports that are gone */
};

/* --- Ports --- */

static NicePort *
port_new (NiceMux *mux, const NiceAddress *address, guint component_id)
{
  NicePort *self = g_new0 (NicePort, 1);
  guint64 seeds[2];

  nice_random_fill (NULL, (guint8 *)seeds, sizeof seeds);
  self->ref_count = 1;
  self->mux = mux;
  self->component_id = component_id;
  self->address = *address;
  nice_address_set_port (&self->address,
                         mux->port != 0 ? (guint16)(mux->port + component_id - 1) : 0);
  self->shards = g_ptr_array_new_with_free_func ((GDestroyNotify)nice_shard_unref);
  g_mutex_init (&self->lock);
  nice_gate_init (&self->gate);
  nice_node_index_init (&self->claims, seeds[0]);
  nice_node_index_init (&self->transactions, seeds[1]);
  self->ufrags = g_hash_table_new (g_str_hash, g_str_equal);
  return self;
}

static void
port_unref (NicePort *self)
{
  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;
  g_ptr_array_unref (self->shards);
  nice_node_index_clear (&self->claims);
  nice_node_index_clear (&self->transactions);
  g_hash_table_unref (self->ufrags);
  nice_gate_clear (&self->gate);
  g_mutex_clear (&self->lock);
  g_free (self);
}

/* --- Shards --- */

static NiceShard *
get_shard (NiceWatch *watch)
{
  return (NiceShard *)((guint8 *)watch - G_STRUCT_OFFSET (NiceShard, watch));
}

static void
ref_watch (NiceWatch *watch)
{
  nice_shard_ref (get_shard (watch));
}

static void
unref_watch (NiceWatch *watch)
{
  nice_shard_unref (get_shard (watch));
}

static void
ready (NiceWatch *watch, NiceReactor *reactor, guint events)
{
  nice_shard_ready (get_shard (watch), reactor, (events & EPOLLERR) != 0);
}

static const NiceWatchClass watch_class = { ref_watch, unref_watch, ready };

NiceShard *
nice_shard_ref (NiceShard *self)
{
  g_atomic_int_inc (&self->ref_count);
  return self;
}

void
nice_shard_unref (NiceShard *self)
{
  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;
  nice_endpoint_unref (self->endpoint);
  nice_reactor_release (self->reactor);
  port_unref (self->port);
  g_free (self);
}

static NiceShard *
shard_new (NicePort *port, NiceReactor *reactor, NiceEndpoint *endpoint)
{
  NiceShard *self = g_new0 (NiceShard, 1);

  self->ref_count = 1;
  g_atomic_int_inc (&port->ref_count);
  self->port = port;
  self->endpoint = endpoint;
  self->reactor = nice_reactor_hold (reactor);
  self->watch.klass = &watch_class;
  return self;
}

/* --- Making; all with the mux's lock --- */

static NicePort *
find_port (NiceMux *self, const NiceAddress *local, guint component_id)
{
  for (guint i = 0; i < self->ports->len; i++)
    {
      NicePort *port = g_ptr_array_index (self->ports, i);

      if (port->component_id == component_id
          && nice_address_equal_no_port (&port->address, local))
        return port;
    }
  return NULL;
}

static NiceShard *
find_shard (NicePort *port, NiceReactor *reactor)
{
  for (guint i = 0; i < port->shards->len; i++)
    {
      NiceShard *shard = g_ptr_array_index (port->shards, i);

      if (shard->reactor == reactor)
        return shard;
    }
  return NULL;
}

static gint
open_shard (NicePort *port, NiceReactor *reactor, NiceShard **shard)
{
  NiceEndpoint *endpoint;
  gint error;

  if (port->mux->port + port->component_id - 1 > G_MAXUINT16)
    return -EADDRINUSE;
  error = nice_udp_endpoint_new_shared (&port->address, port->mux->is_sharded, &endpoint);
  if (error < 0)
    return error;
  *shard = shard_new (port, reactor, endpoint);
  if (!nice_watch_start (&(*shard)->watch, reactor, endpoint->fd, EPOLLIN))
    {
      nice_shard_unref (*shard);
      return -ENOSPC;
    }
  port->address = endpoint->local;
  g_ptr_array_add (port->shards, *shard);
  return 0;
}

static gint
ensure_shard (NiceMux *self, NiceReactor *reactor, const NiceAddress *local,
              guint component_id, NiceShard **shard)
{
  NicePort *port = find_port (self, local, component_id);
  gint error;

  if (port != NULL && (*shard = find_shard (port, reactor)) != NULL)
    return 0;
  if (port != NULL)
    return open_shard (port, reactor, shard);
  port = port_new (self, local, component_id);
  error = open_shard (port, reactor, shard);
  if (error < 0)
    port_unref (port);
  else
    g_ptr_array_add (self->ports, port);
  return error;
}

static void
add_counts (NiceMuxCounts *sum, NicePort *port)
{
  sum->received += port->counts.received;
  sum->dropped += port->counts.dropped;
  sum->unroutable += port->counts.unroutable;
}

static void
close_shard (NiceMux *self, NiceShard *shard)
{
  NicePort *port = shard->port;

  nice_watch_stop (&shard->watch);
  g_ptr_array_remove_fast (port->shards, shard);
  if (port->shards->len > 0)
    return;
  add_counts (&self->past, port);
  g_ptr_array_remove_fast (self->ports, port);
}

/* --- Sessions --- */

gint
nice_mux_join (NiceMux *self, NiceComponentIo *component, const IceBaseRequest *request,
               const gchar *ufrag, NiceBase **base)
{
  NiceReactor *reactor = self->is_sharded ? component->reactor : self->reactor;
  NiceBase *joined = NULL;
  NiceShard *shard;
  gint error;

  g_mutex_lock (&self->lock);
  error = ensure_shard (self, reactor, &request->local, component->component_id, &shard);
  if (error == 0)
    {
      joined = nice_base_new (component, request->id, nice_endpoint_ref (shard->endpoint),
                              NICE_BASE_DATAGRAMS);
      joined->seat = nice_seat_new (joined, shard);
      shard->n_seats++;
    }
  g_mutex_unlock (&self->lock);
  if (error < 0)
    return error;
  if (!nice_seat_set_ufrag (joined->seat, ufrag))
    {
      nice_base_unref (joined);
      return -EADDRINUSE;
    }
  *base = joined;
  return 0;
}

void
nice_mux_leave (NiceMux *self, NiceShard *shard)
{
  g_mutex_lock (&self->lock);
  if (--shard->n_seats == 0 && !shard->is_kept)
    close_shard (self, shard);
  g_mutex_unlock (&self->lock);
}

/* --- Life --- */

NiceMux *
nice_mux_new (GMainContext *context, guint16 port, gboolean is_sharded)
{
  NiceMux *self = g_new0 (NiceMux, 1);

  self->ref_count = 1;
  self->reactor = nice_reactor_acquire (context);
  self->port = port;
  self->is_sharded = is_sharded;
  g_mutex_init (&self->lock);
  self->ports = g_ptr_array_new_with_free_func ((GDestroyNotify)port_unref);
  return self;
}

NiceMux *
nice_mux_ref (NiceMux *self)
{
  g_atomic_int_inc (&self->ref_count);
  return self;
}

static void
close_port (gpointer data, gpointer user_data)
{
  NicePort *port = data;

  for (guint i = 0; i < port->shards->len; i++)
    nice_watch_stop (&((NiceShard *)g_ptr_array_index (port->shards, i))->watch);
  g_ptr_array_set_size (port->shards, 0); /* they hold their port */
}

void
nice_mux_unref (NiceMux *self)
{
  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;
  g_ptr_array_foreach (self->ports, close_port, NULL);
  g_ptr_array_unref (self->ports);
  nice_reactor_release (self->reactor);
  g_mutex_clear (&self->lock);
  g_free (self);
}

gboolean
nice_mux_open (NiceMux *self, NiceAddress *local, GError **error)
{
  NiceShard *shard;
  gchar text[NICE_ADDRESS_STRING_LEN];
  gint result;

  g_mutex_lock (&self->lock);
  result = ensure_shard (self, self->reactor, local, 1, &shard);
  if (result == 0)
    {
      shard->is_kept = TRUE;
      *local = shard->endpoint->local;
    }
  g_mutex_unlock (&self->lock);
  if (result == 0)
    return TRUE;
  nice_address_to_string (local, text);
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (-result),
               _ ("No UDP socket at %s, port %u: %s"), text, self->port,
               g_strerror (-result));
  return FALSE;
}

void
nice_mux_get_counts (NiceMux *self, NiceMuxCounts *counts)
{
  g_mutex_lock (&self->lock);
  *counts = self->past;
  for (guint p = 0; p < self->ports->len; p++)
    {
      NicePort *port = g_ptr_array_index (self->ports, p);

      add_counts (counts, port);
      for (guint i = 0; i < port->shards->len; i++)
        counts->n_sessions += ((NiceShard *)g_ptr_array_index (port->shards, i))->n_seats;
      counts->n_sockets += port->shards->len;
    }
  g_mutex_unlock (&self->lock);
}
