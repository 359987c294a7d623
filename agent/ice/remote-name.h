/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Candidates of the peer that are known by a name under .local alone
 * (draft-ietf-mmusic-mdns-ice-candidates 3.2). */
#pragma once

#include "ice/model.h"

G_BEGIN_DECLS

/* The candidate has 0.0.0.0 and its port for an address. FALSE: it is of no use. */
gboolean ice_remote_name_add (IceComponent *component, const IceCandidate *candidate,
                              const gchar *name);
/* Its one address, NULL: it has none, or several. */
void ice_remote_name_handle (IceSession *session, guint id, const NiceAddress *address);

G_END_DECLS
