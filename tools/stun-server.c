/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads the server's name as users write it. Knows no address. RFC 7064; RFC 7350 4.1.1
 * (stuns over UDP is DTLS). */
#include "config.h"

#include "stun-server.h"

#include <string.h>

#include <gio/gio.h>

#include "i18n.h"
#include "turn/uri.h"

typedef struct
{
  const char *name;
  const char *carrier; /* what a URI calls it */
  gboolean is_secure;
} Transport;

static const Transport transports[STUN_SERVER_N_TRANSPORTS] = {
  [STUN_SERVER_UDP] = { "udp", "udp", FALSE },
  [STUN_SERVER_TCP] = { "tcp", "tcp", FALSE },
  [STUN_SERVER_TLS] = { "tls", "tcp", TRUE },
  [STUN_SERVER_DTLS] = { "dtls", "udp", TRUE },
};

/* Cuts "?transport=..." off. RFC 7064 has no query; the one of turn: (RFC 7065) is in use
 * all the same. */
static const char *
take_carrier (char *text)
{
  static const char key[] = "?transport=";
  char *query = strstr (text, key);

  if (query == NULL)
    return NULL;
  *query = '\0';
  return query + strlen (key);
}

/* uri: NULL, none. */
static gboolean
choose_transport (StunServer *self, const TurnUri *uri, const char *carrier,
                  const char *name)
{
  for (guint i = 0; i < STUN_SERVER_N_TRANSPORTS; i++)
    {
      const Transport *row = &transports[i];

      if ((uri == NULL || row->is_secure == uri->is_secure)
          && (carrier == NULL || g_ascii_strcasecmp (carrier, row->carrier) == 0)
          && (name == NULL || g_str_equal (name, row->name)))
        {
          self->transport = i;
          return TRUE;
        }
    }
  return FALSE;
}

static gboolean
fail_transport (const char *text, const char *transport, GError **error)
{
  if (transport != NULL)
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                 _ ("“%s” and --transport=%s do not go together"), text, transport);
  else
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                 _ ("“%s”: the transport of a URI is udp or tcp"), text);
  return FALSE;
}

static gboolean
take_uri (StunServer *self, const TurnUri *uri)
{
  self->host = g_strdup (uri->host);
  self->port = turn_uri_get_port (uri);
  self->needs_name = uri->is_secure && uri->is_literal;
  return TRUE;
}

static gboolean
take_host (StunServer *self, const char *text)
{
  const guint16 port = stun_server_is_secure (self) ? TURNS_PORT : TURN_PORT;
  g_autoptr (GSocketConnectable) address = NULL;

  if (*text == '\0' || strpbrk (text, "/?") != NULL)
    return FALSE;
  address = g_network_address_parse (text, port, NULL);
  if (address == NULL)
    return FALSE;
  self->host = g_strdup (g_network_address_get_hostname (G_NETWORK_ADDRESS (address)));
  self->port = g_network_address_get_port (G_NETWORK_ADDRESS (address));
  return TRUE;
}

gboolean
stun_server_parse (StunServer *self, const char *text, const char *transport,
                   GError **error)
{
  g_autofree char *location = g_strdup (text);
  const char *carrier = take_carrier (location);
  TurnUri uri;
  const TurnUriResult result = turn_uri_parse (&uri, location);
  const gboolean is_uri = result == TURN_URI_OK && !uri.is_turn;
  const gboolean is_host = result == TURN_URI_BAD_SCHEME && carrier == NULL;

  if ((is_uri || is_host)
      && !choose_transport (self, is_uri ? &uri : NULL, carrier, transport))
    return fail_transport (text, transport, error);
  if ((is_uri && take_uri (self, &uri)) || (is_host && take_host (self, location)))
    return TRUE;
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
               _ ("“%s” is not HOST, HOST:PORT, stun:HOST or stuns:HOST"), text);
  return FALSE;
}

void
stun_server_clear (StunServer *self)
{
  g_clear_pointer (&self->host, g_free);
}

gboolean
stun_server_is_secure (const StunServer *self)
{
  return transports[self->transport].is_secure;
}
