/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Gives agents their servers; what must come of it, each test knows. */
#include "config.h"

#include "relays.h"

static void
trust (Peer *self, const Coturn *coturn)
{
  g_object_set (self->agent, "tls-trust-file", coturn->trust_file, "tls-validation-flags",
                G_TLS_CERTIFICATE_VALIDATE_ALL & ~G_TLS_CERTIFICATE_BAD_IDENTITY, NULL);
}

void
peer_use_relay (Peer *self, const Coturn *coturn, NiceRelayType type)
{
  trust (self, coturn);
  g_assert_true (nice_agent_set_relay_info (
      self->agent, self->stream, 1, "127.0.0.1",
      type == NICE_RELAY_TYPE_TURN_TLS ? coturn->tls_port : coturn->port, COTURN_USER,
      COTURN_PASSWORD, type));
}

void
peer_use_only (Peer *self, const Coturn *coturn, const gchar *uri)
{
  const guint port = g_str_has_prefix (uri, "turns:") ? coturn->tls_port : coturn->port;
  g_auto (GStrv) parts = g_strsplit (uri, "%u", 2);
  g_autofree gchar *text = g_strdup_printf ("%s%u%s", parts[0], port, parts[1]);
  g_autoptr (GError) error = NULL;

  trust (self, coturn);
  g_object_set (self->agent, "force-relay", TRUE, NULL);
  g_assert_true (nice_agent_add_server (self->agent, self->stream, 1, text, COTURN_USER,
                                        COTURN_PASSWORD, &error));
  g_assert_no_error (error);
}

guint
peer_count_relays (Peer *self)
{
  GSList *candidates = nice_agent_get_local_candidates (self->agent, self->stream, 1);
  guint n = 0;

  for (GSList *link = candidates; link != NULL; link = link->next)
    n += ((NiceCandidate *)link->data)->type == NICE_CANDIDATE_TYPE_RELAYED;
  g_slist_free_full (candidates, (GDestroyNotify)nice_candidate_free);
  return n;
}

gchar *
peer_dup_server_error (Peer *self, guint n, guint *code)
{
  g_autoptr (GVariant) stats = nice_agent_get_stats (self->agent);
  g_autofree gchar *id = g_strdup_printf ("S%u", n);
  g_autoptr (GVariant) server =
      g_variant_lookup_value (stats, id, G_VARIANT_TYPE_VARDICT);
  const gchar *type = NULL;
  gchar *text = NULL;

  g_assert_nonnull (server);
  g_variant_lookup (server, "type", "&s", &type);
  g_assert_cmpstr (type, ==, "ice-server");
  g_variant_lookup (server, "errorText", "s", &text);
  *code = 0;
  g_variant_lookup (server, "errorCode", "u", code);
  return text;
}
