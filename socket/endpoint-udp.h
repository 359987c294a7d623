/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A UDP socket as an endpoint. How datagrams get in and out of the kernel is one of two
 * twins: udp-linux, in batches that the kernel splits and merges, and udp-portable, one
 * by one. Both put the same bytes on the wire. */
#pragma once

#include "socket/endpoint.h"

G_BEGIN_DECLS

typedef struct _NiceUdpEndpoint NiceUdpEndpoint;

typedef struct
{
  void (*prepare) (NiceUdpEndpoint *self, gboolean offload);
  gint (*receive) (NiceUdpEndpoint *self, NiceSlab *slab);
  gint (*send) (NiceUdpEndpoint *self, const NiceOutPacket *packets, guint n_packets);
  gint (*send_run) (NiceUdpEndpoint *self, const NiceOutRun *run, gsize *bytes);
} NiceUdpTwin;

struct _NiceUdpEndpoint
{
  NiceEndpoint endpoint;
  const NiceUdpTwin *twin;
  guint gso_limit; /* the longest datagram to send merged, 0: none; atomic */
  guint truncated; /* datagrams dropped because they came in cut */
};

extern const NiceUdpTwin nice_udp_portable;
#ifdef HAVE_UDP_OFFLOAD
extern const NiceUdpTwin nice_udp_linux;
#endif

/* The twin of this build; NICE_UDP_OFFLOAD=0 in the environment keeps it from merging. */
gint nice_udp_endpoint_new (const NiceAddress *local, guint16 min_port, guint16 max_port,
                            NiceEndpoint **endpoint);
gint nice_udp_endpoint_new_with_twin (const NiceUdpTwin *twin, gboolean offload,
                                      const NiceAddress *local, guint16 min_port,
                                      guint16 max_port, NiceEndpoint **endpoint);
/* One that many sessions share, with room for bursts of all of them; is_shard: by
 * nice_endpoint_bind_shard(). */
gint nice_udp_endpoint_new_shared (const NiceAddress *local, gboolean is_shard,
                                   NiceEndpoint **endpoint);
/* Whether the traffic class of what is received is wanted (NICE_PACKET_HAS_TOS). */
void nice_udp_endpoint_want_tos (NiceEndpoint *self);

/* For the twins. */
/* Sends a packet in more pieces than the twin has room for. */
gint nice_udp_send_flat (NiceUdpEndpoint *self, const NiceOutPacket *packet);
/* Takes what the kernel says beside a datagram; returns the size of GRO segments, 0:
 * none. */
guint nice_udp_read_control (struct msghdr *header, NicePacket *packet);
/* Writes the traffic class of one datagram behind what control already holds. */
void nice_udp_add_tos (struct msghdr *header, const NiceAddress *to, guint8 tos);

G_END_DECLS
