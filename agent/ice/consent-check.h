/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One question to a pair that was proven before (RFC 7675 5.1). */
#pragma once

#include "ice/model.h"

G_BEGIN_DECLS

/* How long consent lasts after an answer. */
gint64 ice_consent_get_expiry (const IceConfig *config);
void ice_consent_check_send (IcePair *pair, gboolean use_candidate);

G_END_DECLS
