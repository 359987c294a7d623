/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Decides how long a descriptor lives: until the engine has dropped its base and the last
 * thread that sends or reads on it is done. */
#include "config.h"

#include "io/driver-private.h"

#include <sys/epoll.h>

static NiceBase *
get_base (NiceWatch *watch)
{
  return (NiceBase *)((guint8 *)watch - G_STRUCT_OFFSET (NiceBase, watch));
}

static void
ref_watch (NiceWatch *watch)
{
  nice_base_ref (get_base (watch));
}

static void
unref_watch (NiceWatch *watch)
{
  nice_base_unref (get_base (watch));
}

static void
ready (NiceWatch *watch, NiceReactor *reactor, guint events)
{
  nice_receive_ready (get_base (watch), reactor, (events & EPOLLERR) != 0);
}

static const NiceWatchClass watch_class = { ref_watch, unref_watch, ready };

NiceBase *
nice_base_new (NiceDriver *driver, NiceComponentIo *component, IceBaseId id,
               NiceEndpoint *endpoint)
{
  NiceBase *self = g_new0 (NiceBase, 1);

  self->ref_count = 1;
  self->id = id;
  self->driver = nice_driver_ref (driver);
  self->component = nice_component_io_ref (component);
  self->endpoint = endpoint;
  self->watch.klass = &watch_class;
  return self;
}

NiceBase *
nice_base_ref (NiceBase *self)
{
  g_atomic_int_inc (&self->ref_count);
  return self;
}

void
nice_base_unref (NiceBase *self)
{
  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;
  nice_endpoint_unref (self->endpoint);
  nice_sources_unref (self->sources);
  nice_component_io_unref (self->component);
  nice_driver_unref (self->driver);
  g_free (self);
}

gboolean
nice_base_start (NiceBase *self, NiceReactor *reactor)
{
  return nice_watch_start (&self->watch, reactor, self->endpoint->fd, EPOLLIN);
}

void
nice_base_drop (NiceBase *self)
{
  g_atomic_int_set (&self->is_dropped, TRUE);
  nice_watch_stop (&self->watch);
}
