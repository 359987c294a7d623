/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a timer sets off. */
#pragma once

#include "ice/deadline.h"

G_BEGIN_DECLS

void ice_due_handle (IceTimer *timer);

G_END_DECLS
