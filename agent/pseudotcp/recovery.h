/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Acknowledgements: what has arrived at the peer, what therefore has been lost, and what
 * congestion control is told of it. */
#pragma once

#include "pseudotcp/state.h"

G_BEGIN_DECLS

/* segment->ack lies between SND.UNA and SND.NXT. is_duplicate: as RFC 5681 2 has it. */
void ptcp_recovery_handle_ack (PtcpConnection *self, const PtcpSegment *segment,
                               gboolean is_duplicate, gint64 now);

/* Looks for segments lost by now. Returns how many bytes. */
gsize ptcp_recovery_detect (PtcpConnection *self, gint64 now);

/* The retransmission time-out has struck. */
void ptcp_recovery_lose_all (PtcpConnection *self);

/* The oldest segment is about to be sent again. */
void ptcp_recovery_note_retransmission (PtcpConnection *self);

/* Bytes believed to be on their way (RFC 6675's pipe). */
gsize ptcp_recovery_get_in_flight (const PtcpConnection *self);

G_END_DECLS
