/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The table of congestion control algorithms and what they have in common. It decides
 * which row serves a connection, nothing of how a row works. */
#include "config.h"

#include "pseudotcp/congestion.h"

#define INITIAL_SEGMENTS 10

static const PtcpCongestionClass *const classes[] = {
  [PTCP_CONGESTION_CUBIC] = &ptcp_congestion_cubic,
  [PTCP_CONGESTION_MODEL] = &ptcp_congestion_model,
};

guint64
ptcp_congestion_initial_window (const PtcpCongestion *self)
{
  return INITIAL_SEGMENTS * (guint64)self->segment;
}

void
ptcp_congestion_init (PtcpCongestion *self, PtcpCongestionKind kind, guint32 segment)
{
  *self = (PtcpCongestion) { .klass = classes[kind], .segment = segment };
  self->window = ptcp_congestion_initial_window (self);
  self->klass->init (self);
}
