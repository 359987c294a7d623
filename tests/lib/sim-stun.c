/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The STUN codec of the simulated servers (RFC 8489 5 and 14). It knows no server and no
 * credentials; and it must never use the library's codec. */
#include "config.h"

#include "sim-stun.h"

#include <string.h>

#define COOKIE 0x2112a442u
#define HEADER 20
#define INTEGRITY_LEN 20

static guint
get16 (const guint8 *data)
{
  return ((guint)data[0] << 8) | data[1];
}

static void
put16 (guint8 *data, guint value)
{
  data[0] = (guint8)(value >> 8);
  data[1] = (guint8)value;
}

static void
put32 (guint8 *data, guint32 value)
{
  put16 (data, value >> 16);
  put16 (data + 2, value & 0xffff);
}

static guint
padded (guint len)
{
  return (len + 3) & ~3u;
}

/* --- Reading --- */

gboolean
sim_stun_is_message (const guint8 *data, gsize size)
{
  return size >= HEADER && (data[0] & 0xc0) == 0 && get16 (data + 2) + HEADER == size
         && ((guint32)get16 (data + 4) << 16 | get16 (data + 6)) == COOKIE;
}

SimStunClass
sim_stun_get_class (const guint8 *data)
{
  return (SimStunClass)(get16 (data) & 0x110);
}

guint
sim_stun_get_method (const guint8 *data)
{
  guint type = get16 (data);

  return (type & 0x000f) | (type & 0x00e0) >> 1 | (type & 0x3e00) >> 2;
}

const guint8 *
sim_stun_get_id (const guint8 *data)
{
  return data + 8;
}

const guint8 *
sim_stun_find (const guint8 *data, gsize size, guint attribute, guint *len)
{
  gsize at = HEADER;

  while (at + 4 <= size)
    {
      guint length = get16 (data + at + 2);

      if (at + 4 + length > size)
        return NULL;
      if (get16 (data + at) == attribute)
        {
          if (len != NULL)
            *len = length;
          return data + at + 4;
        }
      at += 4 + padded (length);
    }
  return NULL;
}

/* RFC 8489 14.2: the mask is the cookie, followed by the transaction id. */
static void
mask_address (guint8 *value, guint len, const guint8 *header)
{
  for (guint i = 4; i < len; i++)
    value[i] ^= header[i];
  value[2] ^= header[4];
  value[3] ^= header[5];
}

gboolean
sim_stun_find_xor_address (const guint8 *data, gsize size, guint attribute,
                           NiceAddress *address)
{
  guint8 value[20];
  guint len;
  const guint8 *found = sim_stun_find (data, size, attribute, &len);

  if (found == NULL || (len != 8 && len != 20))
    return FALSE;
  memcpy (value, found, len);
  mask_address (value, len, data);
  memset (address, 0, sizeof *address);
  if (len == 8)
    {
      address->s.addr.sa_family = AF_INET;
      memcpy (&address->s.ip4.sin_addr, value + 4, 4);
    }
  else
    {
      address->s.addr.sa_family = AF_INET6;
      memcpy (&address->s.ip6.sin6_addr, value + 4, 16);
    }
  *address = sim_address_with_port (address, (guint16)get16 (value + 2));
  return TRUE;
}

/* RFC 8489 14.5: over everything before the attribute, with the length of a message that
 * ends with it. */
static void
compute_integrity (const guint8 *data, gsize before, const guint8 *key, gsize key_len,
                   guint8 digest[INTEGRITY_LEN])
{
  g_autoptr (GHmac) hmac = g_hmac_new (G_CHECKSUM_SHA1, key, key_len);
  guint8 head[HEADER];
  gsize len = INTEGRITY_LEN;

  memcpy (head, data, HEADER);
  put16 (head + 2, (guint)before - HEADER + 4 + INTEGRITY_LEN);
  g_hmac_update (hmac, head, HEADER);
  g_hmac_update (hmac, data + HEADER, (gssize)(before - HEADER));
  g_hmac_get_digest (hmac, digest, &len);
}

gboolean
sim_stun_check_integrity (const guint8 *data, gsize size, const guint8 *key,
                          gsize key_len)
{
  guint8 digest[INTEGRITY_LEN];
  guint len;
  const guint8 *value = sim_stun_find (data, size, SIM_STUN_MESSAGE_INTEGRITY, &len);

  if (value == NULL || len != INTEGRITY_LEN)
    return FALSE;
  compute_integrity (data, (gsize)(value - 4 - data), key, key_len, digest);
  return memcmp (value, digest, INTEGRITY_LEN) == 0;
}

/* --- Writing --- */

void
sim_stun_begin (SimStunMessage *self, SimStunClass message_class, guint method,
                const guint8 *id)
{
  guint type = (guint)message_class | (method & 0x000f) | (method & 0x0070) << 1
               | (method & 0x0f80) << 2;

  put16 (self->data, type);
  put16 (self->data + 2, 0);
  put32 (self->data + 4, COOKIE);
  memcpy (self->data + 8, id, SIM_STUN_ID);
  self->size = HEADER;
}

void
sim_stun_add (SimStunMessage *self, guint attribute, const guint8 *value, guint len)
{
  g_assert (self->size + 4 + padded (len) <= sizeof self->data);
  put16 (self->data + self->size, attribute);
  put16 (self->data + self->size + 2, len);
  memset (self->data + self->size + 4, 0, padded (len));
  memcpy (self->data + self->size + 4, value, len);
  self->size += 4 + padded (len);
  put16 (self->data + 2, (guint)self->size - HEADER);
}

void
sim_stun_add_uint32 (SimStunMessage *self, guint attribute, guint32 value)
{
  guint8 bytes[4];

  put32 (bytes, value);
  sim_stun_add (self, attribute, bytes, sizeof bytes);
}

static guint
write_address (guint8 value[20], const NiceAddress *address)
{
  gboolean is_ipv6 = sim_address_family (address) == AF_INET6;

  value[0] = 0;
  value[1] = is_ipv6 ? 2 : 1;
  put16 (value + 2, sim_address_port (address));
  if (is_ipv6)
    memcpy (value + 4, &address->s.ip6.sin6_addr, 16);
  else
    memcpy (value + 4, &address->s.ip4.sin_addr, 4);
  return is_ipv6 ? 20 : 8;
}

void
sim_stun_add_address (SimStunMessage *self, guint attribute, const NiceAddress *address)
{
  guint8 value[20];
  guint len = write_address (value, address);

  sim_stun_add (self, attribute, value, len);
}

void
sim_stun_add_xor_address (SimStunMessage *self, guint attribute,
                          const NiceAddress *address)
{
  guint8 value[20];
  guint len = write_address (value, address);

  mask_address (value, len, self->data);
  sim_stun_add (self, attribute, value, len);
}

void
sim_stun_add_error (SimStunMessage *self, guint code, const gchar *reason)
{
  guint8 value[4 + 64] = { 0, 0, (guint8)(code / 100), (guint8)(code % 100) };
  guint len = (guint)MIN (strlen (reason), 64);

  memcpy (value + 4, reason, len);
  sim_stun_add (self, SIM_STUN_ERROR_CODE, value, 4 + len);
}

void
sim_stun_add_integrity (SimStunMessage *self, const guint8 *key, gsize key_len)
{
  guint8 digest[INTEGRITY_LEN];

  compute_integrity (self->data, self->size, key, key_len, digest);
  sim_stun_add (self, SIM_STUN_MESSAGE_INTEGRITY, digest, INTEGRITY_LEN);
}
