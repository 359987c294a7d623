/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A transport address as STUN carries it: family, IP address, port (RFC 8489 14.1).
 *
 * stun/ lies below socket/ and must not know NiceAddress; the layout of the two is the
 * same (28 bytes, socket/ asserts it), so that a pointer to one may be cast to the other.
 */
#pragma once

#include <glib.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

G_BEGIN_DECLS

typedef struct
{
  union
  {
    struct sockaddr addr;
    struct sockaddr_in ip4;
    struct sockaddr_in6 ip6;
  } s;
} StunAddress;

G_STATIC_ASSERT (sizeof (StunAddress) == 28);

static inline guint16
stun_address_get_port (const StunAddress *self)
{
  return GUINT16_FROM_BE (self->s.addr.sa_family == AF_INET6 ? self->s.ip6.sin6_port
                                                             : self->s.ip4.sin_port);
}

static inline gboolean
stun_address_is_ip (const StunAddress *self)
{
  return self->s.addr.sa_family == AF_INET || self->s.addr.sa_family == AF_INET6;
}

/* The size that socket calls want; 0 when the family is neither IPv4 nor IPv6. */
static inline gsize
stun_address_get_size (const StunAddress *self)
{
  if (self->s.addr.sa_family == AF_INET)
    return sizeof self->s.ip4;
  return self->s.addr.sa_family == AF_INET6 ? sizeof self->s.ip6 : 0;
}

/* FALSE, and self untouched, for other families and for len shorter than the family's. */
static inline gboolean
stun_address_set (StunAddress *self, const void *sockaddr, gsize len)
{
  StunAddress copy;

  memset (&copy, 0, sizeof copy);
  if (len < sizeof copy.s.addr.sa_family)
    return FALSE;
  memcpy (&copy, sockaddr, MIN (len, sizeof copy));
  if (!stun_address_is_ip (&copy) || len < stun_address_get_size (&copy))
    return FALSE;
  *self = copy;
  return TRUE;
}

/* Same family, IP address and port. Scope ids stay out of it: they are not on the wire.
 */
static inline gboolean
stun_address_equal (const StunAddress *a, const StunAddress *b)
{
  if (a->s.addr.sa_family != b->s.addr.sa_family)
    return FALSE;
  if (a->s.addr.sa_family == AF_INET)
    return a->s.ip4.sin_port == b->s.ip4.sin_port
           && a->s.ip4.sin_addr.s_addr == b->s.ip4.sin_addr.s_addr;
  return a->s.addr.sa_family == AF_INET6 && a->s.ip6.sin6_port == b->s.ip6.sin6_port
         && memcmp (&a->s.ip6.sin6_addr, &b->s.ip6.sin6_addr, 16) == 0;
}

G_END_DECLS
