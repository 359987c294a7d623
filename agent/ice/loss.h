/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sockets, connections and paths that end. */
#pragma once

#include "ice/model.h"

G_BEGIN_DECLS

/* The base is gone: so are its candidate and all its pairs; others go on. */
void ice_loss_of_base (IceBase *base, IceReason reason);
/* A hard ICMP error came from that path, or the server does not relay there. Port 0: of
 * all paths to that host. */
void ice_loss_of_path (IceBase *base, const NiceAddress *to, IceReason reason);

G_END_DECLS
