/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Selection by hand, past all checks. */
#pragma once

#include "ice/model.h"

G_BEGIN_DECLS

gboolean ice_select_pair (IceComponent *component, const gchar *local_foundation,
                          const gchar *remote_foundation);
gboolean ice_select_remote (IceComponent *component, const IceCandidate *remote);

G_END_DECLS
