/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Decides when a tunnel through an HTTP proxy stands. Reads a reply as far as its blank
 * line and no further; what follows belongs to the tunnel. RFC 7231 4.3.6. */
#include "config.h"

#include "socket/layer-http.h"

#include <string.h>

#include "socket/layer-http-digest.h"

typedef struct
{
  NiceLayer layer;
  NiceAddress target;
  NiceLayerEnv env;
  gchar *authority; /* "192.0.2.1:3478", "[2001:db8::1]:3478" */
  gchar *username, *password;
  GHashTable *headers;
  GByteArray *reply;
  gsize skip;    /* bytes of a body that are still to come */
  gchar *answer; /* to a challenge; NULL: there was none yet */
} Http;

static gboolean
is_clean (const gchar *text)
{
  return strpbrk (text, "\r\n") == NULL;
}

static void
send_request (Http *self, NiceLayerIo *io)
{
  GString *request = g_string_new (NULL);
  GHashTableIter iter;
  gpointer name, value;

  g_string_append_printf (request, "CONNECT %s HTTP/1.1\r\nHost: %s\r\n", self->authority,
                          self->authority);
  if (self->answer != NULL)
    g_string_append_printf (request, "Proxy-Authorization: %s\r\n", self->answer);
  else if (self->username != NULL)
    {
      g_autofree gchar *basic = nice_http_basic (self->username, self->password);

      g_string_append_printf (request, "Proxy-Authorization: %s\r\n", basic);
    }
  if (self->headers != NULL)
    {
      g_hash_table_iter_init (&iter, self->headers);
      while (g_hash_table_iter_next (&iter, &name, &value))
        if (is_clean (name) && is_clean (value))
          g_string_append_printf (request, "%s: %s\r\n", (gchar *)name, (gchar *)value);
    }
  g_string_append (request, "\r\n");
  nice_layer_put_down_copy (io, request->str, request->len, NULL);
  g_string_free (request, TRUE);
}

static void
start (NiceLayer *layer, NiceLayerIo *io)
{
  layer->deadline = io->now + NICE_HTTP_TIMEOUT;
  send_request ((Http *)layer, io);
}

/* --- the reply --- */

/* The value of a header of the lines, or NULL; *lines moves behind it, so that the next
 * call finds the next one of that name. */
static const gchar *
find_header (gchar ***lines, const gchar *name)
{
  const gsize length = strlen (name);

  for (; **lines != NULL; (*lines)++)
    {
      const gchar *line = **lines;

      if (g_ascii_strncasecmp (line, name, length) == 0 && line[length] == ':')
        {
          (*lines)++;
          line += length + 1;
          return line + strspn (line, " \t");
        }
    }
  return NULL;
}

static gchar *
make_cnonce (Http *self)
{
  guint8 bytes[16];
  GString *text = g_string_new (NULL);

  self->env.random (self->env.data, bytes, sizeof bytes);
  for (guint i = 0; i < sizeof bytes; i++)
    g_string_append_printf (text, "%02x", bytes[i]);
  return g_string_free (text, FALSE);
}

static gchar *
answer_challenge (Http *self, gchar **lines)
{
  g_autofree gchar *cnonce = make_cnonce (self);
  const NiceHttpRequest request = { self->username, self->password, "CONNECT",
                                    self->authority, cnonce };
  const gchar *challenge;
  gchar *answer = NULL;

  while (answer == NULL
         && (challenge = find_header (&lines, "Proxy-Authenticate")) != NULL)
    answer = nice_http_digest (challenge, &request);
  return answer;
}

/* Whether the next reply comes on this connection, behind a body of known length. */
static gboolean
goes_on (gchar **lines, gsize *body)
{
  gchar **from = lines;
  const gchar *value = find_header (&from, "Content-Length");
  guint64 length = 0;

  if (value != NULL
      && !g_ascii_string_to_unsigned (value, 10, 0, NICE_HTTP_MAX_BODY, &length, NULL))
    return FALSE;
  *body = length;
  from = lines;
  if (find_header (&from, "Transfer-Encoding") != NULL)
    return FALSE;
  from = lines;
  while ((value = find_header (&from, "Connection")) != NULL)
    if (g_ascii_strncasecmp (value, "close", 5) == 0)
      return FALSE;
  return g_str_has_prefix (lines[0], "HTTP/1.1");
}

static void
refuse (Http *self, NiceLayerFault fault, const gchar *status_line)
{
  g_autofree gchar *printable = g_strndup (status_line, 100);
  g_autofree gchar *detail = NULL;

  for (gchar *c = printable; *c != '\0'; c++)
    if (!g_ascii_isprint (*c))
      *c = '?';
  detail = g_strdup_printf ("HTTP proxy said: %s", printable);
  nice_layer_fail (&self->layer, fault, detail);
}

/* TRUE: ask again. */
static gboolean
handle_challenge (Http *self, gchar **lines)
{
  if (self->username != NULL && self->answer == NULL && goes_on (lines, &self->skip))
    self->answer = answer_challenge (self, lines);
  else
    g_clear_pointer (&self->answer, g_free);
  if (self->answer == NULL)
    refuse (self, NICE_FAULT_UNAUTHORIZED, lines[0]);
  return self->answer != NULL;
}

static void
handle_reply (Http *self, gchar *text, NiceLayerIo *io)
{
  g_auto (GStrv) lines = g_strsplit (text, "\r\n", -1);
  const gchar *status = lines[0] != NULL ? lines[0] : "";
  guint64 code = 0;
  g_autofree gchar *number = NULL;

  if (!g_str_has_prefix (status, "HTTP/1.") || strlen (status) < 12 || status[8] != ' ')
    {
      nice_layer_fail (&self->layer, NICE_FAULT_PROTOCOL, "HTTP proxy: no status line");
      return;
    }
  number = g_strndup (status + 9, 3);
  if (!g_ascii_string_to_unsigned (number, 10, 100, 599, &code, NULL))
    nice_layer_fail (&self->layer, NICE_FAULT_PROTOCOL, "HTTP proxy: no status code");
  else if (code >= 200 && code < 300)
    {
      nice_layer_open (&self->layer);
      self->layer.deadline = NICE_LAYER_NEVER;
    }
  else if (code == 407)
    {
      if (handle_challenge (self, lines))
        send_request (self, io);
    }
  else if (code >= 200)
    refuse (self, NICE_FAULT_REFUSED, status);
  /* 1xx: the real reply follows */
}

/* Takes bytes up to the end of the header block; returns how many. */
static gsize
read_reply (Http *self, const guint8 *data, gsize size, NiceLayerIo *io)
{
  GByteArray *reply = self->reply;
  gsize taken = 0;

  while (taken < size)
    {
      g_byte_array_append (reply, data + taken++, 1);
      if (reply->len >= 4 && memcmp (reply->data + reply->len - 4, "\r\n\r\n", 4) == 0)
        {
          g_autofree gchar *text = g_strndup ((gchar *)reply->data, reply->len - 4);

          g_byte_array_set_size (reply, 0);
          handle_reply (self, text, io);
          return taken;
        }
      if (reply->len >= NICE_HTTP_MAX_REPLY)
        {
          nice_layer_fail (&self->layer, NICE_FAULT_PROTOCOL,
                           "HTTP proxy: endless reply");
          return taken;
        }
    }
  return taken;
}

static void
receive (NiceLayer *layer, NicePacket *packets, guint n_packets, NiceLayerIo *io)
{
  Http *self = (Http *)layer;

  for (guint i = 0; i < n_packets; i++)
    {
      guint8 *data = packets[i].data + packets[i].skip;
      gsize size = packets[i].size - packets[i].skip;

      while (size > 0 && layer->state == NICE_LAYER_OPENING)
        {
          const gsize body = MIN (self->skip, size);
          const gsize taken = body > 0 ? body : read_reply (self, data, size, io);

          self->skip -= body;
          data += taken;
          size -= taken;
        }
      packets[i].from = self->target; /* whoever carries it */
      if (size > 0 && layer->state == NICE_LAYER_OPEN)
        nice_layer_put_up (io, data, size, &packets[i]);
    }
}

static void
handle_timeout (NiceLayer *layer, NiceLayerIo *io)
{
  nice_layer_fail (layer, NICE_FAULT_TIMEOUT, "HTTP proxy: no reply");
}

static void
free_layer (NiceLayer *layer)
{
  Http *self = (Http *)layer;

  g_free (self->authority);
  g_free (self->username);
  g_free (self->password);
  g_free (self->answer);
  g_clear_pointer (&self->headers, g_hash_table_unref);
  g_byte_array_unref (self->reply);
  nice_layer_clear (layer);
  g_free (self);
}

static const NiceLayerClass http_class = {
  .name = "http",
  .receive = receive,
  .start = start,
  .handle_timeout = handle_timeout,
  .free = free_layer,
};

NiceLayer *
nice_layer_http_new (const NiceHttpConfig *config, const NiceLayerEnv *env)
{
  Http *self = g_new0 (Http, 1);
  gchar host[NICE_ADDRESS_STRING_LEN];

  nice_layer_init (&self->layer, &http_class, NICE_LAYER_OPENING);
  self->env = *env;
  self->target = config->target;
  nice_address_to_string (&config->target, host);
  self->authority = g_strdup_printf (strchr (host, ':') != NULL ? "[%s]:%u" : "%s:%u",
                                     host, nice_address_get_port (&config->target));
  self->username = g_strdup (config->username);
  self->password = g_strdup (config->password != NULL ? config->password : "");
  self->headers = config->headers != NULL ? g_hash_table_ref (config->headers) : NULL;
  self->reply = g_byte_array_new ();
  return &self->layer;
}
