/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An end of a virtual link that is a PtcpConnection of ours. */
#pragma once

#include "pseudotcp/connection.h"
#include "pseudotcp-link.h"

G_BEGIN_DECLS

typedef struct
{
  PtcpConnection *connection;
  guint n_opened, n_readable, n_writable, n_closed;
  gint error;
} PtcpOurEnd;

/* Makes the connection and puts it at that side of the link. */
void ptcp_our_end_init (PtcpOurEnd *self, const PtcpConfig *config, PtcpLink *link,
                        guint side);
void ptcp_our_end_clear (PtcpOurEnd *self);

G_END_DECLS
