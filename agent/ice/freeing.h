/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a stream does not need any more once ICE has concluded (RFC 8445 8.3). */
#pragma once

#include "ice/model.h"

G_BEGIN_DECLS

/* Whether the state or the selected pair of that component begins or ends the wait. */
void ice_freeing_consider (IceComponent *component);
void ice_freeing_handle_timeout (IceStream *stream);
/* Before more is gathered: of sockets whose address is gone the oldest go. */
void ice_freeing_limit_cut_off (IceStream *stream);
/* The stream restarts: what may have been freed of its servers is asked for again. */
void ice_freeing_regain (IceStream *stream);

G_END_DECLS
