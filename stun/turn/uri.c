/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Decides whether a text is the URI of a server, and reads it. RFC 7064 3.1, RFC
 * 7065 3.1, RFC 3986 3.2.2 (host), RFC 7350 4. */
#include "config.h"

#include "turn/uri.h"

#include <arpa/inet.h>
#include <string.h>

typedef struct
{
  const gchar *name;
  gboolean is_turn, is_secure;
} Scheme;

static const Scheme schemes[] = {
  { "stun:", FALSE, FALSE },
  { "stuns:", FALSE, TRUE },
  { "turn:", TRUE, FALSE },
  { "turns:", TRUE, TRUE },
};

static const gchar *
read_scheme (TurnUri *self, const gchar *at)
{
  for (guint i = 0; i < G_N_ELEMENTS (schemes); i++)
    {
      const gsize length = strlen (schemes[i].name);

      if (g_ascii_strncasecmp (at, schemes[i].name, length) != 0)
        continue;
      self->is_turn = schemes[i].is_turn;
      self->is_secure = schemes[i].is_secure;
      return at + length;
    }
  return NULL;
}

/* RFC 3986 reg-name, without the escapes that no name of a host has. */
static gboolean
is_name (const gchar *host)
{
  for (; *host != '\0'; host++)
    if (!g_ascii_isalnum (*host) && strchr ("-._~", *host) == NULL)
      return FALSE;
  return TRUE;
}

static gboolean
is_ip (const gchar *host, int family)
{
  guint8 address[16];

  return inet_pton (family, host, address) == 1;
}

static const gchar *
read_host (TurnUri *self, const gchar *at)
{
  const gboolean is_bracketed = *at == '[';
  const gchar *const start = at + is_bracketed;
  const gsize length = strcspn (start, is_bracketed ? "]" : ":?");

  if (length == 0 || length > TURN_URI_MAX_HOST)
    return NULL;
  memcpy (self->host, start, length);
  self->host[length] = '\0';
  if (is_bracketed)
    {
      self->is_literal = TRUE;
      return start[length] == ']' && is_ip (self->host, AF_INET6) ? start + length + 1
                                                                  : NULL;
    }
  self->is_literal = is_ip (self->host, AF_INET);
  return is_name (self->host) ? start + length : NULL;
}

static const gchar *
read_port (TurnUri *self, const gchar *at)
{
  const gsize length = strspn (at, "0123456789");
  g_autofree gchar *digits = g_strndup (at, length);
  guint64 port;

  if (!g_ascii_string_to_unsigned (digits, 10, 1, G_MAXUINT16, &port, NULL))
    return NULL;
  self->port = port;
  return at + length;
}

/* transport-ext = 1*unreserved */
static gboolean
read_query (TurnUri *self, const gchar *at)
{
  static const gchar key[] = "?transport=";

  if (!self->is_turn || g_ascii_strncasecmp (at, key, sizeof key - 1) != 0)
    return FALSE;
  at += sizeof key - 1;
  if (g_ascii_strcasecmp (at, "udp") == 0)
    self->transport = TURN_URI_UDP;
  else if (g_ascii_strcasecmp (at, "tcp") == 0)
    self->transport = TURN_URI_TCP;
  else if (g_ascii_strcasecmp (at, "dtls") == 0)
    self->transport = TURN_URI_DTLS;
  else
    self->transport = TURN_URI_UNKNOWN;
  return *at != '\0' && is_name (at);
}

TurnUriResult
turn_uri_parse (TurnUri *self, const gchar *text)
{
  TurnUri uri = { 0 };
  const gchar *at = read_scheme (&uri, text);

  if (at == NULL)
    return TURN_URI_BAD_SCHEME;
  at = read_host (&uri, at);
  if (at == NULL)
    return TURN_URI_BAD_HOST;
  if (*at == ':')
    at = read_port (&uri, at + 1);
  if (at == NULL)
    return TURN_URI_BAD_PORT;
  if (*at != '\0' && *at != '?')
    return uri.port != 0 ? TURN_URI_BAD_PORT : TURN_URI_BAD_HOST;
  if (*at == '?' && !read_query (&uri, at))
    return TURN_URI_BAD_QUERY;
  *self = uri;
  return TURN_URI_OK;
}
