/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Ta: how often something new may be sent (RFC 8445 14.2). */
#pragma once

#include "ice/model.h"

G_BEGIN_DECLS

/* Sends what may go now and starts the timer for the rest. Last thing of every input. */
void ice_pace_run (IceSession *session);

G_END_DECLS
