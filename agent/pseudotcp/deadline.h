/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* When a connection has to be looked at again, and how long its longest waits are. What
 * happens then is in timer.c. */
#pragma once

#include "pseudotcp/state.h"

G_BEGIN_DECLS

#define PTCP_CONNECT_TIME (30 * G_USEC_PER_SEC)
#define PTCP_LINGER_TIME (60 * G_USEC_PER_SEC)
#define PTCP_LEAVE_TIME (10 * G_USEC_PER_SEC)
#define PTCP_RESET_TIME (1 * G_USEC_PER_SEC)
#define PTCP_TIME_WAIT_TIME (1 * 1000)

/* After something was sent that wants an acknowledgement, and after one came. */
void ptcp_deadline_start (PtcpConnection *self, gint64 now);
void ptcp_deadline_restart (PtcpConnection *self, gint64 now);

/* While the peer's window keeps us from sending anything. */
void ptcp_deadline_persist (PtcpConnection *self, gint64 now);

G_END_DECLS
