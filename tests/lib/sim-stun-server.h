/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A STUN server on a simulated host: Binding over UDP (RFC 8489 12), well behaved or not.
 */
#pragma once

#include "sim-host.h"

G_BEGIN_DECLS

typedef struct
{
  gboolean is_silent;
  gint64 thinking; /* time between request and answer */
  guint error;     /* answer everything with this code; 0: success */
} SimStunServerConfig;

typedef struct _SimStunServer SimStunServer;

/* address with port; its host is made, on the internet. config NULL: well behaved. */
SimStunServer *
sim_stun_server_new (SimWorld *world, const gchar *address, const SimLinkConfig *link,
                     const SimStunServerConfig *config);
void sim_stun_server_set_config (SimStunServer *self, const SimStunServerConfig *config);
SimHost *sim_stun_server_get_host (SimStunServer *self);
guint sim_stun_server_get_n_requests (const SimStunServer *self);

G_END_DECLS
