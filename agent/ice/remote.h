/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What signalling says of the peer (RFC 8445 5.4, RFC 8838 11, 14). */
#pragma once

#include "ice/model.h"

G_BEGIN_DECLS

/* Nothing more may come from the peer (RFC 8838 14). */
gboolean ice_remote_is_over (const IceStream *stream);
/* Whether it is for an agent like this one. */
gboolean
ice_remote_is_acceptable (const IceStream *stream, const IceCandidate *candidate);
guint ice_remote_add_candidates (IceComponent *component, const IceCandidate *candidates,
                                 guint n);
void ice_remote_end (IceStream *stream);

G_END_DECLS
