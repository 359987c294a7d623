/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An end of a virtual link that is the PseudoTcpSocket of the system's libnice, loaded
 * into this process. Its clock is the link's: the program that uses this must export its
 * symbols, as g_get_monotonic_time() is defined here. */
#pragma once

#include <glib-object.h>

#include "pseudotcp-link.h"

G_BEGIN_DECLS

typedef struct
{
  GObject *socket;
  PtcpLink *link;
  guint side;
  guint n_opened, n_readable, n_writable, n_closed;
  guint32 error;
} PtcpPeerEnd;

/* FALSE: there is no libnice.so.10 on this system. */
gboolean ptcp_peer_load (void);

void ptcp_peer_end_init (PtcpPeerEnd *self, guint32 conversation, gboolean fin_ack,
                         PtcpLink *link, guint side);
void ptcp_peer_end_clear (PtcpPeerEnd *self);

void ptcp_peer_connect (PtcpPeerEnd *self);
void ptcp_peer_close (PtcpPeerEnd *self, gboolean force);
void ptcp_peer_shutdown_write (PtcpPeerEnd *self);
guint ptcp_peer_get_state (PtcpPeerEnd *self);

G_END_DECLS
