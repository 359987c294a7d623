/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Answers to checks (RFC 8445 7.2.5). */
#pragma once

#include "ice/model.h"

G_BEGIN_DECLS

/* A success or error response came in. */
void
ice_check_handle_response (IceBase *base, const NiceAddress *from, const StunView *view);

G_END_DECLS
