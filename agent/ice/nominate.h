/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which valid pair is nominated, when, and which is selected (RFC 8445 8). */
#pragma once

#include "ice/model.h"

G_BEGIN_DECLS

/* Its check succeeded with USE-CANDIDATE, sent or received. */
void ice_nominate_pair (IcePair *valid);
/* Whether a check of that pair carries USE-CANDIDATE. */
gboolean ice_nominate_uses_candidate (const IcePair *pair);

/* Looks whether it is time to nominate. */
void ice_nominate_consider (IceComponent *component);
void ice_nominate_handle_patience (IceComponent *component);

void ice_nominate_select (IceComponent *component, IcePair *valid);
/* Emits SELECTED_PAIR, again where a name changed. */
void ice_nominate_tell_selected (const IceComponent *component);

G_END_DECLS
