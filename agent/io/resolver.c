/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Looks up the address records of a host. Which records a URI means is decided above. */
#include "config.h"

#include "io/resolver.h"

#define MAX_ADDRESSES                                                                    \
  16 /* of one name: RFC 5245 has no figure, a hostile zone no end                       \
      */

typedef struct
{
  NiceResolvedFunc func;
  gpointer data;
} LookUp;

static guint
copy_addresses (GList *found, NiceAddress *addresses)
{
  guint n = 0;

  for (GList *l = found; l != NULL && n < MAX_ADDRESSES; l = l->next)
    {
      const guint8 *bytes = g_inet_address_to_bytes (l->data);
      guint32 ip4;

      switch (g_inet_address_get_family (l->data))
        {
        case G_SOCKET_FAMILY_IPV4:
          memcpy (&ip4, bytes, sizeof ip4);
          nice_address_set_ipv4 (&addresses[n++], g_ntohl (ip4));
          break;
        case G_SOCKET_FAMILY_IPV6:
          nice_address_set_ipv6 (&addresses[n++], bytes);
          break;
        default:
          break;
        }
    }
  return n;
}

static void
looked_up (GObject *resolver, GAsyncResult *result, gpointer data)
{
  g_autofree LookUp *look_up = data;
  g_autoptr (GError) error = NULL;
  NiceAddress addresses[MAX_ADDRESSES];
  GList *found;
  guint n;

  found = g_resolver_lookup_by_name_finish (G_RESOLVER (resolver), result, &error);
  n = copy_addresses (found, addresses);
  g_resolver_free_addresses (found);

  if (error != NULL)
    g_debug ("Looking up a server: %s", error->message);
  look_up->func (look_up->data, addresses, n,
                 n > 0 ? ICE_REASON_NONE
                 : g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT)
                     ? ICE_REASON_TIMEOUT
                     : ICE_REASON_NAME_NOT_FOUND);
}

void
nice_resolver_look_up (GMainContext *context, const gchar *host,
                       GCancellable *cancellable, NiceResolvedFunc func, gpointer data)
{
  g_autoptr (GResolver) resolver = g_resolver_get_default ();
  LookUp *look_up = g_new (LookUp, 1);

  look_up->func = func;
  look_up->data = data;
  g_main_context_push_thread_default (context);
  g_resolver_lookup_by_name_async (resolver, host, cancellable, looked_up, look_up);
  g_main_context_pop_thread_default (context);
}
