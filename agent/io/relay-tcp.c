/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Connections through an allocation that relays TCP: those that the engine asks for, and
 * those that peers make. Decides which of them an event of the control connection is
 * about; must not know how data connections are made. RFC 6062 4.3, 4.4. */
#include "config.h"

#include <errno.h>

#include "io/relay-private.h"
#include "io/relay.h"

typedef struct
{
  IceBaseId id;
  NiceAddress peer;
} Call;

gint
nice_relay_call (NiceDriver *driver, const IceBaseRequest *request)
{
  NiceBase *control = nice_driver_find_base (driver, request->via);
  const Call call = { request->id, request->remote };
  gboolean is_asked;

  if (control == NULL || control->relay == NULL || control->relay->turn == NULL)
    return -ENOENT;
  nice_gate_close (&control->link->gate);
  is_asked = nice_layer_turn_connect (control->relay->turn, &call.peer, driver->now);
  nice_gate_open (&control->link->gate);
  if (!is_asked)
    return -ECONNREFUSED;
  if (control->relay->calls == NULL)
    control->relay->calls = g_array_new (FALSE, FALSE, sizeof call);
  g_array_append_val (control->relay->calls, call);
  nice_relay_set_timer (control, 0);
  return 0;
}

void
nice_relay_hang_up (NiceDriver *driver, IceBaseId id)
{
  for (guint i = 0; i < driver->bases.len; i++)
    {
      const NiceBase *base = ice_list_get (&driver->bases, i);
      GArray *calls = base->relay != NULL ? base->relay->calls : NULL;

      for (guint j = calls != NULL ? calls->len : 0; j > 0; j--)
        if (g_array_index (calls, Call, j - 1).id == id)
          g_array_remove_index_fast (calls, j - 1);
    }
}

/* The engine's name for the connection to that peer, 0: nobody waits for it. */
static IceBaseId
take_call (NiceBase *control, const StunAddress *peer)
{
  GArray *calls = control->relay->calls;
  NiceAddress address;

  memcpy (&address, peer, sizeof address);
  for (guint i = 0; calls != NULL && i < calls->len; i++)
    {
      const Call call = g_array_index (calls, Call, i);

      if (!nice_address_equal (&call.peer, &address))
        continue;
      g_array_remove_index_fast (calls, i);
      return call.id;
    }
  return 0;
}

static IceBaseId
offer (NiceBase *control, const StunAddress *peer)
{
  NiceDriver *driver = control->driver;
  NiceAddress address;

  memcpy (&address, peer, sizeof address);
  return ice_engine_handle_accept (driver->engine, control->id, &address, driver->now);
}

static void
refuse (NiceBase *control, IceBaseId id, IceReason reason)
{
  const IceBaseResult result = { .error = reason };

  ice_engine_handle_base (control->driver->engine, id, &result, control->driver->now);
}

/* A server's connections that nobody wants end after 30 seconds (RFC 6062 5.2, 5.3). */
void
nice_relay_handle_connection (NiceBase *control, const TurnEvent *event)
{
  const StunAddress *peer = &event->connection.peer;
  const gboolean is_incoming = event->connection.is_incoming;
  IceBaseId id;
  gint error;

  if (g_atomic_int_get (&control->is_dropped))
    return;
  id = is_incoming ? offer (control, peer) : take_call (control, peer);
  error = id != 0 ? nice_relay_open_data (control, id, event) : 0;
  if (error == 0)
    return;
  if (is_incoming)
    ice_engine_handle_base_error (control->driver->engine, id, NULL,
                                  nice_reason_from_errno (-error), control->driver->now);
  else
    refuse (control, id, nice_reason_from_errno (-error));
}

gboolean
nice_relay_handle_no_connection (NiceBase *control, const StunAddress *peer,
                                 IceReason reason)
{
  const IceBaseId id = take_call (control, peer);

  if (id != 0)
    refuse (control, id, reason);
  return id != 0;
}
