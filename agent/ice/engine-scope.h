/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How each input of the facade begins and ends, for the files that it is made of. */
#pragma once

#include "ice/pace.h"
#include "ice/session.h"
#include "ice/settle.h"

G_BEGIN_DECLS

static inline void
enter (IceSession *self, gint64 now)
{
  g_assert (now >= self->now);
  self->now = now;
}

/* Nominations and states settle before the next check is chosen, and again after it:
 * sending changes states too. */
static inline void
leave (IceSession *self)
{
  ice_settle (self);
  ice_pace_run (self);
  ice_settle (self);
}

G_END_DECLS
