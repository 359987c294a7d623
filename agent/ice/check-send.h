/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sending checks, again and again, until they have failed (RFC 8445 7.2). */
#pragma once

#include "ice/model.h"

G_BEGIN_DECLS

/* A new transaction for that pair, now. FALSE: nothing was sent. */
gboolean ice_check_send (IcePair *pair);
void ice_check_handle_timeout (IceRequest *request);

G_END_DECLS
