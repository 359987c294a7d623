/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Parsing, comparing and hashing addresses for the simulator. Knows no realm. */
#include "config.h"

#include "sim-address.h"

#include <string.h>

NiceAddress
sim_address (const gchar *text)
{
  NiceAddress address;
  g_autofree gchar *host = g_strdup (text);
  gchar *start = host;
  gchar *port = NULL;

  memset (&address, 0, sizeof address);
  if (host[0] == '[')
    {
      gchar *end = strchr (host, ']');

      g_assert (end != NULL);
      *end = '\0';
      start = host + 1;
      port = end[1] == ':' ? end + 2 : NULL;
    }
  else if (strchr (host, ':') != NULL && strchr (host, ':') == strrchr (host, ':'))
    {
      port = strchr (host, ':');
      *port++ = '\0';
    }

  if (inet_pton (AF_INET, start, &address.s.ip4.sin_addr) == 1)
    address.s.addr.sa_family = AF_INET;
  else if (inet_pton (AF_INET6, start, &address.s.ip6.sin6_addr) == 1)
    address.s.addr.sa_family = AF_INET6;
  else
    g_error ("\"%s\" is no address", text);
  return port == NULL ? address
                      : sim_address_with_port (
                          &address, (guint16)g_ascii_strtoull (port, NULL, 10));
}

NiceAddress
sim_address_with_port (const NiceAddress *address, guint16 port)
{
  NiceAddress copy = *address;

  /* sin_port and sin6_port lie at the same place. */
  copy.s.ip4.sin_port = g_htons (port);
  return copy;
}

guint16
sim_address_port (const NiceAddress *address)
{
  return g_ntohs (address->s.ip4.sin_port);
}

gint
sim_address_family (const NiceAddress *address)
{
  return address->s.addr.sa_family;
}

const gchar *
sim_address_format (const NiceAddress *address, gchar text[SIM_ADDRESS_TEXT])
{
  gchar host[INET6_ADDRSTRLEN] = "?";

  if (sim_address_family (address) == AF_INET6)
    {
      inet_ntop (AF_INET6, &address->s.ip6.sin6_addr, host, sizeof host);
      g_snprintf (text, SIM_ADDRESS_TEXT, "[%s]:%u", host, sim_address_port (address));
    }
  else
    {
      inet_ntop (AF_INET, &address->s.ip4.sin_addr, host, sizeof host);
      g_snprintf (text, SIM_ADDRESS_TEXT, "%s:%u", host, sim_address_port (address));
    }
  return text;
}

gboolean
sim_address_equal_ip (gconstpointer a, gconstpointer b)
{
  const NiceAddress *left = a, *right = b;

  if (sim_address_family (left) != sim_address_family (right))
    return FALSE;
  if (sim_address_family (left) == AF_INET6)
    return memcmp (&left->s.ip6.sin6_addr, &right->s.ip6.sin6_addr, 16) == 0;
  return left->s.ip4.sin_addr.s_addr == right->s.ip4.sin_addr.s_addr;
}

gboolean
sim_address_equal (gconstpointer a, gconstpointer b)
{
  return sim_address_port (a) == sim_address_port (b) && sim_address_equal_ip (a, b);
}

guint
sim_address_hash_ip (gconstpointer address)
{
  const NiceAddress *self = address;
  guint32 words[4];
  guint hash = 0;

  if (sim_address_family (self) != AF_INET6)
    return self->s.ip4.sin_addr.s_addr * 2654435761u;
  memcpy (words, &self->s.ip6.sin6_addr, sizeof words);
  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    hash = (hash ^ words[i]) * 2654435761u;
  return hash;
}

guint
sim_address_hash (gconstpointer address)
{
  return sim_address_hash_ip (address) ^ (sim_address_port (address) * 40503u);
}
