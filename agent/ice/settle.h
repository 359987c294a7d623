/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the changes of one input amount to, for each component. */
#pragma once

#include "ice/model.h"

G_BEGIN_DECLS

/* Looks at all that changed: who is to be nominated, who is ready, who has failed. */
void ice_settle (IceSession *session);
void ice_settle_handle_verdict (IceComponent *component);

G_END_DECLS
