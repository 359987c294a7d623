/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Decides when the addresses of this host have changed, or its way out, and who is told:
 * the kernel says that something has (rtnetlink), a look at the interfaces which address.
 * What it means is the engine's to know.
 *
 * NOTES: GNetworkMonitor tells of routes, not of addresses, in the context of whoever
 * asked first, and where NetworkManager runs by way of D-Bus. */
#include "config.h"

#include "io/network.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io/interfaces.h"

struct _NiceNetwork
{
  gint ref_count; /* atomic */
  NiceReactor *reactor;
  NiceWatch watch;
  gint fd;
  GPtrArray *drivers;   /* with registry_lock; each knows its place */
  GArray *addresses;    /* NiceInterfaceAddress: as of the last look; the watch's alone */
  gboolean is_rerouted; /* since then; as that */
};

/* Which reactor has which. Taken when an agent gets its first socket, when it goes, and
 * when the network changes. */
static GMutex registry_lock;
static GHashTable *registry; /* NiceReactor -> NiceNetwork */

/* --- Who is told --- */

static GPtrArray *
dup_drivers (NiceNetwork *self)
{
  GPtrArray *drivers = g_ptr_array_new_with_free_func ((GDestroyNotify)nice_driver_unref);

  g_mutex_lock (&registry_lock);
  for (guint i = 0; i < self->drivers->len; i++)
    g_ptr_array_add (drivers, nice_driver_ref (g_ptr_array_index (self->drivers, i)));
  g_mutex_unlock (&registry_lock);
  return drivers;
}

static void
tell (NiceDriver *driver, const GArray *gone, const GArray *come, gboolean is_rerouted)
{
  g_autoptr (GObject) owner = nice_driver_dup_owner (driver);
  IceEngine *engine;
  gint64 now;

  if (owner == NULL)
    return;
  engine = nice_driver_enter (driver, &now);
  for (guint i = 0; i < gone->len; i++)
    ice_engine_handle_address (engine, &g_array_index (gone, NiceAddress, i), FALSE, now);
  for (guint i = 0; i < come->len; i++)
    ice_engine_handle_address (engine, &g_array_index (come, NiceAddress, i), TRUE, now);
  if (is_rerouted)
    ice_engine_handle_reroute (engine, now);
  nice_driver_leave (driver);
  if (driver->shell.network_changed != NULL)
    driver->shell.network_changed (driver->shell_data);
}

static void
look (NiceNetwork *self)
{
  g_autoptr (GArray) gone = g_array_new (FALSE, FALSE, sizeof (NiceAddress));
  g_autoptr (GArray) come = g_array_new (FALSE, FALSE, sizeof (NiceAddress));
  g_autoptr (GArray) before = self->addresses;
  g_autoptr (GPtrArray) drivers = NULL;
  const gboolean is_rerouted = self->is_rerouted;

  self->is_rerouted = FALSE;
  self->addresses = nice_interface_addresses_new ();
  nice_interface_addresses_compare (before, self->addresses, gone, come);
  if (gone->len == 0 && come->len == 0 && !is_rerouted)
    return;
  drivers = dup_drivers (self);
  for (guint i = 0; i < drivers->len; i++)
    tell (g_ptr_array_index (drivers, i), gone, come, is_rerouted);
}

/* --- The kernel's word --- */

static NiceNetwork *
get_network (NiceWatch *watch)
{
  return (NiceNetwork *)((guint8 *)watch - G_STRUCT_OFFSET (NiceNetwork, watch));
}

static void
unref (NiceNetwork *self)
{
  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;
  close (self->fd);
  g_ptr_array_unref (self->drivers);
  g_array_unref (self->addresses);
  g_free (self);
}

static void
ref_watch (NiceWatch *watch)
{
  g_atomic_int_inc (&get_network (watch)->ref_count);
}

static void
unref_watch (NiceWatch *watch)
{
  unref (get_network (watch));
}

/* Of the routes only those to everywhere matter; a router has others in thousands. */
static gboolean
is_of_default_route (gconstpointer data, gssize size)
{
  const struct nlmsghdr *header = data;
  const struct rtmsg *route = NLMSG_DATA (header);

  return size >= (gssize)NLMSG_LENGTH (sizeof *route)
         && (header->nlmsg_type == RTM_NEWROUTE || header->nlmsg_type == RTM_DELROUTE)
         && route->rtm_dst_len == 0 && route->rtm_table != RT_TABLE_LOCAL;
}

/* Of addresses it is not read what: a message that the kernel had no room for counts as
 * much (ENOBUFS), and one that another program has made up costs a look. */
static void
ready (NiceWatch *watch, NiceReactor *reactor, guint events)
{
  NiceNetwork *self = get_network (watch);
  guint32 message[16]; /* the rest of it is lost, which does not matter */
  gssize size;

  while ((size = recv (self->fd, message, sizeof message, MSG_DONTWAIT)) >= 0
         || errno == ENOBUFS || errno == EINTR)
    if (is_of_default_route (message, size))
      self->is_rerouted = TRUE;
  look (self);
}

static const NiceWatchClass watch_class = { ref_watch, unref_watch, ready };

static gint
subscribe (void)
{
  const struct sockaddr_nl address = { .nl_family = AF_NETLINK,
                                       .nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR
                                                    | RTMGRP_IPV6_IFADDR
                                                    | RTMGRP_IPV4_ROUTE
                                                    | RTMGRP_IPV6_ROUTE };
  const gint fd =
      socket (AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);

  if (fd >= 0 && bind (fd, (const struct sockaddr *)&address, sizeof address) != 0)
    {
      close (fd);
      return -1;
    }
  return fd;
}

/* --- Life --- */

static NiceNetwork *
network_new (NiceReactor *reactor)
{
  const gint fd = subscribe ();
  NiceNetwork *self;

  if (fd < 0)
    {
      g_debug ("The kernel does not tell of changes of the network: %m");
      return NULL;
    }
  self = g_new0 (NiceNetwork, 1);
  self->ref_count = 1;
  self->reactor = reactor;
  self->fd = fd;
  self->watch.klass = &watch_class;
  self->drivers = g_ptr_array_new ();
  self->addresses = nice_interface_addresses_new ();
  if (nice_watch_start (&self->watch, reactor, fd, EPOLLIN))
    return self;
  unref (self);
  return NULL;
}

static void
join (NiceDriver *driver)
{
  NiceNetwork *self;

  if (registry == NULL)
    registry = g_hash_table_new (NULL, NULL);
  self = g_hash_table_lookup (registry, driver->reactor);
  if (self == NULL && (self = network_new (driver->reactor)) != NULL)
    g_hash_table_insert (registry, driver->reactor, self);
  if (self == NULL)
    return;
  driver->network = self;
  driver->network_place = self->drivers->len;
  g_ptr_array_add (self->drivers, driver);
}

void
nice_network_join (NiceDriver *driver)
{
  if (driver->network != NULL)
    return;
  g_mutex_lock (&registry_lock);
  join (driver);
  g_mutex_unlock (&registry_lock);
}

static void
leave (NiceDriver *driver)
{
  NiceNetwork *self = g_steal_pointer (&driver->network);
  NiceDriver *last = g_ptr_array_index (self->drivers, self->drivers->len - 1);

  last->network_place = driver->network_place;
  g_ptr_array_remove_index_fast (self->drivers, driver->network_place);
  if (self->drivers->len > 0)
    return;
  g_hash_table_remove (registry, self->reactor);
  if (g_hash_table_size (registry) == 0)
    g_clear_pointer (&registry, g_hash_table_unref);
  nice_watch_stop (&self->watch);
  unref (self);
}

void
nice_network_leave (NiceDriver *driver)
{
  if (driver->network == NULL)
    return;
  g_mutex_lock (&registry_lock);
  leave (driver);
  g_mutex_unlock (&registry_lock);
}
