/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The table of servers. Knows whom each serves, not what it is asked. */
#include "config.h"

#include "ice/server.h"

gboolean
ice_server_kind_is_turn (IceServerKind kind)
{
  return kind >= ICE_SERVER_TURN_UDP;
}

gboolean
ice_server_kind_is_stream (IceServerKind kind)
{
  return kind == ICE_SERVER_STUN_TCP || kind == ICE_SERVER_STUN_TLS
         || kind == ICE_SERVER_TURN_TCP || kind == ICE_SERVER_TURN_TLS;
}

gboolean
ice_server_is_turn (const IceServer *server)
{
  return ice_server_kind_is_turn (server->kind);
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

static guint
count_alternates (const IceSession *session)
{
  guint n = 0;

  for (guint i = 0; i < session->servers.len; i++)
    n += ((const IceServerEntry *)ice_list_get (&session->servers, i))->origin != 0;
  return n;
}

static gboolean
has_address (const IceServerEntry *entry, const NiceAddress *address)
{
  for (guint i = 0; i < entry->targets->len; i++)
    if (nice_address_equal (&g_array_index (entry->targets, IceTarget, i).address,
                            address))
      return TRUE;
  return FALSE;
}

static IceServerEntry *
find_alternate (const IceSession *session, const IceServerEntry *origin,
                const NiceAddress *from, const NiceAddress *to, const gchar *host)
{
  for (guint i = 0; i < session->servers.len; i++)
    {
      IceServerEntry *entry = ice_list_get (&session->servers, i);

      if (entry->origin == origin->id && nice_address_equal (&entry->sent_from, from)
          && has_address (entry, to) && g_str_equal (entry->value.host, host))
        return entry;
    }
  return NULL;
}

/* RFC 8489 10: whether the way from the application's server to here went past that
 * address already, or is long enough. */
static gboolean
goes_in_circles (const IceSession *session, const IceServerEntry *self,
                 const NiceAddress *from, const NiceAddress *to)
{
  guint n = 1;

  if (nice_address_equal (from, to))
    return TRUE;
  for (; self != NULL && self->origin != 0;
       self = ice_server_find (session, self->origin))
    if (nice_address_equal (&self->sent_from, to) || ++n > ICE_MAX_REDIRECTS)
      return TRUE;
  return FALSE;
}

static IceServerEntry *
add_entry (IceSession *session, const IceServer *server)
{
  IceServerEntry *entry = g_new0 (IceServerEntry, 1);

  entry->id = ++session->last_server_id;
  entry->value = *server;
  entry->value.uri = g_strdup (server->uri);
  entry->value.host = g_strdup (server->host);
  entry->value.username = g_strdup (server->username);
  entry->value.password = g_strdup (server->password);
  entry->targets = g_array_new (FALSE, FALSE, sizeof (IceTarget));
  ice_list_add (&session->servers, entry);
  return entry;
}

guint
ice_server_add (IceSession *session, guint stream_id, guint component_id,
                const IceServer *server)
{
  gboolean turn = ice_server_is_turn (server);
  IceServerEntry *entry;
  guint index = 0;

  for (guint i = 0; i < session->servers.len; i++)
    {
      entry = ice_list_get (&session->servers, i);
      if (ice_server_is_turn (&entry->value) == turn
          && overlap (entry->stream_id, stream_id)
          && overlap (entry->component_id, component_id))
        index = MAX (index, entry->index + 1);
    }
  if (turn && index >= ICE_MAX_TURN_SERVERS)
    return 0;

  entry = add_entry (session, server);
  entry->stream_id = stream_id;
  entry->component_id = component_id;
  entry->index = index;
  return entry->id;
}

IceServerEntry *
ice_server_redirect (IceSession *session, const IceServerEntry *self,
                     const IceTarget *from, const NiceAddress *to, const gchar *domain)
{
  const IceTarget target = { from->kind, *to };
  IceServer value = self->value;
  IceServerEntry *entry;

  if (domain != NULL)
    value.host = domain;
  value.kind = from->kind;
  value.port = nice_address_get_port (to);
  if (goes_in_circles (session, self, &from->address, to))
    return NULL;
  entry = find_alternate (session, self, &from->address, to, value.host);
  if (entry != NULL)
    return entry;
  if (count_alternates (session) == ICE_MAX_ALTERNATES)
    return NULL;
  entry = add_entry (session, &value);
  entry->stream_id = self->stream_id;
  entry->component_id = self->component_id;
  entry->index = self->index;
  entry->origin = self->id;
  entry->sent_from = from->address;
  ice_server_add_targets (entry, &target, 1, TRUE);
  return entry;
}

void
ice_server_shun (IceServerEntry *entry, const NiceAddress *address, gint64 until)
{
  const IceShunned shunned = { *address, until };

  if (entry->shunned == NULL)
    entry->shunned = g_array_new (FALSE, FALSE, sizeof shunned);
  for (guint i = entry->shunned->len; i > 0; i--)
    if (nice_address_equal (&g_array_index (entry->shunned, IceShunned, i - 1).address,
                            address))
      g_array_remove_index_fast (entry->shunned, i - 1);
  g_array_append_val (entry->shunned, shunned);
}

gboolean
ice_server_is_shunned (const IceServerEntry *entry, const NiceAddress *address,
                       gint64 now)
{
  for (guint i = 0; entry->shunned != NULL && i < entry->shunned->len; i++)
    {
      const IceShunned *shunned = &g_array_index (entry->shunned, IceShunned, i);

      if (nice_address_equal (&shunned->address, address))
        return now < shunned->until;
    }
  return FALSE;
}

void
ice_server_note (IceServerEntry *entry, const IceBaseResult *result)
{
  entry->last_error = result->error;
  entry->last_code = result->code;
  g_free (entry->last_detail);
  entry->last_detail = g_strdup (result->detail);
}

IceServerEntry *
ice_server_find (const IceSession *session, guint id)
{
  for (guint i = 0; i < session->servers.len; i++)
    {
      IceServerEntry *entry = ice_list_get (&session->servers, i);

      if (entry->id == id)
        return entry;
    }
  return NULL;
}

void
ice_server_add_targets (IceServerEntry *entry, const IceTarget *targets, guint n,
                        gboolean is_last)
{
  const guint room = ICE_MAX_TARGETS - entry->targets->len;

  g_array_append_vals (entry->targets, targets, MIN (n, room));
  entry->resolved = entry->resolved || is_last;
}

/* RFC 8445 5.1.1.2 leaves open how a server is found; a literal is its own answer. */
gboolean
ice_server_resolve (IceSession *session, IceServerEntry *entry)
{
  IceTarget literal = { .kind = entry->value.kind };

  if (entry->resolved || entry->targets->len > 0)
    return TRUE;
  if (entry->resolving)
    return FALSE;
  nice_address_init (&literal.address);
  if (entry->value.uri == NULL
      && nice_address_set_from_string (&literal.address, entry->value.host))
    {
      nice_address_set_port (&literal.address, entry->value.port);
      ice_server_add_targets (entry, &literal, 1, TRUE);
      return TRUE;
    }
  ice_outbox_add_event (&session->outbox, ICE_EVENT_NEED_ADDRESSES, entry->stream_id,
                        entry->component_id)
      ->server = entry->id;
  entry->resolving = TRUE;
  return FALSE;
}

void
ice_server_remove (IceSession *session, IceServerEntry *entry)
{
  ice_list_remove (&session->servers, entry);
  g_array_unref (entry->targets);
  g_free ((gchar *)entry->value.uri);
  g_clear_pointer (&entry->shunned, g_array_unref);
  g_free (entry->last_detail);
  g_free ((gchar *)entry->value.host);
  g_free ((gchar *)entry->value.username);
  g_free ((gchar *)entry->value.password);
  g_free (entry);
}

void
ice_server_clear (IceSession *session)
{
  while (session->servers.len > 0)
    ice_server_remove (session, ice_list_get (&session->servers, 0));
  ice_list_clear (&session->servers);
}
