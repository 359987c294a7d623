/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* NiceAddress: the value of an IPv4 or IPv6 address with its port, no more than the
 * system's sockaddr; it never asks the system anything. */
#pragma once

#include <glib-object.h>
#include <glib.h>

#include <sys/types.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

G_BEGIN_DECLS

typedef struct _NiceAddress NiceAddress;

struct _NiceAddress
{
#ifdef __GI_SCANNER__
  /* Bindings cannot see into the union. Told nothing of it they take an address for zero
   * bytes and misplace what follows one, as in NiceCandidate; so they are told its size.
   */
  /*< private >*/
  guint32 opaque[7];
#else
  union
  {
    struct sockaddr addr;
    struct sockaddr_in ip4;
    struct sockaddr_in6 ip6;
  } s;
#endif
};

#define NICE_ADDRESS_STRING_LEN INET6_ADDRSTRLEN
#define NICE_TYPE_ADDRESS nice_address_get_type ()

void nice_address_init (NiceAddress *addr);
NiceAddress *nice_address_new (void);
void nice_address_free (NiceAddress *addr);
NiceAddress *nice_address_dup (const NiceAddress *addr);
void nice_address_set_ipv4 (NiceAddress *addr, guint32 addr_ipv4);
void nice_address_set_ipv6 (NiceAddress *addr, const guchar *addr_ipv6);
void nice_address_set_port (NiceAddress *addr, guint port);
guint nice_address_get_port (const NiceAddress *addr);
gboolean nice_address_set_from_string (NiceAddress *addr, const gchar *str);
void nice_address_set_from_sockaddr (NiceAddress *addr, const struct sockaddr *sin);
void nice_address_copy_to_sockaddr (const NiceAddress *addr, struct sockaddr *sin);
gboolean nice_address_equal (const NiceAddress *a, const NiceAddress *b);
gboolean nice_address_equal_no_port (const NiceAddress *a, const NiceAddress *b);
void nice_address_to_string (const NiceAddress *addr, gchar *dst);
gchar *nice_address_dup_string (const NiceAddress *addr);
gboolean nice_address_is_private (const NiceAddress *addr);
gboolean nice_address_is_linklocal (const NiceAddress *addr);
G_GNUC_WARN_UNUSED_RESULT gboolean nice_address_is_valid (const NiceAddress *addr);
G_GNUC_WARN_UNUSED_RESULT int nice_address_ip_version (const NiceAddress *addr);
GType nice_address_get_type (void);

G_END_DECLS
