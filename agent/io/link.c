/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Connections of ICE-TCP: made, accepted and ended on the engine's behalf. Decides
 * nothing about pairs; must not know what layers a chain has. RFC 6544 7. */
#include "config.h"

#include <errno.h>

#include "io/driver-private.h"
#include "io/relay.h"
#include "socket/endpoint-tcp.h"

/* Connections taken in one go, before others have their turn. */
#define MAX_ACCEPTS 16

NiceLink *
nice_link_new (NiceChain *chain)
{
  NiceLink *self = g_new0 (NiceLink, 1);

  nice_gate_init (&self->gate);
  self->chain = chain;
  return self;
}

static void
free_io (NiceChainIo *io)
{
  nice_chain_io_clear (io);
  g_free (io);
}

void
nice_link_free (NiceLink *self)
{
  nice_chain_free (self->chain);
  nice_chain_io_clear (&self->receive_io);
  g_clear_pointer (&self->spare_io, free_io);
  nice_gate_clear (&self->gate);
  g_free (self);
}

NiceChainIo *
nice_link_take_io (NiceLink *self)
{
  NiceChainIo *io = __atomic_exchange_n (&self->spare_io, NULL, __ATOMIC_ACQUIRE);

  return io != NULL ? io : g_new0 (NiceChainIo, 1);
}

void
nice_link_give_io (NiceLink *self, NiceChainIo *io)
{
  io = __atomic_exchange_n (&self->spare_io, io, __ATOMIC_ACQ_REL);
  if (io != NULL)
    free_io (io);
}

/* --- Data that changes nothing in the chain --- */

gboolean
nice_link_carry_up (NiceLink *self, const NicePacket *packets, guint n, NiceChainIo *io)
{
  const gint64 now = g_get_monotonic_time ();
  const gboolean is_free = nice_gate_enter (&self->gate);
  const gboolean result = nice_chain_carry_up (self->chain, packets, n, now, io);

  nice_gate_leave (&self->gate, is_free);
  return result;
}

gboolean
nice_link_carry_down (NiceLink *self, const NiceOutPacket *packets, guint n,
                      NiceChainIo *io)
{
  const gint64 now = g_get_monotonic_time ();
  const gboolean is_free = nice_gate_enter (&self->gate);
  const gboolean result = nice_chain_carry_down (self->chain, packets, n, now, io);

  nice_gate_leave (&self->gate, is_free);
  return result;
}

/* --- Events --- */

/* One connection to the engine, or away with it. */
static void
offer (NiceBase *listener, NiceEndpoint *endpoint, IceEngine *engine, gint64 now)
{
  NiceComponentIo *component = listener->component;
  const IceBaseId id = ice_engine_handle_accept (
      engine, listener->id, nice_tcp_endpoint_get_remote (endpoint), now);
  NiceBase *base;

  if (id == 0)
    {
      nice_endpoint_unref (endpoint);
      return;
    }
  base = nice_base_new (component, id, endpoint, NICE_BASE_STREAM);
  nice_driver_add_base (component->driver, base);
  if (!nice_base_start (base, component->reactor))
    nice_driver_lose_base (component->driver, id, ICE_REASON_NO_RESOURCES);
}

void
nice_link_accept (NiceBase *listener)
{
  NiceDriver *driver = listener->driver;
  g_autoptr (GObject) owner = nice_driver_dup_owner (driver);
  NiceEndpoint *endpoint = NULL;
  IceEngine *engine;
  gint64 now;
  gint error = 0;

  if (owner == NULL)
    return;
  for (guint i = 0; i < MAX_ACCEPTS; i++)
    {
      error = nice_tcp_listener_accept (listener->endpoint, &endpoint);
      if (error < 0)
        break;
      engine = nice_driver_enter (driver, &now);
      if (g_atomic_int_get (&listener->is_dropped))
        nice_endpoint_unref (endpoint);
      else
        offer (listener, endpoint, engine, now);
      nice_driver_leave (driver);
    }
  /* Out of descriptors the socket stays readable: better deaf than busy. */
  if (error == -EMFILE || error == -ENFILE)
    nice_link_end (listener, error);
}

static void
finish_relay (NiceBase *base, gint error)
{
  if (error < 0)
    {
      nice_relay_end (base, nice_reason_from_errno (-error));
      return;
    }
  g_atomic_int_set (&base->stage, NICE_BASE_STREAM);
  nice_relay_start (base);
}

void
nice_link_finish (NiceBase *base)
{
  NiceDriver *driver = base->driver;
  g_autoptr (GObject) owner = nice_driver_dup_owner (driver);
  const gint error = nice_tcp_endpoint_finish (base->endpoint);
  IceBaseResult result = { .local = base->endpoint->local };
  IceEngine *engine;
  gint64 now;

  if (owner == NULL)
    return;
  if (base->relay != NULL)
    {
      finish_relay (base, error);
      return;
    }
  nice_address_init (&result.mapped);
  engine = nice_driver_enter (driver, &now);
  if (!g_atomic_int_get (&base->is_dropped))
    {
      if (error == 0)
        {
          g_atomic_int_set (&base->stage, NICE_BASE_STREAM);
          nice_component_io_wake (base->component); /* it brings data now */
        }
      else
        {
          result.error = nice_reason_from_errno (-error);
          nice_driver_remove_base (driver, base->id);
        }
      ice_engine_handle_base (engine, base->id, &result, now);
    }
  nice_driver_leave (driver);
}

void
nice_link_end (NiceBase *base, gint error)
{
  NiceDriver *driver = base->driver;
  g_autoptr (GObject) owner = nice_driver_dup_owner (driver);
  gint64 now;

  if (owner == NULL)
    return;
  if (base->relay != NULL)
    {
      nice_relay_handle_end (base);
      return;
    }
  nice_driver_enter (driver, &now);
  if (!g_atomic_int_get (&base->is_dropped))
    nice_driver_lose_base (driver, base->id, nice_reason_from_errno (-error));
  nice_driver_leave (driver);
}
