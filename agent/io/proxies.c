/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Asks GProxyResolver for the proxy of a connection, unless the program has named one,
 * and GResolver for that one's address, before the connection is made. Decides which of
 * several proxies is taken: the first that we can speak to. Nothing ever goes around what
 * the settings say. RFC 1928, RFC 9110 9.3.6. */
#include "config.h"

#include "io/proxies.h"

#include <errno.h>

#include "io/relay.h"
#include "io/resolver.h"
#include "socket/recipes.h"

struct _NiceProxyAsk
{
  NiceDriver *driver;
  GCancellable *cancellable;
  guint stream_id, component_id;
  IceBaseRequest request;

  /* What was found. */
  NiceTunnel tunnel;
  gchar *name, *username, *password;
  guint16 port;
};

/* --- What waits --- */

gboolean
nice_proxies_are_asked (const NiceDriver *driver)
{
  const NiceRoads *roads = &driver->roads;

  return roads->tunnel == NICE_TUNNEL_NONE ? roads->asks_system
                                           : roads->proxy_name != NULL;
}

gboolean
nice_proxies_decide (const NiceDriver *driver, const IceBaseRequest *request)
{
  return nice_proxies_are_asked (driver) && nice_relay_is_stream (driver, request);
}

void
nice_proxies_ask (NiceDriver *driver, const IceEvent *event)
{
  const NiceRoads *roads = &driver->roads;
  NiceProxyAsk *self = g_new0 (NiceProxyAsk, 1);

  self->driver = nice_driver_ref (driver);
  self->stream_id = event->stream_id;
  self->component_id = event->component_id;
  self->request = event->need_base;
  if (roads->tunnel != NICE_TUNNEL_NONE)
    {
      self->tunnel = roads->tunnel;
      self->name = g_strdup (roads->proxy_name);
      self->port = roads->proxy_port;
      self->username = g_strdup (roads->proxy_username);
      self->password = g_strdup (roads->proxy_password);
    }
  if (driver->asked == NULL)
    driver->asked = g_array_new (FALSE, FALSE, sizeof (IceBaseId));
  g_array_append_val (driver->asked, self->request.id);
  nice_driver_put_off (&driver->asks, self);
}

static gboolean
forget (NiceDriver *driver, IceBaseId id)
{
  for (guint i = 0; driver->asked != NULL && i < driver->asked->len; i++)
    if (g_array_index (driver->asked, IceBaseId, i) == id)
      {
        g_array_remove_index_fast (driver->asked, i);
        return TRUE;
      }
  return FALSE;
}

void
nice_proxies_forget (NiceDriver *driver, IceBaseId id)
{
  forget (driver, id);
}

void
nice_proxy_ask_free (NiceProxyAsk *self)
{
  nice_driver_unref (self->driver);
  g_clear_object (&self->cancellable);
  g_free (self->name);
  g_free (self->username);
  g_free (self->password);
  g_free (self);
}

/* --- The answer --- */

/* address: of the proxy; NULL: there is none, or tunnel says that none is needed. Takes
 * the ask. */
static void
answer (NiceProxyAsk *self, const NiceAddress *address)
{
  NiceDriver *driver = self->driver;
  g_autoptr (GObject) owner = nice_driver_dup_owner (driver);
  const gboolean is_found = address != NULL || self->tunnel == NICE_TUNNEL_NONE;
  NiceRoads roads;
  gint64 now;

  if (owner != NULL)
    {
      nice_driver_enter (driver, &now);
      roads = driver->roads;
      roads.tunnel = self->tunnel;
      roads.proxy_username = self->username;
      roads.proxy_password = self->password;
      if (address != NULL)
        roads.proxy = *address;
      if (forget (driver, self->request.id))
        nice_driver_open_base (driver, is_found ? &roads : NULL, self->stream_id,
                               self->component_id, &self->request);
      nice_driver_leave (driver);
    }
  nice_proxy_ask_free (self);
}

static gboolean
read_address (GInetAddress *from, guint16 port, gint family, NiceAddress *address)
{
  return nice_resolver_read_address (from, port, address)
         && address->s.addr.sa_family == family;
}

static void
looked_up (GObject *resolver, GAsyncResult *result, gpointer data)
{
  NiceProxyAsk *self = data;
  g_autoptr (GError) error = NULL;
  GList *found = g_resolver_lookup_by_name_finish (G_RESOLVER (resolver), result, &error);
  const gint family = self->request.local.s.addr.sa_family;
  const GList *link = found;
  NiceAddress address;

  if (error != NULL)
    g_debug ("looking up the proxy of base %u: %s", self->request.id, error->message);
  while (link != NULL && !read_address (link->data, self->port, family, &address))
    link = link->next;
  answer (self, link != NULL ? &address : NULL);
  g_resolver_free_addresses (found);
}

/* SOCKS 4 has no IPv6, and TLS to a proxy is not spoken here. */
static gboolean
read_scheme (const gchar *scheme, NiceTunnel *tunnel)
{
  static const struct
  {
    const gchar *scheme;
    NiceTunnel tunnel;
  } known[] = { { "direct", NICE_TUNNEL_NONE },
                { "http", NICE_TUNNEL_HTTP },
                { "socks5", NICE_TUNNEL_SOCKS5 },
                { "socks", NICE_TUNNEL_SOCKS5 } };

  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    if (g_strcmp0 (scheme, known[i].scheme) == 0)
      {
        *tunnel = known[i].tunnel;
        return TRUE;
      }
  return FALSE;
}

/* (transfer full) (nullable): the first that we can speak to. */
static GUri *
choose (NiceProxyAsk *self, gchar **uris)
{
  for (guint i = 0; uris != NULL && uris[i] != NULL; i++)
    {
      g_autoptr (GUri) uri = g_uri_parse (uris[i], G_URI_FLAGS_HAS_PASSWORD, NULL);

      if (uri == NULL || !read_scheme (g_uri_get_scheme (uri), &self->tunnel))
        continue;
      if (self->tunnel != NICE_TUNNEL_NONE && g_uri_get_port (uri) <= 0)
        continue;
      return g_steal_pointer (&uri);
    }
  return NULL;
}

static void
look_up (NiceProxyAsk *self)
{
  g_autoptr (GResolver) resolver = g_resolver_get_default ();

  g_resolver_lookup_by_name_async (resolver, self->name, self->cancellable, looked_up,
                                   self);
}

static void
chosen (GObject *resolver, GAsyncResult *result, gpointer data)
{
  NiceProxyAsk *self = data;
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) uris =
      g_proxy_resolver_lookup_finish (G_PROXY_RESOLVER (resolver), result, &error);
  g_autoptr (GUri) uri = choose (self, uris);

  if (uri == NULL)
    {
      g_debug ("no proxy for base %u: %s", self->request.id,
               error != NULL ? error->message : "none that can be spoken to");
      self->tunnel = NICE_TUNNEL_HTTP; /* some proxy is wanted */
      answer (self, NULL);
    }
  else if (self->tunnel == NICE_TUNNEL_NONE)
    answer (self, NULL);
  else
    {
      self->name = g_strdup (g_uri_get_host (uri));
      self->port = (guint16)g_uri_get_port (uri);
      self->username = g_strdup (g_uri_get_user (uri));
      self->password = g_strdup (g_uri_get_password (uri));
      look_up (self);
    }
}

/* As for a web page by HTTPS: what may be tunnelled to anybody's port goes that way. */
static gchar *
make_uri (const NiceAddress *remote)
{
  gchar host[NICE_ADDRESS_STRING_LEN];

  nice_address_to_string (remote, host);
  return g_uri_join (G_URI_FLAGS_NONE, "https", NULL, host,
                     (gint)nice_address_get_port (remote), "", NULL, NULL);
}

void
nice_proxy_ask_start (NiceProxyAsk *self)
{
  GMainContext *context = nice_reactor_get_context (self->driver->reactor);

  g_mutex_lock (&self->driver->lock);
  self->cancellable = g_object_ref (self->driver->cancellable);
  g_mutex_unlock (&self->driver->lock);
  g_main_context_push_thread_default (context);
  if (self->name != NULL)
    look_up (self);
  else
    {
      g_autofree gchar *uri = make_uri (&self->request.remote);

      g_proxy_resolver_lookup_async (g_proxy_resolver_get_default (), uri,
                                     self->cancellable, chosen, self);
    }
  g_main_context_pop_thread_default (context);
}
