/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Decides how to answer a proxy that asks who we are. Must not know connections. RFC 7616
 * 3.3, 3.4 (MD5 and SHA-256, quality of protection auth or none), RFC 7617 2. */
#include "config.h"

#include "socket/layer-http-digest.h"

#include <string.h>

gchar *
nice_http_basic (const gchar *username, const gchar *password)
{
  g_autofree gchar *clear = g_strdup_printf ("%s:%s", username, password);
  g_autofree gchar *encoded = g_base64_encode ((const guchar *)clear, strlen (clear));

  return g_strdup_printf ("Basic %s", encoded);
}

static const gchar *
skip_separators (const gchar *at)
{
  while (*at == ' ' || *at == '\t' || *at == ',')
    at++;
  return at;
}

/* Reads a token or a quoted string; returns what is behind it. */
static const gchar *
read_value (const gchar *at, GString *value)
{
  if (*at != '"')
    {
      for (; *at != '\0' && strchr (" \t,", *at) == NULL; at++)
        g_string_append_c (value, *at);
      return at;
    }
  for (at++; *at != '\0' && *at != '"'; at++)
    {
      if (*at == '\\' && at[1] != '\0')
        at++;
      g_string_append_c (value, *at);
    }
  return *at == '"' ? at + 1 : at;
}

static GHashTable *
parse_parameters (const gchar *at)
{
  GHashTable *parameters =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  for (at = skip_separators (at); *at != '\0'; at = skip_separators (at))
    {
      const gsize length = strcspn (at, "=, \t");
      g_autofree gchar *name = g_ascii_strdown (at, length);
      GString *value = g_string_new (NULL);

      at += length;
      if (*at == '=')
        at = read_value (at + 1, value);
      else if (length == 0)
        at++;
      g_hash_table_replace (parameters, g_steal_pointer (&name),
                            g_string_free (value, FALSE));
    }
  return parameters;
}

static gchar *hash (GChecksumType type, const gchar *format, ...) G_GNUC_PRINTF (2, 3);

static gchar *
hash (GChecksumType type, const gchar *format, ...)
{
  g_autofree gchar *text = NULL;
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  return g_compute_checksum_for_string (type, text, -1);
}

/* qop is a list: "auth,auth-int". */
static gboolean
offers_auth (const gchar *qop)
{
  g_auto (GStrv) offers = g_strsplit_set (qop, ", \t", -1);

  return g_strv_contains ((const gchar *const *)offers, "auth");
}

static gchar *
escape_quotes (const gchar *text)
{
  GString *escaped = g_string_new (NULL);

  for (; *text != '\0'; text++)
    {
      if (*text == '"' || *text == '\\')
        g_string_append_c (escaped, '\\');
      g_string_append_c (escaped, *text);
    }
  return g_string_free (escaped, FALSE);
}

static gchar *
write_answer (GHashTable *parameters, GChecksumType type, const NiceHttpRequest *request)
{
  const gchar *realm = g_hash_table_lookup (parameters, "realm");
  const gchar *nonce = g_hash_table_lookup (parameters, "nonce");
  const gchar *opaque = g_hash_table_lookup (parameters, "opaque");
  const gchar *algorithm = g_hash_table_lookup (parameters, "algorithm");
  const gchar *qop = g_hash_table_lookup (parameters, "qop");
  g_autofree gchar *a1 =
      hash (type, "%s:%s:%s", request->username, realm, request->password);
  g_autofree gchar *a2 = hash (type, "%s:%s", request->method, request->uri);
  g_autofree gchar *response = qop != NULL ? hash (type, "%s:%s:00000001:%s:auth:%s", a1,
                                                   nonce, request->cnonce, a2)
                                           : hash (type, "%s:%s:%s", a1, nonce, a2);
  g_autofree gchar *username = escape_quotes (request->username);
  g_autofree gchar *quoted_realm = escape_quotes (realm);
  g_autofree gchar *quoted_nonce = escape_quotes (nonce);
  GString *answer = g_string_new (NULL);

  g_string_append_printf (answer,
                          "Digest username=\"%s\", realm=\"%s\", nonce=\"%s\", "
                          "uri=\"%s\", response=\"%s\"",
                          username, quoted_realm, quoted_nonce, request->uri, response);
  if (algorithm != NULL)
    g_string_append_printf (answer, ", algorithm=%s", algorithm);
  if (qop != NULL)
    g_string_append_printf (answer, ", qop=auth, nc=00000001, cnonce=\"%s\"",
                            request->cnonce);
  if (opaque != NULL)
    {
      g_autofree gchar *quoted = escape_quotes (opaque);

      g_string_append_printf (answer, ", opaque=\"%s\"", quoted);
    }
  return g_string_free (answer, FALSE);
}

gchar *
nice_http_digest (const gchar *challenge, const NiceHttpRequest *request)
{
  g_autoptr (GHashTable) parameters = NULL;
  const gchar *algorithm, *qop;
  GChecksumType type = G_CHECKSUM_MD5;

  if (g_ascii_strncasecmp (challenge, "Digest ", 7) != 0)
    return NULL;
  parameters = parse_parameters (challenge + 7);
  algorithm = g_hash_table_lookup (parameters, "algorithm");
  qop = g_hash_table_lookup (parameters, "qop");
  if (g_hash_table_lookup (parameters, "realm") == NULL
      || g_hash_table_lookup (parameters, "nonce") == NULL
      || (qop != NULL && !offers_auth (qop)))
    return NULL;
  if (algorithm != NULL && g_ascii_strcasecmp (algorithm, "SHA-256") == 0)
    type = G_CHECKSUM_SHA256;
  else if (algorithm != NULL && g_ascii_strcasecmp (algorithm, "MD5") != 0)
    return NULL;
  return write_answer (parameters, type, request);
}
