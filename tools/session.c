/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Wraps the life of one connection: full ICE (all candidates are gathered before the line
 * is written, because people paste it once), regular nomination (RFC 8445 section 8.1.1).
 */
#include "config.h"

#include "session.h"

#include "description.h"
#include "i18n.h"
#include "pairs.h"
#include "servers.h"
#include "table.h"

#include <string.h>

#include <interfaces.h>

#define COMPONENT NICE_COMPONENT_TYPE_RTP

struct _Session
{
  NiceAgent *agent;
  guint stream_id;
  SessionEvents events;
  gpointer user_data;
  char *line; /* what we told the other side */
};

static void
on_gathered (NiceAgent *agent, guint stream_id, gpointer user_data)
{
  Session *self = user_data;

  self->events.gathered (self->user_data);
}

static void
on_state_changed (NiceAgent *agent, guint stream_id, guint component_id, guint state,
                  gpointer user_data)
{
  Session *self = user_data;

  self->events.state_changed (state, self->user_data);
}

static void
on_writable (NiceAgent *agent, guint stream_id, guint component_id, gpointer user_data)
{
  Session *self = user_data;

  self->events.writable (self->user_data);
}

static void
on_received (NiceAgent *agent, guint stream_id, guint component_id, guint len, gchar *buf,
             gpointer user_data)
{
  Session *self = user_data;

  self->events.received ((const guint8 *)buf, len, self->user_data);
}

static void
add_loopback (NiceAgent *agent)
{
  static const char *const addresses[] = { "127.0.0.1", "::1" };

  for (gsize i = 0; i < G_N_ELEMENTS (addresses); i++)
    {
      NiceAddress address;

      nice_address_init (&address);
      if (nice_address_set_from_string (&address, addresses[i]))
        nice_agent_add_local_address (agent, &address);
    }
}

/* A machine without a network still has itself. */
static gboolean
has_network (void)
{
  GList *ips = nice_interfaces_get_local_ips (FALSE);
  const gboolean has = ips != NULL;

  g_list_free_full (ips, g_free);
  return has;
}

Session *
session_new (const SessionConfig *config, const SessionEvents *events, gpointer user_data)
{
  Session *self = g_new0 (Session, 1);
  NiceAgentOption options =
      NICE_AGENT_OPTION_REGULAR_NOMINATION | NICE_AGENT_OPTION_CONSENT_FRESHNESS;

  if (config->reliable)
    options |= NICE_AGENT_OPTION_RELIABLE;
  self->events = *events;
  self->user_data = user_data;
  self->agent = nice_agent_new_full (NULL, NICE_COMPATIBILITY_RFC5245, options);
  nice_agent_set_software (self->agent, PACKAGE_STRING);
  g_object_set (self->agent, "controlling-mode", config->controlling, "upnp", FALSE,
                "tcp-simultaneous-open", TRUE, "tls-trust-file", config->trust_file,
                NULL);
  if (config->loopback || !has_network ())
    add_loopback (self->agent);
  self->stream_id = nice_agent_add_stream (self->agent, 1);
  nice_agent_attach_recv (self->agent, self->stream_id, COMPONENT, NULL, on_received,
                          self);
  g_signal_connect (self->agent, "candidate-gathering-done", G_CALLBACK (on_gathered),
                    self);
  g_signal_connect (self->agent, "component-state-changed", G_CALLBACK (on_state_changed),
                    self);
  g_signal_connect (self->agent, "reliable-transport-writable", G_CALLBACK (on_writable),
                    self);
  return self;
}

void
session_free (Session *self)
{
  g_signal_handlers_disconnect_by_data (self->agent, self);
  nice_agent_remove_stream (self->agent, self->stream_id);
  g_object_unref (self->agent);
  g_free (self->line);
  g_free (self);
}

gboolean
session_add_server (Session *self, const char *uri, const char *user,
                    const char *password, GError **error)
{
  return nice_agent_add_server (self->agent, self->stream_id, COMPONENT, uri, user,
                                password, error);
}

gboolean
session_gather (Session *self, GError **error)
{
  if (nice_agent_gather_candidates (self->agent, self->stream_id))
    return TRUE;
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED,
                       _ ("No address to offer: is there a network interface up?"));
  return FALSE;
}

static void
free_candidates (GSList *candidates)
{
  g_slist_free_full (candidates, (GDestroyNotify)nice_candidate_free);
}

char *
session_dup_line (Session *self, GError **error)
{
  g_autofree char *ufrag = NULL;
  g_autofree char *password = NULL;
  g_autoptr (Description) description = NULL;
  GSList *candidates;

  if (!nice_agent_get_local_credentials (self->agent, self->stream_id, &ufrag, &password))
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED,
                           _ ("The agent has no credentials."));
      return NULL;
    }
  description = description_new (ufrag, password);
  candidates = nice_agent_get_local_candidates (self->agent, self->stream_id, COMPONENT);
  for (GSList *i = candidates; i != NULL; i = i->next)
    {
      g_autofree char *line =
          nice_agent_generate_local_candidate_sdp (self->agent, i->data);

      /* What goes into an SDP attribute begins with "a=" (RFC 8839 5.1). */
      if (line != NULL)
        description_add_candidate (
            description, g_str_has_prefix (line, "a=") ? line + strlen ("a=") : line);
    }
  free_candidates (candidates);
  g_free (self->line);
  self->line = description_to_line (description);
  return g_strdup (self->line);
}

static GSList *
parse_candidates (Session *self, const Description *description)
{
  GSList *candidates = NULL;

  for (guint i = 0; i < description->candidates->len; i++)
    {
      g_autofree char *line = g_strconcat (
          "a=", (const char *)g_ptr_array_index (description->candidates, i), NULL);
      NiceCandidate *candidate =
          nice_agent_parse_remote_candidate_sdp (self->agent, self->stream_id, line);

      if (candidate != NULL)
        candidates = g_slist_prepend (candidates, candidate);
    }
  return g_slist_reverse (candidates);
}

gboolean
session_accept_line (Session *self, const char *line, GError **error)
{
  g_autoptr (Description) description = description_from_line (line, error);
  g_autoptr (Description) own = NULL;
  GSList *candidates;
  int n_set;

  if (description == NULL)
    return FALSE;
  if (self->line != NULL)
    own = description_from_line (self->line, NULL);
  if (own != NULL && g_str_equal (own->ufrag, description->ufrag))
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                           _ ("This is the line that this side printed; paste the one "
                              "that the other side prints."));
      return FALSE;
    }
  candidates = parse_candidates (self, description);
  if (candidates == NULL)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                           _ ("None of the addresses in the line can be used."));
      return FALSE;
    }
  nice_agent_set_remote_credentials (self->agent, self->stream_id, description->ufrag,
                                     description->password);
  n_set = nice_agent_set_remote_candidates (self->agent, self->stream_id, COMPONENT,
                                            candidates);
  free_candidates (candidates);
  if (n_set < 0)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED,
                           _ ("The agent did not take the other side's addresses."));
      return FALSE;
    }
  nice_agent_peer_candidate_gathering_done (self->agent, self->stream_id);
  return TRUE;
}

gint
session_send (Session *self, const NiceOutputMessage *messages, guint n_messages,
              GError **error)
{
  g_autoptr (GError) failure = NULL;
  const gint n = nice_agent_send_messages_nonblocking (
      self->agent, self->stream_id, COMPONENT, messages, n_messages, NULL, &failure);

  if (n >= 0)
    return n;
  if (g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    return 0;
  g_propagate_error (error, g_steal_pointer (&failure));
  return -1;
}

GPtrArray *
session_get_pairs (Session *self)
{
  g_autoptr (GVariant) stats = nice_agent_get_stats (self->agent);

  return pairs_from_stats (stats);
}

char **
session_get_server_failures (Session *self)
{
  g_autoptr (GVariant) stats = nice_agent_get_stats (self->agent);

  return servers_get_failures (stats);
}

static char *
format_address (const NiceAddress *address)
{
  g_autofree char *text = nice_address_dup_string (address);

  return pairs_format_address (text, nice_address_get_port (address));
}

char *
session_dup_selected (Session *self)
{
  NiceCandidate *local;
  NiceCandidate *remote;
  g_autofree char *from = NULL;
  g_autofree char *to = NULL;

  if (!nice_agent_get_selected_pair (self->agent, self->stream_id, COMPONENT, &local,
                                     &remote))
    return NULL;
  from = format_address (&local->addr);
  to = format_address (&remote->addr);
  return g_strdup_printf ("%s %s – %s %s", nice_candidate_type_to_string (local->type),
                          from, nice_candidate_type_to_string (remote->type), to);
}
