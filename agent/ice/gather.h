/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Gathering of local candidates (RFC 8445 5.1.1). */
#pragma once

#include "ice/model.h"

G_BEGIN_DECLS

gboolean ice_gather_start (IceStream *stream, const NiceAddress *addresses, guint n);
/* A UDP or listening base is there, or not. */
void ice_gather_handle_base (IceBase *base, const IceBaseResult *result);
void ice_gather_cancel (IceStream *stream);

G_END_DECLS
