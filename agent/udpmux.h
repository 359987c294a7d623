/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* NiceUdpMux: UDP sockets that many agents share. */
#pragma once

#include <glib-object.h>
#include <gio/gio.h>

#include "address.h"
#include "agent.h"

G_BEGIN_DECLS

#define NICE_TYPE_UDP_MUX nice_udp_mux_get_type ()

/**
 * NiceUdpMux:
 *
 * UDP sockets that many agents share, so that a server has one port and not one a
 * session.
 *
 * A mux is given to each agent by [property@Nice.Agent:udp-mux]. It has one socket for
 * each address of the host that its agents gather candidates on, and their host
 * candidates all have that socket's port. Everything that an agent of its own sockets
 * does works the same; [the guide](udp-mux.html) says what to know beside.
 *
 * Since: icecold 1.0
 */
G_DECLARE_FINAL_TYPE (NiceUdpMux, nice_udp_mux, NICE, UDP_MUX, GObject)

NiceUdpMux *nice_udp_mux_new (GMainContext *context, guint port);
gboolean nice_udp_mux_open (NiceUdpMux *mux, NiceAddress *address, GError **error);
gboolean
nice_agent_get_udp_mux_counts (NiceAgent *agent, guint stream_id, guint component_id,
                               guint64 *received, guint64 *dropped);

G_END_DECLS
