/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Checks of the peer (RFC 8445 7.3). */
#pragma once

#include "ice/message.h"

G_BEGIN_DECLS

void
ice_check_handle_request (IceBase *base, const NiceAddress *from, const StunView *view);
/* The remote credentials came: what follows the answers to early checks (RFC 8445 7.3).
 */
void ice_check_replay (IceComponent *component);

G_END_DECLS
