/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Decides when a tunnel through a SOCKS5 proxy stands: greeting, credentials where they
 * are asked for, request. Reads each reply to its last byte and no further; what follows
 * belongs to the tunnel. RFC 1928 3, 4, 6; RFC 1929 2. */
#include "config.h"

#include "socket/layer-socks5.h"

#include <string.h>

#define VERSION 5
#define CREDENTIALS_VERSION 1
#define COMMAND_CONNECT 1
#define MAX_REPLY (4 + 1 + 255 + 2)

enum
{
  METHOD_NONE = 0,
  METHOD_PASSWORD = 2,
  METHOD_UNACCEPTABLE = 0xFF
};

enum
{
  ADDRESS_IPV4 = 1,
  ADDRESS_NAME = 3,
  ADDRESS_IPV6 = 4
};

typedef enum
{
  WAIT_METHOD,
  WAIT_CREDENTIALS,
  WAIT_REQUEST
} Step;

typedef struct
{
  NiceLayer layer;
  Step step;
  NiceAddress target;
  gchar *username, *password;
  guint8 reply[MAX_REPLY];
  guint reply_len;
} Socks5;

static void
start (NiceLayer *layer, NiceLayerIo *io)
{
  Socks5 *self = (Socks5 *)layer;
  static const guint8 without[] = { VERSION, 1, METHOD_NONE };
  static const guint8 with[] = { VERSION, 2, METHOD_NONE, METHOD_PASSWORD };

  layer->deadline = io->now + NICE_SOCKS5_TIMEOUT;
  if (self->username == NULL)
    nice_layer_put_down (io, without, sizeof without, NULL);
  else
    nice_layer_put_down (io, with, sizeof with, NULL);
}

static void
append_text (GByteArray *bytes, const gchar *text)
{
  const guint8 length = MIN (strlen (text), 255);

  g_byte_array_append (bytes, &length, 1);
  g_byte_array_append (bytes, (const guint8 *)text, length);
}

static void
send_credentials (Socks5 *self, NiceLayerIo *io)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  const guint8 version = CREDENTIALS_VERSION;

  g_byte_array_append (bytes, &version, 1);
  append_text (bytes, self->username);
  append_text (bytes, self->password);
  nice_layer_put_down_copy (io, bytes->data, bytes->len, NULL);
  self->step = WAIT_CREDENTIALS;
}

static void
send_connect (Socks5 *self, NiceLayerIo *io)
{
  guint8 request[4 + 16 + 2] = { VERSION, COMMAND_CONNECT, 0, ADDRESS_IPV4 };
  guint8 *end = request + 4;
  const guint port = nice_address_get_port (&self->target);

  if (nice_address_ip_version (&self->target) == 6)
    {
      request[3] = ADDRESS_IPV6;
      memcpy (end, &self->target.s.ip6.sin6_addr, 16);
      end += 16;
    }
  else
    {
      memcpy (end, &self->target.s.ip4.sin_addr, 4);
      end += 4;
    }
  *end++ = port >> 8;
  *end++ = port & 0xFF;
  nice_layer_put_down_copy (io, request, end - request, NULL);
  self->step = WAIT_REQUEST;
}

/* --- replies --- */

/* How long the reply is, as far as its bytes tell; 0: it is broken. */
static guint
get_reply_size (const Socks5 *self)
{
  const guint8 *reply = self->reply;

  if (self->step != WAIT_REQUEST)
    return 2;
  if (self->reply_len < 5)
    return 5;
  switch (reply[3])
    {
    case ADDRESS_IPV4:
      return 4 + 4 + 2;
    case ADDRESS_IPV6:
      return 4 + 16 + 2;
    case ADDRESS_NAME:
      return 4 + 1 + reply[4] + 2;
    default:
      return 0;
    }
}

static void
refuse (Socks5 *self, guint8 code)
{
  static const gchar *const words[] = {
    "succeeded",
    "general SOCKS server failure",
    "connection not allowed by ruleset",
    "network unreachable",
    "host unreachable",
    "connection refused",
    "TTL expired",
    "command not supported",
    "address type not supported",
  };
  g_autofree gchar *detail =
      g_strdup_printf ("SOCKS proxy: %s (%u)",
                       code < G_N_ELEMENTS (words) ? words[code] : "unassigned", code);

  nice_layer_fail (&self->layer, NICE_FAULT_REFUSED, detail);
}

static void
handle_method (Socks5 *self, guint8 method, NiceLayerIo *io)
{
  if (method == METHOD_NONE)
    send_connect (self, io);
  else if (method == METHOD_PASSWORD && self->username != NULL)
    send_credentials (self, io);
  else if (method == METHOD_UNACCEPTABLE)
    nice_layer_fail (&self->layer, NICE_FAULT_UNAUTHORIZED,
                     "SOCKS proxy: no acceptable method of authentication");
  else
    nice_layer_fail (&self->layer, NICE_FAULT_PROTOCOL,
                     "SOCKS proxy: chose a method that was not offered");
}

static void
handle_reply (Socks5 *self, NiceLayerIo *io)
{
  const guint8 *reply = self->reply;
  const guint8 version = self->step == WAIT_CREDENTIALS ? CREDENTIALS_VERSION : VERSION;

  self->reply_len = 0;
  self->layer.deadline = io->now + NICE_SOCKS5_TIMEOUT;
  if (reply[0] != version)
    {
      nice_layer_fail (&self->layer, NICE_FAULT_PROTOCOL, "SOCKS proxy: wrong version");
      return;
    }
  switch (self->step)
    {
    case WAIT_METHOD:
      handle_method (self, reply[1], io);
      return;
    case WAIT_CREDENTIALS:
      if (reply[1] == 0)
        send_connect (self, io);
      else
        nice_layer_fail (&self->layer, NICE_FAULT_UNAUTHORIZED,
                         "SOCKS proxy: wrong name or password");
      return;
    case WAIT_REQUEST:
      if (reply[1] != 0)
        refuse (self, reply[1]);
      nice_layer_open (&self->layer);
      self->layer.deadline = NICE_LAYER_NEVER;
      return;
    }
}

/* Takes bytes up to the end of the reply under way; returns how many. */
static gsize
read_reply (Socks5 *self, const guint8 *data, gsize size, NiceLayerIo *io)
{
  gsize taken = 0;

  while (taken < size)
    {
      guint whole;

      self->reply[self->reply_len++] = data[taken++];
      /* Some refuse in fewer bytes than a reply has, and hang up. */
      if (self->step == WAIT_REQUEST && self->reply_len == 2 && self->reply[1] != 0)
        {
          handle_reply (self, io);
          break;
        }
      whole = get_reply_size (self);
      if (whole == 0)
        {
          nice_layer_fail (&self->layer, NICE_FAULT_PROTOCOL,
                           "SOCKS proxy: unknown type of address");
          break;
        }
      if (self->reply_len == whole)
        {
          handle_reply (self, io);
          break;
        }
    }
  return taken;
}

static void
receive (NiceLayer *layer, NicePacket *packets, guint n_packets, NiceLayerIo *io)
{
  for (guint i = 0; i < n_packets; i++)
    {
      NicePacket *run = &packets[i];

      while (run->size > run->skip && layer->state == NICE_LAYER_OPENING)
        {
          const gsize taken = read_reply ((Socks5 *)layer, run->data + run->skip,
                                          run->size - run->skip, io);

          run->data += taken;
          run->size -= taken;
        }
      run->from = ((Socks5 *)layer)->target; /* whoever carries it */
      if (run->size > run->skip && layer->state == NICE_LAYER_OPEN)
        nice_layer_put_up (io, run->data + run->skip, run->size - run->skip, run);
    }
}

static void
handle_timeout (NiceLayer *layer, NiceLayerIo *io)
{
  nice_layer_fail (layer, NICE_FAULT_TIMEOUT, "SOCKS proxy: no reply");
}

static void
free_layer (NiceLayer *layer)
{
  Socks5 *self = (Socks5 *)layer;

  g_free (self->username);
  g_free (self->password);
  nice_layer_clear (layer);
  g_free (self);
}

static const NiceLayerClass socks5_class = {
  .name = "socks5",
  .start = start,
  .receive = receive,
  .free = free_layer,
  .handle_timeout = handle_timeout,
};

NiceLayer *
nice_layer_socks5_new (const NiceSocks5Config *config)
{
  Socks5 *self = g_new0 (Socks5, 1);

  nice_layer_init (&self->layer, &socks5_class, NICE_LAYER_OPENING);
  self->target = config->target;
  self->username = g_strdup (config->username);
  self->password = g_strdup (config->password != NULL ? config->password : "");
  return &self->layer;
}
