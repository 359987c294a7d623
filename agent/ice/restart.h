/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ICE restart of a stream (RFC 8445 9). */
#pragma once

#include "ice/model.h"

G_BEGIN_DECLS

void ice_restart_stream (IceStream *stream);

G_END_DECLS
