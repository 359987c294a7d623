/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Debian's proxies as they come, on loopback, for one test each. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define PROXY_USER "bob"
#define PROXY_PASSWORD "sesame"

typedef enum
{
  PROXY_MICROSOCKS,      /* SOCKS5 */
  PROXY_MICROSOCKS_AUTH, /* with name and password */
  PROXY_DANTE,           /* SOCKS5, the reference implementation */
  PROXY_TINYPROXY,       /* HTTP */
  PROXY_TINYPROXY_AUTH,  /* Basic */
  PROXY_SQUID_DIGEST     /* Digest */
} ProxyKind;

typedef struct
{
  GSubprocess *process;
  gchar *folder;
  guint16 port;
} Proxy;

/* FALSE: it is not installed. */
gboolean proxy_start (Proxy *self, ProxyKind kind);
void proxy_stop (Proxy *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Proxy, proxy_stop)

G_END_DECLS
