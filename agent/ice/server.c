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

const IceServerEntry *
ice_server_find (const IceSession *session, guint id)
{
  for (guint i = 0; session->servers != NULL && i < session->servers->len; i++)
    {
      const IceServerEntry *entry = g_ptr_array_index (session->servers, i);

      if (entry->id == id)
        return entry;
    }
  return NULL;
}

void
ice_server_remove (IceSession *session, IceServerEntry *entry)
{
  g_ptr_array_remove (session->servers, entry);
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
