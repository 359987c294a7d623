/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The table of servers. Knows whom each serves, not what it is asked. */
#include "config.h"

#include "ice/server.h"

gboolean
ice_server_is_turn (const IceServer *server)
{
  return server->kind >= ICE_SERVER_TURN_UDP;
}

static gboolean
overlap (guint a, guint b)
{
  return a == 0 || b == 0 || a == b;
}

gboolean
ice_server_serves (const IceServerEntry *entry, const IceComponent *component)
{
  return overlap (entry->stream_id, component->stream->id)
         && overlap (entry->component_id, component->id);
}

guint
ice_server_add (IceSession *session, guint stream_id, guint component_id,
                const IceServer *server)
{
  gboolean turn = ice_server_is_turn (server);
  IceServerEntry *entry;
  guint index = 0;

  for (guint i = 0; session->servers != NULL && i < session->servers->len; i++)
    {
      entry = g_ptr_array_index (session->servers, i);
      if (ice_server_is_turn (&entry->value) == turn
          && overlap (entry->stream_id, stream_id)
          && overlap (entry->component_id, component_id))
        index = MAX (index, entry->index + 1);
    }
  if (turn && index >= ICE_MAX_TURN_SERVERS)
    return 0;

  entry = g_new0 (IceServerEntry, 1);
  entry->id = ++session->last_server_id;
  entry->value = *server;
  entry->value.host = g_strdup (server->host);
  entry->value.username = g_strdup (server->username);
  entry->value.password = g_strdup (server->password);
  entry->stream_id = stream_id;
  entry->component_id = component_id;
  entry->index = index;
  if (session->servers == NULL)
    session->servers = g_ptr_array_new ();
  g_ptr_array_add (session->servers, entry);
  return entry->id;
}

IceServerEntry *
ice_server_find (const IceSession *session, guint id)
{
  for (guint i = 0; session->servers != NULL && i < session->servers->len; i++)
    {
      IceServerEntry *entry = g_ptr_array_index (session->servers, i);

      if (entry->id == id)
        return entry;
    }
  return NULL;
}

void
ice_server_set_addresses (IceServerEntry *entry, const NiceAddress *addresses, guint n)
{
  entry->resolving = FALSE;
  g_clear_pointer (&entry->addresses, g_array_unref);
  entry->addresses = g_array_new (FALSE, FALSE, sizeof (NiceAddress));
  for (guint i = 0; i < n; i++)
    {
      NiceAddress address = addresses[i];

      nice_address_set_port (&address, entry->value.port);
      g_array_append_val (entry->addresses, address);
    }
}

gboolean
ice_server_resolve (IceSession *session, IceServerEntry *entry)
{
  NiceAddress literal;

  if (entry->addresses != NULL)
    return TRUE;
  nice_address_init (&literal);
  if (!entry->resolving && nice_address_set_from_string (&literal, entry->value.host))
    {
      ice_server_set_addresses (entry, &literal, 1);
      return TRUE;
    }
  if (!entry->resolving)
    ice_outbox_add_event (&session->outbox, ICE_EVENT_NEED_ADDRESSES, entry->stream_id,
                          entry->component_id)
        ->server = entry->id;
  entry->resolving = TRUE;
  return FALSE;
}

void
ice_server_remove (IceSession *session, IceServerEntry *entry)
{
  g_ptr_array_remove (session->servers, entry);
  g_clear_pointer (&entry->addresses, g_array_unref);
  g_free ((gchar *)entry->value.host);
  g_free ((gchar *)entry->value.username);
  g_free ((gchar *)entry->value.password);
  g_free (entry);
}

void
ice_server_clear (IceSession *session)
{
  while (session->servers != NULL && session->servers->len > 0)
    ice_server_remove (session, g_ptr_array_index (session->servers, 0));
  g_clear_pointer (&session->servers, g_ptr_array_unref);
}
