/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Transport addresses as values: how they are written, read, compared and classed. It
 * must not know sockets, and never asks a name server. RFC 1918, RFC 3927, RFC 4193, RFC
 * 4291. */
#include "config.h"

#include "socket/address.h"

#include <netdb.h>
#include <string.h>

/**
 * NiceAddress:
 *
 * An IPv4 or IPv6 address with a port.
 *
 * It is a plain value: it may live on the stack, be copied by assignment and be compared
 * with [method@Nice.Address.equal]. The members are the platform's socket addresses;
 * bindings use the methods.
 */
G_DEFINE_BOXED_TYPE (NiceAddress, nice_address, nice_address_dup, nice_address_free)

/**
 * nice_address_init:
 * @addr: the address to initialise
 *
 * Makes @addr an address of no family: valid to pass around, not to send to.
 */
void
nice_address_init (NiceAddress *addr)
{
  g_return_if_fail (addr != NULL);

  memset (addr, 0, sizeof *addr);
  addr->s.addr.sa_family = AF_UNSPEC;
}

/**
 * nice_address_new: (constructor)
 *
 * Allocates an address of no family.
 *
 * Returns: (transfer full): the address; free it with [method@Nice.Address.free]
 */
NiceAddress *
nice_address_new (void)
{
  NiceAddress *addr = g_slice_new (NiceAddress);

  nice_address_init (addr);
  return addr;
}

/**
 * nice_address_free:
 * @addr: (nullable): an address from [ctor@Nice.Address.new] or [method@Nice.Address.dup]
 *
 * Frees @addr.
 */
void
nice_address_free (NiceAddress *addr)
{
  g_slice_free (NiceAddress, addr);
}

/**
 * nice_address_dup:
 * @addr: the address to copy
 *
 * Copies @addr to the heap.
 *
 * Returns: (transfer full): the copy; free it with [method@Nice.Address.free]
 */
NiceAddress *
nice_address_dup (const NiceAddress *addr)
{
  g_return_val_if_fail (addr != NULL, NULL);

  return g_slice_dup (NiceAddress, addr);
}

/**
 * nice_address_set_ipv4:
 * @addr: the address to set
 * @addr_ipv4: an IPv4 address in host byte order
 *
 * Makes @addr that IPv4 address, with port 0.
 */
void
nice_address_set_ipv4 (NiceAddress *addr, guint32 addr_ipv4)
{
  g_return_if_fail (addr != NULL);

  memset (addr, 0, sizeof *addr);
  addr->s.ip4.sin_family = AF_INET;
  addr->s.ip4.sin_addr.s_addr = htonl (addr_ipv4);
}

/**
 * nice_address_set_ipv6:
 * @addr: the address to set
 * @addr_ipv6: the sixteen bytes of an IPv6 address
 *
 * Makes @addr that IPv6 address, with port 0 and no scope.
 */
void
nice_address_set_ipv6 (NiceAddress *addr, const guchar *addr_ipv6)
{
  g_return_if_fail (addr != NULL);
  g_return_if_fail (addr_ipv6 != NULL);

  memset (addr, 0, sizeof *addr);
  addr->s.ip6.sin6_family = AF_INET6;
  memcpy (addr->s.ip6.sin6_addr.s6_addr, addr_ipv6, 16);
}

/**
 * nice_address_set_port:
 * @addr: an address that has a family
 * @port: the port, in host byte order, up to 65535
 *
 * Sets the port of @addr.
 */
void
nice_address_set_port (NiceAddress *addr, guint port)
{
  g_return_if_fail (addr != NULL);
  g_return_if_fail (port <= G_MAXUINT16);

  switch (addr->s.addr.sa_family)
    {
    case AF_INET:
      addr->s.ip4.sin_port = htons ((guint16)port);
      break;
    case AF_INET6:
      addr->s.ip6.sin6_port = htons ((guint16)port);
      break;
    default:
      g_return_if_reached ();
    }
}

/**
 * nice_address_get_port:
 * @addr: (nullable): an address that has a family
 *
 * Gets the port.
 *
 * Returns: the port of @addr in host byte order; 0 when @addr is %NULL
 */
guint
nice_address_get_port (const NiceAddress *addr)
{
  if (addr == NULL)
    return 0;

  switch (addr->s.addr.sa_family)
    {
    case AF_INET:
      return ntohs (addr->s.ip4.sin_port);
    case AF_INET6:
      return ntohs (addr->s.ip6.sin6_port);
    default:
      g_return_val_if_reached (0);
    }
}

/* A twentieth of what getaddrinfo() costs. */
static gboolean
set_from_usual_string (NiceAddress *addr, const gchar *str)
{
  struct sockaddr_in ip4 = { .sin_family = AF_INET };
  struct sockaddr_in6 ip6 = { .sin6_family = AF_INET6 };

  if (inet_pton (AF_INET, str, &ip4.sin_addr) == 1)
    nice_address_set_from_sockaddr (addr, (const struct sockaddr *)&ip4);
  else if (inet_pton (AF_INET6, str, &ip6.sin6_addr) == 1)
    nice_address_set_from_sockaddr (addr, (const struct sockaddr *)&ip6);
  else
    return FALSE;
  return TRUE;
}

/**
 * nice_address_set_from_string:
 * @addr: the address to set
 * @str: an IPv4 or IPv6 address in figures, the latter with a `%scope` if need be
 *
 * Reads an address; the port becomes 0. Names are never looked up.
 *
 * Returns: %FALSE if @str is no address; @addr is untouched then
 */
gboolean
nice_address_set_from_string (NiceAddress *addr, const gchar *str)
{
  const struct addrinfo hints = { .ai_flags = AI_NUMERICHOST, .ai_socktype = SOCK_DGRAM };
  struct addrinfo *found = NULL;
  gboolean known;

  g_return_val_if_fail (addr != NULL, FALSE);

  if (str == NULL)
    return FALSE;
  if (set_from_usual_string (addr, str))
    return TRUE;
  /* Programs rely on "fe80::1%eth0" and on "127.1". */
  if (getaddrinfo (str, NULL, &hints, &found) != 0)
    return FALSE;

  known = found->ai_family == AF_INET || found->ai_family == AF_INET6;
  if (known)
    nice_address_set_from_sockaddr (addr, found->ai_addr);
  freeaddrinfo (found);
  return known;
}

/**
 * nice_address_set_from_sockaddr:
 * @addr: the address to set
 * @sin: (type gpointer): a `struct sockaddr_in` or `struct sockaddr_in6`
 *
 * Copies address, port and scope of @sin.
 */
void
nice_address_set_from_sockaddr (NiceAddress *addr, const struct sockaddr *sin)
{
  g_return_if_fail (addr != NULL);
  g_return_if_fail (sin != NULL);

  switch (sin->sa_family)
    {
    case AF_INET:
      nice_address_init (addr);
      memcpy (&addr->s.ip4, sin, sizeof addr->s.ip4);
      break;
    case AF_INET6:
      memcpy (&addr->s.ip6, sin, sizeof addr->s.ip6);
      break;
    default:
      g_return_if_reached ();
    }
}

/**
 * nice_address_copy_to_sockaddr:
 * @addr: an address that has a family
 * @sin: (type gpointer): room for a `struct sockaddr_in` or `struct sockaddr_in6`, as
 *   the family needs
 *
 * Writes @addr as a socket address.
 */
void
nice_address_copy_to_sockaddr (const NiceAddress *addr, struct sockaddr *sin)
{
  g_return_if_fail (addr != NULL);
  g_return_if_fail (sin != NULL);

  switch (addr->s.addr.sa_family)
    {
    case AF_INET:
      memcpy (sin, &addr->s.ip4, sizeof addr->s.ip4);
      break;
    case AF_INET6:
      memcpy (sin, &addr->s.ip6, sizeof addr->s.ip6);
      break;
    default:
      g_return_if_reached ();
    }
}

/* A scope of 0 says nothing: the peer's text has none where our kernel reports one. */
static gboolean
is_same_ip6 (const struct sockaddr_in6 *a, const struct sockaddr_in6 *b)
{
  return memcmp (&a->sin6_addr, &b->sin6_addr, sizeof a->sin6_addr) == 0
         && (a->sin6_scope_id == b->sin6_scope_id || a->sin6_scope_id == 0
             || b->sin6_scope_id == 0);
}

/**
 * nice_address_equal:
 * @a: an address that has a family
 * @b: another
 *
 * Compares family, address and port. Scopes of IPv6 addresses are compared where both
 * have one.
 *
 * Returns: %TRUE if they are equal
 */
gboolean
nice_address_equal (const NiceAddress *a, const NiceAddress *b)
{
  g_return_val_if_fail (a != NULL && b != NULL, FALSE);

  if (a->s.addr.sa_family != b->s.addr.sa_family)
    return FALSE;

  switch (a->s.addr.sa_family)
    {
    case AF_INET:
      return a->s.ip4.sin_addr.s_addr == b->s.ip4.sin_addr.s_addr
             && a->s.ip4.sin_port == b->s.ip4.sin_port;
    case AF_INET6:
      return a->s.ip6.sin6_port == b->s.ip6.sin6_port
             && is_same_ip6 (&a->s.ip6, &b->s.ip6);
    default:
      g_return_val_if_reached (FALSE);
    }
}

/**
 * nice_address_equal_no_port:
 * @a: an address that has a family
 * @b: another
 *
 * Compares as [method@Nice.Address.equal] does, leaving the port out.
 *
 * Returns: %TRUE if they are equal but for the port
 * Since: 0.1.8
 */
gboolean
nice_address_equal_no_port (const NiceAddress *a, const NiceAddress *b)
{
  g_return_val_if_fail (a != NULL && b != NULL, FALSE);

  if (a->s.addr.sa_family != b->s.addr.sa_family)
    return FALSE;

  switch (a->s.addr.sa_family)
    {
    case AF_INET:
      return a->s.ip4.sin_addr.s_addr == b->s.ip4.sin_addr.s_addr;
    case AF_INET6:
      return is_same_ip6 (&a->s.ip6, &b->s.ip6);
    default:
      g_return_val_if_reached (FALSE);
    }
}

/**
 * nice_address_to_string: (skip)
 * @addr: an address that has a family
 * @dst: room for %NICE_ADDRESS_STRING_LEN bytes
 *
 * Writes the address in figures, without port, scope and brackets.
 */
void
nice_address_to_string (const NiceAddress *addr, gchar *dst)
{
  g_return_if_fail (addr != NULL);
  g_return_if_fail (dst != NULL);

  switch (addr->s.addr.sa_family)
    {
    case AF_INET:
      inet_ntop (AF_INET, &addr->s.ip4.sin_addr, dst, NICE_ADDRESS_STRING_LEN);
      break;
    case AF_INET6:
      inet_ntop (AF_INET6, &addr->s.ip6.sin6_addr, dst, NICE_ADDRESS_STRING_LEN);
      break;
    default:
      g_return_if_reached ();
    }
}

/**
 * nice_address_dup_string:
 * @addr: an address
 *
 * Writes the address as [method@Nice.Address.to_string] does, to the heap.
 *
 * Returns: (transfer full): the text; empty if @addr has no family
 * Since: 0.1.20
 */
gchar *
nice_address_dup_string (const NiceAddress *addr)
{
  gchar text[NICE_ADDRESS_STRING_LEN] = "";

  nice_address_to_string (addr, text);
  return g_strdup (text);
}

static gboolean
is_ip4_linklocal (guint32 ip)
{
  return (ip & 0xffff0000) == 0xa9fe0000; /* RFC 3927: 169.254/16 */
}

static gboolean
is_ip4_private (guint32 ip)
{
  return (ip & 0xff000000) == 0x0a000000    /* RFC 1918: 10/8 */
         || (ip & 0xfff00000) == 0xac100000 /* 172.16/12 */
         || (ip & 0xffff0000) == 0xc0a80000 /* 192.168/16 */
         || (ip & 0xff000000) == 0x7f000000 /* RFC 1122 3.2.1.3: 127/8 */
         || is_ip4_linklocal (ip);
}

/* An address that only wraps an IPv4 one is as private as what it wraps: filters have
 * been walked around with "::ffff:10.0.0.1". */
static guint32
unwrap_ip4 (const struct in6_addr *ip)
{
  guint32 inner;

  memcpy (&inner, ip->s6_addr + 12, sizeof inner);
  return ntohl (inner);
}

/**
 * nice_address_is_private:
 * @addr: an address
 *
 * Says whether @addr is of a range that is not routed on the Internet: private (RFC 1918,
 * RFC 4193), link-local or loopback.
 *
 * Returns: %TRUE if it is
 */
gboolean
nice_address_is_private (const NiceAddress *addr)
{
  const struct in6_addr *ip;

  g_return_val_if_fail (addr != NULL, FALSE);

  switch (addr->s.addr.sa_family)
    {
    case AF_INET:
      return is_ip4_private (ntohl (addr->s.ip4.sin_addr.s_addr));
    case AF_INET6:
      ip = &addr->s.ip6.sin6_addr;
      return IN6_IS_ADDR_LINKLOCAL (ip)         /* RFC 4291 2.5.6: fe80::/10 */
             || (ip->s6_addr[0] & 0xfe) == 0xfc /* RFC 4193: fc00::/7 */
             || IN6_IS_ADDR_LOOPBACK (ip)
             || (IN6_IS_ADDR_V4MAPPED (ip) && is_ip4_private (unwrap_ip4 (ip)));
    default:
      g_return_val_if_reached (FALSE);
    }
}

/**
 * nice_address_is_linklocal:
 * @addr: an address
 *
 * Says whether @addr is link-local: 169.254/16 or fe80::/10.
 *
 * Returns: %TRUE if it is
 * Since: 0.1.19
 */
gboolean
nice_address_is_linklocal (const NiceAddress *addr)
{
  g_return_val_if_fail (addr != NULL, FALSE);

  switch (addr->s.addr.sa_family)
    {
    case AF_INET:
      return is_ip4_linklocal (ntohl (addr->s.ip4.sin_addr.s_addr));
    case AF_INET6:
      return IN6_IS_ADDR_LINKLOCAL (&addr->s.ip6.sin6_addr);
    default:
      g_return_val_if_reached (FALSE);
    }
}

/**
 * nice_address_is_valid:
 * @addr: an address
 *
 * Asks whether there is an address at all.
 *
 * Returns: %TRUE if @addr has a family, so that the other functions accept it
 */
gboolean
nice_address_is_valid (const NiceAddress *addr)
{
  return nice_address_ip_version (addr) != 0;
}

/**
 * nice_address_ip_version:
 * @addr: an address
 *
 * Asks for the family of the address.
 *
 * Returns: 4 or 6; 0 if @addr has no family
 * Since: 0.1.4
 */
int
nice_address_ip_version (const NiceAddress *addr)
{
  g_return_val_if_fail (addr != NULL, 0);

  switch (addr->s.addr.sa_family)
    {
    case AF_INET:
      return 4;
    case AF_INET6:
      return 6;
    default:
      return 0;
    }
}
